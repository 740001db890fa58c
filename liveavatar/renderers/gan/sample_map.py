"""From the network's motion to the maps of cv2.remap: which texel of its layer's texture each pixel of the picture shows.

The picture is cut into blocks. At corners of those that a layer reaches its motion is turned round (inverse_flow.py). Where its
flow bends, it is found again at more places between the corners of the blocks in which the layer is seen (seen.py); then it is
spread over the pixels of these. So the same blocks hold all layers, whatever the head's place and size in the picture, and
nothing is done where a layer shows nothing or is hidden by opaque ones.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from liveavatar.avatar.card import CELL, Avatar
from liveavatar.renderers.gan.bends import Bends
from liveavatar.renderers.gan.corners import Corners, Reach, spread
from liveavatar.renderers.gan.inverse_flow import WIDTH, Bounds, Inversion, Sources
from liveavatar.renderers.gan.presence import Presence
from liveavatar.renderers.gan.reaches import Reaches
from liveavatar.renderers.gan.seen import Blocks, Sight
from liveavatar.renderers.placement import Placement

LARGE = 1 / 6
"""Part of the picture from which a layer is large."""
EVEN, UNEVEN = 0.02, 0.16
"""Pixels of the avatar that a layer's flow may lie beside a straight line between two corners of blocks, in the mean, for no
places between them, and for one; else there are three."""
STILL = 1.0, 3.0
"""Pixels of the avatar by which a large layer, and a small one, may move before it is looked up anew where it is seen."""

OFF = 1.0
"""Pixels of the avatar by which a source may be off before its last step: 99 of 100 are by less than half of it."""


class Part(NamedTuple):
    """What a layer shows, n blocks of the picture."""

    layer: int
    blocks: np.ndarray
    """(n,) intp: their numbers, see seen.py."""
    fresh: bool
    """Nothing of the layers below is seen there; the numbers follow one another."""
    texels: np.ndarray
    """(n, pixels, 2) float32: x and y on the layer's texture of each pixel of each block, counted from the first texel's middle.
    The next part's are written to the same place."""


class _Lines(NamedTuple):
    """Of places in a line, what depends on their layers alone: from blocks of the picture to cells, to texels."""

    bounds: Bounds
    cells: np.ndarray
    """(2, n) float32: cells of its layer's span a pixel."""
    blocks: np.ndarray
    """(2, n): where each stands, in cells, in a picture that is neither moved nor zoomed, from the corner of the picture."""
    first: np.ndarray
    """(2, n): the corner of the picture from the first cell's middle, in cells."""
    scale: np.ndarray
    corner: np.ndarray
    """(2, n): texels = cells * scale + corner."""
    bends: Bends
    smooth: np.ndarray
    """(k,) intp: those of layers whose flow is found at every second corner; a multiple of WIDTH."""
    smooth_bounds: Bounds
    size: np.ndarray
    """(2, m): width and height of the texture of each of the places that count for bends."""


class SampleMaps:
    """Of the layers of an avatar."""

    def __init__(self, avatar: Avatar, presence: Presence, side: int, grid: tuple[int, int]) -> None:
        """side: of a block, pixels of the picture; grid: rows and columns of its blocks, even."""
        layers = avatar.gan.layers
        self._side = side
        spans, sources = (np.array([getattr(x, name) for x in layers]) for name in ("span", "source"))
        columns, rows = (n // CELL for n in avatar.size)
        cells = np.array([columns, rows]) / spans[:, 2:]
        self._inversion = Inversion(cells, [x.laid_out for x in layers], (rows, columns))
        self._cells, self._origin = (v.T.astype(np.float32) for v in (cells, spans[:, :2]))
        self._last = np.array([[columns - 1], [rows - 1]], np.float32)
        # From cells, counted from the first one's middle, to texels, counted likewise.
        corner = (spans[:, :2] + 0.5 / cells - sources[:, :2]) * avatar.detail - 0.5
        self._texels_a_cell, self._corner = (v.T.astype(np.float32) for v in (avatar.detail / cells, corner))
        self._sources = (sources[:, 2:].T * avatar.detail).astype(np.float32)
        self._detail = avatar.detail
        large = sources[:, 2:].prod(axis=1) > LARGE * avatar.size[0] * avatar.size[1]
        self._sight = Sight(presence, grid, avatar.detail * np.where(large, *STILL), avatar.detail * OFF)
        self._reaches = Reaches(avatar, presence, side, large)
        self._corners = Corners((Reach(0, 0, 0, 0),) * len(layers), (1,) * len(layers))
        self._lines = self._lines_of(self._corners)
        self._weights = {split: _weights(side, split) for split in (1, 2, 4)}
        self._line = np.zeros((8, 0), np.float32)
        self._count = np.arange(4 * max(grid) + 1, dtype=np.float32)
        self._texels = np.empty((grid[0] * grid[1], side * side * 2), np.float32)

    def parts(self, motion: np.ndarray, placement: Placement) -> Iterator[Part]:
        """What each layer shows, in the card's order; all but its pixels is found at once.

        motion: (2, L, H/8, W/8) float32, the network's, in cells."""
        reaches = self._reaches.of(self._inversion.take(motion), placement)
        if reaches != (self._corners.reaches, self._corners.strides):
            self._corners = Corners(*reaches)
            self._lines = self._lines_of(self._corners)
        corners, lines = self._corners, self._lines
        # Picture pixel p shows avatar pixel q = p / zoom - shift.
        place = lines.blocks * np.float32(1 / placement.zoom)
        place += lines.first
        if placement.x or placement.y:
            place -= lines.cells * np.array([[placement.x], [placement.y]], np.float32)
        inside = self._within(place)
        near = self._inversion.solve(inside, lines.bounds)
        texels = self._last_step(inside, near) - inside
        texels += place
        texels *= lines.scale
        texels += lines.corner
        every = corners.spread(texels)
        self._sight.look(corners, every)
        boxes = self._boxes(corners, lines, texels)
        refined = self._refined(corners, boxes, place, near)
        return self._shown(np.ascontiguousarray(every.T), boxes, refined)

    def _shown(self, every: np.ndarray, boxes: dict[int, "_Box"], refined: np.ndarray) -> Iterator[Part]:
        """every: (m, 2), texels at all corners; refined: (n, 2), at all places in the boxes."""
        for k, seen in enumerate(self._sight.layers):
            for fresh, blocks in ((True, seen.fresh), (False, seen.over)):
                if len(blocks.numbers):
                    around = (
                        boxes[k].around(blocks, refined) if k in boxes else every.take(blocks.corners, axis=0)
                    )
                    yield Part(k, blocks.numbers, fresh, self._pixels(around))

    @property
    def held(self) -> np.ndarray:
        """(L, rows / 2, columns / 2) bool: which of each four cells of a layer's span hold anything."""
        return self._reaches.held

    @property
    def numbers(self) -> np.ndarray:
        """(rows, columns) intp: of the blocks that stand in the picture whose last part was given, 0 where nothing is seen."""
        return self._sight.numbers

    def _lines_of(self, corners: Corners) -> "_Lines":
        layer = np.repeat(np.arange(len(corners.counts)), corners.counts)
        first = -self._origin * self._cells - np.float32(0.5)
        cells = self._cells.take(layer, axis=1)
        blocks = cells * np.float32(self._side)
        blocks *= corners.at
        smooth = np.flatnonzero(np.array(corners.strides).take(layer) > 1)
        smooth = np.resize(smooth, len(smooth) + -len(smooth) % WIDTH)
        bounds = self._inversion.bounds(layer)
        bends = Bends(corners.shapes)
        return _Lines(
            bounds,
            cells,
            blocks,
            first.take(layer, axis=1),
            self._texels_a_cell.take(layer, axis=1),
            self._corner.take(layer, axis=1),
            bends,
            smooth,
            bounds.of(smooth),
            self._sources.take(layer.take(bends.middle), axis=1),
        )

    def _last_step(self, inside: np.ndarray, near: Sources) -> np.ndarray:
        """Of the layers that bend little: (2, n). The others' are near enough to see where they are, and are refined there."""
        at = near.at.copy()
        places = self._lines.smooth
        if len(places):
            few = Sources(*(known.take(places, axis=1) for known in near))
            at[:, places] = self._inversion.refine(
                inside.take(places, axis=1), self._lines.smooth_bounds, few
            )
        return at

    def _within(self, place: np.ndarray) -> np.ndarray:
        """Beyond a span the flow goes on as at its edge."""
        return np.minimum(np.maximum(place, 0), self._last)

    def _on_texture(self, cells: np.ndarray, counts: Sequence[int]) -> np.ndarray:
        """In place, (2, n): from cells of the layers' spans to texels of their textures. counts: so many are each layer's."""
        cells *= np.repeat(self._texels_a_cell, counts, axis=1)
        cells += np.repeat(self._corner, counts, axis=1)
        return cells

    def _boxes(self, corners: Corners, lines: "_Lines", texels: np.ndarray) -> dict[int, "_Box"]:
        """Of the layers that are seen and whose flow bends. texels: (2, n), where it was found."""
        boxes: dict[int, _Box] = {}
        first = 0
        on = texels.take(lines.bends.middle, axis=1)
        counted = np.all((on >= 0) & (on < lines.size), axis=0)
        # The middle of a straight line between two places lies beside the flow by a quarter of how far each place does.
        errors = lines.bends.of(texels, counted) / (4 * self._detail)
        for k, (seen, stride, error) in enumerate(
            zip(self._sight.layers, corners.strides, errors.tolist(), strict=True)
        ):
            if not seen.box.shape[0] or (stride > 1 and error < EVEN):
                continue
            error /= 3 if stride > 1 else 1  # so much is left when corners are half as far apart
            box = _Box(k, seen.box, stride, 1 if error < EVEN else 2 if error < UNEVEN else 4, first)
            boxes[k] = box
            first += box.size
        return boxes

    def _refined(
        self, corners: Corners, boxes: dict[int, "_Box"], place: np.ndarray, near: Sources
    ) -> np.ndarray:
        """(n, 2) float32: the texels for all places in the boxes."""
        if not boxes:
            return np.zeros((0, 2), np.float32)
        counts = [boxes[k].size if k in boxes else 0 for k in range(len(corners.counts))]
        total = sum(counts)
        rest = -total % WIDTH
        if total + rest > self._line.shape[1]:
            self._line = np.zeros((8, total + rest), np.float32)
        line = self._line[:, : total + rest]
        for k, box in boxes.items():
            wanted = line[:, box.first : box.first + box.size].reshape(8, *box.places)
            inner, factor = box.inner(corners.reaches[k]), box.stride * box.split
            for planes, known in ((wanted[:2], near.at), (wanted[2:6], near.inverse)):
                spread(corners.of(k, known)[(slice(None), *inner)], planes, factor)
            x, y = corners.of(k, place)[(slice(None), *inner)]
            wanted[6] = self._between(x[0, 0], x[0, -1], box.places[1])
            wanted[7] = self._between(y[0, 0], y[-1, 0], box.places[0])[:, None]
        counts[-1] += rest
        place = line[6:]
        inside = self._within(place)
        bounds = self._inversion.bounds(np.repeat(np.arange(len(counts)), counts))
        at = self._inversion.refine(inside, bounds, Sources(line[:2], line[2:6]))
        at -= inside
        at += place
        return np.ascontiguousarray(self._on_texture(at, counts).T)

    def _between(self, first: np.float32, last: np.float32, count: int) -> np.ndarray:
        """(count,) float32: evenly from first to last."""
        line = self._count[:count] * ((last - first) / np.float32(count - 1))
        line += first
        return line

    def _pixels(self, around: np.ndarray) -> np.ndarray:
        """Texels of all pixels: (n, places, 2) of each block's places -> (n, pixels, 2)."""
        count, places, _ = around.shape
        maps = self._texels[:count]
        np.matmul(around.reshape(count, -1), self._weights[round(places**0.5) - 1], out=maps)
        return maps.reshape(count, -1, 2)


class _Box(NamedTuple):
    """Where a layer is seen whose flow bends."""

    layer: int
    reach: Reach
    stride: int
    """Blocks between two corners at which its flow was found."""
    split: int
    """Into how many parts the sides of blocks are cut, so that the flow may be taken as even along them."""
    first: int
    """Where its places begin in the line of all boxes'."""

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of places in it, those between corners too."""
        high, wide = self.reach.shape
        return high * self.split + 1, wide * self.split + 1

    @property
    def size(self) -> int:
        """Of them."""
        return self.places[0] * self.places[1]

    def inner(self, reach: Reach) -> tuple[slice, slice]:
        """Rows and columns of the corners in it at which the flow was found. reach: the layer's."""
        left, top = (self.reach.left - reach.left) // self.stride, (self.reach.top - reach.top) // self.stride
        high, wide = self.reach.corners(self.stride)
        return slice(top, top + high), slice(left, left + wide)

    def around(self, blocks: Blocks, line: np.ndarray) -> np.ndarray:
        """What the line holds (m, 2) at each place of blocks: (n, (split + 1)², 2)."""
        steps, wide = np.arange(self.split + 1), self.places[1]
        corner = (blocks.rows - self.reach.top) * wide + blocks.columns - self.reach.left
        corner *= self.split
        corner += self.first
        result: np.ndarray = line.take(corner[:, None] + (steps[:, None] * wide + steps).reshape(-1), axis=0)
        return result


def _weights(side: int, split: int) -> np.ndarray:
    """((split + 1)² * 2, side² * 2) float32: from x and y at a block's places, row by row, to those of its pixels."""
    at = (np.arange(side) + 0.5) * split / side
    line = np.maximum(1 - np.abs(at - np.arange(split + 1)[:, None]), 0)  # (split + 1, side)
    weights = np.einsum("ai,bj,xy->abxijy", line, line, np.eye(2))
    return weights.reshape((split + 1) ** 2 * 2, -1).astype(np.float32)
