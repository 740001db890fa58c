"""The clip that ships with liveavatar, as the real tracker sees it, and what is true in it."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.trackers import open_tracker
from liveavatar.types import Face

TRUTH = SYNTHETIC.with_suffix(".json")


@lru_cache(maxsize=1)
def driver_faces(model: Path) -> tuple[Face | None, ...]:
    """One tracked face (or none) per frame of the clip."""
    tracker = open_tracker("mediapipe", model)
    try:
        return tuple(tracker.track(frame) for frame in open_camera(str(SYNTHETIC), paced=False))
    finally:
        tracker.close()


@dataclass(frozen=True)
class Truth:
    """What the rendered person does."""

    fps: float
    names: tuple[str, ...]
    values: np.ndarray
    """(frames, controls)."""
    still: tuple[tuple[int, int], ...]
    """Ranges of frames in which nothing moves: first, one past the last."""

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[:, self.names.index(name)]


def truth() -> Truth:
    data = json.loads(TRUTH.read_text(encoding="utf-8"))
    return Truth(
        data["fps"],
        tuple(data["controls"]),
        np.array(data["values"], np.float64),
        tuple((int(a), int(b)) for a, b in data["still"]),
    )
