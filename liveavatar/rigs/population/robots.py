"""Robots: shells, screens, lights for eyes, and what stands on top."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.identity import FaceShape, Identity, Mouth, Palette
from liveavatar.rigs.drawn.ornament import Ornament
from liveavatar.rigs.drawn.robotshape import RobotShape, Squircle
from liveavatar.rigs.drawn.templates import BROW_BAR, EyeTemplate
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.ornaments import robotparts as parts


def screen_eye(half: tuple[float, float], power: float, slant: float) -> EyeTemplate:
    """An eye of light: a superellipse; slant: how far its upper lid falls inward, as a share of its height."""
    u = np.array([-1.0, -0.94, -0.6, 0.0, 0.6, 0.94, 1.0])
    v = (1 - np.abs(u) ** power) ** (1 / power)
    x, tall = u * half[0], half[1]

    def line(y: np.ndarray) -> tuple[tuple[float, float], ...]:
        return tuple((float(a), float(b)) for a, b in zip(x, y, strict=True))

    upper = -tall * v * (1 - 0.5 * slant * (1 - u) * 0.5)
    arc = 1 - u**2
    return EyeTemplate(
        upper=line(upper + 2.0),
        lower=line(tall * v + 2.0),
        shut=line(0.3 * tall + 0.27 * tall * arc),
        happy=line(0.52 * tall - 0.75 * tall * arc),
        lash=((-half[0], 1.0), (0.0, 1.0), (half[0], 1.0)),
        tip=(2.0, 0.0),
        wings=(),
        height=1.1 * tall / 60.0,
        slant=5.0,
        iris=(0.5 * half[0], 0.58 * tall),
        iris_y=2.0,
        gaze=(0.44 * half[0], 0.36 * tall),
        star=False,
    )


Design = Callable[[np.random.Generator], tuple[RobotShape, tuple[Ornament, ...], tuple[float, float]]]
"""A shape, what stands on it, and the middle of the eyes: x and y."""


def _inside(screen: Squircle, rim: float) -> Squircle:
    return replace(screen, half=(screen.half[0] + rim, screen.half[1] + rim), power=screen.power * 0.95)


def _garden(random: np.random.Generator) -> tuple[RobotShape, tuple[Ornament, ...], tuple[float, float]]:
    """A rounded helmet with a seedling or a propeller."""
    half = (float(random.uniform(222, 246)), float(random.uniform(214, 230)))
    sprout = bool(random.random() < 0.4)
    shape = RobotShape(
        shell=Squircle(2.0, half, float(random.uniform(2.4, 3.2))),
        sprout=sprout,
        stripes=((104.0, 134.0), (), (-134.0,))[random.integers(3)],
    )
    top = () if sprout else (parts.propeller(2.0 - half[1], float(random.uniform(90, 130))),)
    return shape, top, (92.0, 24.0)


def _television(random: np.random.Generator) -> tuple[RobotShape, tuple[Ornament, ...], tuple[float, float]]:
    """A box with rabbit-ear aerials and knobs."""
    half = (float(random.uniform(236, 262)), float(random.uniform(196, 214)))
    screen = Squircle(
        2.0, (half[0] - float(random.uniform(38, 52)), half[1] - 72.0), float(random.uniform(4.2, 6))
    )
    shell = Squircle(14.0, half, float(random.uniform(5.0, 7.0)), float(random.uniform(-0.03, 0.05)))
    shape = RobotShape(
        shell,
        screen,
        _inside(screen, 15.0),
        pod_rings=0,
        sprout=False,
        stripes=(),
        bolts=False,
        seams=False,
        cheek=(136.0, 66.0),
    )
    lean, long = float(random.uniform(0.4, 0.75)), float(random.uniform(150, 190))
    top = tuple(
        parts.antenna(
            s * 34.0, 14.0 - half[1], long, s * lean, s * 0.15, float(random.uniform(11, 15)), False
        )
        for s in (-1, 1)
    )
    return shape, (*top, parts.knobs(half[0] - 62.0, half[1] - 26.0)), (88.0, -8.0)


def _visor(random: np.random.Generator) -> tuple[RobotShape, tuple[Ornament, ...], tuple[float, float]]:
    """An egg with a wide visor, a crest and discs at its ears."""
    half = (float(random.uniform(204, 222)), float(random.uniform(228, 244)))
    shell = Squircle(-4.0, half, float(random.uniform(2.1, 2.4)), float(random.uniform(-0.10, 0.0)))
    screen = Squircle(
        42.0, (half[0] - 24.0, float(random.uniform(112, 128))), float(random.uniform(2.8, 3.4)), -0.06
    )
    shape = RobotShape(
        shell,
        screen,
        _inside(screen, 11.0),
        Squircle(34.0, (40.0, float(random.uniform(52, 84))), float(random.uniform(2, 3))),
        int(random.integers(2, 5)),
        sprout=False,
        stripes=(),
        bolts=False,
        seams=bool(random.random() < 0.5),
        cheek=(118.0, 108.0),
        split=float(random.choice([0.0, 120.0])),
    )
    top: tuple[Ornament, ...] = (
        parts.crest(-4.0 - half[1], float(random.uniform(24, 40)), float(random.uniform(34, 70))),
    )
    if random.random() < 0.5:
        top = tuple(
            parts.antenna(
                s * (half[0] - 62.0), -170.0, float(random.uniform(110, 150)), s * 0.42, -s * 0.3, 13.0, True
            )
            for s in (-1, 1)
        )
    return shape, top, (86.0, 26.0)


def _eared(random: np.random.Generator) -> tuple[RobotShape, tuple[Ornament, ...], tuple[float, float]]:
    """A wide round head with ears of plate."""
    half = (float(random.uniform(234, 254)), float(random.uniform(200, 216)))
    shell = Squircle(16.0, half, float(random.uniform(2.3, 2.8)), float(random.uniform(0.0, 0.08)))
    screen = Squircle(40.0, (half[0] - 48.0, half[1] - 76.0), float(random.uniform(2.6, 3.6)), 0.04)
    shape = RobotShape(
        shell,
        screen,
        _inside(screen, 13.0),
        Squircle(40.0, (34.0, 50.0), 2.2),
        int(random.choice([0, 3, 4])),
        sprout=False,
        stripes=(),
        bolts=False,
        seams=True,
        cheek=(132.0, 104.0),
    )
    wide, tall, lean = (float(random.uniform(*span)) for span in ((46, 64), (120, 190), (0.1, 0.4)))
    tall = min(tall, 185.0)
    return (
        shape,
        tuple(parts.shell_ear(s, 0.56 * half[0], 70.0 - half[1], wide, tall, lean) for s in (-1, 1)),
        (90.0, 28.0),
    )


def _diver(random: np.random.Generator) -> tuple[RobotShape, tuple[Ornament, ...], tuple[float, float]]:
    """A ball with a large round window and a lamp."""
    radius = float(random.uniform(228, 240))
    shell = Squircle(0.0, (radius, radius - 6.0), float(random.uniform(2.0, 2.25)))
    screen = Squircle(30.0, (radius - 62.0, radius - 78.0), float(random.uniform(2.0, 2.6)))
    shape = RobotShape(
        shell,
        screen,
        _inside(screen, 20.0),
        Squircle(24.0, (38.0, 60.0), 2.0),
        int(random.integers(2, 5)),
        sprout=False,
        stripes=(),
        bolts=False,
        seams=False,
        cheek=(116.0, 100.0),
    )
    lamp = parts.antenna(
        float(random.uniform(-30, 30)),
        4.0 - radius,
        float(random.uniform(70, 120)),
        0.2,
        float(random.uniform(0.3, 1.3)),
        19.0,
        True,
    )
    return shape, (lamp,), (80.0, 18.0)


DESIGNS: tuple[Design, ...] = (_garden, _television, _visor, _eared, _diver)

_LIGHTS = (
    (0.86, 0.125, 182),
    (0.80, 0.15, 145),
    (0.84, 0.14, 88),
    (0.74, 0.16, 40),
    (0.74, 0.15, 350),
    (0.72, 0.13, 300),
    (0.78, 0.12, 232),
    (0.95, 0.01, 220),
)


def _palette(p: Palette, random: np.random.Generator) -> Palette:
    """A shell, dark glass and lights that go with the clothes of a palette."""
    kind = random.random()
    tint = p.dress if random.random() < 0.5 else p.ribbon
    if kind < 0.45:
        shell = Tone(float(random.uniform(0.90, 0.965)), 0.015, tint.hue)
    elif kind < 0.70:
        shell = Tone(float(random.uniform(0.72, 0.84)), min(tint.chroma, 0.11), tint.hue)
    elif kind < 0.85:
        shell = Tone(
            float(random.uniform(0.60, 0.70)),
            float(random.uniform(0.02, 0.05)),
            float(random.choice([70.0, 240.0, 280.0])),
        )
    else:
        shell = Tone(float(random.uniform(0.40, 0.50)), float(random.uniform(0.02, 0.06)), 270.0)
    pod = p.ribbon if abs(p.ribbon.light - shell.light) > 0.15 or p.ribbon.chroma > 0.1 else p.dress
    light = Tone(*_LIGHTS[random.integers(len(_LIGHTS))])
    glass = Tone(float(random.uniform(0.22, 0.30)), 0.04, light.hue + float(random.uniform(20, 80)))
    return replace(
        p,
        hair=shell,
        tips=Tone(0.72, 0.165, 132),
        inner=mix(pod, pod.to(0.0, 1.1), 0.5),
        skin=glass,
        iris_top=light.to(0.07, 0.7, -4),
        iris_middle=light,
        iris_bottom=light.to(-0.10, 1.05, 13),
        gold=Tone(0.78, 0.012, 240),
    )


def robot(record: Identity, cast: Cast, random: np.random.Generator) -> Identity:
    """Give a record the head of a robot."""
    shape, ornaments, (eye_x, eye_y) = DESIGNS[random.integers(len(DESIGNS))](random)
    half = (float(random.uniform(42, 56)), float(random.uniform(40, 62)))
    room = shape.screen.half[1]
    half = (half[0], min(half[1], 0.46 * room))
    eye = screen_eye(
        half, float(random.choice([2.0, 2.4, 3.4, 4.6])), float(random.choice([0.0, 0.0, 0.3, 0.6]))
    )
    face = FaceShape(
        eye_x=eye_x,
        eye_y=eye_y,
        eye_scale=0.92,
        brow_y=eye_y - half[1] - 24.0,
        nose_y=eye_y + 60.0,
        mouth_y=shape.screen.y + 0.58 * room,
        mouth_width=float(random.uniform(34, 50)),
        eye=eye,
        brow=BROW_BAR,
        mouth=Mouth(fang=False, scale=0.66, corner=1.15, purse=0.70),
    )
    return replace(
        record,
        head="robot",
        robot=shape,
        face=face,
        palette=_palette(record.palette, random),
        worn=(),
        ornaments=ornaments,
    )
