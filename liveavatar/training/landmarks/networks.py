"""The two networks: one finds faces in a small picture, one finds the points of one face."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from liveavatar.landmarks.frame import DETAILS
from liveavatar.landmarks.points import NAMES

POINTS = len(NAMES)
GRID = 32
"""Cells along a side of the points' maps."""
DETAIL_POINTS = len(DETAILS["right"]) + len(DETAILS["mouth"])
LOST = 0.5
"""What error a square without a face asks for, in its sides."""
OUTER = ("crown", "forehead")
"""Points that may lie outside of the square: these are read off the whole of it, not off a map."""


def _block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _block(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class Found(NamedTuple):
    """What the points' network says of squares."""

    maps: Tensor
    """(B, 46, 32, 32) logits of where each point lies."""
    points: Tensor
    """(B, 46, 2), 0 to 1 across the square."""
    error: Tensor
    """(B, 46): log of the error it expects, in the same unit."""
    hidden: Tensor
    """(B, 46) logits."""


def peaks(maps: Tensor) -> Tensor:
    """Means (B, n, 2), 0 to 1 across, of the chances that maps (B, n, 32, 32) of logits stand for."""
    share = maps.flatten(2).softmax(-1).reshape(maps.shape)
    steps = (torch.arange(GRID, device=maps.device) + 0.5) / GRID
    return torch.stack([(share.sum(2) * steps).sum(-1), (share.sum(3) * steps).sum(-1)], -1)


class PointsNet(nn.Module):
    """(B, 3, 128, 128) in -1..1 -> Found."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_block(3, 16, 2), _block(16, 40, 2), _block(40, 40))
        self.middle = nn.Sequential(_block(40, 80, 2), _Residual(80))
        self.deep = nn.Sequential(_block(80, 144, 2), _Residual(144), _Residual(144))
        self.up = nn.ModuleList([nn.Conv2d(144, 80, 1), nn.Conv2d(80, 64, 1)])
        self.side = nn.Conv2d(40, 64, 1)
        self.join = nn.ModuleList([_block(80, 80), _block(64, 64)])
        self.maps = nn.Conv2d(64, POINTS, 1)
        self.whole = nn.Sequential(_block(144, 48, 2), nn.Flatten(), nn.Linear(48 * 16, 192), nn.ReLU())
        self.rest = nn.Linear(192, POINTS * 4)
        self.outer: Tensor
        self.register_buffer("outer", torch.tensor([[name in OUTER] for name in NAMES]))

    def forward(self, x: Tensor) -> Found:
        """See Found."""
        high = self.stem(x)
        middle = self.middle(high)
        deep = self.deep(middle)
        joined = self.join[0](middle + functional.interpolate(self.up[0](deep), scale_factor=2.0))
        fine = self.join[1](self.side(high) + functional.interpolate(self.up[1](joined), scale_factor=2.0))
        maps = self.maps(fine).float()
        rest = self.rest(self.whole(deep)).float().reshape(-1, POINTS, 4)
        points = torch.where(self.outer, rest[..., :2] + 0.5, peaks(maps))
        return Found(maps, points, rest[..., 2] - 3.5, rest[..., 3])


class DetailNet(nn.Module):
    """(B, 3, 64, 64) in -1..1, right eyes with their brows or mouths -> Found for 14 points of an eye and 10 of a mouth, nothing
    hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_block(3, 16, 2), _block(16, 32))
        self.middle = nn.Sequential(_block(32, 48, 2), _Residual(48))
        self.deep = nn.Sequential(_block(48, 64, 2), _Residual(64))
        self.up = nn.ModuleList([nn.Conv2d(64, 48, 1), nn.Conv2d(48, 40, 1)])
        self.side = nn.Conv2d(32, 40, 1)
        self.join = _block(40, 40)
        self.maps = nn.Conv2d(40, DETAIL_POINTS, 1)
        self.whole = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(256, DETAIL_POINTS))

    def forward(self, x: Tensor) -> Found:
        """See Found."""
        high = self.stem(x)
        middle = self.middle(high)
        deep = self.deep(middle)
        joined = middle + functional.interpolate(self.up[0](deep), scale_factor=2.0)
        fine = self.join(self.side(high) + functional.interpolate(self.up[1](joined), scale_factor=2.0))
        maps = self.maps(fine).float()
        error = self.whole(deep).float() - 3.5
        return Found(maps, peaks(maps), error, torch.zeros_like(error))


class FacesNet(nn.Module):
    """(B, 3, H, W) in -1..1, sides multiples of 16 -> (B, 6, H / 4, W / 4): logit of a face's middle; where in its cell, x and y
    in cells; log of its size in pixels over 32; sine and cosine of its roll."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_block(3, 16, 2), _block(16, 32, 2))
        self.middle = nn.Sequential(_block(32, 64, 2), _Residual(64))
        self.deep = nn.Sequential(_block(64, 80, 2), _Residual(80))
        self.up = nn.ModuleList([nn.Conv2d(80, 64, 1), nn.Conv2d(64, 48, 1)])
        self.side = nn.Conv2d(32, 48, 1)
        self.join = nn.ModuleList([_block(64, 64), _block(48, 48)])
        self.head = nn.Conv2d(48, 6, 1)
        nn.init.zeros_(self.head.weight)
        self.head.bias = nn.Parameter(torch.tensor([-5.0, 0.5, 0.5, 0.0, 0.0, 1.0]))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        high = self.stem(x)
        middle = self.middle(high)
        joined = self.join[0](
            middle + functional.interpolate(self.up[0](self.deep(middle)), scale_factor=2.0)
        )
        fine = self.join[1](self.side(high) + functional.interpolate(self.up[1](joined), scale_factor=2.0))
        head: Tensor = self.head(fine).float()
        return head


def every() -> nn.ModuleDict:
    """All networks, by name."""
    return nn.ModuleDict({"points": PointsNet(), "faces": FacesNet(), "details": DetailNet()})


def points_loss(found: Found, points: Tensor, hidden: Tensor) -> dict[str, Tensor]:
    """points: (B, n, 2), 0 to 1 across the square, NaN where they are not asked for; hidden: (B, n), 0 or 1, counts half.

    Laplace's likelihood with the error that the network expects, the distance itself, and maps with one peak. Where no point of
    a square is asked for there is no face: the error to be expected is LOST."""
    asked = points.isfinite().all(-1)
    face = asked.any(-1, keepdim=True)
    weight = (1.0 - 0.5 * hidden) * asked / asked.float().mean()
    points = points.nan_to_num(0.5)
    distance = (found.points - points).abs().sum(-1)
    likelihood = torch.where(face, distance, LOST) * torch.exp(-found.error) + found.error
    target = points * GRID - 0.5
    steps = torch.arange(GRID, device=points.device)
    across = torch.exp(-((steps - target[..., :1]) ** 2) / (2 * 1.2**2))
    down = torch.exp(-((steps - target[..., 1:]) ** 2) / (2 * 1.2**2))
    peak = down[..., :, None] * across[..., None, :]
    mass = peak.flatten(2).sum(-1)
    inside = (mass > 0.5 * 2 * torch.pi * 1.2**2 * 0.5).float()
    cross = -(peak.flatten(2) / mass[..., None].clamp(min=1e-3) * found.maps.flatten(2).log_softmax(-1)).sum(
        -1
    )
    return {
        "points": (weight * distance).mean(),
        "likelihood": (torch.where(face, weight, 1.0) * likelihood).mean(),
        "maps": (weight * inside * cross).mean(),
        "hidden": functional.binary_cross_entropy_with_logits(
            found.hidden, hidden, face.float().expand_as(hidden)
        ),
    }


def faces_loss(out: Tensor, heat: Tensor, place: Tensor) -> dict[str, Tensor]:
    """heat: (B, h, w), 1 in a face's middle, falling off; place: (B, 6, h, w) as the network's, first 1 in the middle's cell.

    The focal loss of CornerNet (Law and Deng, ECCV 2018, eq. 1), and distances in the cells of middles."""
    chance = out[:, 0].sigmoid().clamp(1e-5, 1 - 1e-5)
    is_middle = place[:, 0]
    near = -is_middle * (1 - chance) ** 2 * chance.log()
    far = -(1 - is_middle) * (1 - heat) ** 4 * chance**2 * (1 - chance).log()
    count = is_middle.sum().clamp(min=1)
    wrong = (out[:, 1:] - place[:, 1:]).abs().mean(1)
    return {"middles": (near + far).sum() / count, "places": (wrong * is_middle).sum() / count}
