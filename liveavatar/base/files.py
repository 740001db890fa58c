"""Writing files so that a full disk or a crash leaves the older one, never half of a new one; reading those of others."""

import atexit
import contextlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from liveavatar.language import tr


class Unreadable(ValueError):
    """Why a file cannot be used, to stand behind its name in a message. Callers make an error of their own of it."""


PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of liveavatar's own code."""


def asset(name: str) -> Path:
    """A file that ships with the code."""
    return PACKAGE / "assets" / name


def read_whole(path: Path, limit: int) -> bytes:
    """The content of a file of at most `limit` bytes. Raises Unreadable; its cause is an OSError where there was one.

    Never waits: what is no plain file (a named pipe, a device, a folder) is refused before it is read."""
    try:
        # O_NONBLOCK: opening a named pipe would wait for its writer.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with _opened(os.open(path, flags)) as file:
            data = file.read(limit + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable(tr(f"it cannot be read: {reason}", f"无法读取：{reason}")) from error
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(tr("its name is no file's name", "这不是文件名")) from error  # holds a NUL
    if len(data) > limit:
        most = f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} kB"
        raise Unreadable(tr(f"it is larger than {most}", f"超过 {most}"))
    return data


def _opened(handle: int) -> BinaryIO:
    """The descriptor as a file. Raises Unreadable for what is no plain one; it is then closed."""
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise Unreadable(tr("it is a folder; a file is needed", "它是文件夹，需要的是文件"))
        if not stat.S_ISREG(mode):
            raise Unreadable(tr("it is no plain file", "它不是普通文件"))
    except BaseException:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def expanded(path: str | Path) -> Path:
    """The path with ~ for the home; as it is where nobody knows that home, as shells do."""
    return Path(os.path.expanduser(path))


def user_folder(kind: str) -> Path:
    """The user's own folder for this program's files; kind: "config", "data", "state" or "cache". It may not exist yet; where the
    user has no home it is one in which nothing is and nothing can be made."""
    import platformdirs

    try:
        folder = Path(getattr(platformdirs, f"user_{kind}_dir")("liveavatar", appauthor=False))
    except RuntimeError:
        folder = Path()
    return folder if folder.is_absolute() else Path(os.devnull, "liveavatar")


def write_whole(path: Path, data: bytes, private: bool = False) -> None:
    """Give the file this content in one step, on the disk when it returns. Raises OSError; the file is then as it was.

    private: a new file is for this user only."""
    path = Path(os.path.realpath(path))  # a link stays one
    fresh = path.with_name(f".liveavatar-{secrets.token_hex(8)}")
    rights = 0o600 if private else 0o666
    try:
        with open(fresh, "xb", opener=lambda name, flags: os.open(name, flags, rights)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        replace_whole(fresh, path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def replace_whole(fresh: Path, path: Path) -> None:
    """Give a complete file another's name in one step, with the owner and the permissions of the one that goes.

    What is in `fresh` must be on the disk already (fsync): a crash could keep the new name and lose the content.
    Raises OSError; both are then as they were."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            known = path.stat()
            os.chmod(fresh, stat.S_IMODE(known.st_mode))
            os.chown(fresh, known.st_uid, known.st_gid)
    os.replace(fresh, path)
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # some file systems have no fsync for folders
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def same_file(one: Path, other: Path) -> bool:
    """Whether both names mean one file that exists: by links, other spellings of the path, another case."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def keep_whole(path: Path, data: bytes, tell: Callable[[str], None]) -> Path:
    """Keep what can be had again, the folder made where it is missing. Returns where it is: where it cannot be kept, in a
    folder that goes with the program, and the user is told. Raises OSError where there is no place at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        return path
    except OSError as error:
        tell(
            tr(
                f"{path.name} cannot be kept in {path.parent} ({error.strerror}): it is for this run only.",
                f"{path.name} 无法保存到 {path.parent}（{error.strerror}）：仅供本次运行使用。",
            )
        )
    folder = tempfile.mkdtemp(prefix="liveavatar-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder, path.name)
    path.write_bytes(data)
    return path


def append_whole(path: Path, data: bytes) -> None:
    """Append to a file. Raises OSError; the file is then as long as before."""
    size = path.stat().st_size if path.exists() else 0
    try:
        with path.open("ab") as file:
            file.write(data)
    except OSError:
        if path.exists():
            os.truncate(path, size)
        raise
