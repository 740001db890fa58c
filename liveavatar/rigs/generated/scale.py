"""From what a network gives to the numbers of a part: few of about one size, then each spread as it is in the population.

Between two colours lies grey if their a and b are averaged: networks see lightness, chroma and the hue's direction instead."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scale:
    """How the n numbers of a part, of which t colours take four each, follow from the k that its network gives."""

    mean: np.ndarray
    """(n + t,) of turned()."""
    basis: np.ndarray
    """(k, n + t): what one unit of each of the network's numbers adds."""
    tones: np.ndarray
    """(t,): where each colour begins."""
    hues: np.ndarray
    """(t,): the middle of each colour's hues, radians."""
    found: np.ndarray
    """(q, n): quantiles of each number as networks give it, colours in lightness, chroma, hue from the middle, alpha."""
    meant: np.ndarray
    """(q, n): the same quantiles of the population."""

    def spread(self, code: np.ndarray) -> np.ndarray:
        """(..., k) -> (..., n), colours in polar form, before quantiles are matched."""
        return folded(self.mean + code @ self.basis, self.tones)

    def numbers(self, code: np.ndarray) -> np.ndarray:
        """(..., k) -> (..., n), colours as OKLab and alpha."""
        out = self.spread(code)
        for i, (found, meant) in enumerate(zip(self.found.T, self.meant.T, strict=True)):
            out[..., i] = np.interp(out[..., i], found, meant)
        return planar(out, self.tones, self.hues)


def polar(numbers: np.ndarray, tones: np.ndarray, hues: np.ndarray) -> np.ndarray:
    """(..., n) with colours as OKLab and alpha -> lightness, chroma, hue from the middle in radians, alpha."""
    out = numbers.copy()
    a, b = numbers[..., tones + 1], numbers[..., tones + 2]
    out[..., tones + 1] = np.hypot(a, b)
    out[..., tones + 2] = (np.arctan2(b, a) - hues + np.pi) % (2 * np.pi) - np.pi
    return out


def planar(numbers: np.ndarray, tones: np.ndarray, hues: np.ndarray) -> np.ndarray:
    """The other way."""
    out = numbers.copy()
    chroma, hue = numbers[..., tones + 1], numbers[..., tones + 2] + hues
    out[..., tones + 1], out[..., tones + 2] = chroma * np.cos(hue), chroma * np.sin(hue)
    return out


def turned(numbers: np.ndarray, tones: np.ndarray) -> np.ndarray:
    """(..., n) of polar() -> (..., n + t): the cosine in the hue's place, all sines behind."""
    hue = numbers[..., tones + 2]
    out = np.concatenate([numbers, np.sin(hue)], -1)
    out[..., tones + 2] = np.cos(hue)
    return out


def folded(numbers: np.ndarray, tones: np.ndarray) -> np.ndarray:
    """The other way."""
    count = numbers.shape[-1] - len(tones)
    out = numbers[..., :count].copy()
    out[..., tones + 2] = np.arctan2(numbers[..., count:], numbers[..., tones + 2])
    return out
