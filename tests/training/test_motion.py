"""What the motion and the optimizer are built from."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.nn import functional

from liveavatar.fitting.modes import ThinPlate
from liveavatar.training.muon import Muon, orthogonal

pytestmark = pytest.mark.train


def test_a_thin_plate_meets_its_points_and_runs_out_level() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(100, 220, (150, 2))
    x, y = points.T / 60
    motion = np.stack([9 * np.sin(x) + 3 * y, 4 * x - 7 * np.cos(y)], 1)
    cells = torch.tensor(ThinPlate(40).through(points / 8, motion).T.reshape(1, 2, 40, 40))
    at = torch.tensor(points)[None, None] * 2 / 320 - 1
    found = functional.grid_sample(cells, at, padding_mode="border", align_corners=False)[0, :, 0].T
    assert np.abs(found.numpy() - motion).max() < 0.1
    corners = cells[0][:, [0, 0, -1, -1], [0, -1, 0, -1]].T.numpy()
    reach = np.abs(motion).max()
    assert np.abs(corners).max() < 3 * reach


@pytest.mark.parametrize("shape", [(64, 24), (24, 64), (32, 9)])
def test_updates_are_nearly_orthogonal(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(2))
    values = torch.linalg.svdvals(orthogonal(matrix))
    assert values.min() > 0.5 and values.max() < 1.3
    kept = torch.linalg.svd(matrix, full_matrices=False)
    assert torch.einsum("ij,ij", orthogonal(matrix), kept.U @ kept.Vh) > 0.9 * min(shape) * values.mean()


def test_muon_learns_a_kernel() -> None:
    generator = torch.Generator().manual_seed(3)
    wanted = torch.randn(6, 4, 3, 3, generator=generator) * 0.3
    weight = torch.nn.Parameter(torch.zeros_like(wanted))
    pictures = torch.randn(8, 4, 12, 12, generator=generator)
    truth = functional.conv2d(pictures, wanted)
    muon, losses = Muon([weight], lr=0.1), []
    for step in range(120):
        muon.param_groups[0]["lr"] = 0.1 * (1 - step / 120)
        muon.zero_grad()
        loss = functional.mse_loss(functional.conv2d(pictures, weight), truth)
        loss.backward()
        muon.step()
        losses.append(loss.item())
    assert losses[-1] < 0.01 * losses[0]
