"""From the network's motion to the maps of cv2.remap: which texel of its layer's texture each pixel of the picture shows.

The picture is cut into blocks. At the corners of those that a layer reaches its motion is turned round (inverse_flow.py). Where
anything of its texture is seen between them, the flow is found more exactly, at more places where it bends, and spread over the
block's pixels. So the same blocks hold all layers, whatever the head's place and size in the picture, and nothing is done where a
layer shows nothing or is hidden by opaque ones.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from liveavatar.avatar.card import CELL, Avatar, Layer
from liveavatar.renderers.gan.corners import Corners, Reach
from liveavatar.renderers.gan.inverse_flow import WIDTH, Inversion, Places, Sources
from liveavatar.renderers.gan.presence import Presence
from liveavatar.renderers.placement import Placement

STEP = 2
"""Blocks by which what a layer reaches grows, so that it stays the same from frame to frame where little moves."""
SPARE = 2.0
"""Cells round the middle of four that may hold something which belongs to them, and a little more."""
FAR = 1 << 20
EVEN, UNEVEN = 0.02, 0.16
"""Pixels of the avatar that a layer's flow may lie beside a straight line between two corners, in the mean, for no places between
them, and for one; else there are three."""


class Part(NamedTuple):
    """What a layer shows, n blocks of the picture."""

    blocks: np.ndarray
    """(n,) intp: their numbers, row by row in the picture."""
    fresh: int
    """So many of the first show nothing of the layers below."""
    texels: np.ndarray
    """(n, pixels, 2) float32: x and y on the layer's texture of each pixel of each block, counted from the first texel's middle.
    The next layer's are written to the same place."""


class SampleMaps:
    """Of the layers of an avatar."""

    def __init__(self, avatar: Avatar, presence: Presence, side: int, grid: tuple[int, int]) -> None:
        """side: of a block, pixels of the picture; grid: rows and columns of its blocks."""
        layers = avatar.gan.layers
        self._presence, self._side, self._grid, self._size = presence, side, grid, avatar.size
        spans, sources, self._targets = (
            np.array([getattr(x, name) for x in layers]) for name in ("span", "source", "target")
        )
        columns, rows = (n // CELL for n in avatar.size)
        cells = np.array([columns, rows]) / spans[:, 2:]
        self._inversion = Inversion(cells, [x.laid_out for x in layers], (rows, columns))
        self._cells, self._origin = cells.T, spans[:, :2].T
        self._last = np.array([[columns - 1], [rows - 1]], np.float32)
        # From cells, counted from the first one's middle, to texels, counted likewise.
        corner = (spans[:, :2] + 0.5 / cells - sources[:, :2]) * avatar.detail - 0.5
        self._texels_a_cell, self._corner = (v.T.astype(np.float32) for v in (avatar.detail / cells, corner))
        self._corners: Corners | None = None
        self._least, self._most = self._farthest(layers, rows // 2, columns // 2)
        self._weights = {split: _weights(side, split) for split in (1, 2, 4)}
        self._line = np.zeros((8, 0), np.float32)
        self._texels = np.empty((grid[0] * grid[1], side * side * 2), np.float32)

    def _farthest(self, layers: Sequence[Layer], rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """Of each four cells that hold anything of the texture, the least and the most x and y that belong to them, in cells;
        nothing is less than inf and more than -inf: (2, L, rows, columns) float32 both."""
        middles = np.mgrid[:rows, :columns][::-1].reshape(2, -1) * 2 + 0.5
        counts = [rows * columns] * len(layers)
        at = np.tile(middles, len(layers)).astype(np.float32)
        low, high = (self._on_texture(at + side, counts) for side in (-1.5, 1.5))
        held = self._presence.of(low, high, counts)[0].reshape(len(layers), rows, columns)
        # A texture may reach beyond its span.
        spans, sources = (np.array([getattr(x, name) for x in layers]) for name in ("span", "source"))
        before = (spans - sources)[:, :2]
        after = (sources - spans)[:, :2] + (sources - spans)[:, 2:]
        before, after = (np.maximum(v.T * self._cells, 0)[..., None, None] for v in (before, after))
        at = at.reshape(2, len(layers), rows, columns)
        least = np.where(held, at - SPARE - before, np.inf)
        most = np.where(held, at + SPARE + after, -np.inf)
        return least.astype(np.float32), most.astype(np.float32)

    def parts(self, motion: np.ndarray, placement: Placement) -> Iterator[Part]:
        """What each layer shows, in the card's order.

        motion: (2, L, H/8, W/8) float32, the network's, in cells."""
        means = self._inversion.take(motion)
        # Picture pixel p shows avatar pixel q = p / zoom - shift.
        scale = self._side / placement.zoom * self._cells
        start = -(np.array([[placement.x], [placement.y]]) + self._origin) * self._cells - 0.5
        corners = self._reached(means, scale, start, placement)
        place = corners.at * np.repeat(scale.astype(np.float32), corners.counts, axis=1)
        place += np.repeat(start.astype(np.float32), corners.counts, axis=1)
        inside = self._within(place)
        near = self._inversion.solve(Places(inside, corners.counts))
        boxes = self._boxes(corners, near.at - inside, place)
        texels, first = self._refined(corners, boxes, place, near), 0
        for box in boxes:
            yield self._part(box, texels[first : first + box.size])
            first += box.size

    def _reached(
        self, means: np.ndarray, scale: np.ndarray, start: np.ndarray, placement: Placement
    ) -> Corners:
        """The corners of the blocks that each layer reaches; the last frame's where they are the same. scale, start: (2, L),
        cells of a layer = blocks * scale + start."""
        least, most = (means + self._least).min((2, 3)), (means + self._most).max((2, 3))
        begin = np.floor((least - start) / scale / STEP).clip(0, FAR) * STEP
        end = np.ceil((most - start) / scale / STEP).clip(0, FAR) * STEP
        allowed = placement.moved(self._targets, self._size)
        first, last = allowed[:, :2] // self._side, -(-(allowed[:, :2] + allowed[:, 2:]) // self._side)
        # fmax, fmin: a network may give what is no number.
        first, last = np.fmax(begin.T, first), np.minimum(np.fmin(end.T, last), self._grid[::-1])
        reaches = tuple(Reach(*four) for four in np.concatenate([first, last], axis=1).astype(int).tolist())
        if self._corners is None or reaches != self._corners.reaches:
            self._corners = Corners(reaches)
        return self._corners

    def _within(self, place: np.ndarray) -> np.ndarray:
        """Beyond a span the flow goes on as at its edge."""
        return np.minimum(np.maximum(place, 0), self._last)

    def _on_texture(self, cells: np.ndarray, counts: Sequence[int]) -> np.ndarray:
        """In place, (2, n): from cells of the layers' spans to texels of their textures. counts: so many are each layer's."""
        cells *= np.repeat(self._texels_a_cell, counts, axis=1)
        cells += np.repeat(self._corner, counts, axis=1)
        return cells

    def _boxes(self, corners: Corners, flow: np.ndarray, place: np.ndarray) -> list["_Box"]:
        """Where each layer is seen. flow: (2, n), in cells."""
        texels = self._on_texture(flow + place, corners.counts)
        flow *= np.repeat(1 / self._cells.astype(np.float32), corners.counts, axis=1)
        low, high = (_ends(corners, texels, pick) for pick in (np.minimum, np.maximum))
        held, opaque = self._presence.of(low, high, corners.block_counts)
        # From above: what lies under opaque blocks is not seen. From below: the first at a place hides nothing.
        masks, hidden = [], np.zeros(self._grid, bool)
        for k in reversed(range(len(corners.reaches))):
            under = hidden[corners.reaches[k].slices]
            masks.append(corners.blocks_of(k, held) & ~under)
            under |= corners.blocks_of(k, opaque)
        boxes, touched = [], np.zeros(self._grid, bool)
        for k, seen in enumerate(reversed(masks)):
            under = touched[corners.reaches[k].slices]
            mixed = under & ~corners.blocks_of(k, opaque)
            boxes.append(_box(corners, k, seen, mixed, flow))
            under |= seen
        return boxes

    def _refined(self, corners: Corners, boxes: list["_Box"], place: np.ndarray, near: Sources) -> np.ndarray:
        """(n, 2) float32: the texels for all places in the boxes."""
        counts = [box.size for box in boxes]
        rest = -sum(counts) % WIDTH
        if sum(counts) + rest > self._line.shape[1]:
            self._line = np.zeros((8, sum(counts) + rest), np.float32)
        line, first = self._line[:, : sum(counts) + rest], 0
        for box in boxes:
            wanted = line[:, first : first + box.size].reshape(8, *box.places)
            first += box.size
            if not box.size:
                continue
            for planes, known in ((wanted[:2], near.at), (wanted[2:6], near.inverse)):
                _spread(corners.of(box.layer, known)[:, box.rows, box.columns], planes, box.split)
            x, y = corners.of(box.layer, place)[:, box.rows, box.columns]
            wanted[6] = _between(x[0], box.split)
            wanted[7] = _between(y[:, 0], box.split)[:, None]
        counts[-1] += rest
        place = line[6:]
        inside = self._within(place)
        at = self._inversion.refine(Places(inside, counts), Sources(line[:2], line[2:6]))
        at -= inside
        at += place
        return np.ascontiguousarray(self._on_texture(at, counts).T)

    def _part(self, box: "_Box", texels: np.ndarray) -> Part:
        """texels: (n, 2) of the places in the box."""
        (alone, rows, columns), steps = box.blocks, np.arange(box.split + 1)
        corner = (rows * box.places[1] + columns) * box.split
        around = texels.take(corner[:, None] + (steps[:, None] * box.places[1] + steps).reshape(-1), axis=0)
        weights, maps = self._weights[box.split], self._texels[: len(rows)]
        np.matmul(around.reshape(len(rows), len(weights)), weights, out=maps)
        numbers = (rows + box.top) * self._grid[1] + (columns + box.left)
        return Part(numbers, alone, maps.reshape(len(rows), self._side**2, 2))


class _Box(NamedTuple):
    """Where a layer is seen."""

    layer: int
    rows: slice
    columns: slice
    """Of the layer's corners."""
    top: int
    left: int
    """In blocks of the picture."""
    seen: np.ndarray
    mixed: np.ndarray
    """(h, w) bool: which blocks, and which of them show what lies below, too."""
    split: int

    @property
    def blocks(self) -> tuple[int, np.ndarray, np.ndarray]:
        """Rows and columns of those that are seen, (n,) each; so many of the first show nothing that lies below."""
        alone, others = np.nonzero(self.seen & ~self.mixed), np.nonzero(self.seen & self.mixed)
        rows, columns = (np.concatenate(pair) for pair in zip(alone, others, strict=True))
        return len(alone[0]), rows, columns

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of places in it, those between corners too."""
        high, wide = self.seen.shape
        return (high * self.split + 1, wide * self.split + 1) if high else (0, 0)

    @property
    def size(self) -> int:
        """Of them."""
        return self.places[0] * self.places[1]


def _ends(corners: Corners, line: np.ndarray, pick: Any) -> np.ndarray:
    """The least or the most, as picked, of what stands at the corners of each block: (2, n) -> (2, m)."""
    beside = pick(line[:, :-1], line[:, 1:])
    result: np.ndarray = pick(beside.take(corners.upper, axis=1), beside.take(corners.lower, axis=1))
    return result


def _box(corners: Corners, layer: int, seen: np.ndarray, mixed: np.ndarray, flow: np.ndarray) -> _Box:
    """seen, mixed: of the blocks that the layer reaches, (h, w) bool."""
    reach = corners.reaches[layer]
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows):
        return _Box(layer, slice(0, 0), slice(0, 0), 0, 0, seen[:0, :0], seen[:0, :0], 1)
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    return _Box(
        layer,
        slice(top, bottom + 1),
        slice(left, right + 1),
        reach.top + top,
        reach.left + left,
        seen[top:bottom, left:right],
        mixed[top:bottom, left:right],
        _split(corners.of(layer, flow)[:, top : bottom + 1, left : right + 1]),
    )


def _split(flow: np.ndarray) -> int:
    """Into how many parts the sides of blocks are cut, so that the flow may be taken as even along them. flow: (2, h, w), pixels,
    at blocks' corners."""
    bent = 0.0
    for before, here, after in (
        (flow[..., :-2], flow[..., 1:-1], flow[..., 2:]),
        (flow[:, :-2], flow[:, 1:-1], flow[:, 2:]),
    ):
        bend = before + after
        bend -= here
        bend -= here
        bent += float(np.vdot(bend, bend)) / max(bend.size, 1)
    error = bent**0.5 / 8
    return 1 if error < EVEN else 2 if error < UNEVEN else 4


def _spread(field: np.ndarray, wanted: np.ndarray, split: int) -> None:
    """Put (n, h, w) at every `split`th place of (n, (h - 1) * split + 1, ...), and between two of them their mean, 1, 2 or 4."""
    if split == 1:
        wanted[:] = field
        return
    if split == 4:
        twice = np.empty((len(field), 2 * field.shape[1] - 1, 2 * field.shape[2] - 1), np.float32)
        _spread(field, twice, 2)
        field = twice
    wanted[:, ::2, ::2] = field
    wanted[:, ::2, 1::2] = (field[..., 1:] + field[..., :-1]) * 0.5
    wanted[:, 1::2] = (wanted[:, 2::2] + wanted[:, :-1:2]) * 0.5


def _between(line: np.ndarray, split: int) -> np.ndarray:
    """(n,) evenly spaced -> ((n - 1) * split + 1,)."""
    return np.linspace(line[0], line[-1], (len(line) - 1) * split + 1, dtype=np.float32)


def _weights(side: int, split: int) -> np.ndarray:
    """((split + 1)² * 2, side² * 2) float32: from x and y at a block's places, row by row, to those of its pixels."""
    at = (np.arange(side) + 0.5) * split / side
    line = np.maximum(1 - np.abs(at - np.arange(split + 1)[:, None]), 0)  # (split + 1, side)
    weights = np.einsum("ai,bj,xy->abxijy", line, line, np.eye(2))
    return weights.reshape((split + 1) ** 2 * 2, -1).astype(np.float32)
