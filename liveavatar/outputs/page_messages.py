"""What the browser output says to its page.

Each message is the length of a head (uint32, little-endian), the head in JSON, filled up to a multiple of four, and the bytes
that belong to it:

hello    version, size of the output, what the page tells its user where the version is not its own; the backdrop's RGBA
avatar   what is the same in all frames of an avatar: shaders, the layers' and patches' uniforms; the mesh's triangles, the modes
         of motion as float16, the textures' RGBA, and each patch's dictionary: least and most of all texels as RGBA, of those
         that vary the mean as float16 and the pictures as int8
frame    when it was sent, the placement, where the avatar is in the output; the coefficients: how far each mode goes as float32,
         how much is shown of each picture as int16
picture  premultiplied RGBA of the output's size

The page is liveavatar/assets/browser.html; drawer.js beside it draws, as avatar/mesh.py says.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.mesh import BORDER, ES, in_fours, mesh_of, mode_planes, shaders, triangles
from liveavatar.language import tr
from liveavatar.media.compositing import Background, Framing, placed

VERSION = 3
"""Of these messages; the page has the same."""


def message(head: dict[str, Any], *payload: bytes | memoryview) -> bytes:
    """One message."""
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *payload])


def hello(background: Background) -> bytes:
    """The first one, whatever version the page has."""
    head: dict[str, Any] = {
        "kind": "hello",
        "version": VERSION,
        "size": background.size,
        "stale": tr(
            "This page is of another version of liveavatar. Refresh it; in OBS: properties of the browser source, "
            "“Refresh cache of current page”.",
            "此页面与 liveavatar 的版本不一致，请刷新；在 OBS 中：浏览器源的属性，“刷新当前页面的缓存”。",
        ),
    }
    if background.transparent:
        return message(head)
    backdrop = background.image
    if (backdrop == backdrop[0, 0]).all():
        backdrop = backdrop[:1, :1]
    rgba = cv2.cvtColor(backdrop, cv2.COLOR_RGB2RGBA)
    return message({**head, "backdrop": backdrop.shape[1::-1]}, rgba.tobytes())


def picture(rgba: np.ndarray, number: int) -> bytes:
    """rgba: (H, W, 4) uint8, premultiplied."""
    return message({"kind": "picture", "number": number, "size": rgba.shape[1::-1]}, rgba.tobytes())


class Drawings:
    """The drawings of one page: the avatar that it has is not sent again."""

    def __init__(self) -> None:
        self._avatar: Avatar | None = None

    def messages(self, drawing: LayersDrawing, head: dict[str, Any]) -> Iterator[bytes]:
        """What the page lacks to draw this, the frame last. head: of the frame's: number, at (milliseconds), and where()."""
        if drawing.avatar is not self._avatar:
            yield _avatar_of(drawing)
            self._avatar = drawing.avatar
        moved, shown = drawing.dictionaries.split(drawing.coefficients)
        amounts = (part.astype(np.int16).tobytes() for part in shown)
        head = {"kind": "frame", "place": drawing.placement, **head}
        yield message(head, in_fours(moved).tobytes(), *amounts)


def where(drawing: LayersDrawing, size: tuple[int, int], framing: Framing) -> dict[str, Any]:
    """The avatar's canvas in the output, of so many pixels: left, top, width, height; and whether it is mirrored."""
    width, height = drawing.avatar.size
    factor, left, top = placed((width, height), size, framing)
    return {"rect": (left, top, width * factor, height * factor), "mirror": framing.mirror}


def _avatar_of(drawing: LayersDrawing) -> bytes:
    mesh, dictionaries = mesh_of(drawing.avatar), drawing.dictionaries
    indices = [triangles(mesh.cells, layer) for layer in mesh.layers]
    ends = np.cumsum([0, *(i.nbytes for i in indices)]).tolist()
    padding = -ends[-1] % 4
    planes = mode_planes(dictionaries.modes)
    head = {
        "kind": "avatar",
        "size": mesh.size,
        "cells": mesh.cells,
        "detail": mesh.detail,
        "border": BORDER,
        "shaders": shaders(ES, dictionaries.modes.shape[1]),
        "indices": ends[-1] + padding,
        "width": indices[0].itemsize,
        "planes": len(planes),
        "modes": 2 * len(planes) // len(mesh.layers),
        "layers": [
            {
                "pixels": x.pixels,
                "span": x.span,
                "reach": x.reach,
                "texture": x.texture,
                "first": first,
                "count": i.size,
            }
            for x, i, first in zip(mesh.layers, indices, ends[:-1], strict=True)
        ],
        "patches": [
            {
                "layer": place.layer,
                "corner": place.corner,
                "size": place.size,
                "step": patch.step,
                "count": len(patch.pictures),
            }
            for place, patch in zip(mesh.patches, dictionaries.patches, strict=True)
        ],
    }
    textures = drawing.textures()
    parts = (part for p in dictionaries.patches for part in (p.low, p.high, p.mean, p.pictures))
    told = (np.ascontiguousarray(array).data for array in (planes, *textures, *parts))
    return message(head, *(i.data for i in indices), bytes(padding), *told)
