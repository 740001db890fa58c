"""What a drawn character's eyes are made of: skin, white, iris, lines, each whole, also where others hide it."""

from typing import NamedTuple

import numpy as np
import skia

from liveavatar.controls import neutral
from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.human import HumanScene
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import draw, paint, pen, shape, shapes
from liveavatar.rigs.drawn.rig import DrawnRig, Scene, flatten
from liveavatar.rigs.drawn.stylist import styled
from liveavatar.rigs.picture.eyeframe import EyeFrame, EyeShape

PARTS = ("skin", "whites", "irises", "holes", "lines")
"""The face without features; eyeballs without irises; irises; where the lids are open, opaque; creases and lower lids' lines."""
DRAWN_AT = 768
"""Pixels of the whole picture that crops are cut from."""


class PartsRig(DrawnRig):
    """A human character that draws the PARTS as well."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(identity)
        style = styled(self.identity).style
        self.LAYERS = (*self.LAYERS, *PARTS)
        whose = {"skin": "face", "whites": "eyes", "irises": "eyes", "holes": "eyes", "lines": "face"}
        self._styles |= {part: style.of(layer) for part, layer in whose.items()}

    def pose(self, controls: np.ndarray) -> Scene:
        """The geometry of one expression."""
        scene = super().pose(controls)
        assert isinstance(scene, HumanScene)
        return _PartsScene(scene)


class _PartsScene:
    """A figure's scene, taken further apart."""

    def __init__(self, scene: HumanScene) -> None:
        self.scene = scene
        self.hangs, self.bounds, self.boxes, self.motion = (
            scene.hangs,
            scene.bounds,
            scene.boxes,
            scene.motion,
        )

    def draw(self, layer: str, canvas: skia.Canvas) -> None:
        """Paint one layer or part."""
        if layer in PARTS:
            getattr(self, "_" + layer)(canvas)
        else:
            self.scene.draw(layer, canvas)

    def _skin(self, canvas: skia.Canvas) -> None:
        lines, self.scene.eyes = self.scene.eyes, {}
        self.scene.draw("face", canvas)
        self.scene.eyes = lines

    def _whites(self, canvas: skia.Canvas) -> None:
        painter = self.scene.figure.eyes
        for lines in self.scene.eyes.values():
            draw(canvas, shape(lines.white), paint(painter.white))

    def _irises(self, canvas: skia.Canvas) -> None:
        painter = self.scene.figure.eyes
        for lines in self.scene.eyes.values():
            xx, xy, tx, yx, yy, ty = lines.iris
            size = painter.face.eye_scale
            canvas.save()
            canvas.concat(skia.Matrix.MakeAll(xx * size, xy * size, tx, yx * size, yy * size, ty, 0, 0, 1))
            painter.iris[lines.side].draw(canvas)
            canvas.restore()

    def _holes(self, canvas: skia.Canvas) -> None:
        for lines in self.scene.eyes.values():
            draw(canvas, shape(lines.opening), paint(Tone(1, 0, 0)))

    def _lines(self, canvas: skia.Canvas) -> None:
        painter = self.scene.figure.eyes
        for lines in self.scene.eyes.values():
            draw(canvas, shape(lines.crease), pen(painter.skin_line.faded(0.75)))
            draw(canvas, shapes([lines.lower, *lines.under]), pen(mix(painter.lash, painter.skin_line, 0.45)))


class EyeSample(NamedTuple):
    """One eye at rest."""

    shape: EyeShape
    """In the crop's pixels."""
    parts: dict[str, np.ndarray]
    """(h, w, 4) uint8 premultiplied: behind, PARTS, front, lashes, brows."""


def shape_of(scene: HumanScene, side: int, scale: float) -> EyeShape:
    """Where an eye's lines are, in pixels of a picture of `scale` pixels to a canvas unit."""
    lines, face = scene.eyes[side], scene.figure.shape
    xx, xy, tx, yx, yy, ty = lines.iris
    size = face.eye_scale * scale
    radii = np.multiply(face.eye.iris, (np.hypot(xx, yx) * size, np.hypot(xy, yy) * size))
    half = len(lines.opening) // 2
    n = len(lines.brow) // 2
    brow = (lines.brow[:n] + lines.brow[n:][::-1]) / 2
    return EyeShape(
        lines.opening[:half] * scale,
        lines.opening[half:][::-1] * scale,
        np.array([tx, ty]) * scale,
        radii,
        brow * scale,
    )


def eyes_of(rig: PartsRig, margin: float, size: int) -> list[EyeSample]:
    """Both eyes of a character at rest, as crops (size, size) whose frame is wider by `margin`."""
    layers = dict(zip(rig.LAYERS, rig.render_layers(neutral(), DRAWN_AT), strict=True))
    layers["behind"] = flatten(np.stack([layers["back"], layers["body"]]))
    if "over" in layers:
        layers["front"] = flatten(np.stack([layers["front"], layers["over"]]))
    scene = rig.pose(neutral()).scene  # type: ignore[attr-defined]
    found = []
    for side in (-1, 1):
        if side in scene.figure.jewels.hidden:
            continue
        whole = shape_of(scene, side, DRAWN_AT / 1024)
        frame = EyeFrame.around(whole, margin, size)
        names = ("behind", *PARTS, "front", "lashes", "brows")
        found.append(EyeSample(whole.through(frame.to_crop), {n: frame.cut(layers[n]) for n in names}))
    return found
