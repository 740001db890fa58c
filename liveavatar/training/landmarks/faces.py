"""The faces that are learned from: characters of the population and from noise, each in a few expressions, with true points.

Each is kept in three parts, so that other hands can be made of it: what lies behind the features, with skin in place of eyes and
mouth; the features; and what lies before the face.
"""

import hashlib
import inspect
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from liveavatar.fitting.sampling import sample_many
from liveavatar.fitting.workers import Told, draw_missing
from liveavatar.landmarks.points import NAMES
from liveavatar.rigs.drawn import DrawnRig, facepoints
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.rig import COVERING, flatten
from liveavatar.rigs.generated import coded, decode
from liveavatar.rigs.population import character
from liveavatar.rigs.population.styles import nearest
from liveavatar.training.arrays import open_arrays, reopen_arrays
from liveavatar.training.dataset import cache_folder

SIZE = 256
"""Of a picture, pixels."""
EACH = 5
"""Pictures of one character."""
FIRST = 300_000
"""Seeds from here on are learned from, those below 100,000 are for judging."""
UNSEEN = ("inked", "watercolour")
"""Styles that are left out, for judging."""
_GENERATED = 4
"""Every so many-th character comes from noise."""
_NEAR = np.ones((5, 5), np.uint8)
ARRAYS = ("parts", "points", "hidden", "done")


@dataclass(frozen=True)
class Faces:
    """Memory-mapped arrays of what was drawn."""

    parts: np.ndarray
    """(n, 3, S, S, 4) uint8, premultiplied RGBA: behind, features, before."""
    points: np.ndarray
    """(n, 46, 2) float32, pixels."""
    hidden: np.ndarray
    """(n, 46) bool."""
    done: np.ndarray
    """(n,) uint8: 1 where the row is drawn."""


def faces(characters: int, workers: int, tell: Told) -> Faces:
    """Draw those that are missing. Raises TrainingError on a full disk."""
    folder = _folder(characters)
    arrays = open_faces(characters)
    draw_missing(_Draw(folder), arrays.done[::EACH], workers, tell)
    return arrays


def open_faces(characters: int) -> Faces:
    """The set as far as it is drawn. Raises TrainingError on a full disk."""
    count = characters * EACH
    wanted = {
        "parts": ((count, 3, SIZE, SIZE, 4), np.uint8),
        "points": ((count, len(NAMES), 2), np.float32),
        "hidden": ((count, len(NAMES)), np.bool_),
        "done": ((count,), np.uint8),
    }
    return Faces(**open_arrays(_folder(characters), wanted))


def _folder(characters: int) -> Path:
    source = inspect.getsource(facepoints) + inspect.getsource(parts)
    key = hashlib.sha256(f"{characters} {source}".encode()).hexdigest()[:8]
    return cache_folder() / "datasets" / f"faces-{SIZE}-{key}"


@dataclass(frozen=True)
class _Draw:
    """Draws all pictures of one character."""

    folder: Path

    def open(self) -> None:
        cv2.setNumThreads(1)

    def do(self, item: int) -> None:
        arrays = Faces(**reopen_arrays(self.folder, ARRAYS))
        rig = DrawnRig(learned(item))
        for row, controls in enumerate(sample_many(EACH, FIRST + item), item * EACH):
            arrays.parts[row], arrays.points[row], arrays.hidden[row] = parts(rig, controls)
        arrays.done[item * EACH : (item + 1) * EACH] = 1


def learned(number: int) -> Identity:
    """One of the characters that are learned from; none is drawn in a style of UNSEEN."""
    seed = FIRST + 37 * number
    while True:
        record = decode(coded(seed)) if number % _GENERATED == 0 else character(seed)
        if nearest(record.style) not in UNSEEN:
            return record
        seed += 1


def parts(rig: DrawnRig, controls: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture in its three parts, its points and which are hidden, as Faces has them."""
    layers = dict(zip(rig.LAYERS, rig.render_layers(controls, SIZE), strict=True))
    before = flatten(np.stack([layers[name] for name in COVERING if name in layers]))
    points, hidden = rig.points(controls, SIZE, before[..., 3])
    face = layers["face"]
    ball = _times(layers["eyes"], 255 - face[..., 3])
    holes = cv2.dilate(((layers["eyes"][..., 3] > 0) & (face[..., 3] < 250)).astype(np.uint8), _NEAR)
    skin = _times(_skin(face, holes), cv2.GaussianBlur(255 * holes, (0, 0), 1))
    behind = flatten(np.stack([layers["back"], layers["body"], face, skin]))
    above = [layers[name] for name in ("mouth", "lashes", "brows") if name in layers]
    features = flatten(np.stack([ball, *above]))
    return np.stack([behind, features, before]), points, hidden


def _times(layer: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """A premultiplied layer under a mask, both uint8."""
    return (layer.astype(np.uint16) * alpha[..., None] // 255).astype(np.uint8)


def _skin(face: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """(S, S, 4) uint8, opaque: the face's colours, spread over its holes and what is near them."""
    sound = face.astype(np.float32) * (1 - cv2.dilate(holes, _NEAR))[..., None]
    blurred = cv2.GaussianBlur(sound, (0, 0), 7)
    colour = blurred / np.maximum(blurred[..., 3:], 1e-3) * 255
    return colour.clip(0, 255).astype(np.uint8)
