"""The program with a fake for a tracker, `python tests/helpers/faked_run.py run ...`: starts in half a second, needs no model."""

from pathlib import Path

from fakes import FakeTracker

import liveavatar.app.parts
import liveavatar.trackers
import liveavatar.trackers.model_files
from liveavatar.__main__ import program

liveavatar.trackers.model_files.find_model = lambda *_, **__: Path("fake.task")  # type: ignore[assignment]
liveavatar.trackers.open_tracker = lambda *_, **__: FakeTracker()  # type: ignore[assignment]
liveavatar.app.parts.preload = lambda *_, **__: None  # mediapipe: 1.6 s of CPU

if __name__ == "__main__":
    program()
