"""The geometry of the mouth: two lip curves that every mouth control bends, with teeth and tongue inside."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from liveavatar.rigs.drawn.geometry import HeadPose, on_face, ribbon, stroke
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.mouthframe import frame

_T = np.linspace(-1.0, 1.0, 41)


@dataclass(frozen=True)
class MouthLines:
    """The mouth on the canvas."""

    opening: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    teeth: np.ndarray
    fang: np.ndarray
    """Four corners each."""
    peek: np.ndarray
    """The fang that looks out of a closed mouth."""
    tongue: np.ndarray
    gleam: np.ndarray
    """The light on the tongue in the mouth."""
    out: np.ndarray
    groove: np.ndarray
    light: np.ndarray
    """A gloss on the tongue that hangs out."""
    box: np.ndarray
    frame: np.ndarray
    """What carries the mouth's picture: see mouthframe."""
    creases: list[tuple[np.ndarray, float]]
    gap: float
    lips: float
    pout: float
    """How far the lips are pushed out to a ring, 0..1."""
    gloss: np.ndarray
    """The light on the lower lip when they are."""
    reach: float
    bow: np.ndarray
    """Outline of the lips."""


def mouth_lines(face: FaceShape, pose: HeadPose, v: dict[str, float]) -> MouthLines:
    """Place the mouth for the named controls."""
    drawn = _draft(face, v)
    placed = pose.place(drawn.points)
    parts = {name: placed[part] for name, part in drawn.parts.items()}
    creases = [(placed[part], strength) for part, strength in drawn.creases]
    return MouthLines(
        creases=creases, gap=drawn.gap, lips=drawn.lips, pout=drawn.pout, reach=drawn.reach, **parts
    )


def opening_in_space(face: FaceShape, v: dict[str, float]) -> np.ndarray:
    """The opening (n, 3) of the mouth in head units."""
    drawn = _draft(face, v)
    return drawn.points[drawn.parts["opening"]]


class _Draft(NamedTuple):
    """A mouth in head units: all its points (n, 3), and where its parts lie among them."""

    points: np.ndarray
    parts: dict[str, slice]
    creases: list[tuple[slice, float]]
    gap: float
    lips: float
    pout: float
    reach: float


def _draft(face: FaceShape, v: dict[str, float]) -> _Draft:
    pucker, funnel, close = v["mouthPucker"], v["mouthFunnel"], v["mouthClose"]
    roll_up, roll_low = v["mouthRollUpper"], v["mouthRollLower"]
    smile = (v["mouthSmileLeft"] + v["mouthSmileRight"]) / 2
    stretch = (v["mouthStretchLeft"] + v["mouthStretchRight"]) / 2
    press = (v["mouthPressLeft"] + v["mouthPressRight"]) / 2
    reach = v["tongueOut"]
    roll = (roll_up + roll_low) / 2
    # pressed or rolled lips and full cheeks hold the mouth shut while the jaw drops a little
    sealed = (1 - 0.75 * press * press) * (1 - 0.75 * roll_up * roll_low) * (1 - v["cheekPuff"])
    jaw = max(v["jawOpen"] - close, 0.0) * sealed
    # per sample: -1 is the left end in the picture, the subject's right
    right = (1.0 - _T) / 2
    left = (1.0 + _T) / 2

    def sides(name: str) -> np.ndarray:
        return v[name + "Left"] * left + v[name + "Right"] * right

    shrink = (
        (1 - face.mouth.purse * pucker)
        * (1 - 0.46 * funnel * (1 - 0.6 * pucker))
        * (1 - 0.42 * v["cheekPuff"])
        * (1 - 0.12 * roll)
        * (1 - 0.16 * close)
    )
    width = (face.mouth_width + 19 * smile + 17 * stretch + 10 * press + 5 * jaw) * shrink
    kiss = pucker * (1 - funnel) * (1 - min(5.0 * jaw, 1.0))
    smooth = np.abs(_T) ** 1.9
    corner = (
        -23 * sides("mouthSmile")
        + 22 * sides("mouthFrown")
        - 5 * sides("noseSneer")
        - 12 * sides("mouthDimple")
        + 3 * sides("mouthPress")
        + 5 * sides("mouthStretch")
    )
    bow = 8 * smile - 4 * (v["mouthFrownLeft"] + v["mouthFrownRight"]) / 2
    bow += -7 * v["mouthShrugLower"] - 4 * v["mouthShrugUpper"]
    centre = (
        face.mouth_y
        + 9 * jaw
        + 14 * min(v["jawOpen"], close)
        - 4 * roll_up
        + 4 * roll_low
        - 3 * pucker
        - 5 * close
    )
    style = face.mouth
    rest = (
        style.sag * np.cos(_T * np.pi / 2)
        - 3.0
        - style.dip[0] * np.exp(-((_T / style.dip[1]) ** 2)) * (1 - 0.5 * smile)
        - (style.turn * smooth + style.lean * _T * np.sqrt(np.abs(_T))) * (1 - smile)
    )
    rest = rest * (1 - 0.8 * press) * (1 - 0.5 * close) * (1 - min(1.2 * jaw + funnel + 0.9 * pucker, 1.0))
    bend = face.mouth.corner * corner * smooth + bow * (1 - smooth)
    # round lips bend as much less as they are narrower
    line = centre + bend * (1 - max(pucker, funnel) * (1 - 0.8 * shrink)) + rest
    # a kiss: the upper lip's tip dips into the lower lip
    line = line + 3.0 * kiss * (np.exp(-((_T / 0.4) ** 2)) - 0.45)
    line = line + (2.5 * roll_up - 2.5 * roll_low) * np.cos(_T * np.pi * 1.5) * (1 - smooth)

    round_ends = np.clip(0.25 + 0.75 * funnel + 0.75 * pucker, 0, 1)
    belly = np.maximum(1 - np.abs(_T) ** (2.0 + 0.5 * smile), 0) ** (1 - 0.1 * round_ends)
    gap = (
        76 * face.mouth.scale * jaw * (1 - 0.4 * pucker)
        + 28 * funnel * (1 - close) * (1 - 0.5 * jaw) * (1 - 0.4 * pucker) * sealed
        + 9 * reach
    )
    gap = gap * (1 + 0.12 * smile)
    raise_up = (
        19 * sides("mouthUpperUp")
        + 4 * sides("noseSneer")
        + gap * (face.mouth.arch + (0.5 - face.mouth.arch) * max(funnel, pucker)) * (1 - 0.55 * smile)
    )
    drop = 21 * sides("mouthLowerDown") + gap * (0.86 - 0.20 * funnel - 0.26 * pucker * (1 - funnel))
    upper = line - raise_up * belly
    lower = line + drop * belly
    total = float(np.max(lower - upper))
    fanged = float(face.mouth.fang)

    aside, jaw_aside = v["mouthLeft"] - v["mouthRight"], v["jawLeft"] - v["jawRight"]
    shift = 26 * aside + 15 * jaw_aside
    lean = 5 * aside
    x = _T + (np.sin(_T * np.pi / 2) - _T) * round_ends
    x = shift + width * x + 5 * (sides("mouthSmile") - smile) * _T + 9 * sides("mouthDimple") * _T
    line, upper, lower = line - lean * _T, upper - lean * _T, lower - lean * _T

    rows: list[np.ndarray] = []
    lifts: list[np.ndarray] = []
    count = 0

    def put(xy: np.ndarray, lift: float = 6.0) -> slice:
        nonlocal count
        rows.append(xy)
        lifts.append(np.full(len(xy), lift + 6 * pucker + 5 * v["jawForward"]))
        count += len(xy)
        return slice(count - len(xy), count)

    top, bottom = np.stack([x, upper], 1), np.stack([x, lower], 1)
    opening = np.concatenate([top, bottom[::-1]])
    bite = np.clip(total / 24, 0, 1) * (1 - 0.85 * min(funnel + pucker, 1.0))
    tooth = np.minimum(upper + 11.5 * bite * belly**0.6, lower)
    teeth = np.concatenate([top, np.stack([x, tooth], 1)[::-1]])
    size = 14 * bite * fanged
    fang = np.array(
        [
            point
            for i in ((29, 11) if face.mouth.pair else (29,))
            for point in (
                (x[i - 3], tooth[i - 3] - 2),
                (x[i], tooth[i] + size * 0.62),
                (x[i + 3], tooth[i + 3] - 2),
                (x[i], tooth[i] - 6),
            )
        ]
    )
    angle = np.linspace(0, 2 * np.pi, 28)
    low = float(lower[20])
    tongue_x = width * 0.72
    tongue_h = 1.3 * tongue_x * (1 - np.exp(-0.45 * total / tongue_x)) + 1.0
    tongue = np.stack(
        [float(x[20]) + np.cos(angle) * tongue_x, low + 2 + tongue_h * 0.15 - np.sin(angle) * tongue_h], 1
    )
    gleam = (
        (tongue - tongue.mean(axis=0)) * [0.52, 0.3] + tongue.mean(axis=0) - [0.1 * tongue_x, 0.5 * tongue_h]
    )
    # the tongue that hangs out: from inside the mouth over the lower lip, widest past the lip, round at the end
    down = np.sin(np.linspace(0.0, np.pi / 2, 15))
    out_w = (9 + 13 * reach) * (0.86 + 0.14 * np.sin(np.pi * down**0.8)) * np.sqrt(np.maximum(1 - down**3, 0))
    out_top, out_low = low - 9, low - 5 + 37 * reach
    side = np.stack([out_w, out_top + down * (out_low - out_top)], 1)
    root = np.array([float(x[20]), 0.0])
    out = root + np.concatenate([side * [-1, 1], side[-2::-1]])
    groove = np.array([[0.0, 0.16], [0.6, 0.42], [0.3, 0.68]]) * [1, out_low - out_top] + root + [0, out_top]
    light = np.array([[-0.46, 0.44], [-0.56, 0.62], [-0.44, 0.80]]) * [out_w[0], out_low - out_top]
    light = light + root + [0, out_top]

    # round lips are drawn with an even line, others with one that swells towards the corners
    ring = min(1.2 * max(pucker, funnel), 1.0)
    swell = np.interp(np.abs(_T), [0, 0.55, 0.9, 1.0], [1.5, 1.4, 1.9, 0.5])
    even = np.interp(np.abs(_T), [0, 0.6, 1.0], [1.6, 1.2, 0.8])
    pen = (
        (swell + (even - swell) * ring)
        * (1 + 0.5 * press + 0.25 * roll + 0.3 * close + 0.5 * v["cheekPuff"])
        * style.weight
    )
    low_pen = np.interp(np.abs(_T), [0, 0.7, 1.0], [1.5, 1.0, 0.7]) * min(total / 8, 1.0)
    creases: list[tuple[slice, float]] = []

    def crease(points: list[tuple[float, float]], strength: float, thick: float = 1.6) -> None:
        spine = np.array(points)
        shape_ = ribbon(spine, thick * np.sin(np.linspace(0.15, np.pi - 0.15, len(spine))))
        creases.append((put(shape_, 4), min(max(strength, 0.0), 1.0)))

    bottom_y = float(lower[20]) + 4
    middle = float(x[20])
    arc = np.linspace(-1, 1, 9)
    # the lower lip's shadow is always there; the shrug and the rolled lip deepen it
    reach_low = 13 + 8 * v["mouthShrugLower"]
    low_line = bottom_y + 11 - 4 * v["mouthShrugLower"] - 3 * roll_low
    crease(
        [
            (middle + a * reach_low, low_line + 3.5 * (a * a - 1) * (1 + 1.6 * v["mouthShrugLower"]))
            for a in arc
        ],
        style.under + 0.6 * v["mouthShrugLower"] + 0.6 * roll_low + 0.4 * press + 0.35 * close,
        1.4 + 1.4 * v["mouthShrugLower"] + 1.2 * roll_low,
    )
    high = float(upper[20]) - 9
    crease(
        [(middle + a * 15, high - 2 + 3 * a * a) for a in arc],
        0.85 * roll_up + 0.8 * v["mouthShrugUpper"],
        2.0,
    )
    for sign, name in ((1, "Left"), (-1, "Right")):
        end_x, end_y = (float(x[-1]), float(line[-1])) if sign > 0 else (float(x[0]), float(line[0]))
        crease(
            [(end_x + sign * (7 - 3.5 * a * a), end_y + a * 8 - 1) for a in arc],
            0.9 * v["mouthDimple" + name] + 0.45 * v["mouthPress" + name] + 0.3 * v["mouthStretch" + name],
            2.8,
        )
    pout = pucker * (1 - 0.5 * v["cheekPuff"]) * (1 - close)
    lips = min(1.0, 0.9 * pucker + 0.8 * funnel) * (1 - 0.5 * v["cheekPuff"])
    gloss = np.array([(middle + 4.5 * a - 2, float(lower[20]) + 5.5 - 0.9 * a * a) for a in (-1, 0, 1)])
    bow_edge = _lips(x, upper, lower, lips, style.full if style.lip or style.tint else (0.0, 0.0))
    ends = np.concatenate([opening, np.stack([x, upper - 8], 1), np.stack([x, lower + 10], 1), bow_edge])
    parts = {
        "opening": put(opening),
        "upper": put(ribbon(top, pen)),
        "lower": put(ribbon(bottom, low_pen)),
        "teeth": put(teeth),
        "fang": put(fang),
        "peek": put(np.array([(x[26], lower[26]), (x[29], lower[29] + style.peek), (x[32], lower[32])])),
        "tongue": put(tongue),
        "gleam": put(gleam),
        "out": put(out),
        "groove": put(stroke(groove, 4.6, 6, 0.35)),
        "light": put(stroke(light, 4.4, 6)),
        "box": put(np.concatenate([ends, out]) if reach > 0 else ends),
        "frame": put(frame(x, upper, lower)),
        "gloss": put(stroke(gloss, 4.0, 6), 8),
        "bow": put(bow_edge),
    }
    xy = np.concatenate(rows)
    # the lower a point, the further it follows the jaw aside
    xy[:, 0] += 0.22 * jaw_aside * (xy[:, 1] - line[20])
    points = on_face(xy, np.concatenate(lifts))
    return _Draft(points, parts, creases, total, lips, pout, reach)


def _lips(
    x: np.ndarray, upper: np.ndarray, lower: np.ndarray, out: float, full: tuple[float, float]
) -> np.ndarray:
    """The outer edge (n, 2) of the lips: a bow above, a full curve below. out: how far they are pushed out, 0..1; full: of
    the upper and the lower one at rest, as shares."""
    over = np.cos(_T * np.pi / 2)
    peaks = np.exp(-(((np.abs(_T) - 0.26) / 0.22) ** 2))
    dip = np.exp(-((_T / 0.14) ** 2))
    above = full[0] * (5.5 * over + 3.2 * peaks - 2.0 * dip) * (1 - out)
    below = full[1] * 10.5 * over**1.3 * (1 - out)
    # pushed out they are round, and stand out beside the corners too
    rounder = over**0.8
    above = above + out * (7.0 * rounder + 1.8 * peaks * over - 1.8 * dip)
    below = below + out * 10.0 * rounder
    beside = x[20] + (x - x[20]) * (1 + out * 6.0 / max(float(x[-1] - x[0]) / 2, 1.0))
    return np.concatenate([np.stack([beside, upper - above], 1), np.stack([beside, lower + below], 1)[::-1]])
