"""The shape of one avatar's generator: which controls, layers and patches it has. Decided once, from the rig."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

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
    patches: tuple[tuple[str, str, tuple[int, int, int, int]], ...]
    """(name, layer, (x, y, w, h)): sides are multiples of 32."""
    spans: tuple[tuple[int, int, int, int], ...]
    """(x, y, w, h) of the canvas that each layer's motion has its cells on."""
    width: float = 1.0
    """Scales all channel counts."""
    detail: int = 2
    """Pixels of a sheet per pixel of the picture, each way."""
    laid_out: tuple[str, ...] = ()
    """Layers with patches whose sheet does not show the neutral picture (Rig.sheet_points)."""

    def layer(self, name: str) -> int:
        """Position of a layer by name."""
        return self.layers.index(name)


def layout_for(rig: Any, conditions: np.ndarray, size: int, width: float = 1.0) -> Layout:
    """Decide the network's shape: the rig's controls and layers, patches where eyes and mouth can be in a still head, or where a
    mouth with a layer of its own lies on its sheet; then the cheeks beside it are a patch of the face."""
    low = [RANGES[n][0] for n in rig.controls]
    high = [RANGES[n][1] for n in rig.controls]
    still = conditions[:200].copy()
    still[:, [INDEX[n] for n in (*HEAD, *SECONDARY)]] = 0
    reach = [rig.boxes(c, size) for c in still]
    pads = {
        "eyes": (10, 12, 10, 24),
        "mouth": (36, 10, 36, 10),
    }  # above the eyes: the crease; below: the blush; beside the mouth: cheeks
    parts = {"eyes": ("eye_left", "eye_right"), "mouth": ("mouth",)}
    spans = {
        name: [min(r[part][i] for r in reach for part in parts[name]) - pad[i] for i in (0, 1)]
        + [max(r[part][i] for r in reach for part in parts[name]) + pad[i] for i in (2, 3)]
        for name, pad in pads.items()
    }
    if spans["eyes"][3] > spans["mouth"][1]:  # patches must not overlap: meet half-way
        meet = (spans["eyes"][3] - pads["eyes"][3] + spans["mouth"][1] + pads["mouth"][1]) / 2
        spans["eyes"][3] = spans["mouth"][1] = round(meet)
    boxes = {}
    for name, (x0, y0, x1, y1) in spans.items():
        w, h = (min(size, int(32 * math.ceil(v / 32))) for v in (x1 - x0, y1 - y0))
        y = y1 - h if name == "eyes" else y0  # grow away from each other
        boxes[name] = (max(0, min(round((x0 + x1 - w) / 2), size - w)), max(0, min(round(y), size - h)), w, h)
    sheet = rig.sheet_points(size)
    points = zip(rig.LAYERS, sheet, rig.motion(neutral(), size), strict=True)
    laid_out = {name: own for name, own, drawn in points if not np.array_equal(own, drawn)}
    patches = [("eyes", "face", boxes["eyes"]), ("mouth", "face", boxes["mouth"])]
    if "mouth" in laid_out:
        low_corner, high_corner = laid_out["mouth"].min(0), laid_out["mouth"].max(0)
        w, h = (int(32 * math.ceil(v / 32)) for v in high_corner - low_corner)
        x, y = (round(v) for v in (low_corner + high_corner - (w, h)) / 2)
        patches[1:] = [("mouth", "mouth", (x, y, w, h)), ("cheeks", "face", boxes["mouth"])]
    names = tuple(rig.controls), tuple(low), tuple(high), tuple(rig.LAYERS)
    moved = [rig.motion(c, size) for c in conditions[:400]]
    cells = tuple(_span(np.stack([own, *drawn]), size) for own, *drawn in zip(sheet, *moved, strict=True))
    laid = tuple(of for _, of, _ in patches if of in laid_out)
    return Layout(size, *names, tuple(patches), cells, width, laid_out=laid)


def _span(points: np.ndarray, size: int) -> tuple[int, int, int, int]:
    """x, y, w, h in pixels round wherever a layer's points (N, n, 2) go, with a cell of the whole canvas to spare."""
    low = np.clip(np.floor(points.min((0, 1))) - 8, 0, size - 16).astype(int)
    high = np.clip(np.ceil(points.max((0, 1))) + 8, low + 16, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])
