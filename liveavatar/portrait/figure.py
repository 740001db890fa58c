"""A photo's figure: its texture, and the rig that moves it."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from liveavatar.media.picture import Picture
from liveavatar.portrait import matting
from liveavatar.portrait.build import build
from liveavatar.portrait.faces import face_on_texture
from liveavatar.portrait.placed_face import place_face
from liveavatar.portrait.points import Points
from liveavatar.renderers.portrait.rig import PortraitRig
from liveavatar.retargeting.landmarks import rotation
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.types import Face


class Figure(NamedTuple):
    """What a package is made of."""

    rig: PortraitRig
    texture: np.ndarray
    """(512, 512, 4) uint8 premultiplied RGBA."""
    transform: np.ndarray
    """(2, 3) float64: the affine map from the picture to the texture."""


def build_rig(picture: Picture, finder: FaceFinder, face: Face, matte: Path | None) -> Figure:
    """By the face that is found. matte: the matte model's file; None leaves the background in. Raises PictureError."""
    landmarks = face.landmarks
    texture, move = matting.frame_face(picture.rgba, landmarks)
    found = face_on_texture(finder, texture, _on_texture(landmarks, move))  # MediaPipe sees best at this size
    pixels = _pixels(texture, found.landmarks, matte)
    return Figure(build(pixels, found.landmarks, rotation(found)), pixels, move)


def build_from_points(picture: Picture, points: Points, matte: Path | None) -> Figure:
    """As build_rig, of checked points."""
    placed = place_face(points)
    texture, move = matting.frame_face(picture.rgba, placed.landmarks)
    landmarks = _on_texture(placed.landmarks, move)
    pixels = _pixels(texture, landmarks, matte)
    return Figure(build(pixels, landmarks, placed.rotation, open_mouth=placed.open_mouth), pixels, move)


def _on_texture(landmarks: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Landmarks of the picture on its texture."""
    return np.column_stack([landmarks[:, :2] @ move[:, :2].T + move[:, 2], landmarks[:, 2] * move[0, 0]])


def _pixels(texture: np.ndarray, landmarks: np.ndarray, matte: Path | None) -> np.ndarray:
    """The texture as it is kept, cut out where there is a matte."""
    if matte is not None:
        texture = matting.cut_out(texture, landmarks, matte)
    return np.clip(np.round(texture), 0, 255).astype(np.uint8)
