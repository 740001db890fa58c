"""What can be seen of one character by machine: faults of its drawing, and whether it stays itself whatever it does."""

from collections.abc import Callable

import numpy as np

from liveavatar.controls import both, neutral, vector
from liveavatar.rigs.contact_sheet import EXPRESSIONS
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.drawn.eyes import eye_lines, eye_state
from liveavatar.rigs.drawn.geometry import HeadPose
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.rest import REST

SIZE = 128
SHOWN = ("neutral", "joy", "anger", "surprise", "A", "pout")
"""Expressions by which a character is to be known again."""
_SEEN = 24
"""Of 255: what two pictures differ by where something moved."""
_EYE, _MOUTH = 0.05, 0.006
"""Least standard deviation of lightness in the boxes of eyes and mouth."""
_FILLED = {"head": 0.05, "face": 0.02, "eyes": 0.002, "mouth": 0.0003, "body": 0.03}
"""Least share of the picture that a layer covers, where a rig has one of that name."""


def faults(record: Identity, oklab: Callable[[np.ndarray], np.ndarray]) -> list[str]:
    """What is wrong with a character, in a word each."""
    rig, found = DrawnRig(record), []
    layers = rig.render_layers(neutral(), SIZE)
    open_, shut = (rig.render(controls, SIZE) for controls in (neutral(), vector(**both(eyeBlink=1.0))))
    edge = np.concatenate([open_[0, :, 3], open_[: SIZE * 3 // 4, 0, 3], open_[: SIZE * 3 // 4, -1, 3]])
    if edge.max() > 8:
        found.append("frame")
    boxes = {name: tuple(map(round, box)) for name, box in rig.boxes(neutral(), SIZE).items()}
    light = oklab(open_).reshape(SIZE, SIZE, 3)[..., 0]

    def part(picture: np.ndarray, name: str) -> np.ndarray:
        x0, y0, x1, y1 = boxes[name]
        return picture[y0:y1, x0:x1]

    moved = (np.abs(open_.astype(int) - shut).max(-1) > _SEEN).astype(float)
    eyes = ("eye_left", "eye_right")
    if max(part(moved, name).mean() for name in eyes) < 0.15:
        found.append("eyes hidden")
    if max(part(light, name).std() for name in eyes) < _EYE or part(light, "mouth").std() < _MOUTH:
        found.append("contrast")
    for name, least in _FILLED.items():
        if name in rig.LAYERS and (layers[rig.LAYERS.index(name), ..., 3] > 8).mean() < least:
            found.append(f"{name} empty")
    if _opening(record, 0.0) < 18.0 or _opening(record, 1.0) > 3.0:
        found.append("blink")
    return found


def _opening(record: Identity, blink: float) -> float:
    """The wider eye's height in head units."""
    state = {**REST, "eyeBlinkLeft": blink, "eyeBlinkRight": blink}
    heights = []
    for side in (1, -1):
        lines = eye_lines(record.face, HeadPose(0.0, 0.0, 0.0), side, eye_state(state, side))
        upper, lower = np.array_split(lines.opening, 2)
        heights.append(float((lower[::-1] - upper)[:, 1].max()))
    return max(heights)


def known_again(
    records: list[Identity], oklab: Callable[[np.ndarray], np.ndarray], size: int
) -> dict[str, float]:
    """Distances between one character's pictures over SHOWN and between characters, and how many pictures with an
    expression lie nearest to their own character's without one."""
    rows = np.stack(
        [
            [oklab(rig.render(vector(**EXPRESSIONS[name]), size)) for name in SHOWN]
            for rig in map(DrawnRig, records)
        ]
    )
    rest = rows[:, 0]
    within = np.sqrt(((rows[:, 1:] - rest[:, None]) ** 2).mean(-1))
    far = np.sqrt(((rows[:, None, 1:] - rest[None, :, None]) ** 2).mean(-1))
    others = ~np.eye(len(rows), dtype=bool)
    hits = far.argmin(1) == np.arange(len(rows))[:, None]
    return {
        "within": float(within.mean()),
        "between": float(far[others].mean()),
        "known_again": float(hits.mean()),
    }
