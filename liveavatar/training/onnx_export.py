"""Turns a trained generator into an avatar package, and refuses to write one that does not draw what torch drew."""

import math
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from liveavatar import __version__
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import Dictionaries, PatchDictionary
from liveavatar.base.folders import workspace
from liveavatar.errors import TrainingError
from liveavatar.fitting import metrics
from liveavatar.fitting.onnx_graph import MIN_HALF
from liveavatar.fitting.package import open_here, quantised, rounded_modes, seal, settled, write_parts
from liveavatar.fitting.sampling import held_out
from liveavatar.language import tr
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.training import report
from liveavatar.training.networks import Dictionary, Generator
from liveavatar.types import Expression

MOTION_MISS, PATCH_DB = 0.15, 38.0
"""Cells by which the graph's motion may differ from torch's anywhere, and the least PSNR of a patch."""
PARITY_DB = 41.0
"""Least mean PSNR between torch and the live renderer, over mid-grey: fp16 weights, 8-bit textures, and flow at other places,
nearer ones where it bends (45 to 48 dB of avatars that are 34 from their teachers)."""


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
def _dictionaries(generator: Generator, controls: np.ndarray) -> tuple[Dictionaries, list[torch.Tensor]]:
    """Modes and dictionaries as packages hold them, and by what each patch's amounts become coefficients, (K,). controls: as of
    export()."""
    layout, c = generator.layout, torch.from_numpy(controls) / generator.unit
    motion = generator.motion
    modes = motion.modes.unflatten(2, (2, motion.cells, motion.cells)).numpy()
    most = motion.coefficients(c).abs().amax(0).numpy()
    made = [_dictionary(generator.dictionary(patch), c) for patch in layout.patches]
    patches = tuple(dictionary for dictionary, _ in made)
    return Dictionaries(rounded_modes(modes, most, layout), patches), [scale for _, scale in made]


def _dictionary(dictionary: Dictionary, c: torch.Tensor) -> tuple[PatchDictionary, torch.Tensor]:
    """Of one patch. c: (N, n) normalised controls that between them ask for the most of each picture."""
    low, high = settled(*(_texels(bound) for bound in (dictionary.low, dictionary.high)))
    varies = torch.from_numpy((low != high).any(-1))

    def varying(planes: torch.Tensor) -> np.ndarray:
        texels: np.ndarray = (planes.movedim(-3, -1)[..., varies, :] * 255).numpy()  # (..., V, 4)
        return texels

    pictures, mean = varying(dictionary.pictures), varying(dictionary.mean)
    made, scale = quantised(pictures, mean, low, high, dictionary.perceptron(c).numpy())
    return made, torch.from_numpy(scale)


def _texels(planes: torch.Tensor) -> np.ndarray:
    """(4, h, w) in [0, 1] -> (h, w, 4) uint8."""
    texels: np.ndarray = (planes.detach().clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    return texels


def write_graph(
    module: torch.nn.Module,
    example: tuple[torch.Tensor, ...],
    inputs: list[str],
    outputs: list[str],
    path: Path,
    axes: dict[str, dict[int, str]] | None = None,
) -> None:
    """Write a module, traced on example inputs, as a checked ONNX graph with fp16 weights. axes: by input and output, which of
    its axes may have any length."""
    with warnings.catch_warnings():  # sizes are meant to be the example's
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        torch.onnx.export(
            module.eval(), example, str(path), input_names=inputs, output_names=outputs, opset_version=17, dynamo=False,
            dynamic_axes=axes,
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
    with workspace(folder.parent) as work:
        dictionaries, scales = _dictionaries(generator, controls)
        textures = np.stack([_texels(texture) for texture in generator.textures])
        draft = write_parts(work, name, generator.layout, textures, extents, dictionaries, about)
        module = _Coefficients(generator, scales)
        example = torch.zeros(1, len(generator.layout.controls))
        write_graph(module, (example,), ["controls"], ["coefficients"], work / draft.gan.generator)
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
        return seal(draft, folder), parity


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
    with closing(open_here(draft)) as renderer:
        live = [renderer.render(Expression(controls, 0.0)).image for controls in frames]
    apart = [
        metrics.psnr(metrics.over_grey(a), metrics.over_grey(b)) for a, b in zip(live, ours, strict=True)
    ]
    return float(np.mean(apart))


def made_with(options: dict[str, Any], **figures: Any) -> dict[str, Any]:
    """What the card says of how the avatar was made."""
    return {"liveavatar": __version__, "torch": torch.__version__, "options": options, **figures}
