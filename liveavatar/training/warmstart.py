"""Where the motion starts from: optical flow of each layer against its neutral picture, regressed on the controls.

A minute of DIS flow (Kroeger et al., ECCV 2016) and a ridge regression are worth many minutes of gradient descent, and
the sheets stay sharp because the flow is nearly right when they begin to learn.
"""

from typing import Any

import cv2
import numpy as np
import torch

from liveavatar.training.dataset import Dataset
from liveavatar.training.model import CELL, Generator

RIDGE = 0.02
"""Ridge strength, as a share of the mean diagonal of phi' phi."""


def _grey(layer: np.ndarray) -> np.ndarray:
    """Premultiplied RGBA over mid-grey, mixed with its alpha so that silhouettes move too: (h, w) uint8."""
    rgb = layer[..., :3].astype(np.float32) + 127.5 * (1 - layer[..., 3:].astype(np.float32) / 255)
    luminance = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.clip(0.7 * luminance + 0.3 * layer[..., 3], 0, 255).astype(np.uint8)


def _to_cells(flow: np.ndarray, alpha: np.ndarray, cells: int) -> np.ndarray:
    """Alpha-weighted mean per cell, holes filled from ever larger surroundings: (h, w, 2) -> (cells, cells, 2)."""
    weight = alpha.astype(np.float32)[..., None] / 255
    total = cv2.resize(flow * weight, (cells, cells), interpolation=cv2.INTER_AREA)
    mass = cv2.resize(weight, (cells, cells), interpolation=cv2.INTER_AREA)[..., None]
    for sigma in (1.0, 2.0, 4.0, 8.0, 16.0):
        near, near_mass = (
            cv2.GaussianBlur(total, (0, 0), sigma),
            cv2.GaussianBlur(mass, (0, 0), sigma)[..., None],
        )
        fill = np.clip(1 - mass / 0.05, 0, 1)
        total, mass = total + fill * near, mass + fill * near_mass
    return total / np.maximum(mass, 1e-6)


def layer_flows(data: Dataset, rows: np.ndarray, layer: int) -> np.ndarray:
    """Backward flow frame -> neutral (row 0) of one layer, in full-size pixels: (len(rows), 2, c, c) float32 on the
    grid of the generator's linear basis, two flow cells wide."""
    dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    size = data.frames.shape[1]
    neutral = _grey(data.layers[0, layer])
    result = []
    for row in rows:
        picture = data.layers[row, layer]
        flow = dis.calc(_grey(picture), neutral, None)
        result.append(
            _to_cells(flow, picture[..., 3], size // CELL // 2).transpose(2, 0, 1) * (size / picture.shape[0])
        )
    return np.stack(result).astype(np.float32)


def warm_start(generator: Generator, data: Dataset, controls: np.ndarray, count: int = 1200) -> None:
    """Set the generator's sheets from the neutral frame's layers and its linear flow basis from optical flow.

    controls: (N, n) float32, the data set's conditions in the avatar's order."""
    rows = np.linspace(1, len(data) - 1, min(count, len(data) - 1)).astype(int)
    with torch.no_grad():
        phi = generator.phi(torch.from_numpy(controls[rows]) / generator.unit).double()
        gram = phi.T @ phi
        gram += RIDGE * gram.diagonal().mean() * torch.eye(len(gram), dtype=torch.float64)
        solve = torch.linalg.solve(gram, phi.T)  # (P, rows)
        weights = []
        for k in range(len(generator.layout.layers)):
            flows = torch.from_numpy(layer_flows(data, rows, k)).flatten(1).double()
            weights.append((solve @ flows).float())
        generator.basis.weight.copy_(torch.cat(weights, 1).T)
