"""Pairs (condition, picture) rendered from a rig by several processes, on disk, resumable.

A data set is a folder of .npy arrays that are written in place, one row a frame; `done` says which rows are there:
  conditions (N, C) float32 | frames (N, S, S, 4) uint8 premultiplied RGBA | boxes (N, K, 4) float32
  extents (N, L, 4) int32, where each layer has anything
The rig's own source is part of the folder's name, so a changed rig is drawn anew.
"""

import hashlib
import inspect
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import platformdirs

from liveavatar.controls import HEAD, INDEX, SECONDARY
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs import Rig, open_rig

MOTION_POINTS = 700
BOXES = ("head", "face", "eyes", "eye_left", "eye_right", "mouth")


@dataclass
class Dataset:
    """Memory-mapped arrays of one rendered set; see the module's docstring."""

    folder: Path
    conditions: np.ndarray
    frames: np.ndarray
    boxes: np.ndarray
    extents: np.ndarray
    done: np.ndarray

    def __len__(self) -> int:
        return len(self.conditions)


def cache_folder() -> Path:
    """Where data sets and checkpoints live; may be deleted at any time."""
    return Path(platformdirs.user_cache_dir("liveavatar", appauthor=False))


def rig_hash(rig_name: str) -> str:
    """Twelve hex digits that change whenever the rig's source changes."""
    folder = Path(inspect.getfile(type(open_rig(rig_name)))).parent
    digest = hashlib.sha256(rig_name.encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def open_dataset(rig_name: str, conditions: np.ndarray, size: int) -> Dataset:
    """Create or reopen the set for these conditions. Nothing is rendered yet. Raises TrainingError on a full disk."""
    key = hashlib.sha256(np.ascontiguousarray(conditions).tobytes()).hexdigest()[:8]
    folder = (
        cache_folder()
        / "datasets"
        / f"{rig_name.replace(chr(58), chr(45))}-{rig_hash(rig_name)}-{size}-{key}"
    )
    folder.mkdir(parents=True, exist_ok=True)
    rig = open_rig(rig_name)
    count, layers = len(conditions), len(rig.LAYERS)
    need = count * size * size * 4
    stat = os.statvfs(folder) if hasattr(os, "statvfs") else None
    if stat and not (folder / "done.npy").exists() and stat.f_bavail * stat.f_frsize < need * 1.05:
        raise TrainingError(
            tr(
                f"the data set needs {need / 1e9:.1f} GB in {folder}, free are "
                f"{stat.f_bavail * stat.f_frsize / 1e9:.1f} GB. Free some space, or train with fewer --frames.",
                f"数据集需要 {need / 1e9:.1f} GB（{folder}），可用空间只有 "
                f"{stat.f_bavail * stat.f_frsize / 1e9:.1f} GB。请清理磁盘，或减少 --frames。",
            )
        )

    arrays = open_arrays(
        folder,
        {
            "frames": ((count, size, size, 4), np.uint8),
            "boxes": ((count, len(BOXES), 4), np.float32),
            "extents": ((count, layers, 4), np.int32),
            "done": ((count,), np.uint8),
        },
    )
    return Dataset(folder, conditions, **arrays)


def thinned(points: list[np.ndarray]) -> list[np.ndarray]:
    """A rig's points of each layer, thinned out to at most MOTION_POINTS."""
    return [p[:: -(-len(p) // MOTION_POINTS)] for p in points]


def motion_counts(rig: Rig, size: int) -> tuple[int, ...]:
    """How many points of each layer a data set holds."""
    return tuple(len(p) for p in thinned(rig.sheet_points(size)))


def draw_motion(
    rig_name: str,
    conditions: np.ndarray,
    size: int,
    workers: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Where the rig's thinned points go, for conditions (N, len(CONTROLS)): (N, P, 2) float32 in pixels. 10 ms a row."""
    parts = np.array_split(conditions, max(1, len(conditions) // 50))
    found, count = [], 0
    with ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), _start_motion, (rig_name, size)
    ) as pool:
        try:
            for part in pool.map(_move, parts):
                found.append(part)
                count += len(part)
                progress(count, len(conditions))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return np.concatenate(found)


def extent_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 round the set pixels; (S, S, 0, 0) if there are none."""
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(ys):
        return mask.shape[1], mask.shape[0], 0, 0
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1


# What a drawing process holds; set once when it starts.
_rig: Rig
_data: Dataset
_stills: "Stills"
_boxes: "PatchBoxes"
_size: int


def _start(rig_name: str, folder: str, conditions: np.ndarray, size: int) -> None:
    global _rig, _data
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    cv2.setNumThreads(1)
    _rig = open_rig(rig_name)
    names = ("frames", "boxes", "extents", "done")
    load = {n: np.load(Path(folder) / f"{n}.npy", mmap_mode="r+") for n in names}
    _data = Dataset(Path(folder), conditions, **load)


def _start_motion(rig_name: str, size: int) -> None:
    global _rig, _size
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _rig, _size = open_rig(rig_name), size


def _move(conditions: np.ndarray) -> np.ndarray:
    return np.stack([np.concatenate(thinned(_rig.motion(c, _size))) for c in conditions])


def _render(row: int) -> int:
    size = _data.frames.shape[1]
    layers = _rig.render_layers(_data.conditions[row], size)
    frame = np.zeros((size, size, 4), np.float32)
    for layer in layers:
        frame = layer + frame * (1 - layer[..., 3:].astype(np.float32) / 255)
    _data.frames[row] = np.round(frame).astype(np.uint8)
    _data.extents[row] = [extent_of(layer[..., 3] > 4) for layer in layers]
    boxes = _rig.boxes(_data.conditions[row], size)
    _data.boxes[row] = [boxes[name] for name in BOXES]
    _data.done[row] = 1
    return row


@dataclass
class Stills:
    """Patches of a head that holds still, straight from the rig: what the colour branches are taught first."""

    folder: Path
    conditions: np.ndarray
    """(N, C) float32, head and secondary controls zero."""
    patches: dict[str, np.ndarray]
    """Patch name -> (N, h, w, 4) uint8 premultiplied RGBA of its layer in its box."""
    done: np.ndarray


MARGIN = 24
"""Pixels of the picture by which stills are larger than patches: what moves on the face may come from there."""
PatchBoxes = tuple[tuple[str, str, tuple[int, int, int, int]], ...]
"""(name, layer, (x, y, w, h)) of each patch."""


def with_margin(boxes: PatchBoxes, size: int) -> PatchBoxes:
    """The boxes of stills for those of patches."""
    grown = []
    for name, layer, (x, y, w, h) in boxes:
        x0, y0 = max(x - MARGIN, 0), max(y - MARGIN, 0)
        x1, y1 = min(x + w + MARGIN, size), min(y + h + MARGIN, size)
        grown.append((name, layer, (x0, y0, x1 - x0, y1 - y0)))
    return tuple(grown)


def open_stills(rig_name: str, conditions: np.ndarray, size: int, boxes: PatchBoxes) -> Stills:
    """Create or reopen the stills for these conditions. Nothing is rendered yet. Raises TrainingError on a full disk."""
    still = conditions.copy()
    still[:, [INDEX[n] for n in (*HEAD, *SECONDARY)]] = 0
    key = hashlib.sha256(np.ascontiguousarray(still).tobytes() + repr(boxes).encode()).hexdigest()[:8]
    name = f"{rig_name.replace(':', '-')}-{rig_hash(rig_name)}-{size}-stills-{key}"
    folder = cache_folder() / "datasets" / name
    wanted: dict[str, Form] = {n: ((len(still), h, w, 4), np.uint8) for n, _, (_, _, w, h) in boxes}
    arrays = open_arrays(folder, {**wanted, "done": ((len(still),), np.uint8)})
    done = arrays.pop("done")
    return Stills(folder, still, arrays, done)


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


def _array(path: Path, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    if path.exists():
        return np.load(path, mmap_mode="r+")
    array = np.lib.format.open_memmap(path, "w+", dtype, shape)
    if sys.platform == "linux":
        # Take the room now: a disk that fills up under a memory map ends the process without a word.
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def _start_stills(rig_name: str, folder: str, conditions: np.ndarray, size: int, boxes: PatchBoxes) -> None:
    global _rig, _stills, _boxes, _size
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _rig, _boxes, _size = open_rig(rig_name), boxes, size
    load = {n: np.load(Path(folder) / f"{n}.npy", mmap_mode="r+") for n, _, _ in boxes}
    _stills = Stills(Path(folder), conditions, load, np.load(Path(folder) / "done.npy", mmap_mode="r+"))


def _render_still(row: int) -> int:
    layers = _rig.render_layers(_stills.conditions[row], _size, {layer for _, layer, _ in _boxes})
    for name, layer, (x, y, w, h) in _boxes:
        _stills.patches[name][row] = layers[_rig.LAYERS.index(layer)][y : y + h, x : x + w]
    _stills.done[row] = 1
    return row


def render_stills(
    stills: Stills,
    rig_name: str,
    size: int,
    boxes: PatchBoxes,
    workers: int,
    progress: Callable[[int, int], None],
) -> None:
    """Draw every still that is not there yet. Safe to interrupt: finished rows stay."""
    arguments = (rig_name, str(stills.folder), stills.conditions, size, boxes)
    _draw(_render_still, _start_stills, arguments, stills.done, workers, progress)


def _draw(
    task: Callable[[int], int],
    start: Callable[..., None],
    arguments: tuple[Any, ...],
    done: np.ndarray,
    workers: int,
    progress: Callable[[int, int], None],
) -> None:
    todo = [int(i) for i in np.flatnonzero(done == 0)]
    progress(len(done) - len(todo), len(done))
    if not todo:
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, start, arguments)
    try:
        for finished, _ in enumerate(pool.map(task, todo), len(done) - len(todo) + 1):
            progress(finished, len(done))
    except BrokenProcessPool as error:
        raise TrainingError(
            tr(
                "a drawing process ended without a word: memory or disk may be full. What is drawn is kept; try again, "
                "perhaps with fewer --workers.",
                "某个绘制进程意外退出：可能内存或磁盘已满。已绘制的部分会保留；请重试，也可减少 --workers。",
            )
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def render_missing(
    data: Dataset,
    rig_name: str,
    workers: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Draw every row that is not there yet, with `workers` processes. Safe to interrupt: finished rows stay."""
    arguments = (rig_name, str(data.folder), data.conditions, data.frames.shape[1])
    _draw(_render, _start, arguments, data.done, workers, progress)
