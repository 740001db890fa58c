"""Finds the edges of a drawn mouth: where shut lips meet, and the rim of an opening."""

import cv2
import numpy as np

from liveavatar.rigs.picture.skin import apart

T = np.linspace(-1.0, 1.0, 41)
"""Along the lips, from the picture's left to its right."""
NEAR = 7.0
"""Canvas units by which points may be wrong, at least."""


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

    def seam(self, guess: np.ndarray) -> np.ndarray:
        """Where shut lips meet (41, 2): the darkest way near points (5, 2), by dynamic programming."""
        reach, step = NEAR, 0.5
        left, right = guess[0, 0] - reach, guess[-1, 0] + reach
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
        a, b = np.clip(a, left, guess[0, 0] + reach), np.clip(b, guess[-1, 0] - reach, right)
        x = (a + b) / 2 + T * (b - a) / 2
        return np.stack([x, np.interp(x, s, y)], 1)

    def opening(self, top: np.ndarray, low: np.ndarray, near: float) -> tuple[np.ndarray, np.ndarray]:
        """The edges (41, 2) of an open mouth near those that points say (5, 2), from what is no skin.
        near: how wrong those may be, canvas units."""
        reach, step = NEAR, 0.5
        high, deep = top[:, 1].min() - reach, low[:, 1].max() + reach
        s = np.arange(top[0, 0] - reach, top[-1, 0] + reach, step)
        t = np.arange(high, deep, step)
        place = np.stack(np.broadcast_arrays(s[:, None], t), -1)
        other = self.at(self.other, place)
        known = (t > through(top, s)[:, None] + 2.0) & (t < through(low, s)[:, None] - 2.0)
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
        first, last = t[region.argmax(1)], t[len(t) - 1 - region[:, ::-1].argmax(1)]
        first = np.clip(first, through(top, s) - near, through(top, s) + near)
        last = np.clip(last, through(low, s) - near, through(low, s) + near)
        x = (a + b) / 2 + T * (b - a) / 2
        upper, lower = (np.interp(x, s[wide], smooth(edge[wide], 1.0 / step)) for edge in (first, last))
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
