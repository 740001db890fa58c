"""The picture's own pixels of a mouth, for another shape of it: its lips carried along, what is inside stretched."""

import cv2
import numpy as np

from liveavatar.rigs.drawn.geometry import smoothstep
from liveavatar.rigs.picture.mouthedges import T
from liveavatar.rigs.picture.mouthpose import Shape
from liveavatar.rigs.picture.mouthread import Hand
from liveavatar.rigs.picture.skin import matte


class Pixels:
    """One hand's, and where each lies in canvas units."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        h, w = hand.hole.shape
        inverse = cv2.invertAffineTransform(hand.place)
        self.gx, self.gy = np.meshgrid(np.arange(w, dtype=np.float64), np.arange(h, dtype=np.float64))
        self.x = inverse[0, 0] * self.gx + inverse[0, 1] * self.gy + inverse[0, 2]
        self.y = inverse[1, 0] * self.gx + inverse[1, 1] * self.gy + inverse[1, 2]
        self.seen = hand.own[..., :3] + hand.skin * (1 - hand.own[..., 3:] / 255)
        """(h, w, 3): the picture."""
        darker = np.minimum(self.seen, hand.skin)
        self.line = hand.own if hand.lips is not None else matte(darker, hand.skin, hand.hole)
        """The mouth, where it is nothing but a line without the light seams that an enlarged picture has beside it."""

    def carried(self, now: Shape, drawn: float) -> np.ndarray:
        """The mouth, carried along by both lips: (h, w, 4) float32. drawn: how far its line is left out, 0..1."""
        hand = self.hand
        at = np.interp(self.x, now.upper[:, 0], T)
        beyond = self.x - np.clip(self.x, now.upper[0, 0], now.upper[-1, 0])
        top, low = np.interp(at, T, now.upper[:, 1]), np.interp(at, T, now.lower[:, 1])
        was_top, was_low = np.interp(at, T, hand.upper[:, 1]), np.interp(at, T, hand.lower[:, 1])
        left_out = drawn * np.interp(at, T, 1.25 * hand.line.half) + drawn * 0.6 * hand.soft / hand.unit
        above = self.y < (top + low) / 2
        # the wider open, the thinner is the lower lip
        thinner = 1 + 0.5 * float(smoothstep(4.0, 30.0, now.gap)) * (1 - at**2)
        below = was_low + (self.y - low) * thinner + left_out
        from_y = np.where(above, was_top + (self.y - top) - left_out, below)
        map_x, map_y = self._placed(np.interp(at, T, hand.upper[:, 0]) + beyond, from_y)
        still = np.hypot(map_x - self.gx, map_y - self.gy) < 0.02
        map_x, map_y = (
            np.where(still, here, there).astype(np.float32)
            for here, there in ((self.gx, map_x), (self.gy, map_y))
        )
        own, line = (
            np.clip(cv2.remap(image, map_x, map_y, cv2.INTER_CUBIC), 0, 255)
            for image in (hand.own, self.line)
        )
        away = np.clip(np.hypot(map_x - self.gx, map_y - self.gy) / 3.0, 0, 1)[..., None]
        moved = own + (line - own) * away
        moved[..., :3] = np.minimum(moved[..., :3], moved[..., 3:])
        return np.asarray(moved, np.float32)

    def inner(self, now: Shape) -> np.ndarray:
        """What is in the opening as it is drawn, stretched to another: (h, w, 3) float32, right within that one."""
        hand = self.hand
        rim = 0.5 * hand.soft / hand.unit + hand.line.half
        was_top, was_low = hand.upper[:, 1] + rim, hand.lower[:, 1] - (0.4 + 0.6 * hand.under) * rim
        open_ = np.flatnonzero(was_low - was_top > 1.0)
        ends = (T[open_[0]], T[open_[-1]]) if len(open_) else (0.0, 0.0)
        at = np.interp(self.x, now.upper[:, 0], T)
        top, low = np.interp(at, T, now.upper[:, 1]), np.interp(at, T, now.lower[:, 1])
        gap, deep = low - top, np.maximum(self.y - top, 0.0)
        at = np.interp(at, [-1.0, 1.0], ends)
        from_top, from_low = (np.interp(at, T, edge) for edge in (was_top, was_low))
        # round lips hide the teeth
        from_top = from_top + 0.4 * now.lines.lips * np.maximum(from_low - from_top, 0.0)
        was_gap = np.maximum(from_low - from_top, 0.0)
        # teeth and tongue keep their height, what is between gives way
        kept, foot = 0.45 * np.minimum(gap, was_gap), 0.3 * np.minimum(gap, was_gap)
        rest = np.clip((deep - kept) / np.maximum(gap - kept - foot, 1e-3), 0.0, 1.0)
        lowest = np.clip(deep - (gap - foot), 0.0, foot)
        from_y = from_top + np.minimum(deep, kept) + rest * (was_gap - kept - foot) + lowest
        places = self._placed(np.interp(at, T, hand.upper[:, 0]), from_y)
        return np.asarray(cv2.remap(self.seen, *places, cv2.INTER_LINEAR))

    def _placed(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Canvas units to the pixels of a map."""
        place = self.hand.place
        return (
            (place[0, 0] * x + place[0, 1] * y + place[0, 2]).astype(np.float32),
            (place[1, 0] * x + place[1, 1] * y + place[1, 2]).astype(np.float32),
        )
