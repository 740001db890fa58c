"""Where the motion starts from: the rig's own points, regressed on the controls.

A rig knows where its points go. Their principal components are the modes of a layer's motion, spread over its cells as a
thin plate that its points in the neutral picture bend. How far each mode goes: least squares on products of the controls, then a
perceptron for the rest. No picture is needed, so it takes a minute and cannot be caught in a bad place.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from liveavatar.base.box import Box
from liveavatar.fitting.modes import fit_modes
from liveavatar.training.networks import Motion
from liveavatar.training.regression import regress

RIDGE = 1e-6
"""Ridge strength, as a share of the trace of phi' phi."""
STEPS = 3000


def warm_start(
    motion: Motion,
    spans: tuple[Box, ...],
    c: torch.Tensor,
    points: np.ndarray,
    rest: np.ndarray,
    counts: tuple[int, ...],
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Set a motion. spans: of the layers; c: (N, n) normalised controls; points: (N, P, 2) in pixels, `counts` of them for each
    layer; rest: (P, 2), where these lie on the textures."""
    modes, amounts = fit_modes(points, rest, counts, spans, motion.cells)
    motion.modes.data.copy_(torch.from_numpy(modes).flatten(2))
    device = c.device
    truth = torch.from_numpy(amounts).to(device)  # (N, L, MODES)
    with torch.no_grad():
        phi = F.pad(motion.phi(c), (0, 1), value=1.0).double()
        gram = phi.T @ phi
        gram += RIDGE * gram.trace() / len(gram) * torch.eye(len(gram), dtype=torch.float64, device=device)
        solution = torch.linalg.solve(gram, phi.T @ truth.flatten(1).double()).float()
        motion.products.weight.copy_(solution[:-1].T)
        motion.products.bias.copy_(solution[-1])
    layers = (motion.enter, *motion.mix, motion.leave)
    regress(
        lambda rows: F.huber_loss(motion.coefficients(c[rows]), truth[rows]),
        len(c),
        [*(layer.bias for layer in layers), *motion.amounts.parameters()],
        motion.matrices(),
        STEPS,
        seed,
        progress,
    )
