"""Where a picture's mouth lies for any controls: the rig's own geometry, moved to where this one is, with rounder openings."""

from dataclasses import dataclass

import numpy as np

from liveavatar.controls import CONTROLS
from liveavatar.rigs.drawn.geometry import HeadPose, smoothstep
from liveavatar.rigs.drawn.mouth import MouthLines, mouth_lines
from liveavatar.rigs.drawn.rest import REST
from liveavatar.rigs.picture.mouthedges import T
from liveavatar.rigs.picture.mouthfit import rounder
from liveavatar.rigs.picture.mouthread import Hand

_AHEAD = HeadPose(0.0, 0.0, 0.0)
_STRAIGHT = dict.fromkeys(("headYaw", "headPitch", "headRoll"), 0.0)
_PARTS = ("upper", "teeth", "fang", "tongue", "gleam", "out", "groove", "light", "gloss", "bow", "frame")


@dataclass(frozen=True)
class Shape:
    """Where a mouth's parts lie, canvas units."""

    upper: np.ndarray
    lower: np.ndarray
    """(41, 2): the edges of the opening."""
    lines: MouthLines
    """All parts."""
    gap: float
    """Between the lips at most."""
    stirred: float
    """See Poser.stirred."""


class Poser:
    """Moves one hand's mouth."""

    def __init__(self, hand: Hand, exact: bool = False) -> None:
        """exact: the hand's face is truly this one, not a guess."""
        self.hand, self.exact = hand, exact
        rest = mouth_lines(hand.face, _AHEAD, REST).opening
        self.half = float(rest[40, 0] - rest[0, 0]) / 2
        middle = (hand.upper + hand.lower) / 2
        self.bend = np.zeros((len(T), 2)) if hand.opened else middle - rest[:41]
        self.even = np.stack([np.polyval(np.polyfit(T, self.bend[:, k], 4), T) for k in (0, 1)], 1)
        self.line = rest[:41, 1]

    def pose(self, controls: np.ndarray) -> Shape:
        """The mouth for controls (len(CONTROLS),)."""
        v = dict(zip(CONTROLS, np.asarray(controls, float).tolist(), strict=True))
        lines = mouth_lines(self.hand.face, _AHEAD, {**v, **_STRAIGHT})
        x = lines.opening[:41, 0]
        # what is uneven in a line that is drawn shut is no opening's
        loose = 0.0 if self.exact else 0.85 * float(smoothstep(3.0, 22.0, lines.gap))
        bend = self.bend
        if self.hand.lips is None and not self.exact:
            bend = bend + self.stirred(lines.opening[:41]) * (self.even - bend)
        bend = bend + loose * (self.even - bend)

        def bent(points: np.ndarray) -> np.ndarray:
            at = np.interp(points[:, 0], x, T)
            return points + np.stack([np.interp(at, T, bend[:, k]) for k in (0, 1)], 1)

        opening = bent(lines.opening)
        upper, lower = opening[:41], opening[:40:-1]
        over = under = np.zeros(len(T))
        if not self.exact:
            arch = self.hand.face.mouth.arch
            over, under = (self.hand.round * by for by in rounder(upper, lower, v, lines.gap, arch))

        def moved(points: np.ndarray) -> np.ndarray:
            points = bent(points)
            at, y = points.T
            top, low = (np.interp(at, upper[:, 0], edge[:, 1]) for edge in (upper, lower))
            rise, drop = (np.interp(at, upper[:, 0], by) for by in (over, under))
            share = np.clip((y - top) / np.maximum(low - top, 1e-3), 0.0, 1.0)
            return np.stack([at, y + rise + share * (drop - rise)], 1)

        parts = {name: moved(getattr(lines, name)) for name in _PARTS}
        creases = [(moved(points), strength) for points, strength in lines.creases]
        upper, lower = upper + _down(over), lower + _down(under)
        opening = np.concatenate([upper, lower[::-1]])
        placed = MouthLines(**{**vars(lines), **parts, "opening": opening, "creases": creases})
        return Shape(upper, lower, placed, lines.gap, self.stirred(lines.opening[:41]))

    def stirred(self, upper: np.ndarray) -> float:
        """How far the rig's upper lip (41, 2) is bent or squeezed so much that it would not be the same stroke, 0..1."""
        bend = float(np.ptp(upper[:, 1] - self.line)) / (2 * self.half)
        narrow = 1 - float(np.ptp(upper[:, 0])) / (2 * self.half)
        return float(max(smoothstep(0.08, 0.25, bend), smoothstep(0.1, 0.3, narrow)))


def _down(by: np.ndarray) -> np.ndarray:
    return np.stack([np.zeros(len(T)), by], 1)
