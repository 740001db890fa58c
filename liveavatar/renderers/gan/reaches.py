"""Which blocks of the picture each layer can reach at all, and how far apart its flow must be found there: from the motion of
its cells."""

import numpy as np

from liveavatar.avatar.card import CELL, Avatar
from liveavatar.renderers.gan.bends import Bends
from liveavatar.renderers.gan.corners import Reach
from liveavatar.renderers.gan.presence import Presence
from liveavatar.renderers.placement import Placement

STEP = 2
"""Blocks by which a reach grows; and how many lie between two corners at which the flow of a large layer is found, where it bends
little."""
LOOSE = 4
"""Blocks that a reach may be too large on each side, before it shrinks."""
SPARE = 2.0
"""Cells round the middle of four that may hold something which belongs to them, and a little more."""
FAR = 1 << 20
BENT = 0.06
"""Pixels of the avatar that a large layer's motion may lie beside a straight line over STEP blocks, in the mean."""


class Reaches:
    """Of the layers of an avatar."""

    def __init__(self, avatar: Avatar, presence: Presence, side: int, large: np.ndarray) -> None:
        """side: of a block, pixels of the picture; large: (L,) bool, which layers are."""
        layers = avatar.gan.layers
        self._side, self._large = side, large.tolist()
        spans, targets = (np.array([getattr(x, name) for x in layers]).T for name in ("span", "target"))
        columns, rows = (n // CELL for n in avatar.size)
        self._cells, self._origin = np.array([[columns], [rows]]) / spans[2:], spans[:2]
        self._allowed = np.stack([targets[:2], targets[:2] + targets[2:]])
        self._picture = np.array(avatar.size)[:, None]
        self.held, self._at, self._room = self._farthest(avatar, presence, rows // 2, columns // 2)
        """(L, rows / 2, columns / 2) bool: which of each four cells hold anything."""
        self._held = np.flatnonzero(self.held)
        """Of the means of four cells."""
        self._first = np.searchsorted(self._held, np.arange(len(layers)) * (rows * columns // 4))
        some = self.held & large[:, None, None]
        some[:, ::2] = some[:, :, ::2] = False  # a quarter of them will do
        self._bends = Bends([(rows // 2, columns // 2)] * len(layers), some.reshape(-1))
        cell = np.sqrt(1 / self._cells.prod(axis=0))  # its side in pixels
        self._bend = (STEP * side / (2 * cell)) ** 2 / 4 * cell
        """(L,): from how far means of four lie beside their neighbours, in cells, to pixels that the motion lies beside a
        straight line over STEP blocks."""
        self._last: list[Reach] = [Reach(0, 0, 0, 0)] * len(layers)

    def _farthest(
        self, avatar: Avatar, presence: Presence, rows: int, columns: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which of each four cells hold anything of the texture, (L, rows, columns) bool, at least one of each layer; the middles
        of those, (2, n) float32, in cells; and what may belong to them beside, least and most: (2, 2, L) float32, in cells."""
        middles = np.mgrid[:rows, :columns][::-1] * 2 + 0.5
        layers, held = avatar.gan.layers, []
        spans, sources = (np.array([getattr(x, name) for x in layers]).T for name in ("span", "source"))
        for k in range(len(layers)):
            corner = (spans[:2, k] - sources[:2, k])[:, None, None]
            low, high = (
                ((middles + 0.5 + away) / self._cells[:, k, None, None] + corner) * avatar.detail - 0.5
                for away in (-1.5, 1.5)
            )
            boxes = (ends.reshape(2, -1).astype(np.float32) for ends in (low, high))
            held.append(presence.of(np.full(rows * columns, k), *boxes)[0].reshape(rows, columns))
        # A texture may reach beyond its span.
        before = (spans - sources)[:2]
        after = (sources - spans)[:2] + (sources - spans)[2:]
        before, after = (np.maximum(v * self._cells, 0) + SPARE for v in (before, after))
        cells = np.stack(held)
        nothing = ~cells.any((1, 2))
        before[:, nothing] = after[:, nothing] = -np.inf
        cells[nothing, 0, 0] = True
        at = np.broadcast_to(middles[:, None], (2, *cells.shape))[:, cells]
        return cells, at.astype(np.float32), np.stack([-before, after]).astype(np.float32)

    def of(self, means: np.ndarray, placement: Placement) -> tuple[tuple[Reach, ...], tuple[int, ...]]:
        """Of each layer the blocks that it reaches, a multiple of STEP, the last frame's where they will do; and how many blocks
        lie between two corners at which its flow is to be found. means: (2, L, rows / 2, columns / 2), of four cells' motion."""
        means = means.reshape(2, -1)
        at = means.take(self._held, axis=1)
        at += self._at
        ends = np.stack([pick.reduceat(at, self._first, axis=1) for pick in (np.minimum, np.maximum)])
        ends += self._room
        # From cells to blocks: picture pixel p shows avatar pixel q = p / zoom - shift.
        shift = np.array([[placement.x], [placement.y]])
        ends = ((ends + 0.5) / self._cells + (shift + self._origin)) * (placement.zoom / (self._side * STEP))
        allowed = np.clip((self._allowed + shift) * placement.zoom, 0, self._picture) / (self._side * STEP)
        # fmax, fmin: a network may give what is no number.
        begin = np.fmax(np.floor(ends[0].clip(0, FAR)), np.floor(allowed[0])) * STEP
        end = np.fmin(np.ceil(ends[1].clip(0, FAR)), np.ceil(allowed[1])) * STEP
        wanted = [Reach(*four) for four in np.concatenate([begin, end]).T.astype(int).tolist()]
        self._last = [
            old if old.will_do(new, LOOSE) else new for old, new in zip(self._last, wanted, strict=True)
        ]
        bent = (self._bends.of(means) * self._bend).tolist()
        strides = (
            STEP if large and bend < BENT else 1 for large, bend in zip(self._large, bent, strict=True)
        )
        return tuple(self._last), tuple(strides)
