"""Where the lines of a picture's eye go for an expression: as those of drawn characters go whose eyes have the same shape."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from liveavatar.rigs.drawn.eyes import EyeState, eye_in_units
from liveavatar.rigs.drawn.geometry import curve
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.templates import BrowTemplate, EyeTemplate
from liveavatar.rigs.picture.eyeframe import EyeShape

# By least squares over the population's eyes, at nine places from the inner corner to the outer one: v of the lids shut, and shut
# by laughing = first + the rest times v of the upper lid and the lower lid there, and of the inner and the outer corner.
_SHUT = np.array([
    [7.72, 0.21, 0.21, 0.21, -0.21], [8.66, -0.05, 0.44, 0.25, -0.25], [10.18, -0.07, 0.46, 0.22, -0.22],
    [11.11, -0.08, 0.48, 0.16, -0.16], [10.57, -0.09, 0.51, 0.1, -0.1], [9.19, -0.08, 0.55, 0.03, -0.03],
    [7.38, -0.03, 0.62, -0.03, 0.03], [8.99, -0.04, 0.54, -0.12, 0.12], [11.95, 0.22, 0.27, -0.22, 0.22],
])  # fmt: skip
_HAPPY = np.array([
    [28.1, 0.11, 0.11, 0.11, -0.11], [6.3, 0.16, 0.19, 0.13, -0.13], [7.36, 0.16, -0.02, 0.11, -0.11],
    [9.1, 0.18, -0.12, 0.07, -0.07], [10.19, 0.2, -0.14, 0.04, -0.04], [10.49, 0.24, -0.08, 0.01, -0.01],
    [9.74, 0.33, 0.12, 0.04, -0.04], [12.81, 0.34, 0.32, 0.09, -0.09], [34.13, 0.15, 0.28, -0.15, 0.15],
])  # fmt: skip
_RISE = 26.0
"""How far a shut lid's inner end stands above its lowest place at most: what drawings add would look like a hook."""
_LIDS = 33
_LEAVES = 27
"""How many of a lid's points a lash follows before it leaves for its tip."""
_TIP_AT = 44
"""Which point of a lash's outline is its tip."""


@dataclass(frozen=True)
class Lines:
    """One expression, in units: u outward, v down."""

    upper: np.ndarray
    """(_LIDS, 2) the lid's edge."""
    lash: np.ndarray
    """(n, 2) the same, but in its last part on to the lash's tip."""
    lower: np.ndarray
    """(_LIDS, 2)"""
    crease: np.ndarray
    """(k, 2) along its middle."""
    brow: np.ndarray
    """(m, 2) along its middle."""
    iris: np.ndarray
    """(2,) its middle."""
    iris_size: float
    """As a share of its size at rest."""
    open: float
    """1 at rest .. 0."""

    @property
    def opening(self) -> np.ndarray:
        """(2 * _LIDS, 2) between the lids."""
        return np.concatenate([self.upper, self.lower[::-1]])


@dataclass(frozen=True)
class EyeMotion:
    """What one eye's lines are at rest, in units."""

    shape: EyeShape
    lash: np.ndarray
    """(9,) how far the lash reaches above the lid's edge, from the inner corner to the outer one."""
    tip: tuple[float, float]
    """Where it ends, from the outer corner."""

    @property
    def thick(self) -> float:
        """Of the lash, in the middle of its range."""
        return float(np.median(self.lash))

    @cached_property
    def height(self) -> float:
        """The most that the lids are apart."""
        upper, lower = self._lids()
        return float(np.max(lower - upper))

    def _lids(self) -> tuple[np.ndarray, np.ndarray]:
        at = np.linspace(self.shape.upper[0, 0], self.shape.upper[-1, 0], _LIDS)
        upper, lower = (np.interp(at, *_rising(line)) for line in (self.shape.upper, self.shape.lower))
        return upper, np.maximum(lower, upper)

    @cached_property
    def face(self) -> FaceShape:
        """A drawn face with this eye."""
        upper, lower = self._lids()
        at = np.linspace(self.shape.upper[0, 0], self.shape.upper[-1, 0], _LIDS)
        knots = at[:: (_LIDS - 1) // 8]
        known = np.stack([np.ones(9), upper[::4], lower[::4], np.full(9, upper[0]), np.full(9, upper[-1])], 1)
        shut, happy = (np.maximum((known * table).sum(1), upper[::4]) for table in (_SHUT, _HAPPY))
        shut[:4] = np.maximum(shut[:4], shut.max() - _RISE)
        shut, happy = (
            np.polyval(np.polyfit(knots, line, bends), knots) for line, bends in ((shut, 4), (happy, 4))
        )
        tall = self.height
        spine = curve(self.shape.brow, 8)
        brow = spine[np.linspace(0, len(spine) - 1, 5).round().astype(int)]
        eye = replace(
            EyeTemplate(
                upper=_line(at, upper), lower=_line(at, lower), shut=_line(knots, shut), happy=_line(knots, happy),
                lash=_line(knots, self.lash),
            ),
            tip=self.tip, wings=(), height=0.155 + 0.0085 * tall, iris_y=float(self.shape.iris[1]),
            gaze=(15.9 + 0.053 * tall, max(2.8 + 0.143 * tall, 4.0)), airy=1.0,
            shut_weight=float(np.clip(2.03 - 0.0102 * tall, 1.0, 1.7)), calm=float(np.clip(1.92 - 0.0184 * tall, 0, 1)),
        )  # fmt: skip
        return replace(
            FaceShape(), eye_x=0.0, eye_y=0.0, brow_y=0.0, eye=eye,
            brow=BrowTemplate(points=tuple((float(u), float(v)) for u, v in brow), width=((0.0, 1.0), (1.0, 1.0)), travel=1.07),
        )  # fmt: skip

    def lines(self, state: EyeState) -> Lines:
        """The lines of an expression."""
        now = eye_in_units(self.face, state)
        happy = float(np.clip(state.smile * state.squint / 0.81, 0, 1))
        close = 1.0 - (1.0 - state.blink) * (1.0 - 0.28 * state.squint) * (
            1.0 - happy * happy * (3 - 2 * happy)
        )
        upper, tip = now["upper"], now["lash"][_TIP_AT]
        half = len(now["crease"]) // 2
        brow = len(now["brow"]) // 2
        return Lines(
            upper,
            np.concatenate([upper[:_LEAVES], _tail(upper, tip)]),
            now["opening"][_LIDS:][::-1],
            (now["crease"][:half] + now["crease"][half:][::-1]) / 2,
            (now["brow"][:brow] + now["brow"][brow:][::-1]) / 2,
            now["iris"][0] + (self.shape.iris[0] - 1.0, 0.0),
            1.0 - 0.14 * state.wide,
            1.0 - close,
        )


def _rising(line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """u and v of a line, u rising."""
    order = np.argsort(line[:, 0], kind="stable")
    return line[order, 0], line[order, 1]


def _tail(upper: np.ndarray, tip: np.ndarray) -> np.ndarray:
    """(9, 2) from where a lash leaves the lid to its tip."""
    start = upper[_LEAVES - 1]
    way = start - upper[_LEAVES - 4]
    aside = start + way / max(float(np.hypot(*way)), 1e-6) * float(np.hypot(*(tip - start))) * 0.45
    t = np.linspace(0, 1, 10)[1:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * aside + t * t * tip)


def _line(u: np.ndarray, v: np.ndarray) -> tuple[tuple[float, float], ...]:
    return tuple((float(a), float(b)) for a, b in zip(u, v, strict=True))


REST = EyeState(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""No expression."""
