"""A drawing's way to an avatar: its figure is cut out, taken apart and drawn anew for every expression (rigs/picture/)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.landmarks.finder import DrawnFace
from liveavatar.landmarks.points import NAMES
from liveavatar.language import tr
from liveavatar.media.picture import Picture
from liveavatar.portrait.background import without_figure
from liveavatar.portrait.cutting import cut_out
from liveavatar.portrait.drawn_points import completed, listed
from liveavatar.portrait.editor_points import DRAWN
from liveavatar.portrait.first_guess import face_in_outline
from liveavatar.portrait.fitness import mouth_covered
from liveavatar.portrait.points import Points
from liveavatar.portrait.request import Request
from liveavatar.portrait.ways import Puppet, Way
from liveavatar.rigs import Rig, open_rig
from liveavatar.rigs.picture.framing import CANVAS, framed
from liveavatar.rigs.picture.prepare import prepare
from liveavatar.trackers.pictures import segment
from liveavatar.types import AvatarFrame, Expression

SIZE = 512
HIDDEN = 0.5
"""Chance from which a point counts as hidden."""


@dataclass(frozen=True, eq=False)
class Figure:
    """What an avatar of a drawing is made of."""

    rgba: np.ndarray
    """(h, w, 4) uint8, not premultiplied, the background clear."""
    points: np.ndarray
    """(46, 2) float32: of its face, pixels of it."""
    kept: Points
    """The same in pixels of the picture, kept in the package."""
    move: np.ndarray
    """(2, 3) float64: from pixels of the picture to those of the figure."""
    background: np.ndarray | None = None
    """(h, w, 3) uint8 RGB that stands behind it."""
    mouth: bool = True
    """Whether it is to be seen; a mask or a beard before it is left as it is."""


class Drawing(Way):
    """Of one face, or of none that was found."""

    kind = DRAWN

    def __init__(
        self,
        picture: Picture,
        face: DrawnFace | None,
        request: Request,
        say: Callable[[str], None],
        matte: Path | None,
        draw: Callable[[Figure], Avatar],
    ) -> None:
        """matte: the matte model's file; None where the picture has no background. draw: makes the package."""
        self._picture, self._face, self._request = picture, face, request
        self._say, self._matte, self._draw = say, matte, draw
        hidden = [] if face is None else np.array(NAMES)[face.hidden > HIDDEN].tolist()
        self.hidden = tuple(hidden)

    def suggested(self) -> Points:
        """Those of the face that is found, else of a usual one fitted to the figure's outline."""
        return listed(self._base())

    def puppet(self, points: Points) -> Puppet:
        """The rig itself: slower than what will be made of it."""
        figure = self._figure(points)
        with TemporaryDirectory(prefix="liveavatar-") as work:
            path = Path(work) / "picture.npz"
            return RigPuppet(open_rig(prepare(figure.rgba, figure.points, path, mouth=figure.mouth)))

    def make(self, points: Points | None) -> Avatar:
        """Write the package."""
        figure = self._figure(listed(self._base()) if points is None else points)
        if (figure.rgba[..., 3] < 128).mean() < 0.01:
            self._say(
                tr(
                    "no background was found round the figure: the whole picture becomes the avatar",
                    "没有在人物周围找到背景：整张图片都将成为形象",
                )
            )
        return self._draw(self._with_background(figure) if self._request.keep_background else figure)

    def _base(self) -> np.ndarray:
        """(46, 2) pixels of the picture."""
        if self._face is not None:
            return self._face.points
        alpha = self._picture.rgba[..., 3]
        if self._matte is not None:
            alpha = (255 * segment(self._picture.over(), self._matte)).astype(np.uint8)
        return face_in_outline(alpha)

    def _figure(self, points: Points) -> Figure:
        at, mouth = completed(points, self._base()), self._face is None or not mouth_covered(self._face)
        if (matte := self._matte) is None:
            return Figure(self._picture.rgba, at, listed(at), np.eye(2, 3), mouth=mouth)
        rgba, move = cut_out(self._picture.over(), at, lambda rgb: segment(rgb, matte))
        moved = (at @ move[:, :2].T + move[:, 2]).astype(np.float32)
        return Figure(rgba, moved, listed(at), move, mouth=mouth)

    def _with_background(self, figure: Figure) -> Figure:
        if self._matte is None:
            return figure
        rgb = self._picture.over()
        back = cv2.invertAffineTransform(figure.move)
        own = cv2.warpAffine(figure.rgba[..., 3], back, rgb.shape[1::-1]).astype(np.float32) / 255
        placed = framed(figure.rgba, figure.points).move
        whole = placed[:, :2] @ figure.move
        whole[:, 2] += placed[:, 2]
        hidden = np.maximum(own, segment(rgb, self._matte))
        return replace(figure, background=without_figure(rgb, hidden, whole, CANVAS))


class RigPuppet(Puppet):
    """A rig, drawn as it is."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def render(self, expression: Expression) -> AvatarFrame:
        """Draw one frame."""
        return AvatarFrame(self._rig.render(expression.controls, SIZE), expression.time)
