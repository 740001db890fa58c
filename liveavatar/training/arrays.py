"""Arrays in a folder, .npy files that are written in place: what is drawn once and read at every step."""

import os
import shutil
import sys
from pathlib import Path

import numpy as np

from liveavatar.errors import TrainingError
from liveavatar.language import tr

Form = tuple[tuple[int, ...], type]
"""Shape and dtype."""


def open_arrays(folder: Path, wanted: dict[str, Form]) -> dict[str, np.ndarray]:
    """Open or create the arrays of a folder, "done" last. Raises TrainingError on a full disk; what is new is then gone again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return {name: _array(folder / f"{name}.npy", *form) for name, form in wanted.items()}
    except OSError as error:
        if not (folder / "done.npy").exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise TrainingError(
            tr(
                f"the data set cannot be written to {folder}: {error.strerror}. Free some space, or train with fewer "
                "--frames.",
                f"无法把数据集写入 {folder}：{error.strerror}。请释放磁盘空间，或减少 --frames。",
            )
        ) from error


def reopen_arrays(folder: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Those that are there, to be written by another process: rows of it become rows of all."""
    return {name: np.load(folder / f"{name}.npy", mmap_mode="r+") for name in names}


def _array(path: Path, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    if path.exists():
        return np.load(path, mmap_mode="r+")
    array = np.lib.format.open_memmap(path, "w+", dtype, shape)
    if sys.platform == "linux":
        # Take the room now: a disk that fills up under a memory map ends the process without a word.
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array
