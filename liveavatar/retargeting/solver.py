"""One face against its neutral, read as controls: a mix of what is measured and what the blendshapes say.

Pure: no state, no time. The numbers are travels of real faces, in the units of landmarks.MEASURES; the person's own
reach is fitted on top by retargeter.py. docs/tracking.md tells how each was found.
"""

from typing import NamedTuple

import numpy as np

from liveavatar.controls import INDEX, SIDES
from liveavatar.retargeting.features import Deviation
from liveavatar.retargeting.landmarks import MEASURES, M

_DRAGS = (
    # measure     gains   of what this one rises
    ("mouthWidth", 0.35, "aperture"),  # an open mouth narrows: that is no pout
    ("corner",     0.40, "jaw"),       # and pulls its corners down: that is no frown
    ("ala",       -0.30, "corner"),    # a smile lifts the nostrils too
)  # fmt: skip
"""What one measure does to another, taken back in this order."""


class Travel(NamedTuple):
    """How far a measure has gone: 0 up to `start`, 1 at `full`, and on beyond it."""

    measure: str
    """Without its side where it has two."""
    start: float
    full: float


_TRAVELS = {
    # travel               measure       start    full
    "jawDown":      Travel("jaw",        0.000,  0.110),
    "parted":       Travel("aperture",   0.000,  0.050),
    "apart":        Travel("aperture",   0.003,  0.015),
    "narrow":       Travel("mouthWidth", -0.005, -0.085),
    "wide":         Travel("mouthWidth", 0.000,  0.100),
    "cornerUp":     Travel("corner",     0.000,  0.045),
    "cornerDown":   Travel("corner",     0.000, -0.030),
    "shiftLeft":    Travel("mouthX",     0.000,  0.035),
    "shiftRight":   Travel("mouthX",     0.000, -0.035),
    "nostrilUp":    Travel("ala",        0.003,  0.018),
    "browOutUp":    Travel("browOut",    0.000,  0.030),
    "browInDown":   Travel("browIn",     0.000, -0.020),
    "browsInUp":    Travel("browsIn",    0.000,  0.030),
    "lowerLidUp":   Travel("lowerLid",   0.000,  0.050),
}  # fmt: skip


class Mix(NamedTuple):
    """A control as share * geometry + (1 - share) * blendshape / peak - blink * how far the eye blinks."""

    control: str
    """Without its side where it has two."""
    share: float
    geometry: str
    """A travel, or what _combined() makes of several."""
    peak: float
    """What the blendshape reads as in a full expression."""
    blink: float = 0.0
    """The lids pull the brows along when they shut."""


_MIXES = (
    #    control       share  geometry       peak    blink
    Mix("jawOpen",      0.45, "jawDown",     0.70),
    Mix("mouthSmile",   0.50, "smile",       0.85),
    Mix("mouthFrown",   0.15, "frown",       0.60),
    Mix("mouthStretch", 0.50, "stretch",     0.50),
    Mix("mouthUpperUp", 0.00, "nostrilUp",   1 / 0.7),  # no measure tells more than the blendshape
    Mix("mouthLeft",    0.15, "shiftLeft",   0.70),
    Mix("mouthRight",   0.15, "shiftRight",  0.70),
    Mix("noseSneer",    0.70, "nostrilUp",   0.50),
    Mix("cheekSquint",  1.00, "cheek",       1.00),
    Mix("browInnerUp",  0.50, "browsInUp",   0.85,   0.10),
    Mix("browOuterUp",  0.60, "browOutUp",   0.90,   0.30),
    Mix("browDown",     0.30, "browInDown",  0.60),
    Mix("eyeWide",      1.00, "wideEye",     1.00),
    Mix("eyeSquint",    1.00, "squint",      1.00),
)  # fmt: skip


def _both(name: str, places: dict[str, int]) -> list[int]:
    """Where the left and the right one of this name are; twice the same place for one that has no sides."""
    return [places[name]] * 2 if name in places else [places[name + side] for side in SIDES]


_PLACES = M | {"browsIn": len(MEASURES)}
"""The measures, and the height of both inner brows together."""
_DRAGGED = [(_both(to, M), share, _both(of, M)) for to, share, of in _DRAGS]
_FROM = np.array([_both(travel.measure, _PLACES) for travel in _TRAVELS.values()])
_START = np.array([[travel.start] for travel in _TRAVELS.values()])
_SPAN = np.array([[travel.full - travel.start] for travel in _TRAVELS.values()])

_TO = np.array([_both(mix.control, INDEX) for mix in _MIXES])
_SHARE = np.array([[mix.share] for mix in _MIXES])
_REST = np.array([[(1 - mix.share) / mix.peak] for mix in _MIXES])
_BLINK = np.array([[mix.blink] for mix in _MIXES])
_SINGLE = np.array([[mix.control in INDEX] for mix in _MIXES])
_PUCKER, _FUNNEL = INDEX["mouthPucker"], INDEX["mouthFunnel"]
_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
TOGETHER = 1.2
"""mouthClose of lips that touch, as a share of jawOpen: more than all of it, for the person's reach is fitted to each apart."""
_LOOKS_UP, _LIDS, _BROWS_IN = (_both(name, M) for name in ("lookY", "lowerLid", "browIn"))


def solve(face: Deviation, blink: np.ndarray) -> np.ndarray:
    """(51,) float64 in the order of BLENDSHAPES, about 0..1, not fitted to the person's reach; those that no table names, and
    eyeBlink and eyeLook (see eyes.py), are what MediaPipe says. blink (2,): of the left and right eye, in [0, 1]."""
    travels = _travels(face.measures)
    geometry = travels | _combined(travels, face, blink)
    controls = face.shapes.copy()
    mixed = _SHARE * np.array([geometry[mix.geometry] for mix in _MIXES]) + _REST * face.shapes[_TO]
    controls[_TO] = mixed - _BLINK * np.where(_SINGLE, blink.mean(), blink)
    # Narrow lips are a pucker while shut and a funnel while open; MediaPipe mixes the two.
    narrow, parted = float(travels["narrow"][0]), float(travels["parted"][0])
    narrowed = 0.5 * narrow + 0.5 * face.shapes[_PUCKER] * min(1.0, 4 * narrow)
    opened = min(0.6 * max(face.shapes[_FUNNEL], 0.0) / 0.25 + 0.4 * parted, 1.0)
    controls[_PUCKER] = narrowed * (1 - opened)
    controls[_FUNNEL] = 1.3 * narrowed * opened
    # A jaw that drops behind lips that touch opens no mouth; MediaPipe hardly ever says so.
    closed = TOGETHER * max(controls[_JAW], 0.0) * (1 - float(travels["apart"][0].clip(0, 1)))
    controls[_CLOSE] = max(controls[_CLOSE], closed)
    return controls


def _travels(measures: np.ndarray) -> dict[str, np.ndarray]:
    """By name (2,): left and right, of measures (len(MEASURES),) against neutral."""
    values = np.append(measures, measures[_BROWS_IN].mean())
    for to, share, of in _DRAGGED:
        values[to] += share * values[of].clip(0)
    return dict(zip(_TRAVELS, ((values[_FROM] - _START) / _SPAN).clip(0), strict=True))


def _combined(t: dict[str, np.ndarray], face: Deviation, blink: np.ndarray) -> dict[str, np.ndarray]:
    """Geometry that is more than one travel, by name (2,): left and right."""
    look = face.measures[_LOOKS_UP].clip(0, 0.1)
    return {
        "smile": 0.6 * t["cornerUp"] + 0.4 * np.minimum(t["wide"], t["cornerUp"]),
        "frown": t["cornerDown"] * (1 - t["narrow"].clip(0, 1)),
        "stretch": (t["wide"] - t["cornerUp"]).clip(0),
        # The cheek pushes the lower lid up.
        "cheek": t["lowerLidUp"].clip(0, 1) * t["cornerUp"].clip(0, 1) * (1 - blink),
        "wideEye": (-face.closed).clip(0) / 0.35,
        # The lower lid follows the gaze upwards, and rises in every blink: only an eye that stays open squints.
        "squint": (face.measures[_LIDS] - 0.6 * look).clip(0) / 0.09 * (1.6 - 2 * face.closed).clip(0, 1),
    }
