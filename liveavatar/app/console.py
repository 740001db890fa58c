"""What the commands share: ending politely, the status line, the summary, progress bars."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from liveavatar.base.messages import columns, rewrite, say
from liveavatar.base.plain_text import plain
from liveavatar.base.shutdown import ENDING, within
from liveavatar.base.timing import now
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy loads when a command runs
    from rich.progress import TaskID

    from liveavatar.live.report import Report
    from liveavatar.stages import Output


PATIENCE = 5.0
"""Seconds that finishing may take before another Ctrl-C ends it."""
ENDS_WITHIN = 1.8
"""Seconds from Ctrl-C to the end of a run, even where the main thread hangs in native code."""


class StatusLine:
    """One line on stderr, rewritten in place; silent where stderr is no terminal, but for new troubles."""

    def __init__(self, avatar: str) -> None:
        self.avatar = avatar
        """The name that is shown; may be changed while the program runs."""
        self._terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._said: set[str] = set()
        self._effort = ""

    def __call__(self, report: "Report") -> None:
        for stage, message in [*report.troubles.items(), *report.notes.items()]:
            if message not in self._said:
                self._said.add(message)
                say(f"{stage}: {message}")
        if (message := report.governor.message) != self._effort:  # each time: it may come and go
            self._effort = message
            say(message)
        if self._terminal:
            rewrite(status_text(report, self.avatar, columns()))

    def end(self) -> None:
        """Wipe the line."""
        rewrite("")


def status_text(report: "Report", avatar: str, cells: int | None = None) -> str:
    """The status line: rate, age, the sync offset it asks for, drops, provider, avatar; or the trouble.

    The offset is the last minute's median: it should stand still. It gives its place to a trouble, or to the level of what is
    left undone, so that the line fits 80 columns. cells: what matters least is left out until it fits into so many."""
    from rich.cells import cell_len, set_cell_size

    parts = [part for part in _status(report, avatar) if part[1]]
    while True:
        line = " | ".join(text for _, text in parts)
        if cells is None or cell_len(line) <= cells:
            return line
        if len(parts) == 1:
            return set_cell_size(line, cells).rstrip()
        parts.remove(min(parts, key=lambda part: part[0]))


def _status(report: "Report", avatar: str) -> list[tuple[int, str]]:
    """(how much it matters, text) of each part of the status line; some are empty."""
    ages = report.ages
    age = f"{ages.ms(50, last=150):.0f}/{ages.ms(95, last=150):.0f}" if ages.count else "-"
    saving = 0 if report.troubles else report.governor.level
    delayed = report.delayed
    shown = delayed.count and not report.voice and not report.troubles and not saving
    offset = f"{delayed.ms(50, last=1800):.0f}" if shown else ""
    drops = sum(report.drops.values())
    return [
        (4, f"{report.fps:.1f} fps"),
        (3, tr(f"age {age} ms", f"延迟 {age} 毫秒")),
        (2, tr(f"OBS sync {offset} ms", f"OBS 同步 {offset} 毫秒") if offset else ""),
        (1, tr(f"drops {drops}", f"丢弃 {drops}")),
        (2, report.microphone),
        (3, report.voice),
        (0 if report.provider else 5, report.provider or tr("loading", "加载中")),
        (2, plain(avatar, keep="")),
        (5, tr(f"saving {saving}", f"减负 {saving}") if saving else ""),
        (6, tr("neutral card", "静态卡片") if report.card else ""),
        (7, tr("idling: ", "待机：") + ", ".join(report.troubles) if report.troubles else ""),
    ]


def announce(what: str, output: "Output") -> None:
    """Say what goes where. An address with a token in it is said here and nowhere else."""
    say(tr(f"{what} -> {output.label}; Ctrl-C ends.", f"{what} -> {output.label}；按 Ctrl-C 结束。"))
    tell_notes(output.notes)


def tell_notes(*notes: Iterable[str]) -> None:
    """Say what parts have to say about themselves."""
    for part in notes:
        for note in part:
            say(note)


def summary(report: "Report") -> None:
    """What a run did, and the sync offset its age asks for."""
    rate = report.sent / report.seconds if report.seconds else 0.0
    gap = f"{report.intervals.ms(100):.0f} ms" if report.intervals.count else "-"
    say(
        tr(
            f"{report.sent} frames in {report.seconds:.1f} s ({rate:.1f} fps), {report.idle} idle, "
            f"{report.repeated} repeated, {report.stalls} stalls, longest gap {gap}, "
            f"drops {sum(report.drops.values())}",
            f"共 {report.sent} 帧，{report.seconds:.1f} 秒（{rate:.1f} 帧/秒），待机 {report.idle}，"
            f"重复 {report.repeated}，卡顿 {report.stalls}，最长间隔 {gap}，丢弃 {sum(report.drops.values())}",
        )
    )
    if report.governor.lowered:
        seconds = f"{report.governor.seconds:.0f}"
        say(tr(f"less was tracked and drawn for {seconds} s", f"其中 {seconds} 秒减少了跟踪与绘制"))
    if report.voice_apart.count:
        early, usual, late = (report.voice_apart.ms(percent) for percent in (5, 50, 95))
        say(
            tr(
                f"voice after the picture p5/p50/p95: {early:.0f} / {usual:.0f} / {late:.0f} ms, late blocks {report.voice_late}",
                f"声音晚于画面 p5/p50/p95：{early:.0f} / {usual:.0f} / {late:.0f} 毫秒，迟到的声音块 {report.voice_late}",
            )
        )
    elif report.delayed.count:
        ages = " / ".join(f"{v:.0f}" for v in report.delayed.summary().values())
        offset = f"{report.delayed.ms(50):.0f}"
        what = tr("sound to lips", "声音到口型") if report.lips.count else tr("age", "采集到输出")
        say(
            tr(
                f"{what} p50/p95/p99: {ages} ms. In OBS: Advanced Audio Properties, Sync Offset of "
                f"the microphone: {offset} ms",
                f"{what} p50/p95/p99：{ages} 毫秒。OBS：高级音频属性 > 麦克风的同步偏移：{offset} 毫秒",
            )
        )


class ProgressBars:
    """Bars on stderr, one a task, with the time left."""

    def __init__(self, keep: bool = False, quiet: bool = False) -> None:
        """keep: they stay on the screen when all is done, and where stderr is no terminal their end is written. quiet: none."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True)
        columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn())
        self._bars = Progress(
            *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=not keep,
            disable=quiet or not (keep or console.is_terminal),
        )  # fmt: skip

    def __enter__(self) -> "ProgressBars":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def task(self, label: str) -> Callable[..., None]:
        """The function to call with the number done, of how many (None where nobody knows), and another label if any. Its bar
        appears with the first call."""
        tasks: list[TaskID] = []

        def tell(done: int, total: int | None = None, label: str = label) -> None:
            if not tasks:
                tasks.append(self._bars.add_task(label, total=total))
            self._bars.update(tasks[0], completed=done, total=total, description=label)

        return tell

    def say(self, text: str) -> None:
        """A line above the bars."""
        self._bars.console.print(text)


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[..., None]]:
    """One bar; gives the function to call with the number done, and a new label if any."""
    with ProgressBars() as bars:
        tell = bars.task(label)
        tell(0, total)
        yield lambda done, label=label: tell(done, total, label)


@contextmanager
def ending_surely() -> Iterator[None]:
    """Ctrl-C and the like end what runs here within ENDS_WITHIN, whatever hangs."""
    with within(
        ENDS_WITHIN,
        lambda: say(tr("A part does not answer: ended without it.", "有部件没有响应：已直接结束。")),
    ):
        yield


class Ending:
    """Of what runs within ending_politely(), as Ctrl-C and the like ask for it."""

    def __init__(self) -> None:
        self._asked: list[float] = []
        self._stop: Callable[[], None] | None = None

    @contextmanager
    def by(self, stop: Callable[[], None]) -> Iterator[None]:
        """Meanwhile the first signal calls stop(), which sets an event, and raises nothing: an exception may come within a
        lock, and leave it broken."""
        self._stop = stop
        try:
            yield
        finally:
            self._stop = None

    @property
    def asked(self) -> bool:
        """Whether a signal has come."""
        return bool(self._asked)

    def interrupt(self, number: int, frame: object) -> None:
        """Handles a signal."""
        if not self._asked and self._stop is not None:
            self._asked.append(now())
            self._stop()
        elif not self._asked or now() - self._asked[0] > PATIENCE:
            self._asked.insert(0, now())
            raise KeyboardInterrupt
        elif len(self._asked) == 1:
            self._asked.append(now())
            with suppress(RuntimeError):  # the signal came while something else was being said
                say(tr("Finishing what was begun …", "正在完成已开始的工作……"))


@contextmanager
def ending_politely() -> Iterator[Ending]:
    """Ctrl-C, SIGTERM and a closed terminal end what runs here by one KeyboardInterrupt, so that files are completed and
    checkpoints written; further ones do not disturb that, until it has taken PATIENCE.

    What was ignored when the program began (nohup) stays ignored."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending  # signals belong to the main thread
        return
    before = {}
    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, ending.interrupt)
    try:
        yield ending
    finally:
        for number, handler in before.items():
            # Once asked the program is on its way out, and what is left of it takes no longer for being asked again.
            signal.signal(number, signal.SIG_IGN if ending.asked else handler)
