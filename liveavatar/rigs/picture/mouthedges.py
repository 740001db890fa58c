"""Finds the edges of a drawn mouth: where shut lips meet, and the rim of an opening."""

import cv2
import numpy as np

from liveavatar.rigs.picture.skin import apart

T = np.linspace(-1.0, 1.0, 41)
"""Along the lips, from the picture's left to its right."""
NEAR = 7.0
"""Canvas units by which points may be wrong, at least."""
_TEETH = 8.0
"""Canvas units by which points may miss teeth."""
_PALE = 9.0
"""Levels by which teeth differ from skin, at least."""


class Sampler:
    """Samples a crop in canvas units from the mouth's middle."""

    def __init__(
        self,
        rgb: np.ndarray,
        skin: np.ndarray,
        turn: np.ndarray,
        unit: float,
        middle: np.ndarray,
        soft: float,
    ) -> None:
        self.rgb, self.skin, self.turn, self.unit, self.middle = rgb, skin, turn, unit, middle
        self.soft = soft / unit
        light = np.array([0.299, 0.587, 0.114], np.float32)
        self.dark = np.maximum((skin - rgb) @ light, 0.0)
        self.other = apart(rgb, skin)

    def at(self, image: np.ndarray, local: np.ndarray) -> np.ndarray:
        """The image (h, w[, c]) at points (..., 2) in canvas units."""
        xy = (local.reshape(-1, local.shape[-2], 2) @ self.turn * self.unit + self.middle).astype(np.float32)
        map_x, map_y = (np.ascontiguousarray(xy[..., k]) for k in (0, 1))
        found = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found).reshape(*local.shape[:-1], *image.shape[2:])

    def seam(self, guess: np.ndarray, reach: float = NEAR) -> np.ndarray:
        """Where shut lips meet (41, 2): the darkest way near points (5, 2), by dynamic programming. reach: canvas units by which
        those may be too high or too low."""
        step = 0.5
        left, right = guess[0, 0] - NEAR, guess[-1, 0] + NEAR
        s = np.arange(left, right, step)
        t = np.arange(-reach, reach + 1e-6, step)
        middle = through(guess, s)
        place = np.stack(np.broadcast_arrays(s[:, None], middle[:, None] + t), -1)
        dark = cv2.GaussianBlur(self.at(self.dark, place), (0, 0), 1.0 / step, sigmaY=0.8 / step)
        cost = -dark + 0.02 * float(dark.max() + 1e-6) * np.abs(t) / reach * 5
        jumps = np.arange(-2, 3)
        price = 0.03 * float(dark.max() + 1e-6) * np.abs(jumps)
        total, back = cost[0].copy(), []
        for row in cost[1:]:
            padded = np.pad(total, 2, constant_values=np.inf)
            options = np.stack([padded[2 + j : 2 + j + len(t)] for j in jumps]) + price[:, None]
            best = options.argmin(0)
            total = options[best, np.arange(len(t))] + row
            back.append(best)
        way = [int(total.argmin())]
        for best in reversed(back):
            way.append(int(way[-1] + jumps[best[way[-1]]]))
        index = np.array(way[::-1])
        depth = dark[np.arange(len(s)), index]
        y = smooth(middle + t[index], 2.0 / step)
        seen = np.flatnonzero(depth > 0.3 * np.percentile(depth, 80))
        a, b = (s[seen[0]], s[seen[-1]]) if len(seen) else (guess[0, 0], guess[-1, 0])
        a, b = np.clip(a, left, guess[0, 0] + NEAR), np.clip(b, guess[-1, 0] - NEAR, right)
        x = (a + b) / 2 + T * (b - a) / 2
        return np.stack([x, np.interp(x, s, y)], 1)

    def opening(self, top: np.ndarray, low: np.ndarray, near: float) -> tuple[np.ndarray, np.ndarray]:
        """The edges (41, 2) of an open mouth near those that points say (5, 2), from what is no skin.
        near: how wrong those may be, canvas units."""
        reach, step = NEAR, 0.5
        high, deep = top[:, 1].min() - reach - _TEETH, low[:, 1].max() + reach
        s = np.arange(top[0, 0] - reach, top[-1, 0] + reach, step)
        t = np.arange(high, deep, step)
        place = np.stack(np.broadcast_arrays(s[:, None], t), -1)
        other = self.at(self.other, place)
        (round_top, flat_top), (round_low, flat_low) = ((rounded(p, s), through(p, s)) for p in (top, low))
        known = (t > np.maximum(round_top, flat_top)[:, None] + 2.0) & (
            t < np.minimum(round_low, flat_low)[:, None] - 2.0
        )
        known &= ((s > top[0, 0] + 1) & (s < top[-1, 0] - 1))[:, None]
        level = 0.5 * float(np.percentile(other[known], 60)) if known.any() else 24.0
        found: np.ndarray = ((other > level) | known).astype(np.uint8)
        found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        _, labels = cv2.connectedComponents(found)
        ours = labels[known]
        region = labels == np.bincount(ours[ours > 0]).argmax() if (ours > 0).any() else known
        wide = np.flatnonzero(region.sum(1) > 2)
        a, b = (s[wide[0]], s[wide[-1]]) if len(wide) > 4 else (top[0, 0], top[-1, 0])
        wide = np.flatnonzero((s >= a) & (s <= b))
        first, last = region.argmax(1), len(t) - 1 - region[:, ::-1].argmax(1)
        teeth = _above(other > max(_PALE, 0.1 * level), first, round(2.0 * self.soft / step) + 2)
        higher = 0.0
        bitten = wide[teeth[wide] > 0]
        begin = t[first]
        if len(bitten) > 0.3 * len(wide):  # a row of them has an even edge
            higher, between = _TEETH, slice(bitten[0], bitten[-1] + 1)
            row = np.polyfit(s[bitten], t[(first - teeth)[bitten]], 2)
            begin[between] = np.polyval(row, s[between])
        first = np.clip(
            begin, np.minimum(round_top, flat_top) - near - higher, np.maximum(round_top, flat_top) + near
        )
        last = np.clip(
            t[last], np.minimum(round_low, flat_low) - near, np.maximum(round_low, flat_low) + near
        )
        x = (a + b) / 2 + T * (b - a) / 2
        first, last = smooth(first[wide], (3.0 if higher else 1.5) / step), smooth(last[wide], 1.5 / step)
        upper, lower = (np.interp(x, s[wide], edge) for edge in (first, last))
        # half the line's own width lies outside the opening
        ends = (upper + lower) / 2
        upper[[0, -1]], lower[[0, -1]] = ends[[0, -1]], ends[[0, -1]]
        return np.stack([x, upper], 1), np.stack([x, lower], 1)


def smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    row = values[None].astype(np.float32)
    return np.asarray(cv2.GaussianBlur(row, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))[0]


def through(points: np.ndarray, s: np.ndarray) -> np.ndarray:
    """y at s of a curve through points (5, 2) from left to right."""
    x, y = points.T
    knots = np.linspace(x[0], x[-1], 5)
    if np.all(np.diff(x) > 1.0):
        knots = x
    fit = np.polyfit(knots - knots.mean(), y, 3)
    return np.asarray(np.polyval(fit, np.clip(s, x[0], x[-1]) - knots.mean()))


def rounded(points: np.ndarray, s: np.ndarray) -> np.ndarray:
    """The same with round ends, as an ellipse has."""
    x, y = points.T
    middle, half = (x[0] + x[-1]) / 2, max(float(x[-1] - x[0]) / 2, 1.0)

    def waves(x: np.ndarray) -> np.ndarray:
        angle = np.arccos(np.clip((x - middle) / half, -1, 1))
        return np.stack(
            [np.cos(0 * angle), np.cos(angle), np.cos(2 * angle), np.sin(angle), np.sin(2 * angle)], 1
        )

    fit, *_ = np.linalg.lstsq(waves(x), y, rcond=1e-3)
    return np.asarray(waves(s) @ fit)


def _above(seen: np.ndarray, first: np.ndarray, least: int) -> np.ndarray:
    """How many rows (n,) of what is seen (n, m) bool lie without a gap above row `first`, where those are more than `least`,
    which a blurred edge has: teeth in the opening's upper edge, nearly as light as skin."""
    result = np.zeros_like(first)
    for k, row in enumerate(first):
        while result[k] < row and seen[k, row - 1 - result[k]]:
            result[k] += 1
    return np.where(result > least, result - least // 2, 0)
