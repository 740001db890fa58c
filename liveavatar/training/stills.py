"""Stills: what the patches must paint for a head that holds still, straight from the rig, unwarped into the textures.

Kept in a run's folder, since they go with its motion: patch name -> (N, h, w, 4) uint8 premultiplied RGBA, in pixels of the
texture.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from liveavatar.controls import HEAD, INDEX, SECONDARY
from liveavatar.rigs import Rig, open_rig
from liveavatar.training.arrays import Form, open_arrays, reopen_arrays
from liveavatar.training.dataset import Told, draw_missing
from liveavatar.training.layout import Layout
from liveavatar.training.unwarp import unwarp


def still(conditions: np.ndarray) -> np.ndarray:
    """The same conditions with the head at rest: (N, len(CONTROLS)) float32."""
    result = conditions.copy()
    result[:, [INDEX[n] for n in (*HEAD, *SECONDARY)]] = 0
    return result


@dataclass
class StillJob:
    """Draws rows of the stills."""

    rig_name: str
    folder: Path
    conditions: np.ndarray
    layout: Layout
    modes: np.ndarray
    """(L, M, 2, g, g) float32 pixels: of each layer's motion."""
    amounts: np.ndarray
    """(N, L, M) float32: how much of each, for every row."""
    rig: Rig = field(init=False)
    arrays: dict[str, np.ndarray] = field(init=False)

    def open(self) -> None:
        """Load the rig, and the arrays to be written."""
        self.rig = open_rig(self.rig_name)
        self.arrays = reopen_arrays(self.folder, (*(p.name for p in self.layout.patches), "done"))

    def do(self, row: int) -> None:
        """Draw one condition's patches."""
        layout, names = self.layout, self.layout.layers
        wanted = {patch.layer for patch in layout.patches}
        drawn = self.rig.render_layers(self.conditions[row], layout.size * layout.detail, wanted)
        motion = {
            n: np.tensordot(self.amounts[row, k], self.modes[k], 1)
            for k, n in enumerate(names)
            if n in wanted
        }
        for patch in layout.patches:
            k = layout.layer(patch.layer)
            self.arrays[patch.name][row] = unwarp(
                drawn[k], motion[patch.layer], patch.box, layout.spans[k], layout.detail
            )
        self.arrays["done"][row] = 1


def draw_stills(
    folder: Path,
    rig_name: str,
    conditions: np.ndarray,
    layout: Layout,
    modes: np.ndarray,
    amounts: np.ndarray,
    workers: int,
    progress: Told,
) -> dict[str, np.ndarray]:
    """The stills of these conditions (N, len(CONTROLS)), drawn where they are not there yet. Safe to interrupt: finished rows
    stay. Raises TrainingError on a full disk."""
    count = len(conditions)
    wanted: dict[str, Form] = {p.name: ((count, *layout.texels(p), 4), np.uint8) for p in layout.patches}
    arrays = open_arrays(folder, {**wanted, "done": ((count,), np.uint8)})
    done = arrays.pop("done")
    job = StillJob(rig_name, folder, still(conditions), layout, modes, amounts)
    draw_missing(job, done, workers, progress)
    return arrays
