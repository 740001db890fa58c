"""The geometry of eyes and brows. Local units: u outward from the eye's middle, v down."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from liveavatar.rigs.drawn.geometry import HeadPose, curve, face_depth, on_face, ribbon, smoothstep, stroke
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.templates import BrowTemplate, EyeTemplate, Line


class _Lids(NamedTuple):
    u: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    shut: np.ndarray
    happy: np.ndarray
    lash: np.ndarray
    brow: np.ndarray


@lru_cache
def _lids(eye: EyeTemplate, brow: BrowTemplate) -> _Lids:
    """A template's lines over 33 common u, and the brow's half-widths along its spine."""
    u = np.linspace(eye.upper[0][0], eye.upper[-1][0], 33)

    def over(line: Line) -> np.ndarray:
        dense = curve(np.array(line, float), 12)
        return np.interp(u, dense[:, 0], dense[:, 1])

    lash = np.array(eye.lash)
    width = np.array(brow.width)
    along = np.linspace(0, 1, 6 * (len(brow.points) - 1) + 1)
    return _Lids(
        u, over(eye.upper), over(eye.lower), over(eye.shut), over(eye.happy),
        np.interp(u, lash[:, 0], lash[:, 1]), np.interp(along, width[:, 0], width[:, 1]),
    )  # fmt: skip


@dataclass(frozen=True)
class EyeState:
    """One eye's controls, all 0..1 but the gaze: look_x (to the picture's right), look_y (up), -1..1."""

    blink: float
    squint: float
    wide: float
    smile: float
    cheek: float
    look_x: float
    look_y: float
    brow_down: float
    brow_inner: float
    brow_outer: float


def eye_state(v: dict[str, float], side: int) -> EyeState:
    """One eye's controls; side +1 is the subject's left."""
    name = "Left" if side > 0 else "Right"
    return EyeState(
        blink=v["eyeBlink" + name],
        squint=1 - (1 - v["eyeSquint" + name]) * (1 - 0.25 * v["noseSneer" + name]),
        wide=v["eyeWide" + name],
        smile=v["mouthSmile" + name],
        cheek=v["cheekSquint" + name],
        look_x=side * (v["eyeLookOut" + name] - v["eyeLookIn" + name]),
        look_y=v["eyeLookUp" + name] - v["eyeLookDown" + name],
        brow_down=1 - (1 - v["browDown" + name]) * (1 - 0.22 * v["noseSneer" + name]),
        brow_inner=v["browInnerUp"],
        brow_outer=v["browOuterUp" + name],
    )


@dataclass(frozen=True)
class EyeLines:
    """One eye's geometry on the canvas."""

    white: np.ndarray
    opening: np.ndarray
    upper: np.ndarray
    lash: np.ndarray
    lower: np.ndarray
    crease: np.ndarray
    shadow: np.ndarray
    wings: list[np.ndarray]
    brow: np.ndarray
    iris: tuple[float, float, float, float, float, float]
    open: float
    side: int
    """1 for the subject's left."""
    under: list[np.ndarray]
    """Single lower lashes."""
    lid: np.ndarray
    """The skin from the lash to above the crease."""
    bag: np.ndarray
    """The skin below the lower lid."""


_around = np.linspace(0, 2 * np.pi, 64, endpoint=False)
_WHITE = -7.0 + 75.0 * np.cos(_around), 2.0 + 82.0 * np.sin(_around)
_BULGE = np.sin(np.linspace(0.1, 3.05, 24))


def eye_lines(face: FaceShape, pose: HeadPose, side: int, e: EyeState) -> EyeLines:
    """Place one eye; side +1 is the right one in the picture (the subject's left)."""
    drawn = _draft(face, side, e)
    placed = pose.place(drawn.points)
    parts = {name: placed[part] for name, part in drawn.parts.items()}
    iris = pose.frame(*drawn.iris)
    size = 1.0 - 0.14 * e.wide
    iris = tuple(a * (1.0 if i in (2, 5) else size) for i, a in enumerate(iris))  # type: ignore[assignment]
    wings, under = ([placed[part] for part in group] for group in (drawn.wings, drawn.under))
    return EyeLines(iris=iris, open=drawn.open, side=side, wings=wings, under=under, **parts)


def opening_in_space(face: FaceShape, side: int, e: EyeState) -> np.ndarray:
    """The opening (n, 3) of an eye in head units."""
    drawn = _draft(face, side, e)
    return drawn.points[drawn.parts["opening"]]


def eye_in_units(face: FaceShape, e: EyeState) -> dict[str, np.ndarray]:
    """The lines of the subject's left eye in head units, not placed in space: points (n, 2) by the names of EyeLines, and "iris",
    its middle (1, 2)."""
    drawn = _draft(face, 1, e)
    return {name: drawn.points[part, :2] for name, part in drawn.parts.items()} | {
        "iris": np.array([drawn.iris[:2]])
    }


class _Draft(NamedTuple):
    """An eye in head units: all its points (n, 3), and where its parts lie among them."""

    points: np.ndarray
    parts: dict[str, slice]
    wings: list[slice]
    under: list[slice]
    iris: tuple[float, float, float]
    open: float


def _draft(face: FaceShape, side: int, e: EyeState) -> _Draft:
    scale, eye = face.eye_scale, face.eye
    u_, up, lo, shut_rest, happy_rest, lash_rest, _ = _lids(eye, face.brow)
    h, corner = eye.height, float(u_[-1])

    across, along, lifts = [], [], []
    count = 0

    def put(u: np.ndarray, v: np.ndarray, lift: float = 0.0) -> slice:
        nonlocal count
        across.append(u)
        along.append(v)
        lifts.append(np.full(len(u), lift))
        count += len(u)
        return slice(count - len(u), count)

    happy = float(smoothstep(0.03, 0.9, e.smile * e.squint))
    close = 1.0 - (1.0 - e.blink) * (1.0 - 0.28 * e.squint) * (1.0 - happy)
    shut = shut_rest + (happy_rest - shut_rest) * happy
    lifted = (0.5 * e.squint + 0.25 * e.cheek + 0.22 * e.smile) * (1 - happy)
    lower = (
        lo
        + (shut_rest - lo) * ((0.30 + 0.2 * eye.calm) * close)
        - 16 * h * lifted * np.cos((u_ - 2) / 60 * 1.45)
    )
    look = 5 * max(-e.look_y, 0) - 3 * max(e.look_y, 0)
    wide = up - (6 + 7 * h) * e.wide * np.cos((u_ - 2) / 60 * 1.4) + h * look
    # sorrow lifts the inner end of the lid and lowers the outer one, anger the other way round
    wide = wide + h * (
        eye.slant * (u_ / 60) * (7 * e.brow_inner - 6 * e.brow_down) * (1 - 0.5 * e.wide) + 3 * e.brow_down
    )
    # The lid stays a slight arch while it falls, for a straight edge would look smug; half way it covers half of the eye.
    sag = np.sin(np.pi * close)
    swell = np.sin(np.pi * (u_ - u_[0]) / (corner - u_[0]))
    arch = h * (
        -(13.0 + 6.0 * e.smile) * (1 + 0.25 * eye.calm) * (1 - happy) * sag * swell + 5.0 * sag * u_ / 60
    )
    upper = wide + (shut - wide) * (1.0 - (1.0 - close) ** 1.7) + arch
    upper = np.minimum(upper, shut)
    # laughing, the lower lid comes up as an arch too
    meet = smoothstep(0.55, 1.0 - 0.18 * happy, close)
    lower = np.maximum(lower + (shut - lower) * (meet + (1 - meet) * 0.6 * happy), upper)
    opened = 1.0 - close

    inner = np.interp(u_, [u_[0], 0.5 * (u_[0] + corner)], [1.0 - 0.8 * eye.airy, 1.0])
    thickness = (lash_rest * inner if eye.airy else lash_rest) * (
        0.66 * (1 + (eye.shut_weight - 1) * (1 - opened)) + 0.34 * opened
    )
    # as heavy where a shut lid's line is steep as where it is level
    steep = np.hypot(1.0, np.gradient(upper, u_)) - 1.0
    top = upper - thickness * (1.0 + np.minimum(steep, 0.8) * close * close)
    # the tip, raised over an open eye, goes on along a shut one, and out level from a laughing one
    droop = (1.0 - opened) * (0.7 + 0.3 * happy)
    end, above = float(upper[-1]), float(top[-1])
    rise = eye.tip[1] * (1.0 - droop)
    tip = (corner + eye.tip[0] - 3 * droop, end + rise)
    half = corner + 0.55 * eye.tip[0]
    under = curve(np.array([(corner, end + 2.5), (half, end + 0.36 * rise + 2 * droop), tip]), 6)
    over = curve(
        np.array([(corner, above), (half, above + 0.14 * rise + 0.4 * (end - above) * droop), tip]), 6
    )
    rim = np.concatenate(
        [np.stack([u_, top], 1), over[1:], under[::-1][1:], np.stack([u_, upper + 1.5], 1)[::-1]]
    )
    lash = put(rim[:, 0], rim[:, 1], 3)
    wings = []
    for from_corner, reach, rise in eye.wings:
        u = corner + from_corner
        w = eye.wing_root
        v = [float(np.interp(at, u_, top)) for at in (u - 13 * w, u, u + 6 * w)]
        rise = rise * (1 - 0.75 * droop)
        spike = curve(
            np.array(
                [(u - 13 * w, v[0] + 3), (u + reach * 0.2, v[1] + rise * 0.35), (u + reach, v[1] + rise)]
            ),
            4,
        )
        spike = np.concatenate(
            [spike, [(u + reach * 0.55 + 3 * w, v[1] + rise * 0.2 + 2), (u + 6 * w, v[2] + 5)]]
        )
        wings.append(put(spike[:, 0], spike[:, 1], 3))
    fold = upper - thickness - (2 + 7 * h) * eye.fold[0] - 3 * opened - 4 * e.wide
    part = slice(7, 31)
    crease = ribbon(np.stack([u_[part], fold[part]], 1), 1.5 * eye.fold[1] * _BULGE)
    begin = 10 + round(10 * eye.airy)
    low = ribbon(
        np.stack([u_[begin:], lower[begin:]], 1),
        eye.low
        * np.interp(
            u_[begin:],
            [-20 + 38 * eye.airy, 30 + 10 * eye.airy, 62],
            [0.3 - 0.2 * eye.airy, 1.5, 2.6 - 0.6 * eye.airy],
        )
        * (0.35 + 0.65 * opened),
    )
    below = []
    for root, out, down in eye.under:
        start = float(np.interp(root, u_, lower))
        down = down * (0.4 + 0.6 * opened)
        hair = stroke(
            np.array([(root, start), (root + 0.4 * out, start + 0.6 * down), (root + out, start + down)]),
            3.0,
            4,
            0.15,
        )
        below.append(put(hair[:, 0], hair[:, 1], 1))
    swell_low = np.sqrt(np.maximum(swell, 0.0))
    shade = upper + 13.0 * h * min(0.45 + 1.1 * opened, 1.0)
    crest = np.minimum(fold, upper - thickness) - 9 * h * swell_low
    u_both = np.concatenate([u_, u_[::-1]])

    def between(first: np.ndarray, second: np.ndarray) -> slice:
        """From one line over the eye's width and back along another."""
        return put(u_both, np.concatenate([first, second[::-1]]))

    parts = {
        "white": put(*_WHITE),
        "opening": between(upper, lower),
        "upper": put(u_, upper),
        "lash": lash,
        "lower": put(low[:, 0], low[:, 1], 2),
        "crease": put(crease[:, 0], crease[:, 1], 2),
        "shadow": between(upper, shade),
        "lid": between(upper - 2, crest),
        "bag": between(lower - 2, lower + 15 * swell_low),
    }
    brow = _brow(face, side, e)
    parts["brow"] = slice(count, count + len(brow))

    gaze_x, gaze_y = e.look_x * eye.gaze[0], -e.look_y * eye.gaze[1]
    down = 5.0 * close
    iris_x = side * (face.eye_x + 1.0 * scale) + gaze_x * scale
    iris_y = face.eye_y + (eye.iris_y + gaze_y + down) * scale
    iris_z = float(face_depth(np.array([[iris_x, iris_y]]))[0])

    u_all, v_all = np.concatenate(across), np.concatenate(along)
    xy = np.empty((count + len(brow), 2))
    xy[:count, 0] = side * (face.eye_x + u_all * scale)
    xy[:count, 1] = face.eye_y + v_all * scale - face.eye_tilt * u_all * 0.01
    xy[count:] = brow
    points = on_face(xy, np.concatenate([*lifts, np.full(len(brow), 2.0)]))
    return _Draft(points, parts, wings, below, (iris_x, iris_y, iris_z), opened)


def _brow(face: FaceShape, side: int, e: EyeState) -> np.ndarray:
    """A brow's outline (n, 2) in head units."""
    points, travel = np.array(face.brow.points, float), face.brow.travel
    u, v = points[:, 0], points[:, 1]
    v = v + travel * e.brow_down * np.array([30.0, 22.0, 9.0, -5.0, -7.0])
    v = v + travel * e.brow_inner * np.array([-34.0, -22.0, -4.0, 8.0, 12.0])
    v = v + travel * e.brow_outer * np.array([-6.0, -14.0, -24.0, -26.0, -18.0])
    rest = face.eye.calm * np.sin(np.pi * e.blink) * (1 - e.brow_down)
    v = v + rest * np.array([-13.0, -8.0, -2.0, 2.0, 5.0])
    v = v - e.wide * 7.0 + e.blink * 3.5 + e.squint * 3.0
    u = u - e.brow_down * np.array([9.0, 6.0, 3.0, 1.0, 0.0])
    spine = curve(np.stack([u, v], 1), 6)
    outline = ribbon(spine, _lids(face.eye, face.brow).brow)
    return np.stack([side * (face.eye_x + outline[:, 0]), face.brow_y + outline[:, 1]], 1)
