"""Writing files so that a full disk or a crash leaves the older one, never half of a new one."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Give the file this content in one step. Raises OSError; the file is then as it was."""
    fresh = path.with_name(f".{path.stem[:40]}.{os.getpid()}{path.suffix}")
    try:
        fresh.write_bytes(data)
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


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
