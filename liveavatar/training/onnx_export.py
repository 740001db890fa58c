"""Turns a trained generator into an avatar package, and refuses to write one that does not draw what torch drew."""

import math
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from liveavatar import __version__
from liveavatar.avatar import golden
from liveavatar.avatar.card import CELL, Avatar, Control, GanParts, Layer
from liveavatar.base.box import Box
from liveavatar.base.folders import workspace
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.renderers import make_renderer
from liveavatar.stages import Renderer
from liveavatar.training import metrics, report
from liveavatar.training.dataset import extent_of
from liveavatar.training.networks import GATE, MODES, Generator
from liveavatar.training.sampling import held_out
from liveavatar.types import AvatarFrame, Expression

PARITY_DB = 41.0
"""Least mean PSNR between torch and the live renderer, over mid-grey: fp16 weights, 8-bit textures, and flow at other places,
nearer ones where it bends (45 to 48 dB of avatars that are 34 from their teachers)."""
GOLDEN_TOLERANCE = 1.0
MIN_HALF = 1024
"""Weights with at least this many numbers are stored as fp16 and cast at load."""


class _Maps(torch.nn.Module):
    """The part of the generator that goes into ONNX: without batch, without the warp; outputs: see gan/renderer.py."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.unit, self.motion = generator.unit, generator.motion
        side = self.motion.cells
        modes = self.motion.modes.detach().view(-1, MODES, 2, side**2)
        cells = generator.warp.scale[:, None, :, None] * side / 2  # to a pixel
        self.modes = torch.nn.Parameter((modes * cells).flatten(2))
        fills, layout, textures = generator.fills(), generator.layout, generator.textures.detach()
        self.patches = torch.nn.ModuleList(
            _Patch(
                trunk,
                generator.warp.part_of(textures[layout.layer(patch.layer)], patch.box),
                fills.get(patch.name),
                generator.bounds.get(patch.name),
            )
            for trunk, patch in zip(generator.trunks, layout.patches, strict=True)
        )

    def forward(self, controls: torch.Tensor) -> tuple[torch.Tensor, ...]:
        c = controls / self.unit
        moved = self.motion.coefficients(c).transpose(0, 1) @ self.modes
        moved = moved.view(len(self.modes), 2, self.motion.cells, self.motion.cells).transpose(0, 1)
        return (moved, *(patch(c) for patch in self.patches))


class _Patch(torch.nn.Module):
    """One patch, in blocks: (rows, columns, side, 4 * side).

    What is done to single pixels is done while those that the last layer makes of one place are still a row of a matrix product;
    to spread them over the picture takes a tenth of it if numpy does it, and with bytes. A coarse patch stays a difference."""

    def __init__(
        self,
        trunk: Any,
        texture: torch.Tensor,
        fill: torch.Tensor | None,
        bounds: tuple[torch.Tensor, torch.Tensor] | None,
    ) -> None:
        """trunk: a networks.Trunk; texture: (4, h * detail, w * detail), what the patch lies on; fill: see Generator.fills, or
        None for a coarse patch; bounds: see Generator.bounds."""
        super().__init__()
        self.trunk = trunk
        self.under: torch.Tensor
        self.low: torch.Tensor
        self.high: torch.Tensor
        last = trunk.head[1]
        self.side = math.isqrt(last.out_channels // (4 if fill is None else 5))
        weight = last.weight.detach().flatten(1).view(-1, self.side**2, last.in_channels)
        bias = last.bias.detach().view(-1, self.side**2)
        # Columns: RGBA within pixels within places.
        self.colours = torch.nn.Linear(last.in_channels, 4 * self.side**2)
        self.colours.weight.data = weight[:4].transpose(0, 1).flatten(0, 1).contiguous()
        self.colours.bias.data = bias[:4].T.flatten()
        self.fine = fill is not None
        if fill is None:
            return
        self.gates = torch.nn.Linear(last.in_channels, self.side**2)
        self.gates.weight.data, self.gates.bias.data = weight[4], bias[4] - GATE
        # Each of them four times: ONNX Runtime is quicker at a product than at spreading one number over four neighbours.
        self.fours: torch.Tensor
        self.register_buffer("fours", torch.eye(self.side**2).repeat_interleave(4, 1))
        self.skin = torch.nn.Parameter(self._by_place(fill[0]))
        self.register_buffer("under", _Bytes.apply(self._by_place(texture)))
        self.bounded = bounds is not None
        for name, bound in zip(("low", "high"), bounds or (), strict=False):
            self.register_buffer(name, _Bytes.apply(self._by_place(bound)))

    def _by_place(self, picture: torch.Tensor) -> torch.Tensor:
        """(4, H, W) -> (places, 4 * pixels of a place)."""
        _, h, w = picture.shape
        split = picture.view(4, h // self.side, self.side, w // self.side, self.side)
        return split.permute(1, 3, 2, 4, 0).reshape(-1, self.side**2 * 4)

    def forward(self, c: torch.Tensor) -> torch.Tensor:
        x = self.trunk.head[0](self.trunk.features(c))
        _, _, h, w = x.shape
        x = x.flatten(2)[0].T
        drawn = torch.tanh(self.colours(x))
        if self.fine:
            drawn = drawn + torch.sigmoid(self.gates(x)) @ self.fours * self.skin + self.under / 255
            if self.bounded:
                drawn = torch.minimum(torch.maximum(drawn, self.low / 255), self.high / 255)
            drawn = _Bytes.apply(drawn)
        return drawn.view(h, w, self.side, self.side * 4)


class _Bytes(torch.autograd.Function):
    """[0, 1] -> uint8, rounded and clamped."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return (x * 255).round().clamp(0, 255).byte()

    @staticmethod
    def symbolic(g: Any, x: Any) -> Any:
        scale = g.op("Constant", value_t=torch.tensor(1 / 255))
        return g.op("QuantizeLinear", x, scale, g.op("Constant", value_t=torch.tensor(0, dtype=torch.uint8)))


def write_onnx(generator: Generator, path: Path) -> None:
    """Export the maps graph with fp16 weights."""
    names = ["motion", *(f"patch.{patch.name}" for patch in generator.layout.patches)]
    example = torch.zeros(1, len(generator.layout.controls))
    write_graph(_Maps(generator), (example,), ["controls"], names, path)


def write_graph(
    module: torch.nn.Module,
    example: tuple[torch.Tensor, ...],
    inputs: list[str],
    outputs: list[str],
    path: Path,
) -> None:
    """Write a module, traced on example inputs, as a checked ONNX graph with fp16 weights."""
    with warnings.catch_warnings():  # sizes are meant to be the example's
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        torch.onnx.export(
            module.eval(), example, str(path), input_names=inputs, output_names=outputs, opset_version=17, dynamo=False,
        )  # fmt: skip
    model = onnx.load(str(path))
    _halve(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _halve(model: Any) -> None:
    """Store the large weights of an ONNX model as fp16, cast at load; in place."""
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < MIN_HALF:
            continue
        half = numpy_helper.from_array(array.astype(np.float16), f"{tensor.name}.half")
        graph.initializer.remove(tensor)
        graph.initializer.append(half)
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)


def _bounds(extent: np.ndarray, size: int, step: int, margin: int) -> Box:
    """x, y, w, h round x0, y0, x1, y1, grown by a margin and to multiples of `step`."""
    if extent[2] <= extent[0] or extent[3] <= extent[1]:
        return Box(0, 0, step, step)
    x0, y0 = (max(0, (int(v) - margin) // step * step) for v in extent[:2])
    x1, y1 = (min(size, -(-(int(v) + margin) // step) * step) for v in extent[2:])
    return Box.between(x0, y0, x1, y1)


def export(
    generator: Generator, folder: Path, name: str, extents: np.ndarray, about: dict[str, Any]
) -> tuple[Avatar, float]:
    """Write the package and return it with the parity in dB. Raises TrainingError below PARITY_DB; then nothing is left.

    extents: (L, 4) x0, y0, x1, y1 within which the teacher ever drew each layer. about: licence, credits, consent, made_with,
    figures for the card."""
    generator = generator.eval()
    layout = generator.layout
    with workspace(folder.parent) as work:
        write_onnx(generator, work / "generator.onnx")
        draft = Avatar(
            name=name,
            kind="gan",
            size=(layout.size, layout.size),
            controls=tuple(map(Control, layout.controls, layout.minimum, layout.maximum)),
            golden=golden.placeholder(
                work,
                (layout.size, layout.size),
                {k: v for k, v in golden.GOLDEN.items() if k in layout.controls},
            ),
            files={},
            detail=layout.detail,
            parts=GanParts(
                layers=_write_layers(generator, extents, work),
                patches=layout.patches,
                generator="generator.onnx",
            ),
            folder=work,
            **about,
        )
        parity = _parity(generator, draft)
        if parity < PARITY_DB:
            raise TrainingError(
                tr(
                    f"the exported avatar differs from the trained one: mean PSNR {parity:.1f} dB, needed {PARITY_DB}. "
                    "Nothing was written.",
                    f"导出的形象与训练结果不一致：平均 PSNR {parity:.1f} dB，要求 {PARITY_DB}。没有写入任何文件。",
                )
            )
        return golden.seal(draft, folder, _open, _before_grey, GOLDEN_TOLERANCE), parity


def _write_layers(generator: Generator, extents: np.ndarray, folder: Path) -> tuple[Layer, ...]:
    """Write each layer's texture, cut to what it holds, and say where it lies. extents: as of export()."""
    layout = generator.layout
    textures = (generator.textures.detach().clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    layers = []
    for k, layer in enumerate(layout.layers):
        mask = cv2.resize(textures[k].max(-1), (layout.size, layout.size), interpolation=cv2.INTER_AREA) > 2
        for patch in layout.patches:
            if patch.layer == layer:
                mask[patch.box.slices] = True
        source = _bounds(np.array(extent_of(mask)), layout.size, 1, 2)
        golden.write_picture(folder / f"{layer}.png", textures[k][source.scaled(layout.detail).slices])
        layers.append(
            Layer(
                name=layer,
                file=f"{layer}.png",
                source=source,
                target=_bounds(extents[k], layout.size, CELL, 10),
                span=layout.spans[k],
                laid_out=layer in layout.laid_out,
            )
        )
    return tuple(layers)


def _parity(generator: Generator, draft: Avatar) -> float:
    """Mean PSNR in dB between what the package draws live and what torch draws, over mid-grey."""
    frames = held_out(24)
    ours = report.draw(generator, frames[:, draft.indices])
    with closing(_open(draft)) as renderer:
        live = [renderer.render(Expression(controls, 0.0)).image for controls in frames]
    apart = [
        metrics.psnr(metrics.over_grey(a), metrics.over_grey(b)) for a, b in zip(live, ours, strict=True)
    ]
    return float(np.mean(apart))


def _open(avatar: Avatar) -> Renderer:
    return make_renderer(avatar, "cpu", 2)


def _before_grey(frame: AvatarFrame) -> np.ndarray:
    return metrics.over_grey(frame.image).astype(np.uint8)


def made_with(options: dict[str, Any], **figures: Any) -> dict[str, Any]:
    """What the card says of how the avatar was made."""
    return {"liveavatar": __version__, "torch": torch.__version__, "options": options, **figures}
