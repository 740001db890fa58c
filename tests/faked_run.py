"""The program itself, `python tests/faked_run.py run ...`, whose tracker is a fake: starts in half a second, needs no model."""

from pathlib import Path

from fakes import FakeTracker

import liveavatar.models
import liveavatar.playing
import liveavatar.trackers
from liveavatar.__main__ import program

liveavatar.models.find_model = lambda *_, **__: Path("fake.task")  # type: ignore[assignment]
liveavatar.trackers.open_tracker = lambda *_, **__: FakeTracker()  # type: ignore[assignment]
liveavatar.playing.preload = lambda: None  # mediapipe: 1.6 s of CPU

if __name__ == "__main__":
    program()
