"""Where the patches start from: principal components of the stills, and a perceptron that tells how much of each is shown.

In closed form and by regression on numbers: no picture is drawn for it.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from liveavatar.training.networks import Dictionary
from liveavatar.training.regression import regress

SAMPLED = 1500
"""Stills, at most, whose principal components are taken."""
STEPS = 1500
"""Of the perceptron."""


def start(
    dictionary: Dictionary,
    c: Tensor,
    pictures: np.ndarray,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Set a dictionary. c: (N, n) normalised controls of the stills; pictures: (N, h, w, 4) uint8, what it must show for each."""
    rows = np.linspace(0, len(pictures) - 1, min(SAMPLED, len(pictures))).astype(int)
    sampled = flat(pictures, rows)
    mean = sampled.mean(0)
    sampled -= mean
    count = len(dictionary.pictures)
    vectors = torch.linalg.eigh((sampled @ sampled.T).double())[1].flip(1)[:, :count].float()
    components = vectors.T @ sampled
    lengths = components.norm(dim=1, keepdim=True)
    components /= lengths.clamp_min(1e-6)
    amounts = torch.cat(
        [
            (flat(pictures, np.arange(at, min(at + 100, len(pictures)))) - mean) @ components.T
            for at in range(0, len(pictures), 100)
        ]
    )
    spread = amounts.std(0).clamp_min(1e-4)
    with torch.no_grad():
        dictionary.mean.copy_(mean.view_as(dictionary.mean))
        dictionary.pictures[: len(components)] = (components * spread[:, None]).view(
            -1, *dictionary.mean.shape
        )
    _regress(dictionary, c, amounts / spread, spread / spread.square().mean().sqrt(), seed, progress)


def flat(pictures: np.ndarray, rows: np.ndarray) -> Tensor:
    """Rows of pictures (N, h, w, 4) uint8 as (len(rows), 4 * h * w) in [0, 1], plane after plane."""
    return torch.from_numpy(pictures[rows]).permute(0, 3, 1, 2).float().flatten(1) / 255


def _regress(
    dictionary: Dictionary,
    c: Tensor,
    amounts: Tensor,
    weights: Tensor,
    seed: int,
    progress: Callable[[int, int], None],
) -> None:
    """Teach the perceptron these amounts (N, k), each of variance 1; weights: (k,), by how much they change the picture."""
    net, count = dictionary.perceptron, amounts.shape[1]
    matrices = net.matrices()
    inner = {id(p) for p in matrices}
    regress(
        lambda rows: ((net(c[rows])[:, :count] - amounts[rows]) * weights).square().mean(),
        len(c),
        [p for p in net.parameters() if id(p) not in inner],
        matrices,
        STEPS,
        seed,
        progress,
    )
