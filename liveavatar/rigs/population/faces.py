"""Faces: proportions from a chibi's to a grown one's, and all that is drawn on them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.identity import FaceShape, Identity
from liveavatar.rigs.drawn.templates import EyeTemplate
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.draws import streams
from liveavatar.rigs.population.eyes import eye
from liveavatar.rigs.population.features import brow, mouth, nose
from liveavatar.rigs.population.irises import iris
from liveavatar.rigs.population.marks import marks
from liveavatar.rigs.population.mixing import along
from liveavatar.rigs.population.outlines import Jaw, outline
from liveavatar.rigs.population.skin import skin, with_make_up, with_skin

_EARED = ("human", "elf", "demon", "angel", "dragon", "spirit")
"""Species with ears beside the face."""


def face(record: Identity, who: Cast, random: np.random.Generator) -> Identity:
    """Give a record its face and skin."""
    parts = streams(random, 10)
    return marked(unmarked(record, who, random, parts), who, parts[9])


def marked(record: Identity, who: Cast, random: np.random.Generator) -> Identity:
    """The record with what lies on its skin."""
    shape = record.face
    return replace(record, face=replace(shape, marks=marks(shape, record.palette.skin, who, random)))


def unmarked(
    record: Identity, who: Cast, random: np.random.Generator, each: Sequence[np.random.Generator]
) -> Identity:
    """The record with a face and a skin with nothing on it."""
    parts = iter(each)
    tone = skin(who, next(parts))
    jaw, lids = outline(who, next(parts)), eye(who, next(parts))
    shape = replace(
        _proportions(jaw, lids, who, next(parts)),
        brow=brow(who, next(parts)),
        iris=iris(who, next(parts)),
        nose=nose(who, next(parts)),
        blush=random.uniform(0.15, 0.75) + 0.45 * who.femininity * (1.1 - who.age),
        blush_strokes=bool(random.random() < 0.3 * who.femininity * (1.2 - who.age)),
        blush_size=random.uniform(46.0, 66.0),
        forehead=True,
        ears=who.species in _EARED,
    )
    shape = with_skin(shape, tone, who, next(parts))
    shape = with_make_up(shape, tone, who, next(parts))
    return replace(record, face=shape, palette=replace(record.palette, skin=tone, other_iris=_other(random)))


def _proportions(jaw: Jaw, lids: EyeTemplate, who: Cast, random: np.random.Generator) -> FaceShape:
    """Where eyes, nose and mouth lie on a face of an outline, and how large they are."""
    age, half = who.age, jaw[3][0]
    chin = max(y for _, y, _ in jaw)
    eye_y = along(age, (0, 0.5, 1), (77, 66, 53)) + random.normal(0, 2.5)
    mouth_y = chin - along(age, (0, 0.5, 1), (61, 65, 70)) + random.normal(0, 2.5)
    nose_y = eye_y + (mouth_y - eye_y) * (
        along(age, (0, 0.5, 1), (0.5, 0.555, 0.6)) + random.normal(0, 0.015)
    )
    inner, outer = lids.upper[0][0], lids.upper[-1][0]
    scale = along(age, (0, 0.3, 0.7, 1), (1.07, 1.0, 0.96, 0.85)) * (1 + random.normal(0, 0.03))
    eye_x = half * (along(age, (0, 0.5, 1), (0.55, 0.525, 0.475)) + random.normal(0, 0.012))
    eye_x = float(np.clip(eye_x, 25 - inner * scale, half - 11 - outer * scale))
    lid = eye_y + scale * min(v for _, v in lids.upper)
    gap = along(age, (0, 0.5, 1), (46, 42, 34)) - 14 * max(0.5 - who.femininity, 0.0) / 0.5 * age**0.5
    shape = mouth(who, random)
    return FaceShape(
        jaw=jaw,
        eye=lids,
        eye_x=eye_x,
        eye_y=eye_y,
        eye_scale=scale,
        brow_y=lid - gap + random.normal(0, 3),
        nose_y=nose_y,
        mouth=shape.style,
        mouth_y=mouth_y,
        mouth_width=shape.half,
        blush_at=(0.67 * half, nose_y + 0.22 * (mouth_y - nose_y)),
        ear_x=half + 2.0,
        ear_y=0.6 * (eye_y - 62.0) + random.normal(0, 2.5),
        ear_size=(random.uniform(0.75, 1.12), random.uniform(0.86, 1.08)),
        puff=(along(half, (158, 176), (31, 38)), 60.0),
    )


def _other(random: np.random.Generator) -> tuple[Tone, Tone, Tone] | None:
    """The left eye's iris where it is of another colour."""
    if random.random() > 0.035:
        return None
    hue = float(random.choice([70.0, 230.0, 150.0, 15.0, 300.0]))
    return Tone(0.4, 0.11, hue - 12), Tone(0.63, 0.14, hue), Tone(0.86, 0.1, hue + 18)
