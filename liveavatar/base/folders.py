"""Folders that take a place whole: whatever ends the process, the old or the new one stands there.

Linux and macOS exchange two folders in one step. Elsewhere, and on file systems that cannot, the old one steps aside meanwhile;
should the process end in it, recover() puts it back.
"""

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NEW, _OLD = ".new-", ".old-"


@contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """A fresh folder in `parent`, which is made where it is missing, for what will be put() there; gone afterwards. Raises
    OSError."""
    parent.mkdir(parents=True, exist_ok=True)
    recover(parent)
    work = Path(tempfile.mkdtemp(prefix=f"{_NEW}{os.getpid()}-", dir=parent))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def put(fresh: Path, folder: Path) -> None:
    """Give a folder of a workspace the name `folder`, beside it; what stood there is deleted. Raises OSError; then all is as it
    was."""
    fresh.chmod(0o755)
    if not folder.exists():
        fresh.rename(folder)
        return
    if not _exchange(fresh, folder):
        aside = folder.with_name(f"{_OLD}{os.getpid()}-{folder.name}")
        folder.rename(aside)
        try:
            fresh.rename(folder)
        except OSError:
            aside.rename(folder)
            raise
        fresh = aside
    shutil.rmtree(fresh, ignore_errors=True)


def drop(folder: Path) -> None:
    """Delete a folder so that no half of it is ever seen. Raises OSError where it cannot be moved; then it is as it was."""
    aside = folder.with_name(f"{_NEW}{os.getpid()}-gone-{folder.name[:40]}")
    folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def recover(parent: Path) -> None:
    """Set right what processes left in `parent` that ended half-way: a folder that stepped aside comes back where none took its
    place, the rest is deleted."""
    with suppress(OSError):
        for path in sorted(parent.glob(".???-*")):
            kind, _, rest = path.name[1:].partition("-")
            pid, _, name = rest.partition("-")
            if kind not in ("new", "old") or not pid.isdecimal() or not name or _is_running(int(pid)):
                continue
            if kind == "old" and not (parent / name).exists():
                path.rename(parent / name)
            else:
                shutil.rmtree(path, ignore_errors=True)


def _exchange(a: Path, b: Path) -> bool:
    """Let two folders change places in one step; False where that cannot be."""
    if sys.platform == "win32":
        return False
    library, at_cwd, exchange = ctypes.CDLL(None, use_errno=True), -100, 2
    paths = os.fsencode(a.absolute()), os.fsencode(b.absolute())
    if sys.platform == "darwin":
        rename = getattr(library, "renamex_np", None)
        return rename is not None and rename(*paths, exchange) == 0
    rename = getattr(library, "renameat2", None)
    return rename is not None and rename(at_cwd, paths[0], at_cwd, paths[1], exchange) == 0


def _is_running(pid: int) -> bool:
    """Whether there is a process of this number."""
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = ctypes.c_void_p
        synchronize, timeout = 0x100000, 0x102
        if not (handle := kernel.OpenProcess(synchronize, False, pid)):
            return False
        running: bool = kernel.WaitForSingleObject(ctypes.c_void_p(handle), 0) == timeout
        kernel.CloseHandle(ctypes.c_void_p(handle))
        return running
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # another user's
    return True
