"""What the browser output says to its page.

Each message is the length of a head (uint32, little-endian), the head in JSON, filled up to a multiple of four, and the bytes
that belong to it:

hello    version, size of the output, what the page tells its user where the version is not its own; the backdrop's RGBA
avatar   what is the same in all frames of an avatar: shaders, the layers' uniforms; the mesh's triangles, the textures' RGBA
frame    when it was sent, the placement, where the avatar is in the output; the motion as float16, the patches that changed since
         the page's last
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
from liveavatar.avatar.mesh import BORDER, ES, PatchPlace, mesh_of, shaders, triangles
from liveavatar.language import tr
from liveavatar.media.compositing import Background, Framing, placed

VERSION = 2
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
    """The drawings of one page: what it has is not sent again."""

    def __init__(self) -> None:
        self._avatar: Avatar | None = None
        self._patches: list[np.ndarray | None] = []

    def messages(self, drawing: LayersDrawing, head: dict[str, Any]) -> Iterator[bytes]:
        """What the page lacks to draw this, the frame last. head: of the frame's: number, at (milliseconds), and where()."""
        avatar = drawing.avatar
        if avatar is not self._avatar:
            yield _avatar_of(drawing)
            self._avatar, self._patches = avatar, [None] * len(drawing.patches)
        changed = [
            i
            for i, (last, patch) in enumerate(zip(self._patches, drawing.patches, strict=True))
            if last is None or not np.array_equal(last, patch)
        ]
        self._patches = list(drawing.patches)
        blocks = (_as_bytes(drawing.patches[i]) for i in changed)
        motion = drawing.motion.astype(np.float16)
        head = {"kind": "frame", "place": drawing.placement, "patches": changed, **head}
        yield message(head, motion.data, *(b.data for b in blocks))


def where(drawing: LayersDrawing, size: tuple[int, int], framing: Framing) -> dict[str, Any]:
    """The avatar's canvas in the output, of so many pixels: left, top, width, height; and whether it is mirrored."""
    width, height = drawing.avatar.size
    factor, left, top = placed((width, height), size, framing)
    return {"rect": (left, top, width * factor, height * factor), "mirror": framing.mirror}


_RESIDUAL = 2.0, -256 / 255
"""u_scale of patch.frag.glsl for a residual in bytes, 128 + 127.5 r."""


def _as_bytes(patch: np.ndarray) -> np.ndarray:
    if patch.dtype == np.uint8:
        return np.ascontiguousarray(patch)
    return np.clip(np.rint(patch * np.float32(127.5) + np.float32(128)), 0, 255).astype(np.uint8)


def _avatar_of(drawing: LayersDrawing) -> bytes:
    mesh = mesh_of(drawing.avatar)
    indices = [triangles(mesh.cells, layer) for layer in mesh.layers]
    ends = np.cumsum([0, *(i.nbytes for i in indices)]).tolist()
    padding = -ends[-1] % 4
    head = {
        "kind": "avatar",
        "size": mesh.size,
        "cells": mesh.cells,
        "detail": mesh.detail,
        "border": BORDER,
        "shaders": shaders(ES),
        "indices": ends[-1] + padding,
        "width": indices[0].itemsize,
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
            _patch(place, blocks) for place, blocks in zip(mesh.patches, drawing.patches, strict=True)
        ],
    }
    triangle_bytes = [*(i.tobytes() for i in indices), bytes(padding)]
    return message(head, *triangle_bytes, *(t.tobytes() for t in drawing.textures()))


def _patch(place: PatchPlace, blocks: np.ndarray) -> dict[str, Any]:
    rows, columns, side, _ = blocks.shape
    residual = blocks.dtype != np.uint8
    return {
        "layer": place.layer,
        "corner": place.corner,
        "size": place.size,
        "columns": columns,
        "side": side,
        "texels": (columns * side, rows * side),
        "residual": residual,
        "scale": _RESIDUAL if residual else None,
    }
