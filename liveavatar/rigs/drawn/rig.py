"""The drawn character: controls in, layers of picture out."""

from collections.abc import Callable

import cv2
import numpy as np
import skia

from liveavatar.controls import CONTROLS, RANGES
from liveavatar.rigs.drawn.accessories import Accessories
from liveavatar.rigs.drawn.body import BodyPainter
from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.eyepaint import EyePainter
from liveavatar.rigs.drawn.eyes import EyeLines, EyeState, eye_lines
from liveavatar.rigs.drawn.face import FacePainter
from liveavatar.rigs.drawn.geometry import CANVAS, BodyPose, HeadPose, face_depth, hair_depth
from liveavatar.rigs.drawn.hair import Hair
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.identity import identity as identity_by_name
from liveavatar.rigs.drawn.ink import glow, paint, shape
from liveavatar.rigs.drawn.mouth import MouthLines, draw_mouth, mouth_lines

_HOLE = Tone(0, 0, 0, 0.38)

_grid = np.stack(np.meshgrid(np.linspace(-150, 150, 13), np.linspace(-150, 220, 15)), -1).reshape(-1, 2)
_FACE = np.column_stack([_grid, face_depth(_grid)])
_NECK = np.array([(x, y, -6.0) for x in (-50.0, 0.0, 50.0) for y in (140.0, 168.0, 196.0)])
_BODY = np.stack(np.meshgrid(np.linspace(320, 780, 24), np.linspace(760, 1040, 15)), -1).reshape(-1, 2)
_IRIS = np.stack(np.meshgrid(np.linspace(-50, 50, 7), np.linspace(-58, 58, 8)), -1).reshape(-1, 2)

_LOW = np.array([RANGES[name][0] for name in CONTROLS], np.float32)
_HIGH = np.array([RANGES[name][1] for name in CONTROLS], np.float32)


class _Scene:
    """All geometry of one expression on the canvas."""

    def __init__(self, rig: "DrawnRig", controls: np.ndarray) -> None:
        if controls.shape != (len(CONTROLS),):
            raise ValueError(f"controls must have shape ({len(CONTROLS)},), got {controls.shape}")
        values = np.clip(controls, _LOW, _HIGH)
        v = dict(zip(CONTROLS, values.tolist(), strict=True))
        self.v = v
        sway, breath = v["sway"], v["breath"]
        self.head = HeadPose(
            v["headYaw"], v["headPitch"], v["headRoll"] + 0.035 * sway, x=26.0 * sway, y=-5.0 * breath
        )
        self.body = BodyPose(0.45 * v["headYaw"], sway, breath)
        self.hair = rig.hair.batch.place(self.head, 44.0 * v["hairX"] - 10 * sway, -34.0 * v["hairY"])
        self.outline = rig.face.outline(self.head, v)
        self.eyes = {
            side: eye_lines(rig.identity.face, self.head, side, _eye_state(v, side)) for side in (-1, 1)
        }
        self.mouth: MouthLines = mouth_lines(rig.identity.face, self.head, v)
        self.ears = {side: rig.accessories.ear(self.head, side, v["ears"], v["hairX"]) for side in (-1, 1)}
        self.pin = self.head.place(rig.accessories.pin)


def _eye_state(v: dict[str, float], side: int) -> EyeState:
    name = "Left" if side > 0 else "Right"
    return EyeState(
        blink=v["eyeBlink" + name],
        squint=1 - (1 - v["eyeSquint" + name]) * (1 - 0.25 * v["noseSneer" + name]),
        wide=v["eyeWide" + name],
        smile=v["mouthSmile" + name],
        cheek=v["cheekSquint" + name],
        look_x=side * (v["eyeLookOut" + name] - v["eyeLookIn" + name]),
        look_y=v["eyeLookUp" + name] - v["eyeLookDown" + name],
        brow_down=1 - (1 - v["browDown" + name]) * (1 - 0.22 * v["noseSneer" + name]),
        brow_inner=v["browInnerUp"],
        brow_outer=v["browOuterUp" + name],
    )


class DrawnRig:
    """A character drawn in code. Deterministic; not thread-safe."""

    LAYERS = ("back", "body", "eyes", "face", "front", "over")
    """Back to front: back hair; torso, neck and clothes; eyeballs; the face with holes for them; fringe and side locks;
    ears and hairpin, and lashes and brows, which are seen through the hair."""

    def __init__(self, identity: Identity | str = "hoshi") -> None:
        self.identity = identity_by_name(identity) if isinstance(identity, str) else identity
        self.name: str = self.identity.name
        self.controls: tuple[str, ...] = CONTROLS
        palette, face = self.identity.palette, self.identity.face
        self.hair = Hair(self.identity)
        self.face = FacePainter(palette, face)
        self.eye_painter = EyePainter(palette, face)
        self.body = BodyPainter(palette)
        self.accessories = Accessories(palette)

    def render(self, controls: np.ndarray, size: int = 512) -> np.ndarray:
        """The picture for controls (len(CONTROLS),): (size, size, 4) uint8 RGBA, premultiplied."""
        return flatten(self.render_layers(controls, size))

    def render_layers(self, controls: np.ndarray, size: int = 512) -> np.ndarray:
        """The layers, back to front: (len(LAYERS), size, size, 4) uint8 RGBA, premultiplied."""
        scene = _Scene(self, np.asarray(controls, np.float32))
        result = np.zeros((len(self.LAYERS), size, size, 4), np.uint8)
        for i, layer in enumerate(self.LAYERS):
            draw = getattr(self, "_draw_" + layer)
            if layer not in _FINE:
                self._paint(result[i], draw, scene, size / CANVAS, (0, 0))
                continue
            x0, y0, x1, y1 = _extent(_bounds(layer, scene), size)
            fine = np.zeros((2 * (y1 - y0), 2 * (x1 - x0), 4), np.uint8)
            self._paint(fine, draw, scene, 2 * size / CANVAS, (2 * x0, 2 * y0))
            small = cv2.resize(fine, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
            result[i, y0:y1, x0:x1] = small
        return result

    @staticmethod
    def _paint(
        pixels: np.ndarray,
        draw: Callable[[skia.Canvas, _Scene], None],
        scene: _Scene,
        scale: float,
        origin: tuple[int, int],
    ) -> None:
        """Draw one layer into pixels (h, w, 4), whose corner lies at `origin` pixels of the whole picture."""
        height, width = pixels.shape[:2]
        info = skia.ImageInfo.Make(width, height, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        surface = skia.Surface.MakeRasterDirect(info, pixels, 4 * width)
        canvas = surface.getCanvas()
        canvas.translate(-origin[0], -origin[1])
        canvas.scale(scale, scale)
        draw(canvas, scene)
        surface.flushAndSubmit()

    def boxes(self, controls: np.ndarray, size: int = 512) -> dict[str, tuple[float, float, float, float]]:
        """x0, y0, x1, y1 in pixels for this expression: head (without long hair and ears), face, eye_left and
        eye_right (the subject's), eyes (both with brows), mouth."""
        scene = _Scene(self, np.asarray(controls, np.float32))
        eyes = {side: _eye_points(scene.eyes[side]) for side in (-1, 1)}
        brows = [scene.eyes[side].brow for side in (-1, 1)]
        fringe = [scene.hair[lock.outline] for lock in self.hair.fringe]
        parts = {
            "head": [scene.outline, scene.hair[self.hair.cap], *fringe],
            "face": [scene.outline],
            "eye_left": [eyes[1]],
            "eye_right": [eyes[-1]],
            "eyes": [*eyes.values(), *brows],
            "mouth": [scene.mouth.box],
        }
        result = {}
        for name, points in parts.items():
            joined = np.concatenate(points) * (size / CANVAS)
            low, high = np.clip(joined.min(axis=0) - 1, 0, size), np.clip(joined.max(axis=0) + 1, 0, size)
            result[name] = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return result

    def _draw_back(self, canvas: skia.Canvas, scene: _Scene) -> None:
        self.hair.draw_back(canvas, scene.hair)

    def _draw_body(self, canvas: skia.Canvas, scene: _Scene) -> None:
        self.body.draw(canvas, scene.head, scene.body, scene.outline, self.hair.fringe_path(scene.hair))

    def motion(self, controls: np.ndarray, size: int = 512) -> list[np.ndarray]:
        """Points (n, 2) in pixels that each layer carries along, the same ones in the same order for every expression."""
        scene = _Scene(self, np.asarray(controls, np.float32))
        head, hair, eyes = scene.head, scene.hair, scene.eyes.values()
        behind = [self.hair.mass, *self.hair.mass_strands]
        for lock in (*self.hair.nape, *self.hair.back, *self.hair.wisps):
            behind += [lock.outline, lock.spine]
        before = [self.hair.cap, self.hair.ring, self.hair.parting, *self.hair.whorl]
        for lock in (*self.hair.sides, *self.hair.fringe, *self.hair.stray):
            before += [lock.outline, lock.spine]
        ears = [part for parts in scene.ears.values() for part in parts.values()]
        layers = {
            "back": [hair[part] for part in behind],
            "body": [scene.body.place(_BODY), head.place(_NECK)],
            "eyes": [part for lines in eyes for part in (lines.white[::4], _through(lines.iris, _IRIS))],
            "face": [scene.outline[::3], head.place(_FACE)],
            "front": [hair[part] for part in before],
            "over": [
                *(part for lines in eyes for part in (lines.lash, lines.brow, *lines.wings)),
                *ears,
                head.place(self.accessories.pin),
            ],
        }
        return [np.concatenate(layers[name]).astype(np.float32) * (size / CANVAS) for name in self.LAYERS]

    def _draw_eyes(self, canvas: skia.Canvas, scene: _Scene) -> None:
        canvas.clipPath(shape(scene.outline), skia.ClipOp.kIntersect, True)
        for lines in scene.eyes.values():
            self.eye_painter.ball(canvas, lines)

    def _draw_face(self, canvas: skia.Canvas, scene: _Scene) -> None:
        self.face.skin_base(canvas, scene.outline)
        self.face.soft(canvas, scene.outline, scene.head, scene.v)
        self.face.hair_shadow(canvas, scene.outline, self.hair.fringe_path(scene.hair), scene.head)
        draw_mouth(canvas, scene.mouth)
        self.face.nose(canvas, scene.head, scene.v)
        self.face.edge_line(canvas, scene.outline)
        for lines in scene.eyes.values():
            self.eye_painter.opening(canvas, lines)

    def _draw_front(self, canvas: skia.Canvas, scene: _Scene) -> None:
        self.hair.draw_cap(canvas, scene.hair)
        self.hair.draw_sides(canvas, scene.hair)
        self.hair.draw_front(canvas, scene.hair)
        self._thin_fringe(canvas, scene.head)

    def _draw_over(self, canvas: skia.Canvas, scene: _Scene) -> None:
        for parts in scene.ears.values():
            self.accessories.draw_ear(canvas, parts)
        self.accessories.draw_pin(canvas, scene.head)
        for lines in scene.eyes.values():
            self.eye_painter.lashes(canvas, lines, 0.94)
            self.eye_painter.brow_line(canvas, lines, 0.85)

    def _thin_fringe(self, canvas: skia.Canvas, head: HeadPose) -> None:
        """Let the eyes show softly through the fringe; the thin places are the hair's own and move with it."""
        face = self.identity.face
        hole = glow(np.zeros(2), 100, [_HOLE, _HOLE, _HOLE.faded(0)], [0, 0.55, 1])
        for side in (-1, 1):
            at = np.array([[side * (face.eye_x + 4.0), (face.brow_y + face.eye_y) / 2]])
            xx, xy, tx, yx, yy, ty = head.frame(at[0, 0], at[0, 1], float(hair_depth(at)[0]))
            canvas.save()
            canvas.concat(skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1))
            canvas.scale(0.78, 0.62)
            canvas.drawCircle(0, 0, 100, paint(hole, blend=skia.BlendMode.kDstOut))
            canvas.restore()


_FINE = ("eyes", "face", "over")
"""Layers of fine lines, drawn at twice the size and averaged. The others are drawn at their size: skia's coverage is
exact at edges, and hair is by far the most costly."""


def _bounds(layer: str, scene: _Scene) -> list[np.ndarray]:
    """Canvas points round what a fine layer holds."""
    if layer != "over":
        return [scene.outline]
    eyes = [points for eye in scene.eyes.values() for points in (eye.brow, eye.lash, *eye.wings)]
    return [*(ear["outer"] for ear in scene.ears.values()), scene.pin, *eyes]


def _extent(points: list[np.ndarray], size: int) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 in pixels round canvas points, with room for a line."""
    joined = np.concatenate(points)
    low = np.floor((joined.min(axis=0) - 8) * size / CANVAS).clip(0, size - 1).astype(int)
    high = np.ceil((joined.max(axis=0) + 8) * size / CANVAS).clip(low + 1, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _eye_points(lines: EyeLines) -> np.ndarray:
    return np.concatenate([lines.opening, lines.lash, lines.lower, *lines.wings])


def _through(frame: tuple[float, float, float, float, float, float], points: np.ndarray) -> np.ndarray:
    """Local points (n, 2) through an affine map as HeadPose.frame gives it."""
    xx, xy, tx, yx, yy, ty = frame
    return points @ np.array([[xx, yx], [xy, yy]]) + (tx, ty)


def flatten(layers: np.ndarray) -> np.ndarray:
    """Source-over of premultiplied layers (n, size, size, 4), back to front."""
    result = layers[0]
    for layer in layers[1:]:
        through = cv2.cvtColor(255 - layer[..., 3], cv2.COLOR_GRAY2RGBA)
        through[..., 3] = 255 - layer[..., 3]
        result = cv2.add(cv2.multiply(result, through, scale=1 / 255), layer)
    return result
