"""A home that is full, read-only, a file or none at all: the show goes on, one line for each thing that cannot be kept."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from liveavatar.base.files import expanded, user_folder
from liveavatar.trackers import model_files
from tests.helpers.clips import write_clip

pytestmark = pytest.mark.skipif(os.name != "posix", reason="homes differ")

HERE = Path(__file__).parents[1]
NOBODY = "import os.path, sys; os.path.expanduser = lambda path: path\n"
"""Of a user who is in no list and whose HOME is not set."""
FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"


def run(folder: Path, output: str, home: str | None, before: str = "") -> "subprocess.CompletedProcess[str]":
    clip = write_clip(folder / "clip.mp4", frames=5, fps=10)
    kept = {k: v for k, v in os.environ.items() if k != "HOME" and not k.startswith(("XDG_", "LIVEAVATAR_"))}
    program = f"{before}import runpy; runpy.run_path({str(HERE / 'helpers' / 'faked_run.py')!r}, run_name='__main__')"
    arguments = ["run", "--camera", str(clip), "--avatar", str(HERE / "data" / "tiny"), "--output", output]
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**kept, **({} if home is None else {"HOME": home}), "LIVEAVATAR_LANG": "en",
             "PYTHONPATH": os.pathsep.join((str(HERE.parent), str(HERE / 'helpers')))},
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["/dev/null", "full", "none"])
def test_a_run_goes_on_and_says_what_it_cannot_keep(kind: str, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    home = {"full": str(tmp_path / "home"), "none": None}.get(kind, kind)
    before = {"full": FULL, "none": NOBODY}.get(kind, "")
    done = run(tmp_path, "browser:0", home, before)
    told = [line for line in done.stderr.splitlines() if "this once" not in line]  # the package is checked
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"tiny -> browser, port \d+; Ctrl-C ends\.", told[0])
    assert done.stderr.count("token=") == len([line for line in told if "for this run only" in line]) == 1
    assert len([line for line in told if "will not reach this one" in line]) == 1
    assert len(told) == 6 and told[4].split()[1:3] == ["frames", "in"], told  # nothing else but the summary
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["clip.mp4"]


def test_a_recording_needs_no_home(tmp_path: Path) -> None:
    done = run(tmp_path, "out.mp4", "/dev/null")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.mp4").stat().st_size > 1000


def test_without_a_home_a_name_with_a_tilde_is_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    for name in [n for n in os.environ if n.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("HOME", raising=False)
    assert expanded("~/x") == Path("~/x")
    folder = user_folder("config")
    assert folder.is_absolute() and not folder.exists()
    with pytest.raises(OSError):
        folder.mkdir(parents=True)


def test_a_model_that_cannot_be_kept_serves_this_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LIVEAVATAR_MODEL", raising=False)
    monkeypatch.setattr(model_files, "user_folder", lambda kind: Path(os.devnull, "liveavatar"))
    monkeypatch.setattr(model_files, "_wrong", lambda data, model: None if data == b"right" else "wrong")
    monkeypatch.setattr(model_files, "_sources", lambda model: [("somewhere", lambda: b"right")])
    told: list[str] = []
    path = model_files.find_model(fetch=True, announce=told.append)
    assert path.read_bytes() == b"right" and "for this run only" in told[-1]
