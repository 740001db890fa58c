"""What a mouth is like at rest, out of how one picture shows it, open or shut: the likeliest of the population's mouths that
would be drawn so (maximum a posteriori, by Gauss-Newton steps)."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from liveavatar.controls import both
from liveavatar.rigs.drawn.geometry import HeadPose, smoothstep
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.mouth import mouth_lines
from liveavatar.rigs.drawn.rest import REST
from liveavatar.rigs.picture.mouthedges import T

_AHEAD = HeadPose(0.0, 0.0, 0.0)
_BELLY = (1 - np.abs(T) ** 2.3) ** 0.85, (1 - np.abs(T) ** 2.2) ** 0.70
"""How far the upper and the lower lip are from a line between the corners, as illustrators draw it: an arc, and rounder below."""
_BELOW = 54.0, 4.0
"""How far below the nose the corners lie at rest: mean and standard deviation of 400 characters, as all these."""
_LIKELY = {
    "width": (36.0, 40.0), "sag": (7.5, 3.1), "turn": (1.4, 2.9), "lean": (0.0, 0.3), "dip": (0.6, 0.6),
    "round": (0.3, 0.3), "jawOpen": (0.45, 0.15), "mouthSmile": (0.35, 0.15), "mouthFunnel": (0.1, 0.2),
}  # fmt: skip
_ROUND = 0.25
"""Where a mouth is drawn shut."""
_MOST = {"arch": 0.5, "round": 1.0, "jawOpen": 1.0, "mouthSmile": 1.0, "mouthFunnel": 1.0}
"""What these may be, from 0."""
_SHUT = ("x", "y", "width", "sag", "turn", "lean", "dip")
_TRUST = 4.0
"""Standard deviation of a point of an edge, canvas units; neighbours err together."""


class Fit(NamedTuple):
    """A mouth at rest."""

    face: FaceShape
    at: np.ndarray
    """(2,): what to add to its canvas to be where the edges are given."""
    round: float
    """How much rounder than the population's its openings are, 0..1: 1 as illustrators draw them."""
    steps: np.ndarray
    """(41,): where its points lie from corner to corner at rest, -1..1."""


def fit(face: FaceShape, upper: np.ndarray, lower: np.ndarray, opened: bool, nose: float) -> Fit:
    """face: what is known but for what is fitted; upper, lower (41, 2): edges of the opening as drawn, nose: y of its tip,
    canvas units."""
    names = (*_SHUT, "arch", "round", "jawOpen", "mouthSmile", "mouthFunnel") if opened else _SHUT
    rest = mouth_lines(face, _AHEAD, REST).opening
    corner = (upper[0] + upper[-1]) / 2
    level = nose + _BELOW[0] - float(rest[0, 1] + rest[40, 1]) / 2
    prior = {
        **_LIKELY,
        "arch": (face.mouth.arch, 0.04),
        "x": (float(corner[0] - rest[20, 0]), 20.0),
        "y": (level, _BELOW[1] if opened else 100.0),
    }
    if opened:  # that hardly tells how it hangs when shut
        prior["sag"] = (_LIKELY["sag"][0], 1.5)
    mean, spread = np.array([prior[name] for name in names]).T
    goal = np.concatenate([_even(upper), _even(lower)])

    def misfit(values: np.ndarray) -> np.ndarray:
        named = dict(zip(names, values.tolist(), strict=True))
        off = (goal - _drawn(face, named)).ravel() / _TRUST
        return np.concatenate([off, (mean - values) / spread])

    low = np.array([0.0 if name in _MOST else 8.0 if name == "width" else -np.inf for name in names])
    high = np.array([_MOST.get(name, np.inf) for name in names])
    found = mean
    error = misfit(found)
    for _ in range(10):
        steps = 0.05 * spread
        slope = np.stack([(misfit(found + step) - error) / step.sum() for step in np.diag(steps)], 1)
        free = np.ones(len(found), bool)
        change = np.zeros(len(found))
        for _ in range(3):  # what would leave its range stays
            change[:] = 0.0
            change[free] = np.linalg.lstsq(slope[:, free], -error, rcond=None)[0]
            free &= ~((found <= low) & (change < 0) | (found >= high) & (change > 0))
        for share in (1.0, 0.5, 0.2):
            there = np.clip(found + share * change, low, high)
            after = misfit(there)
            if after @ after < error @ error:
                break
        else:
            break
        found, error = there, after
    named = dict(zip(names, found.tolist(), strict=True))
    if not opened:
        named["arch"] = 0.36 - 0.0054 * named["width"] + 0.011 * named["sag"] - 0.0035 * named["turn"]
    face = _face(face, named)
    x = mouth_lines(face, _AHEAD, REST).opening[:41, 0]
    steps = 2 * (x - x[0]) / (x[-1] - x[0]) - 1
    return Fit(face, np.array([named["x"], named["y"]]), named.get("round", _ROUND), steps)


def _face(face: FaceShape, named: dict[str, float]) -> FaceShape:
    sag, turn, lean, dip = (named[name] for name in ("sag", "turn", "lean", "dip"))
    style = replace(face.mouth, sag=sag, turn=turn, lean=lean, dip=(dip, 0.3))
    style = replace(style, arch=named.get("arch", style.arch))
    return replace(face, mouth=style, mouth_width=named["width"])


def _drawn(face: FaceShape, named: dict[str, float]) -> np.ndarray:
    """Both edges (82, 2) of the opening that such a mouth has."""
    face = _face(face, named)
    smile = both(mouthSmile=named.get("mouthSmile", 0.0))
    v = {**REST, "jawOpen": named.get("jawOpen", 0.0), "mouthFunnel": named.get("mouthFunnel", 0.0), **smile}
    lines = mouth_lines(face, _AHEAD, v)
    upper, lower = lines.opening[:41], lines.opening[:40:-1]
    if "round" in named:
        over, under = rounder(upper, lower, v, lines.gap, face.mouth.arch)
        upper, lower = (
            np.stack([edge[:, 0], edge[:, 1] + named["round"] * more], 1)
            for edge, more in ((upper, over), (lower, under))
        )
    return np.concatenate([_even(upper), _even(lower)]) + np.array([named["x"], named["y"]])


def _even(edge: np.ndarray) -> np.ndarray:
    """The same edge (41, 2), its points at even distances from left to right."""
    x = np.interp(T, [-1, 1], edge[[0, -1], 0])
    return np.stack([x, np.interp(x, *edge.T)], 1)


def rounder(
    upper: np.ndarray, lower: np.ndarray, v: dict[str, float], gap: float, arch: float
) -> tuple[np.ndarray, np.ndarray]:
    """What to add (41,) to the y of upper and lower (41, 2), so that their openings are round."""
    smile = (v["mouthSmileLeft"] + v["mouthSmileRight"]) / 2
    ring = min(1.2 * max(v["mouthPucker"], v["mouthFunnel"]), 1.0)
    amount = float(smoothstep(4.0, 24.0, gap)) * (1 - 0.6 * smile) * (1 - 0.6 * ring)
    opening = lower[:, 1] - upper[:, 1]
    most, share = float(opening[20]), arch * (1 - 0.55 * smile)
    share = share / (share + 0.86)
    over, under = (belly * most - opening for belly in _BELLY)
    return -amount * share * over, amount * (1 - share) * under
