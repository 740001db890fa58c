"""The warp of a drawn avatar, in torch: THE REFERENCE for what its renderers draw.

The motion says how far what belongs to each cell of a layer goes. `Warp.flow` turns that round by Newton's steps: how far what is
seen at each cell came. `Warp.layers` samples the textures there, with the frame's patches on them, and `over` stacks the layers.

A twin of this, which tests/training/test_warp.py holds to it:
  renderers/gan/inverse_flow.py and renderer.py   cv2 and numpy, for a CPU
Here alone it has gradients. A change of the algorithm begins here, and is made in both. A GPU draws forward meshes instead
(avatar/mesh.py).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.avatar.card import CELL
from liveavatar.base.box import Box
from liveavatar.fitting.layout import Layout
from liveavatar.renderers.gan.inverse_flow import STEPS, limits


class Warp(nn.Module):
    """From the motion of a layout's L layers to their pictures. Has nothing to learn: textures and patches are given to it.

    Positions on the canvas are in pixels, and a pixel's corner is whole; normalised ones lie from -1 to 1 across a layer's span.
    """

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        spans = torch.tensor(layout.spans, dtype=torch.float32)
        bounds = [limits(name in layout.laid_out) for name in layout.layers]
        cells = layout.size // CELL
        self.origin: Tensor
        self.scale: Tensor
        self.limits: Tensor
        self.centres: Tensor
        self.coarse_centres: Tensor
        constants = {
            "origin": spans[:, :2],
            "scale": 2 / spans[:, 2:],
            "limits": torch.tensor(bounds)[:, :, None, None],
            "centres": _centres(cells),
            "coarse_centres": _centres(cells // 2),
        }
        for name, value in constants.items():
            self.register_buffer(name, value, persistent=False)

    def flow(self, motion: Tensor) -> Tensor:
        """Forward motion (B, L, 2, g, g) of what belongs to each cell of a layer's span -> backward flow, of the same shape, to
        where what is seen at each cell came from. Both float32, in pixels, x then y."""
        count = len(motion)
        forward = motion.flatten(0, 1)
        stride, least = self.limits.repeat(count, 1, 1, 1).split(1, 1)
        scale = self.scale[:, :, None, None].repeat(count, 1, 1, 1)
        coarse = F.avg_pool2d(forward, 2)
        both, flow = torch.cat([coarse, slopes(coarse, scale)], 1), -coarse

        def stepped(inverse: Tensor, moved: Tensor) -> Tensor:
            step = times(inverse, flow + moved)
            return flow - torch.minimum(torch.maximum(step, -stride), stride)

        for _ in range(STEPS):
            sampled = _at(both, flow * scale, self.coarse_centres)
            inverse = inverted(sampled[:, 2:], least)
            flow = stepped(inverse, sampled[:, :2])
        flow, inverse = (
            F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False) for x in (flow, inverse)
        )
        return stepped(inverse, _at(forward, flow * scale, self.centres)).view(motion.shape)

    def on_span(self, at: Tensor, layer: int) -> Tensor:
        """Positions (..., 2) of the canvas on a layer's span: normalised."""
        return (at - self.origin[layer]) * self.scale[layer] - 1

    def motion_at(self, motion: Tensor, layer: int, box: Box) -> Tensor:
        """How far each pixel of a layer's texture in a box of the canvas goes, for the layer's motion (B, 2, g, g):
        (B, 2, h * detail, w * detail), in pixels of the canvas."""
        x, y, w, h = box.scaled(self.layout.detail)
        column, row = (
            (torch.arange(count, device=motion.device) + start + 0.5) / self.layout.detail
            for start, count in ((x, w), (y, h))
        )
        at = self.on_span(torch.stack(torch.meshgrid(column, row, indexing="xy"), -1), layer)
        at = at.expand(len(motion), h, w, 2)
        return F.grid_sample(motion, at, padding_mode="border", align_corners=False)

    def part_of(self, texture: Tensor, box: Box) -> Tensor:
        """What lies in a box of the avatar's canvas: (..., S * detail, S * detail) -> (..., h * detail, w * detail)."""
        return texture[(..., *box.scaled(self.layout.detail).slices)]

    def layers(
        self,
        textures: Tensor,
        flow: Tensor,
        patches: list[Tensor],
        grid: Tensor,
        visible: Tensor | None = None,
    ) -> list[Tensor]:
        """Every layer at the wanted positions of the picture, before stacking: one (B, 4, h, w) in [0, 1] a layer.

        textures: (L, 4, S * detail, S * detail) in [0, 1]; flow: (B, L, 2, g, g) in pixels; patches: what they show there,
        as Generator.patches gives them; grid: (B, h, w, 2) pixels (x, y) of the picture, whose middles are whole; visible: (B, L)
        bool, which layers have anything there (all if None)."""
        size, (b, h, w, _) = self.layout.size, grid.shape
        layers = []
        # split and unbind: taking slices one by one would fill a whole zero gradient for each.
        parts = zip(self.layout.layers, textures.split(1), flow.unbind(1), strict=True)
        for k, (name, texture, cells) in enumerate(parts):
            rows = torch.arange(b, device=grid.device) if visible is None else visible[:, k].nonzero()[:, 0]
            here = self.on_span(grid[rows] + 0.5, k)
            offset = F.grid_sample(cells[rows], here, padding_mode="border", align_corners=False)
            at = grid[rows] + offset.permute(0, 2, 3, 1)
            on_canvas = ((at + 0.5) * (2 / size) - 1).reshape(1, len(rows) * h, w, 2)
            layer = F.grid_sample(texture, on_canvas, align_corners=False)
            layer = layer.view(4, len(rows), h, w).transpose(0, 1)
            for place, patch in zip(self.layout.patches, patches, strict=True):
                if place.layer == name:
                    box = place.box
                    scale = at.new_tensor([2 / box.w, 2 / box.h])
                    inside = (at - at.new_tensor([float(box.x), float(box.y)]) + 0.5) * scale - 1
                    change = patch[rows] - self.part_of(texture, box)
                    layer = layer + F.grid_sample(change, inside, align_corners=False)
            layer = layer.clamp(0, 1)
            if len(rows) < b:
                layer = layer.new_zeros(b, 4, h, w).index_copy(0, rows, layer)
            layers.append(layer)
        return layers


def _centres(count: int) -> Tensor:
    """The middles of count x count cells, normalised: (count, count, 2)."""
    line = (torch.arange(count) + 0.5) * 2 / count - 1
    return torch.stack(torch.meshgrid(line, line, indexing="xy"), -1)


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
    """Clamped, but what is too bright has a gradient by which it comes back, and none by which it goes on."""
    shown: Tensor = _Saturated.apply(
        x, torch.as_tensor(low, device=x.device), torch.as_tensor(high, device=x.device)
    )  # type: ignore[no-untyped-call]
    return shown


class _Saturated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, low: Tensor, high: Tensor) -> Tensor:
        ctx.save_for_backward((x < low), (x > high))
        return torch.minimum(torch.maximum(x, low), high)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        below, above = ctx.saved_tensors
        outward = (below & (slope > 0)) | (above & (slope < 0))
        return slope.masked_fill(outward, 0.0), None, None


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
