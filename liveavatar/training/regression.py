"""Teaching a perceptron numbers: the inner weights by Muon, what goes in and out by Adam, both falling to nothing."""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor, nn

from liveavatar.training.muon import Muon

BATCH = 256
RATE, MUON_RATE = 3e-3, 2e-2
"""Of Adam for what goes in and out of the perceptron, and of Muon for what is within: it leaves half of Adam's error
(benchmarks/LOG.md, 2026-11-26, night)."""


def regress(
    loss_of: Callable[[np.ndarray], Tensor],
    count: int,
    outer: Iterable[nn.Parameter],
    matrices: Iterable[nn.Parameter],
    steps: int,
    seed: int,
    progress: Callable[[int, int], None],
) -> None:
    """Lower loss_of(rows), rows being (B,) int of `count`, in so many steps, or in as many as there are rows. outer, matrices:
    what Adam and what Muon changes."""
    adam, muon = torch.optim.Adam(list(outer), lr=RATE), Muon(matrices, lr=MUON_RATE)
    steps = min(steps, count)
    for step in range(steps):
        rows = np.random.default_rng((seed, step)).integers(0, count, min(BATCH, count))
        for optimizer, rate in ((adam, RATE), (muon, MUON_RATE)):
            optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
            optimizer.zero_grad(set_to_none=True)
        loss_of(rows).backward()  # type: ignore[no-untyped-call]
        adam.step()
        muon.step()
        if step % 100 == 99:
            progress(step + 1, steps)
