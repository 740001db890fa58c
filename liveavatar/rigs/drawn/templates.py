"""Templates of eyes and brows, in local units: u outward from the eye's middle, v down."""

from dataclasses import dataclass

Line = tuple[tuple[float, float], ...]
Line3 = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class EyeTemplate:
    """The lids of one kind of eye; all four run from the inner to the outer corner."""

    upper: Line
    lower: Line
    shut: Line
    happy: Line
    """Shut by laughing."""
    lash: Line
    """(u, thickness) of the upper lash."""
    tip: tuple[float, float] = (22.0, -25.0)
    """Where the lash ends, from the outer corner."""
    wings: Line3 = ((-15.0, 13.0, -9.0),)
    """Single lashes above: u of the root from the outer corner, how far out and down the tip is."""
    wing_root: float = 1.0
    """Width of their roots, as a share."""
    under: Line3 = ()
    """Single lashes below: u of the root, how far out and down the tip is."""
    caruncle: float = 0.0
    """Strength of the red in the inner corner, 0..1."""
    low: float = 1.0
    """Weight of the lower lid's line."""
    airy: float = 0.0
    """How far the inner corner is left open, and the lower lid's line to the outer third, 0..1."""
    fold: tuple[float, float] = (1.0, 1.0)
    """Height and weight of the lid's crease, as shares."""
    height: float = 1.0
    """Opening, as a share of the round eye's: how far lids travel."""
    iris: tuple[float, float] = (47.0, 56.0)
    """Half-width and half-height."""
    iris_y: float = 4.0
    gaze: tuple[float, float] = (21.0, 17.0)
    """How far the iris travels."""
    star: bool = True
    """Whether a star lies among the lights."""
    shut_weight: float = 1.0
    """Weight of the lash of a shut eye, beside that of the round eye."""
    calm: float = 0.0
    """How much a half-shut lid keeps its arch and lifts the brow's inner end, lest it look smug; 0..1."""
    slant: float = 1.0
    """How far anger and sorrow tilt the upper lid."""


@dataclass(frozen=True)
class BrowTemplate:
    """A brow: points from the inner to the outer end, and its half-width along it."""

    points: Line
    width: Line
    travel: float = 1.0
    """How far it moves, as a share."""
    fade: float = 0.0
    """How far the inner end fades, 0..1."""


EYE_ROUND = EyeTemplate(
    upper=((-56, 20), (-48, -6), (-26, -34), (6, -46), (36, -41), (55, -23), (64, -1)),
    lower=((-56, 20), (-46, 37), (-24, 49), (8, 53), (36, 45), (54, 27), (64, 0)),
    shut=((-56, 20), (-40, 33), (-16, 42), (8, 44), (32, 38), (50, 25), (64, 8)),
    happy=((-56, 38), (-44, 16), (-22, 0), (4, -6), (28, -2), (48, 14), (64, 36)),
    lash=((-56, 1.0), (-44, 5.0), (-10, 11.5), (30, 15.5), (52, 16.0), (64, 15.0)),
)
"""Large and round: young."""

EYE_KEEN = EyeTemplate(
    upper=((-54, 15), (-45, -1), (-24, -19), (6, -26), (36, -23), (58, -13), (70, -1)),
    lower=((-54, 15), (-44, 23), (-22, 30), (8, 32), (36, 28), (58, 15), (70, 0)),
    shut=((-54, 15), (-40, 22), (-16, 28), (8, 29), (34, 25), (54, 16), (70, 6)),
    happy=((-54, 27), (-42, 13), (-22, 3), (4, -1), (30, 2), (52, 13), (70, 28)),
    lash=((-54, 1.0), (-44, 4.5), (-10, 7.5), (30, 8.5), (56, 10.5), (70, 9.5)),
    tip=(13.0, -7.0),
    wings=(),
    height=0.60,
    iris=(33.0, 37.0),
    iris_y=2.0,
    gaze=(20.0, 11.0),
    star=False,
    shut_weight=1.75,
    calm=1.0,
)
"""Long and level under a straight lid: a young man's."""

EYE_ALMOND = EyeTemplate(
    upper=((-56, 18), (-47, -2), (-25, -27), (5, -38), (36, -35), (60, -21), (72, -6)),
    lower=((-56, 18), (-44, 29), (-22, 38), (8, 41), (38, 35), (60, 17), (72, -5)),
    shut=((-56, 18), (-40, 28), (-16, 35), (8, 37), (34, 31), (56, 17), (72, 2)),
    happy=((-56, 33), (-44, 14), (-22, 1), (4, -4), (30, 0), (54, 12), (72, 26)),
    lash=((-56, 1.0), (-44, 5.0), (-10, 10.0), (30, 13.0), (58, 14.5), (72, 13.0)),
    tip=(21.0, -21.0),
    height=0.80,
    iris=(40.0, 46.0),
    iris_y=2.0,
    gaze=(20.0, 13.0),
    star=False,
    shut_weight=1.3,
    calm=1.0,
)
"""Half-moon with a rising corner: a grown woman's."""

BROW_SOFT = BrowTemplate(
    points=((-44, 4), (-20, -5), (12, -9), (42, -3), (62, 9)),
    width=((0, 0.9), (0.08, 4.0), (0.2, 5.5), (0.5, 5.2), (1, 0.7)),
)
BROW_STRAIGHT = BrowTemplate(
    points=((-52, 5), (-24, -1), (14, -8), (48, -10), (76, 4)),
    width=((0, 1.6), (0.06, 6.5), (0.3, 8.2), (0.62, 6.8), (1, 0.8)),
    travel=1.2,
)
BROW_ARCH = BrowTemplate(
    points=((-46, 8), (-18, -3), (16, -13), (48, -10), (72, 10)),
    width=((0, 1.0), (0.08, 4.6), (0.3, 6.0), (0.6, 4.6), (1, 0.5)),
    travel=1.15,
)

EYE_SCREEN = EyeTemplate(
    upper=((-54, 4), (-51, -26), (-32, -53), (0, -60), (32, -53), (51, -26), (54, 4)),
    lower=((-54, 4), (-51, 32), (-32, 55), (0, 61), (32, 55), (51, 32), (54, 4)),
    shut=((-54, 18), (-38, 27), (-18, 33), (0, 34), (18, 33), (38, 27), (54, 18)),
    happy=((-54, 32), (-40, 6), (-20, -9), (0, -13), (20, -9), (40, 6), (54, 32)),
    lash=((-54, 1.0), (0, 1.0), (54, 1.0)),
    tip=(2.0, 0.0),
    wings=(),
    height=1.1,
    slant=5.0,
    iris=(27.0, 35.0),
    iris_y=2.0,
    gaze=(24.0, 22.0),
    star=False,
)
"""A light on a screen, as tall as it is wide."""

BROW_BAR = BrowTemplate(
    points=((-36, 2), (-16, -2), (8, -4), (30, -2), (46, 4)),
    width=((0, 4.6), (0.5, 5.4), (1, 4.6)),
    travel=0.95,
)
