"""A rig made of one picture: its layers, moved."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.base.npz import NpzError, read_npz
from liveavatar.controls import CONTROLS, HEAD, RANGES, SECONDARY, neutral
from liveavatar.errors import TrainingError
from liveavatar.landmarks.points import EYES, INDEX, MOUTH
from liveavatar.language import tr
from liveavatar.media.blend import over
from liveavatar.rigs import Rig
from liveavatar.rigs.picture import layers
from liveavatar.rigs.picture.eyemorpher import EyeMorpher
from liveavatar.rigs.picture.framing import CANVAS
from liveavatar.rigs.picture.motion import Motion
from liveavatar.rigs.picture.mouth import MouthMorpher

LAYERS = ("back", "body", "eyes", "face", "mouth", "front", "lashes", "brows")
"""Back to front."""
PREFIX = "picture-"
"""The rig of a prepared picture is called so, and then as its file."""
STEP = 36
"""Pixels of the canvas between points that a motion is told by."""
_LOW = np.array([RANGES[name][0] for name in CONTROLS], np.float32)
_HIGH = np.array([RANGES[name][1] for name in CONTROLS], np.float32)
_AHEAD = dict.fromkeys((*HEAD, *SECONDARY), 0.0)
_JAWS = ("jawLeft", "jawRight", "jawForward", "mouthLeft", "mouthRight")
_OF_EYES = {"eyes", "face", "lashes", "brows"}
_OF_MOUTH = {"face", "mouth"}
_ONE_MAP: Any = None
_PLACES = np.stack(np.meshgrid(*[np.arange(CANVAS, dtype=np.float32)] * 2), -1)


Crop = tuple[int, int, np.ndarray]


def lay(texture: np.ndarray, crops: list[Crop]) -> None:
    """Crops over a texture, in place."""
    for x, y, crop in crops:
        over(texture[y : y + len(crop), x : x + len(crop[0])], crop)


class PictureRig(Rig):
    """Deterministic; not thread-safe."""

    REDRAWS_LASHES = True
    """A lash that shuts becomes a stroke, see eyestroke.py: moved as it is it would crumple."""

    def __init__(self, name: str) -> None:
        """name: as prepare.prepare() gave it. Raises TrainingError where the file is none of these."""
        path = Path(name.removeprefix(PREFIX))
        try:
            with path.open("rb") as file:
                kept = read_npz(file, ("picture", "points", "layers", "hair", "shares", "mouth"), 64 << 20)
        except (OSError, NpzError) as error:
            raise TrainingError(
                tr(
                    f"the prepared picture {path} cannot be read: {error}",
                    f"无法读取准备好的图片 {path}：{error}",
                )
            ) from error
        self.name = name
        self.controls: tuple[str, ...] = CONTROLS
        self.LAYERS = LAYERS
        self.points = kept["points"]
        self._textures = dict(zip(layers.LAYERS, kept["layers"], strict=True))
        self._mouth = MouthMorpher(kept["picture"], self.points)
        self._redrawn = _OF_MOUTH if kept["mouth"].any() else set()
        """Layers of the mouth that are; where something covers it, none."""
        self._eyes = EyeMorpher(kept["picture"], self.points, hair=kept["hair"])
        self._motion = Motion(self.points, kept["shares"])
        self._grids = {layer: _grid(texture[..., 3]) for layer, texture in self._textures.items()}

    def render_layers(
        self, controls: np.ndarray, size: int = 512, only: Collection[str] | None = None
    ) -> np.ndarray:
        """The layers, back to front: (len(LAYERS), size, size, 4) uint8 RGBA, premultiplied; empty if not among `only`."""
        v = _values(controls)
        wanted = [layer for layer in self.LAYERS if only is None or layer in only]
        drawn = _joined(
            self._eyes.draw(controls) if _OF_EYES & set(wanted) else {},
            self._mouth.draw(controls) if self._redrawn & set(wanted) else {},
        )
        result = np.zeros((len(self.LAYERS), size, size, 4), np.uint8)
        for k, layer in enumerate(self.LAYERS):
            if layer in wanted:
                whole = self._moved(layer, v, drawn)
                result[k] = (
                    whole if size == CANVAS else cv2.resize(whole, (size, size), interpolation=cv2.INTER_AREA)
                )
        return result

    def motion(self, controls: np.ndarray, size: int = 512) -> list[np.ndarray]:
        """Points (n, 2) in pixels that each layer carries along, the same ones in the same order for every expression."""
        v = _values(controls)
        jaw = self._mouth.jaw(controls)
        redrawn = self._mouth.motion(controls) | self._eyes.motion(controls)
        scale = np.float32(size / CANVAS)
        return [
            (
                self._motion.points(layer, redrawn[layer], v)
                if layer in redrawn
                else self._motion.points(layer, self._grids[layer], v, jaw)
            ).astype(np.float32)
            * scale
            for layer in self.LAYERS
        ]

    def sheet_points(self, size: int = 512) -> list[np.ndarray]:
        """Where the points of `motion` lie on the layers' sheets, (n, 2) in pixels: the mouth's is laid out wide open."""
        laid_out = self._mouth.sheet_points()
        return [
            laid_out[layer] * np.float32(size / CANVAS) if layer in laid_out else points
            for layer, points in zip(self.LAYERS, self.motion(neutral(), size), strict=True)
        ]

    def boxes(self, controls: np.ndarray, size: int = 512) -> dict[str, tuple[float, float, float, float]]:
        """x0, y0, x1, y1 in pixels: head, face, eye_left, eye_right (the subject's), eyes, mouth."""
        at = self._motion.points(
            "face", self.points.astype(float), _values(controls), self._mouth.jaw(controls)
        )
        at *= size / CANVAS
        face = [INDEX[n] for n in ("chin", "rightJaw", "leftJaw", "rightCheek", "leftCheek", "forehead")]
        parts = {
            "head": at[[*face, INDEX["crown"]]],
            "face": at[face],
            "eye_left": at[EYES["left"]],
            "eye_right": at[EYES["right"]],
            "eyes": at[:28],
            "mouth": at[MOUTH],
        }
        return {name: _box(points, size) for name, points in parts.items()}

    def _moved(self, layer: str, v: dict[str, float], drawn: dict[str, list[Crop]]) -> np.ndarray:
        """A layer with what is redrawn of it, moved: (CANVAS, CANVAS, 4) uint8."""
        crops = drawn.get(layer, [])
        jaw = self._mouth.jaw(np.array(list(v.values()))) if layer == "face" else 0.0
        still = {**v, **_AHEAD}
        if layer in self._textures:
            texture = _warped(self._textures[layer], lambda xy: self._motion.points(layer, xy, still, jaw))
        else:
            texture = np.zeros((CANVAS, CANVAS, 4), np.uint8)
        if crops:
            texture = texture.copy()
            lay(texture, crops)
            for x, y, hole in drawn.get("hole", []) if layer == "face" else ():
                part = texture[y : y + len(hole), x : x + len(hole[0])]
                part[...] = cv2.multiply(part, cv2.merge([255 - hole] * 4), scale=1 / 255)
            lay(texture, drawn.get("shade", []) if layer == "face" else [])
        turned = {**v, **dict.fromkeys(_JAWS, 0.0)}
        if all(v[name] == 0 for name in _AHEAD):
            return texture
        return _warped(texture, lambda xy: self._motion.points(layer, xy, turned))


def _joined(*drawn: dict[str, list[Crop]]) -> dict[str, list[Crop]]:
    names = {name for layers in drawn for name in layers}
    return {name: [crop for layers in drawn for crop in layers.get(name, [])] for name in names}


def _warped(texture: np.ndarray, goes: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """A texture (CANVAS, CANVAS, 4) uint8 moved as `goes` takes points (n, 2), pixels."""
    step = 16
    lattice = np.stack(np.meshgrid(*[np.arange(0, CANVAS + 1, step, dtype=float)] * 2), -1)
    flat = lattice.reshape(-1, 2)
    away = (goes(flat) - flat).astype(np.float32).reshape(lattice.shape)
    if np.abs(away).max() < 0.01:
        return texture
    # Where what is seen at a place came from: looked for by going back as far as is gone from there.
    every = np.arange(1.5, CANVAS, 4, dtype=np.float32)
    at = np.stack(np.meshgrid(every, every), -1)
    back: np.ndarray = np.zeros_like(at)
    for _ in range(6):
        back = cv2.remap(
            away, (at - back) / step, _ONE_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    source = _PLACES - cv2.resize(back, (CANVAS, CANVAS), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.remap(texture, source, _ONE_MAP, cv2.INTER_LINEAR))


def _values(controls: np.ndarray) -> dict[str, float]:
    return dict(zip(CONTROLS, np.clip(controls, _LOW, _HIGH).tolist(), strict=True))


def _grid(alpha: np.ndarray) -> np.ndarray:
    """Points (n, 2) over what a layer shows and round it, pixels; one at least."""
    near = cv2.dilate((alpha > 8).astype(np.uint8), np.ones((STEP + 1, STEP + 1), np.uint8))
    xy = np.stack(
        np.meshgrid(*[np.linspace(0, CANVAS - 1, 1 + CANVAS // STEP).round().astype(int)] * 2), -1
    ).reshape(-1, 2)
    chosen = xy[near[xy[:, 1], xy[:, 0]] > 0]
    return (chosen if len(chosen) else np.array([[CANVAS // 2, CANVAS // 2]])).astype(float)


def _box(points: np.ndarray, size: int) -> tuple[float, float, float, float]:
    low, high = np.clip(points.min(0) - 1, 0, size), np.clip(points.max(0) + 1, 0, size)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
