"""The network that takes a picture apart: a U-Net (Ronneberger et al. 2015) that looks at it at 256 pixels and answers at 128."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.rigs.picture.parts import HIDDEN, VISIBLE
from liveavatar.training.precision import bfloat16_is_quick

WIDTHS = (48, 80, 112, 144)
"""Channels at 64 pixels, 32 and so on."""
OUTPUTS = len(VISIBLE) + 4 * len(HIDDEN)


class Block(nn.Module):
    """Two 3x3 convolutions beside a straight way."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(F.silu(self.norms[0](x)))
        y = self.second(F.silu(self.norms[1](y)))
        return x + y


class Net(nn.Module):
    """A picture (B, 4, 256, 256) in [0, 1], colours over grey and what is known of its alpha (all one where nothing is), to
    (B, OUTPUTS, 128, 128): see liveavatar.rigs.picture.parts."""

    def __init__(self) -> None:
        super().__init__()
        w = WIDTHS
        self.enter = nn.Conv2d(64, w[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in pairwise(w))
        self.into = nn.ModuleList(Block(width) for width in w)
        self.deep = Block(w[-1])
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(w))
        self.out = nn.ModuleList(Block(width) for width in w[:-1])
        self.leave = nn.Conv2d(w[0], 4 * OUTPUTS, 3, padding=1)

    def forward(self, picture: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and bfloat16_is_quick()):
            x = self.into[0](self.enter(F.pixel_unshuffle(picture - 0.5, 4)))
            beside = []
            for down, block in zip(self.down, self.into[1:], strict=True):
                beside.append(x)
                x = block(down(x))
            x = self.deep(x)
            for up, block in zip(reversed(self.up), reversed(self.out), strict=True):
                x = block(F.interpolate(up(x), scale_factor=2.0, mode="bilinear") + beside.pop())
            out = self.leave(F.silu(x))
        return F.pixel_shuffle(out.float(), 2)


def loss(out: Tensor, seen: Tensor, shapes: Tensor, colours: Tensor) -> tuple[Tensor, dict[str, float]]:
    """out as of Net; seen (B, V, h, w): how much of each pixel shows which part, summing to one; shapes (B, H, h, w): how much
    of it each part covers, seen or hidden; colours (B, H, 3, h, w): of these, not premultiplied."""
    v, h = len(VISIBLE), len(HIDDEN)
    parts = -(seen * F.log_softmax(out[:, :v], 1)).sum(1).mean()
    covers = F.binary_cross_entropy_with_logits(out[:, v : v + h], shapes)
    painted = torch.sigmoid(out[:, v + h :]).unflatten(1, (h, 3))
    hidden = shapes - torch.stack([seen[:, VISIBLE.index(name)] for name in HIDDEN], 1)
    weight = shapes * (0.2 + hidden.clamp(0, 1))
    colour = ((painted - colours).abs().mean(2) * weight).sum() / weight.sum().clamp(min=1.0)
    total = parts + 0.5 * covers + 3.0 * colour
    told = {"loss": total.item(), "parts": parts.item(), "shapes": covers.item(), "colours": colour.item()}
    return total, told
