"""What makes one character: a record of numbers the rig draws from. A new character is a new record."""

from dataclasses import dataclass, field, replace

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
    mouth_y: float = 174.0
    mouth_width: float = 35.0
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
    nape: tuple[Lock, ...]
    """The coloured inside, behind the neck."""
    sides: tuple[Lock, ...]
    wisps: tuple[Lock, ...]
    """Thin locks that leave the silhouette."""
    fringe: tuple[Lock, ...]
    stray: tuple[Lock, ...] = field(default=())


HOSHI = Identity(
    name="hoshi",
    palette=Palette(
        hair=Tone(0.49, 0.125, 280),
        tips=Tone(0.74, 0.145, 22),
        inner=Tone(0.70, 0.135, 12),
        skin=Tone(0.952, 0.030, 58),
        iris_top=Tone(0.37, 0.125, 352),
        iris_middle=Tone(0.64, 0.185, 10),
        iris_bottom=Tone(0.87, 0.14, 78),
        dress=Tone(0.36, 0.085, 272),
        knit=Tone(0.952, 0.024, 82),
        ribbon=Tone(0.66, 0.165, 20),
        gold=Tone(0.84, 0.14, 84),
    ),
    face=FaceShape(),
    back=(
        Lock((-110, -220), (-286, -200), (-226, 130), (-332, 196), 62, 0.8, 0.28, 0.8),
        Lock((110, -220), (290, -200), (220, 140), (350, 172), 62, 0.8, 0.28, 0.8),
        Lock((-140, -140), (-292, 20), (-176, 176), (-292, 276), 56, 0.8, 0.36, 0.8),
        Lock((140, -140), (292, 20), (178, 172), (322, 262), 58, 0.8, 0.36, 0.8),
        Lock((-130, -80), (-242, 60), (-150, 220), (-232, 330), 46, 0.8, 0.45, 0.9),
        Lock((130, -80), (242, 60), (150, 220), (260, 322), 44, 0.8, 0.45, 0.9),
    ),
    nape=(
        Lock((-60, 60), (-90, 160), (-80, 240), (-120, 336), 44, 0.9, 1.0, 0.4),
        Lock((70, 60), (96, 160), (84, 240), (136, 330), 44, 0.9, 1.0, 0.4),
        Lock((-110, 60), (-170, 150), (-130, 240), (-176, 326), 40, 0.9, 1.0, 0.5),
        Lock((110, 60), (170, 150), (134, 240), (196, 318), 40, 0.9, 1.0, 0.5),
        Lock((-20, 80), (-40, 170), (-20, 240), (-56, 322), 36, 0.9, 1.0, 0.3),
        Lock((20, 80), (40, 170), (28, 240), (70, 326), 36, 0.9, 1.0, 0.3),
    ),
    sides=(
        Lock((-74, -246), (-262, -232), (-290, 70), (-146, 206), 60, 0.22, 0.24, 0.5, 2),
        Lock((74, -246), (262, -232), (296, 80), (160, 222), 60, 0.22, 0.24, 0.5, 2),
        Lock((-150, -120), (-270, 10), (-184, 130), (-284, 214), 28, 0.7, 0.42, 0.8, 2),
        Lock((150, -120), (270, 10), (184, 126), (306, 196), 28, 0.7, 0.42, 0.8, 2),
        Lock((-70, -236), (-222, -196), (-226, 40), (-142, 166), 38, 0.22, 0.26, 0.5, 12),
        Lock((80, -236), (232, -190), (222, 50), (146, 190), 36, 0.22, 0.26, 0.5, 12),
        Lock((-110, -190), (-212, -110), (-170, 120), (-214, 246), 15, 0.6, 0.48, 0.9, 14),
        Lock((116, -190), (214, -100), (172, 140), (232, 262), 15, 0.6, 0.48, 0.9, 14),
    ),
    wisps=(
        Lock((-214, -70), (-286, 20), (-262, 88), (-322, 120), 10, 0.5, 0.45, 1.0),
        Lock((214, -90), (292, 0), (268, 70), (340, 92), 11, 0.5, 0.45, 1.0),
        Lock((-190, 60), (-252, 150), (-214, 214), (-262, 262), 9, 0.5, 0.6, 1.0),
        Lock((196, 60), (256, 150), (226, 230), (284, 288), 9, 0.5, 0.6, 1.0),
    ),
    fringe=(
        Lock((-48, -246), (-150, -222), (-186, -90), (-150, 58), 46, 0.5, 0.2, 0.3, 10),
        Lock((-20, -248), (110, -226), (190, -100), (160, 62), 48, 0.5, 0.2, 0.3, 10),
        Lock((-46, -248), (-112, -190), (-132, -70), (-96, 24), 46, 0.5, 0.2, 0.3, 14),
        Lock((-30, -250), (66, -226), (140, -100), (104, 34), 52, 0.5, 0.2, 0.3, 14),
        Lock((-44, -248), (-66, -170), (-72, -60), (-48, 26), 34, 0.5, 0.2, 0.3, 18),
        Lock((-20, -230), (50, -160), (72, -70), (70, 14), 22, 0.7, 0.2, 0.35, 18),
        Lock((-38, -250), (14, -210), (62, -80), (12, 56), 46, 0.5, 0.2, 0.35, 20),
        Lock((-60, -200), (-104, -130), (-116, -50), (-124, 20), 13, 0.8, 0.16, 0.5, 20),
        Lock((-30, -210), (-22, -120), (-6, -50), (-26, 36), 13, 0.8, 0.16, 0.5, 24),
    ),
    stray=(
        Lock((-38, -250), (-36, -330), (24, -372), (88, -326), 12, 0.8, 0.2, 0.9, 0),
        Lock((-40, -250), (-46, -300), (-66, -322), (-108, -314), 7, 0.8, 0.2, 0.9, 0),
    ),
)

YUKI = replace(
    HOSHI,
    name="yuki",
    palette=replace(
        HOSHI.palette,
        hair=Tone(0.865, 0.034, 238),
        tips=Tone(0.70, 0.115, 212),
        inner=Tone(0.66, 0.115, 220),
        iris_top=Tone(0.33, 0.12, 268),
        iris_middle=Tone(0.60, 0.15, 240),
        iris_bottom=Tone(0.90, 0.11, 190),
        dress=Tone(0.95, 0.016, 245),
        knit=Tone(0.36, 0.065, 258),
        ribbon=Tone(0.55, 0.135, 245),
    ),
)
"""Snow: silver hair with ice-blue tips, eyes of deep water, a white dress under a night-blue cardigan. Hoshi's shapes."""

IDENTITIES: dict[str, Identity] = {"hoshi": HOSHI, "yuki": YUKI}


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
