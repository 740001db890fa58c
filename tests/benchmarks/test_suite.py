"""The one command: measures, writes both pages, and what it wrote can be compared."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import benchmarks.suite
from benchmarks import __main__ as suite
from benchmarks.suite import outputs, quality, scaling, startup, steady
from liveavatar.avatar.card import Avatar
from liveavatar.bench import legs
from liveavatar.cli import main
from liveavatar.errors import AvatarError, TrainingError

SMALL: dict[str, float] = {
    "seconds": 0.4,
    "clock_seconds": 0.4,
    "step_seconds": 0.3,
    "show_seconds": 0.4,
    "starts": 1,
    "pictures": 10,
    "sizing": 10,
    "held_out": 2,
}
Run = Callable[..., int]


@pytest.fixture
def run(parts: legs.Parts, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on fakes: no model, no new processes, no teacher unless a test brings one."""

    def start(*arguments: str) -> int:
        return suite.main(["--quick", *arguments])

    def evaluate(avatar: Avatar, count: int, progress: object) -> dict[str, object]:
        return {"card": avatar.figures.get("held-out"), "measured": None, "why": "no teacher here"}

    phases = {name: [i * 0.1, i * 0.1 + 0.1] for i, name in enumerate(startup.PHASES)}
    found = {"first_picture_s": 0.6, "all_s": [0.6], "phases": phases}
    monkeypatch.setattr(suite, "QUICK", SMALL)
    monkeypatch.setattr(suite.asking, "parts", lambda asked: replace(parts, draw="cpu"))
    monkeypatch.setattr(suite, "list_avatars", lambda: [])
    monkeypatch.setattr(steady, "list_avatars", lambda: [])
    monkeypatch.setattr(startup, "measure", lambda parts, runs: found)
    monkeypatch.setattr(scaling, "SIZES", (64,))
    monkeypatch.setattr(outputs, "SIZES", {"1080p": (1920, 1080)})
    monkeypatch.setattr("liveavatar.bench.smoothness.SETTLES", 0.2)
    monkeypatch.setattr(quality, "_measure", evaluate)
    monkeypatch.setattr(legs, "CHUNK", 10)
    return start


def test_the_pages_show_everything_and_the_json_can_be_compared(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    folder = tmp_path / "results"
    assert run("--output", str(folder)) == 0
    english, chinese = (
        (folder / name).read_text(encoding="utf-8") for name in ("results.md", "results.zh-CN.md")
    )
    assert "no teacher here" in english and "not measured" in english and "未测量" in chinese
    assert "same network with sheets of another size" in " ".join(english.split())
    for text in (english, chinese):
        linked = re.findall(r"\]\(([\w.-]+)\)", text)
        assert {"latency.png", "stages.png", "startup.png", "scaling.png", "results.json"} <= set(linked)
        assert all((folder / name).stat().st_size > 100 for name in linked)
        assert str(tmp_path) not in text
    assert re.findall(r"^## (.+)", english, re.M) == [
        "At a glance", "Latency", "Steadiness", "Throughput and stages", "Start-up", "Quality",
        "Output: size, rate, what draws", "Size and threads", "Providers",
    ]  # fmt: skip
    assert len(re.findall(r"^## ", chinese, re.M)) == 9
    result = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert result["latency"]["pixel_frames"] > 5 and result["command"] == "python -m benchmarks --quick"
    capsys.readouterr()
    assert main(["bench", "--compare", *[str(folder / "results.json")] * 2]) == 0
    shown = capsys.readouterr().out
    assert "latency.pixel_age_ms.p50" in shown and "providers.cpu.render_ms.median" in shown
    assert "providers.dml" not in shown
    assert "outputs.cpu.1080p.60.judder" in shown and "outputs.gpu" not in shown
    assert "| cpu, 1080p, 60 |" in english and "- gpu: not measured" in english and "- gpu: 未测量" in chinese


def test_without_matplotlib_the_page_says_what_to_install(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "benchmarks.suite.charts", None)
    monkeypatch.delattr(benchmarks.suite, "charts", raising=False)
    monkeypatch.setattr(scaling, "find_spec", lambda name: None)
    assert run("--output", str(tmp_path)) == 0
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "liveavatar[train]" in text and ".png" not in text
    assert "| 64 | not measured" in text
    assert not list(tmp_path.glob("tmp*"))


def test_an_interrupted_or_failed_run_leaves_the_old_page(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "results.md"
    old.write_text("old")
    for error, status, said in ((KeyboardInterrupt(), 130, "stopped"), (AvatarError("broken"), 1, "broken")):

        def fail(*a: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(startup, "measure", fail)
        assert run("--output", str(tmp_path)) == status
        assert said in capsys.readouterr().err
        assert [path.name for path in tmp_path.iterdir() if path.suffix != ".mp4"] == ["results.md"]
        assert old.read_text() == "old"


def test_an_avatar_of_another_kind_is_refused(
    run: Run, parts: legs.Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = replace(parts, avatar=replace(parts.avatar, kind="puppet"))
    monkeypatch.setattr(suite.asking, "parts", lambda asked: other)
    assert run() == 1
    assert "puppet" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_refused_before_measuring(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run("--output", str(tmp_path / "file")) == 1
    said = capsys.readouterr().err
    assert "--output" in said and "startup" not in said


def test_the_steady_run_sends_pictures_whatever_happens(
    parts: legs.Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steady, "list_avatars", lambda: [])
    result = steady.measure(parts, seconds=0.4)
    assert list(result) == list(steady.STEPS)
    assert all(row["pictures"] > 5 and row["longest_gap_ms"] > 25 for row in result.values())


@pytest.mark.train
def test_avatars_are_measured_against_their_teacher(
    tiny: Avatar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    from liveavatar.training import dataset

    monkeypatch.setattr(quality, "RIGS", {"tests.helpers.tiny_rig:TinyRig": ""})
    monkeypatch.setattr(dataset, "cache_folder", lambda: tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # the drawing processes import the rig
    monkeypatch.setattr("liveavatar.training.evaluate.default_workers", lambda: 1)
    row = quality.measure(3, [tiny])["tiny"]
    assert row["measured"]["n"] == 3 and row["measured"]["psnr"]["frame"] > 20
    for name, teacher, ours in quality.pairs(tiny):
        assert teacher.shape == ours.shape == (128, 128, 3), name
        assert np.abs(teacher.astype(int) - ours).mean() < 12, name


def test_a_card_cannot_name_code_to_run(tiny: Avatar) -> None:
    """The suite measures every installed avatar; a rig given as module:Class is imported."""
    row = quality.measure(3, [tiny])["tiny"]
    assert row["measured"] is None and "tests.helpers.tiny_rig:TinyRig" in row["why"]
    with pytest.raises(TrainingError):
        quality.pairs(tiny)
