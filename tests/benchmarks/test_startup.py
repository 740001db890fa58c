from pathlib import Path
from typing import Any

import pytest

from benchmarks.suite import startup
from liveavatar.avatar.card import Avatar
from liveavatar.bench.parts import Parts
from liveavatar.cameras import SYNTHETIC
from liveavatar.errors import LiveAvatarError


def test_a_new_process_tells_its_phases_in_order(tiny: Avatar, model: Path) -> None:
    result = startup.measure(Parts(SYNTHETIC, tiny, model, "cpu"), runs=1)
    phases = result["phases"]
    assert list(phases) == list(startup.PHASES)
    assert all(0 <= start <= end for start, end in phases.values())
    starts = [phases[name][0] for name in ("python", "program", "libraries", "avatar", "first picture")]
    assert starts == sorted(starts)
    assert result["first_picture_s"] == phases["first picture"][1] > phases["libraries"][1]


def test_a_start_that_fails_says_why(tiny: Avatar, model: Path, tmp_path: Path) -> None:
    with pytest.raises(LiveAvatarError, match=r"nothing\.mp4"):
        startup.measure(Parts(tmp_path / "nothing.mp4", tiny, model, "cpu"), runs=1)


def test_the_middle_run_is_shown(tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = iter([3.0, 1.0, 2.0])

    def run(parts: Parts) -> dict[str, Any]:
        return {"first picture": [0.5, next(ends)]}

    monkeypatch.setattr(startup, "_run", run)
    result = startup.measure(Parts(SYNTHETIC, tiny, Path("unused")), runs=3)
    assert result["first_picture_s"] == result["phases"]["first picture"][1] == 2.0
    assert result["all_s"] == [1.0, 2.0, 3.0]
