"""The face of a picture: which one is meant, and where it is on the texture."""

from collections.abc import Callable

import numpy as np

from liveavatar.errors import PictureError
from liveavatar.language import tr
from liveavatar.media.picture import Picture
from liveavatar.portrait.request import Request
from liveavatar.renderers.portrait.rig import SIZE
from liveavatar.renderers.portrait.topology import CHIN, FOREHEAD
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.types import Face

SMALLEST_FACE = 40
"""Forehead to chin, pixels of the picture."""
SOFT_FACE = 110
"""Below it the avatar looks soft."""


def find_face(picture: Picture, finder: FaceFinder, request: Request, say: Callable[[str], None]) -> Face:
    """The face that was asked for. say: told which one of several it is, and where it is small. Raises PictureError."""
    return choose_face(finder.find(picture.over()), request, say)


def choose_face(faces: list[Face], request: Request, say: Callable[[str], None]) -> Face:
    """As find_face, among those found, the largest first."""
    name = request.picture.name
    if not faces:
        raise PictureError(
            tr(
                f"no face was found in {name}. Give a picture in which one face looks to the front, is well lit and at "
                f"least {SMALLEST_FACE} pixels high; for a drawing, show where its face is with --edit or --points FILE.",
                f"在 {name} 中没有找到人脸。请给出一张正面、光线充足、人脸高度不小于 {SMALLEST_FACE} 像素的图片；"
                "插画可用 --edit 或 --points 文件指明面部位置。",
            )
        )
    index = request.face or 1
    if not 1 <= index <= len(faces):
        raise PictureError(
            tr(
                f"--face {index}: {name} has {len(faces)} faces. Give 1 to {len(faces)}; 1 is the largest.",
                f"--face {index}：{name} 中有 {len(faces)} 张人脸。请给出 1 到 {len(faces)}，1 为最大的一张。",
            )
        )
    face = faces[index - 1]
    x, y = face.landmarks[:, :2].mean(0)
    if len(faces) > 1:
        across, down = round(100 * x / face.size[0]), round(100 * y / face.size[1])
        say(
            tr(
                f"{len(faces)} faces: taking number {index}, at {across} % from the left and {down} % from the top. "
                "--face N takes another.",
                f"共 {len(faces)} 张人脸：使用第 {index} 张（距左 {across} %，距上 {down} %）。用 --face N 选择其他。",
            )
        )
    height = float(np.linalg.norm(face.landmarks[FOREHEAD] - face.landmarks[CHIN]))
    if height < SMALLEST_FACE:
        raise PictureError(
            tr(
                f"the face in {name} is {height:.0f} pixels high; at least {SMALLEST_FACE} are needed, 200 look good.",
                f"{name} 中的人脸只有 {height:.0f} 像素高；至少需要 {SMALLEST_FACE}，200 以上效果好。",
            )
        )
    if height < SOFT_FACE:
        say(tr(f"the face is only {height:.0f} pixels high: it will look soft",
               f"人脸只有 {height:.0f} 像素高，画面会偏模糊"))  # fmt: skip
    return face


def face_on_texture(finder: FaceFinder, texture: np.ndarray, landmarks: np.ndarray) -> Face:
    """The face found again on the texture, at the size that MediaPipe sees best. Raises PictureError where it is not.

    texture: (512, 512, 4) float32, 0 to 255, premultiplied RGBA; landmarks: (478, >= 2), where the face should be there."""
    alpha = texture[..., 3:] / 255
    faces = finder.find((texture[..., :3] + 255 * (1 - alpha)).clip(0, 255).astype(np.uint8))
    middle = landmarks[:, :2].mean(0)
    near = [f for f in faces if np.linalg.norm(f.landmarks[:, :2].mean(0) - middle) < 0.15 * SIZE]
    if not near:
        raise PictureError(
            tr(
                "the face was found in the picture but not in its cut-out. Give a picture with more room round the head.",
                "图片中找到了人脸，但裁剪后没有找到。请给出头部周围留白更多的图片。",
            )
        )
    return near[0]
