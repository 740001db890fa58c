"""The shape of one avatar's generator: which controls, layers and patches it has. Decided once, from the rig."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from liveavatar.avatar.card import Patch
from liveavatar.base.box import Box
from liveavatar.controls import HEAD, INDEX, RANGES, SECONDARY, neutral


@dataclass(frozen=True)
class Layout:
    """Sizes the network is built for; written beside the checkpoint."""

    size: int
    controls: tuple[str, ...]
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]
    layers: tuple[str, ...]
    patches: tuple[Patch, ...]
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

    @property
    def unit(self) -> list[float]:
        """What each control is divided by, so that it lies within [-1, 1]."""
        return [max(abs(a), abs(b)) for a, b in zip(self.minimum, self.maximum, strict=True)]

    def columns(self, conditions: np.ndarray) -> np.ndarray:
        """The controls it has: (N, len(CONTROLS)) -> (N, n)."""
        return np.ascontiguousarray(conditions[:, [INDEX[name] for name in self.controls]])

    def texels(self, patch: Patch) -> tuple[int, int]:
        """Rows and columns of a patch's pictures: as many as its texture has there."""
        box = patch.box.scaled(self.detail)
        return box.h, box.w


LASH_PICTURES = 32


def pictures_of(patch: str) -> int:
    """How many a patch's dictionary has."""
    return {"mouth": 64, "cheeks": 24}.get(patch, LASH_PICTURES if patch.endswith("lashes") else 40)


def layout_for(
    rig: Any,
    conditions: np.ndarray,
    size: int,
    width: float = 1.0,
    moved: Sequence[np.ndarray] | None = None,
) -> Layout:
    """Decide the network's shape: the rig's controls and layers, patches where eyes and mouth can be in a still head, or where a
    mouth with a layer of its own lies on its texture; then the cheeks beside it are a patch of the face.

    conditions: (N, len(CONTROLS)) float32; moved: where points of each layer go, (N, n, 2) in pixels, if that is known."""
    still = conditions[:200].copy()
    still[:, [INDEX[n] for n in (*HEAD, *SECONDARY)]] = 0
    textures = rig.sheet_points(size)
    drawn = rig.motion(neutral(), size)
    unwrapped = {
        name: points
        for name, points, neutral_points in zip(rig.LAYERS, textures, drawn, strict=True)
        if not np.array_equal(points, neutral_points)
    }
    patches = _patches(
        [rig.boxes(c, size) for c in still],
        unwrapped.get("mouth"),
        size,
        "lashes" if getattr(rig, "REDRAWS_LASHES", False) else None,
    )
    if moved is None:
        moved = [np.stack(p) for p in zip(*(rig.motion(c, size) for c in conditions[:400]), strict=True)]
    return Layout(
        size=size,
        controls=tuple(rig.controls),
        minimum=tuple(RANGES[n][0] for n in rig.controls),
        maximum=tuple(RANGES[n][1] for n in rig.controls),
        layers=tuple(rig.LAYERS),
        patches=patches,
        spans=tuple(_span(size, *points) for points in zip(textures, moved, strict=True)),
        width=width,
        laid_out=tuple(patch.layer for patch in patches if patch.layer in unwrapped),
    )


Edges = list[float]
"""Left, top, right, bottom."""
_ROUND_EYES = (10, 12, 10, 24)
"""Pixels left, above, right, below: the crease above, the blush below."""
_ROUND_MOUTH = (36, 10, 36, 10)
"""The cheeks are beside it."""
_OUTLINE = 8
"""Pixels by which an eye is drawn outside its box: its line, and what glows round a robot's."""


def _patches(
    faces: list[dict[str, tuple[float, ...]]], mouth: np.ndarray | None, size: int, lashes: str | None
) -> tuple[Patch, ...]:
    """faces: the rig's boxes for each still head. mouth: (n, 2) points of an unwrapped mouth's texture; None where the mouth is
    part of the face's. lashes: the layer whose lashes are drawn anew as lids shut; None where they only move."""
    sides = sorted((_reach(faces, name, _ROUND_EYES), name) for name in ("eye_left", "eye_right"))
    (left, right), names = [edges for edges, _ in sides], [name for _, name in sides]
    jaw = _reach(faces, "mouth", _ROUND_MOUTH)
    # Patches must not overlap: they meet half-way.
    if left[2] > right[0]:
        left[2] = right[0] = (left[2] + right[0]) / 2
    low = max(left[3], right[3])
    if low > jaw[1]:
        meeting = (low - _ROUND_EYES[3] + jaw[1] + _ROUND_MOUTH[1]) / 2
        if mouth is not None:  # nothing of it is drawn on the face, so the eyes keep all of theirs
            meeting = max(meeting, low - _ROUND_EYES[3] + _OUTLINE)
        left[3], right[3], jaw[1] = min(left[3], meeting), min(right[3], meeting), meeting
    eyes = [
        _patch(name, "face", _whole(edges, size)) for name, edges in zip(names, (left, right), strict=True)
    ]
    if lashes is not None:
        eyes += [_patch(f"{eye.name}_{lashes}", lashes, eye.box) for eye in eyes]
    if mouth is None:
        return *eyes, _patch("mouth", "face", _whole(jaw, size))
    around = _whole([*mouth.min(0).tolist(), *mouth.max(0).tolist()], size)
    return *eyes, _patch("mouth", "mouth", around), _patch("cheeks", "face", _whole(jaw, size))


def _patch(name: str, layer: str, box: Box) -> Patch:
    return Patch(name, layer, box, f"{name}.low.png", f"{name}.high.png")


def _reach(faces: list[dict[str, tuple[float, ...]]], part: str, room: tuple[int, ...]) -> Edges:
    """Round wherever the part is, with some room."""
    edges = np.array([face[part] for face in faces])
    return [*(edges.min(0)[:2] - room[:2]).tolist(), *(edges.max(0)[2:] + room[2:]).tolist()]


def _whole(edges: Edges, size: int) -> Box:
    """The box of whole pixels within these edges and the picture."""
    left, top = (max(0, math.ceil(v)) for v in edges[:2])
    right, bottom = (min(size, math.floor(v)) for v in edges[2:])
    return Box.between(left, top, max(right, left + 1), max(bottom, top + 1))


def narrowed(layout: Layout, boxes: dict[str, Box]) -> Layout:
    """The same layout with patches of these boxes, by name."""
    return replace(layout, patches=tuple(replace(p, box=boxes[p.name]) for p in layout.patches))


def _span(size: int, *points: np.ndarray) -> Box:
    """Pixels round wherever a layer's points (..., 2) go, with a cell of the whole canvas to spare."""
    corners = np.array([edge(p.reshape(-1, 2), axis=0) for p in points for edge in (np.min, np.max)])
    low = np.clip(np.floor(corners.min(0)) - 8, 0, size - 16).astype(int)
    high = np.clip(np.ceil(corners.max(0)) + 8, low + 16, size).astype(int)
    return Box.between(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def extent_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 round the set pixels; (S, S, 0, 0) if there are none."""
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(ys):
        return mask.shape[1], mask.shape[0], 0, 0
    return int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1
