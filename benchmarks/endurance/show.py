"""A long show in this process: the live loop with all that `run` puts into it, while things happen and go wrong."""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.endurance import vitals
from benchmarks.endurance.mishaps import HANGING, LASTING, Camera, Mishaps, Renderer, Tracker
from liveavatar import stages
from liveavatar.app.actions import Actions
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import load_avatar
from liveavatar.base.mailbox import Closed
from liveavatar.base.timing import now
from liveavatar.errors import LiveAvatarError
from liveavatar.live.loop import Live
from liveavatar.live.report import Report
from liveavatar.media.compositing import Background
from liveavatar.retargeting.mixer import Mixer
from liveavatar.retargeting.reactions import EMOTES
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers.recorded import load_faces
from liveavatar.types import AvatarFrame, Face, Frame

BROKEN = "broken"
"""Name of an avatar that cannot be swapped to."""
STEER = ("swap", "broken swap", "emote", "framing", "recenter", "panic")
"""What the user does; what goes wrong is in mishaps.LASTING."""
HANGS = {10: "tracker hangs", 15: "renderer hangs"}
"""In which round of the script; once each, for who hangs twice is not trusted any more."""
HANG = 5.0
"""Seconds that one of them hangs, longer than anybody waits for it."""
IN_FLIGHT = 2
"""Camera pictures on their way at once where there is no clock."""


class Faces(stages.Tracker):
    """Recorded faces, over and over."""

    def __init__(self, faces: list[Face | None]) -> None:
        self._faces = faces

    def track(self, frame: Frame) -> Face | None:
        face = self._faces[frame.index % len(self._faces)]
        return None if face is None else replace(face, time=frame.time)

    def close(self) -> None:
        """Nothing to release."""


class Eager(stages.Camera):
    """A camera whose next picture comes as soon as the output took one: the line is always full, and no picture waits."""

    size, fps = (64, 48), 30.0

    def __init__(self, ticked: threading.Semaphore) -> None:
        self._ticked = ticked
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        image = np.zeros((48, 64, 3), np.uint8)
        for index in itertools.count():
            self._ticked.acquire(timeout=0.02)  # a picture that was dropped gives nothing back
            if self._closed:
                return
            yield Frame(image, now(), index)

    def close(self) -> None:
        self._closed = True


class Counted(stages.Output):
    """An output that counts the different pictures it gets, and remembers the longest gap."""

    def __init__(self, output: stages.Output) -> None:
        self.ticks = 0
        self.ticked = threading.Semaphore(IN_FLIGHT)
        self._output = output
        self._frame: AvatarFrame | None = None
        self._last, self._gap = now(), 0.0

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        self._output.send(frame, at)
        sent = now()
        self._gap, self._last = max(self._gap, sent - self._last), sent
        if frame is not self._frame:
            self._frame = frame
            self.ticks += 1
            self.ticked.release()

    def gap(self) -> float:
        """Seconds, the longest since the last call."""
        gap, self._gap = self._gap, 0.0
        return gap

    def close(self) -> None:
        self._output.close()


@dataclass
class Show:
    """What to play, and how."""

    open_camera: Callable[[Counted], Any]
    open_tracker: Callable[[], Any]
    open_renderer: Callable[[Avatar], Any]
    avatars: dict[str, Path]
    """Name -> package; the first one begins."""
    output: stages.Output
    background: Background
    """The output's."""
    fps: float
    pause: float = 1.0
    """Seconds between two things that happen."""
    lasts: float = 1.0
    """Seconds that a mishap lasts, and the card that panic shows."""
    every: float = 2.0
    """Seconds between two samples."""
    seed: int = 0
    mishaps: Mishaps = field(default_factory=Mishaps)

    def run(
        self, enough: Callable[[int, float], bool], on_sample: Callable[[dict[str, Any]], None]
    ) -> Report:
        """Until `enough` says so of the ticks and the seconds. on_sample: called with each sample, ready for JSON."""
        first = load_avatar(next(iter(self.avatars.values())))
        retargeter = FaceRetargeter()
        output, mixer = Counted(self.output), Mixer(retargeter)
        self._events: dict[str, int] = {}
        self._stopping = threading.Event()
        start = sampled = now()
        ages = 0

        def status(report: Report) -> None:
            nonlocal sampled, ages
            at = now() - start
            last = enough(output.ticks, at)
            if not last and now() - sampled < self.every:
                return
            fresh, ages, sampled = report.ages.count - ages, report.ages.count, now()
            on_sample({
                "at": round(at, 2), "ticks": output.ticks, "sent": report.sent, "driven": report.driven,
                "resident_mb": vitals.resident_mb(), "threads": vitals.threads(), "handles": vitals.handles(),
                "age_ms": {f"p{p}": round(report.ages.ms(p, fresh), 2) for p in (50, 95)} if fresh else None,
                "gap_ms": round(1000 * output.gap(), 1), "drops": dict(report.drops),
                "troubles": sorted(report.troubles), "events": dict(self._events),
            })  # fmt: skip
            if last:
                live.stop()

        live = Live(
            open_camera=lambda: Camera(self.open_camera(output), self.mishaps),
            open_tracker=lambda: Tracker(self.open_tracker(), self.mishaps),
            retargeter=mixer, open_renderer=lambda: self._opened(first), output=output,
            size=first.size, fps=self.fps, follow=False, package=first.name, on_status=status,
        )  # fmt: skip

        def swap(name: str) -> dict[str, Any]:
            began = now()
            avatar = load_avatar(self.avatars[name])
            live.swap(lambda: self._opened(avatar), avatar.name)
            return {"avatar": name, "seconds": round(now() - began, 2)}

        actions = Actions(
            swap=swap, recenter=retargeter.recenter,
            emote=mixer.reactions.perform, panic=live.panic, background=self.background, avatars=lambda: list(self.avatars),
            current=first.name, failed=lambda text: None,
        )  # fmt: skip
        failed: list[BaseException] = []

        def play() -> None:
            try:
                self._script(actions)
            except BaseException as error:
                failed.append(error)
                live.stop()

        script = threading.Thread(target=play, name="script", daemon=True)
        script.start()
        try:
            return live.run()
        finally:
            self._stopping.set()
            self.mishaps.close()
            script.join(timeout=10)
            output.close()
            if failed and not isinstance(failed[0], Closed):  # a swap that the end overtook
                raise failed[0]

    def _opened(self, avatar: Avatar) -> Renderer:
        return Renderer(self.open_renderer(avatar), self.mishaps)

    def _script(self, actions: Actions) -> None:
        """Everything once in each round, in another order each time."""
        dice = random.Random(self.seed)
        for number in itertools.count(1):
            events = [*STEER, *LASTING, *([HANGS[number]] if number in HANGS else [])]
            dice.shuffle(events)
            for event in events:
                if self._stopping.wait(self.pause):
                    return
                try:
                    self._happen(event, actions, dice)
                except LiveAvatarError:
                    if event != "broken swap":
                        raise
                self._events[event] = self._events.get(event, 0) + 1

    def _happen(self, event: str, actions: Actions, dice: random.Random) -> None:
        if event in LASTING + HANGING:
            with self.mishaps.during(event):
                seconds = HANG if event in HANGING else self.lasts
                # One that gives nothing but errors for long is given up like one that hangs.
                self._stopping.wait(min(seconds, 1.0) if event == "renderer raises" else seconds)
        elif event == "swap":
            name = dice.choice([name for name in self.avatars if name != BROKEN])
            actions.handle({"command": "swap", "avatar": name})
        elif event == "broken swap":
            actions.handle({"command": "swap", "avatar": BROKEN})
        elif event == "emote":
            actions.handle({"command": "emote", "emote": dice.choice(list(EMOTES))})
        elif event == "framing":
            placed = {
                "zoom": dice.uniform(0.5, 2),
                "x": dice.uniform(-0.3, 0.3),
                "mirror": dice.random() < 0.5,
            }
            actions.handle({"command": "framing", **placed})
        else:
            actions.handle({"command": event})
            if event == "panic":
                self._stopping.wait(self.lasts)
                actions.handle({"command": event})


def faces_camera(path: Path) -> tuple[Callable[[Counted], Eager], Callable[[], Faces]]:
    """Camera and tracker of a recording (recorded.save_faces), without a clock."""
    faces = load_faces(path)
    return lambda output: Eager(output.ticked), lambda: Faces(faces)
