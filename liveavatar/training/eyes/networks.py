"""The networks of drawn eyes: one takes a picture of an eye apart, one finishes what is drawn of its parts."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.rigs.picture.eyeguide import MAPS
from liveavatar.training.precision import bfloat16_is_quick

WIDTHS = (32, 64, 96, 128)


class _Block(nn.Module):
    """Two 3x3 convolutions, with gain and bias from a style (Perez et al. 2018) where there is one."""

    def __init__(self, inputs: int, outputs: int, style: int = 0) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm = nn.GroupNorm(8, outputs)
        self.film = nn.Linear(style, 2 * outputs) if style else None
        if self.film is not None:
            nn.init.normal_(self.film.weight, std=0.02)
            nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, style: Tensor | None) -> Tensor:
        x = self.norm(self.first(x))
        if self.film is not None and style is not None:
            gain, bias = self.film(style)[:, :, None, None].chunk(2, 1)
            x = (1 + gain) * x + bias
        return F.silu(self.second(F.silu(x)))


class UNet(nn.Module):
    """From crops (B, inputs, h, h) to (B, outputs, h, h); pixels are folded into channels by two (Ronneberger et al. 2015)."""

    def __init__(self, inputs: int, outputs: int, widths: tuple[int, ...] = WIDTHS, style: int = 0) -> None:
        super().__init__()
        ins = (4 * inputs, *widths[:-1])
        self.down = nn.ModuleList(_Block(i, o, style) for i, o in zip(ins, widths, strict=True))
        pairs = list(pairwise(widths))[::-1]
        self.up = nn.ModuleList(_Block(a + b, a, style) for a, b in pairs)
        self.leave = nn.Conv2d(widths[0], 4 * outputs, 3, padding=1)

    def forward(self, x: Tensor, style: Tensor | None = None) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and bfloat16_is_quick()):
            x = F.pixel_unshuffle(x, 2)
            kept = []
            for k, block in enumerate(self.down):
                x = block(F.avg_pool2d(x, 2) if k else x, style)
                kept.append(x)
            for block, before in zip(self.up, kept[-2::-1], strict=True):
                x = block(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), before], 1), style)
        return F.pixel_shuffle(self.leave(x.float()), 2)


class Apart(nn.Module):
    """Takes an eye apart: 7 masks and 9 of colour, see liveavatar.rigs.picture.eyeparts."""

    def __init__(self) -> None:
        super().__init__()
        self.net = UNet(3 + MAPS, 16)

    def logits(self, given: Tensor) -> tuple[Tensor, Tensor]:
        """given (B, 3 + MAPS, h, h) in [0, 1] -> logits of masks (B, 7, h, h), and colours (B, 9, h, h) in [0, 1]."""
        answer = self.net(given - 0.5)
        return answer[:, :7], torch.sigmoid(answer[:, 7:])

    def forward(self, given: Tensor) -> Tensor:
        """(B, 16, h, h) in [0, 1]."""
        masks, colours = self.logits(given)
        return torch.cat([torch.sigmoid(masks), colours], 1)


def apart_loss(masks: Tensor, colours: Tensor, truth: tuple[Tensor, Tensor, Tensor], near: Tensor) -> Tensor:
    """How far an answer of Apart is from the truth (masks, colours, weights of colours). near (1, 1, h, h): what counts."""
    wanted, painted, there = truth
    shares = torch.sigmoid(masks)
    plain = F.binary_cross_entropy_with_logits(masks, wanted, reduction="none") + 2 * (shares - wanted).abs()
    kinds = torch.tensor([1.0, 2.0, 1.5, 1.5, 1.0, 0.7, 0.5])[:, None, None]
    weight = there.repeat_interleave(3, 1)
    colour = ((colours - painted).abs() * weight * near).sum() / (weight * near).sum().clamp_min(1.0)
    return (plain * kinds * near).mean() / near.mean() + 2 * colour
