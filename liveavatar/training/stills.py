"""Stills, kept in a run's folder, since they go with its motion: patch name -> (N, h, w, 4) uint8 premultiplied RGBA."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from liveavatar.fitting.layout import Layout
from liveavatar.fitting.stills import StillJob, still
from liveavatar.fitting.workers import Told, draw_missing
from liveavatar.training.arrays import Form, open_arrays, reopen_arrays


@dataclass
class KeptStillJob(StillJob):
    """Draws rows of the stills into a folder."""

    folder: Path
    arrays: dict[str, np.ndarray] = field(init=False)

    def open(self) -> None:
        """Load the rig, and the arrays to be written."""
        super().open()
        self.arrays = reopen_arrays(self.folder, (*(p.name for p in self.layout.patches), "done"))

    def do(self, row: int) -> None:  # type: ignore[override]
        """Draw one condition's patches."""
        for name, picture in super().do(row).items():
            self.arrays[name][row] = picture
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
    job = KeptStillJob(rig_name, still(conditions), layout, modes, amounts, folder)
    draw_missing(job, done, workers, progress)
    return arrays
