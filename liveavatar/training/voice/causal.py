"""Networks over frames that look back only and go on from where they were: one graph trains on whole sounds and runs live."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TAPS = 3
"""Frames that a block looks at."""


class Block(nn.Module):
    """A residual block after ConvNeXt (Liu et al. 2022): each channel along time, then channels among each other."""

    def __init__(self, width: int, expansion: int, dilation: int) -> None:
        """dilation: frames between two taps."""
        super().__init__()
        self.dilation = dilation
        self.taps = nn.Parameter(torch.randn(TAPS, width) * 0.2 + torch.tensor([0.0, 0.0, 1.0])[:, None])
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, expansion * width)
        self.outer = nn.Linear(expansion * width, width)
        nn.init.normal_(self.outer.weight, std=0.3 * (expansion * width) ** -0.5)

    def forward(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """x: (B, T, width), before: the (TAPS - 1) * dilation frames before them. Returns (B, T, width), and what to remember."""
        d, whole = self.dilation, torch.cat([before, x], 1)
        mixed = (
            whole[:, : -2 * d] * self.taps[0]
            + whole[:, d:-d] * self.taps[1]
            + whole[:, 2 * d :] * self.taps[2]
        )
        return x + self.outer(F.silu(self.inner(self.norm(mixed)))), whole[:, -2 * d :]


class Causal(nn.Module):
    """A linear layer, and blocks."""

    def __init__(self, inputs: int, width: int, expansion: int, dilations: Sequence[int]) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(Block(width, expansion, dilation) for dilation in dilations)
        self.last = nn.LayerNorm(width)
        self.remembered = [(TAPS - 1) * dilation for dilation in dilations]
        """Frames, of each block."""
        self.width, self.memory = width, sum(self.remembered)

    def start(self, count: int) -> Tensor:
        """(count, memory, width): what is remembered before anything was heard."""
        return torch.zeros(count, self.memory, self.width, device=self.last.weight.device)

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """x: (B, T, inputs), memory as of start() or of the call before. Returns (B, T, width), and what to remember."""
        x, kept = self.first(x), []
        for block, before in zip(self.blocks, memory.split(self.remembered, 1), strict=True):
            x, remembered = block(x, before)
            kept.append(remembered)
        return self.last(x), torch.cat(kept, 1)
