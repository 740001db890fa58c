"""Textures as sharp as the teacher's pictures: what is learned a fraction of a pixel off is a little soft everywhere.

A generator's pictures have the teacher's power up to .15 cycles a pixel and nine tenths of it beyond (benchmarks/LOG.md,
2026-11-30). An unsharp mask over the textures gives it back; how much of it is needed is measured.
"""

import numpy as np
import torch
from torch import Tensor

from liveavatar.fitting import metrics
from liveavatar.fitting.textures import unsharp
from liveavatar.training import report
from liveavatar.training.dataset import Dataset
from liveavatar.training.networks import Generator

TARGET = 0.95
"""Of the teacher's gradient energy, in what torch draws of training conditions: about .98 of it in the heads that the renderer
draws of held-out ones. Sharper costs more of the PSNR than it shows."""
MOST = 0.6
PICTURES = 24


@torch.no_grad()
def sharpen(generator: Generator, data: Dataset, controls: np.ndarray) -> float:
    """Sharpen the textures, in place, until the pictures of training conditions have TARGET of the gradient energy of the
    teacher's. controls: (N, n) float32, the data's. Returns the amount, of at most MOST."""
    rows = np.linspace(1, len(data) - 1, PICTURES).astype(int)
    truth = sum(_energy(frame) for frame in data.frames[rows])
    soft = generator.textures.data.clone()
    at = []
    for amount in (0.0, MOST / 2):
        generator.textures.data.copy_(_sharpened(soft, amount))
        at.append(sum(_energy(frame) for frame in report.draw(generator, controls[rows])) / truth)
    amount = float(np.clip((TARGET - at[0]) / max(at[1] - at[0], 1e-6), 0, 2)) * MOST / 2
    generator.textures.data.copy_(_sharpened(soft, amount))
    return amount


def _sharpened(textures: Tensor, amount: float) -> Tensor:
    """Textures (L, 4, h, w) in [0, 1], see fitting.textures.unsharp()."""
    texels = textures.permute(0, 2, 3, 1).contiguous().numpy()
    return torch.from_numpy(np.stack([unsharp(texture, amount) for texture in texels])).permute(0, 3, 1, 2)


def _energy(frame: np.ndarray) -> float:
    """frame: (H, W, 4) uint8."""
    return metrics.gradient_energy(metrics.over_grey(frame))
