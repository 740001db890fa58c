"""A photo's way to an avatar, a painting's, a statue's: the face that MediaPipe finds is warped."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.errors import PictureError
from liveavatar.language import tr
from liveavatar.media.picture import Picture
from liveavatar.portrait import matting
from liveavatar.portrait.background import without_figure
from liveavatar.portrait.editor_points import PHOTO
from liveavatar.portrait.faces import face_on_texture
from liveavatar.portrait.figure import build_from_points, build_rig
from liveavatar.portrait.first_guess import from_landmarks
from liveavatar.portrait.label import label_picture
from liveavatar.portrait.package import write_package
from liveavatar.portrait.points import Points, PointsError, check_points
from liveavatar.portrait.request import Request
from liveavatar.portrait.ways import Way
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.renderers.portrait.rig import SIZE, check_rig
from liveavatar.trackers.pictures import FaceFinder, segment
from liveavatar.types import Face


class Photo(Way):
    """Of one face."""

    kind = PHOTO
    hidden: tuple[str, ...] = ()

    def __init__(
        self,
        picture: Picture,
        face: Face,
        finder: FaceFinder,
        request: Request,
        say: Callable[[str], None],
        matte: Path | None,
    ) -> None:
        """matte: the matte model's file; None leaves the background in."""
        self._picture, self._face, self._finder = picture, face, finder
        self._request, self._say, self._matte = request, say, matte

    def suggested(self) -> Points:
        """Those of the face that is found."""
        landmarks = self._face.landmarks
        height, width = self._picture.rgba.shape[:2]
        texture, move = matting.frame_face(self._picture.rgba, landmarks)
        with suppress(PictureError):  # MediaPipe sees best at this size
            on_texture = landmarks[:, :2] @ move[:, :2].T + move[:, 2]
            found = face_on_texture(self._finder, texture, on_texture).landmarks
            landmarks = np.column_stack([(found[:, :2] - move[:, 2]) / move[0, 0], landmarks[:, 2]])
        points = from_landmarks(landmarks)
        try:
            return check_points(points, (width, height))
        except PointsError:  # a winking face, or one that looks quite aside; the user mends it
            return points

    def puppet(self, points: Points) -> Puppet:
        """What will be warped."""
        rig, texture, *_ = build_from_points(self._picture, points, self._matte)
        check_rig(rig)
        return Puppet(rig, texture, label_picture(self._request.label) if self._request.label else None)

    def make(self, points: Points | None) -> Avatar:
        """Write the package."""
        if points is None:
            figure = build_rig(self._picture, self._finder, self._face, self._matte)
        else:
            figure = build_from_points(self._picture, points, self._matte)
        folder = self._request.destination()
        background = self._background(figure.transform) if self._request.keep_background else None
        avatar = write_package(figure.rig, figure.texture, folder, self._request, points, background)
        _warn_of_background(figure.texture, avatar, self._say)
        return avatar

    def _background(self, move: np.ndarray) -> np.ndarray | None:
        """What stands behind the person, (h, w, 3); None where the picture has nothing there. move: from picture to texture."""
        if self._matte is None:
            return None
        rgb = self._picture.over()
        return without_figure(rgb, segment(rgb, self._matte), move, SIZE)


def _warn_of_background(texture: np.ndarray, avatar: Avatar, say: Callable[[str], None]) -> None:
    """Say so when what stands beside the head was not cut out: it may be the user's room."""
    beside = texture[:300, :64, 3], texture[:300, -64:, 3]
    share = max(float(side.mean()) for side in beside) / 255
    if share > 0.25:
        say(
            tr(
                f"WARNING: the background could not be cut out: it covers {100 * share:.0f} % beside the head and is in the "
                f"package. Look at {avatar.folder / 'preview.png'}. Give a picture before a plain wall, or a PNG whose "
                "background is transparent.",
                f"警告：背景未能去除，头部一侧有 {100 * share:.0f} % 是背景，并已写入形象包。请查看 "
                f"{avatar.folder / 'preview.png'}。请换一张纯色背景的图片，或背景透明的 PNG。",
            )
        )
