"""Makes the pairs that the refiner for drawings is trained on: drawn characters by chance, warped and as they really look.

    python scripts/refiner_drawings.py --output drawings

Each is one of the characters of liveavatar/rigs/drawn with other colours, proportions, eyes, brows and mouth, from the seed. Its
picture becomes a portrait by points, as a user would set them; every other frame is drawn by that portrait, and cut into mouth
and eyes beside the truth. One file a character; those that are there are kept, so the command may be stopped and goes on. About
ten seconds a character.
"""

import argparse
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from liveavatar.controls import CONTROLS, HEAD, INDEX, RANGES, SECONDARY, neutral, vector
from liveavatar.fitting.sampling import sample
from liveavatar.language import tr
from liveavatar.media.picture import Picture
from liveavatar.portrait.figure import build_from_points
from liveavatar.portrait.matting import framed
from liveavatar.portrait.points import OPTIONAL, REQUIRED, Points, check_points
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import CANVAS, on_face
from liveavatar.rigs.drawn.human import HumanScene
from liveavatar.rigs.drawn.identity import Identity, Palette
from liveavatar.rigs.drawn.noses import NOSE_DOT, NOSE_LINE, NOSE_SOFT
from liveavatar.rigs.drawn.roster import IDENTITIES
from liveavatar.rigs.drawn.templates import (
    BROW_ARCH,
    BROW_SOFT,
    BROW_STRAIGHT,
    EYE_ALMOND,
    EYE_KEEN,
    EYE_ROUND,
)
from liveavatar.training.refiner.pairs import Pairs, similarity
from liveavatar.types import Expression

SIZE = 768
"""Side of the pictures, pixels."""
PEOPLE = [record for record in IDENTITIES.values() if record.head == "human"]
TURN = 0.6
"""Heads turn by this share of what trainings of avatars see: a flat drawing's warp is good for 15 degrees."""
SHUT, LAUGHING = 0.2, 0.15
"""Share of frames with both eyes shut, and shut by laughing: where a warp is at its worst."""
UNSURE = 0.012
"""Standard deviation of a point that a user sets, in face heights."""


def character(rng: np.random.Generator) -> Identity:
    """One of ours with other colours, sizes and features."""
    base = PEOPLE[rng.integers(len(PEOPLE))]

    def tone(t: Tone, light: float = 0.06, hue: float = 10.0) -> Tone:
        return t.to(rng.normal(0, light), float(np.exp(rng.normal(0, 0.2))), rng.normal(0, hue))

    hair, eyes = (Tone(rng.uniform(0.2, 0.92), rng.uniform(0.0, 0.16), rng.uniform(0, 360)) for _ in range(2))
    skin = tone(Tone(rng.choice([0.93, 0.9, 0.84, 0.72, 0.58]), rng.uniform(0.03, 0.08), 52), 0.02, 6)
    palette = Palette(
        hair=hair, tips=tone(hair, 0.1, 30), inner=tone(hair, 0.1, 30), skin=skin,
        iris_top=eyes._replace(light=rng.uniform(0.2, 0.4)), iris_middle=eyes._replace(light=rng.uniform(0.45, 0.65)),
        iris_bottom=eyes._replace(light=rng.uniform(0.7, 0.92)),
        **{name: tone(getattr(base.palette, name), 0.1, 60) for name in ("dress", "knit", "ribbon", "gold")},
    )  # fmt: skip
    face, mouth = base.face, base.face.mouth
    line = Tone(rng.uniform(0.2, 0.55), rng.uniform(0.0, 0.12), rng.uniform(0, 60))
    lip = (
        Tone(rng.uniform(0.55, 0.7), rng.uniform(0.08, 0.15), rng.uniform(5, 35))
        if rng.random() < 0.3
        else None
    )
    mouth = replace(
        mouth, fang=bool(rng.random() < 0.3), lip=lip, scale=rng.uniform(0.75, 1.1), corner=rng.uniform(0.8, 1.2),
        arch=rng.uniform(0.12, 0.34), line=line,
    )  # fmt: skip
    lash = Tone(rng.uniform(0.12, 0.4), rng.uniform(0.0, 0.1), rng.uniform(0, 360))
    face = replace(
        face, eye=[EYE_ROUND, EYE_KEEN, EYE_ALMOND][rng.integers(3)], brow=[BROW_SOFT, BROW_STRAIGHT, BROW_ARCH][rng.integers(3)],
        eye_x=face.eye_x + rng.normal(0, 4), eye_y=face.eye_y + rng.normal(0, 4),
        eye_scale=face.eye_scale * rng.uniform(0.88, 1.08), eye_tilt=rng.normal(0, 4), brow_y=face.brow_y + rng.normal(0, 5),
        mouth_y=face.mouth_y + rng.normal(0, 5), mouth_width=face.mouth_width * rng.uniform(0.75, 1.2), mouth=mouth,
        nose=(NOSE_DOT, NOSE_LINE, NOSE_SOFT)[rng.integers(3)], nose_y=face.nose_y + rng.normal(0, 4), line=line,
        blush=rng.uniform(0, 1.2), blush_strokes=bool(rng.random() < 0.4), freckles=bool(rng.random() < 0.15),
        lash_tone=lash, lash_end=tone(lash, 0.08, 30),
        brow_tone=tone(hair, 0.08) if rng.random() < 0.7 else lash,
    )  # fmt: skip
    return replace(base, palette=palette, face=face)


def around(opening: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Start, middle of the first half, end and middle of the second half of an outline that goes there above and back below."""
    half = len(opening) // 2
    return opening[0], opening[half // 2], opening[half - 1], opening[half + half // 2]


def points_of(scene: HumanScene) -> Points:
    """The points of docs/portraits.md on the picture, SIZE a side."""
    face, head = scene.figure.shape, scene.head
    found: dict[str, np.ndarray] = {}
    for side, name in ((-1, "right"), (1, "left")):
        eye = scene.eyes[side]
        inner, top, outer, bottom = around(eye.opening)
        found[f"{name}EyeInner"], found[f"{name}EyeOuter"] = inner, outer
        found[f"{name}EyeUpper"], found[f"{name}EyeLower"] = top, bottom
        half = len(eye.brow) // 2
        ends = eye.brow[0], eye.brow[half // 2], eye.brow[half - 1]
        found[f"{name}BrowInner"], found[f"{name}Brow"], found[f"{name}BrowOuter"] = ends
    found["mouthRight"], top, found["mouthLeft"], bottom = around(scene.mouth.opening)
    away = head.place(on_face(np.array([[0.0, 0.0], [0.0, 3.0]])))
    found["mouthTop"], found["mouthBottom"] = top - (away[1] - away[0]), bottom + (away[1] - away[0])
    found["chin"] = scene.outline[scene.outline[:, 1].argmax()]
    found["nose"] = head.place(on_face(np.array([[0.0, face.nose_y]])))[0]
    points: Points = {key: [float(v) for v in value * SIZE / CANVAS] for key, value in found.items()}
    for side, name in ((-1, "right"), (1, "left")):
        xx, _, x, _, yy, y = scene.eyes[side].iris
        radius = float(np.mean(face.eye.iris)) * 0.5 * (abs(xx) + abs(yy))
        points[f"{name}Iris"] = [float(v) * SIZE / CANVAS for v in (x, y, radius)]
    return points


def rest(rng: np.random.Generator) -> np.ndarray:
    """The expression in the picture: mostly calm, often a smile, at times an open mouth."""
    smile = rng.uniform(0.2, 0.8) if rng.random() < 0.5 else 0.0
    opened = rng.uniform(0.3, 0.8) if rng.random() < 0.15 else 0.0
    return vector(mouthSmileLeft=smile, mouthSmileRight=smile, jawOpen=opened)


def with_rest(controls: np.ndarray, calm: np.ndarray) -> np.ndarray:
    """What the character should show: the driver's expression on top of the picture's."""
    return (calm + controls * (1 - np.abs(calm))).astype(np.float32)


def make(seed: int, frames: int) -> Pairs:
    """One character's pairs."""
    rng = np.random.default_rng(seed)
    rig, calm = DrawnRig(character(rng)), rest(rng)
    behind = rng.integers(60, 250, 3)

    def drawn(controls: np.ndarray) -> np.ndarray:
        rgba = rig.render(controls, SIZE)
        colour = (rgba[..., :3] + (1 - rgba[..., 3:] / 255) * behind).round().astype(np.uint8)
        return np.dstack([colour, np.full(colour.shape[:2], 255, np.uint8)])

    def marks(controls: np.ndarray) -> Points:
        return points_of(rig.pose(controls))  # type: ignore[arg-type]

    still, points = drawn(calm), marks(calm)
    height = points["chin"][1] - 0.5 * (points["rightBrow"][1] + points["leftBrow"][1])
    named = {**REQUIRED, **OPTIONAL}
    shown_points = {
        name: [
            *(np.array(p[:2]) + rng.normal(0, UNSURE * height * (0.4 if "mouth" in name else 1), 2)),
            *p[2:],
        ]
        for name, p in points.items()
    }
    portrait, sheet, move, _ = build_from_points(
        Picture(still, False), check_points(shown_points, (SIZE, SIZE)), None
    )
    pairs = Pairs()
    pairs.add_source(portrait, sheet)
    index = np.array([named[name] for name in points if name in named])
    low, high = np.array([RANGES[name] for name in CONTROLS], np.float32).T
    turns = [INDEX[name] for name in HEAD]

    def on_sheet(expression: np.ndarray) -> np.ndarray:
        found = marks(expression)
        return np.array([found[n][:2] for n in points if n in named]) @ move[:, :2].T + move[:, 2]

    at_rest = pairs.posed(Expression(neutral(), 0.0))[index, :2] - on_sheet(calm)
    for i, controls in enumerate(sample(frames, seed)):
        controls[[INDEX[name] for name in SECONDARY]] = 0
        controls[turns] *= TURN
        kind = rng.random() if i else 1.0  # the first is calm
        if kind < SHUT:
            controls[[INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 1
        elif kind < SHUT + LAUGHING:
            for name in ("mouthSmile", "eyeSquint", "cheekSquint"):
                controls[[INDEX[f"{name}Left"], INDEX[f"{name}Right"]]] = rng.uniform(0.5, 1)
        pose = neutral()
        pose[turns] = controls[turns]
        # Both turn about a middle of their own: laid on one another by how the pose alone moves their points.
        posed = pairs.posed(Expression(pose, 0.0))[index, :2]
        place = similarity(posed, on_sheet(with_rest(pose, calm)) + at_rest)
        truth = drawn(np.clip(with_rest(controls, calm), low, high))
        pairs.add_placed(
            Expression(controls, 0.0), place, framed(truth, move)[..., :3].round().astype(np.uint8)
        )
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=Path("drawings"), help=tr("folder", "文件夹"))
    parser.add_argument("--people", type=int, default=64, help=tr("how many characters", "角色数"))
    parser.add_argument("--frames", type=int, default=48, help=tr("frames of each", "每个角色的帧数"))
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    cv2.setNumThreads(1)
    a.output.mkdir(parents=True, exist_ok=True)
    for i in range(a.people):
        path = a.output / f"drawing-{a.seed}-{i:03d}.npz"
        if path.exists():
            continue
        pairs = make(zlib.crc32(f"{a.seed}/{i}".encode()), a.frames)
        pairs.save(path)
        print(f"{path.name}: {len(pairs)} frames", flush=True)


if __name__ == "__main__":
    main()
