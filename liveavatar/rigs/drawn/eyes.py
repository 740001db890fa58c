"""The geometry of eyes and brows. Local units: u outward from the eye's middle, v down."""

from dataclasses import dataclass

import numpy as np

from liveavatar.rigs.drawn.geometry import HeadPose, curve, face_depth, on_face, ribbon, smoothstep
from liveavatar.rigs.drawn.identity import FaceShape

_U = np.linspace(-56.0, 64.0, 33)


def _lid(points: list[tuple[float, float]]) -> np.ndarray:
    dense = curve(np.array(points), 12)
    return np.interp(_U, dense[:, 0], dense[:, 1])


_UPPER = _lid([(-56, 20), (-48, -6), (-26, -34), (6, -46), (36, -41), (55, -23), (64, -1)])
_LOWER = _lid([(-56, 20), (-46, 37), (-24, 49), (8, 53), (36, 45), (54, 27), (64, 0)])
_SHUT = _lid([(-56, 20), (-40, 33), (-16, 42), (8, 44), (32, 38), (50, 25), (64, 8)])
_HAPPY = _lid([(-56, 38), (-44, 16), (-22, 0), (4, -6), (28, -2), (48, 14), (64, 36)])


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


def eye_lines(face: FaceShape, pose: HeadPose, side: int, e: EyeState) -> EyeLines:
    """Place one eye; side +1 is the right one in the picture (the subject's left)."""
    scale = face.eye_scale

    def place(u: np.ndarray, v: np.ndarray, lift: float = 0.0) -> np.ndarray:
        xy = np.empty((len(u), 2))
        xy[:, 0], xy[:, 1] = (
            side * (face.eye_x + u * scale),
            face.eye_y + v * scale - face.eye_tilt * u * 0.01,
        )
        return pose.place(on_face(xy, lift))

    happy = float(smoothstep(0.03, 1.0, e.smile * e.squint))
    close = 1.0 - (1.0 - e.blink) * (1.0 - 0.34 * e.squint) * (1.0 - happy)
    shut = _SHUT + (_HAPPY - _SHUT) * happy
    lifted = (0.5 * e.squint + 0.25 * e.cheek + 0.22 * e.smile) * (1 - happy)
    lower = _LOWER + (_SHUT - _LOWER) * (0.30 * close) - 16 * lifted * np.cos((_U - 2) / 60 * 1.45)
    wide = _UPPER - 13 * e.wide * np.cos((_U - 2) / 60 * 1.4) + 5 * max(-e.look_y, 0) - 3 * max(e.look_y, 0)
    # sorrow lifts the inner end of the lid and lowers the outer one, anger the other way round
    wide = wide + (_U / 60) * (7 * e.brow_inner - 6 * e.brow_down) * (1 - 0.5 * e.wide) + 3 * e.brow_down
    # The lid stays an arch while it falls: a straight edge half way down would look smug.
    sag = np.sin(np.pi * close)
    arch = -(26.0 + 6.0 * e.smile) * (1 - happy) * sag * np.cos((_U + 6) / 62 * 1.4) + 5.0 * sag * _U / 60
    upper = wide + (shut - wide) * (1.0 - (1.0 - close) ** 1.3) + arch
    upper = np.minimum(upper, shut)
    lower = np.maximum(lower + (shut - lower) * smoothstep(0.55, 1.0, close), upper)
    opened = 1.0 - close

    thickness = np.interp(_U, [-56, -44, -10, 30, 52, 64], [1.0, 5.0, 11.5, 15.5, 16.0, 15.0])
    thickness = thickness * (0.66 + 0.34 * opened)
    top = upper - thickness
    droop = (1.0 - opened) * (1.0 - 0.5 * happy)
    end = float(upper[-1])
    tip = (86.0 - 3 * droop, end - 25.0 + 33.0 * droop)
    under = curve(np.array([(64.0, end + 2.5), (76.0, end - 9 + 14 * droop), tip]), 6)
    over = curve(np.array([(64.0, float(top[-1])), (76.0, float(top[-1]) - 3.5 + 11 * droop), tip]), 6)
    rim = np.concatenate(
        [np.stack([_U, top], 1), over[1:], under[::-1][1:], np.stack([_U, upper + 1.5], 1)[::-1]]
    )
    lash = place(rim[:, 0], rim[:, 1], 3)
    wings = []
    for u, reach, rise in ((49.0, 13.0, -9.0),):
        v = [float(np.interp(at, _U, top)) for at in (u - 13, u, u + 6)]
        rise = rise * (1 - 0.75 * droop)
        spike = curve(
            np.array([(u - 13, v[0] + 3), (u + reach * 0.2, v[1] + rise * 0.35), (u + reach, v[1] + rise)]), 4
        )
        spike = np.concatenate([spike, [(u + reach * 0.55 + 3, v[1] + rise * 0.2 + 2), (u + 6, v[2] + 5)]])
        wings.append(place(spike[:, 0], spike[:, 1], 3))
    fold = upper - thickness - 9 - 3 * opened - 4 * e.wide
    part = slice(7, 31)
    crease = ribbon(np.stack([_U[part], fold[part]], 1), 1.5 * np.sin(np.linspace(0.1, 3.05, 24)))
    low = ribbon(
        np.stack([_U[10:], lower[10:]], 1),
        np.interp(_U[10:], [-20, 30, 62], [0.3, 1.5, 2.6]) * (0.35 + 0.65 * opened),
    )
    shade = upper + 13.0 * min(opened * 1.6, 1.0)
    shadow = np.concatenate([place(_U, upper), place(_U, shade)[::-1]])

    gaze_x, gaze_y = e.look_x * 21.0, -e.look_y * 17.0
    down = 5.0 * close
    iris_x = side * (face.eye_x + 1.0 * scale) + gaze_x * scale
    iris_y = face.eye_y + (4.0 + gaze_y + down) * scale
    iris_z = float(face_depth(np.array([[iris_x, iris_y]]))[0])
    iris = pose.frame(iris_x, iris_y, iris_z)
    size = 1.0 - 0.14 * e.wide
    iris = tuple(a * (1.0 if i in (2, 5) else size) for i, a in enumerate(iris))  # type: ignore[assignment]

    brow = _brow(face, pose, side, e)
    around = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return EyeLines(
        white=place(-7.0 + 75.0 * np.cos(around), 2.0 + 82.0 * np.sin(around)),
        opening=np.concatenate([place(_U, upper), place(_U, lower)[::-1]]),
        upper=place(_U, upper),
        lash=lash,
        lower=place(low[:, 0], low[:, 1], 2),
        crease=place(crease[:, 0], crease[:, 1], 2),
        shadow=shadow,
        wings=wings,
        brow=brow,
        iris=iris,
        open=opened,
    )


def _brow(face: FaceShape, pose: HeadPose, side: int, e: EyeState) -> np.ndarray:
    u = np.array([-44.0, -20.0, 12.0, 42.0, 62.0])
    v = np.array([4.0, -5.0, -9.0, -3.0, 9.0])
    v = v + e.brow_down * np.array([30.0, 22.0, 9.0, -5.0, -7.0])
    v = v + e.brow_inner * np.array([-34.0, -22.0, -4.0, 8.0, 12.0])
    v = v + e.brow_outer * np.array([-6.0, -14.0, -24.0, -26.0, -18.0])
    v = v - e.wide * 7.0 + e.blink * 3.5 + e.squint * 3.0
    u = u - e.brow_down * np.array([9.0, 6.0, 3.0, 1.0, 0.0])
    spine = curve(np.stack([u, v], 1), 6)
    t = np.linspace(0, 1, len(spine))
    width = np.interp(t, [0, 0.08, 0.2, 0.5, 1], [0.9, 4.0, 5.5, 5.2, 0.7])
    outline = ribbon(spine, width)
    xy = np.stack([side * (face.eye_x + outline[:, 0]), face.brow_y + outline[:, 1]], 1)
    return pose.place(on_face(xy, 2))
