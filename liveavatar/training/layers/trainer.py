"""The loop: pictures of mixed characters in, their layers out. Resumable at any moment; the moving average is what ships."""

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
from liveavatar.rigs.picture.parts import VISIBLE
from liveavatar.training import checkpoint, loop
from liveavatar.training.dataset import cache_folder
from liveavatar.training.evaluate import default_workers
from liveavatar.training.layers.characters import SIZE, characters
from liveavatar.training.layers.examples import Example, example
from liveavatar.training.layers.networks import Net, loss
from liveavatar.training.onnx_export import write_graph

RHYTHM = loop.Rhythm("layers", log=20, samples=300, save=120.0)
RATE, WARM_UP = 1.5e-3, 50
EMA = 0.995
FIRST_SEED = 500_000
"""Of the characters: far from those that other trainings look at."""
HELD_OUT = 16
"""Characters, the last, that are never learned from."""


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    steps: int = 3000
    characters: int = 3000
    batch: int = 8
    seed: int = 1
    run: Path | None = None

    def folder(self) -> Path:
        """Where characters, checkpoints, logs and samples go."""
        return self.run or cache_folder() / "layers"


class Trainer:
    """The network, and what it learns from."""

    def __init__(self, options: Options, tell: Callable[[int, int], None]) -> None:
        self.options, self.folder = options, options.folder()
        self.parts = characters(self.folder / "data", options.characters, FIRST_SEED, default_workers(), tell)
        done = np.flatnonzero(np.load(self.folder / "data" / "done.npy") == 1)
        self.rows, self.held_out = done[:-HELD_OUT], done[-HELD_OUT:]
        torch.manual_seed(options.seed)
        self.step = 0
        self.net = Net().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.net).eval()
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=RATE, weight_decay=1e-3)
        self.path = self.folder / "checkpoint.safetensors"
        if self.path.is_file():
            self.step = checkpoint.load(self.path, self._modules(), {"adam": self.optimizer})

    def run(self, tell: Callable[[int, int], None]) -> None:
        """Train to the last step; on Ctrl-C save and re-raise. Raises TrainingError."""
        loop.run(self, self.options.steps, self.folder, RHYTHM, tell)

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self.path, self.step, self._modules(), {"adam": self.optimizer})

    def train_step(self) -> dict[str, float]:
        """One update; everything random follows from (seed, step). Returns the losses."""
        left = max(0.0, 1 - self.step / self.options.steps)
        rate = RATE * min(1.0, (self.step + 1) / WARM_UP) * (0.02 + 0.98 * math.sin(left * math.pi / 2) ** 2)
        self.optimizer.param_groups[0]["lr"] = rate
        rng = np.random.default_rng((self.options.seed, self.step))
        picture, *wanted = _batch([example(self.parts, self.rows, rng) for _ in range(self.options.batch)])
        self.net.train()
        total, losses = loss(self.net(picture.contiguous(memory_format=torch.channels_last)), *wanted)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        keep = min(EMA, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.net.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        self.step += 1
        return losses

    @torch.no_grad()
    def quality(self, count: int = 32) -> dict[str, float]:
        """On characters held out, as spoilt as in training: for each part, the share of its pixels and of those taken for it that
        are right (intersection over union); mean error of hidden colours, levels."""
        rng = np.random.default_rng(3)
        picture, seen, shapes, colours = _batch(
            [example(self.parts, self.held_out, rng) for _ in range(count)]
        )
        out = self.average(picture)
        found, true = out[:, : len(VISIBLE)].argmax(1), seen.argmax(1)
        figures = {
            name: float(((found == k) & (true == k)).sum() / ((found == k) | (true == k)).sum())
            for k, name in enumerate(VISIBLE)
        }
        return {**figures, "colours": 255 * loss(out, seen, shapes, colours)[1]["colours"]}

    @torch.no_grad()
    def write_samples(self, path: Path, count: int = 8) -> None:
        """A PNG: pictures, their parts as they are, as they are told, and the hidden face, body and back hair."""
        rng = np.random.default_rng(4)
        picture, seen, _, _ = _batch([example(self.parts, self.held_out, rng) for _ in range(count)])
        out = self.average(picture)
        told = torch.softmax(out[:, : len(VISIBLE)], 1)
        shapes = torch.sigmoid(out[:, len(VISIBLE) :])
        rows = [picture[:, :3, ::2, ::2], _coloured(seen), _coloured(told)]
        for k in (2, 1, 0):
            colour = shapes[:, 3 + 3 * k : 6 + 3 * k]
            rows.append(colour * shapes[:, k : k + 1] + 0.5 * (1 - shapes[:, k : k + 1]))
        sheet = torch.cat([torch.cat(list(row), -1) for row in rows], 1).permute(1, 2, 0)
        write_whole(path, encode_png((255 * sheet).round().clamp(0, 255).byte().numpy()))

    def write_network(self, path: Path) -> None:
        """The moving average as ONNX: picture (1, 4, SIZE, SIZE) -> layers (1, OUTPUTS, SIZE / 2, SIZE / 2)."""
        net = copy.deepcopy(self.average).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        write_graph(net, (torch.zeros(1, 4, SIZE, SIZE),), ["picture"], ["layers"], path)

    def _modules(self) -> dict[str, nn.Module]:
        return {"net": self.net, "ema": self.average}


_COLOURS = torch.tensor([[0, 0, 0], [0.2, 0.4, 1], [0.2, 0.8, 0.2], [1, 0.8, 0.6], [1, 0.2, 0.2]])


def _coloured(shares: Tensor) -> Tensor:
    """(B, 5, h, w) -> (B, 3, h, w)."""
    return torch.einsum("bvhw,vc->bchw", shares, _COLOURS)


def _batch(examples: list[Example]) -> tuple[Tensor, ...]:
    return tuple(torch.from_numpy(np.stack(field)) for field in zip(*examples, strict=True))
