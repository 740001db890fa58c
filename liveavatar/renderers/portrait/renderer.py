"""Draws an avatar made from one picture: the mesh carries the picture, eyes and mouth are painted.

The texture's eyes are painted first, then the moved mesh becomes a backward map and one cv2.remap carries the whole
picture; what is between the lips is painted last. A refiner, where the avatar has one, repaints mouth and eyes. Where it learned
from the person's own video, the face moves as theirs and is painted whole instead. OpenCV, and ONNX Runtime for the refiner, on
the CPU.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.controls import INDEX
from liveavatar.renderers.golden import check_golden
from liveavatar.renderers.package import lay_label, read_label, read_rgba, unfit
from liveavatar.renderers.placement import AT_REST, Placement, placement
from liveavatar.renderers.portrait import motion, raster
from liveavatar.renderers.portrait.eyes import EyePainter
from liveavatar.renderers.portrait.likeness import Likeness, LikenessError, read_likeness
from liveavatar.renderers.portrait.mouth import MouthPainter
from liveavatar.renderers.portrait.own_face import OwnFace
from liveavatar.renderers.portrait.refiner import RefinerSession
from liveavatar.renderers.portrait.rig import SIZE, PortraitRig, RigError, read_rig
from liveavatar.renderers.portrait.topology import NOSE_MIDDLE, OVAL
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression

_NO_MAP: Any = None  # remap: x and y come in the first map
_FAN = np.column_stack([OVAL, np.roll(OVAL, -1), np.full(len(OVAL), NOSE_MIDDLE)])
_TURNS = np.array([INDEX["headYaw"], INDEX["headPitch"]])
_FOLDING = 0.08
"""Radians; a head that is turned less hides nothing."""
_JUMP = 5.0
"""Pixels of the texture between neighbours: no stretching is so strong but a fold's edge."""


@dataclass(frozen=True)
class Warped:
    """A frame and where it comes from: what a refiner works on."""

    image: np.ndarray
    """(512, 512, 4) uint8 premultiplied RGBA."""
    field: np.ndarray
    """(512, 512, 2) float32: x, y on the texture of each pixel; far outside where nothing is."""
    points: np.ndarray
    """(V, 3) float32: where the rig's vertices are in the image, pixels."""


class Puppet:
    """What a rig and its texture draw, without a package. Not safe to share between threads."""

    def __init__(
        self,
        rig: PortraitRig,
        texture: np.ndarray,
        label: np.ndarray | None = None,
        refiner: RefinerSession | None = None,
        likeness: Likeness | None = None,
    ) -> None:
        """texture: (512, 512, 4) uint8 premultiplied RGBA; label: the same kind, at most 256 a side, for the corner."""
        self._refiner = refiner
        self._own = None if likeness is None else OwnFace(rig, likeness)
        self.size = (SIZE, SIZE)
        self._rig = rig
        # No colour above alpha; linear maps and what is painted keep it so.
        self._texture = texture = np.minimum(texture, texture[..., 3:])
        self._eyes = [EyePainter(rig, texture, i) for i in range(2)]
        self._mouth = MouthPainter(rig)
        self._label = label
        self._source = raster.positions(rig.vertices)

    def render(self, expression: Expression) -> AvatarFrame:
        """Draw one frame: (512, 512, 4) uint8 premultiplied RGBA."""
        place = placement(expression, SIZE, SIZE)
        return AvatarFrame(self.warp(expression, place).image, expression.time)

    def warp(self, expression: Expression, place: Placement = AT_REST) -> Warped:
        """The frame with the map it was made by. place: zoom, and the shift (x, y) in pixels before it."""
        controls = motion.clipped(expression.controls)
        if self._own is None:
            drawn = self._warp(expression, controls, place)
        else:
            drawn = self._own_face(self._own, expression, controls, place)
        if self._label is not None:
            lay_label(drawn.image, self._label)
        return drawn

    def _warp(self, expression: Expression, controls: np.ndarray, place: Placement) -> Warped:
        """Of the picture alone."""
        expressed, moved = self._moved(expression, controls)
        _put(moved, place)
        for eye in self._eyes:
            eye.paint(self._texture, controls)
        drawn = self._carried(moved, controls)
        self._mouth.paint(drawn.image, expressed, moved, place.zoom)
        if self._refiner is not None:
            self._refiner.paint(drawn.image, drawn.field, moved, place.zoom, controls)
        return drawn

    def _own_face(
        self, own: OwnFace, expression: Expression, controls: np.ndarray, place: Placement
    ) -> Warped:
        """With the face of the person's own video."""
        moved, deltas = own.moved(expression, controls)
        _put(moved, place)
        drawn = self._carried(moved, controls)
        own.paint(drawn.image, moved, controls, deltas)
        return drawn

    def _carried(self, moved: np.ndarray, controls: np.ndarray) -> Warped:
        """The texture where the vertices moved (V, 3) carry it."""
        field = self._field(moved)
        image = cv2.remap(self._texture, field, _NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        if np.abs(controls[_TURNS]).max() > _FOLDING:
            _soften_folds(image, field, moved[OVAL, :2])
        return Warped(image, field, moved)

    def moved(self, expression: Expression) -> np.ndarray:
        """Where the rig's vertices are in warp()'s frame: (V, 3) float32, pixels."""
        controls = motion.clipped(expression.controls)
        return (
            self._moved(expression, controls)[1]
            if self._own is None
            else self._own.moved(expression, controls)[0]
        )

    def fill_mouth(self, picture: np.ndarray, expression: Expression, points: np.ndarray) -> None:
        """Draw what warp() draws between the lips into another picture (512, 512, 4) uint8 of this face, in place.

        points: (n, 2) where the first n vertices are there, pixels."""
        expressed, moved = self._moved(expression, motion.clipped(expression.controls))
        shift = points - moved[: len(points), :2]
        for vertices in (expressed, moved):
            vertices[: len(points), :2] += shift
        self._mouth.paint(picture, expressed, moved, 1.0)

    def _moved(self, expression: Expression, controls: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        expressed = motion.expressed(self._rig, expression, controls)
        return expressed, motion.turned(self._rig, expressed, controls)

    def _field(self, moved: np.ndarray) -> np.ndarray:
        """The map of the moved vertices (V, 3): at half size round the face, where motion is smooth, at full size on it."""
        rig, target, depth = self._rig, raster.positions(moved), moved[:, 2]
        half = np.full((SIZE // 2, SIZE // 2), raster.OUTSIDE)
        coarse = (target - np.complex64(0.5 + 0.5j)) / np.float32(2)
        # A fan under the face: where the coarse map ends it must not be mixed with "outside". A rim of small triangles
        # would be quicker, and has holes where a turn folds it away.
        raster.paint(half, coarse, self._source, _FAN)
        raster.paint(half, coarse, self._source, raster.far_first(rig.outer, depth))
        halves = half.view(np.float32).reshape(SIZE // 2, SIZE // 2, 2)
        field = cv2.resize(halves, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
        raster.paint(
            field.view(np.complex64)[..., 0], target, self._source, raster.far_first(rig.face, depth)
        )
        return field


class PortraitRenderer(Puppet, Renderer):
    """Renders a package of kind "portrait".

    Raises AvatarError if the package's files do not fit its card or each other."""

    provider = "cpu"

    def __init__(self, avatar: Avatar, provider: str = "auto", threads: int = 2) -> None:
        """provider: ignored. threads: the refiner's; cv2 shares its own with the whole program."""
        self.avatar, parts = avatar, avatar.portrait
        try:
            rig = read_rig(avatar.read(parts.rig))
        except RigError as error:
            raise unfit(avatar, f"{parts.rig}: {error}") from error
        if avatar.size != (SIZE, SIZE):
            raise unfit(avatar, f"size: {avatar.size[0]}x{avatar.size[1]}")
        texture = read_rgba(avatar, parts.sheet, (SIZE, SIZE))
        label = read_label(avatar, parts.label)
        refiner = RefinerSession(avatar.read(parts.refiner), rig, texture, threads) if parts.refiner else None
        super().__init__(rig, texture, label, refiner, self._likeness(rig))
        check_golden(self)

    def _likeness(self, rig: PortraitRig) -> Likeness | None:
        name = self.avatar.portrait.likeness
        try:
            return read_likeness(self.avatar.read(name), rig) if name else None
        except LikenessError as error:
            raise unfit(self.avatar, f"{name}: {error}") from error

    def close(self) -> None:
        """Stop the refiner. From any thread."""
        if self._refiner is not None:
            self._refiner.close()


def _put(moved: np.ndarray, place: Placement) -> None:
    """Move the vertices (V, 3), in place, to where the bust stands in the frame."""
    zoom, shift_x, shift_y = place
    moved[:, :2] = (moved[:, :2] + (shift_x, shift_y)) * zoom


def _soften_folds(image: np.ndarray, field: np.ndarray, outline: np.ndarray) -> None:
    """Anti-alias, in place, where the turned face's edge hides what is behind it: the map jumps there."""
    x0, y0 = np.clip(outline.min(0).astype(int) - 6, 0, SIZE)
    x1, y1 = np.clip(outline.max(0).astype(int) + 6, 0, SIZE)
    if x1 - x0 < 8 or y1 - y0 < 8:
        return
    u, v = cv2.split(field[y0:y1, x0:x1])
    jump = np.zeros(u.shape, np.uint8)
    across = cv2.max(cv2.absdiff(u[:, 1:], u[:, :-1]), cv2.absdiff(v[:, 1:], v[:, :-1])) > _JUMP
    down = cv2.max(cv2.absdiff(u[1:], u[:-1]), cv2.absdiff(v[1:], v[:-1])) > _JUMP
    for side in (jump[:, 1:], jump[:, :-1]):
        side[across] = 255
    for side in (jump[1:], jump[:-1]):
        side[down] = 255
    if jump.any():
        region = image[y0:y1, x0:x1]
        cv2.copyTo(cv2.GaussianBlur(region, (3, 3), 0.8), jump, region)
