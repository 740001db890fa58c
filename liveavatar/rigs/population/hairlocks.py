"""The grammar of locks: lines over a skull and down from it, and combs of locks between such lines.

All points are in head units around the middle of the skull, x to the right of the picture, y down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from liveavatar.rigs.drawn.geometry import curve, normals
from liveavatar.rigs.drawn.identity import Mass, Strand

CROWN = -262.0
"""y of a parting."""

Random = np.random.Generator
Line = np.ndarray
"""Points (n, 2) from root to tip."""


@dataclass(frozen=True)
class Skull:
    """What hair has to know of the head below it."""

    part: float
    """x where the hair parts."""
    half: float
    """Half-width of the hair at the height of the brows."""
    top: float
    """y of the highest point of the hair."""
    temple: float
    """Half-width of the face."""
    eye: float
    """y of the upper lashes."""


def pick(random: Random, low: float, high: float) -> float:
    """A number between two."""
    return float(random.uniform(low, high))


class Piece(NamedTuple):
    """Masses of a hairdo by where they lie, each from the lowest to the topmost."""

    back: tuple[Mass, ...] = ()
    """Behind the body."""
    under: tuple[Mass, ...] = ()
    """In front of the body, under the sides."""
    sides: tuple[Mass, ...] = ()
    fringe: tuple[Mass, ...] = ()
    over: tuple[Mass, ...] = ()
    """On top: stray hairs, ribbons."""


def join(pieces: Sequence[Piece]) -> Piece:
    """Several pieces as one."""
    return Piece(*(sum(layer, ()) for layer in zip(*pieces, strict=True)))


def resample(line: Line, count: int) -> Line:
    """A line through the same places with `count` points at even distances."""
    dense = curve(line, 10)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(dense, axis=0).T))])
    at = np.linspace(0.0, length[-1], count)
    return np.stack([np.interp(at, length, dense[:, k]) for k in (0, 1)], 1)


def over_skull(
    root: tuple[float, float], tip: tuple[float, float], bulge: float = 0.0, count: int = 6
) -> Line:
    """A line that leaves a parting level, follows the skull and arrives hanging; bulge is how far it stands out sideways."""
    s = np.linspace(0.0, np.pi / 2, count)
    x = root[0] + (tip[0] - root[0]) * np.sin(s)
    y = root[1] + (tip[1] - root[1]) * (1.0 - np.cos(s))
    side = np.sign(tip[0] - root[0]) * min(abs(tip[0] - root[0]) / 120.0, 1.0)
    return np.stack([x + side * bulge * np.sin(2 * s), y - 0.3 * bulge * np.sin(2 * s)], 1)


def hanging(start: tuple[float, float], end: tuple[float, float], bend: float = 0.0, count: int = 6) -> Line:
    """A line that falls from start to end and leaves the vertical late; bend is how far its middle stands out to the right."""
    s = np.linspace(0.0, 1.0, count)
    x = start[0] + (end[0] - start[0]) * s**1.6 + bend * np.sin(np.pi * s)
    return np.stack([x, start[1] + (end[1] - start[1]) * s], 1)


@dataclass(frozen=True)
class Wave:
    """How far locks swing about their line."""

    height: float = 0.0
    """Head units at the tip."""
    length: float = 200.0
    phase: float = 0.0
    loose: float = 0.6
    """How much the phase differs from lock to lock, in radians."""
    start: float = 0.0
    """Share of the line that stays smooth."""


def waved(line: Line, wave: Wave, shift: float = 0.0) -> Line:
    """The line with a wave that grows to the tip."""
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    per_wave = 6.0 * length / max(wave.length, 40.0) if wave.height else 0.0
    even = resample(line, int(np.clip(max(per_wave, len(line)), 4, 18)))
    if not wave.height:
        return even
    s = np.linspace(0.0, 1.0, len(even))
    grow = np.clip((s - wave.start) / max(1.0 - wave.start, 0.1), 0.0, 1.0) ** 0.8
    turn = 2 * np.pi * s * length / wave.length + wave.phase + shift
    return even + normals(even) * (wave.height * grow * np.sin(turn))[:, None]


def between(guides: Sequence[Line], at: float) -> Line:
    """The line at a place 0..len(guides) - 1 among guides of as many points each."""
    low = int(np.clip(np.floor(at), 0, len(guides) - 2))
    return guides[low] + (guides[low + 1] - guides[low]) * (at - low)


def cut(line: Line, share: float) -> Line:
    """The first part of a line; with a share over 1 it goes on as it ended."""
    if share > 1.0:
        return np.concatenate([line, line[-1:] + (line[-1:] - line[-2:-1]) * (share - 1.0) * (len(line) - 1)])
    return resample(line, 30)[: max(round(30 * share), 4)][
        np.linspace(0, max(round(30 * share), 4) - 1, len(line)).round().astype(int)
    ]


def strand(
    line: Line,
    width: float,
    start: float = 0.7,
    swell: float = 0.45,
    shade: int = 1,
    ink: float = 1.0,
    blunt: float = 2.3,
    round_end: float = 1.0,
) -> Strand:
    """One lock along a line."""
    spine = tuple((round(float(x), 1), round(float(y), 1)) for x, y in line)
    return Strand(spine, round(float(width), 2), start, swell, shade, round(float(ink), 3), blunt, round_end)


def sizes(random: Random, count: int, contrast: float) -> np.ndarray:
    """Shares of `count` locks, sum 1: large, middle and small ones in turn, none alike."""
    classes = np.array([1.0, 0.55, 0.8, 0.3, 0.9, 0.45, 0.7])
    start = int(random.integers(len(classes)))
    shares = classes[(np.arange(count) * 2 + start) % len(classes)] ** contrast * random.uniform(
        0.85, 1.15, count
    )
    return np.asarray(shares / shares.sum())


@dataclass(frozen=True)
class Cut:
    """How the locks of a comb are cut."""

    contrast: float = 0.6
    """How much they differ in size."""
    ragged: float = 0.12
    """How much they differ in length, as a share."""
    overlap: float = 1.35
    """Width of a lock, beside the room it has."""
    start: float = 0.14
    swell: float = 0.4
    blunt: float = 2.3
    round_end: float = 1.0
    ink: float = 1.0
    hook: float = 0.0
    """How far tips turn outward, in head units."""


def comb(
    random: Random,
    guides: Sequence[Line],
    count: int,
    how: Cut = Cut(),
    wave: Wave = Wave(),
    shade: int = 1,
    middle: float = 0.0,
) -> tuple[Strand, ...]:
    """Locks side by side between guides; tips turn away from x = middle."""
    shares = sizes(random, count, how.contrast)
    places = (np.cumsum(shares) - shares / 2) * (len(guides) - 1)
    points = max(map(len, guides))
    even = [resample(guide, points) for guide in guides]
    low = np.stack([line[round(0.7 * (points - 1))] for line in even])
    room = float(np.hypot(*np.diff(low, axis=0).T).sum())
    result = []
    for share, place in zip(shares, places, strict=True):
        line = between(even, float(place))
        line = cut(line, 1.0 - how.ragged * float(random.random()) * (1.4 - share * count * 0.6))
        line = waved(line, wave, how_loose(random, wave))
        line = hooked(line, how.hook * pick(random, 0.5, 1.5), middle)
        width = 0.5 * room * share * how.overlap
        result.append(strand(line, width, how.start, how.swell, shade, how.ink, how.blunt, how.round_end))
    return tuple(result)


def how_loose(random: Random, wave: Wave) -> float:
    """A lock's own phase."""
    return float(random.normal(0.0, wave.loose)) if wave.height else 0.0


def hooked(line: Line, hook: float, middle: float = 0.0) -> Line:
    """The line with a tip that turns away from x = middle by hook, in head units."""
    if not hook:
        return line
    s = np.linspace(0.0, 1.0, len(line))
    side = np.sign(line[-1, 0] - middle) or 1.0
    across = side * hook * np.clip((s - 0.5) / 0.5, 0, 1) ** 1.5
    return line + np.stack([across, -0.35 * abs(hook) * np.clip((s - 0.75) / 0.25, 0, 1) ** 2], 1)
