"""The chance in a seed, as normal numbers by name: each name has a stream of its own, and two seeds can be mixed."""

import math
from collections.abc import Mapping
from statistics import NormalDist
from zlib import crc32

import numpy as np

Luck = Mapping[str, np.ndarray]
"""Name -> (n,) normal numbers."""

_NORMAL = NormalDist()
_EDGE = 1e-4
"""Shares keep this far from 0 and 1."""


def stream(seed: int, name: str, count: int) -> np.ndarray:
    """(count,) normal numbers. From the generator's raw bits, which numpy keeps the same for good; more of them begin alike."""
    bits = np.random.PCG64(np.random.SeedSequence([seed, 1000, crc32(name.encode())])).random_raw(count)
    shares = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return np.array([_NORMAL.inv_cdf(share) for share in shares.tolist()])


def shares(numbers: np.ndarray) -> np.ndarray:
    """Normal numbers as shares, 0..1, of what each could have been."""
    found = [0.5 * math.erfc(-number / math.sqrt(2.0)) for number in numbers.tolist()]
    return np.clip(found, _EDGE, 1.0 - _EDGE)


def lots(numbers: np.ndarray) -> np.ndarray:
    """Normal numbers as Gumbel's: added to log-likelihoods, the largest is drawn by its likelihood."""
    return -np.log(-np.log(shares(numbers)))


def mixed(first: Luck, second: Luck, way: float) -> dict[str, np.ndarray]:
    """Some of the way, 0..1, from one to the other, on the sphere that normal numbers lie on."""
    turn = 0.5 * math.pi * way
    return {name: math.cos(turn) * first[name] + math.sin(turn) * second[name] for name in first}
