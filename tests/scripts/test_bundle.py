"""The folder for people without Python: built, its demo started, a process of its own started from it.

Needs PyInstaller, which no extra brings: `pip install pyinstaller`, best in a fresh environment."""

import subprocess
from pathlib import Path

import pytest

from scripts import bundle

pytestmark = pytest.mark.slow


def test_the_folder_plays_the_demo_and_starts_its_own_processes(tmp_path: Path, model: Path) -> None:
    pytest.importorskip("PyInstaller")
    made = bundle.build(tmp_path)
    assert bundle.start(made, "--version") < 30
    assert bundle.start(made, "demo", "--output", str(tmp_path / "demo.mp4")) > 0
    assert (tmp_path / "demo.mp4").stat().st_size > 100_000
    child = [
        "-m",
        "liveavatar.renderers.trial_process",
    ]  # tries a stranger's avatar; nothing to try is an error it tells
    done = subprocess.run([str(made / "liveavatar"), *child], input=b"{}", capture_output=True, timeout=300)
    assert b"Usage" not in done.stdout + done.stderr
