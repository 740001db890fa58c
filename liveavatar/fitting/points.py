"""Where a rig's points go, by which a motion is fitted. No picture is needed for it."""

from dataclasses import dataclass, field

import numpy as np

from liveavatar.fitting.workers import Told, done_by_processes
from liveavatar.rigs import Rig, open_rig

MOTION_POINTS = 700
"""Of a layer, at most."""


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
    """Where the rig's thinned points go, for conditions (N, len(CONTROLS)): (N, P, 2) float32 in pixels. 4 ms a row."""
    batches = np.array_split(conditions, max(1, len(conditions) // 50))
    moved, count = [], 0
    for batch in done_by_processes(MotionJob(rig_name, size), batches, workers):
        moved.append(batch)
        count += len(batch)
        progress(count, len(conditions))
    return np.concatenate(moved)
