"""The loop: faces are made anew for every step. Resumable at any moment; the moving average is what ships."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from liveavatar.landmarks.frame import DETAIL_SIDE, POINTS_SIDE, Place
from liveavatar.landmarks.points import NAMES
from liveavatar.training import checkpoint, loop
from liveavatar.training.dataset import cache_folder
from liveavatar.training.landmarks import networks, sheets
from liveavatar.training.landmarks.compose import compose
from liveavatar.training.landmarks.faces import Faces, faces
from liveavatar.training.landmarks.samples import CELL, SCENE_SIDE, close_up, detail, elsewhere, scene
from liveavatar.training.precision import bfloat16_is_quick

RHYTHM = loop.Rhythm("landmarks", log=20, samples=200, save=90.0)
VIEWS = 3
"""Close-ups of each face that is made."""
NONE = 0.5
"""Squares without a face, beside each face that is made."""
RATE, STEADY, LEAST = 2e-3, 0.35, 0.02
"""Learning rate; the share of all steps that it stays; what share of it is left at the end."""
EMA = 0.995
WEIGHTS = {
    "points": 12.0, "likelihood": 0.15, "maps": 0.15, "hidden": 0.4, "middles": 0.5, "places": 1.0,
    "detail_points": 6.0, "detail_likelihood": 0.1, "detail_maps": 0.1,
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    steps: int = 2400
    characters: int = 1000
    batch: int = 8
    """Faces that are made for a step."""
    seed: int = 1
    run: Path | None = None

    def folder(self) -> Path:
        """Where checkpoints, logs and samples go."""
        return self.run or cache_folder() / "runs" / "landmarks"


class Batch(NamedTuple):
    """What one step learns from; see networks."""

    squares: Tensor
    points: Tensor
    """0 to 1 across the squares; NaN where there is no face."""
    hidden: Tensor
    near: Tensor
    near_points: Tensor
    near_hidden: Tensor
    scenes: Tensor
    heat: Tensor
    places: Tensor


class Trainer:
    """The networks and what they learn from."""

    def __init__(self, options: Options, workers: int, tell: Callable[[int, int], None]) -> None:
        self.options, self.folder = options, options.folder()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise checkpoint.unwritable(self.folder, error) from error
        self.faces: Faces = faces(options.characters, workers, tell)
        torch.manual_seed(options.seed)
        self.step = 0
        self.networks, self.averages = (
            networks.every().to(
                memory_format=torch.channels_last  # type: ignore[call-overload]
            )
            for _ in range(2)
        )
        self.averages.load_state_dict(self.networks.state_dict())
        self.averages.eval()
        self.optimizer = torch.optim.AdamW(self.networks.parameters(), lr=RATE, weight_decay=1e-3)
        self.path = self.folder / "checkpoint.safetensors"
        if self.path.is_file():
            self.step = checkpoint.load(self.path, self._modules(), {"adam": self.optimizer})

    def run(self, tell: Callable[[int, int], None]) -> None:
        """Train to the last step; on Ctrl-C save and re-raise. Raises TrainingError."""
        loop.run(self, self.options.steps, self.folder, RHYTHM, tell, draw=sheets.write_curve)

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self.path, self.step, self._modules(), {"adam": self.optimizer})

    def write_samples(self, path: Path) -> None:
        """Write a PNG of what it does by now."""
        sheets.write(self, path)

    def train_step(self) -> dict[str, float]:
        """One update; everything random follows from (seed, step). Returns the losses."""
        random = np.random.default_rng((self.options.seed, self.step))
        at = self.step / self.options.steps
        warm = min((self.step + 1) / 50, 1.0)
        rate = RATE * warm * (1 - (1 - LEAST) * max(at - STEADY, 0.0) / (1 - STEADY))
        self.optimizer.param_groups[0]["lr"] = rate
        self.networks.train()
        batch = self.batch(random)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_quick()):
            whole = self.networks["points"](batch.squares)
            near = self.networks["details"](batch.near)
            cells = self.networks["faces"](batch.scenes)
        details = networks.points_loss(near, batch.near_points, batch.near_hidden)
        losses = {
            **networks.points_loss(whole, batch.points, batch.hidden),
            **{f"detail_{name}": value for name, value in details.items() if name != "hidden"},
            **networks.faces_loss(cells, batch.heat, batch.places),
        }
        total = torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum()
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.networks.parameters(), 5.0)
        self.optimizer.step()
        keep = min(EMA, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for mean, value in zip(
                self.averages.state_dict().values(), self.networks.state_dict().values(), strict=True
            ):
                mean.lerp_(value, 1 - keep) if mean.is_floating_point() else mean.copy_(value)
        self.step += 1
        return {name: value.item() for name, value in losses.items()} | {"loss": total.item()}

    def batch(self, random: np.random.Generator) -> Batch:
        """What one step learns from."""
        rows = np.flatnonzero(self.faces.done)
        made = [compose(self.faces, rows, random) for _ in range(self.options.batch)]
        views = [close_up(face, random) for face in made for _ in range(VIEWS)]
        nowhere = np.full((len(NAMES), 2), np.nan, np.float32), np.zeros(len(NAMES), bool)
        views += [(elsewhere(face, random), *nowhere) for face in made[: max(1, round(NONE * len(made)))]]
        sides = [str(side) for side in random.choice(["right", "left"], len(made))]
        near = [
            detail(face, part, random)
            for face, side in zip(made, sides, strict=True)
            for part in (side, "mouth")
        ]
        count = [int(n) for n in random.choice([0, 1, 2, 3], len(made), p=[0.25, 0.4, 0.2, 0.15])]
        small = [scene([made[k] for k in random.integers(len(made), size=n)], random) for n in count]
        targets = [target(found) for _, found in small]
        return Batch(
            squares=tensor([view[0] for view in views]),
            points=_stacked([view[1] / POINTS_SIDE for view in views]),
            hidden=_stacked([view[2] for view in views]),
            near=tensor([view[0] for view in near]),
            near_points=_stacked([view[1] / DETAIL_SIDE for view in near]),
            near_hidden=_stacked([view[2] for view in near]),
            scenes=tensor([picture for picture, _ in small]),
            heat=_stacked([heat for heat, _ in targets]),
            places=_stacked([places for _, places in targets]),
        )

    def _modules(self) -> dict[str, nn.Module]:
        return {"networks": self.networks, "averages": self.averages}


def _stacked(arrays: list[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(arrays).astype(np.float32))


def tensor(pictures: list[np.ndarray]) -> Tensor:
    """(H, W, 3) uint8 each -> (B, 3, H, W) float32 in -1..1."""
    return (torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(
        memory_format=torch.channels_last
    )


def target(found: list[Place]) -> tuple[np.ndarray, np.ndarray]:
    """What FacesNet shall say of a small picture: heat (h, w) and places (6, h, w), float32; see networks.faces_loss."""
    side = SCENE_SIDE // CELL
    heat, places = np.zeros((side, side), np.float32), np.zeros((6, side, side), np.float32)
    steps = np.arange(side)
    for face in found:
        x, y = face.x / CELL, face.y / CELL
        column, row = (int(np.clip(v, 0, side - 1)) for v in (x, y))
        sigma = max(0.09 * face.size / CELL, 0.6)
        bump = np.exp(-((steps - column) ** 2 + (steps[:, None] - row) ** 2) / (2 * sigma**2))
        heat = np.maximum(heat, bump.astype(np.float32))
        places[:, row, column] = (
            1,
            x - column,
            y - row,
            np.log(face.size / 32),
            np.sin(face.roll),
            np.cos(face.roll),
        )
    return heat, places
