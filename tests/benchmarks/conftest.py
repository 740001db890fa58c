"""The parts that a benchmark measures, with a tracker that needs no model."""

from pathlib import Path

import pytest
from clips import write_clip
from fakes import FakeTracker

from liveavatar import bench
from liveavatar.avatar import Avatar


@pytest.fixture
def parts(tmp_path: Path, tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> bench.Parts:
    """A twelve-picture clip of grey and the tiny avatar; tracking takes 5 ms."""
    monkeypatch.setattr(bench, "open_tracker", lambda *a: FakeTracker(seconds=0.005))
    return bench.Parts(write_clip(tmp_path / "clip.mp4"), tiny, Path("unused.task"), "cpu")
