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
from liveavatar.training.networks import MODES, Motion
from liveavatar.training.regression import regress

RIDGE = 1e-6
"""Ridge strength, as a share of the trace of phi' phi."""
BENDING = 0.03
"""What a bend of the motion between cells costs, against a miss of a pixel at one point."""
STRETCHING = 3e-3
"""What a difference between cells costs: three cells from the last point, the motion runs out level."""
LEVEL = 1e-7
"""What a field costs that is the same everywhere: next to nothing, so that the form has an inverse."""
STEPS = 3000


class ThinPlate:
    """Fields on cells x cells that bend as little as they can (Duchon 1977)."""

    def __init__(self, cells: int) -> None:
        self.cells = cells
        one = np.eye(cells)
        step, bend = (np.diff(one, order, axis=0) for order in (1, 2))
        step, bend = step.T @ step, bend.T @ bend
        plate = np.kron(one, bend) + np.kron(bend, one) + 2 * np.kron(step, step)
        cost = BENDING * plate + STRETCHING * (np.kron(one, step) + np.kron(step, one))
        self._inverse = np.linalg.inv(cost + LEVEL * np.eye(cells**2))
        """Of what bends of and differences in a field cost, as a form (cells * cells, cells * cells)."""

    def spread(self, points: np.ndarray) -> np.ndarray:
        """Weights (cells * cells, n) with which points (n, 2), in cells, speak for each cell.

        By least squares: sampled bilinearly at the points, a field of the cells comes close to their motion, and bends as little
        as it can elsewhere. With the plate's inverse at hand, that is a system of n equations (Woodbury's identity)."""
        at = np.clip(points - 0.5, 0, self.cells - 1 - 1e-9)
        corner = np.floor(at).astype(int)
        part = at - corner
        shares = [
            ((corner[:, 1] + down) * self.cells + corner[:, 0] + right, share_x * share_y)
            for down, share_y in ((0, 1 - part[:, 1]), (1, part[:, 1]))
            for right, share_x in ((0, 1 - part[:, 0]), (1, part[:, 0]))
        ]
        reached: np.ndarray = sum(self._inverse[:, cell] * share for cell, share in shares)  # type: ignore[assignment]
        sampled: np.ndarray = sum(reached[cell] * share[:, None] for cell, share in shares)  # type: ignore[assignment]
        return np.asarray(np.linalg.solve(sampled + np.eye(len(points)), reached.T).T)


def modes_of(moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal components, not centred, of one layer's points: moved (N, n, 2) -> amounts (N, MODES) and modes
    (MODES, n, 2). Scaled so that an amount of 1 moves the points by a pixel, root mean square."""
    flat = moved.reshape(len(moved), -1).astype(np.float32)
    vectors = np.linalg.eigh((flat.T @ flat).astype(np.float64))[1]
    modes = vectors[:, ::-1][:, :MODES].T * moved.shape[1] ** 0.5
    modes = np.concatenate([modes, np.zeros((MODES - len(modes), flat.shape[1]))])
    amounts = flat @ modes.T / moved.shape[1]
    return amounts.astype(np.float32), modes.reshape(MODES, -1, 2)


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
    plate = ThinPlate(motion.cells)
    start, wanted = 0, []
    for k, count in enumerate(counts):
        part = slice(start, start + count)
        amounts, modes = modes_of(points[:, part] - rest[part])
        x, y, w, h = spans[k]
        on_span = (rest[part].astype(np.float64) - (x, y)) / (w, h) * motion.cells
        cells = plate.spread(on_span) @ modes.transpose(1, 0, 2).reshape(count, -1)
        cells = cells.reshape(-1, MODES, 2).transpose(1, 2, 0).reshape(MODES, -1)
        motion.modes.data[k] = torch.from_numpy(np.ascontiguousarray(cells, np.float32))
        wanted.append(amounts)
        start += count
    device = c.device
    truth = torch.from_numpy(np.stack(wanted, 1)).to(device)  # (N, L, MODES)
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
