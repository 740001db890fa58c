"""Cuts training crops out of a data set: where to look, what is there, how much it counts."""

import numpy as np
import torch
from torch import Tensor

from liveavatar.training.dataset import BOXES, Dataset

ROOM = 8
"""Pixels by which a layer may still be in the wrong place."""


class Crops:
    """Square crops of a data set's frames."""

    def __init__(self, data: Dataset) -> None:
        self.data = data
        self.size = data.frames.shape[1]

    def draw(self, rng: np.random.Generator, count: int, crop: int) -> tuple[np.ndarray, Tensor]:
        """Rows (B,) and the crops' origins (B, 2) x, y: three quarters on the head, most of those on eyes or mouth."""
        rows = rng.integers(0, len(self.data), count)
        origins = np.zeros((len(rows), 2), np.int64)
        for i, row in enumerate(rows):
            pick = rng.uniform()
            name = "mouth" if pick < 0.25 else "eyes" if pick < 0.45 else "head"
            x0, y0, x1, y1 = self.data.boxes[row, BOXES.index(name)]
            centre = rng.uniform([x0, y0], [x1, y1]) if pick < 0.75 else rng.uniform(0, self.size, 2)
            origins[i] = np.clip(np.round(centre - crop / 2), 0, self.size - crop)
        return rows, torch.from_numpy(origins)

    def visible(self, rows: np.ndarray, origins: Tensor, crop: int) -> Tensor:
        """(B, L) bool: which layers the teacher, give or take ROOM pixels, has in each crop."""
        extents = torch.from_numpy(np.asarray(self.data.extents[rows]))
        low, high = origins[:, None] - ROOM, origins[:, None] + crop + ROOM
        return ((extents[..., :2] < high) & (extents[..., 2:] > low)).all(-1)

    def truth(self, rows: np.ndarray, origins: Tensor, crop: int) -> Tensor:
        """The teacher's pixels: (B, 4, crop, crop) in [0, 1]."""
        cuts = [
            np.asarray(self.data.frames[r, y : y + crop, x : x + crop])
            for r, (x, y) in zip(rows, origins.tolist(), strict=True)
        ]
        return torch.from_numpy(np.stack(cuts)).permute(0, 3, 1, 2).float() / 255

    def weights(self, rows: np.ndarray, origins: Tensor, crop: int) -> Tensor:
        """x3 on the eyes and brows, x8 on the mouth: plain L1 gives an average mouth. (B, 1, crop, crop)."""
        weight = np.ones((len(rows), 1, crop, crop), np.float32)
        for i, (row, (x, y)) in enumerate(zip(rows, origins.tolist(), strict=True)):
            for name, gain in (("eyes", 3.0), ("mouth", 8.0)):
                x0, y0, x1, y1 = np.round(self.data.boxes[row, BOXES.index(name)]).astype(int) - (x, y, x, y)
                weight[i, 0, max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = gain
        return torch.from_numpy(weight)
