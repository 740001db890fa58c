import os

import pytest

from benchmarks.endurance import load
from liveavatar.bench.parts import Parts
from liveavatar.live.governor import Governor


def test_each_stretch_has_its_row(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "SETTLES", 0.2)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    rows = load.play(parts, 0.6, 30.0, Governor())
    assert [row["stretch"] for row in rows] == ["alone", "loaded", "alone again"]
    for row in rows:
        assert row["sent"] > 10 and row["age_ms"]["p95"] >= 5 and set(row["levels"]) == {0}
