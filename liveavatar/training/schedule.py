"""What a training does when: the user's options, the stages and their learning rates."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from liveavatar.training.dataset import cache_folder

Stages = tuple[tuple[str, float, float, float, float, float], ...]
# (name, share of all steps, learning rate at start and end, of the textures, of the motion, which is in pixels)
STAGES: Stages = (
    ("patches", 0.50, 5.0e-4, 1.0e-4, 0.0, 0.0),
    ("refine", 0.30, 2.0e-4, 8.0e-5, 3e-4, 1e-4),
    ("gan", 0.20, 8.0e-5, 2.0e-5, 1e-4, 5e-5),
)


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    rig: str = "hoshi"
    frames: int = 1500
    steps: int = 800
    batch: int = 8
    size: int = 512
    seed: int = 1
    width: float = 1.0
    workers: int = 2
    run: Path | None = None
    stop_after: int | None = None
    """Stop (with a checkpoint) after this many steps of this call; for tests and rehearsals."""

    def folder(self) -> Path:
        """Where checkpoints, logs and sample grids go."""
        return self.run or cache_folder() / "runs" / self.rig.replace(":", "-")


class Stage(NamedTuple):
    """Where in the course a step is."""

    name: str
    progress: float
    """In the stage, [0, 1)."""
    rates: tuple[float, float, float]
    """Learning rates of network, textures and motion."""


def stage_at(step: int, steps: int, stages: Stages = STAGES) -> Stage:
    """The stage of a step, one of `steps`."""
    at, begin = step / steps, 0.0
    for name, share, first, last, textures, motion in stages:
        if at < begin + share or name == stages[-1][0]:
            t = min((at - begin) / share, 1.0)
            fall = 0.5 + 0.5 * math.cos(math.pi * t)
            scale = fall + (1 - fall) * last / first
            return Stage(name, t, (last + (first - last) * fall, textures * scale, motion * scale))
        begin += share
    raise AssertionError
