"""The log is silent until somebody asks for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.clips import write_clip

ROOT = Path(__file__).parents[2]


def run(tmp_path: Path, debug: str, *arguments: str) -> str:
    """What a run of the program with a fake tracker writes on stderr."""
    clip = write_clip(tmp_path / "clip.mp4")
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    environment = {
        **os.environ, **homes, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'helpers'}", "LIVEAVATAR_DEBUG": debug,
    }  # fmt: skip
    command = [sys.executable, str(ROOT / "tests" / "helpers" / "faked_run.py"), "run", *arguments]
    options = ["--avatar", str(ROOT / "tests" / "data" / "tiny"), "--output", "null", "--camera", str(clip)]
    done = subprocess.run(
        [*command, *options], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_it_tells_of_a_run_from_begin_to_end(tmp_path: Path) -> None:
    told = run(tmp_path, "1")
    for part in (
        "begins: ",
        "liveavatar 0",
        "onnxruntime ",
        "camera: open",
        "tracker: open",
        "renderer: open, on cpu",
        "ended: ",
    ):
        assert part in told, told
    assert " INFO liveavatar.live.line [camera] " in told


@pytest.mark.parametrize("how", [(), ("--every-frame",)])
def test_without_the_variable_nothing_of_it_is_shown(tmp_path: Path, how: tuple[str, ...]) -> None:
    told = run(tmp_path, "", *how)
    assert "INFO" not in told and "liveavatar.live" not in told and "begins" not in told


def test_troubles_are_logged_once_with_what_raised_them(caplog: pytest.LogCaptureFixture) -> None:
    from liveavatar.live.report import Report

    caplog.set_level("DEBUG", "liveavatar")
    report = Report()
    for _ in range(3):
        try:
            raise RuntimeError("the card fell off the bus")
        except RuntimeError as error:
            report.trouble("renderer", str(error))
    report.well("renderer")
    report.acknowledge(dict(report.troubles))
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "RuntimeError" in caplog.text and "renderer: well again" in caplog.text
