"""Outlines of faces, from a child's round one to a grown man's square one."""

import numpy as np

from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.mixing import Family, mixed

Jaw = tuple[tuple[float, float, float], ...]
_DEPTHS = (6.0, 16.0, 26.0, 32.0, 40.0, 60.0, 76.0, 84.0)


def _outline(*points: tuple[float, float]) -> Jaw:
    return tuple((x, y, z) for (x, y), z in zip(points, _DEPTHS, strict=True))


_FAMILIES = (
    Family(
        _outline((150, -120), (170, -40), (175, 40), (170, 96), (149, 148), (108, 194), (56, 227), (16, 240)),
        0.75, 0.4,
    ),
    Family(
        _outline((150, -120), (172, -40), (178, 40), (176, 100), (161, 149), (121, 195), (66, 224), (20, 234)),
        0.55, 0.05,
    ),
    Family(
        _outline((151, -120), (173, -40), (176, 36), (168, 92), (142, 146), (96, 194), (45, 229), (13, 242)),
        0.8, 0.3,
    ),
    Family(
        _outline((148, -120), (168, -40), (171, 38), (164, 94), (138, 150), (92, 204), (44, 242), (13, 256)),
        0.6, 0.6,
    ),
    Family(
        _outline((146, -120), (165, -40), (170, 40), (165, 98), (145, 154), (104, 203), (52, 238), (15, 249)),
        0.8, 0.7,
    ),
    Family(
        _outline((144, -120), (161, -40), (164, 40), (159, 98), (140, 155), (101, 209), (52, 250), (17, 263)),
        0.65, 0.95,
    ),
    Family(
        _outline((146, -120), (163, -40), (166, 40), (160, 98), (141, 152), (103, 203), (54, 244), (17, 258)),
        0.15, 0.6,
    ),
    Family(
        _outline((147, -120), (163, -40), (166, 40), (162, 98), (151, 152), (120, 207), (68, 250), (25, 264)),
        0.1, 0.95,
    ),
    Family(
        _outline((149, -120), (168, -40), (172, 40), (168, 98), (150, 150), (112, 198), (60, 236), (19, 249)),
        0.2, 0.25,
    ),
)  # fmt: skip


def outline(who: Cast, random: np.random.Generator) -> Jaw:
    """The right half of a face from the temple to the chin."""
    points = np.array(mixed(_FAMILIES, who, random, 0.7))
    x, y = points[:, 0], points[:, 1]
    low = np.clip((y - 60.0) / 180.0, 0.0, 1.0)
    wide, full, pointed, long = random.normal(0.0, (0.012, 0.022, 0.05, 3.0))
    x *= (1 + wide) * (1 + full * np.sin(np.pi * low)) * (1 + pointed * low**4)
    y += long * low
    return tuple((float(a), float(b), float(c)) for a, b, c in points.round(2))
