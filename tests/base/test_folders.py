"""Whatever ends the process, and wherever: the old or the new folder stands in its place, and nothing else is seen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from liveavatar.avatar import install as installing
from liveavatar.avatar import library as packages
from liveavatar.avatar import trial
from liveavatar.avatar.install import install, remove
from liveavatar.avatar.library import find_avatar, list_avatars
from liveavatar.base import folders
from liveavatar.base.folders import drop, put, recover, workspace
from liveavatar.errors import AvatarError
from tests.helpers.packages import rewrite

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "avatars"
    for module in (packages, installing, trial):
        monkeypatch.setattr(module, "avatar_folders", lambda: [folder, *SHIPPED])
    return folder


SHIPPED = packages.avatar_folders()[1:]

# Kills itself before the n-th change it would make.
KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from liveavatar.avatar import library as avatar
from liveavatar.base import folders
n, exchange, home, fresh = sys.argv[1:]
count = 0
def deadly(name, real):
    def call(*arguments, **options):
        global count
        count += 1
        if count == int(n): os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    return call
for module, name in ((os, "rename"), (shutil, "rmtree"), (os, "unlink"), (os, "rmdir"), (folders, "_exchange")):
    setattr(module, name, deadly(name, getattr(module, name)))
if exchange == "no":
    folders._exchange = lambda a, b: False
Path.rename = lambda self, target: os.rename(self, target)
with folders.workspace(Path(home)) as work:
    for file in Path(fresh).iterdir():
        (work / file.name).write_bytes(file.read_bytes())
    avatar.take_place(work, Path(home) / "tiny")
print("whole")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("exchange", ["yes", "no"])
def test_killed_at_any_step_the_old_or_the_new_is_there(home: Path, tiny_folder: Path, exchange: str) -> None:
    install(tiny_folder)
    rewrite(tiny_folder, credits="the new one")
    seen = set()
    for n in range(1, 30):
        rewrite(home / "tiny", credits="the old one")
        command = [sys.executable, "-c", KILLED, str(n), exchange, str(home), str(tiny_folder)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode in (0, -9), done.stderr
        assert [name for name, folder in list_avatars() if folder.parent == home] == ["tiny"]
        found = find_avatar("tiny").credits  # every file compared with its sha256
        assert found in ("the old one", "the new one")
        seen.add(found)
        with workspace(home):
            assert len(list(home.iterdir())) == 2  # what was left is gone
        if done.returncode == 0:
            break
    assert n > 3
    assert seen == {"the old one", "the new one"}


@pytest.mark.parametrize("possible", [True, False])
def test_what_stood_there_goes_and_failures_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, possible: bool
) -> None:
    if not possible:
        monkeypatch.setattr(folders, "_exchange", lambda a, b: False)
    for text in ("one", "two"):
        with workspace(tmp_path) as work:
            (work / "a").write_text(text)
            put(work, tmp_path / "place")
        assert (tmp_path / "place" / "a").read_text() == text and os.listdir(tmp_path) == ["place"]
    with pytest.raises(ZeroDivisionError), workspace(tmp_path) as work:
        raise ZeroDivisionError
    with pytest.raises(OSError), workspace(tmp_path) as work:
        work.rmdir()
        put(work, tmp_path / "place")
    assert os.listdir(tmp_path) == ["place"]
    drop(tmp_path / "place")
    assert os.listdir(tmp_path) == []


def test_folders_of_processes_that_run_are_left_alone(tmp_path: Path) -> None:
    ours, dead = f".old-{os.getpid()}-a", ".new-999999999-b"
    for name in (ours, dead, ".new-old", ".new-x-y", ".git"):
        (tmp_path / name).mkdir()
    recover(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted([ours, ".new-old", ".new-x-y", ".git"])


@pytest.mark.parametrize("name", ["hoshi", "Hoshi", "ｈｏｓｈｉ", "HOSHI", "ren"])
def test_names_that_ship_are_not_taken_unasked(home: Path, tiny_folder: Path, name: str) -> None:
    rewrite(tiny_folder, name=name)
    with pytest.raises(AvatarError, match=r"comes with liveavatar|cannot be told from"):
        install(tiny_folder)
    assert find_avatar("hoshi").folder.parent in SHIPPED and not list(home.iterdir())


def test_a_name_that_ships_can_be_taken_and_given_back(home: Path, tiny_folder: Path) -> None:
    rewrite(tiny_folder, name="hoshi")
    install(tiny_folder, replace=True)
    assert find_avatar().folder == home / "hoshi"
    remove("hoshi")
    assert find_avatar().folder.parent in SHIPPED


def test_a_name_like_an_installed_one(home: Path, tiny_folder: Path) -> None:
    install(tiny_folder)
    rewrite(tiny_folder, name="Tiny")
    for replace in (False, True):
        with pytest.raises(AvatarError, match="cannot be told from 'tiny'"):
            install(tiny_folder, replace=replace)
    assert os.listdir(home) == ["tiny"]
