"""The table of gaps: that a row disturbs a real show, and that a long gap or a row that fails is a miss."""

import json
import time
from pathlib import Path

import pytest

from benchmarks.endurance import faults
from liveavatar.bench import legs


def test_a_row_is_a_show_that_goes_on(parts: legs.Parts, tmp_path: Path) -> None:
    row = faults.Row("x", lambda scene: scene.during("camera unplugged", "tracker raises", seconds=0.3))
    found = faults.play(row, parts, tmp_path)
    assert found["frames"] > 20 and found["longest_gap_ms"] > 30 and found["limit_ms"] == faults.LIMIT_MS


def test_a_gap_is_a_miss_and_so_is_what_a_row_raises(
    parts: legs.Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def blocked(scene: faults.Scene) -> None:
        send = scene.output.output.send
        scene.output.output.send = lambda frame, at=None: (send(frame, at), time.sleep(0.3))
        scene.rest(0.5)

    def failing(scene: faults.Scene) -> None:
        raise AssertionError("not refused")

    rows = (
        faults.Row("quiet", lambda scene: None, limit_ms=5000),
        faults.Row("a", blocked),
        faults.Row("b", failing),
    )
    monkeypatch.setattr(faults, "IN_PROCESS", rows)
    monkeypatch.setattr(faults, "PROGRAM", {})
    monkeypatch.setattr(faults.asking, "parts", lambda asked: parts)
    assert faults.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    found = json.loads(lines[-1])
    assert found["quiet"]["ok"] and not found["a"]["ok"] and found["a"]["longest_gap_ms"] > 300
    assert all(row["sleeper_gap_ms"] > 30 for row in found.values() if row["frames"])
    assert found["b"]["error"] == "AssertionError: not refused" and lines[2].startswith("MISS b")
