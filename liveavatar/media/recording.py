"""A file that grows for minutes or hours, beside the one it becomes, under a name that says so.

Whatever ends the program, what was written stays there: NAME.recording.mp4. The name is given at the end in one step, so an
older file is replaced by a whole one only. The next start finds what was interrupted: no process holds its lock.
"""

import contextlib
import errno
import hashlib
import os
import sys
import threading
from pathlib import Path

from liveavatar.base.files import replace_whole, user_folder, write_whole
from liveavatar.errors import OutputError
from liveavatar.language import tr

MARK = ".recording"
SUFFIXES = (".mp4", ".webm")
SYNC_S = 1.0
"""Seconds between two fsync: what a power cut may take."""
LONGEST = 140
"""Bytes of a name; of longer ones the stem is cut. Most file systems take 255, encrypting ones less."""
NOTHING = 1024
"""Bytes; what is smaller holds the head of a file and no picture."""


class Recording:
    """The file as PyAV wants it: write, seek, tell. After a failed write nothing is written any more, so that the end of the
    file, which could not be completed, does not spoil its beginning."""

    def __init__(self, target: Path) -> None:
        """target: the file it becomes; a link is followed. Raises OSError when there cannot be a file beside it."""
        self.target = Path(os.path.realpath(target))
        self.path, handle = _created(self.target)
        self._file = os.fdopen(handle, "w+b", buffering=0)
        self._ended = threading.Event()
        self.failure: OSError | None = None
        self._whole = 0
        _lock(handle)
        _write_note(_note(self.path), self.path)
        self._syncing = threading.Thread(target=self._sync, name="fsync", daemon=True)
        self._syncing.start()

    def write(self, data: bytes) -> int:
        """All of the bytes, where the position is. Raises the OSError of the first write that failed."""
        if self.failure is not None:
            raise self.failure
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.failure = error
            raise
        return len(data)

    def seek(self, position: int, whence: int = 0) -> int:
        """As of any file."""
        return self._file.seek(position, whence)

    def tell(self) -> int:
        """As of any file."""
        return self._file.tell()

    def mark(self) -> None:
        """What was written so far is whole: where a write fails later, the file is cut here."""
        self._whole = self._file.tell()

    def finish(self) -> None:
        """Give the file its name. Raises OSError; it then keeps the one it has."""
        try:
            self._end()
            replace_whole(self.path, self.target)
        except OSError:
            _mark_told(self.path)
            raise
        with contextlib.suppress(OSError):
            _note(self.path).unlink(missing_ok=True)

    def keep(self) -> Path:
        """Leave the file under the name it has; whoever calls tells the user."""
        if self.failure is not None:
            with contextlib.suppress(OSError):
                self._file.truncate(self._whole)
        with contextlib.suppress(OSError):
            self._end()
        _mark_told(self.path)
        return self.path

    def discard(self) -> None:
        """Leave no file."""
        with contextlib.suppress(OSError):
            self._end()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            _note(self.path).unlink(missing_ok=True)

    def _end(self) -> None:
        self._ended.set()
        self._syncing.join()
        try:
            if self.failure is None:
                os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def _sync(self) -> None:
        while not self._ended.wait(SYNC_S):
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOSYS):  # has none
                    self.failure = error
                return


def require_writable(path: Path, size: tuple[int, int] | None = None, alpha: bool = False) -> None:
    """Raise OutputError where a video file of that name and size, if it is known, cannot be; writes nothing."""
    reason = _misnamed(path, alpha) or _odd(size) or _obstacle(path)
    if reason:
        raise OutputError(tr(f"cannot write {path}: {reason}", f"无法写入 {path}：{reason}"))


def _misnamed(path: Path, alpha: bool) -> str:
    """Why no video, or none with alpha, has this name; "" for one that may."""
    suffixes = [".webm"] if alpha else SUFFIXES
    if path.suffix.lower() in suffixes:
        return ""
    wanted = tr(" or ", " 或 ").join(suffixes)
    return tr(f"the file name must end in {wanted}.", f"文件名须以 {wanted} 结尾。")


def _odd(size: tuple[int, int] | None) -> str:
    """Why no video has this size."""
    if size is None or not (size[0] % 2 or size[1] % 2):
        return ""
    return tr(
        f"width and height must be even, got {size[0]}x{size[1]}.",
        f"宽和高须为偶数，实际为 {size[0]}x{size[1]}。",
    )


def _obstacle(path: Path) -> str:
    """What stands in the way of a file there."""
    if (error := _unreachable(path)) is not None:
        return tr(f"{error.strerror}; choose another name.", f"{error.strerror}；请换一个名称。")
    if path.is_dir():
        return tr("it is a folder; name a file.", "它是文件夹；请给出文件名。")
    if path.exists() and not path.is_file():
        return tr("it is no plain file; choose another name.", "它不是普通文件；请换一个名称。")
    if path.exists() and not os.access(path, os.W_OK):
        return tr("the file there is write-protected; choose another name.", "该文件受写保护；请换一个名称。")
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        return tr(f"there is no folder {folder}; make it first.", f"文件夹 {folder} 不存在；请先创建。")
    if not os.access(folder, os.W_OK):
        return tr(
            f"you may not write in {folder}; choose another folder.",
            f"没有 {folder} 的写入权限；请换一个文件夹。",
        )
    return ""


def _unreachable(path: Path) -> OSError | None:
    """Why no file can have this name, other than that there is none."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return error
    return None


def interrupted(folder: Path | None) -> list[Path]:
    """Recordings that no process finished, told once each: those in the folder, and those this user began anywhere."""
    found = {path for path in _noted() if path.exists()}
    if folder is not None:
        with contextlib.suppress(OSError):
            found |= {
                Path(os.path.realpath(path))
                for path in folder.iterdir()
                if MARK in path.stem and _is_unfinished(path)
            }
    lost = []
    for path in sorted(found):
        if _told(path).exists() or _is_held(path):
            continue
        with contextlib.suppress(OSError):
            if path.stat().st_size >= NOTHING:
                lost.append(path)
        _mark_told(path)
    return lost


def _created(target: Path) -> tuple[Path, int]:
    """A new file beside the target, and its descriptor."""
    stem, suffix = target.stem, target.suffix
    while len(os.fsencode(f"{stem}{MARK}-99{suffix}")) > LONGEST:
        stem = stem[:-1]
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    for count in range(1, 100):
        number = f"-{count}" if count > 1 else ""
        path = target.with_name(f"{stem}{MARK}{number}{suffix}")
        with contextlib.suppress(FileExistsError):
            return path, os.open(path, flags, 0o666)
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _notes() -> Path:
    return user_folder("state") / "recordings"


def _note(path: Path) -> Path:
    """Where stands that a recording began: made by _mark_told into where stands that the user knows."""
    return _notes() / hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


def _told(path: Path) -> Path:
    return _note(path).with_suffix(".told")


def _mark_told(path: Path) -> None:
    _write_note(_told(path), path)
    with contextlib.suppress(OSError):
        _note(path).unlink(missing_ok=True)


def _write_note(note: Path, path: Path) -> None:
    with contextlib.suppress(OSError):  # a home that cannot be written
        note.parent.mkdir(parents=True, exist_ok=True)
        write_whole(note, os.fsencode(path))


def _noted() -> set[Path]:
    """What the notes name; notes of what is gone go too, but for folders that are away, as on a stick."""
    found = set()
    with contextlib.suppress(OSError):
        for note in _notes().iterdir():
            with contextlib.suppress(OSError, ValueError):
                path = Path(os.fsdecode(note.read_bytes()))
                if path.parent.exists() and not path.exists():
                    note.unlink()
                found.add(path)
    return found


def _is_unfinished(path: Path) -> bool:
    """Whether a video file lacks what is written at its end: its index (.mp4) or its length (.webm)."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        head = file.read(128)
        index = head[4:8] == b"ftyp" and b"moov" in head and b"mdat" not in head
        return index or b"\x18\x53\x80\x67\x01" + 7 * b"\xff" in head
    return False


def _lock(handle: int) -> None:
    """Hold a lock while the file is open. Windows needs none: there an open file cannot be renamed."""
    if sys.platform == "win32":
        return
    import fcntl

    with contextlib.suppress(OSError):  # some network file systems have none
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_held(path: Path) -> bool:
    """Whether a process still writes the recording, or that cannot be known."""
    try:
        if sys.platform == "win32":
            os.rename(path, path)
        else:
            import fcntl

            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
