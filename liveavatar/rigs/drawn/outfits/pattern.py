"""From a panel to what the pen does: shapes clipped at rest, so that a frame only moves points and fills."""

from typing import NamedTuple

import numpy as np
import skia

from liveavatar.rigs.drawn.garment import Build, Fold, Panel, Studs, Trim
from liveavatar.rigs.drawn.geometry import Points, cornered, stroke
from liveavatar.rigs.drawn.ink import shapes

_STEPS = 7
"""Samples between control points."""
_ROUND = np.linspace(0, 2 * np.pi, 17)[:-1]


class Piece(NamedTuple):
    """Polygons that are drawn as one: where their points lie among all, how many each has."""

    part: slice
    counts: tuple[int, ...]
    clipped: bool = False
    """Whether overlaps are holes."""


class Sewn(NamedTuple):
    """A panel's pieces; None where it has none."""

    panel: Panel
    outline: Piece | None
    axis: slice
    cast: Piece | None
    prints: tuple[Piece | None, ...]
    bands: tuple[Piece | None, ...]
    shade: Piece | None
    blurred: tuple[tuple[float, Piece | None], ...]
    glow: Piece | None
    lines: Piece | None
    trims: tuple[Piece, ...]
    studs: tuple["Dots", ...]


class Dots(NamedTuple):
    """Round things: their shadows, themselves, the light on them."""

    below: Piece
    disc: Piece
    light: Piece


class Pattern:
    """All points of a garment on one body, at rest."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._parts: list[np.ndarray] = []
        self._length = 0

    def points(self) -> np.ndarray:
        """All of them (n, 2)."""
        return np.concatenate(self._parts) if self._parts else np.zeros((0, 2))

    def sew(self, panel: Panel) -> Sewn:
        """Take in a panel."""
        edge = self._curve(panel.outline, True) if panel.outline else None
        whole = shapes((edge,)) if edge is not None else None

        def within(pieces: list[np.ndarray]) -> Piece | None:
            return self._clipped(pieces, whole) if pieces and whole is not None else None

        def closed(pieces: tuple[Points, ...]) -> list[np.ndarray]:
            return [self._curve(points, True) for points in pieces]

        crisp = [self._wedge(fold) for fold in panel.folds if fold.wedge > 0 and not fold.blur]
        blurs = sorted({fold.blur for fold in panel.folds if fold.wedge > 0 and fold.blur})
        return Sewn(
            panel=panel,
            outline=self._add([edge]) if edge is not None else None,
            axis=self._add([self._build.fitted(np.array(panel.axis))]).part,
            cast=self._shadow(edge, panel.drop) if edge is not None and panel.cast > 0 else None,
            prints=tuple(within(closed(patch.pieces)) for patch in panel.prints),
            bands=tuple(within(self._lines(band)) for band in panel.bands),
            shade=within(closed(panel.shades) + crisp),
            blurred=tuple((b, within([self._wedge(f) for f in panel.folds if f.blur == b])) for b in blurs),
            glow=within(closed(panel.glow)),
            lines=within([self._pen(fold) for fold in panel.folds if fold.line > 0]),
            trims=tuple(self._add([self._curve(trim.points)]) for trim in panel.trims),
            studs=tuple(self._dots(studs) for studs in panel.studs),
        )

    def _add(self, polygons: list[np.ndarray], clipped: bool = False) -> Piece:
        start = self._length
        self._parts += polygons
        self._length += sum(map(len, polygons))
        return Piece(slice(start, self._length), tuple(map(len, polygons)), clipped)

    def _curve(self, points: Points, closed: bool = False) -> np.ndarray:
        return cornered(np.array(self._build.fit(points)), _STEPS, closed)

    def _wedge(self, fold: Fold) -> np.ndarray:
        return stroke(self._build.fitted(np.array(fold.spine)), fold.wedge, _STEPS, fold.swell)

    def _pen(self, fold: Fold) -> np.ndarray:
        return stroke(self._build.fitted(np.array(fold.spine)), fold.line, _STEPS, fold.swell)

    def _lines(self, trim: Trim) -> list[np.ndarray]:
        """The line as a ribbon, or as its stitches."""
        spine = self._curve(trim.points)
        step = np.hypot(*np.diff(spine, axis=0).T)
        spine = spine[np.r_[True, step > 1e-6]]
        if not trim.dashes:
            return [_even_ribbon(spine, trim.width / 2)]
        return [_even_ribbon(stitch, trim.width / 2) for stitch in _stitches(spine, trim.dashes, trim.width)]

    def _clipped(self, pieces: list[np.ndarray], whole: skia.Path) -> Piece | None:
        """What of the pieces lies within the outline."""
        found = skia.Op(shapes(pieces), whole, skia.PathOp.kIntersect_PathOp)
        polygons = _polygons(found)
        return self._add(polygons, True) if polygons else None

    def _shadow(self, edge: np.ndarray, by: tuple[float, float]) -> Piece | None:
        """Where the panel's shadow is not under itself."""
        found = skia.Op(shapes((edge + by,)), shapes((edge,)), skia.PathOp.kDifference_PathOp)
        polygons = _polygons(found)
        return self._add(polygons, True) if polygons else None

    def _dots(self, studs: Studs) -> Dots:
        centres = self._build.fitted(np.array(studs.centres))
        r, ring = studs.radius, np.stack([np.cos(_ROUND), np.sin(_ROUND)], 1)
        return Dots(
            *(
                self._add([at + by + size * ring for at in centres])
                for by, size in (((1.5, 3.0), r), ((0.0, 0.0), r), ((-0.3 * r, -0.3 * r), 0.36 * r))
            )
        )


def _even_ribbon(spine: np.ndarray, half: float) -> np.ndarray:
    """The outline (2n, 2) of a line of even width along a polyline (n, 2), corners mitred."""
    along = np.diff(spine, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    across = np.stack([along[:, 1], -along[:, 0]], 1)
    before, after = np.concatenate([across[:1], across]), np.concatenate([across, across[-1:]])
    mitre = before + after
    mitre /= np.maximum((mitre * before).sum(1), 0.35)[:, None]
    return np.concatenate([spine + half * mitre, (spine - half * mitre)[::-1]])


def _stitches(spine: np.ndarray, long: float, width: float) -> list[np.ndarray]:
    """Pieces of a polyline, `long` each, with gaps a little shorter."""
    length = np.r_[0.0, np.cumsum(np.hypot(*np.diff(spine, axis=0).T))]
    starts = np.arange(0.0, length[-1] - 0.5 * long, 1.8 * long + width)
    at = [np.linspace(s, min(s + long, length[-1]), 3) for s in starts]
    return [np.stack([np.interp(a, length, spine[:, i]) for i in (0, 1)], 1) for a in at]


def _polygons(path: skia.Path | None) -> list[np.ndarray]:
    """The polygons of a path of straight lines."""
    result: list[list[tuple[float, float]]] = []
    for verb, points in path or ():
        if verb == skia.Path.kMove_Verb:
            result.append([(points[0].x(), points[0].y())])
        elif verb == skia.Path.kLine_Verb:
            result[-1].append((points[1].x(), points[1].y()))
    return [np.array(polygon) for polygon in result if len(polygon) > 2]
