"""How near mouths that are redrawn from one picture come to the character's own, of characters nobody was taught with.

    python -m benchmarks.training.redrawn [--characters 24] [--clips A.mp4 B.mp4] [--json]

Every other character's picture has its mouth open. Points are the rig's, wrong by 1.6 canvas units as the landmark network's are.
The mouth is drawn for fourteen expressions that ask most of it, and with --clips for eight tracked frames of each film; PSNR in
dB of crops 72 pixels wide of a picture 512 wide, on the face as it is in the picture. Rows: all read off the picture; and with
the character's own geometry given, which no picture tells. Energy: of the gradients, made over true. Ends with one JSON line.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.people.portrait import follow
from liveavatar.base import provenance
from liveavatar.controls import CONTROLS, VOWELS, both, vector
from liveavatar.media.blend import stack
from liveavatar.rigs.drawn.rig import DrawnRig
from liveavatar.rigs.picture.mouth import NAMES, window
from liveavatar.rigs.picture.mouthdraft import Draft
from liveavatar.rigs.picture.mouthread import Hand, read
from liveavatar.rigs.population import character
from liveavatar.trackers.model_files import find_model
from liveavatar.training.morpher.mouths import SIDE, SIZE, as_it_is

FIRST = 91_000
"""Seed of the first character: others are for networks, and for what was tuned by hand."""
WRONG = 1.6
FRAMES = 8
ASKED = {
    "shut": {}, **VOWELS, "smile": both(mouthSmile=1.0), "laugh": {"jawOpen": 0.5, **both(mouthSmile=0.9)},
    "grin": {"jawOpen": 0.15, **both(mouthSmile=0.9, mouthUpperUp=0.5, mouthLowerDown=0.3, mouthStretch=0.3)},
    "pout": {"mouthPucker": 0.9}, "tongue": {"tongueOut": 1.0, "jawOpen": 0.25}, "puff": {"cheekPuff": 1.0},
    "frown": both(mouthFrown=1.0), "crooked": {"mouthLeft": 0.8, "mouthSmileLeft": 0.6},
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One character, seen once."""

    rig: DrawnRig
    picture: np.ndarray
    """(SIZE, SIZE, 4)."""
    bare: np.ndarray
    """The same without the mouth."""
    hand: Hand
    opened: bool


def seen(number: int) -> Seen | None:
    """A character with its mouth open where number is odd; None where it is a robot."""
    record = character(number)
    if record.head == "robot":
        return None
    random = np.random.default_rng([77, number])
    rig, first = DrawnRig(record), vector()
    if number % 2:
        smile = float(random.choice([0.0, random.uniform(0, 1)]))
        first = vector(jawOpen=float(random.uniform(0.2, 0.8)), **both(mouthSmile=smile))
    points, _ = rig.points(first, SIZE, np.zeros((SIZE, SIZE), np.uint8))
    layers = rig.render_layers(first, SIZE, ("body", "face", "mouth"))
    picture, bare = (
        stack([(0, 0, layers[rig.LAYERS.index(name)]) for name in names], (SIZE, SIZE))
        for names in (("body", "face", "mouth"), ("body", "face"))
    )
    unit = float(np.hypot(*(points[0] - points[11]))) / 190.0
    hand = read(picture, points + random.normal(0, WRONG * unit, points.shape))
    return Seen(rig, picture, bare, hand, bool(number % 2))


def crops(of: Seen, draw: Callable[[np.ndarray], np.ndarray], controls: np.ndarray) -> list[np.ndarray]:
    """Made and true (SIDE/2, SIDE/2, 3) for controls."""
    x, y = of.hand.corner
    h, w = of.hand.hole.shape
    box, cut = np.s_[y : y + h, x : x + w], window(of.hand, SIDE)
    mouth = of.rig.render_layers(controls, SIZE, ("mouth",))[of.rig.LAYERS.index("mouth")][box]
    skin = np.where(of.hand.hole[..., None], of.hand.skin, of.picture[box][..., :3])
    found = []
    for top, below in ((draw(controls).round(), skin), (mouth.astype(np.float32), of.bare[box][..., :3])):
        whole = cut(np.clip(top[..., :3] + below * (1 - top[..., 3:] / 255), 0, 255).astype(np.float32))
        found.append(cv2.resize(whole, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA))
    return found


def psnr(made: np.ndarray, true: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(float(((made - true) ** 2).mean()), 0.06)))


def energy(crop: np.ndarray) -> float:
    return float((np.diff(crop, axis=0) ** 2).sum() + (np.diff(crop, axis=1) ** 2).sum())


def tracked(clips: list[Path]) -> list[np.ndarray]:
    """The mouth's controls in FRAMES frames of each."""
    mine = np.isin(CONTROLS, NAMES)
    found = []
    for clip in clips:
        driven = follow(clip, find_model())
        for k in np.linspace(0, len(driven) - 1, FRAMES).astype(int):
            found.append(np.where(mine, driven[k].expression.controls, 0).astype(np.float32))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--characters", type=int, default=24)
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    a = parser.parse_args()
    asked = {name: vector(**values) for name, values in ASKED.items()}
    asked |= {f"clip {k}": controls for k, controls in enumerate(tracked(a.clips))}
    figures: dict[str, dict[str, float]] = {}
    faces = [face for k in range(a.characters) if (face := seen(FIRST + k)) is not None]
    ways = {
        "read": lambda face: Draft(face.hand),
        "geometry given": lambda face: Draft(as_it_is(face.hand, face.rig), exact=True),
    }
    for way, drafted in ways.items():
        groups: dict[str, list[float]] = {}
        energies = np.zeros(2)
        for face in faces:
            draft = partial(Draft.draw, drafted(face))
            for name, controls in asked.items():
                made, true = crops(face, draft, controls)
                clip = name.startswith("clip ")
                whole = "all of clips" if clip else "drawn open" if face.opened else "drawn shut"
                for group in (whole,) if clip else (name, whole, "all"):
                    groups.setdefault(group, []).append(psnr(made, true))
                energies += energy(made), energy(true)
        figures[way] = {group: round(float(np.mean(values)), 2) for group, values in groups.items()}
        figures[way]["energy"] = round(float(energies[0] / energies[1]), 3)
    if not a.json:
        for name in figures["read"]:
            print(f"{name:14}", *(f"{way} {values[name]:7}" for way, values in figures.items()))
    print(json.dumps({"mouths": figures, "characters": len(faces), "commit": provenance.commit()}))


if __name__ == "__main__":
    main()
