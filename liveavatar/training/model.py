"""The conditional generator and discriminator of one avatar.

Geometry does the motion, the generator does the appearance: from the controls it makes a flow for each layer of the
character and two colour patches (eyes, mouth) in the face's own frame. Sheets are learned too.

A layer's flow begins with a forward motion, a sum of a few learned modes: how far each goes comes from products of the
controls (turning points in space and swinging hair are almost that) and from a small perceptron. Newton's steps turn
the forward motion round into the backward flow that a warp needs. `warp` and `over` are the differentiable twins of
liveavatar.renderers.gan.renderer.
"""

import time
from collections.abc import Sequence
from functools import cache
from itertools import combinations_with_replacement, pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.avatar.card import CELL
from liveavatar.renderers.gan.inverse_flow import STEPS, limits
from liveavatar.training.layout import COARSE, Layout

TURN = ("headYaw", "headPitch", "headRoll")
SWING = ("breath", "sway", "hairX", "hairY", "ears")
"""Controls whose products the motion takes: they move large parts together."""
GATE = 2.0
"""Where a patch is not taught otherwise, its sheet gives way to bare skin by so little: sigmoid(-2)."""
MODES = 32
"""Of each layer's motion: the rigs' points are within .05 pixels of so many (benchmarks/LOG.md, 2026-11-25)."""


def monomials(controls: Sequence[str]) -> list[tuple[int, ...]]:
    """Products of at most five controls, as positions in [1, *controls]: all single ones; up to the fifth degree of what turns;
    pairs and cubes of what swings, and these with two turns; each turn with every other control."""
    at = {name: i + 1 for i, name in enumerate(controls)}
    turn, swing = ([at[n] for n in names if n in at] for names in (TURN, SWING))
    others = [i for i in at.values() if i not in turn]
    found: list[tuple[int, ...]] = [(i,) for i in at.values()]
    found += [p for degree in range(2, 6) for p in combinations_with_replacement(turn, degree)]
    found += [*combinations_with_replacement(swing, 2), *((i, i, i) for i in swing)]
    found += [(a, b, c) for a, b in combinations_with_replacement(turn, 2) for c in swing]
    found += [(a, b) for a in turn for b in others]
    return [p + (0,) * (5 - len(p)) for p in found]


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
                made = F.conv2d(x, kernel, padding=1)
            made.float().sum().backward()
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
    """controls (B, n) raw -> flow (B, L, 2, S/8, S/8) in pixels, on each layer's span, and patches [(B, 4, h, w)], to be added to
    the sheets, with as many pixels as these have there, or as the picture has for layout.COARSE; holds the sheets."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        n, cells, count = len(layout.controls), layout.size // CELL, len(layout.layers)
        half = [max(abs(a), abs(b)) for a, b in zip(layout.minimum, layout.maximum, strict=True)]
        self.unit: Tensor
        self.centres: Tensor
        self.coarse_centres: Tensor
        self.register_buffer("unit", torch.tensor(half))
        for name, g in (("centres", cells), ("coarse_centres", cells // 2)):
            line = (torch.arange(g) + 0.5) * 2 / g - 1
            self.register_buffer(name, torch.stack(torch.meshgrid(line, line, indexing="xy"), -1))

        def channels(*values: int) -> list[int]:
            return [max(8, round(v * layout.width / 8) * 8) for v in values]

        bounds = [limits(name in layout.laid_out) for name in layout.layers]
        self.limits: Tensor
        self.register_buffer("limits", torch.tensor(bounds)[:, :, None, None], persistent=False)
        spans = torch.tensor(layout.spans, dtype=torch.float32)
        self.origin: Tensor
        self.scale: Tensor
        self.register_buffer("origin", spans[:, :2], persistent=False)
        self.register_buffer("scale", 2 / spans[:, 2:], persistent=False)

        style, side = max(16, round(192 * layout.width)), 2 * layout.detail
        shapes = [
            (channels(96, 80, 64, 48), 4) if name in COARSE else (channels(96, 80, 64, 48, 32), 5)
            for name, _, _ in layout.patches
        ]
        self.motion = Motion(layout.controls, count, cells, max(16, round(256 * layout.width)))
        self.trunks = nn.ModuleList(
            Trunk(n, (h // 32, w // 32), widths, planes * side**2, style)
            for (_, _, (_, _, w, h)), (widths, planes) in zip(layout.patches, shapes, strict=True)
        )
        side = layout.size * layout.detail
        self.sheets = nn.Parameter(torch.zeros(count, 4, side, side))
        self.bare = nn.ParameterDict(
            {
                name: torch.zeros(1, 4, h * layout.detail, w * layout.detail)
                for name, _, (_, _, w, h) in layout.patches
                if name not in COARSE
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
        moved = self.motion(c)
        forward = moved.flatten(0, 1)
        stride, least = self.limits.repeat(len(c), 1, 1, 1).split(1, 1)
        scale = self.scale[:, :, None, None].repeat(len(c), 1, 1, 1)
        coarse = F.avg_pool2d(forward, 2)
        both, flow = torch.cat([coarse, slopes(coarse, scale)], 1), -coarse

        def nearer(inverse: Tensor, found: Tensor) -> Tensor:
            step = times(inverse, flow + found)
            return flow - torch.minimum(torch.maximum(step, -stride), stride)

        for _ in range(STEPS):
            found = _at(both, flow * scale, self.coarse_centres)
            inverse = inverted(found[:, 2:], least)
            flow = nearer(inverse, found[:, :2])
        flow, inverse = (
            F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False) for x in (flow, inverse)
        )
        return nearer(inverse, _at(forward, flow * scale, self.centres)).view(moved.shape)

    def on_span(self, at: Tensor, layer: int) -> Tensor:
        """Positions (..., 2) of the canvas, where a pixel's corner is whole, on a layer's span: -1 to 1."""
        return (at - self.origin[layer]) * self.scale[layer] - 1

    def motion_at(self, c: Tensor, layer: int, box: tuple[int, int, int, int]) -> Tensor:
        """How far each pixel of a layer's sheet in a box (x, y, w, h) of the canvas goes, for normalised controls (B, n):
        (B, 2, h * detail, w * detail), in pixels of the canvas."""
        x, y, w, h = (v * self.layout.detail for v in box)
        moved = self.motion.layer(c, layer)
        column, row = (
            (torch.arange(count, device=c.device) + start + 0.5) / self.layout.detail
            for start, count in ((x, w), (y, h))
        )
        at = self.on_span(torch.stack(torch.meshgrid(column, row, indexing="xy"), -1), layer)
        at = at.expand(len(c), h, w, 2)
        return F.grid_sample(moved, at, padding_mode="border", align_corners=False)

    def fills(self) -> dict[str, Tensor]:
        """What turns each fine patch's part of its sheet into bare skin: (1, 4, h * detail, w * detail) in [-1, 1]."""
        sheets = self.sheets.detach()
        return {
            name: self.bare[name] - self.part_of(sheets[self.layout.layer(of)], box)
            for name, of, box in self.layout.patches
            if name in self.bare
        }

    def patches(self, c: Tensor) -> list[Tensor]:
        """The colour patches for normalised controls (B, n), as forward gives them.

        A trunk of a fine one says where the sheet gives way to bare skin, and what is drawn there. So a lid covers the eye's hole
        to its very edge: drawn by the trunk alone, a hair's breadth of white stays open round a closed eye."""
        fills, result = self.fills(), []
        for trunk, (name, of, box) in zip(self.trunks, self.layout.patches, strict=True):
            made = F.pixel_shuffle(trunk(c), 2 * self.layout.detail)
            drawn = torch.tanh(made[:, :4])
            if name in fills:
                drawn = drawn + torch.sigmoid(made[:, 4:] - GATE) * fills[name]
            if name in self.bounds:
                part = self.part_of(self.sheets.detach()[self.layout.layer(of)], box)
                drawn = saturated(part + drawn, *self.bounds[name]) - part
            result.append(drawn)
        return result

    def changed(self, patch: Tensor, part: Tensor) -> Tensor:
        """A part of a sheet (..., 4, h, w) with a patch (B, 4, h', w') added to it, enlarged as the live renderer does."""
        if patch.shape[-2:] != part.shape[-2:]:
            patch = F.interpolate(patch, part.shape[-2:], mode="bilinear", align_corners=False)
        return saturated(part + patch)

    def patch_matrices(self) -> list[nn.Parameter]:
        """The inner weights of the patches' networks, which are trained as matrices."""
        return [p for trunk in self.trunks if isinstance(trunk, Trunk) for p in trunk.matrices()]

    def part_of(self, sheet: Tensor, box: tuple[int, int, int, int]) -> Tensor:
        """What lies in a box of the avatar's canvas: (..., S * detail, S * detail) -> (..., h * detail, w * detail)."""
        x, y, w, h = (v * self.layout.detail for v in box)
        return sheet[..., y : y + h, x : x + w]

    def warp(
        self, flow: Tensor, patches: list[Tensor], grid: Tensor, seen: Tensor | None = None
    ) -> list[Tensor]:
        """Every layer at the wanted picture positions, before stacking.

        grid: (B, h, w, 2) pixel positions (x, y) of the picture; seen: (B, L) bool, which layers have anything there (all
        if None). Returns one (B, 4, h, w) a layer."""
        size, (b, h, w, _) = self.layout.size, grid.shape
        layers = []
        # split and unbind: taking slices one by one would fill a whole zero gradient for each.
        parts = zip(self.layout.layers, self.sheets.split(1), flow.unbind(1), strict=True)
        for k, (name, sheet, cells) in enumerate(parts):
            rows = torch.arange(b, device=grid.device) if seen is None else seen[:, k].nonzero()[:, 0]
            here = self.on_span(grid[rows] + 0.5, k)
            offset = F.grid_sample(cells[rows], here, padding_mode="border", align_corners=False)
            at = grid[rows] + offset.permute(0, 2, 3, 1)
            whole = ((at + 0.5) * (2 / size) - 1).reshape(1, len(rows) * h, w, 2)
            layer = F.grid_sample(sheet, whole, align_corners=False)
            layer = layer.view(4, len(rows), h, w).transpose(0, 1)
            for (_, of, (x, y, pw, ph)), patch in zip(self.layout.patches, patches, strict=True):
                if of == name:
                    scale = at.new_tensor([2 / pw, 2 / ph])
                    inside = (at - at.new_tensor([float(x), float(y)]) + 0.5) * scale - 1
                    under = self.part_of(sheet, (x, y, pw, ph))
                    change = self.changed(patch[rows], under) - under  # as 8-bit sheets do
                    layer = layer + F.grid_sample(change, inside, align_corners=False)
            layer = layer.clamp(0, 1)
            if len(rows) < b:
                layer = layer.new_zeros(b, 4, h, w).index_copy(0, rows, layer)
            layers.append(layer)
        return layers


def _at(field: Tensor, flow: Tensor, centres: Tensor) -> Tensor:
    """A field where the flow (N, 2, h, w), in halves of the span, leads: the point that is here now came from there, if the
    motion leads from there to here."""
    at = centres + flow.permute(0, 2, 3, 1)
    return F.grid_sample(field, at, padding_mode="border", align_corners=False)


def slopes(field: Tensor, scale: Tensor) -> Tensor:
    """(N, 2, h, w) in pixels -> (N, 4, h, w): how both change along x, then along y, a pixel. scale: (N, 2, 1, 1) halves of the
    span a pixel."""
    right = torch.cat([field[..., :1], field, field[..., -1:]], -1)  # the exporter warns of F.pad
    down = torch.cat([field[..., :1, :], field, field[..., -1:, :]], -2)
    x, y = (scale * (field.shape[-1] / 4)).split(1, 1)
    return torch.cat([(right[..., 2:] - right[..., :-2]) * x, (down[..., 2:, :] - down[..., :-2, :]) * y], 1)


def inverted(slope: Tensor, least: Tensor) -> Tensor:
    """The inverse of 1 + slope at every place, both (N, 4, h, w) as `slopes` orders them; determinants are kept from `least`
    (N, 1, 1, 1) up."""
    xx, yx, xy, yy = slope.split(1, 1)
    xx, yy = xx + 1, yy + 1
    return torch.cat([yy, -yx, -xy, xx], 1) / torch.maximum(xx * yy - xy * yx, least)


def times(matrix: Tensor, vector: Tensor) -> Tensor:
    """(N, 4, h, w) as `slopes` orders them, by (N, 2, h, w)."""
    return matrix[:, :2] * vector[:, :1] + matrix[:, 2:] * vector[:, 1:]


def saturated(x: Tensor, low: Tensor | float = 0.0, high: Tensor | float = 1.0) -> Tensor:
    """Clamped, but with the gradient of x: what is too bright must be able to come back."""
    return x + (x.clamp(low, high) - x).detach()  # type: ignore[arg-type]


def over(layers: list[Tensor]) -> Tensor:
    """Premultiplied source-over, back to front: layers (B, 4, h, w) -> (B, 4, h, w)."""
    result, *above = layers
    for layer in above:
        result = layer + result * (1 - layer[:, 3:])
    return torch.minimum(result, result[:, 3:])


def pixel_grid(origins: Tensor, size: int, step: float = 1.0) -> Tensor:
    """Picture positions of a crop: origins (B, 2) x, y -> (B, size, size, 2), every `step` pixels."""
    line = torch.arange(size, dtype=torch.float32, device=origins.device) * step + (step - 1) / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x, y], -1) + origins[:, None, None, :].float()


class Discriminator(nn.Module):
    """Judges square RGBA crops (128x128 at size 512) and their high-pass, knowing the condition and where the crop was taken.

    Projection discriminator (Miyato and Koyama 2018). Returns scores (B,) and the features of each layer."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.unit: Tensor
        self.register_buffer("unit", torch.ones(n))
        widths = (32, 64, 96, 128)
        convs, last = [], 8
        for i, w in enumerate(widths):
            convs.append(nn.Conv2d(last, w, 3 if i == 0 else 4, stride=1 if i == 0 else 2, padding=1))
            last = w
        self.convs = nn.ModuleList(convs)
        self.score = nn.Conv2d(last, 1, 3, padding=1)
        self.project = nn.Sequential(nn.Linear(n + 2, 128), nn.SiLU(), nn.Linear(128, last))

    def forward(self, crops: Tensor, controls: Tensor, position: Tensor) -> tuple[Tensor, list[Tensor]]:
        """crops (B, 4, h, h) in [0, 1]; controls (B, n); position (B, 2) in [-1, 1]."""
        soft = F.avg_pool2d(F.pad(crops, (2, 2, 2, 2), mode="replicate"), 5, stride=1)
        x, features = torch.cat([crops * 2 - 1, 6 * (crops - soft)], 1), []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
            features.append(x)
        code = self.project(torch.cat([controls / self.unit, position], 1))
        match = (x * code[:, :, None, None]).sum(1) / x.shape[1] ** 0.5
        return self.score(x).mean((1, 2, 3)) + match.mean((1, 2)), features
