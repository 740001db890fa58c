"""The data set: eyes of many characters of the population, taken apart at rest."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveavatar.rigs.picture.eyeframe import EyeShape
from liveavatar.rigs.population.character import character
from liveavatar.training.eyes.parts import PARTS, PartsRig, eyes_of

FIRST = 100_000
"""Seeds from here on are trained with, lower ones never."""
LAYERS = ("behind", *PARTS, "front", "lashes", "brows")
SIZE, MARGIN = 160, 30.0
"""Pixels of a crop's side, and the units by which it is wider than a frame on each side: 128 pixels show a frame."""
_CURVES = (33, 33, 1, 1, 25)
"""Points of EyeShape's fields."""


@dataclass(frozen=True)
class Eyes:
    """A row for each eye."""

    parts: np.ndarray
    """(n, len(LAYERS), SIZE, SIZE, 4) uint8 premultiplied."""
    shapes: np.ndarray
    """(n, k) float32: EyeShape in the crop's pixels, see packed()."""


def packed(shape: EyeShape) -> np.ndarray:
    """An EyeShape of the population as one row (k,)."""
    fields = (shape.upper, shape.lower, shape.iris, shape.radii, shape.brow)
    return np.concatenate([np.ravel(field) for field in fields]).astype(np.float32)


def unpacked(row: np.ndarray) -> EyeShape:
    """What packed() made a row of."""
    ends = np.cumsum([2 * n for n in _CURVES])
    upper, lower, iris, radii, brow = np.split(row.astype(np.float64), ends)[:5]
    return EyeShape(upper.reshape(-1, 2), lower.reshape(-1, 2), iris, radii, brow.reshape(-1, 2))


def draw(count: int, folder: Path, tell: Callable[[int, int], None], first: int = FIRST) -> Eyes:
    """Eyes of `count` characters, two each; kept in files, drawn once. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}-{first}-{count}.npy" for name in ("parts", "shapes")]
    if not all(file.is_file() for file in files):
        fresh = [file.with_suffix(".new.npy") for file in files]
        sizes = (len(LAYERS), SIZE, SIZE, 4), (2 * sum(_CURVES),)
        parts, shapes = (
            np.lib.format.open_memmap(file, mode="w+", dtype=kind, shape=(2 * count, *size))
            for file, kind, size in zip(fresh, (np.uint8, np.float32), sizes, strict=True)
        )
        row, seed = 0, first
        while row < 2 * count:
            record = character(seed)
            seed += 1
            if record.head == "robot":
                continue
            for eye in eyes_of(PartsRig(record), MARGIN, SIZE)[: 2 * count - row]:
                for k, name in enumerate(LAYERS):
                    parts[row, k] = eye.parts[name]
                shapes[row] = packed(eye.shape)
                row += 1
            tell(row // 2, count)
        del parts, shapes
        for new, file in zip(fresh, files, strict=True):
            os.replace(new, file)
    return Eyes(*(np.load(file, mmap_mode="r") for file in files))
