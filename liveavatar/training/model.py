"""The conditional generator and discriminator of one avatar.

Geometry does the motion, the generator does the appearance: from the controls it makes a flow for each layer of the
character and two colour patches (eyes, mouth) in the face's own frame. Sheets are learned too. `compose` is the
differentiable twin of liveavatar.renderers.gan: same maps, same stacking.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.training.layout import Layout

CELL = 8
POSE = ("headYaw", "headPitch", "headRoll", "breath", "sway", "hairX", "hairY", "ears")
"""Controls whose products the linear flow basis holds: they move large parts together."""


class Block(nn.Module):
    """Nearest x2, 3x3 convolution, learned bias at every position, FiLM (Perez et al. 2018) from the style, SiLU.

    separable: depthwise and pointwise instead of a full convolution, a fifth of the time where pixels are many."""

    def __init__(
        self, inputs: int, outputs: int, size: tuple[int, int], style: int, separable: bool = False
    ) -> None:
        super().__init__()
        self.conv: nn.Module = nn.Conv2d(inputs, outputs, 3, padding=1)
        if separable:
            across = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs)
            self.conv = nn.Sequential(across, nn.Conv2d(inputs, outputs, 1))
        self.place = nn.Parameter(torch.zeros(1, outputs, *size))
        self.film = nn.Linear(style, 2 * outputs)
        nn.init.normal_(self.film.weight, std=0.02)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        x = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest")) + self.place
        gain, bias = self.film(style)[:, :, None, None].chunk(2, 1)
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
        self.head = nn.Conv2d(channels[-1], outputs, 3, padding=1)
        nn.init.normal_(self.head.weight, std=0.01)
        torch.nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, c: Tensor) -> Tensor:
        style = F.silu(self.enter(c))
        style = style + F.silu(self.mix(style))
        style = F.silu(self.leave(style))
        x = F.silu(self.seed(style)).view(-1, self.first, *self.start)
        # bfloat16 while training saves a third of the time; the last layer stays exact (flows are in pixels).
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            for block in self.blocks:
                x = block(x, style)
        return self.head(x.float())


class Generator(nn.Module):
    """controls (B, n) raw -> flow (B, L, 2, S/8, S/8) in pixels, patches [(B, 4, h, w)] in [-1, 1]; holds the sheets."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        n, cells, count = len(layout.controls), layout.size // CELL, len(layout.layers)
        half = [max(abs(a), abs(b)) for a, b in zip(layout.minimum, layout.maximum, strict=True)]
        self.unit: Tensor
        self.pair_a: Tensor
        self.pair_b: Tensor
        self.register_buffer("unit", torch.tensor(half))
        pose = [layout.controls.index(p) for p in POSE if p in layout.controls]
        pairs = [(a, b) for i, a in enumerate(pose) for b in pose[i:]]
        self.register_buffer("pair_a", torch.tensor([a for a, _ in pairs], dtype=torch.long))
        self.register_buffer("pair_b", torch.tensor([b for _, b in pairs], dtype=torch.long))
        self.basis = nn.Linear(1 + n + len(pairs), count * 2 * (cells // 2) ** 2, bias=False)
        nn.init.zeros_(self.basis.weight)

        def channels(*values: int) -> list[int]:
            return [max(8, round(v * layout.width / 8) * 8) for v in values]

        eighth = cells // 8
        style = max(16, round(192 * layout.width))
        self.flow = Trunk(n, (eighth, eighth), channels(96, 80, 48, 32), 2 * count, style)
        # Patches with the same box come from one trunk: a lash and its see-through twin over the hair.
        boxes = [box for _, _, box in layout.patches]
        self.trunks = nn.ModuleList(
            Trunk(n, (h // 32, w // 32), channels(96, 80, 64, 48, 32), 16 * boxes.count((x, y, w, h)), style)
            for x, y, w, h in dict.fromkeys(boxes)
        )
        self.sheets = nn.Parameter(torch.zeros(count, 4, layout.size, layout.size))

    def phi(self, c: Tensor) -> Tensor:
        """The linear flow basis: 1, the controls, products of the pose controls: (B, P). c is normalised."""
        return torch.cat([torch.ones_like(c[:, :1]), c, c[:, self.pair_a] * c[:, self.pair_b]], 1)

    def forward(self, controls: Tensor) -> tuple[Tensor, list[Tensor]]:
        c = controls / self.unit
        count, cells = len(self.layout.layers), self.layout.size // CELL
        linear = self.basis(self.phi(c)).view(-1, 2 * count, cells // 2, cells // 2)
        linear = F.interpolate(linear, scale_factor=2.0, mode="bilinear", align_corners=False)
        flow = linear + 0.03 * self.layout.size * self.flow(c)
        return flow.view(-1, count, 2, cells, cells), self.patches(c)

    def patches(self, c: Tensor) -> list[Tensor]:
        """The colour patches for normalised controls (B, n): [(B, 4, h, w)] in [-1, 1]."""
        return [p for t in self.trunks for p in torch.tanh(F.pixel_shuffle(t(c), 2)).split(4, 1)]

    def warp(self, flow: Tensor, patches: list[Tensor], grid: Tensor) -> Tensor:
        """Every layer at the wanted picture positions, before stacking.

        grid: (B, h, w, 2) pixel positions (x, y) of the picture. Returns (B, L, 4, h, w)."""
        size, (b, h, w, _) = self.layout.size, grid.shape
        centre = (grid + 0.5) * (2 / size) - 1
        moved = F.grid_sample(flow.flatten(1, 2), centre, padding_mode="border", align_corners=False)
        layers = []
        for k, name in enumerate(self.layout.layers):
            at = grid + moved[:, 2 * k : 2 * k + 2].permute(0, 2, 3, 1)
            whole = ((at + 0.5) * (2 / size) - 1).reshape(1, b * h, w, 2)
            layer = F.grid_sample(self.sheets[k : k + 1], whole, align_corners=False)
            layer = layer.view(4, b, h, w).transpose(0, 1)
            for (_, of, (x, y, pw, ph)), patch in zip(self.layout.patches, patches, strict=True):
                if of == name:
                    scale = torch.tensor([2 / pw, 2 / ph])
                    inside = (at - torch.tensor([float(x), float(y)]) + 0.5) * scale - 1
                    under = self.sheets[k : k + 1, :, y : y + ph, x : x + pw]
                    change = (under + patch).clamp(0, 1) - under  # as 8-bit sheets saturate
                    layer = layer + F.grid_sample(change, inside, align_corners=False)
            layers.append(layer.clamp(0, 1))
        return torch.stack(layers, 1)


def over(layers: Tensor) -> Tensor:
    """Premultiplied source-over, back to front: (B, L, 4, h, w) -> (B, 4, h, w)."""
    result = layers[:, 0]
    for k in range(1, layers.shape[1]):
        result = layers[:, k] + result * (1 - layers[:, k, 3:])
    return torch.minimum(result, result[:, 3:])


def pixel_grid(origins: Tensor, size: int, step: float = 1.0) -> Tensor:
    """Picture positions of a crop: origins (B, 2) x, y -> (B, size, size, 2), every `step` pixels."""
    line = torch.arange(size, dtype=torch.float32) * step + (step - 1) / 2
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
