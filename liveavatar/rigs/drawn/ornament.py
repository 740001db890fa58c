"""Records of what a character wears on the head or grows there: panels of control points, and the joint they move on.

Points are (x, y, z) in head units around the middle of the skull; a point that comes twice in a row is a corner."""

from dataclasses import dataclass

from liveavatar.rigs.drawn.colour import Tone

Point = tuple[float, float, float]
Outline = tuple[Point, ...]

PLACES = ("back", "side", "skin", "under", "front", "over")
"""Back to front: behind all hair; beside the face, under the hair in front; on the skin; before the eyes, under the hair in
front; with that hair; over it."""


@dataclass(frozen=True)
class Shade:
    """A colour of the wearer's: a field of the palette, "skin_shadow", "skin_line", "blush" or "white"; or a tone of its own."""

    of: str | Tone
    light: float = 0.0
    chroma: float = 1.0
    hue: float = 0.0
    alpha: float = 1.0


@dataclass(frozen=True)
class Mark:
    """A patch, or a pen stroke, on a panel."""

    points: Outline
    shade: Shade
    width: float = 0.0
    """Of a stroke at its widest; 0 for a patch, which the panel clips."""
    swell: float = 0.5
    """Where along a stroke it is widest; negative for an even width."""
    blur: float = 0.0
    """Standard deviation of the patch's edge."""


@dataclass(frozen=True)
class Panel:
    """A closed piece of one material."""

    outline: Outline
    fill: tuple[Shade, ...]
    """An even gradient along `along`; nothing but a line if empty."""
    along: tuple[Point, Point] = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    line: Shade | None = None
    weight: float = 2.4
    """Width of the line; half of it shows."""
    hole: Outline = ()
    """An opening."""
    marks: tuple[Mark, ...] = ()
    cast: float = 0.0
    """Strength of the shadow on hair of the same layer, 0..1."""
    blur: float = 0.0
    """Standard deviation of the edge, of light and smoke."""


@dataclass(frozen=True)
class Joint:
    """How an ornament moves beside the head. Angles in radians, positive clockwise in the picture."""

    pivot: tuple[float, float] = (0.0, 0.0)
    axis: tuple[float, float] = (0.0, -1.0)
    """Unit vector from the root to the tip."""
    reach: float = 1.0
    """Distance along the axis over which turning sets in: a stiff thing's is short, a limp one's is its length."""
    droop: float = 0.0
    """Turn at control `ears` = -1."""
    perk: float = 0.0
    """Turn at control `ears` = 1."""
    grow: float = 0.0
    """Growth along the axis at `ears` = 1, shrinking at -1, as a share."""
    swing: float = 0.0
    """Turn at control `hairX` = 1."""
    hang: float = 0.0
    """How far it stays upright while the head rolls, 0..1."""
    shift: float = 0.0
    """Its share of the hair's swing."""
    bob: float = 0.0
    """How far it rises with a breath."""
    keep: float = 0.0
    """How much of the narrowing by yaw is left out, as in HeadPose.place."""


@dataclass(frozen=True)
class Ornament:
    """One thing worn, or half of a pair."""

    kind: str
    place: str
    """One of PLACES."""
    panels: tuple[Panel, ...]
    joint: Joint = Joint()
    hides: int = 0
    """The side, -1 or 1, of an eye it covers; 1 is the subject's left."""
    presses: Outline = ()
    """Where no hair is left: a hat presses it flat."""
