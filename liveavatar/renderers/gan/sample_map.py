"""From the network's motion to the maps of cv2.remap: which texel of its layer's texture each pixel of the picture shows.

The motion comes on a grid of cells over each layer's span. It is turned round (inverse_flow.py), continued beyond the span,
cropped to the cells that show anything, and enlarged to pixels where the head's place and size in the picture put it.
"""

from math import ceil, floor
from typing import Any, NamedTuple

import cv2
import numpy as np

from liveavatar.avatar.card import CELL, Avatar
from liveavatar.language import tr
from liveavatar.renderers.gan.inverse_flow import Inversion
from liveavatar.renderers.package import unfit
from liveavatar.renderers.placement import Placement

MAX_CELLS = 4 << 20
"""Of all layers, those beyond their spans too."""
MAX_REACH = 10 << 20
"""Pixels of the picture that a layer's cells cover: the map of a frame is as large, and twice as large where the head is near."""
MARGIN = 2
"""Cells kept round those that show anything: an enlargement needs their neighbours."""


class Region(NamedTuple):
    """A rectangle of the picture and what it shows."""

    x: int
    y: int
    texels: np.ndarray
    """(h, w, 2) float32: x and y on the layer's texture of each pixel, counted from the first texel's middle."""


class SampleMaps:
    """Of the layers of an avatar."""

    def __init__(self, avatar: Avatar) -> None:
        """Raises AvatarError for layers that reach too far."""
        layers = avatar.gan.layers
        self._size = avatar.size
        spans, sources, targets = (
            np.array([getattr(x, name) for x in layers]) for name in ("span", "source", "target")
        )
        self._targets = targets
        columns, rows = (side // CELL for side in avatar.size)
        cells_per_pixel = np.array([columns, rows]) / spans[:, 2:]
        self._inversion = Inversion(cells_per_pixel, [x.laid_out for x in layers], (rows, columns))
        self._spans = spans
        self._cell = spans[:, 2:] / (columns, rows)
        """(L, 2): width and height of a layer's cells, pixels."""
        # So many cells more all round reach to the edges of every layer's target.
        short = spans[:, :2] - targets[:, :2], (targets - spans)[:, :2] + (targets - spans)[:, 2:]
        self._border = int(np.clip(np.ceil(np.max(short / self._cell)) + 1, 1, max(columns, rows)))
        cells = (columns + 2 * self._border) * (rows + 2 * self._border)
        if max(len(spans) * cells / MAX_CELLS, cells * self._cell.prod(1).max() / MAX_REACH) > 1:
            raise unfit(avatar, tr("layers reach too far beyond their spans", "图层超出其 span 过远"))
        # From cells, counted from the first one's middle, to texels, counted likewise.
        corner = (spans[:, :2] + self._cell / 2 - sources[:, :2]) * avatar.detail - 0.5
        self._scale, self._corner, self._extent = (
            v.T[..., None, None].astype(np.float32)
            for v in (self._cell * avatar.detail, corner, sources[:, 2:] * avatar.detail)
        )

    def regions(self, motion: np.ndarray, placement: Placement) -> list[Region | None]:
        """Where each layer is in the picture, in the card's order; None where nothing of it is.

        motion: (2, L, H/8, W/8) float32, the network's, in cells."""
        texels = self._texels(motion)
        targets = placement.moved(self._targets, self._size).tolist()
        return [
            self._region(k, texels[:, k], visible, target, placement)
            for k, (visible, target) in enumerate(zip(self._visible(texels), targets, strict=True))
        ]

    def _texels(self, motion: np.ndarray) -> np.ndarray:
        """(2, L, rows, columns) float32: x and y of the texel that each cell shows, cells beyond the span included."""
        within = self._inversion(motion)
        within *= self._scale
        within += self._corner
        n = self._border
        result = np.pad(within, ((0, 0), (0, 0), (n, n), (n, n)), "edge")
        # Beyond a span the flow goes on as at its edge, so the texel goes on evenly.
        steps = np.arange(1, n + 1, dtype=np.float32)
        for axis, scale in zip((result[0], result[1].swapaxes(1, 2)), self._scale, strict=True):
            axis[..., :n] -= scale * steps[::-1]
            axis[..., -n:] += scale * steps
        return result

    def _visible(self, texels: np.ndarray) -> list[tuple[slice, slice]]:
        """For each layer, rows and columns of the cells that show anything of its texture, with a margin."""
        inside: Any = ((texels > -1) & (texels < self._extent)).all(0)
        return list(zip(*(true_ranges(inside.any(axis)) for axis in (2, 1)), strict=True))

    def _region(
        self,
        k: int,
        texels: np.ndarray,
        visible: tuple[slice, slice],
        target: list[int],
        placement: Placement,
    ) -> Region | None:
        """Of layer k. texels: (2, rows, columns) of it; target: box in the picture.

        Picture pixel p shows avatar pixel q = p / zoom - shift, moved by the flow at q."""
        axes = [
            _enlargement(
                visible[1 - axis],
                self._cell[k, axis] * placement.zoom,
                (placement[1 + axis] - 0.5 + self._spans[k, axis]) * placement.zoom + 0.5,
                self._border,
                (target[axis], target[axis] + target[axis + 2]),
            )
            for axis in (0, 1)
        ]
        if any(axis.last <= axis.first for axis in axes):
            return None
        across, down = axes
        cells = cv2.merge(list(texels[(slice(None), *visible)]))
        shifted = cv2.sepFilter2D(cells, -1, across.kernel, down.kernel)
        pixels = cv2.resize(shifted, None, fx=across.factor, fy=down.factor)
        return Region(across.first, down.first, pixels[down.kept, across.kept])


class _Enlargement(NamedTuple):
    """Of a layer's visible cells to pixels of the picture, along one axis."""

    first: int
    last: int
    """Pixels of the picture, from first up to last."""
    factor: float
    """Pixels a cell."""
    kernel: Any
    """(3,) float64: shifts the cells by what is left of a pixel; an enlargement can only begin at a whole one."""
    kept: slice
    """Of the enlarged pixels."""


def _enlargement(
    cells: slice, factor: float, origin: float, border: int, limits: tuple[int, int]
) -> _Enlargement:
    """origin: where the span begins in the picture; border: cells before it; limits: of what may be drawn, pixels."""
    start = origin + (cells.start - border) * factor
    whole = round(start)
    rest = (whole - start) / factor
    kernel = np.array([max(-rest, 0.0), 1 - abs(rest), max(rest, 0.0)])
    # Between the middles of the outermost cells, where nothing has to be guessed, and within the layer's target.
    first = max(ceil(start + factor / 2 - 0.5), limits[0])
    last = min(floor(start + (cells.stop - cells.start - 0.5) * factor - 0.5) + 1, limits[1])
    return _Enlargement(first, last, factor, kernel, slice(first - whole, last - whole))


def true_ranges(mask: Any) -> list[slice]:
    """From the first to the last True of each row, with MARGIN more on both sides where there are; (L, n) bool -> L slices."""
    count = mask.shape[1]
    first, last = mask.argmax(1), count - mask[:, ::-1].argmax(1)
    return [
        slice(max(a - MARGIN, 0), min(b + MARGIN, count)) if any_true else slice(0, 0)
        for a, b, any_true in zip(first.tolist(), last.tolist(), mask.any(1).tolist(), strict=True)
    ]
