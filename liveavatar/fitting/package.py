"""The files of a drawn avatar's package that hold no network: textures, dictionaries and their bounds."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar import golden
from liveavatar.avatar.card import CELL, Avatar, Control, GanParts, Layer
from liveavatar.avatar.dictionary import AMOUNT, Dictionaries, PatchDictionary
from liveavatar.base.box import Box
from liveavatar.fitting import metrics
from liveavatar.fitting.decoder import write_decoder
from liveavatar.fitting.layout import Layout, extent_of
from liveavatar.fitting.unwarp import SLACK, VARIES
from liveavatar.renderers import make_renderer
from liveavatar.renderers.gan.texture import CLEAR, SOLID
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame

GOLDEN_TOLERANCE = 1.0
PICTURE_STEP = 0.8
"""Levels to which a dictionary's pictures are kept at least, for amounts that vary by 1: all of them are within 50 dB, and a .zip
is half as large (benchmarks/LOG.md, 2026-11-30)."""
MOTION_STEP = 0.05
"""Pixels to which each of a motion's modes is kept, as far as it ever goes."""


def rounded_modes(modes: np.ndarray, most: np.ndarray, layout: Layout) -> np.ndarray:
    """The modes of the motion as packages hold them: (L, M, 2, g, g) float16, cells. Where one never goes far few bits of it
    matter, and a .zip is smaller. modes: the same, float32 pixels; most: (L, M), how far each goes at most."""
    step = MOTION_STEP / np.maximum(most, 1e-6)[..., None, None, None]
    sides = np.array([span[2:] for span in layout.spans], np.float32)
    cells = modes.shape[-1] / sides[:, None, :, None, None]  # to a pixel
    return np.asarray(np.round(modes / step) * step * cells, np.float16)


def quantised(
    pictures: np.ndarray, mean: np.ndarray, low: np.ndarray, high: np.ndarray, amounts: np.ndarray
) -> tuple[PatchDictionary, np.ndarray]:
    """A patch's dictionary as packages hold it, and by what amounts become coefficients, (K,) float32.

    pictures: (K, V, 4) float32 levels, of the V texels that vary between low and high, (h, w, 4) uint8 as settled() gives them;
    mean: (V, 4) levels; amounts: (N, K), that between them ask for the most of each."""
    scale = np.maximum(np.abs(pictures).max((1, 2)) / 127, PICTURE_STEP).astype(np.float32)
    most = float(np.abs(amounts * scale).max()) * 1.25
    whole = np.round(pictures / scale[:, None, None]).astype(np.int8)
    made = PatchDictionary(whole, mean.astype(np.float16), most / AMOUNT, low, high)
    return made, scale / np.float32(most)


def settled(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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


def write_parts(
    work: Path,
    name: str,
    layout: Layout,
    textures: np.ndarray,
    extents: np.ndarray,
    dictionaries: Dictionaries,
    about: dict[str, Any],
) -> Avatar:
    """Write all but the generator into a workspace; the draft says where that belongs. Raises OSError.

    textures: (L, S * detail, S * detail, 4) uint8 premultiplied RGBA; extents: (L, 4) x0, y0, x1, y1 within which the teacher
    ever drew each layer; about: licence, credits, consent, made_with, figures for the card."""
    size = (layout.size, layout.size)
    controls = tuple(map(Control, layout.controls, layout.minimum, layout.maximum))
    shown = {k: v for k, v in golden.GOLDEN.items() if k in layout.controls}
    draft = Avatar(
        name=name,
        kind="gan",
        size=size,
        controls=controls,
        golden=golden.placeholder(work, size, shown),
        files={},
        detail=layout.detail,
        parts=GanParts(
            layers=_write_layers(layout, textures, extents, work),
            patches=layout.patches,
            generator="generator.onnx",
            decoder="decoder.onnx",
        ),
        folder=work,
        **about,
    )
    write_decoder(work / draft.gan.decoder, draft, dictionaries)
    for patch, dictionary in zip(layout.patches, dictionaries.patches, strict=True):
        golden.write_picture(work / patch.low, dictionary.low)
        golden.write_picture(work / patch.high, dictionary.high)
    return draft


def seal(draft: Avatar, folder: Path) -> Avatar:
    """Finish the package of a drawn avatar and give it the name `folder`, as avatar.golden.seal."""
    return golden.seal(draft, folder, open_here, _before_grey, GOLDEN_TOLERANCE)


def open_here(avatar: Avatar) -> Renderer:
    """A renderer on the processor that every machine has."""
    return make_renderer(avatar, "cpu", 2)


def _before_grey(frame: AvatarFrame) -> np.ndarray:
    return metrics.over_grey(frame.image).astype(np.uint8)


def _write_layers(
    layout: Layout, textures: np.ndarray, extents: np.ndarray, folder: Path
) -> tuple[Layer, ...]:
    """Write each layer's texture, cut to what it holds, and say where it lies."""
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


def _bounds(extent: np.ndarray, size: int, step: int, margin: int) -> Box:
    """x, y, w, h round x0, y0, x1, y1, grown by a margin and to multiples of `step`."""
    if extent[2] <= extent[0] or extent[3] <= extent[1]:
        return Box(0, 0, step, step)
    x0, y0 = (max(0, (int(v) - margin) // step * step) for v in extent[:2])
    x1, y1 = (min(size, -(-(int(v) + margin) // step) * step) for v in extent[2:])
    return Box.between(x0, y0, x1, y1)
