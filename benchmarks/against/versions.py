"""A commit of this repository, checked out beside this one with the avatars it shipped, and what its code prints when run."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

HERE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Version:
    """A checkout and its commit."""

    root: Path
    commit: str

    @property
    def environment(self) -> dict[str, str]:
        """In which Python imports this version's code."""
        return {**os.environ, "PYTHONPATH": str(self.root)}

    def package(self, avatar: str) -> str:
        """Its own package of that name, or else the folder of that name as it is."""
        own = self.root / "weights" / avatar
        return str(own if own.is_dir() else Path(avatar).resolve())

    def bench(self, avatar: str, clip: Path, seconds: float) -> dict[str, Any]:
        """The report of its own `liveavatar bench`, in a fresh process. Raises LiveAvatarError with what it said last."""
        options = {
            "avatar": self.package(avatar),
            "clip": clip.resolve(),
            "seconds": seconds,
            "provider": "cpu",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        done = subprocess.run(
            [sys.executable, "-m", "liveavatar", "bench", "--json", *words],
            cwd=self.root, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise failed(self, done.stderr)
        return dict(json.loads(done.stdout.splitlines()[-1]))


def failed(version: Version, said: str) -> LiveAvatarError:
    """What to raise where a version's process ended badly. said: its errors."""
    last = (said.strip().splitlines() or [""])[-1]
    return LiveAvatarError(
        tr(f"commit {version.commit[:7]} failed: {last}", f"提交 {version.commit[:7]} 运行失败：{last}")
    )


def this_version() -> Version:
    """The checkout that this file lies in; its commit is its last one, whatever was changed since."""
    return Version(HERE, _git("rev-parse", "HEAD"))


@contextmanager
def checked_out(commit: str) -> Iterator[Version]:
    """A commit in a folder of its own, as long as the context lasts. Raises LiveAvatarError for one that git does not know."""
    sha = _git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    with TemporaryDirectory(prefix="liveavatar-against-") as folder:
        root = Path(folder) / sha[:7]
        _git("worktree", "add", "--quiet", "--detach", str(root), sha)
        try:
            yield Version(root, sha)
        finally:
            _git("worktree", "remove", "--force", str(root))


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(HERE), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip() or tr("no such commit in this repository", "此仓库中没有该提交")
        raise LiveAvatarError(f"{' '.join(command)}: {said}")
    return done.stdout.strip()
