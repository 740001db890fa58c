"""A user whose name is Chinese and has a blank in it: the real program, a process for each command."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "data" / "tiny"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "用户 名"
    folder.mkdir()
    return folder


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LIVEAVATAR_"))}
    moved = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"), str(home))
    # As a bare terminal: what is printed must not depend on a UTF-8 locale.
    return {**kept, **moved, "PYTHONPATH": str(ROOT), "LIVEAVATAR_LANG": "zh", "LC_ALL": "C.UTF-8"}


def liveavatar(home: Path, *arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "liveavatar", *map(str, arguments)],
        env=environment(home), cwd=home, capture_output=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_avatars_come_and_go(home: Path) -> None:
    archive = shutil.make_archive(str(home / "形象"), "zip", TINY)
    assert str(home) in liveavatar(home, "avatars", "install", archive)
    assert "tiny" in liveavatar(home, "avatars", "list")
    assert str(home) in liveavatar(home, "avatars", "info", "tiny")
    assert "已删除" in liveavatar(home, "avatars", "remove", "tiny")


@pytest.fixture
def with_model(home: Path, model: Path) -> Path:
    """The face model where `demo` would put it."""
    code = "from liveavatar.trackers.model_files import user_model; print(user_model())"
    place = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()
    assert Path(place).is_relative_to(home)
    Path(place).parent.mkdir(parents=True)
    shutil.copy(model, place)
    return home


@pytest.mark.slow
def test_everything_that_plays_works(with_model: Path) -> None:
    home = with_model
    assert "演示.mp4" in liveavatar(home, "demo", "--output", home / "演示.mp4")
    assert (home / "演示.mp4").stat().st_size > 10_000
    report = json.loads(liveavatar(home, "bench", "--seconds", "1", "--json"))
    assert report["fps"] > 0
    found = json.loads(liveavatar(home, "doctor", "--json"))
    assert {f["part"]: f["state"] for f in found}["model"] == "ok"
    assert "用户 名" not in json.dumps(found, ensure_ascii=False)  # a report names no user


def test_a_run_is_found_by_swap(with_model: Path) -> None:
    """The control file, the model and a folder of an avatar, all below the Chinese name."""
    home = with_model
    avatar = Path(shutil.copytree(TINY, home / "我的 形象"))
    command = [sys.executable, "-m", "liveavatar", "run", "--camera", "synthetic", "--avatar", str(avatar)]
    playing = subprocess.Popen(
        [*command, "--output", "null"],
        env=environment(home),
        cwd=home,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert playing.stderr is not None
        while "Ctrl-C" not in (line := playing.stderr.readline()):
            assert line, "ended before it began"
        for _ in range(40):  # it listens a moment after it has said so
            done = subprocess.run(
                [sys.executable, "-m", "liveavatar", "swap", str(avatar)],
                env=environment(home), cwd=home, capture_output=True, encoding="utf-8", timeout=300,
            )  # fmt: skip
            if done.returncode == 0:
                break
        assert "现在是 tiny" in done.stdout, done.stderr
    finally:
        playing.terminate()
        assert "Traceback" not in playing.communicate(timeout=300)[1]
    if os.name == "posix":
        assert playing.returncode == 0
