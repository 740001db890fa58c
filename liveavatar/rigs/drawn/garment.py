"""Clothes and bodies as records of numbers: panels, folds and trims as control points on a body of middle build.

Points are canvas units at rest. The middle of the body is x = 512, the pit of the neck y = 812; what is drafted there is
fitted to the wearer's Build."""

from dataclasses import dataclass

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import RISE, Points, smoothstep

MIDDLE = 512.0
_PLAIN = {"white": Tone(0.963, 0.008, 265), "cream": Tone(0.955, 0.02, 88), "ink": Tone(0.27, 0.022, 275)}
"""Tones that no palette changes."""
_NECK, _ARM = 72.0, 264.0
"""Half-widths at the neck's root and at the shoulders of the body the shapes are drafted on."""


@dataclass(frozen=True)
class Dye:
    """A tone by the name of a palette's base, or white, cream or ink, and how far it lies from that."""

    base: str
    light: float = 0.0
    chroma: float = 1.0
    hue: float = 0.0
    alpha: float = 1.0

    def tone(self, palette: object) -> Tone:
        """The tone in a palette."""
        base: Tone = _PLAIN[self.base] if self.base in _PLAIN else getattr(palette, self.base)
        return base.to(self.light, self.chroma, self.hue).faded(self.alpha)


@dataclass(frozen=True)
class Fold:
    """A crease: a wedge of shade with a pen line at its edge."""

    spine: Points
    wedge: float = 16.0
    """Width of the shade at its widest, 0 for a line alone."""
    line: float = 2.6
    """Weight of the pen, 0 for shade alone."""
    swell: float = 0.35
    """Where along the spine it is widest."""
    blur: float = 0.0


@dataclass(frozen=True)
class Trim:
    """A line of even width: piping, a stripe, a seam."""

    points: Points
    dye: Dye
    width: float
    edge: bool = False
    """Whether a dark line runs along both its sides."""
    dashes: float = 0.0
    """Length of its stitches, 0 for an unbroken line."""


@dataclass(frozen=True)
class Studs:
    """Round things of one kind: buttons, pearls, spots of a print."""

    centres: Points
    radius: float
    dye: Dye
    raised: bool = True
    """Whether they have an outline and catch the light."""


@dataclass(frozen=True)
class Patch:
    """Closed pieces of one flat tone within a panel."""

    pieces: tuple[Points, ...]
    dye: Dye


@dataclass(frozen=True)
class Panel:
    """One closed piece of cloth, with all that is clipped by it."""

    outline: Points
    """None for trims and studs that lie on what is there."""
    dye: Dye
    toward: Dye | None = None
    """What its tone runs into along the axis; slightly darker if None."""
    axis: Points = ((400.0, 800.0), (600.0, 1060.0))
    prints: tuple[Patch, ...] = ()
    """Under the shade, as printed or woven in."""
    bands: tuple[Trim, ...] = ()
    """Printed lines, under the shade."""
    shades: tuple[Points, ...] = ()
    glow: tuple[Points, ...] = ()
    """Where light lies on it."""
    folds: tuple[Fold, ...] = ()
    trims: tuple[Trim, ...] = ()
    """On the shade and over the edge."""
    studs: tuple[Studs, ...] = ()
    cast: float = 0.0
    """Strength of the shadow it throws on what is below, 0..1."""
    drop: tuple[float, float] = (3.0, 10.0)
    """Where that falls."""
    line: float = 2.4
    depth: float = 1.0
    """Strength of its shades."""
    gleam: float = 0.42
    """Strength of the light on it: cloth's; metal and lacquer have more."""


@dataclass(frozen=True)
class Garment:
    """All a figure wears below the chin, back to front."""

    behind: tuple[Panel, ...] = ()
    """Behind the neck."""
    under: tuple[Panel, ...] = ()
    """Before the body's skin and behind the neck: what a neck comes out of."""
    over: tuple[Panel, ...] = ()
    top: tuple[Panel, ...] = ()
    """On which the hair throws no shadow."""
    choker: tuple[Trim, ...] = ()
    """Round the neck; it turns with it."""


@dataclass(frozen=True)
class Build:
    """Proportions of a body beside its head; these are the ones that clothes are drafted for."""

    head: float = 1.0
    """Size of the head; the whole figure stands further off as it shrinks: 1 a child's .. 0.86 a grown one's."""
    breadth: float = 1.0
    """Of the shoulders: 0.75 a child's .. 1.45 a grown man's."""
    slope: float = 0.0
    """How far the shoulders' ends hang, canvas units; square ones below 0."""
    neck: float = 1.0
    """Its width."""
    length: float = 0.0
    """How much longer the neck is, canvas units."""
    tilt: float = 0.0
    """How far one shoulder hangs below the other, radians: the picture's left if above 0."""
    shift: float = 0.0
    """How far the chest stands aside from the neck, canvas units."""
    bust: float = 0.3
    """Form of the chest, 0 flat .. 1."""

    @property
    def half_neck(self) -> float:
        """Half-width of the neck below the chin, units of the head."""
        return 50.0 * self.neck / self.head

    @property
    def rise(self) -> float:
        """How much higher the body stands for a smaller head, whose chin is nearer to the neck's joint, canvas units."""
        return (RISE + 90.0) * (1.0 - self.head)

    @property
    def root(self) -> tuple[float, float]:
        """Half-width and y of the neck's end, canvas units."""
        return 80.0 * self.neck, 780.0 + self.length - self.rise

    def fit(self, points: Points) -> Points:
        """Drafted points to the wearer, corners kept."""
        return tuple(map(tuple, self.fitted(np.asarray(points, np.float64)).round(2).tolist()))

    def fitted(self, points: np.ndarray) -> np.ndarray:
        """Drafted points (n, 2) to the wearer."""
        x, y = points[:, 0] - MIDDLE, points[:, 1]
        out = np.abs(x)
        wide = (_ARM * self.breadth - _NECK * self.neck) / (_ARM - _NECK)
        across = np.where(out < _NECK, out * self.neck, _NECK * self.neck + (out - _NECK) * wide)
        low = smoothstep(770.0, 960.0, y)
        # the neck by its own width, the chest by the shoulders'
        across = across + (out * self.breadth - across) * low
        end = smoothstep(_NECK, _ARM, out)
        new_x = np.sign(x) * across
        down = smoothstep(700.0, 800.0, y)
        low_end = smoothstep(940.0, 1064.0, y)
        new_y = y + (self.length - self.rise) * (1.0 - low_end) + self.slope * end - self.tilt * new_x * down
        return np.stack([MIDDLE + new_x + self.shift * low, new_y], 1)
