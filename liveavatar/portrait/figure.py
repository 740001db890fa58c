"""A picture's figure: its texture, and the rig that moves it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from liveavatar.base.files import expanded
from liveavatar.landmarks.finder import DrawnFace, Finder
from liveavatar.media.picture import Picture
from liveavatar.portrait import matting
from liveavatar.portrait.build import build
from liveavatar.portrait.faces import Subject, face_on_texture, find_subject
from liveavatar.portrait.first_guess import from_drawing
from liveavatar.portrait.placed_face import place_face
from liveavatar.portrait.points import Points, check_points, read_points
from liveavatar.portrait.request import Request
from liveavatar.renderers.portrait.rig import PortraitRig
from liveavatar.retargeting.landmarks import rotation
from liveavatar.trackers.pictures import FaceFinder


class Figure(NamedTuple):
    """What a package is made of."""

    rig: PortraitRig
    texture: np.ndarray
    """(512, 512, 4) uint8 premultiplied RGBA."""
    transform: np.ndarray
    """(2, 3) float64: the affine map from the picture to the texture."""
    points: Points | None = None
    """Of a drawing's face, in the picture."""


def build_rig(
    picture: Picture,
    finder: FaceFinder,
    request: Request,
    say: Callable[[str], None],
    matte: Path | None,
    drawings: Finder | None = None,
    face: Subject | None = None,
) -> Figure:
    """By the request's file of points where it has one, else by the face that is found, of a person or drawn.

    matte: the matte model's file; None leaves the background in. drawings: None for a photo. face: where it is found
    already. Raises PictureError."""
    height, width = picture.rgba.shape[:2]
    if request.points is not None:
        return build_from_points(picture, read_points(expanded(request.points), (width, height)), matte)
    face = face or find_subject(picture, finder, drawings, request, say)
    if isinstance(face, DrawnFace):
        return build_from_points(
            picture, check_points(from_drawing(face, (width, height)), (width, height)), matte
        )
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
    rig = build(pixels, landmarks, placed.rotation, drawn=True, open_mouth=placed.open_mouth)
    return Figure(rig, pixels, move, points)


def _on_texture(landmarks: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Landmarks of the picture on its texture."""
    return np.column_stack([landmarks[:, :2] @ move[:, :2].T + move[:, 2], landmarks[:, 2] * move[0, 0]])


def _pixels(texture: np.ndarray, landmarks: np.ndarray, matte: Path | None) -> np.ndarray:
    """The texture as it is kept, cut out where there is a matte."""
    if matte is not None:
        texture = matting.cut_out(texture, landmarks, matte)
    return np.clip(np.round(texture), 0, 255).astype(np.uint8)
