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
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.stages import Renderer
from liveavatar.training import metrics, report
from liveavatar.training.dataset import extent_of
from liveavatar.training.layout import COARSE
from liveavatar.training.networks import MODES, Dictionary, Generator
from liveavatar.training.sampling import held_out
from liveavatar.training.unwarp import SLACK, VARIES
from liveavatar.types import AvatarFrame, Expression

MOTION_MISS, PATCH_DB = 0.15, 38.0
"""Cells by which the graph's motion may differ from torch's anywhere, and the least PSNR of a patch."""
PARITY_DB = 41.0
"""Least mean PSNR between torch and the live renderer, over mid-grey: fp16 weights, 8-bit textures, and flow at other places,
nearer ones where it bends (45 to 48 dB of avatars that are 34 from their teachers)."""
GOLDEN_TOLERANCE = 1.0
FLAT = (2 * SLACK + VARIES) / 255
"""A texel whose bounds are nearer to each other stays as it is."""
PICTURE_STEP = 0.8 / 255
"""A dictionary's pictures are kept to so much at least, for amounts that vary by 1: of all of them, 50 dB (benchmarks/LOG.md,
2026-11-30), and a .zip is half as large."""
MOTION_STEP = 0.05
"""Pixels to which each of a motion's modes is kept, as far as it ever goes."""
MIN_HALF = 1024
"""Weights with at least this many numbers are stored as fp16 and cast at load."""


class _Maps(torch.nn.Module):
    """The part of the generator that goes into ONNX: without batch, without the warp; outputs: see gan/renderer.py."""

    def __init__(self, generator: Generator, controls: torch.Tensor) -> None:
        """controls: (N, n) of which the amounts are taken whose range is kept."""
        super().__init__()
        self.unit, self.motion = generator.unit, generator.motion
        side = self.motion.cells
        with torch.no_grad():
            most = self.motion.coefficients(controls / self.unit).abs().amax(0)
        # Where a mode never goes far, few bits of it matter, and a .zip is smaller.
        step = MOTION_STEP / most.clamp_min(1e-6)[..., None]
        modes = ((self.motion.modes.detach() / step).round() * step).view(-1, MODES, 2, side**2)
        cells = generator.warp.scale[:, None, :, None] * side / 2  # to a pixel
        self.modes = torch.nn.Parameter((modes * cells).flatten(2))
        self.patches = torch.nn.ModuleList(
            _Patch(
                generator.dictionary(patch),
                None if patch.name in COARSE else generator.under(patch),
                controls / generator.unit,
            )
            for patch in generator.layout.patches
        )

    def forward(self, controls: torch.Tensor) -> tuple[torch.Tensor, ...]:
        c = controls / self.unit
        modes = self.motion.coefficients(c)
        amounts = [patch.perceptron(c) for patch in self.patches]  # type: ignore[operator, union-attr]
        moved = modes.transpose(0, 1) @ self.modes
        moved = moved.view(len(self.modes), 2, self.motion.cells, self.motion.cells).transpose(0, 1)
        shown = (patch(amount) for patch, amount in zip(self.patches, amounts, strict=True))
        return (torch.cat([modes.flatten(1), *amounts], 1), moved, *shown)


class _Patch(torch.nn.Module):
    """One patch, each texel a block of its own: (h, w, 1, 4).

    Its pictures are kept as signed bytes with a scale each, only where the patch varies; the amounts as signed numbers of 16
    bits, in two bytes: one product of bytes gives both halves. A coarse patch stays a difference."""

    def __init__(self, dictionary: Dictionary, under: torch.Tensor | None, c: torch.Tensor) -> None:
        """under: (4, h, w), the texture there, what stays where nothing varies; None for a coarse patch."""
        super().__init__()
        self.perceptron = dictionary.perceptron
        self.rows, self.columns = dictionary.mean.shape[1:]
        places = ((dictionary.high - dictionary.low).amax(0) > FLAT).flatten().nonzero()
        if not len(places):
            places = torch.zeros(1, 1, dtype=torch.long)

        def texels(planes: torch.Tensor) -> torch.Tensor:
            return (
                planes.detach().flatten(-2)[..., places[:, 0]].transpose(-1, -2).flatten(-2)
            )  # (..., V * 4)

        pictures = texels(dictionary.pictures)
        scale = (pictures.abs().amax(1) / 127).clamp_min(PICTURE_STEP)
        with torch.no_grad():
            most = (self.perceptron(c) * scale).abs().max() * 1.25
        self.fine = under is not None
        still = torch.zeros_like(dictionary.mean) if under is None else under
        named = {
            "places": places,
            "pictures": (pictures / scale[:, None]).round().to(torch.int8),
            "scale": scale / most * 32767,
            "step": most / 32767,
            "mean": texels(dictionary.mean),
            "still": still.flatten(1).T.contiguous(),
        }
        named |= {name: texels(bound) for name, bound in (("low", dictionary.low), ("high", dictionary.high))}
        if self.fine:
            named |= {name: _Bytes.apply(named[name]) / 255 for name in ("low", "high")}
            named["still"] = _Bytes.apply(named["still"])
        self.low: torch.Tensor
        self.high: torch.Tensor
        self.scale: torch.Tensor
        for name, value in named.items():
            self.register_buffer(name, value)

    def forward(self, amounts: torch.Tensor) -> torch.Tensor:
        amounts = (amounts * self.scale).clamp(-32600, 32600).round()
        high = (amounts / 256).round()
        halves = torch.cat([high, (amounts - 256 * high).clamp(-128, 127)])
        high, low = _Product.apply(halves, self.pictures).split(1)  # type: ignore[no-untyped-call]
        shown = (high * 256 + low) * self.step + self.mean
        shown = torch.minimum(torch.maximum(shown, self.low), self.high)
        if self.fine:
            shown = _Bytes.apply(shown)
        whole = _Scatter.apply(self.still, self.places, shown.view(-1, 4))  # type: ignore[no-untyped-call]
        return whole.view(self.rows, self.columns, 1, 4)


class _Product(torch.autograd.Function):
    """(2, k) whole numbers from -128 to 127 in float32, by (k, m) int8: (2, m) float32."""

    @staticmethod
    def forward(ctx: Any, numbers: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
        return numbers @ pictures.float()

    @staticmethod
    def symbolic(g: Any, numbers: Any, pictures: Any) -> Any:
        # Unsigned from 128: ONNX Runtime takes fifteen times as long for two signed factors.
        zero = g.op("Constant", value_t=torch.tensor(128, dtype=torch.uint8))
        shifted = g.op("Add", numbers, g.op("Constant", value_t=torch.tensor(128.0)))
        whole = g.op("Cast", shifted, to_i=TensorProto.UINT8)
        return g.op("Cast", g.op("MatMulInteger", whole, pictures, zero), to_i=TensorProto.FLOAT)


class _Scatter(torch.autograd.Function):
    """Rows (V, 4) to their places (V, 1) in (h * w, 4)."""

    @staticmethod
    def forward(ctx: Any, still: torch.Tensor, places: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        return still.index_copy(0, places[:, 0], rows)

    @staticmethod
    def symbolic(g: Any, still: Any, places: Any, rows: Any) -> Any:
        return g.op("ScatterND", still, places, rows)


class _Bytes(torch.autograd.Function):
    """[0, 1] -> uint8, rounded and clamped."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return (x * 255).round().clamp(0, 255).byte()

    @staticmethod
    def symbolic(g: Any, x: Any) -> Any:
        scale = g.op("Constant", value_t=torch.tensor(1 / 255))
        return g.op("QuantizeLinear", x, scale, g.op("Constant", value_t=torch.tensor(0, dtype=torch.uint8)))


def write_onnx(generator: Generator, path: Path, controls: np.ndarray) -> None:
    """Export the maps graph with fp16 weights. controls: (N, n) float32, of which the range of amounts is kept."""
    names = ["coefficients", "motion", *(f"patch.{patch.name}" for patch in generator.layout.patches)]
    example = torch.zeros(1, len(generator.layout.controls))
    write_graph(_Maps(generator, torch.from_numpy(controls)), (example,), ["controls"], names, path)


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
    generator: Generator,
    folder: Path,
    name: str,
    extents: np.ndarray,
    controls: np.ndarray,
    about: dict[str, Any],
) -> tuple[Avatar, float]:
    """Write the package and return it with the parity in dB. Raises TrainingError below PARITY_DB; then nothing is left.

    extents: (L, 4) x0, y0, x1, y1 within which the teacher ever drew each layer. controls: (N, n) float32, conditions that
    between them ask for as much of each picture as any will. about: licence, credits, consent, made_with, figures for the card.
    """
    generator = generator.eval()
    layout = generator.layout
    with workspace(folder.parent) as work:
        write_onnx(generator, work / "generator.onnx", controls)
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
        _require_same_graph(generator, draft)
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


@torch.no_grad()
def _require_same_graph(generator: Generator, draft: Avatar) -> None:
    """Raise TrainingError unless the package's graph says of 24 held-out expressions what torch says."""
    frames = held_out(24)
    c = torch.from_numpy(frames[:, draft.indices]) / generator.unit
    cells = generator.warp.scale[:, :, None, None] * generator.motion.cells / 2  # to a pixel
    wanted = (generator.motion(c) * cells).transpose(1, 2).numpy()
    pictures = [generator.dictionary(patch)(c).permute(0, 2, 3, 1).numpy() for patch in draft.gan.patches]
    miss, least = 0.0, math.inf
    with closing(GanRenderer(draft, "cpu")) as renderer:
        for i, controls in enumerate(frames):
            motion, patches = renderer.maps(controls)
            miss = max(miss, float(np.abs(motion - wanted[i]).max()))
            for blocks, picture in zip(patches, pictures, strict=True):
                told = blocks[:, :, 0] / (255 if blocks.dtype == np.uint8 else 1)
                apart = np.square(told - picture[i].clip(0 if blocks.dtype == np.uint8 else -1, 1)).mean()
                least = min(least, -10 * math.log10(apart + 1e-10))
    if miss > MOTION_MISS or least < PATCH_DB:
        raise TrainingError(
            tr(
                f"the exported network differs from the trained one: its motion by {miss:.2f} cells, allowed {MOTION_MISS}; "
                f"a patch at {least:.1f} dB, needed {PATCH_DB}. Nothing was written.",
                f"导出的网络与训练结果不一致：运动相差 {miss:.2f} 格，允许 {MOTION_MISS}；"
                f"某个局部贴图 {least:.1f} dB，要求 {PATCH_DB}。"
                "没有写入任何文件。",
            )
        )


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
