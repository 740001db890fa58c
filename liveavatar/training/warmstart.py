"""Where the motion starts from: the rig's own points, regressed on the controls.

A rig knows where its points go. Their principal components are the modes of a layer's motion, spread over its cells from
the points near them in the neutral picture. How far each mode goes: least squares on products of the controls, then a
perceptron for the rest. No picture is needed, so it takes a minute and cannot be caught in a bad place.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from liveavatar.training.model import MODES, Generator

RIDGE = 1e-6
"""Ridge strength, as a share of the trace of phi' phi."""
REACH = (5.0, 12.0, 30.0, 90.0)
"""Standard deviations in pixels at size 512 within which a point speaks for a cell; each counts a thousandth of the last."""
LEVEL = 5.0
"""Pixels at size 512 over which points must be spread before the slope of their motion counts."""
STEPS = 6000
BATCH = 256
RATE = 3e-3


def spread(points: np.ndarray, cells: int, size: int) -> np.ndarray:
    """Weights (cells * cells, n) with which points (n, 2) in pixels speak for each cell; rows sum to 1.

    Moving least squares (Lancaster and Salkauskas 1981): the value at the cell of a plane through what is near."""
    scale = size / 512
    centre = (np.arange(cells) + 0.5) * size / cells
    grid = np.stack(np.meshgrid(centre, centre), -1).reshape(-1, 1, 2)
    weights = np.empty((len(grid), len(points)))
    for part in np.array_split(np.arange(len(grid)), cells):
        away = points - grid[part]  # (m, n, 2)
        square = (away**2).sum(-1)
        weight = 1e-15 / (square + 1)
        for i, reach in enumerate(REACH):
            weight += 1e-3**i * np.exp(-square / (2 * (reach * scale) ** 2))
        weight /= weight.sum(1, keepdims=True)
        first = np.einsum("mn,mni->mi", weight, away)
        second = np.einsum("mn,mni,mnj->mij", weight, away, away) + (LEVEL * scale) ** 2 * np.eye(2)
        second -= first[:, :, None] * first[:, None]
        slope = np.linalg.solve(second, -first[..., None])[..., 0]
        weights[part] = weight * (1 + np.einsum("mni,mi->mn", away - first[:, None], slope))
    return weights


def modes_of(moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal components, not centred, of one layer's points: moved (N, n, 2) -> amounts (N, MODES) and modes
    (MODES, n, 2). Scaled so that an amount of 1 moves the points by a pixel, root mean square."""
    flat = moved.reshape(len(moved), -1).astype(np.float64)
    vectors = np.linalg.eigh(flat.T @ flat)[1]
    found = vectors[:, ::-1][:, :MODES].T * moved.shape[1] ** 0.5
    found = np.concatenate([found, np.zeros((MODES - len(found), flat.shape[1]))])
    amounts = flat @ found.T / moved.shape[1]
    return amounts.astype(np.float32), found.reshape(MODES, -1, 2)


def warm_start(
    generator: Generator,
    controls: np.ndarray,
    points: np.ndarray,
    counts: tuple[int, ...],
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Set the generator's motion. controls: (N, n) float32; points: (N, P, 2) in pixels, row 0 neutral, `counts` of them
    for each layer."""
    motion, size = generator.motion, generator.layout.size
    start, wanted = 0, []
    for k, count in enumerate(counts):
        part = slice(start, start + count)
        amounts, modes = modes_of(points[:, part] - points[:1, part])
        cells = spread(points[0, part].astype(np.float64), motion.cells, size) @ modes.transpose(
            1, 0, 2
        ).reshape(count, -1)
        cells = cells.reshape(-1, MODES, 2).transpose(1, 2, 0).reshape(MODES, -1)
        motion.modes.data[k] = torch.from_numpy(np.ascontiguousarray(cells, np.float32))
        wanted.append(amounts)
        start += count
    truth = torch.from_numpy(np.stack(wanted, 1))  # (N, L, MODES)
    c = torch.from_numpy(controls) / generator.unit
    with torch.no_grad():
        phi = F.pad(motion.phi(c), (0, 1), value=1.0).double()
        gram = phi.T @ phi
        gram += RIDGE * gram.trace() / len(gram) * torch.eye(len(gram), dtype=torch.float64)
        found = torch.linalg.solve(gram, phi.T @ truth.flatten(1).double()).float()
        motion.products.weight.copy_(found[:-1].T)
        motion.products.bias.copy_(found[-1])
    rest = [
        *motion.enter.parameters(),
        *motion.mix.parameters(),
        *motion.leave.parameters(),
        *motion.amounts.parameters(),
    ]
    adam = torch.optim.Adam(rest, lr=RATE)
    steps = min(STEPS, 2 * len(controls))
    for step in range(steps):
        rows = np.random.default_rng((seed, step)).integers(0, len(controls), min(BATCH, len(controls)))
        adam.param_groups[0]["lr"] = RATE * (1 - step / steps)
        adam.zero_grad(set_to_none=True)
        loss = F.huber_loss(motion.coefficients(c[rows]), truth[rows])
        loss.backward()
        adam.step()
        if step % 100 == 99:
            progress(step + 1, steps)
