"""Decides how a mouth is drawn: open or shut, with lips or without. Points tell roughly where it is, pixels the rest."""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.rigs.picture.mouthedges import NEAR, Sampler, through

OPEN = 5.0
"""Canvas units between the lips from which on a mouth is drawn open."""
_FULL = 3.5
"""From so many on lips are lips, and no line."""
_SURE = 5.0
"""From so many on points of an open mouth speak of lips, and not of their own errors."""
_MOST = 26.0
"""Lips are no fuller."""
_SEEN = 11.0
"""Levels by which they differ from skin, at least."""


@dataclass(frozen=True)
class Edges:
    """Canvas units from the mouth's middle."""

    upper: np.ndarray
    lower: np.ndarray
    """(41, 2): of the opening; the same where it is shut."""
    opened: bool
    lips: tuple[float, float] | None
    """y of their outer edges in the middle, where there are any."""


def find_edges(seen: Sampler, top: np.ndarray, low: np.ndarray, lips: tuple[float, float]) -> Edges:
    """top, low (5, 2): what points say of the opening's edges, from left to right; lips: of the lips' outer edges."""
    gap = float(np.max(low[:, 1] - top[:, 1]))
    sealed = gap > OPEN and _sealed(seen, top, low)
    over, under = top[2, 1] - lips[0], lips[1] - low[2, 1]
    if gap <= OPEN or sealed:
        seam = seen.seam((top + low) / 2, NEAR + gap / 2)
        said = sealed or max(over, under) > _FULL
        return Edges(seam, seam, False, _fullness(seen, seam, seam, lips) if said else None)
    if min(over, under) > _SURE:
        upper, lower = seen.opening(top, low, 2.5)
        full = _fullness(seen, upper, lower, lips)
        if full:
            return Edges(upper, lower, True, full)
    return Edges(*seen.opening(top, low, NEAR), True, None)


def _sealed(seen: Sampler, top: np.ndarray, low: np.ndarray) -> bool:
    """Whether what points take for an opening is a pair of full lips that meet in a dark line: their colour is on both sides."""
    s = np.linspace(0.75 * top[0, 0] + 0.25 * top[-1, 0], 0.25 * top[0, 0] + 0.75 * top[-1, 0], 25)
    t = np.arange(top[:, 1].min() - NEAR, low[:, 1].max() + NEAR, 0.5)
    dark = seen.at(seen.dark, np.stack(np.broadcast_arrays(s[:, None], t), -1))
    dark = cv2.GaussianBlur(dark, (0, 0), 2.0)
    within = (t > through(top, s)[:, None] - NEAR) & (t < through(low, s)[:, None] + 2.0)
    row = np.where(within, dark, -1.0).argmax(1)
    beside = 2.0 + 1.2 * seen.soft

    def mean(begin: float, end: float) -> np.ndarray:
        away = np.arange(begin, end, 0.5)
        return np.asarray(
            seen.at(seen.dark, np.stack(np.broadcast_arrays(s[:, None], t[row][:, None] + away), -1)).mean(1)
        )

    depth = float(np.median(dark[np.arange(len(s)), row]))
    above, below = (
        float(np.median(part)) for part in (mean(-beside - 3.0, -beside), mean(beside, beside + 3.0))
    )
    return above > max(12.0, 0.65 * below) and max(above, below) < 0.8 * depth


def _fullness(
    seen: Sampler, upper: np.ndarray, lower: np.ndarray, lips: tuple[float, float]
) -> tuple[float, float] | None:
    """Where lips end that are seen above and below; None where none are."""
    edge = 1.5 + 1.2 * seen.soft
    ends = []
    for line, sign, said in ((upper, -1, lips[0]), (lower, 1, lips[1])):
        middle = line[14:27]
        most = min(max(abs(said - float(line[20, 1])) + NEAR, _FULL), _MOST)
        away = np.arange(edge, max(most, edge + 1.0), 0.5)
        place = middle[:, None] + np.stack([np.zeros_like(away), sign * away], 1)
        other = seen.at(seen.other, place) > _SEEN
        count = np.where(other.all(1), other.shape[1], other.argmin(1))
        ends.append(
            float(line[20, 1]) + sign * (edge + 0.5 * float(np.median(count))) * (np.median(count) > 0)
        )
    over, under = float(upper[20, 1]) - ends[0], ends[1] - float(lower[20, 1])
    return (ends[0], ends[1]) if max(over, under) > edge + _FULL else None
