"""The drawn character: controls in, layers of picture out."""

from collections.abc import Collection
from typing import Protocol

import cv2
import numpy as np
import skia

from liveavatar.controls import CONTROLS, RANGES, neutral
from liveavatar.rigs.drawn.daylight import shine
from liveavatar.rigs.drawn.facepoints import FacePlaces, face_points, hidden_points
from liveavatar.rigs.drawn.finish import ROUGH
from liveavatar.rigs.drawn.geometry import CANVAS
from liveavatar.rigs.drawn.human import Human
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import drawn_in
from liveavatar.rigs.drawn.rest import mouth_at_rest
from liveavatar.rigs.drawn.robot import Robot
from liveavatar.rigs.drawn.roster import identity as identity_by_name
from liveavatar.rigs.drawn.stylist import styled
from liveavatar.rigs.drawn.surface import Affine, lay

_LOW = np.array([RANGES[name][0] for name in CONTROLS], np.float32)
_HIGH = np.array([RANGES[name][1] for name in CONTROLS], np.float32)

COVERING = ("front", "over")
"""Layers in front of a face."""
_FINE = ("eyes", "over", "lashes", "brows")
"""Layers of the finest lines, drawn at twice the size and averaged. The others are drawn at their size: skia's coverage is
exact at edges, and fills cost by the pixel."""


class Scene(Protocol):
    """All geometry of one expression, on the canvas."""

    def draw(self, layer: str, canvas: skia.Canvas) -> None:
        """Paint one of the figure's layers."""
        ...

    def hangs(self, layer: str) -> Affine:
        """The map of what a layer lies on, head or body, to the canvas."""
        ...

    def bounds(self, layer: str) -> list[np.ndarray]:
        """Points (n, 2) round what a layer of fine lines holds."""
        ...

    def boxes(self) -> dict[str, list[np.ndarray]]:
        """Points (n, 2) in each box of Rig.boxes."""
        ...

    def motion(self) -> dict[str, list[np.ndarray]]:
        """Points (n, 2) that each layer carries along."""
        ...


class DrawnRig:
    """A character drawn in code. Deterministic; not thread-safe."""

    def __init__(self, identity: Identity | str = "hoshi") -> None:
        self.identity = identity_by_name(identity) if isinstance(identity, str) else identity
        self.name: str = self.identity.name
        self.controls: tuple[str, ...] = CONTROLS
        record = styled(self.identity)
        with drawn_in(record.style):
            self._figure = Robot(record) if record.head == "robot" else Human(record)
        self.LAYERS: tuple[str, ...] = self._figure.layers
        self._places: FacePlaces | None = None
        self._styles = {layer: record.style.of(layer) for layer in self.LAYERS}

    def render(self, controls: np.ndarray, size: int = 512) -> np.ndarray:
        """The picture for controls (len(CONTROLS),): (size, size, 4) uint8 RGBA, premultiplied."""
        return flatten(self.render_layers(controls, size))

    def render_layers(
        self, controls: np.ndarray, size: int = 512, only: Collection[str] | None = None
    ) -> np.ndarray:
        """The layers, back to front: (len(LAYERS), size, size, 4) uint8 RGBA, premultiplied; empty if not among `only`."""
        scene = self.pose(controls)
        result = np.zeros((len(self.LAYERS), size, size, 4), np.uint8)
        for i, layer in enumerate(self.LAYERS):
            if only is not None and layer not in only:
                continue
            style = self._styles[layer]
            with drawn_in(style):
                part, corner = _drawn(result[i], layer, scene)
            finish = self.identity.finish
            if finish is not ROUGH:
                shine(part, layer, finish, scene.hangs(layer), size / CANVAS)
            if style.surface:
                lay(part, style, scene.hangs(layer), size / CANVAS, corner)
        return result

    def boxes(self, controls: np.ndarray, size: int = 512) -> dict[str, tuple[float, float, float, float]]:
        """x0, y0, x1, y1 in pixels for this expression: head (without long hair and ears), face, eye_left and
        eye_right (the subject's), eyes (both with brows), mouth."""
        result = {}
        for name, points in self.pose(controls).boxes().items():
            joined = np.concatenate(points) * (size / CANVAS)
            low, high = np.clip(joined.min(axis=0) - 1, 0, size), np.clip(joined.max(axis=0) + 1, 0, size)
            result[name] = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return result

    def motion(self, controls: np.ndarray, size: int = 512) -> list[np.ndarray]:
        """Points (n, 2) in pixels that each layer carries along, the same ones in the same order for every expression."""
        layers = self.pose(controls).motion()
        return [np.concatenate(layers[name]).astype(np.float32) * (size / CANVAS) for name in self.LAYERS]

    def points(
        self, controls: np.ndarray, size: int = 512, before: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The points of landmarks.points, (46, 2) float32 in pixels, and which of them, (46,) bool, something hides.

        before: (size, size) uint8, alpha of the layers in front of the face, if they have been drawn already."""
        scene = self.pose(controls)
        if self._places is None:
            self._places = FacePlaces(self._figure)
        points = face_points(scene, self._places) * np.float32(size / CANVAS)
        if before is None:
            names = [name for name in COVERING if name in self.LAYERS]
            layers = self.render_layers(controls, size, names)
            before = flatten(layers[[self.LAYERS.index(name) for name in names]])[..., 3]
        return points, hidden_points(scene, points, before)

    def sheet_points(self, size: int = 512) -> list[np.ndarray]:
        """Where the points of `motion` lie on the layers' sheets, (n, 2) in pixels: the mouth's is laid out wide open."""
        points = self.motion(neutral(), size)
        laid_out = mouth_at_rest(self._figure.shape, self.identity.build.head).astype(np.float32) * (
            size / CANVAS
        )
        points[self.LAYERS.index("mouth")] = laid_out
        return points

    def pose(self, controls: np.ndarray) -> Scene:
        """All geometry of one expression."""
        controls = np.asarray(controls, np.float32)
        if controls.shape != (len(CONTROLS),):
            raise ValueError(f"controls must have shape ({len(CONTROLS)},), got {controls.shape}")
        values = np.clip(controls, _LOW, _HIGH)
        return self._figure.pose(dict(zip(CONTROLS, values.tolist(), strict=True)))


def _drawn(pixels: np.ndarray, layer: str, scene: Scene) -> tuple[np.ndarray, tuple[int, int]]:
    """Draw one layer into empty pixels (size, size, 4). Returns the part that may be drawn on, and its corner's x and y."""
    size = len(pixels)
    if layer not in _FINE:
        _paint(pixels, layer, scene, size / CANVAS, (0, 0))
        return pixels, (0, 0)
    x0, y0, x1, y1 = _extent(scene.bounds(layer), size)
    fine = np.zeros((2 * (y1 - y0), 2 * (x1 - x0), 4), np.uint8)
    _paint(fine, layer, scene, 2 * size / CANVAS, (2 * x0, 2 * y0))
    part = pixels[y0:y1, x0:x1]
    part[...] = cv2.resize(fine, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return part, (x0, y0)


def _paint(pixels: np.ndarray, layer: str, scene: Scene, scale: float, origin: tuple[int, int]) -> None:
    """Draw one layer into pixels (h, w, 4), whose corner lies at `origin` pixels of the whole picture."""
    height, width = pixels.shape[:2]
    info = skia.ImageInfo.Make(width, height, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(info, pixels, 4 * width)
    canvas = surface.getCanvas()
    canvas.translate(-origin[0], -origin[1])
    canvas.scale(scale, scale)
    scene.draw(layer, canvas)
    surface.flushAndSubmit()


def _extent(points: list[np.ndarray], size: int) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 in pixels round canvas points, with room for a line."""
    joined = np.concatenate(points)
    low = np.floor((joined.min(axis=0) - 8) * size / CANVAS).clip(0, size - 1).astype(int)
    high = np.ceil((joined.max(axis=0) + 8) * size / CANVAS).clip(low + 1, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def flatten(layers: np.ndarray) -> np.ndarray:
    """Source-over of premultiplied layers (n, size, size, 4), back to front."""
    result = layers[0]
    for layer in layers[1:]:
        through = cv2.cvtColor(255 - layer[..., 3], cv2.COLOR_GRAY2RGBA)
        through[..., 3] = 255 - layer[..., 3]
        result = cv2.add(cv2.multiply(result, through, scale=1 / 255), layer)
    return result
