"""Stills: the patches of a head that holds still, straight from the rig. What the colour branches are taught first."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

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
    folder = rendered_folder(rig_name, f"{size}-stills", still.tobytes() + repr(boxes).encode())
    wanted: dict[str, Form] = {n: ((len(still), h, w, 4), np.uint8) for n, _, (_, _, w, h) in boxes}
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
    boxes: PatchBoxes
    rig: Rig = field(init=False)
    arrays: dict[str, np.ndarray] = field(init=False)

    def open(self) -> None:
        """Load the rig, and the arrays to be written."""
        self.rig = open_rig(self.rig_name)
        self.arrays = reopen_arrays(self.folder, (*(name for name, _, _ in self.boxes), "done"))

    def do(self, row: int) -> None:
        """Draw one condition's patches."""
        layers = self.rig.render_layers(
            self.conditions[row], self.size, {layer for _, layer, _ in self.boxes}
        )
        for name, layer, (x, y, w, h) in self.boxes:
            self.arrays[name][row] = layers[self.rig.LAYERS.index(layer)][y : y + h, x : x + w]
        self.arrays["done"][row] = 1


def render_stills(
    stills: Stills, rig_name: str, size: int, boxes: PatchBoxes, workers: int, progress: Told
) -> None:
    """Draw every still that is not there yet. Safe to interrupt: finished rows stay."""
    job = StillJob(rig_name, stills.folder, stills.conditions, size, boxes)
    draw_missing(job, stills.done, workers, progress)
