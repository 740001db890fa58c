"""Finds drawn faces in a picture, and 46 points of each: three small networks, on ONNX Runtime alone.

The first looks at the picture as a whole, then twice and four times as large, and answers for each cell of four pixels: logit
of a face's middle; where in the cell; log of its size over 32 pixels; sine and cosine of its roll. The second looks at an upright
square round each face, and then, with what it found, at better squares, some of them mirrored. The third looks closely at the
eyes with their brows and at the mouth; each answer counts as its own expected error says.
Graphs: landmarks-faces.onnx, picture (1, H, W, 3) uint8 -> cells (1, 6, H / 4, W / 4) float32; landmarks-points.onnx, squares
(n, 128, 128, 3) uint8 -> points (n, 46, 4) float32: x and y, 0 to 1 across, log of the error expected there, logit of hidden;
landmarks-details.onnx, squares (n, 64, 64, 3) uint8 -> points (n, 24, 4) float32, likewise, 14 of a right eye and 10 of a mouth.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.base.files import asset
from liveavatar.landmarks.frame import (
    DETAIL_SIDE,
    DETAILS,
    POINTS_SIDE,
    Place,
    detail_place,
    eye_distance,
    place,
)
from liveavatar.landmarks.points import MIRRORED
from liveavatar.renderers.sessions import open_session

SIDES = (128, 256, 512, 1024)
"""Longer side of the picture at each look, pixels; from the third on only while no face is found, or small ones: there may be
more of these."""
_SMALL = 32.0
"""Size of a face in a look, pixels, under which the next look is taken."""
CELL = 4
LIKELY = 0.3
"""Chance of a middle from which a face's points are looked for."""
MOST = 32
"""Faces of one picture."""
DOUBT, SPREAD = 0.165, 0.04
"""The mean expected error of a face's points before the close look, and how far views of it differ in their places (a standard
deviation), at most: in distances between the eyes. Of faces made for training, most of them covered, 19 in 20 have .162 and .032
at most; where no face is the network is taught to expect a large error, and nearly always does."""
_HOPELESS = 0.45
"""Expected error at the first look, from which there is no second: the square may be twice too large."""
_VIEWS = ((1.0, False), (1.0, True), (0.92, True), (1.08, False))
"""Size of the square in those of the face, and whether it is mirrored: what the last look's answers are the mean of."""
_MIRRORED = np.array(MIRRORED)


@dataclass(frozen=True, eq=False)
class DrawnFace:
    """A face in a picture."""

    points: np.ndarray
    """(46, 2) float32, pixels; see landmarks.points."""
    hidden: np.ndarray
    """(46,) float32, 0 to 1: how likely something lies before the point."""
    error: np.ndarray
    """(46,) float32: how far from its place a point is expected to be, in distances between the eyes."""
    chance: float
    """That there is a face, 0 to 1."""

    @property
    def place(self) -> Place:
        """Where it is, how large, how it leans."""
        return place(self.points)

    @property
    def doubt(self) -> float:
        """Mean expected error, in distances between the eyes: .02 to .06 of faces that are drawn well."""
        return float(self.error.mean())


class Finder:
    """Finds drawn faces in pictures that have nothing to do with each other."""

    def __init__(self, threads: int = 1) -> None:
        """Raises AvatarError, ProviderError."""
        self._faces, _ = open_session(asset("landmarks-faces.onnx"), "cpu", threads)
        self._points, _ = open_session(asset("landmarks-points.onnx"), "cpu", threads)
        self._details, _ = open_session(asset("landmarks-details.onnx"), "cpu", threads)

    def find(self, rgb: np.ndarray) -> list[DrawnFace]:
        """The faces in a picture (H, W, 3) uint8, the largest first."""
        found: list[DrawnFace] = []
        likely: list[tuple[float, Place]] = []
        for level, side in enumerate(SIDES):
            if level > 1 and not self._goes_on(rgb, found, SIDES[level - 1]):
                break
            likely += self.middles(rgb, side)
            if level == 0:
                continue
            for chance, at in distinct(likely)[:MOST]:
                face = self.look(rgb, at, chance)
                if face is not None and not any(_same(face.place, other.place) for other in found):
                    found.append(face)
            likely = []
        return sorted(found, key=lambda face: -face.place.size)

    @staticmethod
    def _goes_on(rgb: np.ndarray, found: list[DrawnFace], side: int) -> bool:
        """Whether more than a look at this longer side may show."""
        longer = max(rgb.shape[:2])
        smallest = min((face.place.size for face in found), default=0.0)
        return smallest * side / longer < _SMALL and 1.5 * longer >= side

    def middles(self, rgb: np.ndarray, side: int) -> list[tuple[float, Place]]:
        """Where faces may be, the likeliest first, seen on the picture at this longer side: (chance, place)."""
        scale = side / max(rgb.shape[:2])
        width, height = (max(1, round(scale * n)) for n in (rgb.shape[1], rgb.shape[0]))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(rgb, (width, height), interpolation=how)
        right, below = -width % 16, -height % 16
        small = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE)
        cells = self._faces.run(None, {"picture": small[None]})[0][0]
        chance = 1 / (1 + np.exp(-cells[0]))
        peak = chance >= cv2.dilate(chance, np.ones((3, 3), np.uint8))
        result = []
        for row, column in np.argwhere(peak & (chance > LIKELY)):
            _, dx, dy, size, sine, cosine = (float(v) for v in cells[:, row, column])
            x, y = (column + dx) * CELL / scale, (row + dy) * CELL / scale
            roll = float(np.arctan2(sine, cosine))
            result.append((float(chance[row, column]), Place(x, y, 32 * float(np.exp(size)) / scale, roll)))
        return sorted(result, key=lambda one: -one[0])

    def look(self, rgb: np.ndarray, at: Place, chance: float = 1.0) -> DrawnFace | None:
        """The face near a place; None where there is none."""
        points, _, error = self._answers(rgb, [at], [False])
        unit = eye_distance(points[0])
        if not np.isfinite(points).all() or unit < 1e-3:
            return None
        if float(np.exp(error[0]).mean()) * _side(at) > _HOPELESS * unit:
            return None
        better = place(points[0])
        views = [Place(better.x, better.y, size * better.size, better.roll) for size, _ in _VIEWS]
        points, hidden, error = self._answers(rgb, views, [flip for _, flip in _VIEWS])
        middle, far = points.mean(0), np.exp(error.mean(0)) * _side(better)
        unit = eye_distance(middle)
        if far.mean() > DOUBT * unit or np.linalg.norm(points.std(0), axis=1).mean() > SPREAD * unit:
            return None
        self._look_closely(rgb, middle, far)
        return DrawnFace(
            points=middle.astype(np.float32),
            hidden=(1 / (1 + np.exp(-hidden.mean(0)))).astype(np.float32),
            error=(far / unit).astype(np.float32),
            chance=chance,
        )

    def _look_closely(self, rgb: np.ndarray, points: np.ndarray, error: np.ndarray) -> None:
        """Mend points (46, 2) of eyes, brows and mouth, and their expected errors (46,), both in pixels, in place."""
        moves = {part: detail_place(points, part).crop(DETAIL_SIDE) for part in DETAILS}
        squares = {part: cut(rgb, move, DETAIL_SIDE) for part, move in moves.items()}
        squares["left"] = squares["left"][:, ::-1]
        answers = self._details.run(None, {"squares": np.stack(list(squares.values()))})[0]
        for (part, rows), answer in zip(DETAILS.items(), answers, strict=True):
            own = answer[-len(rows) :] if part == "mouth" else answer[: len(rows)]
            if part == "left":
                own[:, 0] = 1 - own[:, 0]
            back = cv2.invertAffineTransform(moves[part])
            there = DETAIL_SIDE * own[:, :2] @ back[:, :2].T + back[:, 2]
            far = np.exp(own[:, 2]) * DETAIL_SIDE * float(np.hypot(*back[:, 0]))
            share = error[rows] ** 2 / (error[rows] ** 2 + far**2)
            points[rows] += share[:, None] * (there - points[rows])
            error[rows] = error[rows] * far / np.hypot(error[rows], far)

    def _answers(
        self, rgb: np.ndarray, places: list[Place], flipped: list[bool]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of squares at these places: points (n, 46, 2) in pixels of the picture, logits of hidden and logs of errors (n, 46)."""
        moves = [at.crop() for at in places]
        squares = [cut(rgb, move) for move in moves]
        shown = [s[:, ::-1] if flip else s for s, flip in zip(squares, flipped, strict=True)]
        answers = self._points.run(None, {"squares": np.stack(shown)})[0]
        points = np.empty((*answers.shape[:2], 2))
        for k, (move, flip) in enumerate(zip(moves, flipped, strict=True)):
            if flip:
                answers[k] = answers[k][_MIRRORED]
                answers[k, :, 0] = 1 - answers[k, :, 0]
            back = cv2.invertAffineTransform(move)
            points[k] = POINTS_SIDE * answers[k, :, :2] @ back[:, :2].T + back[:, 2]
        return points, answers[..., 3], answers[..., 2]


def cut(rgb: np.ndarray, move: np.ndarray, side: int = POINTS_SIDE) -> np.ndarray:
    """The square (side, side, 3) that a (2, 3) map takes a picture to; its border goes on as it ends."""
    back = cv2.invertAffineTransform(move)
    step = float(np.hypot(*back[:, 0]))
    corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)]) * side @ back[:, :2].T + back[:, 2]
    low = np.clip(np.floor(corners.min(0)).astype(int) - 2, 0, (rgb.shape[1] - 1, rgb.shape[0] - 1))
    high = np.clip(np.ceil(corners.max(0)).astype(int) + 2, low + 1, (rgb.shape[1], rgb.shape[0]))
    part = rgb[low[1] : high[1], low[0] : high[0]]
    move = np.column_stack([move[:, :2], move[:, 2] + move[:, :2] @ low])
    if step > 1.5:
        size = tuple(max(1, round(n / step)) for n in (part.shape[1], part.shape[0]))
        ratio = np.array(part.shape[1::-1]) / size
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        move = np.column_stack([move[:, :2] * ratio, move[:, 2]])
    return cv2.warpAffine(part, move, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def distinct(likely: list[tuple[float, Place]]) -> list[tuple[float, Place]]:
    """Of places that are one face's, the likeliest."""
    kept: list[tuple[float, Place]] = []
    for chance, at in sorted(likely, key=lambda one: -one[0]):
        if not any(_same(at, other) for _, other in kept):
            kept.append((chance, at))
    return kept


def _same(a: Place, b: Place) -> bool:
    return float(np.hypot(a.x - b.x, a.y - b.y)) < 0.45 * max(a.size, b.size)


def _side(at: Place) -> float:
    """Of the square at a place, pixels of the picture."""
    return POINTS_SIDE / float(np.hypot(*at.crop()[:, 0]))
