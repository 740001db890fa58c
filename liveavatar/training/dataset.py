"""Pairs (condition, picture) rendered from a rig by several processes, on disk, resumable.

A data set is a folder of .npy arrays that are written in place, one row a frame; `done` says which rows are there:
  conditions (N, C) float32 | frames (N, S, S, 4) uint8 premultiplied RGBA | boxes (N, K, 4) float32
  extents (N, L, 4) int32, where each layer has anything
The rig's own source is part of the folder's name, so a changed rig is drawn anew.
"""

import hashlib
import inspect
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import platformdirs

from liveavatar.errors import TrainingError
from liveavatar.fitting.layout import extent_of
from liveavatar.fitting.workers import Told, draw_missing
from liveavatar.language import tr
from liveavatar.rigs import Rig, open_rig
from liveavatar.training.arrays import open_arrays, reopen_arrays

BOXES = ("head", "face", "eyes", "eye_left", "eye_right", "mouth")
ARRAYS = ("frames", "boxes", "extents", "done")


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
    kinds = [
        kind for kind in type(open_rig(rig_name)).__mro__ if kind.__module__ not in ("builtins", "typing")
    ]
    digest = hashlib.sha256(rig_name.encode())
    for folder in dict.fromkeys(Path(inspect.getfile(kind)).parent for kind in kinds):
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
