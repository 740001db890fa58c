"""Pairs (condition, picture) rendered from a rig by several processes, on disk, resumable.

A data set is a folder of .npy arrays that are written in place, one row a frame; `done` says which rows are there:
  conditions (N, C) float32 | frames (N, S, S, 4) uint8 premultiplied RGBA | boxes (N, K, 4) float32
  extents (N, L, 4) int32, where each layer has anything
The rig's own source is part of the folder's name, so a changed rig is drawn anew.
"""

import hashlib
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import platformdirs

from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs import Rig, open_rig
from liveavatar.training.arrays import open_arrays, reopen_arrays
from liveavatar.training.workers import Job, done_by_processes

MOTION_POINTS = 700
BOXES = ("head", "face", "eyes", "eye_left", "eye_right", "mouth")
ARRAYS = ("frames", "boxes", "extents", "done")

Told = Callable[[int, int], None]
"""Told how many are done, of how many."""


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


def rendered_folder(rig_name: str, what: str, contents: bytes) -> Path:
    """Where what a rig draws is kept, for each of its versions and of the contents asked for."""
    key = hashlib.sha256(contents).hexdigest()[:8]
    return cache_folder() / "datasets" / f"{rig_name.replace(':', '-')}-{rig_hash(rig_name)}-{what}-{key}"


def open_dataset(rig_name: str, conditions: np.ndarray, size: int) -> Dataset:
    """Create or reopen the set for these conditions. Nothing is rendered yet. Raises TrainingError on a full disk."""
    folder = rendered_folder(rig_name, str(size), conditions.tobytes())
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


def render_missing(
    data: Dataset, rig_name: str, workers: int, progress: Told = lambda done, total: None
) -> None:
    """Draw every row that is not there yet, with `workers` processes. Safe to interrupt: finished rows stay."""
    draw_missing(FrameJob(rig_name, data.folder, data.conditions), data.done, workers, progress)


def draw_missing(job: Job, done: np.ndarray, workers: int, progress: Told) -> None:
    """Have the job done for the number of every row that is not done yet."""
    todo = [int(row) for row in np.flatnonzero(done == 0)]
    before = len(done) - len(todo)
    progress(before, len(done))
    if todo:
        for count, _ in enumerate(done_by_processes(job, todo, workers), before + 1):
            progress(count, len(done))


@dataclass
class FrameJob:
    """Draws rows of a data set."""

    rig_name: str
    folder: Path
    conditions: np.ndarray
    rig: Rig = field(init=False)
    data: Dataset = field(init=False)

    def open(self) -> None:
        """Load the rig, and the arrays to be written."""
        self.rig = open_rig(self.rig_name)
        self.data = Dataset(self.folder, self.conditions, **reopen_arrays(self.folder, ARRAYS))

    def do(self, row: int) -> None:
        """Draw one frame, with its boxes and its layers' extents."""
        data, controls = self.data, self.conditions[row]
        size = data.frames.shape[1]
        layers = self.rig.render_layers(controls, size)
        frame = np.zeros((size, size, 4), np.float32)
        for layer in layers:
            frame = layer + frame * (1 - layer[..., 3:].astype(np.float32) / 255)
        data.frames[row] = np.round(frame).astype(np.uint8)
        data.extents[row] = [extent_of(layer[..., 3] > 4) for layer in layers]
        boxes = self.rig.boxes(controls, size)
        data.boxes[row] = [boxes[name] for name in BOXES]
        data.done[row] = 1


def extent_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 round the set pixels; (S, S, 0, 0) if there are none."""
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(ys):
        return mask.shape[1], mask.shape[0], 0, 0
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1


def thinned(points: list[np.ndarray]) -> list[np.ndarray]:
    """A rig's points of each layer, thinned out to at most MOTION_POINTS."""
    return [p[:: -(-len(p) // MOTION_POINTS)] for p in points]


def motion_counts(rig: Rig, size: int) -> tuple[int, ...]:
    """How many points of each layer a data set holds."""
    return tuple(len(p) for p in thinned(rig.sheet_points(size)))


@dataclass
class MotionJob:
    """Moves a rig's thinned points."""

    rig_name: str
    size: int
    rig: Rig = field(init=False)

    def open(self) -> None:
        """Load the rig."""
        self.rig = open_rig(self.rig_name)

    def do(self, conditions: np.ndarray) -> np.ndarray:
        """Conditions (n, len(CONTROLS)) -> (n, P, 2)."""
        return np.stack([np.concatenate(thinned(self.rig.motion(c, self.size))) for c in conditions])


def draw_motion(
    rig_name: str,
    conditions: np.ndarray,
    size: int,
    workers: int,
    progress: Told = lambda done, total: None,
) -> np.ndarray:
    """Where the rig's thinned points go, for conditions (N, len(CONTROLS)): (N, P, 2) float32 in pixels. 10 ms a row."""
    batches = np.array_split(conditions, max(1, len(conditions) // 50))
    moved, count = [], 0
    for batch in done_by_processes(MotionJob(rig_name, size), batches, workers):
        moved.append(batch)
        count += len(batch)
        progress(count, len(conditions))
    return np.concatenate(moved)
