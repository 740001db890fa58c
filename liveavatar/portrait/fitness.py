"""Whether a face that was found can become an avatar, and what to tell the user of it before minutes are spent."""

from collections.abc import Iterator

import numpy as np

from liveavatar.errors import PictureError
from liveavatar.landmarks.finder import DrawnFace
from liveavatar.landmarks.frame import eye_distance
from liveavatar.landmarks.points import EYES, INDEX, MOUTH
from liveavatar.language import tr
from liveavatar.portrait.faces import Subject, face_height
from liveavatar.portrait.points import REQUIRED

SMALLEST_FACE = 40
"""Forehead to chin, pixels of the picture."""
SOFT_FACE = 110
"""Below it the avatar looks soft."""
ASIDE = 0.38
"""Distance between the eyes, in that from them to the chin, of a face that looks too far aside: drawn ones that look to the front
have .67 to .9."""
SHUT = 0.12
"""Height of an eye's opening, in its width, below which it is drawn shut."""
COVERED, COVERED_MOUTH = 0.6, 0.3
"""Mean chances from which all of an eye and of a mouth is hidden: masks get .2 to .4, 300 bare mouths at most .1."""
_NEEDED = ("rightEyeOuter", "leftEyeOuter", "mouthRight", "mouthLeft", "chin")


def require_fit(face: Subject, size: tuple[int, int], name: str) -> None:
    """Raise PictureError for a face that is too small, cut off, or turned away. size: the picture's height and width; name: its
    file's."""
    height = face_height(face)
    if height < SMALLEST_FACE:
        raise PictureError(
            tr(
                f"the face in {name} is {height:.0f} pixels high; at least {SMALLEST_FACE} are needed, 200 look good. Give a "
                "larger copy of the picture, or one in which the head is nearer.",
                f"{name} 中的人脸只有 {height:.0f} 像素高；至少需要 {SMALLEST_FACE}，200 以上效果好。"
                "请给出更大的图片，或头部更近的图片。",
            )
        )
    at = np.array([_place(face, point) for point in _NEEDED])
    if (at < 0).any() or (at >= np.array(size[::-1])).any():
        raise PictureError(
            tr(
                f"the face in {name} is cut off by the picture's edge. Give one in which both eyes, mouth and chin are whole.",
                f"{name} 中的人脸被图片边缘截断。请给出双眼、嘴和下巴完整的图片。",
            )
        )
    if isinstance(face, DrawnFace) and _turned(face) < ASIDE:
        raise PictureError(
            tr(
                f"the face in {name} looks too far aside for an avatar. Give a picture in which it looks to the front or half "
                "aside, both eyes to be seen.",
                f"{name} 中的人脸侧得太多，无法制作形象。请给出正面或半侧面、双眼可见的图片。",
            )
        )


def remarks(face: Subject) -> Iterator[str]:
    """What of the avatar will be guessed, since the picture does not show it."""
    height = face_height(face)
    if height < SOFT_FACE:
        yield tr(
            f"the face is only {height:.0f} pixels high: it will look soft",
            f"人脸只有 {height:.0f} 像素高，画面会偏模糊",
        )
    if not isinstance(face, DrawnFace):
        return
    if all(_opening(face.points[rows]) < SHUT for rows in EYES.values()):
        yield tr(
            "the eyes are shut in the picture: what they look like open is guessed. One with open eyes looks better",
            "图中双眼闭合：睁眼的样子只能推测。睁眼的图片效果更好",
        )
    for rows, part in (
        (EYES["right"], tr("the right eye", "右眼")),
        (EYES["left"], tr("the left eye", "左眼")),
    ):
        if face.hidden[rows].mean() > COVERED:
            yield tr(
                f"{part} is hidden in the picture: what it looks like is guessed. --edit shows where",
                f"图中{part}被遮住：其样子只能推测。用 --edit 查看位置",
            )
    if mouth_covered(face):
        yield tr(
            "the mouth is hidden in the picture: what covers it stays as it is, no mouth is drawn",
            "图中嘴被遮住：遮住它的东西保持原样，不画嘴",
        )


def mouth_covered(face: DrawnFace) -> bool:
    """Whether a mask, a beard or a hand is before it."""
    return bool(face.hidden[MOUTH].mean() > COVERED_MOUTH)


def _place(face: Subject, name: str) -> np.ndarray:
    """(2,) pixels."""
    if isinstance(face, DrawnFace):
        return face.points[INDEX[name]]
    return face.landmarks[REQUIRED[name], :2]


def _turned(face: DrawnFace) -> float:
    eyes = face.points[[INDEX[f"{side}Eye{end}"] for side in EYES for end in ("Outer", "Inner")]].mean(0)
    return eye_distance(face.points) / max(float(np.linalg.norm(face.points[INDEX["chin"]] - eyes)), 1e-6)


def _opening(eye: np.ndarray) -> float:
    """Height over width of an eye (11, 2)."""
    outer, upper, inner, lower = eye[0], eye[2], eye[4], eye[6]
    return float(np.linalg.norm(lower - upper)) / max(float(np.linalg.norm(inner - outer)), 1e-6)
