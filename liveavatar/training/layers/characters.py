"""The data set: characters of the population, each with all its layers as they are below one another, on disk, resumable."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.controls import HEAD, INDEX
from liveavatar.fitting.sampling import sample
from liveavatar.fitting.workers import Told, draw_missing
from liveavatar.media.blend import stack
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.human import HumanScene
from liveavatar.rigs.population import character
from liveavatar.training.arrays import open_arrays, reopen_arrays

SIZE = 256
PARTS = ("back", "body", "face", "front", "ink")
"""What is kept of a character, back to front: hair behind; neck and clothes; the whole face with ears, eyes and mouth; hair and
what is worn before it; lashes and brows, which are seen through the hair."""
TURNED = 0.8
"""Of the full range of yaw, pitch and roll, at most."""


@dataclass
class CharacterJob:
    """Draws characters into the arrays of a folder, one by its row."""

    folder: Path
    seed: int
    arrays: dict[str, np.ndarray] = field(init=False)

    def open(self) -> None:
        """Open the arrays."""
        self.arrays = reopen_arrays(self.folder, ("parts", "done"))

    def do(self, row: int) -> None:
        """Draw a row. Robots, which have no hair, are left out: such a row stays empty, its `done` is 2."""
        parts = draw_parts(self.seed + row)
        if parts is not None:
            self.arrays["parts"][row] = parts
        self.arrays["done"][row] = 1 if parts is not None else 2


def characters(folder: Path, count: int, seed: int, workers: int, progress: Told) -> np.ndarray:
    """Parts (n, len(PARTS), SIZE, SIZE, 4) uint8 premultiplied RGBA of at most `count` characters, drawn where they are not there
    yet. Raises TrainingError."""
    shape = (count, len(PARTS), SIZE, SIZE, 4)
    arrays = open_arrays(folder, {"parts": (shape, np.uint8), "done": ((count,), np.uint8)})
    draw_missing(CharacterJob(folder, seed), arrays["done"], workers, progress)
    return arrays["parts"]


def draw_parts(seed: int) -> np.ndarray | None:
    """Parts (len(PARTS), SIZE, SIZE, 4) uint8 of the character of a seed, in an expression and pose of its own; None for a
    robot."""
    record = character(seed)
    if record.head == "robot":
        return None
    rng = np.random.default_rng((seed, 5))
    controls = sample(2, seed)[1] * np.float32(rng.choice([0.0, 0.5, 1.0]))
    for name in HEAD:
        controls[INDEX[name]] = np.clip(rng.normal(0, 0.35), -1, 1) * TURNED * 0.5
    rig = _Bare(record)
    at = {name: k for k, name in enumerate(rig.LAYERS)}
    whole = rig.render_layers(controls, SIZE)
    rig.bare = True
    body = rig.render_layers(controls, SIZE, {"body"})[at["body"]]
    # What the body loses without ears is ears and what hangs on them: part of the head.
    ears = whole[at["body"]].copy()
    ears[np.abs(ears.astype(int) - body).max(-1) <= 6] = 0

    def over(*names: str) -> np.ndarray:
        return stack([(0, 0, whole[at[name]]) for name in names if name in at], (SIZE, SIZE))

    head = stack([(0, 0, ears), (0, 0, over("eyes", "face", "mouth"))], (SIZE, SIZE))
    return np.stack([whole[at["back"]], body, head, over("front", "over"), over("lashes", "brows")])


class _Bare(DrawnRig):
    """A rig whose body can be drawn without ears."""

    bare = False

    def pose(self, controls: np.ndarray) -> Any:
        scene = super().pose(controls)
        if self.bare and isinstance(scene, HumanScene):
            scene.ears = {}
            scene.figure.jewels.draw = _skip_sides(scene.figure.jewels.draw)  # type: ignore[method-assign]
        return scene


def _skip_sides(draw: Any) -> Any:
    return lambda canvas, at, place: None if place == "side" else draw(canvas, at, place)
