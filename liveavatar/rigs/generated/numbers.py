"""What of a record is learned, as numbers: control points, sizes, colours in OKLab, and bits for what may be absent."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any, get_type_hints

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.garment import Build
from liveavatar.rigs.drawn.identity import FaceShape, Identity, Palette
from liveavatar.rigs.drawn.style import Style

PARTS = ("face", "colour", "style", "body")
"""Each has a generator and a critic of its own."""

_LINES = {"jaw": (8, 3), "upper": (7, 2), "lower": (7, 2), "shut": (7, 2), "happy": (7, 2), "lash": (6, 2),
          "points": (5, 2), "width": (5, 2)}  # fmt: skip
"""Points and numbers of each, the same for all."""
_SLOTS = {"wings": (3, 3), "under": (3, 3)}
"""At most so many, each of so many numbers."""
_GROWN = {"marks", "nose", "lights", "pupil", "forehead", "ears", "stud", "airy"}
"""What the population's grammar makes of a code's shares."""
_COLOURING = {"full", "relief", "tint", "lash_tint", "blush"}
"""Sizes that mean something only together with a colour."""


@dataclass(frozen=True)
class Leaf:
    """One value of a record."""

    path: tuple[str, ...]
    kind: str
    """number, tone, line, slots or bit."""
    shape: tuple[int, ...]
    part: str
    optional: bool = False

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape) if self.kind != "bit" else 0

    @property
    def bits(self) -> int:
        """How many bits it has."""
        return self.shape[0] if self.kind == "slots" else int(self.optional or self.kind == "bit")


@cache
def leaves() -> tuple[Leaf, ...]:
    """All that is learned, in order."""
    roots = {"face": FaceShape, "palette": Palette, "style": Style, "build": Build}
    return tuple(leaf for name, kind in roots.items() for leaf in _walk(kind, (name,)))


def measure(record: Identity, part: str) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of a part, NaN where something is absent, and its bits, 0 or 1."""
    numbers: list[float] = []
    bits: list[float] = []
    for leaf in leaves():
        if leaf.part == part:
            value = record
            for name in leaf.path:
                value = getattr(value, name)
            found, flags = _measured(leaf, value)
            numbers += found
            bits += flags
    return np.array(numbers), np.array(bits)


def rebuild(record: Identity, part: str, numbers: np.ndarray, bits: np.ndarray) -> Identity:
    """The record with a part as measure() would have found it."""
    values = iter([float(number) for number in numbers])
    flags = iter([bool(bit > 0.5) for bit in bits])
    changes: dict[tuple[str, ...], Any] = {}
    for leaf in leaves():
        if leaf.part == part:
            own = [next(values) for _ in range(leaf.size)]
            changes[leaf.path] = _rebuilt(leaf, own, [next(flags) for _ in range(leaf.bits)])
    return _changed(record, changes)  # type: ignore[no-any-return]


def _walk(kind: type, path: tuple[str, ...]) -> Iterator[Leaf]:
    hints = get_type_hints(kind)
    for name in (field.name for field in fields(kind)):
        hint, here = hints[name], (*path, name)
        if name in _GROWN:
            continue
        if is_dataclass(hint):
            yield from _walk(hint, here)  # type: ignore[arg-type]
        elif (found := _leaf(name, hint, here)) is not None:
            yield found


def _leaf(name: str, hint: Any, path: tuple[str, ...]) -> Leaf | None:
    part = {"face": "face", "palette": "colour", "style": "style", "build": "body"}[path[0]]
    three = tuple[Tone, Tone, Tone]
    if hint is bool:
        return Leaf(path, "bit", (1,), part)
    if hint is float:
        return Leaf(path, "number", (1,), "colour" if name in _COLOURING else part)
    if hint == tuple[float, float]:
        return Leaf(path, "number", (2,), "colour" if name in _COLOURING else part)
    if name in _LINES:
        return Leaf(path, "line", _LINES[name], part)
    if name in _SLOTS:
        return Leaf(path, "slots", _SLOTS[name], part)
    if hint in (Tone, Tone | None):
        return Leaf(path, "tone", (1, 4), "colour", hint is not Tone)
    if hint in (three, three | None):
        return Leaf(path, "tone", (3, 4), "colour", hint != three)
    return None


def _measured(leaf: Leaf, value: Any) -> tuple[list[float], list[float]]:
    if leaf.kind == "bit":
        return [], [float(value)]
    if leaf.optional and value is None:
        return [math.nan] * leaf.size, [0.0]
    if leaf.kind == "tone":
        tones = value if leaf.shape[0] > 1 else (value,)
        return [x for tone in tones for x in _lab(tone)], [1.0] * leaf.optional
    if leaf.kind == "slots":
        rows, wide = leaf.shape
        if len(value) > rows:
            raise ValueError(leaf, len(value))
        lacking = rows - len(value)
        flat = [float(x) for row in value for x in row] + [math.nan] * (wide * lacking)
        return flat, [1.0] * len(value) + [0.0] * lacking
    flat = [float(x) for x in np.ravel(value)]
    if len(flat) != leaf.size:
        raise ValueError(leaf, len(flat))
    return flat, []


def _rebuilt(leaf: Leaf, numbers: list[float], flags: list[bool]) -> Any:
    if leaf.kind == "bit":
        return flags[0]
    if leaf.optional and not flags[0]:
        return None
    rows = [tuple(row) for row in np.array(numbers).reshape(-1, leaf.shape[-1]).tolist()]
    if leaf.kind == "tone":
        tones = tuple(_tone(row) for row in rows)
        return tones if leaf.shape[0] > 1 else tones[0]
    if leaf.kind == "slots":
        return tuple(row for row, seen in zip(rows, flags, strict=True) if seen)
    if leaf.kind == "line":
        return tuple(rows)
    return rows[0] if leaf.shape[0] > 1 else rows[0][0]


def _lab(tone: Tone) -> tuple[float, float, float, float]:
    turn = math.radians(tone.hue)
    return tone.light, tone.chroma * math.cos(turn), tone.chroma * math.sin(turn), tone.alpha


def _tone(row: tuple[float, ...]) -> Tone:
    light, a, b, alpha = row
    hue = math.degrees(math.atan2(b, a)) % 360.0
    return Tone(min(max(light, 0.0), 1.0), math.hypot(a, b), hue, min(max(alpha, 0.0), 1.0))


def _changed(value: Any, changes: dict[tuple[str, ...], Any]) -> Any:
    """A record with some values at the ends of paths replaced."""
    if () in changes:
        return changes[()]
    inner: dict[str, dict[tuple[str, ...], Any]] = {}
    for path, new in changes.items():
        inner.setdefault(path[0], {})[path[1:]] = new
    return replace(value, **{name: _changed(getattr(value, name), own) for name, own in inner.items()})
