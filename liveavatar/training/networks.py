"""The conditional generator of one avatar. What is special:

- Geometry does the motion, the generator does the appearance: the controls give a motion for each layer of the character and
  a few colour patches (eyes, mouth, cheeks) in the layers' own frames. The layers' textures are learned too.
- A layer's motion is a sum of a few learned modes. How far each goes comes from products of the controls (turning points in
  space and swinging hair are almost that) and from a small perceptron.
- A patch comes from a small decoder with FiLM and a learned bias at every position. Where it is not taught otherwise, it lets
  bare skin through, so that a lid covers the eye to its very edge.

How motion and patches become a picture is in warp.py, who judges it in losses.py.
"""

import time
from collections.abc import Sequence
from functools import cache
from itertools import combinations_with_replacement, pairwise, product

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.avatar.card import CELL
from liveavatar.training.layout import COARSE, Layout
from liveavatar.training.warp import Warp, saturated

TURN = ("headYaw", "headPitch", "headRoll")
SWING = ("breath", "sway", "hairX", "hairY", "ears")
"""Controls whose products the motion takes: they move large parts together."""
GATE = 2.0
"""Where a patch is not taught otherwise, its texture gives way to bare skin by so little: sigmoid(-2)."""
MODES = 32
"""Of each layer's motion: the rigs' points are within .05 pixels of so many (benchmarks/LOG.md, 2026-11-25)."""


def monomials(controls: Sequence[str]) -> list[tuple[int, ...]]:
    """Products of at most five controls, as positions in [1, *controls]: all single ones; up to the fifth degree of what turns;
    pairs and cubes of what swings, and these with two turns; each turn with every other control."""
    at = {name: i + 1 for i, name in enumerate(controls)}
    turn, swing = ([at[n] for n in names if n in at] for names in (TURN, SWING))
    others = [i for i in at.values() if i not in turn]
    products: list[tuple[int, ...]] = [
        *((i,) for i in at.values()),
        *(p for degree in range(2, 6) for p in combinations_with_replacement(turn, degree)),
        *combinations_with_replacement(swing, 2),
        *((i, i, i) for i in swing),
        *((a, b, c) for (a, b), c in product(combinations_with_replacement(turn, 2), swing)),
        *product(turn, others),
    ]
    return [p + (0,) * (5 - len(p)) for p in products]


@cache
def bfloat16_is_quick() -> bool:
    """Whether this processor computes convolutions faster in bfloat16, by trying (a fifth of a second): without AVX-512
    it is emulated, and ten times slower than float32."""
    kernel, x = torch.ones(64, 64, 3, 3, requires_grad=True), torch.ones(4, 64, 16, 16)

    def seconds(enabled: bool) -> float:
        spent = []
        for _ in range(4):
            start = time.perf_counter()
            with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                y = F.conv2d(x, kernel, padding=1)
            y.float().sum().backward()
            spent.append(time.perf_counter() - start)
        return min(spent)

    return seconds(True) < seconds(False)


def separate(inputs: int, outputs: int) -> nn.Sequential:
    """A 3x3 convolution as depthwise and pointwise."""
    across = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs)
    return nn.Sequential(across, nn.Conv2d(inputs, outputs, 1))


class Block(nn.Module):
    """Nearest x2, 3x3 convolution, learned bias at every position, FiLM (Perez et al. 2018) from the style, SiLU.

    separable: depthwise and pointwise instead of a full convolution, a fifth of the time where pixels are many."""

    def __init__(
        self, inputs: int, outputs: int, size: tuple[int, int], style: int, separable: bool = False
    ) -> None:
        super().__init__()
        self.conv: nn.Module = nn.Conv2d(inputs, outputs, 3, padding=1)
        if separable:
            self.conv = separate(inputs, outputs)
        self.place = nn.Parameter(torch.zeros(1, outputs, *size))
        self.film = nn.Linear(style, 2 * outputs)
        nn.init.normal_(self.film.weight, std=0.02)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        x = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest")) + self.place
        gain, bias = self.film(style).view(len(style), -1, 1, 1).chunk(2, 1)
        return F.silu((1 + gain) * x + bias)


class Trunk(nn.Module):
    """Controls (B, n) -> maps (B, outputs, h, w); h, w = start * 2^(len(channels) - 1)."""

    def __init__(
        self, n: int, start: tuple[int, int], channels: Sequence[int], outputs: int, style: int
    ) -> None:
        super().__init__()
        self.start, self.first = start, channels[0]
        self.enter, self.mix, self.leave = (
            nn.Linear(n, style),
            nn.Linear(style, style),
            nn.Linear(style, style),
        )
        self.seed = nn.Linear(style, channels[0] * start[0] * start[1])
        blocks, (h, w) = [], start
        for i, (inputs, features) in enumerate(pairwise(channels)):
            h, w = 2 * h, 2 * w
            blocks.append(Block(inputs, features, (h, w), style, separable=i == len(channels) - 2))
        self.blocks = nn.ModuleList(blocks)
        self.head = separate(channels[-1], outputs)
        weight, bias = self.head[1].parameters()
        nn.init.normal_(weight, std=0.03)
        nn.init.zeros_(bias)

    def matrices(self) -> list[nn.Parameter]:
        """The weights within, between the controls and the last layer, that are matrices or kernels."""
        within = [self.enter, self.mix, self.leave, self.seed, *self.blocks]
        named = [item for module in within for item in module.named_parameters()]
        return [p for name, p in named if p.dim() > 1 and name != "place"]

    def features(self, c: Tensor) -> Tensor:
        """What the last layer, `head`, sees: (B, channels[-1], h, w)."""
        style = F.silu(self.enter(c))
        style = style + F.silu(self.mix(style))
        style = F.silu(self.leave(style))
        x = F.silu(self.seed(style)).view(-1, self.first, *self.start)
        # bfloat16 while training saves a third of the time, where the processor has it; the last layer stays exact.
        quick = self.training and x.device.type == "cpu" and bfloat16_is_quick()
        with torch.autocast("cpu", torch.bfloat16, enabled=quick):
            for block in self.blocks:
                x = block(x, style)
        return x.float()

    def forward(self, c: Tensor) -> Tensor:
        return self.head(self.features(c))


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


class Generator(nn.Module):
    """controls (B, n) raw -> flow (B, L, 2, S/8, S/8) in pixels, on each layer's span, and patches [(B, 4, h, w)] in [-1, 1], to
    be added to the textures, with as many pixels as these have there, or as the picture has for layout.COARSE; holds the
    textures, (L, 4, S * detail, S * detail) in [0, 1], premultiplied RGBA."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        n, cells, count = len(layout.controls), layout.size // CELL, len(layout.layers)
        half = [max(abs(a), abs(b)) for a, b in zip(layout.minimum, layout.maximum, strict=True)]
        self.unit: Tensor
        self.register_buffer("unit", torch.tensor(half))

        def channels(*values: int) -> list[int]:
            return [max(8, round(v * layout.width / 8) * 8) for v in values]

        style, side = max(16, round(192 * layout.width)), 2 * layout.detail
        shapes = [
            (channels(96, 80, 64, 48), 4) if name in COARSE else (channels(96, 80, 64, 48, 32), 5)
            for name in (patch.name for patch in layout.patches)
        ]
        self.warp = Warp(layout)
        self.motion = Motion(layout.controls, count, cells, max(16, round(256 * layout.width)))
        self.trunks = nn.ModuleList(
            Trunk(n, (patch.box.h // 32, patch.box.w // 32), widths, planes * side**2, style)
            for patch, (widths, planes) in zip(layout.patches, shapes, strict=True)
        )
        side = layout.size * layout.detail
        self.textures = nn.Parameter(torch.zeros(count, 4, side, side))
        self.bare = nn.ParameterDict(
            {
                patch.name: torch.zeros(1, 4, patch.box.h * layout.detail, patch.box.w * layout.detail)
                for patch in layout.patches
                if patch.name not in COARSE
            }
        )
        """What is under each fine patch where nothing is drawn: skin without a hole for the eye, without a mouth."""
        self.bounds: dict[str, tuple[Tensor, Tensor]] = {}
        """The least and the most that a fine patch may show, (4, h * detail, w * detail) in [0, 1]: what its teacher ever drew
        there. Without, rare mixes leave white specks on skin beside the eyes. Not part of the state: made from the stills."""

    def forward(self, controls: Tensor) -> tuple[Tensor, list[Tensor]]:
        c = controls / self.unit
        return self.flows(c), self.patches(c)

    def flows(self, c: Tensor) -> Tensor:
        """Backward flow of each layer for normalised controls (B, n): (B, L, 2, S/8, S/8) in pixels."""
        return self.warp.flow(self.motion(c))

    def fills(self) -> dict[str, Tensor]:
        """What turns each fine patch's part of its texture into bare skin: (1, 4, h * detail, w * detail) in [-1, 1]."""
        textures = self.textures.detach()
        return {
            patch.name: self.bare[patch.name]
            - self.warp.part_of(textures[self.layout.layer(patch.layer)], patch.box)
            for patch in self.layout.patches
            if patch.name in self.bare
        }

    def patches(self, c: Tensor) -> list[Tensor]:
        """The colour patches for normalised controls (B, n), as forward gives them.

        A trunk of a fine one says where the texture gives way to bare skin, and what is drawn there. So a lid covers the eye's
        hole to its very edge: drawn by the trunk alone, a hair's breadth of white stays open round a closed eye."""
        fills, result = self.fills(), []
        for trunk, patch in zip(self.trunks, self.layout.patches, strict=True):
            name = patch.name
            maps = F.pixel_shuffle(trunk(c), 2 * self.layout.detail)
            drawn = torch.tanh(maps[:, :4])
            if name in fills:
                drawn = drawn + torch.sigmoid(maps[:, 4:] - GATE) * fills[name]
            if name in self.bounds:
                part = self.warp.part_of(self.textures.detach()[self.layout.layer(patch.layer)], patch.box)
                drawn = saturated(part + drawn, *self.bounds[name]) - part
            result.append(drawn)
        return result

    def patch_matrices(self) -> list[nn.Parameter]:
        """The inner weights of the patches' networks, which are trained as matrices."""
        return [p for trunk in self.trunks if isinstance(trunk, Trunk) for p in trunk.matrices()]

    def layers(
        self, flow: Tensor, patches: list[Tensor], grid: Tensor, visible: Tensor | None = None
    ) -> list[Tensor]:
        """The textures warped: see Warp.layers."""
        return self.warp.layers(self.textures, flow, patches, grid, visible)
