"""Random numbers of a grammar as shares, 0..1, of what each could have been: written down while it draws, or given to it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any, cast

import numpy as np

_NORMAL = NormalDist()
_EDGE = 1e-4
"""Shares keep this far from 0 and 1, where a normal number would be without end."""


@dataclass(frozen=True)
class _Spread:
    """How one number is spread."""

    value: Callable[[float], float]
    """Of a share."""
    share: Callable[[float], float]
    """Of a value."""


def streams(random: np.random.Generator, count: int) -> list[np.random.Generator]:
    """Independent streams of random numbers that follow from one."""
    seeds = random.integers(2**62, size=count)
    if isinstance(random, _Shares):
        return [cast(np.random.Generator, random.branch(int(seed))) for seed in seeds]
    return [np.random.default_rng(seed) for seed in seeds]


def recorder(source: np.random.Generator, shares: list[float]) -> np.random.Generator:
    """Draws what `source` would have drawn, and adds what it was to `shares`."""
    return cast(np.random.Generator, _Recorder(source, shares))


def replay(shares: Sequence[float]) -> np.random.Generator:
    """Draws what shares say; where they end it goes on by itself, always in the same way."""
    return cast(np.random.Generator, _Replay(iter(list(shares)), list(shares)))


class _Shares:
    """What grammars ask of numpy's Generator."""

    def draw(self, spread: _Spread, sample: Callable[[np.random.Generator], float]) -> float:
        """One number."""
        raise NotImplementedError

    def branch(self, seed: int) -> "_Shares":
        """A stream of its own."""
        raise NotImplementedError

    def random(self, size: Any = None) -> Any:
        return self.uniform(0.0, 1.0, size)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        return self._each(_uniform, "uniform", low, high, size)

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        return self._each(_normal, "normal", loc, scale, size)

    def lognormal(self, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None) -> Any:
        return np.exp(self._each(_normal, "normal", mean, sigma, size))

    def beta(self, a: Any, b: Any, size: Any = None) -> Any:
        return self._each(_beta, "beta", a, b, size)

    def integers(self, low: int, high: int | None = None, size: Any = None) -> Any:
        first, end = (0, low) if high is None else (low, high)

        def one() -> int:
            spread = _steps(np.full(end - first, 1.0 / (end - first)) if end - first < 4096 else None)
            return first + int(self.draw(spread, lambda source: float(source.integers(first, end)) - first))

        if end - first >= 4096:  # a seed, which says nothing
            return np.zeros(size, np.int64) if size is not None else 0
        return one() if size is None else np.array([one() for _ in range(int(np.prod(size)))]).reshape(size)

    def choice(self, a: Any, size: int | None = None, replace: bool = True, p: Any = None) -> Any:
        count = int(a) if isinstance(a, (int, np.integer)) else len(a)
        weight = np.full(count, 1.0 / count) if p is None else np.array(p, np.float64)
        picked: list[int] = []
        for _ in range(1 if size is None else size):
            spread, given = _steps(weight), None if p is None and replace else weight / weight.sum()
            picked.append(
                int(self.draw(spread, lambda source, given=given: float(source.choice(count, p=given))))  # type: ignore[misc]
            )
            if not replace:
                weight = weight.copy()
                weight[picked[-1]] = 0.0
        things = np.arange(count) if isinstance(a, (int, np.integer)) else np.asarray(a)
        return things[picked[0]] if size is None else things[picked]

    def permutation(self, count: int) -> np.ndarray:
        return np.argsort([self.uniform() for _ in range(count)], kind="stable")

    def _each(self, make: Callable[[float, float], _Spread], name: str, a: Any, b: Any, size: Any) -> Any:
        def one(x: float, y: float) -> float:
            return self.draw(make(x, y), lambda source: float(getattr(source, name)(x, y)))

        shape = np.broadcast_shapes(np.shape(a), np.shape(b)) if size is None else size
        if shape == ():
            return one(float(a), float(b))
        first, second = np.broadcast_to(a, shape), np.broadcast_to(b, shape)
        return np.array(
            [one(float(x), float(y)) for x, y in zip(first.flat, second.flat, strict=True)]
        ).reshape(shape)


class _Recorder(_Shares):
    def __init__(self, source: np.random.Generator, shares: list[float]) -> None:
        self.source, self.shares = source, shares

    def draw(self, spread: _Spread, sample: Callable[[np.random.Generator], float]) -> float:
        value = sample(self.source)
        self.shares.append(min(max(spread.share(value), _EDGE), 1.0 - _EDGE))
        return value

    def branch(self, seed: int) -> "_Recorder":
        return _Recorder(np.random.default_rng(seed), self.shares)

    def integers(self, low: int, high: int | None = None, size: Any = None) -> Any:
        if (low if high is None else high - low) >= 4096:
            return self.source.integers(low, high, size)
        return super().integers(low, high, size)

    def permutation(self, count: int) -> np.ndarray:
        order = self.source.permutation(count)
        self.shares += [float(share) for share in (np.argsort(order) + 0.5) / count]
        return order


class _Replay(_Shares):
    def __init__(self, shares: Any, all_of_them: list[float]) -> None:
        self.shares = shares
        digits = [round(1e4 * share) for share in all_of_them[:64]]
        self.rest = np.random.default_rng(digits or 0)

    def draw(self, spread: _Spread, sample: Callable[[np.random.Generator], float]) -> float:
        share = next(self.shares, None)
        return spread.value(
            float(np.clip(self.rest.random() if share is None else share, _EDGE, 1.0 - _EDGE))
        )

    def branch(self, seed: int) -> "_Replay":
        return self


def _uniform(low: float, high: float) -> _Spread:
    span = (high - low) or 1.0
    return _Spread(lambda share: low + (high - low) * share, lambda value: (value - low) / span)


def _normal(mean: float, sigma: float) -> _Spread:
    return _Spread(
        lambda share: mean + sigma * _NORMAL.inv_cdf(share),
        lambda value: _NORMAL.cdf((value - mean) / sigma) if sigma else 0.5,
    )


@lru_cache
def _beta(a: float, b: float) -> _Spread:
    at = np.linspace(0.0, 1.0, 4097)
    middle = 0.5 * (at[1:] + at[:-1])
    norm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    dense = np.exp(norm + (a - 1) * np.log(middle) + (b - 1) * np.log1p(-middle))
    below = np.concatenate([[0.0], np.cumsum(dense)])
    below /= below[-1]
    return _Spread(
        lambda share: float(np.interp(share, below, at)), lambda value: float(np.interp(value, at, below))
    )


def _steps(weight: np.ndarray | None) -> _Spread:
    """One of several; its share is the middle of those that give it."""
    ends = np.cumsum(np.ones(1) if weight is None else weight / weight.sum())
    starts = np.concatenate([[0.0], ends[:-1]])
    last = int(np.flatnonzero(ends > starts)[-1])
    return _Spread(
        lambda share: float(min(int(np.searchsorted(ends, share, side="right")), last)),
        lambda value: float(0.5 * (starts[int(value)] + ends[int(value)])),
    )
