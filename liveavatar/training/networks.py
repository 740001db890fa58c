"""The conditional generator of one avatar. What is special:

- Geometry does the motion, the generator does the appearance: the controls give a motion for each layer of the character and
  a few patches of its textures (eyes, mouth, cheeks) in the layers' own frames. The layers' textures are learned too.
- A layer's motion is a sum of a few learned modes. How far each goes comes from products of the controls (turning points in
  space and swinging hair are almost that) and from a small perceptron.
- A patch is a sum of a few learned pictures too. How much of each comes from a deep perceptron. So a frame is a few hundred
  numbers, whoever draws it.

How motion and patches become a picture is in warp.py, who judges it in losses.py.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.avatar.card import CELL, Patch
from liveavatar.fitting.layout import Layout, pictures_of
from liveavatar.fitting.modes import MODES
from liveavatar.fitting.products import TURN, monomials
from liveavatar.training.warp import Warp, saturated

WIDTH, DEPTH = 256, 5
"""Of the perceptron of a patch."""


class Perceptron(nn.Module):
    """Controls (B, n) -> (B, outputs): SiLU, layers of one width, those within residual."""

    def __init__(self, n: int, outputs: int, width: int) -> None:
        super().__init__()
        self.enter, self.leave = nn.Linear(n, width), nn.Linear(width, width)
        self.mix = nn.ModuleList(nn.Linear(width, width) for _ in range(DEPTH - 2))
        self.amounts = nn.Linear(width, outputs)

    def forward(self, c: Tensor) -> Tensor:
        x = F.silu(self.enter(c))
        for mix in self.mix:
            x = x + F.silu(mix(x))
        return self.amounts(F.silu(self.leave(x)))

    def matrices(self) -> list[nn.Parameter]:
        """The inner weights."""
        return [layer.weight for layer in (self.enter, *self.mix, self.leave)]


class Dictionary(nn.Module):
    """A patch as a sum of learned pictures: normalised controls (B, n) -> (B, 4, h, w), premultiplied RGBA in [0, 1]."""

    def __init__(self, n: int, shape: tuple[int, int], count: int, width: int) -> None:
        super().__init__()
        self.perceptron = Perceptron(n, count, width)
        self.pictures = nn.Parameter(torch.zeros(count, 4, *shape))
        self.mean = nn.Parameter(torch.zeros(4, *shape))
        self.low: Tensor
        self.high: Tensor
        # The least and the most that its teacher ever drew at each pixel: rare mixes leave specks without.
        self.register_buffer("low", torch.zeros(4, *shape))
        self.register_buffer("high", torch.ones(4, *shape))

    def forward(self, c: Tensor) -> Tensor:
        shown = self.perceptron(c) @ self.pictures.flatten(1) + self.mean.flatten()
        return saturated(shown.view(-1, *self.mean.shape), self.low, self.high)


class Motion(nn.Module):
    """Controls (B, n) in [-1, 1] -> forward motion of each layer, (B, L, 2, g, g) in pixels."""

    def __init__(self, controls: Sequence[str], count: int, cells: int, width: int) -> None:
        super().__init__()
        n, self.cells = len(controls), cells
        self.turns = [i for i, name in enumerate(controls) if name in TURN]
        self.factors: Tensor
        self.register_buffer("factors", torch.tensor(monomials(controls)).T.contiguous())
        self.products = nn.Linear(self.factors.shape[1], count * MODES)
        self.enter, self.leave = nn.Linear(n, width), nn.Linear(width, width)
        self.mix = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.amounts = nn.Linear(width * (1 + len(self.turns)), count * MODES)
        self.modes = nn.Parameter(torch.zeros(count, MODES, 2 * cells**2))
        for layer in (self.products, self.amounts):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def phi(self, c: Tensor) -> Tensor:
        """`monomials` of normalised controls: (B, n) -> (B, P)."""
        x = torch.cat([torch.ones_like(c[:, :1]), c], 1)
        product = x[:, self.factors[0]]
        for factor in self.factors[1:]:
            product = product * x[:, factor]
        return product

    def coefficients(self, c: Tensor) -> Tensor:
        """How far each mode goes: (B, n) -> (B, L, MODES)."""
        x = F.silu(self.enter(c))
        for mix in self.mix:
            x = x + F.silu(mix(x))
        x = F.silu(self.leave(x))
        x = torch.cat(
            [x, *(x * c[:, i : i + 1] for i in self.turns)], 1
        )  # a turned head turns what its face does
        return (self.products(self.phi(c)) + self.amounts(x)).view(-1, len(self.modes), MODES)

    def matrices(self) -> list[nn.Parameter]:
        """The inner weights of the perceptron."""
        return [layer.weight for layer in (self.enter, *self.mix, self.leave)]

    def layer(self, c: Tensor, which: int) -> Tensor:
        """As forward, of one layer: (B, 2, g, g)."""
        return (self.coefficients(c)[:, which] @ self.modes[which]).view(-1, 2, self.cells, self.cells)

    def forward(self, c: Tensor) -> Tensor:
        moved = self.coefficients(c).transpose(0, 1) @ self.modes  # (L, B, 2 g g)
        return moved.transpose(0, 1).reshape(-1, len(self.modes), 2, self.cells, self.cells)


def perceptron_width(layout: Layout) -> int:
    """Of a motion's and of patches' perceptrons."""
    return max(16, round(WIDTH * layout.width))


def motion_of(layout: Layout) -> Motion:
    """One that has still to be fitted."""
    return Motion(layout.controls, len(layout.layers), layout.size // CELL, perceptron_width(layout))


class Generator(nn.Module):
    """controls (B, n) raw -> flow (B, L, 2, S/8, S/8) in pixels, on each layer's span, and patches [(B, 4, h, w)] in [0, 1], what
    the textures show there, with as many pixels as these; holds the textures, (L, 4, S * detail, S * detail) in [0, 1],
    premultiplied RGBA."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        self.unit: Tensor
        self.register_buffer("unit", torch.tensor(layout.unit))
        n, width = len(layout.controls), perceptron_width(layout)
        self.warp = Warp(layout)
        self.motion = motion_of(layout)
        self.dictionaries = nn.ModuleDict(
            {
                patch.name: Dictionary(
                    n, layout.texels(patch), max(8, round(pictures_of(patch.name) * layout.width)), width
                )
                for patch in layout.patches
            }
        )
        side = layout.size * layout.detail
        self.textures = nn.Parameter(torch.zeros(len(layout.layers), 4, side, side))

    def forward(self, controls: Tensor) -> tuple[Tensor, list[Tensor]]:
        c = controls / self.unit
        return self.flows(c), self.patches(c)

    def flows(self, c: Tensor) -> Tensor:
        """Backward flow of each layer for normalised controls (B, n): (B, L, 2, S/8, S/8) in pixels."""
        return self.warp.flow(self.motion(c))

    def dictionary(self, patch: Patch) -> Dictionary:
        """Of a patch."""
        found = self.dictionaries[patch.name]
        assert isinstance(found, Dictionary)
        return found

    def patches(self, c: Tensor) -> list[Tensor]:
        """The patches for normalised controls (B, n), as forward gives them."""
        return [self.dictionary(patch)(c) for patch in self.layout.patches]

    def matrices(self) -> list[nn.Parameter]:
        """The inner weights of the patches' perceptrons, which are trained as matrices."""
        return [w for patch in self.layout.patches for w in self.dictionary(patch).perceptron.matrices()]

    def layers(
        self, flow: Tensor, patches: list[Tensor], grid: Tensor, visible: Tensor | None = None
    ) -> list[Tensor]:
        """The textures warped: see Warp.layers."""
        return self.warp.layers(self.textures, flow, patches, grid, visible)
