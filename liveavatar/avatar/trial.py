"""A stranger's avatar is tried in a child process before this one touches it.

First its graphs are read (graph.py), then a child with limits of memory and time loads it and draws: its test picture,
the neutral face, every control at both ends, random mixes. What it says is kept by the hash of all that was drawn from; the files
are compared with the same hashes again at the read that uses them. Avatars that come with liveavatar are not tried, nor those
that were just made, and so drawn, on this machine.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from liveavatar import __version__
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.graph import check_graph
from liveavatar.avatar.library import avatar_folders
from liveavatar.avatar.protobuf import GraphError
from liveavatar.base.confinement import OUT_OF_MEMORY
from liveavatar.base.files import PACKAGE, user_folder, write_whole
from liveavatar.base.provenance import runtimes
from liveavatar.errors import AvatarError, LiveAvatarError, ProviderError
from liveavatar.language import language, tr

RULES = 1
"""Counts up when a trial asks more, so that all are tried again."""
MEMORY = 400 << 20
"""Bytes that loading and drawing may take beyond the libraries."""
CPU_SECONDS = 30
SECONDS = 45
"""By the clock, for a machine that is busy with other things."""
STALLED = 1
"""The child's exit status when one step gave nothing for so long: Python's faulthandler ends it."""
_ERRORS = {"AvatarError": AvatarError, "ProviderError": ProviderError}


def require_tried(avatar: Avatar, say: Callable[[str], None] = lambda text: None) -> None:
    """Return once it is known that the avatar loads and draws within its limits. Raises AvatarError otherwise, with the reason;
    ProviderError where nothing can be drawn here at all.

    say: told that it takes a moment."""
    if avatar.folder.resolve().parent in [folder.resolve() for folder in avatar_folders()[1:]]:
        return
    verdict = _verdict(avatar)
    try:
        if verdict.read_bytes() == verdict.stem.encode():
            return
    except OSError:
        pass
    for name in avatar.graphs:
        try:
            check_graph(avatar.read(name))
        except GraphError as error:
            raise _refused(avatar, f"{name}: {error}") from error
    say(tr(f"checking avatar {avatar.name!r}, this once ...", f"正在检查形象 {avatar.name!r}，仅此一次……"))
    _try(avatar)
    trust(avatar)


def trust(avatar: Avatar) -> None:
    """Remember that the avatar, as loaded here, draws what it should. Where nothing can be kept it will be tried anew."""
    verdict = _verdict(avatar)
    try:
        verdict.parent.mkdir(parents=True, exist_ok=True)
        write_whole(verdict, verdict.stem.encode())
    except OSError:
        pass


def _verdict(avatar: Avatar) -> Path:
    """The file that stands for an avatar that was tried, by all that its pictures come from. It holds its own name."""
    words = [
        str(RULES),
        __version__,
        *(f"{name} {version}" for name, version in runtimes().items()),
        avatar.digest,
    ]
    key = hashlib.sha256("\n".join(words).encode()).hexdigest()
    return user_folder("cache") / "tried" / key


def _try(avatar: Avatar) -> None:
    """Have a child draw it. Raises AvatarError, ProviderError."""
    environment = {**os.environ, "LIVEAVATAR_LANG": language()}
    # One thread each: their stacks count as memory.
    environment |= {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    wish = json.dumps({"card": avatar.to_dict(), "folder": str(avatar.folder.resolve())}).encode()
    options: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is for this process alone
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW}
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "liveavatar.renderers.trial_process"],
            # The folder that "-m" imports from: never the user's, where a stranger's files may lie.
            cwd=PACKAGE.parent,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("LIVEAVATAR_DEBUG") else subprocess.DEVNULL,
            **options,
        ) as child:
            try:
                answer = child.communicate(wish, timeout=SECONDS)[0]
            except subprocess.TimeoutExpired as error:
                raise _refused(
                    avatar,
                    tr(
                        f"it was not done after {SECONDS} s; if the machine was busy, try again",
                        f"{SECONDS} 秒后仍未完成；如电脑繁忙，请重试",
                    ),
                ) from error
            finally:
                child.kill()
    except (OSError, ValueError) as error:
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r} cannot be checked, as no process can be started: {error}. Close other programs and "
                "try again.",
                f"无法启动进程检查形象 {avatar.name!r}：{error}。请关闭其他程序后重试。",
            )
        ) from error
    _judge(avatar, child.returncode, answer)


def _judge(avatar: Avatar, status: int, answer: bytes) -> None:
    """Raise what the child found, or why it ended without a word."""
    if status == 0 and answer.strip():
        verdict = json.loads(answer.splitlines()[-1])
        if not verdict["error"]:
            return
        kind: type[LiveAvatarError] = _ERRORS.get(verdict["kind"], AvatarError)
        raise kind(verdict["error"]) if verdict["kind"] in _ERRORS else _refused(avatar, verdict["error"])
    if status == STALLED:
        reason = tr("it draws nothing for seconds", "数秒内没有画出任何画面")
    elif status == OUT_OF_MEMORY:
        reason = out_of_memory()
    elif sys.platform != "win32" and status == -signal.SIGXCPU:
        reason = tr(f"it computes for more than {CPU_SECONDS} s", f"计算超过 {CPU_SECONDS} 秒")
    else:
        reason = tr(
            f"the process that tried to draw it ended with status {status}, for lack of memory or by a fault of a library",
            f"试画进程以状态 {status} 结束（内存不足或库出错）",
        )
    raise _refused(avatar, reason)


def out_of_memory() -> str:
    """What is said of an avatar that needs more than it may."""
    return tr(f"it needs more than {MEMORY >> 20} MB of memory", f"所需内存超过 {MEMORY >> 20} MB")


def _refused(avatar: Avatar, reason: str) -> AvatarError:
    return AvatarError(
        tr(
            f"avatar {avatar.name!r} is refused: {reason}. Use another, or ask its maker.",
            f"已拒绝形象 {avatar.name!r}：{reason}。请换用其他形象，或联系其作者。",
        )
    )
