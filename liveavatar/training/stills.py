"""Stills: the patches of a head that holds still, straight from the rig. What the colour branches are taught first."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from liveavatar.avatar.card import Patch
from liveavatar.base.box import Box
from liveavatar.controls import HEAD, INDEX, SECONDARY
from liveavatar.rigs import Rig, open_rig
from liveavatar.training.arrays import Form, open_arrays, reopen_arrays
from liveavatar.training.dataset import Told, draw_missing, rendered_folder


@dataclass
class Stills:
    """Memory-mapped arrays of one rendered set."""

    folder: Path
    conditions: np.ndarray
    """(N, C) float32, head and secondary controls zero."""
    patches: dict[str, np.ndarray]
    """Patch name -> (N, h, w, 4) uint8 premultiplied RGBA of its layer in its box."""
    done: np.ndarray


MARGIN = 24
"""Pixels of the picture by which stills are larger than patches: what moves on the face may come from there."""


def with_margin(box: Box, size: int) -> Box:
    """What stills show for a patch, of a canvas with so many pixels each way."""
    left, top = max(box.x - MARGIN, 0), max(box.y - MARGIN, 0)
    return Box.between(left, top, min(box.right + MARGIN, size), min(box.bottom + MARGIN, size))


def open_stills(rig_name: str, conditions: np.ndarray, size: int, parts: tuple[Patch, ...]) -> Stills:
    """Create or reopen the stills for these conditions. Nothing is rendered yet. Raises TrainingError on a full disk."""
    still = conditions.copy()
    still[:, [INDEX[n] for n in (*HEAD, *SECONDARY)]] = 0
    boxes = tuple((part.name, part.layer, tuple(part.box)) for part in parts)
    folder = rendered_folder(rig_name, f"{size}-stills", still.tobytes() + repr(boxes).encode())
    wanted: dict[str, Form] = {p.name: ((len(still), p.box.h, p.box.w, 4), np.uint8) for p in parts}
    arrays = open_arrays(folder, {**wanted, "done": ((len(still),), np.uint8)})
    done = arrays.pop("done")
    return Stills(folder, still, arrays, done)


@dataclass
class StillJob:
    """Draws rows of the stills."""

    rig_name: str
    folder: Path
    conditions: np.ndarray
    size: int
    parts: tuple[Patch, ...]
    rig: Rig = field(init=False)
    arrays: dict[str, np.ndarray] = field(init=False)

    def open(self) -> None:
        """Load the rig, and the arrays to be written."""
        self.rig = open_rig(self.rig_name)
        self.arrays = reopen_arrays(self.folder, (*(part.name for part in self.parts), "done"))

    def do(self, row: int) -> None:
        """Draw one condition's patches."""
        layers = self.rig.render_layers(self.conditions[row], self.size, {part.layer for part in self.parts})
        for part in self.parts:
            self.arrays[part.name][row] = layers[self.rig.LAYERS.index(part.layer)][part.box.slices]
        self.arrays["done"][row] = 1


def render_stills(
    stills: Stills, rig_name: str, size: int, parts: tuple[Patch, ...], workers: int, progress: Told
) -> None:
    """Draw every still that is not there yet. Safe to interrupt: finished rows stay."""
    job = StillJob(rig_name, stills.folder, stills.conditions, size, parts)
    draw_missing(job, stills.done, workers, progress)
