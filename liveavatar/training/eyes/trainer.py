"""The loop: eyes put together of parts in, the parts out. Resumable at any moment; the moving average is what ships."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from liveavatar.base.files import write_whole
from liveavatar.media.png import encode_png
from liveavatar.rigs.picture.eyeguide import CROP, MAPS
from liveavatar.rigs.picture.eyeparts import MASKS
from liveavatar.training import checkpoint, loop
from liveavatar.training.dataset import cache_folder
from liveavatar.training.eyes.augment import Lesson, lesson
from liveavatar.training.eyes.networks import Apart, apart_loss
from liveavatar.training.eyes.population import Eyes, draw
from liveavatar.training.onnx_export import write_graph

RHYTHM = loop.Rhythm("eyes", log=20, samples=300, save=120.0)
RATE, LEAST, WARM_UP = 2e-3, 2e-5, 50
EMA = 0.995
HELD_OUT = 16
"""Eyes, the last, that are never learned from."""


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    steps: int = 1000
    characters: int = 500
    batch: int = 12
    seed: int = 1
    run: Path | None = None

    def folder(self) -> Path:
        """Where eyes, checkpoints, logs and samples go."""
        return self.run or cache_folder() / "eyes"


class Trainer:
    """The network that takes eyes apart, and what it learns from."""

    def __init__(self, options: Options, tell: Callable[[int, int], None]) -> None:
        self.options, self.folder, self.step = options, options.folder(), 0
        try:
            self.eyes: Eyes = draw(options.characters, self.folder, tell)
        except OSError as error:
            raise checkpoint.unwritable(self.folder, error) from error
        torch.manual_seed(options.seed)
        self.net = Apart()
        self.average = copy.deepcopy(self.net).eval()
        self.adam = torch.optim.AdamW(self.net.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=1e-3)
        self.path = self.folder / "apart.safetensors"
        if self.path.is_file():
            self.step = checkpoint.load(self.path, self._modules(), {"adam": self.adam})
        y, x = np.mgrid[0:CROP, 0:CROP].astype(np.float32)
        near = 0.25 + np.exp(-(((x - 62) / 40) ** 2) - ((y - 76) / 34) ** 2)
        self.near = torch.from_numpy(near)[None, None]

    def run(self, tell: Callable[[int, int], None]) -> None:
        """Train to the last step; on Ctrl-C save and re-raise. Raises TrainingError."""
        loop.run(self, self.options.steps, self.folder, RHYTHM, tell)

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self.path, self.step, self._modules(), {"adam": self.adam})

    def train_step(self) -> dict[str, float]:
        """One update; everything random follows from (seed, step). Returns the losses."""
        at = self.step / self.options.steps
        rate = RATE * min(1.0, (self.step + 1) / WARM_UP) * (0.515 + 0.485 * math.cos(math.pi * at))
        self.adam.param_groups[0]["lr"] = max(rate, LEAST)
        random = np.random.default_rng([self.options.seed, self.step])
        count = len(self.eyes.parts) - HELD_OUT
        given, masks, *colours = self._batch(random, 0, count, self.options.batch)
        self.net.train()
        answer = self.net.logits(given)
        loss = apart_loss(*answer, (masks, colours[0], colours[1]), self.near)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.adam.step()
        self.step += 1
        keep = min(EMA, self.step / (self.step + 10))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.net.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        return {"loss": loss.item()}

    @torch.no_grad()
    def quality(self, count: int = 32) -> dict[str, float]:
        """On eyes held out, as spoilt as in training: the mean error of each mask, in 255ths, near the eye."""
        given, masks, *_ = self._held_out(count)
        told = self.average(given)[:, : len(MASKS)]
        error = ((told - masks).abs() * self.near).mean((0, 2, 3)) / self.near.mean()
        return {name: 255 * float(value) for name, value in zip(MASKS, error, strict=True)}

    @torch.no_grad()
    def write_samples(self, path: Path, count: int = 8) -> None:
        """A PNG: pictures, then mask for mask as it is and as it is told."""
        given, masks, *_ = self._held_out(count)
        told = self.average(given)[:, : len(MASKS)]
        rows = [given[:, :3]]
        for k in range(len(MASKS)):
            rows += [mask[:, k : k + 1].expand(-1, 3, -1, -1) for mask in (masks, told)]
        sheet = torch.cat([torch.cat(list(row), -1) for row in rows], 1).permute(1, 2, 0)
        write_whole(path, encode_png((255 * sheet).round().clamp(0, 255).byte().numpy()))

    def write_network(self, path: Path) -> None:
        """The moving average as ONNX: given (1, 3 + MAPS, CROP, CROP) -> parts (1, 16, CROP, CROP)."""
        write_graph(self.average, (torch.rand(1, 3 + MAPS, CROP, CROP),), ["given"], ["parts"], path)

    def _held_out(self, count: int) -> tuple[Tensor, ...]:
        rows = len(self.eyes.parts)
        return self._batch(np.random.default_rng(3), rows - HELD_OUT, rows, count)

    def _batch(self, random: np.random.Generator, first: int, last: int, count: int) -> tuple[Tensor, ...]:
        """`count` lessons of the eyes from first to before last: one Tensor for each of a Lesson's fields."""
        lessons: list[Lesson] = [
            lesson(self.eyes, int(random.integers(first, last)), int(random.integers(first, last)), random)
            for _ in range(count)
        ]
        return tuple(torch.from_numpy(np.stack(field)) for field in zip(*lessons, strict=True))

    def _modules(self) -> dict[str, nn.Module]:
        return {"net": self.net, "ema": self.average}
