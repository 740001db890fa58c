"""What lies between templates: families of shapes, each at home with some characters, and mixtures of two of them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from liveavatar.rigs.population.cast import Cast

T = TypeVar("T")


@dataclass(frozen=True)
class Family(Generic[T]):
    """A shape and the characters it fits best."""

    shape: T
    femininity: float
    age: float
    share: float = 1.0
    """How common it is among them."""


def between(first: T, second: T, amount: float) -> T:
    """The record between two: numbers in proportion, whatever is no number or of another length from the nearer one."""
    return _between(first, second, amount)  # type: ignore[no-any-return]


def _between(a: Any, b: Any, t: float) -> Any:
    if isinstance(a, bool) or type(a) is not type(b):
        return a if t < 0.5 else b
    if isinstance(a, (int, float)):
        return a + (b - a) * t
    if is_dataclass(a) and not isinstance(a, type):
        return replace(a, **{f.name: _between(getattr(a, f.name), getattr(b, f.name), t) for f in fields(a)})
    if isinstance(a, tuple) and len(a) == len(b):
        parts = [_between(x, y, t) for x, y in zip(a, b, strict=True)]
        return type(a)(*parts) if hasattr(a, "_fields") else tuple(parts)
    return a if t < 0.5 else b


def mixed(families: Sequence[Family[T]], who: Cast, random: np.random.Generator, reach: float = 0.5) -> T:
    """A shape that fits a character: one family's, with up to `reach` (0..1) of another's."""
    shares = np.array(
        [
            f.share * np.exp(-(((who.femininity - f.femininity) / 0.3) ** 2) - ((who.age - f.age) / 0.3) ** 2)
            for f in families
        ]
    )
    first, second = random.choice(len(families), 2, p=shares / shares.sum())
    return between(families[first].shape, families[second].shape, reach * random.beta(1.0, 1.3))


def along(value: float, at: Sequence[float], values: Sequence[float]) -> float:
    """`values` interpolated at `value`."""
    return float(np.interp(value, at, values))
