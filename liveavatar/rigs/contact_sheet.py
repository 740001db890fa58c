"""Contact sheets: every expression of a rig at a glance."""

import math
from collections.abc import Iterable, Sequence
from math import radians
from pathlib import Path

import numpy as np

from liveavatar.base.files import write_whole
from liveavatar.controls import CONTROLS, RANGES, both, gaze, neutral, vector
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.media.png import encode_png
from liveavatar.retargeting.reactions import EMOTES
from liveavatar.rigs import Rig

_BACKGROUND = (234, 236, 242)
_INK = (84, 76, 110)


EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "smile": {**both(mouthSmile=0.75, cheekSquint=0.3), "ears": 0.2},
    "joy": {**EMOTES["joy"], "jawOpen": 0.5},
    "anger": EMOTES["anger"],
    "sadness": {**EMOTES["sadness"], **both(eyeBlink=0.25)},
    "surprise": EMOTES["surprise"],
    "smug": {**EMOTES["smug"], **both(eyeBlink=0.2), **gaze(0.4, 0.0)},
    "A": {**both(mouthSmile=0.2), "jawOpen": 0.8},
    "I": {**both(mouthStretch=0.7, mouthUpperUp=0.3, mouthLowerDown=0.5, mouthSmile=0.3), "jawOpen": 0.08},
    "U": {"mouthPucker": 0.9, "mouthFunnel": 0.2, "jawOpen": 0.1},
    "E": {**both(mouthStretch=0.5, mouthLowerDown=0.4, mouthUpperUp=0.2), "jawOpen": 0.32},
    "O": {"mouthFunnel": 0.9, "jawOpen": 0.5, "mouthPucker": 0.3},
    "wink": {**EMOTES["wink"], "jawOpen": 0.2, "headRoll": 0.12},
    "tongue": {**EMOTES["tongue"], "jawOpen": 0.25},
    "puff": EMOTES["puff"],
    "blink": both(eyeBlink=1.0),
    "half-blink": both(eyeBlink=0.5),
    "gaze": gaze(0.9, 0.5),
    "happy": {**both(mouthSmile=1.0, eyeSquint=1.0), "headRoll": -0.15},
    "pout": {
        "mouthPucker": 0.6, **both(mouthFrown=0.5, browDown=0.4), "browInnerUp": 0.4, "mouthShrugLower": 0.6,
    },
}  # fmt: skip
"""Named expressions of the first sheet; where an emote has the name it is that emote, some with what a face would add."""


def write_sheets(rig: Rig, output_dir: Path, size: int = 256) -> list[Path]:
    """Write expressions.png, turns.png (5 yaws by 3 pitches) and controls.png (each control at its highest).

    `size` is the width of one picture in pixels. Returns the paths. Raises TrainingError when the folder
    cannot be written."""
    expressions = [(name, rig.render(vector(**values), size)) for name, values in EXPRESSIONS.items()]
    turns = [
        (f"yaw {yaw} pitch {pitch}", rig.render(vector(headYaw=radians(yaw), headPitch=radians(pitch)), size))
        for pitch in (18, 0, -18)
        for yaw in (-28, -14, 0, 14, 28)
    ]
    controls = []
    for i, name in enumerate(CONTROLS):
        if name in rig.controls:
            values = neutral()
            values[i] = RANGES[name][1]
            controls.append((name, rig.render(values, size)))
    sheets = {"expressions.png": (expressions, 5), "turns.png": (turns, 5), "controls.png": (controls, 8)}
    return [_write(output_dir / file, pictures, columns) for file, (pictures, columns) in sheets.items()]


def write_population(rigs: Iterable[tuple[str, Rig]], path: Path, size: int = 256) -> Path:
    """Write one sheet of many characters without expression, eight in a row, each under a name.

    `size` is the width of one picture in pixels. Raises TrainingError when the file cannot be written."""
    pictures = [(name, rig.render(neutral(), size)) for name, rig in rigs]
    return _write(path, pictures, min(8, len(pictures)))


def write_pictures(pictures: Sequence[tuple[str, np.ndarray]], path: Path) -> Path:
    """Write one sheet of pictures of one size, premultiplied RGBA, each under a name; nearly a square, eight in a row at most.
    Raises TrainingError when the file cannot be written."""
    return _write(path, pictures, min(8, math.ceil(len(pictures) ** 0.5)))


def _write(path: Path, pictures: Sequence[tuple[str, np.ndarray]], columns: int) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, encode_png(_grid(pictures, columns)))
    except OSError as error:
        raise TrainingError(
            tr(
                f"cannot write {path}: {error}; choose a writable folder",
                f"无法写入 {path}：{error}；请选择可写的文件夹",
            )
        ) from error
    return path


def _grid(pictures: Sequence[tuple[str, np.ndarray]], columns: int) -> np.ndarray:
    import cv2

    cells = []
    for name, picture in pictures:
        alpha = picture[..., 3:].astype(np.float32) / 255.0
        flat = picture[..., :3] + (1.0 - alpha) * np.array(_BACKGROUND, np.float32)
        cell = np.ascontiguousarray(flat.clip(0, 255).astype(np.uint8))
        scale = cell.shape[0] / 256 * 0.42
        at = (round(6 * scale / 0.42), round(15 * scale / 0.42))
        cv2.putText(cell, name, at, cv2.FONT_HERSHEY_SIMPLEX, scale, _INK, 1, cv2.LINE_AA)
        cells.append(cell)
    blank = np.full_like(cells[0], _BACKGROUND)
    cells += [blank] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)])
