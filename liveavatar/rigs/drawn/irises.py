"""How an iris is painted: its pupil and the lights on it. Outlines are in shares of the iris's half-width and half-height."""

from dataclasses import dataclass

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.templates import Line

_WHITE = Tone(1.0, 0.0, 0.0)


@dataclass(frozen=True)
class Light:
    """One light on an eye."""

    outline: Line
    """Closed; a point that comes twice is a corner."""
    tone: Tone = _WHITE
    blur: float = 0.0
    """Standard deviation of its edge, in canvas units."""


@dataclass(frozen=True)
class Iris:
    """How an iris is painted."""

    pupil: Line = ()
    """Closed outline; an oval of `size` if empty."""
    size: tuple[float, float] = (0.37, 0.36)
    """Half-width and half-height of an oval pupil."""
    rim: float = 3.0
    """Width of the dark ring, in canvas units."""
    band: float = 0.62
    """Strength of the lid's shade on the upper part."""
    rays: float = 0.34
    glow: float = 1.0
    """Strength of the light that gathers below."""
    arc: float = 0.35
    well: float = 0.0
    """Strength of a soft shade round the pupil."""
    dark: float = 0.0
    """How far the whole iris goes into the pupil's tone, 0..1."""
    lights: tuple[Light, ...] | None = None
    """Two or three white ovals if None."""
