"""The long run, short: that it counts, goes on where it was, ends cleanly, and that its verdict finds what leaks."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks.endurance import flatness, soak
from liveavatar.controls import BLENDSHAPES
from liveavatar.trackers.recorded import save_faces
from liveavatar.types import Face
from tests.helpers.fakes import LANDMARKS, POSE


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Ten faces that open and shut their mouths."""
    import numpy as np

    found = []
    for i in range(10):
        shapes = np.zeros(len(BLENDSHAPES), np.float32)
        shapes[BLENDSHAPES.index("jawOpen")] = i / 10
        found.append(Face(LANDMARKS, shapes, POSE, (64, 48), i / 30))
    save_faces(tmp_path / "faces.npz", found)
    return tmp_path / "faces.npz"


def samples(grow: dict[str, float], count: int = 200) -> list[dict[str, Any]]:
    """What a process of 400 s samples; `grow` is added to a value over the whole run, in shares of it."""
    dice = random.Random(0)

    def value(name: str, start: float, i: int) -> float:
        warming = min(1.0, 0.8 + i / count)  # the first fifth is no measure
        return start * warming * (1 + grow.get(name, 0.0) * i / count) * dice.uniform(0.99, 1.01)

    return [
        {
            "process": 0, "commit": "c", "at": 2.0 * i, "ticks": 100 * i, "sent": 100 * i, "driven": 90 * i,
            "resident_mb": value("resident_mb", 130, i), "threads": round(value("threads", 10, i)),
            "handles": round(value("handles", 12, i)), "gap_ms": 5.0, "events": {"swap": i}, "troubles": [],
            "age_ms": {"p50": value("age", 5, i), "p95": value("age", 12, i)},
        }
        for i in range(1, count + 1)
    ]  # fmt: skip


def test_a_steady_run_passes_and_every_kind_of_leak_is_found() -> None:
    assert soak.report(samples({}), "ticks", 20_000, [])["ok"]
    for name, share in {"resident_mb": 0.12, "threads": 0.6, "handles": 0.6, "age": 2.0}.items():
        found = soak.report(samples({name: share}), "ticks", 20_000, [])
        assert not found["ok"]
        assert all(name in fault and "process 0" in fault for fault in found["faults"]), found["faults"]


def test_a_short_peak_is_no_leak() -> None:
    run = samples({})
    for sample in run[100:110]:
        sample["resident_mb"] *= 1.5
    assert soak.report(run, "ticks", 20_000, [])["ok"]


def test_a_run_that_ended_early_or_failed_does_not_pass() -> None:
    assert soak.report(samples({}), "ticks", 30_000, [])["faults"] == ["20000 of 30000 ticks only"]
    assert not soak.report(samples({}), "ticks", 20_000, ["process 0: exit status 1"])["ok"]
    assert not soak.report(samples({}, count=10), "ticks", 1000, [])["ok"]  # nothing can be said of it
    assert not flatness.judge([])


def test_a_few_ticks_of_everything_and_then_the_rest(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")

    def run(ticks: int) -> dict[str, Any]:
        arguments = [
            "--ticks",
            str(ticks),
            "--faces",
            str(faces),
            "--folder",
            str(tmp_path),
            "--processes",
            "1",
        ]
        assert soak.main(arguments) == 1  # in a second nothing is warm
        return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))

    first = run(150)
    assert first["reached"] >= 150 and first["driven"] > 50 and len(first["faults"]) == 1
    with (tmp_path / "samples.jsonl").open("a") as file:
        file.write('{"process": 0, "at')  # as a process leaves it that is killed while it writes
    second = run(2 * first["reached"])
    assert second["reached"] >= 2 * first["reached"] and second["sent"] > first["sent"]
    lines = soak.read(tmp_path / "samples.jsonl")
    assert {sample["process"] for sample in lines} == {0, 1}
    assert run(100)["reached"] == second["reached"]  # all done already
    assert (tmp_path / "soak.png").stat().st_size > 5000
    assert json.loads((tmp_path / "report.json").read_text()) == {**second, "goal": 100}
