"""The parts that a benchmark measures, with a tracker that needs no model."""

from pathlib import Path

import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.bench import legs
from tests.helpers.clips import write_clip
from tests.helpers.fakes import FakeTracker


@pytest.fixture
def parts(tmp_path: Path, tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> legs.Parts:
    """A twelve-picture clip of grey and the tiny avatar; tracking takes 5 ms."""
    monkeypatch.setattr("liveavatar.bench.parts.open_tracker", lambda *a: FakeTracker(seconds=0.005))
    return legs.Parts(write_clip(tmp_path / "clip.mp4"), tiny, Path("unused.task"), "cpu")
