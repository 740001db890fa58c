"""What makes one character: a record of numbers the rig draws from. A new character is a new record."""

from dataclasses import dataclass, field

from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs.drawn.colour import Tone


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


@dataclass(frozen=True)
class FaceShape:
    """Sizes of the face, in head units."""

    eye_x: float = 95.0
    eye_y: float = 68.0
    eye_scale: float = 1.0
    eye_tilt: float = 0.0
    brow_y: float = -30.0
    nose_y: float = 126.0
    mouth_y: float = 172.0
    mouth_width: float = 31.0
    jaw: tuple[tuple[float, float, float], ...] = (
        (150.0, -120.0, 6.0),
        (170.0, -40.0, 10.0),
        (175.0, 40.0, 14.0),
        (170.0, 96.0, 24.0),
        (149.0, 148.0, 40.0),
        (108.0, 194.0, 60.0),
        (56.0, 227.0, 76.0),
        (16.0, 240.0, 84.0),
    )
    """The right half of the outline from the temple to the chin: x, y, z."""


@dataclass(frozen=True)
class Identity:
    """One character."""

    name: str
    palette: Palette
    face: FaceShape
    back: tuple[Lock, ...]
    sides: tuple[Lock, ...]
    fringe: tuple[Lock, ...]
    stray: tuple[Lock, ...] = field(default=())


HOSHI = Identity(
    name="hoshi",
    palette=Palette(
        hair=Tone(0.47, 0.125, 280),
        tips=Tone(0.74, 0.145, 22),
        inner=Tone(0.70, 0.135, 12),
        skin=Tone(0.952, 0.030, 58),
        iris_top=Tone(0.34, 0.12, 5),
        iris_middle=Tone(0.62, 0.19, 18),
        iris_bottom=Tone(0.86, 0.145, 82),
        dress=Tone(0.36, 0.085, 272),
        knit=Tone(0.952, 0.024, 82),
        ribbon=Tone(0.66, 0.165, 20),
        gold=Tone(0.84, 0.14, 84),
    ),
    face=FaceShape(),
    back=(
        Lock((-90, -235), (-285, -190), (-262, 60), (-300, 262), 78, 0.75, 0.34, 0.7),
        Lock((90, -235), (290, -180), (258, 80), (292, 278), 80, 0.75, 0.34, 0.7),
        Lock((-140, -160), (-260, -20), (-232, 150), (-258, 318), 60, 0.8, 0.4, 0.8),
        Lock((140, -160), (262, -20), (226, 160), (236, 330), 60, 0.8, 0.4, 0.8),
        Lock((-120, -100), (-215, 40), (-200, 190), (-196, 336), 48, 0.8, 0.45, 0.8),
        Lock((120, -100), (215, 40), (196, 190), (176, 344), 46, 0.8, 0.45, 0.8),
    ),
    sides=(
        Lock((-84, -240), (-262, -190), (-236, 60), (-214, 250), 66, 0.7, 0.34, 0.6, 4),
        Lock((84, -240), (264, -186), (232, 70), (226, 262), 66, 0.7, 0.34, 0.6, 4),
        Lock((-110, -190), (-214, -110), (-196, 110), (-236, 214), 26, 0.7, 0.4, 0.7, 8),
        Lock((118, -180), (216, -90), (204, 110), (254, 190), 24, 0.7, 0.4, 0.7, 8),
        Lock((-74, -222), (-196, -160), (-204, 60), (-138, 232), 40, 0.7, 0.4, 0.6, 14),
        Lock((84, -222), (206, -150), (186, 80), (160, 258), 38, 0.7, 0.4, 0.6, 14),
    ),
    fringe=(
        Lock((-58, -236), (-150, -180), (-172, -60), (-156, 52), 42, 0.8, 0.12, 0.3, 12),
        Lock((60, -236), (158, -170), (172, -60), (150, 60), 40, 0.8, 0.12, 0.3, 12),
        Lock((-40, -240), (-96, -170), (-112, -80), (-84, 22), 44, 0.8, 0.12, 0.3, 14),
        Lock((-36, -244), (60, -210), (118, -90), (118, 26), 52, 0.8, 0.12, 0.3, 14),
        Lock((-38, -244), (-52, -150), (-44, -60), (-34, 34), 36, 0.8, 0.12, 0.3, 18),
        Lock((-40, -246), (40, -190), (62, -80), (34, 48), 46, 0.8, 0.12, 0.3, 20),
        Lock((-30, -230), (0, -150), (14, -50), (-4, 26), 16, 0.8, 0.15, 0.4, 22),
        Lock((20, -200), (78, -130), (90, -60), (76, 18), 18, 0.8, 0.15, 0.4, 20),
        Lock((-70, -200), (-128, -120), (-128, -50), (-122, 30), 16, 0.8, 0.15, 0.4, 20),
    ),
    stray=(
        Lock((-30, -262), (-20, -330), (40, -350), (78, -318), 9, 1.0, 0.2, 0.9, 0),
        Lock((-34, -262), (-60, -310), (-92, -318), (-112, -300), 6, 1.0, 0.2, 0.9, 0),
    ),
)

IDENTITIES: dict[str, Identity] = {"hoshi": HOSHI}


def identity(name: str) -> Identity:
    """The record of a character by name. Raises TrainingError for an unknown one."""
    if name not in IDENTITIES:
        known = ", ".join(IDENTITIES)
        raise TrainingError(
            tr(
                f"no drawn character {name!r}; known characters: {known}",
                f"没有名为 {name!r} 的绘制角色；现有角色：{known}",
            )
        )
    return IDENTITIES[name]
