"""Templates of noses: pen strokes around the tip, in head units."""

from dataclasses import dataclass

from liveavatar.rigs.drawn.templates import Line


@dataclass(frozen=True)
class NoseMark:
    """One stroke of a nose."""

    points: Line
    """From the tip."""
    width: float
    """At its widest."""
    swell: float
    """Where along it that is, 0..1."""
    depth: float
    """z: how far it stands out."""
    strength: float
    """Alpha, 0..1."""
    shade: bool = False
    """Whether it is the skin's shadow, not a line."""
    blur: float = 0.0
    """Standard deviation of its edge."""


@dataclass(frozen=True)
class Nose:
    """How a nose is drawn."""

    marks: tuple[NoseMark, ...]
    light: float = 0.75
    """Strength of the light above the tip."""
    flush: float = 0.30
    """Strength of the tip's colour."""


_UNDER = ((-9.0, 3.0), (0.0, 7.0), (9.0, 2.0))

NOSE_DOT = Nose((NoseMark(((1.0, -9.0), (4.5, -1.0), (-2.5, 2.5)), 5.0, 0.6, 104.0, 0.62),))
"""A small shadow under the tip."""

NOSE_LINE = Nose(
    (
        NoseMark(
            ((9.0, -52.0), (16.0, -26.0), (20.0, -4.0), (10.0, 3.0)), 13.0, 0.7, 105.0, 0.55, shade=True
        ),
        NoseMark(((5.0, -62.0), (8.0, -36.0), (13.0, -9.0), (7.0, 1.0)), 3.6, 0.85, 108.0, 0.62),
        NoseMark(_UNDER, 4.4, 0.5, 107.0, 0.75),
    )
)
"""A bridge seen from the side the light comes from."""

NOSE_SOFT = Nose(
    (
        NoseMark(((6.0, -40.0), (11.0, -20.0), (12.0, -4.0)), 8.0, 0.8, 105.0, 0.3, shade=True),
        NoseMark(_UNDER, 4.6, 0.5, 107.0, 0.7),
        NoseMark(((-17.0, -7.0), (-20.0, -1.0), (-15.0, 4.0)), 2.8, 0.6, 104.0, 0.45),
        NoseMark(((17.0, -7.0), (20.0, -1.0), (15.0, 4.0)), 2.8, 0.6, 104.0, 0.45),
    )
)
"""Bridge and wings."""
