"""The shape of one avatar's generator: which controls, layers and patches it has. Decided once, from the rig."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from liveavatar.avatar.card import Patch
from liveavatar.base.box import Box
from liveavatar.controls import HEAD, INDEX, RANGES, SECONDARY, neutral

COARSE = ("cheeks",)
"""Patches of soft colours, which need no more pixels than the picture."""


@dataclass(frozen=True)
class Layout:
    """Sizes the network is built for; written beside the checkpoint."""

    size: int
    controls: tuple[str, ...]
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]
    layers: tuple[str, ...]
    patches: tuple[Patch, ...]
    """The sides of their boxes are multiples of 32."""
    spans: tuple[Box, ...]
    """The part of the canvas that each layer's motion has its cells on."""
    width: float = 1.0
    """Scales all channel counts."""
    detail: int = 2
    """Pixels of a texture per pixel of the picture, each way."""
    laid_out: tuple[str, ...] = ()
    """Layers with patches whose texture is unwrapped: it does not show the neutral picture (Rig.sheet_points)."""

    def layer(self, name: str) -> int:
        """Position of a layer by name."""
        return self.layers.index(name)


def layout_for(rig: Any, conditions: np.ndarray, size: int, width: float = 1.0) -> Layout:
    """Decide the network's shape: the rig's controls and layers, patches where eyes and mouth can be in a still head, or where a
    mouth with a layer of its own lies on its texture; then the cheeks beside it are a patch of the face.

    conditions: (N, len(CONTROLS)) float32."""
    still = conditions[:200].copy()
    still[:, [INDEX[n] for n in (*HEAD, *SECONDARY)]] = 0
    textures = rig.sheet_points(size)
    drawn = rig.motion(neutral(), size)
    unwrapped = {
        name: points
        for name, points, neutral_points in zip(rig.LAYERS, textures, drawn, strict=True)
        if not np.array_equal(points, neutral_points)
    }
    patches = _patches([rig.boxes(c, size) for c in still], unwrapped.get("mouth"), size)
    moved = [rig.motion(c, size) for c in conditions[:400]]
    return Layout(
        size=size,
        controls=tuple(rig.controls),
        minimum=tuple(RANGES[n][0] for n in rig.controls),
        maximum=tuple(RANGES[n][1] for n in rig.controls),
        layers=tuple(rig.LAYERS),
        patches=patches,
        spans=tuple(_span(np.stack(points), size) for points in zip(textures, *moved, strict=True)),
        width=width,
        laid_out=tuple(patch.layer for patch in patches if patch.layer in unwrapped),
    )


Edges = list[float]
"""Left, top, right, bottom."""


def _patches(
    faces: list[dict[str, tuple[float, ...]]], mouth: np.ndarray | None, size: int
) -> tuple[Patch, ...]:
    """faces: the rig's boxes for each still head. mouth: (n, 2) points of an unwrapped mouth's texture; None where the mouth is
    part of the face's."""
    eyes = _reach(faces, ("eye_left", "eye_right"), _ROUND_EYES)
    jaw = _reach(faces, ("mouth",), _ROUND_MOUTH)
    if eyes[3] > jaw[1]:  # patches must not overlap: meet half-way
        eyes[3] = jaw[1] = round((eyes[3] - _ROUND_EYES[3] + jaw[1] + _ROUND_MOUTH[1]) / 2)
    # They grow away from each other.
    on_face = Patch("eyes", "face", _placed(eyes, size, up=True)), _placed(jaw, size, up=False)
    if mouth is None:
        return on_face[0], Patch("mouth", "face", on_face[1])
    low, high = mouth.min(0), mouth.max(0)
    w, h = (_whole_blocks(v) for v in high - low)
    x, y = (round(v) for v in (low + high - (w, h)) / 2)
    return on_face[0], Patch("mouth", "mouth", Box(x, y, w, h)), Patch("cheeks", "face", on_face[1])


_ROUND_EYES = (10, 12, 10, 24)
"""Pixels left, above, right, below: the crease above, the blush below."""
_ROUND_MOUTH = (36, 10, 36, 10)
"""The cheeks are beside it."""


def _reach(faces: list[dict[str, tuple[float, ...]]], parts: tuple[str, ...], room: tuple[int, ...]) -> Edges:
    """Round wherever the parts are, with some room."""
    edges = np.array([face[part] for face in faces for part in parts])
    return [*(edges.min(0)[:2] - room[:2]).tolist(), *(edges.max(0)[2:] + room[2:]).tolist()]


def _placed(edges: Edges, size: int, up: bool) -> Box:
    """A box of whole blocks about these edges, within the picture; what it is higher than they, it reaches up or down."""
    left, top, right, bottom = edges
    w, h = (min(size, _whole_blocks(v)) for v in (right - left, bottom - top))
    x, y = round((left + right - w) / 2), round(bottom - h if up else top)
    return Box(max(0, min(x, size - w)), max(0, min(y, size - h)), w, h)


def _whole_blocks(length: float) -> int:
    return int(32 * math.ceil(length / 32))


def _span(points: np.ndarray, size: int) -> Box:
    """Pixels round wherever a layer's points (N, n, 2) go, with a cell of the whole canvas to spare."""
    low = np.clip(np.floor(points.min((0, 1))) - 8, 0, size - 16).astype(int)
    high = np.clip(np.ceil(points.max((0, 1))) + 8, low + 16, size).astype(int)
    return Box.between(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
