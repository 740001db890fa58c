"""An avatar of another size, made from one that ships: the same network with textures of another size.

Textures, dictionaries and modes are resampled, the card's boxes scaled: the generator stays, pixels grow. Not a trained avatar:
it holds no more detail than its source, and serves to measure time. Needs the onnx package (the `train` extra).
"""

from dataclasses import replace
from math import ceil, floor
from pathlib import Path

import cv2
import numpy as np

from liveavatar.avatar.card import CELL, Avatar, Layer
from liveavatar.avatar.dictionary import Dictionaries, PatchDictionary
from liveavatar.avatar.golden import write_picture
from liveavatar.avatar.library import load_avatar, sha256, write_card
from liveavatar.base.box import Box
from liveavatar.fitting.decoder import write_decoder
from liveavatar.media.png import encode_png
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.renderers.package import read_rgba

TOLERANCE = 4.0
"""Of the golden picture, levels of 255: resampling moves edges by fractions of a pixel."""


def resize(avatar: Avatar, side: int, folder: Path) -> Avatar:
    """Write the package at `side` pixels' width into `folder` and load it. avatar: of kind "gan"."""
    parts = avatar.gan
    factor = side / avatar.size[0]
    size = (side, _grow(Box(0, 0, side, round(avatar.size[1] * factor)), 1.0, 2 * CELL)[3])
    folder.mkdir(parents=True, exist_ok=True)
    patches = tuple(replace(patch, box=_scaled(patch.box, factor)) for patch in parts.patches)
    detail = max(1, round(avatar.detail / max(factor, 1)))  # no more texels than there were
    layers = tuple(_resize_layer(avatar, layer, factor, size, detail, folder) for layer in parts.layers)
    for name in (parts.generator, avatar.golden.file):
        (folder / name).write_bytes((avatar.folder / name).read_bytes())
    derived = replace(
        avatar, name=f"{avatar.name}-{side}", size=size, detail=detail, folder=folder,
        parts=replace(parts, layers=layers, patches=patches), golden=replace(avatar.golden, tolerance=TOLERANCE),
    )  # fmt: skip
    _resize_decoder(avatar, derived)
    names = [avatar.golden.file, *derived.gan.files]
    write_card(replace(derived, files={name: sha256(folder / name) for name in names}), folder)
    return load_avatar(folder)


def _grow(box: Box, factor: float, step: int = 1) -> Box:
    """The scaled box, its edges rounded outwards to multiples of `step`."""
    left, top = (floor(v * factor / step) * step for v in box[:2])
    right, bottom = (ceil(v * factor / step) * step for v in (box.right, box.bottom))
    return Box.between(left, top, right, bottom)


def _scaled(box: Box, factor: float) -> Box:
    """The scaled box, its edges rounded: neighbours stay neighbours."""
    left, top, right, bottom = (round(v * factor) for v in (box.x, box.y, box.right, box.bottom))
    return Box.between(left, top, right, bottom)


def _resize_layer(
    avatar: Avatar, layer: Layer, factor: float, size: tuple[int, int], detail: int, folder: Path
) -> Layer:
    canvas = np.zeros((avatar.size[1] * avatar.detail, avatar.size[0] * avatar.detail, 4), np.uint8)
    canvas[layer.source.scaled(avatar.detail).slices] = read_rgba(avatar, layer.file)
    scale = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(canvas, (size[0] * detail, size[1] * detail), interpolation=scale)
    source = _grow(layer.source, factor)
    (folder / layer.file).write_bytes(encode_png(scaled[source.scaled(detail).slices]))
    target, span = _grow(layer.target, factor, CELL), _grow(layer.span, factor)
    return replace(layer, source=source, target=target, span=span)


def _resize_decoder(avatar: Avatar, resized: Avatar) -> None:
    """Write the decoder and the bounds of the resized avatar: pictures and modes resampled, the motion in its cells, of which
    there are more."""
    found = GanRenderer(avatar, "cpu", 1).dictionaries
    layers, modes, _, _, columns = found.modes.shape
    cells = resized.size[0] // CELL, resized.size[1] // CELL
    planes = found.modes.astype(np.float32).reshape(-1, *found.modes.shape[-2:])
    larger = np.stack([cv2.resize(plane, cells, interpolation=cv2.INTER_LINEAR) for plane in planes])
    larger = (larger * (cells[0] / columns)).reshape(layers, modes, 2, cells[1], cells[0])
    patches = []
    for patch, dictionary in zip(resized.gan.patches, found.patches, strict=True):
        box = patch.box.scaled(resized.detail)
        low, high = (
            cv2.resize(bound, (box.w, box.h), interpolation=cv2.INTER_LINEAR)
            for bound in (dictionary.low, dictionary.high)
        )
        varies = (low != high).any(-1)

        def enlarged(texels: np.ndarray) -> np.ndarray:
            whole = np.zeros(dictionary.low.shape, np.float32)  # noqa: B023  used within the turn
            whole[dictionary.varies] = texels  # noqa: B023
            return cv2.resize(whole, (box.w, box.h), interpolation=cv2.INTER_LINEAR)[varies]  # noqa: B023

        pictures = np.stack([np.rint(enlarged(picture)).astype(np.int8) for picture in dictionary.pictures])
        mean = enlarged(dictionary.mean.astype(np.float32)).astype(np.float16)
        patches.append(PatchDictionary(pictures, mean, dictionary.step, low, high))
        write_picture(resized.folder / patch.low, low)
        write_picture(resized.folder / patch.high, high)
    found = Dictionaries(larger.astype(np.float16), tuple(patches))
    write_decoder(resized.folder / resized.gan.decoder, resized, found)
