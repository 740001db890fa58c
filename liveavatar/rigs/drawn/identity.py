"""What makes one character: a record of numbers the rig draws from. A new character is a new record."""

from dataclasses import dataclass, field

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.finish import ROUGH, Finish
from liveavatar.rigs.drawn.garment import Build, Garment
from liveavatar.rigs.drawn.irises import Iris
from liveavatar.rigs.drawn.noses import NOSE_DOT, Nose
from liveavatar.rigs.drawn.ornament import Ornament
from liveavatar.rigs.drawn.robotshape import RobotShape
from liveavatar.rigs.drawn.style import PLAIN, Style
from liveavatar.rigs.drawn.templates import BROW_SOFT, EYE_ROUND, BrowTemplate, EyeTemplate, Line

_LASH, _LASH_END = Tone(0.26, 0.075, 310), Tone(0.36, 0.10, 350)
_SKIN_LINE, _LIP_LINE = Tone(0.50, 0.11, 28), Tone(0.46, 0.13, 18)
_LIP, _CREASE = Tone(0.76, 0.13, 20), Tone(0.66, 0.11, 32)


@dataclass(frozen=True)
class Lock:
    """One lock of hair: a cubic spine from root to tip, in head units around the middle of the skull."""

    root: tuple[float, float]
    first: tuple[float, float]
    second: tuple[float, float]
    tip: tuple[float, float]
    width: float
    """Half-width at its widest."""
    start: float = 0.6
    """Width at the root, as a share."""
    warm: float = 0.0
    """How much of the tip takes the tip colour, 0..1."""
    swing: float = 0.4
    """How far the tip follows the hair swing."""
    lift: float = 0.0
    """Depth added to the skull's."""


@dataclass(frozen=True)
class Palette:
    """The bases all other tones are derived from."""

    hair: Tone
    tips: Tone
    inner: Tone
    skin: Tone
    iris_top: Tone
    iris_middle: Tone
    iris_bottom: Tone
    dress: Tone
    knit: Tone
    ribbon: Tone
    gold: Tone
    other_iris: tuple[Tone, Tone, Tone] | None = None
    """Top, middle and bottom of the iris of the subject's left eye, if it differs."""


@dataclass(frozen=True)
class Mouth:
    """How a mouth is drawn."""

    fang: bool = True
    pair: bool = False
    """Whether there is a fang on the subject's right too."""
    lip: Tone | None = None
    """Colour of lips that are always seen."""
    peek: float = 0.0
    """How far a fang looks out of the closed mouth, in head units."""
    scale: float = 1.0
    """How far the jaw opens it."""
    corner: float = 1.0
    """How far its corners travel."""
    arch: float = 0.30
    """How far the upper lip rises over an opening, as a share of it."""
    purse: float = 0.54
    """How much narrower pursed lips are."""
    line: Tone = _LIP_LINE
    weight: float = 1.0
    """Of the line between the lips."""
    sag: float = 8.0
    """How far the closed mouth's middle hangs below its corners."""
    turn: float = 0.0
    """How far the corners of the closed mouth stand up."""
    lean: float = 0.0
    """How much higher the corner at the subject's left is."""
    dip: tuple[float, float] = (2.4, 0.28)
    """How far the closed mouth's middle comes up between two arches, and how wide, as a share of half the mouth."""
    full: tuple[float, float] = (1.0, 1.0)
    """Fullness of the upper and the lower lip where lips are always seen."""
    tint: float = 0.0
    """Strength of lips in the colour of `pout` that have no edge, where there is no `lip`, 0..1."""
    relief: float = 0.0
    """How much darker the upper lip is, and the gloss on the lower one, 0..1."""
    under: float = 0.42
    """Strength of the shadow below the lower lip."""
    crease: Tone = _CREASE
    pout: Tone = _LIP
    """Colour of lips that are seen only when pushed out."""


@dataclass(frozen=True)
class Mark:
    """Something on the skin, in head units: a mole, a scar, paint, a soft shade."""

    outlines: tuple[Line, ...]
    """Closed; a point that comes twice in a row is a corner."""
    tone: Tone | None
    """The brows' if None."""
    blur: float = 0.0
    """Standard deviation of its edge."""


@dataclass(frozen=True)
class FaceShape:
    """Sizes and styles of the face, in head units."""

    eye_x: float = 95.0
    eye_y: float = 68.0
    eye_scale: float = 1.0
    eye_tilt: float = 0.0
    brow_y: float = -30.0
    nose_y: float = 126.0
    mouth_y: float = 174.0
    mouth_width: float = 35.0
    jaw: tuple[tuple[float, float, float], ...] = (
        (150.0, -120.0, 6.0),
        (170.0, -40.0, 16.0),
        (175.0, 40.0, 26.0),
        (170.0, 96.0, 32.0),
        (149.0, 148.0, 40.0),
        (108.0, 194.0, 60.0),
        (56.0, 227.0, 76.0),
        (16.0, 240.0, 84.0),
    )
    """The right half of the outline from the temple to the chin: x, y, z."""
    eye: EyeTemplate = EYE_ROUND
    brow: BrowTemplate = BROW_SOFT
    brow_tone: Tone | None = None
    """Of the brows; darker hair if not given."""
    lash_tone: Tone = _LASH
    lash_end: Tone = _LASH_END
    lash_tint: float = 0.0
    """How far lashes take the colour of the hair, 0..1."""
    iris: Iris = field(default=Iris())
    lid_tone: Tone | None = None
    """Colour on the upper lids."""
    white_tone: Tone | None = None
    """Of the eyeballs; white if None."""
    bag_tone: Tone | None = None
    """Colour below the lower lids."""
    nose: Nose = NOSE_DOT
    blush: float = 1.0
    """Strength of the cheeks' colour at rest."""
    blush_tone: Tone | None = None
    """From the skin if None."""
    blush_at: tuple[float, float] = (117.0, 138.0)
    blush_size: float = 58.0
    """Radius across."""
    marks: tuple[Mark, ...] = ()
    blush_strokes: bool = True
    freckles: bool = False
    forehead: bool = False
    """Whether the forehead is seen."""
    ears: bool = False
    """Whether ears are seen beside the face."""
    ear_x: float = 158.0
    ear_y: float = 0.0
    ear_size: tuple[float, float] = (1.0, 1.0)
    """Width and height of ears, as shares."""
    stud: Tone | None = None
    """A ring in the subject's left ear."""
    puff: tuple[float, float] = (38.0, 58.0)
    """How far full cheeks stand out, and over what height."""
    line: Tone = _SKIN_LINE
    mouth: Mouth = field(default=Mouth())


@dataclass(frozen=True)
class LayeredHair:
    """Many locks, each with a shadow of its own."""

    back: tuple[Lock, ...]
    nape: tuple[Lock, ...]
    """The coloured inside, behind the neck."""
    sides: tuple[Lock, ...]
    wisps: tuple[Lock, ...]
    """Thin locks that leave the silhouette."""
    fringe: tuple[Lock, ...]
    stray: tuple[Lock, ...] = field(default=())


@dataclass(frozen=True)
class Strand:
    """One lock of a mass: a spine through points from root to tip, in head units."""

    spine: tuple[tuple[float, float], ...]
    width: float
    """Half-width at its widest."""
    start: float = 0.7
    """Width at the root, as a share."""
    swell: float = 0.45
    """Where along the spine it is widest."""
    shade: int = 1
    """Edge that lies in the shade: 1 the right one seen from root to tip, -1 the left one, 0 none."""
    line: float = 1.0
    """Weight of its inner lines, 0 for none."""
    blunt: float = 2.3
    """Exponent of the fall to the tip: the higher, the later it narrows."""
    round: float = 1.0
    """1 runs out in a point, 0.5 in a round end."""


@dataclass(frozen=True)
class Mass:
    """Locks that make one body of hair: one silhouette, one light."""

    strands: tuple[Strand, ...]
    depth: float | None = None
    """Constant depth of hair behind or beside the head; on the skull if None."""
    lift: float = 0.0
    swing: float = 0.4
    hang: float = 0.0
    """y from which the mass swings with the whole of its length, not only its tips."""
    perk: float = 0.0
    """How far tips stand up, and hang down, with the control `ears`."""
    dark: float = 0.0
    """How far in the shade the whole mass lies, 0..1."""
    inside: bool = False
    """Whether it takes the inner colour."""
    cast: tuple[float, float] = (4.0, 9.0)
    """Where its shadow falls on the hair below."""
    plain: bool = False
    """Whether one flat tone will do: it is hardly seen."""
    apart: bool = False
    """Whether each lock lies on the one before with an edge of its own, as in a braid."""
    dye: str = "hair"
    """The palette's tone it takes: hair, ribbon or gold."""
    bare: float = 0.0
    """How far skin shows through, 0..1."""
    gloss: float = 1.0
    """Strength of the light on its locks."""


@dataclass(frozen=True)
class GroupedHair:
    """A few large masses with a cap between those behind and those in front."""

    back: tuple[Mass, ...] = ()
    front: tuple[Mass, ...] = ()
    cap: tuple[tuple[float, float], ...] = ()
    """Outline of the hair on the skull, closed."""
    seams: tuple[tuple[tuple[float, float], ...], ...] = ()
    """Parting and whorl: pen strokes on the skull."""
    ring: tuple[tuple[float, float, float, float, float], ...] = ()
    """Light round the crown: pointed spindles that make one band; x, y of either end and half-width."""
    shine: float = 0.5
    """Strength of that light, 0..1."""
    bare: float = 0.0
    """How far skin shows through the hair on the skull: 1 for none on it."""


@dataclass(frozen=True)
class Identity:
    """One character."""

    name: str
    palette: Palette
    face: FaceShape = field(default=FaceShape())
    hair: LayeredHair | GroupedHair = field(default=GroupedHair())
    outfit: str | Garment = "sailor"
    """One drawn by hand, by name, or a record."""
    build: Build = field(default=Build())
    worn: tuple[str, ...] = ("cat_ears",)
    head: str = "human"
    """human or robot."""
    style: Style = field(default=PLAIN)
    finish: Finish = field(default=ROUGH)
    robot: RobotShape = field(default=RobotShape())
    """The head of a robot."""
    ornaments: tuple[Ornament, ...] = ()
    """What is worn on the head or grows there, besides `worn`."""
