"""Two versions of the program in turns."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.against import __main__ as against
from benchmarks.against import versions
from benchmarks.against.versions import HERE, Version, checked_out, this_version
from liveavatar.bench.legs import Parts
from liveavatar.errors import LiveAvatarError

TINY = str(HERE / "tests" / "data" / "tiny")


def test_a_version_draws_what_it_is_given(parts: Parts) -> None:
    (figures,) = against.drawing([Version(HERE, "now")], TINY, parts, pictures=10, sides=(128,))
    assert list(figures) == ["draw 128 median ms", "draw 128 least ms", "draw 128 processor ms"]
    assert all(0 < value < 1000 for value in figures.values())


def test_a_version_that_fails_says_why(parts: Parts, tmp_path: Path) -> None:
    broken = Version(tmp_path, "0" * 40)
    (tmp_path / "liveavatar.py").write_text("raise RuntimeError('no avatar today')")
    with pytest.raises(LiveAvatarError, match="0000000 failed: RuntimeError: no avatar today"):
        against.drawing([broken], TINY, parts, pictures=10, sides=(128,))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With one commit of an avatar's folder."""
    (tmp_path / "weights" / "hoshi").mkdir(parents=True)
    (tmp_path / "weights" / "hoshi" / "avatar.json").write_text("{}")
    commit = ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"]
    for words in (["init", "-q"], ["add", "."], commit):
        subprocess.check_call(["git", *words], cwd=tmp_path)
    monkeypatch.setattr(versions, "HERE", tmp_path)
    return tmp_path


def test_a_commit_is_checked_out_for_a_while(repository: Path) -> None:
    with checked_out("HEAD") as version:
        assert version.commit == this_version().commit
        assert version.root != repository
        assert Path(version.package("hoshi")) == version.root / "weights" / "hoshi"
        assert version.package(TINY) == TINY
    assert not version.root.exists()
    listed = subprocess.check_output(["git", "worktree", "list"], cwd=repository, text=True)
    assert len(listed.splitlines()) == 1


def test_a_commit_that_is_not_there(repository: Path) -> None:
    with pytest.raises(LiveAvatarError, match="no such commit"), checked_out("no-such-branch"):
        pass


def test_the_line_is_measured_in_turns(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []

    def bench(self: Version, avatar: str, clip: Path, seconds: float) -> dict[str, object]:
        ran.append(self.commit)
        figure = 10.0 if self.commit == "old" else 5.0
        return {"throughput_ratio": 0.5, "cpu_s_per_frame": 0.04, "first_frame_s": 1.0,
                "age_ms": {"p50": figure, "p95": 2 * figure}}  # fmt: skip

    monkeypatch.setattr(Version, "bench", bench)
    both = [Version(HERE, "old"), Version(HERE, "new")]
    before, now = against.line(both, "hoshi", parts, rounds=2, seconds=1.0)
    assert ran == ["old", "new", "new", "old"]
    assert (before["age p95 ms"], now["age p95 ms"]) == (20.0, 10.0)
