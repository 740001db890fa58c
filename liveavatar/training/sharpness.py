"""Textures as sharp as the teacher's pictures: what is learned a fraction of a pixel off is a little soft everywhere.

A generator's pictures have the teacher's power up to .15 cycles a pixel and nine tenths of it beyond (benchmarks/LOG.md,
2026-11-30). An unsharp mask over the textures gives it back; how much of it is needed is measured.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from liveavatar.training import metrics, report
from liveavatar.training.dataset import Dataset
from liveavatar.training.networks import Generator

TARGET = 0.95
"""Of the teacher's gradient energy, in what torch draws of training conditions: about .98 of it in the heads that the renderer
draws of held-out ones. Sharper costs more of the PSNR than it shows."""
MOST = 0.6
PICTURES = 24
_BLUR = (0.25, 0.5, 0.25)


@torch.no_grad()
def sharpen(generator: Generator, data: Dataset, controls: np.ndarray) -> float:
    """Sharpen the textures, in place, until the pictures of training conditions have TARGET of the gradient energy of the
    teacher's. controls: (N, n) float32, the data's. Returns the amount, of at most MOST."""
    rows = np.linspace(1, len(data) - 1, PICTURES).astype(int)
    truth = sum(_energy(frame) for frame in data.frames[rows])
    soft = generator.textures.data.clone()
    at = []
    for amount in (0.0, MOST / 2):
        generator.textures.data.copy_(unsharp(soft, amount))
        at.append(sum(_energy(frame) for frame in report.draw(generator, controls[rows])) / truth)
    amount = float(np.clip((TARGET - at[0]) / max(at[1] - at[0], 1e-6), 0, 2)) * MOST / 2
    generator.textures.data.copy_(unsharp(soft, amount))
    return amount


def unsharp(textures: Tensor, amount: float) -> Tensor:
    """Textures (L, 4, h, w) in [0, 1], premultiplied RGBA, with `amount` of what a blur of three texels takes away added."""
    line = textures.new_tensor(_BLUR)
    kernel = (line[:, None] * line).expand(4, 1, 3, 3)
    blurred = F.conv2d(F.pad(textures, (1, 1, 1, 1), mode="replicate"), kernel, groups=4)
    sharp = (textures + amount * (textures - blurred)).clamp(0, 1)
    return torch.minimum(sharp, sharp[:, 3:])


def _energy(frame: np.ndarray) -> float:
    """frame: (H, W, 4) uint8."""
    return metrics.gradient_energy(metrics.over_grey(frame))
