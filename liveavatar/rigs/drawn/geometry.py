"""Curves and the 2.5-D lift.

The character is drawn on a canvas of 1024 by 1024 units. Points of the head are (x, y, z) around the middle
of the skull, x to the right of the picture, y down, z to the viewer; they are turned in space and put on the
canvas. So a head turn needs no keyframes: what lies nearer to the viewer moves further.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, sin

import numpy as np

CANVAS = 1024
HEAD_CENTRE = (512.0, 446.0)
"""Where the middle of the skull lies on the canvas at rest."""
NECK = (150.0, -30.0)
"""y and z of the joint the head turns around, from the middle of the skull."""
RISE = 280.0
"""How much higher a head of size 0 would sit, in canvas units."""
DISTANCE = 2600.0
"""Of the viewer, in canvas units: mild perspective."""
REACH = 20.0
"""Standard deviation, in canvas units, over which the hair of one layer moves together."""
_FAR = 8 * REACH
"""Canvas units from where on hair weighs nothing: exp(-32)."""
_FAR_ENOUGH = 5 * REACH
"""From where it weighs exp(-12.5)."""


def smoothstep(low: float, high: float, value: np.ndarray | float) -> np.ndarray:
    """0 below low, 1 above high, smooth between."""
    t = np.clip((np.asarray(value, np.float64) - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bezier(control: np.ndarray, count: int) -> np.ndarray:
    """A cubic Bezier curve: control (4, k) -> (count, k)."""
    t = np.linspace(0.0, 1.0, count)[:, None]
    s = 1.0 - t
    c = np.asarray(control, np.float64)
    return s**3 * c[0] + 3 * s * s * t * c[1] + 3 * s * t * t * c[2] + t**3 * c[3]


def curve(points: np.ndarray, steps: int = 8, closed: bool = False) -> np.ndarray:
    """A Catmull-Rom curve through points (n, k), `steps` samples between neighbours."""
    p = np.asarray(points, np.float64)
    if closed:
        padded = np.concatenate([p[-1:], p, p[:2]])
    else:
        padded = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = (np.arange(steps) / steps)[None, :, None]
    a, b, c, d = (padded[i : len(padded) - 3 + i, None, :] for i in range(4))
    dense = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    dense = dense.reshape(-1, p.shape[1])
    return dense if closed else np.concatenate([dense, p[-1:]])


def cornered(points: np.ndarray, steps: int = 8, closed: bool = False) -> np.ndarray:
    """Like `curve`, with a corner wherever a point (n, k) comes twice in a row."""
    p = np.asarray(points, np.float64)
    twice = np.flatnonzero((p[1:] == p[:-1]).all(axis=1))
    if not len(twice):
        return curve(p, steps, closed)
    if closed:  # begin and end at the first corner
        p = np.concatenate([p[twice[0] + 1 :], p[: twice[0] + 1]])
        twice = np.flatnonzero((p[1:] == p[:-1]).all(axis=1))
    starts, ends = [0, *(twice + 1)], [*(twice + 1), len(p)]
    runs = [curve(p[a:b], steps) if b - a > 1 else p[a:b] for a, b in zip(starts, ends, strict=True)]
    return np.concatenate(runs)


def normals(spine: np.ndarray) -> np.ndarray:
    """Unit normals of a polyline (n, 2); for one running down the picture they point to its right."""
    result = np.empty((len(spine), 2))
    across, down = result[:, 1], result[:, 0]
    for out, along, sign in ((down, spine[:, 1], 1.0), (across, spine[:, 0], -1.0)):
        out[1:-1] = (along[2:] - along[:-2]) * (0.5 * sign)
        out[0], out[-1] = (along[1] - along[0]) * sign, (along[-1] - along[-2]) * sign
    result /= np.maximum(np.sqrt(down * down + across * across), 1e-6)[:, None]
    return result


def ribbon(spine: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The outline (2n, 2) of a stroke with half-widths (n,) along a polyline (n, 2)."""
    offset = normals(spine) * np.asarray(width)[:, None]
    return np.concatenate([spine + offset, (spine - offset)[::-1]])


def stroke(points: np.ndarray, width: float, steps: int = 6, swell: float = 0.5) -> np.ndarray:
    """The outline of a pen stroke through points (n, 2): thin at both ends, full `width` at `swell`."""
    spine = curve(points, steps)
    t = np.linspace(0.0, 1.0, len(spine))
    body = np.where(t < swell, t / swell, (1 - t) / (1 - swell)) if 0 < swell < 1 else (t if swell else 1 - t)
    return ribbon(spine, width * 0.5 * (0.12 + 0.88 * np.sin(body * np.pi / 2)))


def dome(
    xy: np.ndarray, radii: tuple[float, float, float], centre: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Height (n,) of an ellipsoid's front over points (n, 2), running out flat at its rim."""
    x = (xy[:, 0] - centre[0]) / radii[0]
    y = (xy[:, 1] - centre[1]) / radii[1]
    return radii[2] * np.sqrt(np.maximum(1.0 - x * x - y * y, 0.0) + 0.01)


def face_depth(xy: np.ndarray) -> np.ndarray:
    """z (n,) of the skin over points (n, 2) of the face."""
    return dome(xy, (196.0, 300.0, 104.0), (0.0, 40.0))


def on_face(xy: np.ndarray, lift: np.ndarray | float = 0.0) -> np.ndarray:
    """Points (n, 3) on the skin over points (n, 2) of the face, `lift` above it."""
    result = np.empty((len(xy), 3))
    result[:, :2], result[:, 2] = xy, face_depth(xy) + lift
    return result


def hair_depth(xy: np.ndarray, lift: float = 0.0) -> np.ndarray:
    """z (n,) of hair lying on the skull over points (n, 2); below the eyes hair hangs straight down."""
    y = np.minimum(xy[:, 1], 30.0)
    return dome(np.stack([xy[:, 0], y], axis=1), (236.0, 292.0, 126.0)) + lift


@dataclass(frozen=True)
class HeadPose:
    """Where the head is. Angles in radians as in liveavatar.controls, shift in canvas units."""

    yaw: float
    pitch: float
    roll: float
    x: float = 0.0
    y: float = 0.0
    size: float = 1.0
    """Of the head: a small one sits higher, so that more is seen of its body."""

    @property
    def rise(self) -> float:
        """How much higher it sits, canvas units."""
        return RISE * (1.0 - self.size)

    def place(self, points: np.ndarray, keep: np.ndarray | float = 0.0) -> np.ndarray:
        """Points (n, 3) of the head -> (n, 2) on the canvas.

        keep (n,) or a number in [0, 1] says how much of the narrowing by yaw is left out: a round outline
        narrows less than the features drawn on it."""
        return self.place_columns(points[:, 0], points[:, 1], points[:, 2], keep)

    def place_columns(
        self, x: np.ndarray, y: np.ndarray, z: np.ndarray, keep: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """`place` for x, y and z, (n,) each: many points are placed faster where each lies in a row."""
        y, z = y - NECK[0], z - NECK[1]
        narrow, aside, up = cos(self.yaw), sin(self.yaw), sin(self.pitch)
        turned_x = x * (narrow + (1.0 - narrow) * keep)
        turned_x += z * aside
        turned_x += NECK[1] * aside
        z *= narrow
        z -= x * aside
        turned_y = y * cos(self.pitch)
        turned_y -= z * up
        turned_y -= NECK[1] * up * 0.6
        z *= cos(self.pitch)
        y *= up
        z += y
        np.subtract(DISTANCE, z, out=z)
        near = np.divide(DISTANCE, z, out=z)
        turned_x *= near
        turned_y *= near
        if self.size != 1.0:
            turned_x *= self.size
            turned_y *= self.size
            turned_y -= self.rise
        c, s = cos(self.roll), sin(self.roll)
        result = np.empty((len(x), 2))
        across, down = turned_x * c, turned_x * s
        across += HEAD_CENTRE[0] + self.x
        across -= turned_y * s
        down += HEAD_CENTRE[1] + NECK[0] + self.y
        down += turned_y * c
        result[:, 0], result[:, 1] = across, down
        return result

    def frame(
        self, x: float, y: float, z: float, slope: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[float, float, float, float, float, float]:
        """The affine map around a point: (xx, xy, tx, yx, yy, ty) from local units to the canvas. slope: how z changes along x
        and along y."""
        p = self.place(np.array([[x, y, z], [x + 1, y, z + slope[0]], [x, y + 1, z + slope[1]]]))
        across, down = p[1] - p[0], p[2] - p[0]
        return (across[0], down[0], p[0, 0], across[1], down[1], p[0, 1])


COLLAR = (642.0, 780.0)
"""From where the neck leaves the head to where the chest begins, y on the canvas: clothes turn there as the neck does that they
lie on."""


@dataclass(frozen=True)
class BodyPose:
    """Where the body is. turn in radians, lean -1..1, breath 0..1."""

    turn: float
    lean: float
    breath: float

    def place(self, points: np.ndarray) -> np.ndarray:
        """Points (n, 2) of the body on the canvas at rest -> (n, 2) on the canvas now."""
        x, y = points[:, 0] - 512.0, points[:, 1]
        z = dome(np.stack([x, np.zeros_like(x)], axis=1), (330.0, 1.0, 130.0))
        z *= np.clip((y - COLLAR[0]) / (COLLAR[1] - COLLAR[0]), 0.0, 1.0)
        x = x * cos(self.turn) + z * sin(self.turn)
        height = np.clip((1024.0 - y) / 280.0, 0.0, 1.4)
        x = x * (1.0 + 0.012 * self.breath * np.clip(height, 0, 1)) + self.lean * 26.0 * height**1.3
        y = y - self.breath * 7.0 * np.clip(height, 0, 1) + self.lean * 0.035 * x * np.clip(height, 0, 1)
        return np.stack([512.0 + x, y], axis=1)

    def frame(self) -> tuple[float, float, float, float, float, float]:
        """The affine map of the body around the middle of the chest: (xx, xy, tx, yx, yy, ty) to the canvas."""
        p = self.place(np.array([[512.0, 900.0], [552.0, 900.0], [512.0, 940.0]]))
        across, down = (p[1] - p[0]) / 40.0, (p[2] - p[0]) / 40.0
        return (across[0], down[0], p[0, 0], across[1], down[1], p[0, 1])


def on_neck(head: HeadPose, body: BodyPose, points: np.ndarray) -> np.ndarray:
    """Points (n, 2) of the neck on the canvas at rest -> (n, 2) on the canvas now: down to where COLLAR begins they go with the
    head, where it ends with the body, between in between."""
    x, y = points[:, 0], points[:, 1]
    leaves, root = COLLAR[0] - head.rise, COLLAR[1] - head.rise
    upper = np.minimum(y, leaves) - HEAD_CENTRE[1]
    across = x - HEAD_CENTRE[0]
    if head.size != 1.0:
        across, upper = across / head.size, NECK[0] + (upper - NECK[0] + head.rise) / head.size
    with_head = head.place(np.stack([across, upper, np.full(len(x), -6.0)], 1))
    with_body = body.place(np.stack([x, np.maximum(y, root)], 1))
    share = np.clip((y - leaves) / (root - leaves), 0.0, 1.0)[:, None]
    return with_head + (with_body - with_head) * share


def body_points(
    head: HeadPose, body: BodyPose, top: tuple[float, float], root: tuple[float, float], half: float
) -> np.ndarray:
    """Points (n, 2) on the canvas that move with the bust: clothes, and the neck that bends between head and clothes.

    top: where the neck leaves the head, from and to y; root: where it ends, half-width and y on the canvas at rest;
    half: its half-width at the top."""
    x, y = np.meshgrid(np.arange(90.0, 950.0, 24.0), np.arange(660.0, 1045.0, 24.0))
    clothes = np.stack([x.ravel(), y.ravel()], 1)
    beside = (np.abs(clothes[:, 0] - 512.0) > root[0] + 20.0) | (clothes[:, 1] > root[1])
    across = np.linspace(-1.0, 1.0, 5)
    upper = [
        head.place(np.array([(half * s, y, -6.0) for s in across])) for y in (top[0], sum(top) / 2, top[1])
    ]
    end = body.place(np.array([(512.0 + root[0] * s, root[1]) for s in across]))
    lower = [upper[-1] + (end - upper[-1]) * t for t in (0.25, 0.5, 0.75)]
    return np.concatenate([body.place(clothes[beside]), *upper, *lower])


class Batch:
    """All points of the hair, which do not depend on the expression, turned and placed in one go per frame.

    Points added before a call of `settle` are one layer of the picture and move as one sheet would. exact: to the last bit as
    ever, for records that avatars have been trained on; else in a sixth of the time."""

    def __init__(self, exact: bool = True) -> None:
        self._exact = exact
        self._parts: list[np.ndarray] = []
        self._layers: list[np.ndarray] = []
        self.length = 0

    def add(
        self,
        xy: np.ndarray,
        z: np.ndarray | float,
        swing: np.ndarray | float = 0.0,
        perk: np.ndarray | float = 0.0,
    ) -> slice:
        """Keep points (n, 2) with depth, their share (0..1) of the hair swing, and how far (n, 2) they go when parts
        of the character perk up. Returns where they are."""
        part = np.empty((len(xy), 6))
        part[:, :2], part[:, 2], part[:, 3], part[:, 4:] = xy, z, swing, perk
        self._parts.append(part)
        self.length += len(xy)
        return slice(self.length - len(xy), self.length)

    def settle(self) -> None:
        """End a layer: points of it that lie in one place get one depth, swing and perk, the mean of what is near.

        Locks that cross would otherwise slide over one another, which no flow of the whole layer can show."""
        layer = np.concatenate(self._parts)
        cells, where, counts = np.unique(
            np.floor(layer[:, :2] / (REACH / 2)), axis=0, return_inverse=True, return_counts=True
        )
        where = where.reshape(-1)
        sums = np.zeros((len(cells), layer.shape[1]))
        np.add.at(sums, where, layer)
        means = sums / counts[:, None]
        blocks, block = np.unique(np.floor(cells / 8), axis=0, return_inverse=True)
        block = block.reshape(-1)[where]
        far = _FAR if self._exact else _FAR_ENOUGH
        for i in range(len(blocks)):
            part = np.flatnonzero(block == i)
            at = layer[part, :2]
            beyond = (means[:, :2] < at.min(axis=0) - far) | (means[:, :2] > at.max(axis=0) + far)
            near = ~beyond.any(axis=1)
            mean = _mean if self._exact else _quick_mean
            layer[part, 2:] = mean(at, means[near], counts[near])
        self._layers.append(layer)
        self._parts = []

    def freeze(self) -> None:
        """Join the layers."""
        self._x, self._y, self._z, self._swing, *perks = np.concatenate(self._layers).T.copy()
        self._perk_x, self._perk_y = perks

    def place(self, pose: HeadPose, swing_x: float, swing_y: float, perk: float = 0.0) -> np.ndarray:
        """(n, 2) on the canvas, hair tips swung by (swing_x, swing_y) canvas units; perk is -1..1."""
        x, y = self._x + self._swing * swing_x, self._y + self._swing * swing_y
        if perk:
            x += perk * self._perk_x
            y += perk * self._perk_y
        return pose.place_columns(x, y, self._z)


def _mean(at: np.ndarray, means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """What lies at (x, y, ...) means (m, 2 + k), so many points each, weighed by how near it is to points (n, 2): (n, k)."""
    square = np.subtract.outer(at[:, 0], means[:, 0]) ** 2
    square += np.subtract.outer(at[:, 1], means[:, 1]) ** 2
    weight = np.exp(square * (-0.5 / REACH**2)) * counts
    return np.asarray((weight @ means[:, 2:]) / weight.sum(1, keepdims=True))


def _quick_mean(at: np.ndarray, means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The same as float32: the squares by one product of matrices, the sums by another."""
    middle = at.mean(axis=0)
    a, m = (at - middle) / REACH, (means[:, :2] - middle) / REACH
    left = np.column_stack([a, -0.5 * (a * a).sum(1), np.ones(len(a))]).astype(np.float32)
    right = np.column_stack([m, np.ones(len(m)), -0.5 * (m * m).sum(1)]).astype(np.float32)
    power = left @ right.T
    sums = np.exp(power, out=power) @ (
        np.column_stack([means[:, 2:], np.ones(len(m))]) * counts[:, None]
    ).astype(np.float32)
    return np.asarray(sums[:, :-1] / sums[:, -1:])


Points = tuple[tuple[float, float], ...]


class Cloth:
    """Shapes of the body at rest, made when first asked for and from then on placed together, once a frame."""

    def __init__(self) -> None:
        self._parts: dict[tuple[object, ...], slice] = {}
        self._all = np.empty((0, 2))

    def move(self, pose: BodyPose) -> None:
        """Take the pose of this frame."""
        self._pose = pose
        self._placed = pose.place(self._all)

    def curve(self, points: Points, steps: int = 8, closed: bool = False) -> np.ndarray:
        """A curve through points, on the canvas."""
        return self.keep(("curve", points, steps, closed), lambda: cornered(np.array(points), steps, closed))

    def stroke(self, points: Points, width: float, steps: int = 8, swell: float = 0.5) -> np.ndarray:
        """The outline of a pen stroke, on the canvas."""
        return self.keep(
            ("stroke", points, width, steps, swell),
            lambda: stroke(np.array(points, float), width, steps, swell),
        )

    def points(self, *points: tuple[float, float]) -> np.ndarray:
        """Single points, on the canvas."""
        return self.keep(("points", points), lambda: np.array(points, float))

    def keep(self, key: tuple[object, ...], make: Callable[[], np.ndarray]) -> np.ndarray:
        """Points (n, 2) on the canvas of what `make` gives at rest; `key` names it."""
        part = self._parts.get(key)
        if part is None:
            made = make()
            part = self._parts[key] = slice(len(self._all), len(self._all) + len(made))
            self._all = np.concatenate([self._all, made])
            self._placed = np.concatenate([self._placed, self._pose.place(made)])
        return self._placed[part]
