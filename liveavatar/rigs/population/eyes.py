"""Eyes: families of lids, and what lies between them."""

from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.templates import EYE_ALMOND, EYE_KEEN, EYE_ROUND, EyeTemplate, Line, Line3
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.mixing import Family, mixed

EYE_DOLL = EyeTemplate(
    upper=((-57, 24), (-50, -6), (-30, -40), (4, -54), (36, -48), (56, -27), (64, 2)),
    lower=((-57, 24), (-46, 41), (-24, 52), (8, 55), (38, 49), (56, 32), (64, 3)),
    shut=((-57, 24), (-40, 37), (-16, 45), (8, 47), (32, 42), (50, 30), (64, 12)),
    happy=((-57, 42), (-44, 18), (-22, 1), (4, -6), (28, -2), (48, 15), (64, 38)),
    lash=((-57, 1.0), (-46, 5.0), (-10, 11.0), (30, 14.5), (52, 16.0), (64, 14.0)),
    tip=(17.0, -15.0),
    under=((34.0, 5.0, 8.0), (46.0, 7.0, 7.0)),
    height=1.12,
    iris=(48.0, 60.0),
)
"""Tall and wide open, lashes above and below."""

EYE_DROOP = EyeTemplate(
    upper=((-57, 12), (-48, -13), (-27, -36), (5, -44), (36, -37), (56, -15), (64, 10)),
    lower=((-57, 12), (-46, 33), (-24, 47), (8, 52), (36, 47), (55, 32), (64, 11)),
    shut=((-57, 14), (-40, 28), (-16, 39), (8, 43), (32, 41), (50, 32), (64, 18)),
    happy=((-57, 34), (-44, 14), (-22, 0), (4, -5), (28, 0), (48, 18), (64, 42)),
    lash=((-57, 1.0), (-44, 5.0), (-10, 10.0), (30, 13.5), (52, 14.0), (64, 12.0)),
    tip=(17.0, -3.0),
    height=0.96,
    iris=(45.0, 53.0),
    star=False,
)
"""The outer corner hangs: gentle."""

EYE_CAT = EyeTemplate(
    upper=((-57, 25), (-47, 3), (-25, -24), (6, -39), (37, -41), (59, -29), (70, -12)),
    lower=((-57, 25), (-45, 36), (-22, 43), (9, 45), (37, 36), (58, 15), (70, -11)),
    shut=((-57, 25), (-40, 34), (-16, 39), (8, 39), (34, 31), (54, 16), (70, -3)),
    happy=((-57, 38), (-43, 17), (-22, 2), (4, -5), (30, -3), (52, 10), (70, 24)),
    lash=((-57, 1.0), (-45, 5.0), (-10, 10.0), (30, 14.0), (57, 16.0), (70, 14.0)),
    tip=(21.0, -22.0),
    height=0.88,
    iris=(41.0, 49.0),
)
"""The outer corner rises: proud."""

EYE_SLEEPY = EyeTemplate(
    upper=((-57, 14), (-47, -5), (-26, -21), (6, -26), (36, -23), (57, -9), (67, 8)),
    lower=((-57, 14), (-46, 31), (-24, 44), (8, 49), (36, 43), (57, 28), (67, 9)),
    shut=((-57, 15), (-40, 27), (-16, 36), (8, 39), (34, 35), (54, 25), (67, 14)),
    happy=((-57, 32), (-44, 14), (-22, 2), (4, -2), (30, 2), (50, 15), (67, 33)),
    lash=((-57, 1.0), (-44, 5.0), (-10, 10.5), (30, 12.5), (54, 13.0), (67, 11.0)),
    tip=(17.0, -4.0),
    height=0.74,
    iris=(43.0, 49.0),
    iris_y=7.0,
    gaze=(20.0, 11.0),
    star=False,
    calm=0.8,
    fold=(1.5, 1.3),
)
"""A level lid that covers the iris by a third."""

EYE_SHARP = EyeTemplate(
    upper=((-55, 20), (-45, 5), (-23, -12), (7, -22), (37, -25), (59, -18), (72, -7)),
    lower=((-55, 20), (-44, 28), (-21, 34), (9, 34), (37, 26), (58, 9), (72, -6)),
    shut=((-55, 20), (-40, 27), (-16, 31), (8, 31), (34, 24), (55, 12), (72, 0)),
    happy=((-55, 30), (-42, 15), (-22, 4), (4, -1), (30, 0), (53, 10), (72, 24)),
    lash=((-55, 1.0), (-44, 5.0), (-10, 8.5), (30, 10.0), (57, 12.0), (72, 10.0)),
    tip=(16.0, -12.0),
    height=0.62,
    iris=(31.0, 36.0),
    iris_y=1.0,
    gaze=(20.0, 11.0),
    star=False,
    shut_weight=1.5,
    calm=0.9,
    fold=(1.3, 1.2),
)
"""Narrow, rising, a small iris: cool."""

EYE_GROWN = EyeTemplate(
    upper=((-53, 15), (-44, 0), (-24, -17), (5, -26), (33, -24), (54, -11), (66, 3)),
    lower=((-53, 15), (-43, 22), (-22, 29), (7, 31), (33, 28), (54, 17), (66, 4)),
    shut=((-53, 15), (-40, 21), (-16, 27), (8, 28), (34, 25), (52, 16), (66, 7)),
    happy=((-53, 26), (-42, 12), (-22, 3), (4, 0), (30, 3), (50, 13), (66, 27)),
    lash=((-53, 1.0), (-43, 3.5), (-10, 6.0), (30, 7.5), (54, 9.0), (66, 7.5)),
    tip=(14.0, -8.0),
    under=((22.0, 3.0, 5.0), (34.0, 4.0, 5.0), (45.0, 5.0, 5.0)),
    low=0.8,
    height=0.66,
    iris=(30.0, 33.0),
    iris_y=1.0,
    gaze=(19.0, 11.0),
    star=False,
    shut_weight=1.5,
    calm=1.0,
    fold=(1.2, 1.2),
)
"""Nearly as large as in life."""

EYE_BUTTON = EyeTemplate(
    upper=((-51, 12), (-46, -14), (-28, -39), (2, -48), (31, -40), (49, -16), (55, 9)),
    lower=((-51, 12), (-44, 33), (-24, 48), (4, 53), (31, 46), (48, 30), (55, 10)),
    shut=((-51, 16), (-38, 29), (-16, 37), (4, 39), (26, 36), (44, 27), (55, 16)),
    happy=((-51, 34), (-40, 12), (-20, -1), (2, -5), (24, -1), (42, 12), (55, 34)),
    lash=((-51, 1.5), (-42, 4.0), (-10, 7.0), (24, 8.0), (46, 7.5), (55, 5.0)),
    tip=(9.0, -5.0),
    height=1.02,
    iris=(43.0, 53.0),
    star=False,
)
"""Round with a thin lash: a small child's."""

EYE_OPEN = EyeTemplate(
    upper=((-55, 18), (-46, -4), (-25, -28), (6, -38), (36, -34), (56, -18), (66, 0)),
    lower=((-55, 18), (-45, 31), (-23, 41), (8, 44), (36, 38), (56, 21), (66, 1)),
    shut=((-55, 18), (-40, 28), (-16, 36), (8, 37), (33, 32), (52, 20), (66, 8)),
    happy=((-55, 32), (-43, 14), (-22, 1), (4, -4), (29, 0), (50, 14), (66, 32)),
    lash=((-55, 1.0), (-44, 4.5), (-10, 8.5), (30, 10.5), (54, 12.0), (66, 10.5)),
    tip=(14.0, -9.0),
    height=0.82,
    iris=(39.0, 45.0),
    star=False,
    shut_weight=1.25,
    calm=0.4,
)
"""Open and straight: a boy's."""

EYE_FOX = EyeTemplate(
    upper=((-58, 21), (-47, 8), (-24, -8), (7, -17), (38, -21), (60, -17), (73, -9)),
    lower=((-58, 21), (-46, 28), (-22, 31), (9, 30), (38, 21), (59, 5), (73, -8)),
    shut=((-58, 21), (-40, 26), (-16, 29), (8, 27), (34, 19), (56, 8), (73, -4)),
    happy=((-58, 28), (-42, 13), (-22, 3), (4, -2), (30, -2), (54, 8), (73, 20)),
    lash=((-58, 1.0), (-45, 5.0), (-10, 9.0), (30, 11.5), (58, 13.0), (73, 11.0)),
    tip=(18.0, -14.0),
    height=0.5,
    iris=(30.0, 34.0),
    iris_y=2.0,
    gaze=(20.0, 8.0),
    star=False,
    shut_weight=1.3,
    calm=0.9,
)
"""Long and half shut, rising: sly."""

_FAMILIES = (
    Family(EYE_ROUND, 0.75, 0.4),
    Family(EYE_DOLL, 0.85, 0.3, 0.9),
    Family(EYE_DROOP, 0.75, 0.5, 0.9),
    Family(EYE_CAT, 0.75, 0.55, 0.9),
    Family(EYE_ALMOND, 0.85, 0.75),
    Family(EYE_SLEEPY, 0.5, 0.5, 0.6),
    Family(EYE_OPEN, 0.25, 0.4),
    Family(EYE_KEEN, 0.12, 0.65),
    Family(EYE_SHARP, 0.35, 0.8, 0.7),
    Family(EYE_FOX, 0.5, 0.8, 0.35),
    Family(EYE_GROWN, 0.6, 1.0, 0.8),
    Family(EYE_BUTTON, 0.5, 0.05, 0.9),
)


def eye(who: Cast, random: np.random.Generator) -> EyeTemplate:
    """The lids and lashes of one character."""
    shape = mixed(_FAMILIES, who, random, 0.6)
    wide = 1 + random.normal(0, 0.025)
    tall = (0.96 + 0.09 * who.energy) * (1 + random.normal(0, 0.04))
    tilt = random.normal(0, 0.028)
    drawn = warped(shape, wide, tall, tilt)
    heavy = (0.72 + 0.36 * who.femininity) * (1 + random.normal(0, 0.1))
    grown = 0.6 + 0.55 * who.femininity
    size = 1 + random.normal(0, 0.04)
    whole = replace(
        drawn,
        lash=tuple(
            (u, v * w * heavy) for (u, v), w in zip(drawn.lash, (1, 1, 1, 0.98, 0.88, 0.72), strict=True)
        ),
        tip=(drawn.tip[0] * grown, drawn.tip[1] * grown * random.uniform(0.7, 1.2)),
        wings=_wings(drawn, who, random),
        wing_root=random.uniform(0.5, 0.95),
        under=_under(drawn, who, random),
        iris=(drawn.iris[0] * size, drawn.iris[1] * size * (1 + random.normal(0, 0.02))),
        fold=(
            drawn.fold[0] * random.uniform(0.8, 1.5),
            drawn.fold[1] * random.uniform(0.6, 1.3) * (random.random() > 0.1),
        ),
        caruncle=max(who.age - 0.55, 0.0) * random.uniform(0.6, 1.6),
        low=drawn.low * random.uniform(0.6, 1.3),
    )
    return seated(whole)


def seated(eye: EyeTemplate) -> EyeTemplate:
    """The eye with an iris that goes under both lids: white above or below it would stare."""
    above, below = min(v for _, v in eye.upper), max(v for _, v in eye.lower)
    half = (below - above) / 2
    top = min(eye.iris_y - eye.iris[1], above - _UNDER_LID * half)
    bottom = max(eye.iris_y + eye.iris[1], below + _UNDER_LID * half)
    tall = (bottom - top) / 2
    wide = eye.iris[0] * (0.5 + 0.5 * tall / eye.iris[1])
    return replace(eye, iris=(wide, tall), iris_y=(top + bottom) / 2)


_UNDER_LID = 0.14
"""How far an iris goes under each lid at least, as a share of half the opening."""


def warped(shape: EyeTemplate, wide: float, tall: float, tilt: float) -> EyeTemplate:
    """An eye `wide` and `tall` times as large; its outer corner rises by `tilt` a unit from the middle."""

    def bent(line: Line) -> Line:
        return tuple((u * wide, 10 + (v - 10) * tall - tilt * u) for u, v in line)

    return replace(
        shape,
        upper=bent(shape.upper),
        lower=bent(shape.lower),
        shut=bent(shape.shut),
        happy=bent(shape.happy),
        lash=tuple((u * wide, v) for u, v in shape.lash),
        height=shape.height * tall,
        iris=(shape.iris[0] * (0.5 + 0.5 * tall), shape.iris[1] * tall),
    )


def _wings(shape: EyeTemplate, who: Cast, random: np.random.Generator) -> Line3:
    """Single lashes above the outer corner, which go where the lash's tip goes; none with most men."""
    full = who.femininity * random.uniform(0.3, 1.5) - 0.3 * who.age * random.uniform(0, 1)
    count = int(np.searchsorted((0.2, 0.62, 1.0), full))
    size = random.uniform(0.8, 1.25)
    return tuple(
        (-9.0 - 14.0 * i, (13.0 - 3.0 * i) * size, (0.35 * shape.tip[1] - 3.5 - 2.5 * i) * size)
        for i in range(count)
    )


def _under(shape: EyeTemplate, who: Cast, random: np.random.Generator) -> Line3:
    """Single lashes below."""
    if shape.under or random.random() > 0.4 * who.femininity:
        return shape.under if random.random() < 0.2 + who.femininity else ()
    count, length = int(random.integers(1, 4)), random.uniform(5.0, 9.0)
    return tuple((52.0 - 11.0 * i, 6.0 - 1.2 * i, length - 0.8 * i) for i in range(count))
