"""How much work is done: less before pictures grow old on a busy machine, or over a budget; all again when there is room.

Reads no clock. Down at once, up slowly: whoever comes back too early and has to go down again waits twice as long the next time.
"""

import math
import re
from collections import deque
from dataclasses import dataclass

from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

WARMS = 2.5
"""Seconds from the first look on in which nothing is judged: first pictures are late everywhere."""
SETTLES = 0.5
"""Seconds of a level until it is judged."""
LEAST, WINDOW = 1.0, 2.0
"""Seconds over which processor time is taken, at the least and at the most."""
LOOKS = 2
"""Looks in a row that must find too much before work is lowered: one hiccup is none."""
CALM, LONGEST_CALM = 5.0, 320.0
"""Seconds with room until more is tried again, at first and at most."""
PROVEN = 30.0
"""Seconds that a level must last to have been right."""
ROOM = 0.75
"""Share of the budget below which there is room."""
GROWN = 1.8, 0.050
"""Times the usual age, and at least so many seconds more, that pictures may have."""
BACK = 1.25, 0.020
"""The same for when there is room again."""
USUAL = 0.070
"""Seconds, the most that can be usual: who begins under load does not get used to it."""
BEHIND = 0.3
"""Share of the frames sent that may lack the picture that was due between two tracked ones."""


@dataclass(frozen=True)
class Effort:
    """What is done."""

    still: bool = True
    """A picture is drawn where nothing visible has moved since the last one, too."""
    between: bool = True
    """Pictures between tracked ones are drawn, where they were asked for."""
    every: int = 1
    """Of so many camera pictures one is tracked."""


LEVELS = (Effort(), *(Effort(still=False, between=False, every=every) for every in (1, 2, 3, 5)))
"""All of it first, then ever less."""
LOWEST = {"budget": len(LEVELS) - 1, "age": len(LEVELS) - 2, "behind": len(LEVELS) - 2}
"""The last level that may be taken for this reason."""
STEPS = {"budget": 1, "age": 2, "behind": 1}
"""Levels down at once: where all cores are taken little less is no help, benchmarks/LOG.md."""


@dataclass(frozen=True)
class Budget:
    """What the program may use of the processor."""

    text: str
    """As the user said it."""
    limit: float
    """Processor seconds, of all cores together."""
    each: str
    """The limit's unit: "second", or "frame" that is sent."""


def parse_budget(text: str) -> Budget:
    """ "1core", "0.5core": of the processor's cores; "8ms": of processor time for each frame sent. Raises LiveAvatarError."""
    found = re.fullmatch(r"(\d{1,4}(?:\.\d{1,4})?) ?(cores?|ms)", text.strip().lower())
    value = float(found[1]) if found else 0.0
    if found is None or value == 0.0:
        raise LiveAvatarError(
            tr(
                f"a budget is cores or milliseconds of processor time a frame, such as 1core or 8ms; got {text!r}",
                f"预算应为核心数或每帧的处理器毫秒数，例如 1core 或 8ms；实际为 {text!r}",
            )
        )
    if found[2] == "ms":
        return Budget(text, value / 1000, "frame")
    return Budget(text, value, "second")


@dataclass(frozen=True)
class Sample:
    """How a run is doing, at a look."""

    time: float
    """Seconds."""
    processor: float
    """Seconds of processor time that the process used so far."""
    sent: int
    """Frames so far."""
    age: float
    """Of the pictures of the last half second, what four in five have at most, seconds; NaN where there were none."""
    behind: float = 0.0
    """Share of the last second's frames without the picture that was due between two tracked ones."""


class Governor:
    """Looks four times a second and says what is done until the next look."""

    def __init__(self, budget: Budget | None = None) -> None:
        """budget: kept beside what it does under load; None: there is none."""
        self.level = 0
        """Index in LEVELS."""
        self.message = ""
        """What it did last, for the user; empty as long as all was done."""
        self.lowered = 0
        """How often it began to save."""
        self.seconds = 0.0
        """How long it has been saving."""
        self._budget = budget
        self._usual = USUAL
        self._samples: deque[Sample] = deque()
        """Of this level."""
        self._first: float | None = None
        """When the first look was, seconds."""
        self._over = 0
        self._calm: float | None = None
        """Since when there is room, and how long that has to last."""
        self._patience = CALM
        self._raised: float | None = None
        """When more was tried, since work was lowered last."""
        self._hopeless = False
        """It was told that the budget cannot be kept."""

    @property
    def effort(self) -> Effort:
        """What is to be done."""
        return LEVELS[self.level]

    def look(self, sample: Sample) -> None:
        """Take in how it is going; times rise."""
        if self._samples and self.level:
            self.seconds += sample.time - self._samples[-1].time
        self._samples.append(sample)
        self._first = sample.time if self._first is None else self._first
        if sample.time - self._first < WARMS:
            return
        while len(self._samples) > 2 and sample.time - self._samples[1].time >= WINDOW:
            self._samples.popleft()
        if sample.time - self._samples[0].time < SETTLES:
            return
        if self.level == 0 and sample.age < self._usual:
            self._usual = sample.age
        reason = self._reason(sample)
        self._over = self._over + 1 if reason else 0
        if self._over >= LOOKS:
            self._lower(sample, reason)
        elif self.level and self._has_room(sample):
            self._calm = sample.time if self._calm is None else self._calm
            if sample.time - self._calm >= self._patience:
                self._raise(sample)
        else:
            self._calm = None

    def _used(self) -> float:
        """Processor seconds for each of what the budget counts, of the window; NaN, above no limit, before it is known."""
        first, last = self._samples[0], self._samples[-1]
        assert self._budget is not None
        if last.time - first.time < LEAST:
            return math.nan
        units = last.time - first.time if self._budget.each == "second" else last.sent - first.sent
        return (last.processor - first.processor) / units if units else math.inf

    def _reason(self, sample: Sample) -> str:
        """What is too much: one of LOWEST, or nothing."""
        if self._budget is not None and self._used() > self._budget.limit:
            return "budget"
        if sample.age > max(GROWN[0] * self._usual, GROWN[1] + self._usual):
            return "age"
        return "behind" if sample.behind > BEHIND else ""

    def _has_room(self, sample: Sample) -> bool:
        if self._budget is not None and self._used() > ROOM * self._budget.limit:
            return False
        return not sample.age > max(BACK[0] * self._usual, BACK[1] + self._usual)

    def _lower(self, sample: Sample, reason: str) -> None:
        self._over, self._calm = 0, None
        if self.level >= LOWEST[reason]:
            if reason == "budget" and not self._hopeless:
                self._hopeless, self.message = True, _hopeless(self._budget, self._used())
            return
        if self.level == 0:
            self.lowered += 1
            self.message = _saving(self._budget if reason == "budget" else None)
        tried = self._raised is not None and sample.time - self._raised <= PROVEN
        if self._raised is not None:
            self._patience = min(2 * self._patience, LONGEST_CALM) if tried else CALM
            self._raised = None
        step = 1 if tried else STEPS[reason]  # a try that failed goes back to where it came from
        self._change(sample, min(self.level + step, LOWEST[reason]))

    def _raise(self, sample: Sample) -> None:
        self._raised = sample.time
        self._change(sample, self.level - 1)
        if self.level == 0:
            self._hopeless = False
            self.message = tr("there is room again: all is tracked and drawn", "已有余力：恢复全部跟踪与绘制")

    def _change(self, sample: Sample, level: int) -> None:
        self.level, self._over, self._calm = level, 0, None
        self._samples.clear()
        self._samples.append(sample)


def _saving(budget: Budget | None) -> str:
    if budget is not None:
        return tr(
            f"over the budget of {budget.text}: less is tracked and drawn until there is room",
            f"超出预算 {budget.text}：在有余力之前减少跟踪与绘制",
        )
    return tr(
        "this machine does not keep up: less is tracked and drawn until there is room",
        "这台电脑跟不上：在有余力之前减少跟踪与绘制",
    )


def _hopeless(budget: Budget | None, used: float) -> str:
    assert budget is not None
    least = f"{used:.2f}core" if budget.each == "second" else f"{1000 * used:.0f}ms"
    return tr(
        f"the budget of {budget.text} cannot be kept: it takes {least} at the least",
        f"无法保持预算 {budget.text}：至少需要 {least}",
    )
