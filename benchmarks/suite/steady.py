"""The longest gap between two pictures that an output gets, while things happen: python -m benchmarks.suite.steady

OBS starts a stream anew when nothing came for five periods of the rate the device names: 166 ms at 30 fps. Everything here is
real but the camera, which plays the driver clip, shows an empty room, hangs, and comes back.
"""

import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.suite import asking
from liveavatar import stages
from liveavatar.avatar.library import find_avatar, list_avatars
from liveavatar.base.timing import now
from liveavatar.bench.parts import Parts
from liveavatar.cameras import open_camera
from liveavatar.live.loop import Live
from liveavatar.outputs import open_output
from liveavatar.types import AvatarFrame, Frame

LIMIT_MS = 166
FPS = 30.0
STEPS: dict[str, dict[str, Any]] = {
    "starting, models loading": {},
    "a face": {},
    "the face is lost": {"mood": "empty"},
    "the camera hangs": {"mood": "hanging"},
    "the face is back": {"mood": "face"},
    "swapping the avatar": {"swap": True},
    "writing a recording": {"recording": True},
}
"""What happens one after the other, and what is changed for it."""


class Room:
    """What cameras see."""

    mood = "face"
    """A face; an empty room; or cameras hang that are there already."""


class Camera(stages.Camera):
    """A clip; while the room's mood says so an empty room, or nothing at all. One that hangs too long is left for another."""

    fps = 30.0

    def __init__(self, clip: Path, room: Room) -> None:
        self._room = room
        self._clip = open_camera(str(clip), loop=True)
        self.size = self._clip.size
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._clip:
            while self._room.mood == "hanging" and not self._closed.wait(0.01):
                pass
            if self._closed.is_set():
                return
            empty = np.full_like(frame.image, 90)
            yield Frame(empty, frame.time, frame.index) if self._room.mood == "empty" else frame

    def close(self) -> None:
        self._closed.set()
        self._clip.close()


class Recording(stages.Output):
    """Writes a real recording and remembers when each picture came."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        self._file = open_output(str(path), size=size, fps=fps, live=True)
        self.times: list[float] = []
        self.recording = False

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        if self.recording:
            self._file.send(frame)
        self.times.append(now())

    def close(self) -> None:
        self._file.close()


def measure(parts: Parts, seconds: float, fps: float = FPS) -> dict[str, dict[str, float]]:
    """Longest gap and number of pictures for each of STEPS, `seconds` each."""
    avatar, room = parts.avatar, Room()
    other = find_avatar(next((name for name, _ in list_avatars() if name != avatar.name), avatar.folder))
    swapped = replace(parts, avatar=other)
    with tempfile.TemporaryDirectory() as folder:
        output = Recording(Path(folder) / "a.mp4", avatar.size, fps)
        live = Live(
            open_camera=lambda: Camera(parts.clip, room), open_tracker=parts.tracker, retargeter=parts.retargeter(),
            open_renderer=parts.renderer, output=output, size=avatar.size, fps=fps,
        )  # fmt: skip
        marks: list[tuple[str, float]] = []

        def happen() -> None:
            for name, change in STEPS.items():
                marks.append((name, now()))
                room.mood = change.get("mood", room.mood)
                output.recording = change.get("recording", output.recording)
                if "swap" in change:
                    live.swap(swapped.renderer)
                stopping.wait(seconds)
            marks.append(("end", now()))
            live.stop()

        stopping = threading.Event()
        script = threading.Thread(target=happen)
        script.start()
        live.run()
        script.join()
        output.close()
    result = {}
    for (name, begin), (_, end) in pairwise(marks):
        inside = [t for t in output.times if begin <= t <= end]
        gaps = [b - a for a, b in pairwise(inside)]
        result[name] = {
            "pictures": len(inside),
            "longest_gap_ms": round(1000 * max(gaps, default=float("nan")), 1),
        }
    return result


def main() -> int:
    """A line for each step; the last line is JSON. Exit status 1 when a gap is longer than the limit."""
    parser = asking.parser(__doc__)
    parser.add_argument("--fps", type=float, default=FPS)
    parser.add_argument("--seconds", type=float, default=6.0)
    asked = parser.parse_args()
    found = measure(asking.parts(asked), asked.seconds, asked.fps)
    for name, row in found.items():
        print(f"{name:<26} {row['pictures']:5.0f} pictures, longest gap {row['longest_gap_ms']:6.1f} ms")
    print(json.dumps(found))
    return int(any(row["longest_gap_ms"] > LIMIT_MS for row in found.values()))


if __name__ == "__main__":
    sys.exit(main())
