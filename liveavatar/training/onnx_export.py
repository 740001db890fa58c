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
from liveavatar.avatar.dictionary import AMOUNT, Dictionaries, PatchDictionary
from liveavatar.base.box import Box
from liveavatar.base.folders import workspace
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.renderers import make_renderer
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.renderers.gan.texture import CLEAR, SOLID
from liveavatar.stages import Renderer
from liveavatar.training import metrics, report
from liveavatar.training.dataset import extent_of
from liveavatar.training.decoder import write_decoder
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
PICTURE_STEP = 0.8
"""Levels to which a dictionary's pictures are kept at least, for amounts that vary by 1: all of them are within 50 dB, and a .zip
is half as large (benchmarks/LOG.md, 2026-11-30)."""
MOTION_STEP = 0.05
"""Pixels to which each of a motion's modes is kept, as far as it ever goes."""
MIN_HALF = 1024
"""Weights with at least this many numbers are stored as fp16 and cast at load."""


class _Coefficients(torch.nn.Module):
    """The part of the generator that goes into its graph: controls (1, n) -> coefficients (1, C)."""

    def __init__(self, generator: Generator, scales: list[torch.Tensor]) -> None:
        """scales: (K,) of each patch, by which its amounts become coefficients."""
        super().__init__()
        self.unit, self.motion = generator.unit, generator.motion
        patches = [generator.dictionary(patch) for patch in generator.layout.patches]
        self.perceptrons = torch.nn.ModuleList(dictionary.perceptron for dictionary in patches)
        for i, scale in enumerate(scales):
            self.register_buffer(f"scale{i}", scale)

    def forward(self, controls: torch.Tensor) -> torch.Tensor:
        c = controls / self.unit
        shown = [net(c) * self.get_buffer(f"scale{i}") for i, net in enumerate(self.perceptrons)]
        return torch.cat([self.motion.coefficients(c).flatten(1), *shown], 1)


@torch.no_grad()
def _modes(generator: Generator, c: torch.Tensor) -> np.ndarray:
    """The modes of the motion (L, M, 2, g, g) float16, cells. Where one never goes far few bits of it matter, and a .zip is
    smaller. c: (N, n) normalised controls that between them ask for the most of each."""
    motion = generator.motion
    most = motion.coefficients(c).abs().amax(0)
    step = MOTION_STEP / most.clamp_min(1e-6)[..., None]
    modes = ((motion.modes / step).round() * step).view(-1, MODES, 2, motion.cells, motion.cells)
    cells = generator.warp.scale[:, None, :, None, None] * motion.cells / 2  # to a pixel
    return (modes * cells).half().numpy()


@torch.no_grad()
def _dictionary(dictionary: Dictionary, c: torch.Tensor) -> tuple[PatchDictionary, torch.Tensor]:
    """A patch's dictionary as packages hold it, and by what its perceptron's amounts become coefficients, (K,). c: as above."""
    low, high = _settled(*(_texels(bound) for bound in (dictionary.low, dictionary.high)))
    varies = torch.from_numpy((low != high).any(-1))

    def varying(planes: torch.Tensor) -> torch.Tensor:
        return planes.movedim(-3, -1)[..., varies, :] * 255  # (..., V, 4)

    pictures = varying(dictionary.pictures)
    scale = (pictures.abs().amax((1, 2)) / 127).clamp_min(PICTURE_STEP)
    most = (dictionary.perceptron(c) * scale).abs().max() * 1.25
    made = PatchDictionary(
        pictures=(pictures / scale[:, None, None]).round().to(torch.int8).numpy(),
        mean=varying(dictionary.mean).half().numpy(),
        step=float(most) / AMOUNT,
        low=low,
        high=high,
    )
    return made, scale / most


def _settled(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (h, w, 4) uint8 whose texels are fixed where they hardly vary, opaque where they nearly are, and nothing where they
    nearly are nothing; one varies at least."""
    low, high = low.copy(), high.copy()
    solid = low[..., 3] >= SOLID
    low[solid, 3] = high[solid, 3] = 255
    clear = high[..., 3] <= CLEAR + SLACK
    low[clear] = high[clear] = 0
    spread = high.astype(int) - low
    flat = (spread <= 2 * SLACK + VARIES).all(-1)
    if flat.all():
        flat[0, 0], high[0, 0], low[0, 0] = False, np.maximum(high[0, 0], 1), 0
    middle = ((high.astype(int) + low) // 2).astype(np.uint8)
    low[flat] = high[flat] = middle[flat]
    return low, high


def _texels(planes: torch.Tensor) -> np.ndarray:
    """(4, h, w) in [0, 1] -> (h, w, 4) uint8."""
    return (planes.detach().clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()


@torch.no_grad()
def _write_graphs(generator: Generator, draft: Avatar, controls: np.ndarray) -> None:
    """Write both graphs of the package, and the bounds of its patches. controls: as of export()."""
    generator_path, decoder_path = (draft.folder / name for name in draft.graphs)
    c = torch.from_numpy(controls) / generator.unit
    made = [_dictionary(generator.dictionary(patch), c) for patch in draft.gan.patches]
    dictionaries = Dictionaries(_modes(generator, c), tuple(dictionary for dictionary, _ in made))
    write_decoder(decoder_path, draft, dictionaries)
    for patch, dictionary in zip(draft.gan.patches, dictionaries.patches, strict=True):
        golden.write_picture(draft.folder / patch.low, dictionary.low)
        golden.write_picture(draft.folder / patch.high, dictionary.high)
    module = _Coefficients(generator, [scale for _, scale in made])
    example = torch.zeros(1, len(generator.layout.controls))
    write_graph(module, (example,), ["controls"], ["coefficients"], generator_path)


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
                decoder="decoder.onnx",
            ),
            folder=work,
            **about,
        )
        _write_graphs(generator, draft, controls)
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
            for dictionary, texels, picture in zip(
                renderer.dictionaries.patches, patches, pictures, strict=True
            ):
                apart = np.square(dictionary.picture(texels) / 255 - picture[i].clip(0, 1)).mean()
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
