"""Pairs of mouths: a character of the population is seen once; what its mouth is at another expression is drafted from that."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.controls import CONTROLS, VOWELS, both, vector
from liveavatar.media.blend import stack
from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import HeadPose
from liveavatar.rigs.drawn.identity import Mouth
from liveavatar.rigs.drawn.mouth import mouth_lines
from liveavatar.rigs.drawn.mouthpaint import Inside
from liveavatar.rigs.drawn.rest import REST
from liveavatar.rigs.drawn.rig import DrawnRig
from liveavatar.rigs.picture.mouth import NAMES, seen, window
from liveavatar.rigs.picture.mouthdraft import Draft
from liveavatar.rigs.picture.mouthread import Hand, read
from liveavatar.rigs.population import character
from liveavatar.training.morpher import graph
from liveavatar.training.morpher.pairs import Pairs, load
from liveavatar.training.morpher.trainer import Course, Trainer, join_others

SIZE = 1024
"""Pixels of the pictures that crops are taken of."""
ROOM = 360
"""Of what of them is drawn."""
SIDE = 144
"""Of the crops."""
FIRST = 70_000
"""Seed of the first character: others are for other networks and tests."""
EACH = 6
"""Expressions of a character."""
_SHOWN: tuple[dict[str, float], ...] = (
    *VOWELS.values(),
    both(mouthSmile=1.0),
    both(mouthFrown=1.0),
    {"jawOpen": 0.5, **both(mouthSmile=0.9)},
    {"jawOpen": 0.15, **both(mouthSmile=0.9, mouthUpperUp=0.5, mouthLowerDown=0.3, mouthStretch=0.3)},
    {"mouthPucker": 0.9},
    {"tongueOut": 1.0, "jawOpen": 0.25},
    {"cheekPuff": 1.0},
    {"mouthLeft": 0.8, "mouthSmileLeft": 0.6},
    {"jawOpen": 0.9},
    {},
)
"""What is asked of a mouth most."""


def mouth_pairs(characters: int, seed: int, tell: Callable[[int, int], None]) -> Pairs:
    """Draw them. tell: how many characters of how many are done."""
    sources: list[np.ndarray] = []
    of, drafts, truths, conditions = [], [], [], []
    number = FIRST + seed * 1_000_000
    while len(sources) < characters:
        random = np.random.default_rng([seed, number])
        record = character(number)
        number += 1
        if record.head == "robot":
            continue
        rig = _in_another_hand(record, random)
        first = _beginning(random)
        sharpness = float(random.choice([1.0, 1.0, 1.6, 2.4, 3.4, 4.4]))
        points, _ = rig.points(first, SIZE, np.zeros((SIZE, SIZE), np.uint8))
        x, y = (points[29:31].mean(0) - (ROOM / 2, 0.42 * ROOM)).astype(int)
        box = np.s_[max(y, 0) : min(y + ROOM, SIZE), max(x, 0) : min(x + ROOM, SIZE)]

        drawn = partial(_drawn, rig, box, sharpness)
        picture = np.zeros((SIZE, SIZE, 4), np.uint8)
        shown = drawn(first, "body", "face"), drawn(first, "mouth")
        picture[box] = stack([(0, 0, layer) for layer in shown], shown[0].shape[:2])
        near = float(np.hypot(*(points[0] - points[11]))) / 190.0
        hand = read(picture, points + random.normal(0, 1.6 * near, points.shape))
        hand = as_it_is(hand, rig)
        if not hand.told:  # nobody can know what is inside: as the draft guesses
            rig._figure.inside = hand.within  # type: ignore[union-attr]
        draft = Draft(hand, exact=True)
        cut = window(hand, SIDE)
        sources.append(cut(seen(hand, picture)))
        for controls in _asked(random):
            of.append(len(sources) - 1)
            drafts.append(cut(np.clip(draft.draw(controls).round(), 0, 255).astype(np.uint8)))
            truth = np.zeros_like(picture)
            truth[box] = drawn(controls, "mouth")
            x, y = hand.corner
            h, w = hand.hole.shape
            truths.append(cut(truth[y : y + h, x : x + w]))
            conditions.append([controls[CONTROLS.index(name)] for name in NAMES])
        tell(len(sources), characters)
    return Pairs(
        NAMES,
        np.stack(sources),
        np.array(of),
        np.stack(drafts),
        np.stack(truths),
        np.array(conditions, np.float32),
    )


def _drawn(
    rig: DrawnRig, box: tuple[slice, slice], sharpness: float, controls: np.ndarray, *names: str
) -> np.ndarray:
    """Layers of a rig in a box, one over the other."""
    layers = rig.render_layers(controls, SIZE, names)[(slice(None), *box)]
    shown = [(0, 0, layers[rig.LAYERS.index(name)]) for name in names]
    return coarser(stack(shown, layers.shape[1:3]), sharpness)


def taught(course: Course, characters: int, file: Path, tell: Callable[[int, int], None]) -> dict[str, float]:
    """Train on pairs that are drawn once and kept in the course's folder, and write the network. Returns its figures on
    characters that it has not learnt from. Raises TrainingError, OSError."""
    kept = course.run / "pairs"
    if not (kept / "names.json").is_file():
        mouth_pairs(characters, course.seed, tell).save(kept)
    join_others()
    pairs = load(kept)
    trainer = Trainer(pairs, course)
    trainer.run()
    if not trainer.worker:
        graph.write(trainer.average, pairs.source.shape[-1], len(pairs.names), file)
    return trainer.judge()


def as_it_is(hand: Hand, rig: DrawnRig) -> Hand:
    """The hand with the measures by which the character's mouth truly moves: how far it opens is no picture's to tell."""
    face, size = rig.identity.face, rig.identity.build.head
    here, there = (
        mouth_lines(face, HeadPose(0.0, 0.0, 0.0, size=s), REST).opening * SIZE / 1024.0 for s in (1.0, size)
    )
    scale = float(np.ptp(there[:, 0]) / np.ptp(here[:, 0]))
    place = np.zeros((2, 3))
    place[:, :2] = np.eye(2) * scale
    place[:, 2] = there.mean(0) - scale * here.mean(0) - hand.corner
    pixels = (np.array([hand.upper, hand.lower]) @ hand.place[:, :2].T) + hand.place[:, 2]
    upper, lower = (pixels - place[:, 2]) / scale
    return replace(hand, face=face, place=place, upper=upper, lower=lower)


def coarser(picture: np.ndarray, by: float) -> np.ndarray:
    """A picture (h, w, 4) uint8 as it is when it was `by` times smaller and is enlarged."""
    if by <= 1.0:
        return picture
    h, w = picture.shape[:2]
    small = cv2.resize(picture, (round(w / by), round(h / by)), interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)
    large[..., :3] = np.minimum(large[..., :3], large[..., 3:])
    return large


def _in_another_hand(record: Any, random: np.random.Generator) -> DrawnRig:
    """The character, most often with a mouth of other lines and colours than the population has."""
    style: Mouth = record.face.mouth
    if random.random() < 0.7:
        skin = record.palette.skin
        hue = float(random.normal(20, 14))
        dark = skin.light - random.uniform(0.2, 0.62)
        style = replace(
            style,
            line=Tone(max(dark, 0.16), float(random.uniform(0.02, 0.14)), hue),
            weight=style.weight * float(random.uniform(0.7, 1.6)),
            under=float(random.choice([0.0, style.under])),
        )
        if random.random() < 0.2:
            lip = Tone(skin.light - float(random.uniform(0.05, 0.25)), float(random.uniform(0.06, 0.17)), hue)
            style = replace(style, lip=lip, relief=float(random.uniform(0, 0.8)))
    rig = DrawnRig(replace(record, face=replace(record.face, mouth=style)))
    if random.random() < 0.75:
        hue, light = float(random.normal(16, 14)), float(random.uniform(0.22, 0.72))
        chroma = float(random.uniform(0.06, 0.15))
        wall = Tone(light, chroma, hue)
        flat = random.random() < 0.3
        tongue = wall if flat else Tone(light + float(random.uniform(0.06, 0.3)), chroma * 1.1, hue + 4)
        deep = wall if flat else wall.to(-float(random.uniform(0, 0.12)))
        teeth = float(random.random() < 0.5)
        throat, gleam = (0.0 if flat else float(random.uniform(0, 1)) for _ in range(2))
        rig._figure.inside = Inside(wall, deep, tongue, throat, teeth, gleam)  # type: ignore[union-attr]
    return rig


def _beginning(random: np.random.Generator) -> np.ndarray:
    """What the picture shows."""
    if random.random() < 0.45:
        return vector()
    return vector(
        jawOpen=float(random.uniform(0.2, 0.8)),
        mouthFunnel=float(random.choice([0.0, 0.0, random.uniform(0, 0.5)])),
        **both(mouthSmile=float(random.choice([0.0, random.uniform(0, 1)]))),
    )


def _asked(random: np.random.Generator) -> list[np.ndarray]:
    """EACH expressions: known ones, weaker and stronger, with others mixed in."""
    found = []
    for i in random.choice(len(_SHOWN), EACH, replace=False):
        controls = vector(**_SHOWN[i]) * np.float32(random.uniform(0.5, 1.15))
        if random.random() < 0.4:
            name = str(random.choice(NAMES))
            controls[CONTROLS.index(name)] = max(controls[CONTROLS.index(name)], random.uniform(0, 0.8))
        found.append(np.clip(controls, 0, 1).astype(np.float32))
    return found
