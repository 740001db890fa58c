"""Pupils and lights of irises, in shares of the iris's half-width and half-height."""

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.irises import Iris, Light
from liveavatar.rigs.drawn.templates import Line
from liveavatar.rigs.population.cast import Cast

_WHITE = Tone(1.0, 0.0, 0.0)
_SLIT_EYED = ("cat", "fox", "dragon", "demon", "wolf")


def iris(who: Cast, random: np.random.Generator) -> Iris:
    """How one character's irises are painted."""
    dark = random.uniform(0.45, 0.75) if random.random() < 0.06 + 0.14 * (who.age < 0.2) else 0.0
    plain = who.age > 0.8 or random.random() < 0.2
    return Iris(
        pupil=_pupil(who, random),
        size=(random.uniform(0.27, 0.42), random.uniform(0.28, 0.42)),
        rim=random.uniform(2.0, 4.0) * (0.7 if plain else 1.0),
        band=random.uniform(0.35, 0.7),
        rays=random.uniform(0.1, 0.5),
        glow=random.uniform(0.5, 1.1),
        arc=random.uniform(0.0, 0.3),
        well=random.uniform(0.2, 0.6),
        dark=dark,
        lights=_lights(who, random),
    )


def oval(x: float, y: float, wide: float, tall: float, turn: float = 0.0, count: int = 8) -> Line:
    """A closed oval around x, y; `turn` in radians, clockwise."""
    angle = np.arange(count) * 2 * np.pi / count
    a, b = wide * np.cos(angle), tall * np.sin(angle)
    return _line(x + a * np.cos(turn) - b * np.sin(turn), y + a * np.sin(turn) + b * np.cos(turn))


def star(x: float, y: float, size: float, points: int = 4, waist: float = 0.32, turn: float = 0.0) -> Line:
    """A closed star with sharp tips."""
    angle = np.arange(2 * points) * np.pi / points + turn
    radius = size * np.where(np.arange(2 * points) % 2 == 0, 1.0, waist)
    return cornered_line(_line(x + radius * np.sin(angle), y - radius * np.cos(angle)))


def heart(x: float, y: float, size: float) -> Line:
    """A closed heart."""
    half = ((0.0, -0.5), (0.28, -0.92), (0.74, -0.96), (1.0, -0.56), (0.86, -0.08), (0.42, 0.46))
    left = tuple((-u, v) for u, v in half[:0:-1])
    ring = (half[0], *half, (0.0, 0.95), (0.0, 0.95), *left)
    return tuple((x + size * u, y + size * v) for u, v in ring)


def cornered_line(line: Line) -> Line:
    """The line with a corner in every point."""
    return tuple(point for point in line for _ in range(2))


def _line(x: np.ndarray, y: np.ndarray) -> Line:
    return tuple((float(a), float(b)) for a, b in np.stack([x, y], 1).round(4))


def _pupil(who: Cast, random: np.random.Generator) -> Line:
    """An outline, or none for an oval."""
    kind = random.random()
    if (who.species in _SLIT_EYED and kind < 0.6) or kind < 0.06:
        w, h = random.uniform(0.09, 0.2), random.uniform(0.42, 0.62)
        tip = ((0.0, -h), (0.0, -h)), ((0.0, h), (0.0, h))
        return (*tip[0], (w, -0.3 * h), (w, 0.3 * h), *tip[1], (-w, 0.3 * h), (-w, -0.3 * h))
    if kind > 0.985:
        return heart(0.0, 0.0, 0.3)
    if kind > 0.97:
        return star(0.0, 0.0, 0.42, 5, 0.45)
    if kind > 0.955:
        return star(0.0, 0.0, 0.5, 4, random.uniform(0.25, 0.5))
    return ()


def _lights(who: Cast, random: np.random.Generator) -> tuple[Light, ...]:
    """White lights, the largest above on the side the light comes from."""
    x, y = random.uniform(-0.46, -0.28), random.uniform(-0.44, -0.26)
    size = random.uniform(0.85, 1.2)
    large = Light(oval(x, y, 0.25 * size, 0.27 * size, -0.3))
    small = Light(oval(random.uniform(0.3, 0.45), random.uniform(0.32, 0.5), 0.13, 0.12), _WHITE.faded(0.9))
    sky = Light(oval(0.36, -0.34, 0.3, 0.2, 0.6), Tone(0.93, 0.05, random.uniform(200, 330), 0.4), 3.0)
    pool = Light(oval(0.0, 0.62, 0.46, 0.17), _WHITE.faded(random.uniform(0.25, 0.5)), 4.0)
    kinds = {
        "classic": (large, small, Light(oval(-0.42, 0.22, 0.07, 0.07), _WHITE.faded(0.7))),
        "two": (large, Light(oval(0.34, 0.3, 0.19, 0.18), _WHITE.faded(0.85)), pool),
        "tall": (
            sky,
            Light(oval(x, y + 0.08, 0.16 * size, 0.34 * size, 0.15)),
            Light(oval(0.38, 0.1, 0.08, 0.08)),
        ),
        "window": (*_window(x, y, 0.26 * size, random.uniform(-0.3, 0.1)), small),
        "soft": (pool, Light(oval(x, y, 0.17, 0.17))),
        "dots": tuple(
            Light(oval(-0.44 + 0.2 * i, -0.3 - 0.13 * i, 0.15 - 0.035 * i, 0.15 - 0.035 * i)) for i in range(3)
        ),
        "single": (Light(oval(x, y, 0.2 * size, 0.2 * size)),),
        "sparkle": (
            large,
            Light(star(0.4, -0.24, 0.26), Tone(0.98, 0.05, 90, 0.95)),
            small,
            Light(star(-0.4, 0.36, 0.15), _WHITE.faded(0.8)),
        ),
        "bubbles": (
            large,
            *(
                Light(oval(-0.36 + 0.24 * i, 0.6 - 0.03 * (i * 7 % 4), 0.07 + 0.02 * (i % 2), 0.07), _WHITE.faded(0.75))
                for i in range(4)
            ),
        ),
        "band": (sky, Light(oval(-0.1, -0.46, 0.5, 0.14, -0.12), _WHITE.faded(0.85)), small),
    }  # fmt: skip
    lively, grown = who.energy, who.age
    weights = np.array(
        [1.4, 1.0, 0.9, 0.6, 0.3 + grown, 0.4 * lively, 0.1 + 0.6 * grown, lively, 0.7 * lively, 0.6]
    )
    return list(kinds.values())[int(random.choice(len(kinds), p=weights / weights.sum()))]


def _window(x: float, y: float, size: float, turn: float) -> tuple[Light, ...]:
    """Two panes."""
    c, s = np.cos(turn), np.sin(turn)

    def pane(left: float, right: float) -> Light:
        square = ((left, -1.0), (right, -1.0), (right, 1.0), (left, 1.0))
        return Light(
            cornered_line(tuple((x + size * (a * c - b * s), y + size * (a * s + b * c)) for a, b in square))
        )

    return pane(-1.0, -0.1), pane(0.1, 1.0)
