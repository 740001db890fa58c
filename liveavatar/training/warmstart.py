"""Where the motion starts from: the rig's own points, regressed on the controls.

A rig knows where its points go. Each point's path is almost linear in the generator's flow basis, so least squares gives
the coefficients, and every cell of the basis takes those of the points near it in the neutral picture.
"""

import numpy as np
import torch

from liveavatar.training.model import Generator

RIDGE = 1e-5
"""Ridge strength, as a share of the mean diagonal of phi' phi."""
REACH = (3.0, 8.0, 20.0, 60.0)
"""Standard deviations in pixels at size 512 within which a point speaks for a cell; each counts a thousandth of the last."""


def spread(points: np.ndarray, cells: int, size: int) -> np.ndarray:
    """Weights (cells * cells, n) with which points (n, 2) in pixels speak for each cell; rows sum to 1."""
    centre = (np.arange(cells) + 0.5) * size / cells
    grid = np.stack(np.meshgrid(centre, centre), -1).reshape(-1, 1, 2)
    distance = ((grid - points) ** 2).sum(-1)
    weight = 1e-15 / (distance + 1)
    for i, reach in enumerate(REACH):
        weight += 1e-3**i * np.exp(-distance / (2 * (reach * size / 512) ** 2))
    return weight / weight.sum(1, keepdims=True)


def warm_start(
    generator: Generator, controls: np.ndarray, points: np.ndarray, counts: tuple[int, ...]
) -> None:
    """Set the linear flow basis. controls: (N, n) float32; points: (N, P, 2) in pixels, row 0 neutral, `counts` of
    them for each layer."""
    with torch.no_grad():
        phi = generator.phi(torch.from_numpy(controls) / generator.unit).double().numpy()
        gram = phi.T @ phi
        gram += RIDGE * gram.diagonal().mean() * np.eye(len(gram))
        moved = (points - points[:1]).reshape(len(points), -1)
        paths = np.linalg.solve(gram, phi.T @ moved).reshape(len(gram), -1, 2)
        g, start, weights = generator.coarse, 0, []
        for count in counts:
            part = slice(start, start + count)
            cells = spread(points[0, part].astype(np.float64), g, generator.layout.size)
            weights.append((cells @ paths[:, part]).transpose(0, 2, 1).reshape(len(gram), -1))
            start += count
        generator.basis.weight.copy_(torch.from_numpy(np.concatenate(weights, 1).T).float())
