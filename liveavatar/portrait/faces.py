"""The face of a picture: which one is meant, whether it is drawn, and where it is on the texture."""

from collections.abc import Callable

import numpy as np

from liveavatar.errors import PictureError
from liveavatar.landmarks.finder import DrawnFace, Finder
from liveavatar.landmarks.points import CORNERS, INDEX
from liveavatar.language import tr
from liveavatar.portrait.points import REQUIRED, Points
from liveavatar.portrait.request import Request
from liveavatar.renderers.portrait.rig import SIZE
from liveavatar.renderers.portrait.topology import CHIN, EYES, FOREHEAD
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.types import Face

ALIKE = 0.85
"""Height of the second largest face, in the largest's, from which neither is clearly meant."""
PEOPLE = (0.655, 0.68)
"""Distance between the eyes' middles, in their distance from the chin, under which a face is a person's: as MediaPipe has it, and
as the network for drawings has it."""
_SCALE = (0.05, 0.06)
"""How far these vary among people."""
_MOST = 2.0
"""What the network for drawings may say at most against MediaPipe, in these: it can be quite wrong about photos."""


Subject = Face | DrawnFace
"""A photo's face as MediaPipe sees it, or a drawn one as the network for drawings does."""


def subjects(rgb: np.ndarray, finder: FaceFinder, drawings: Finder) -> list[Subject]:
    """All faces in an (H, W, 3) uint8 RGB picture, the largest first; where both networks see one, whosever it is."""
    photos, drawn = finder.find(rgb), drawings.find(rgb)
    found: list[Subject] = []
    for face in photos:
        near = [other for other in drawn if _same(face, other)]
        if not near:
            found.append(face)
        elif not is_drawn(face, near[0]):
            found.append(face)
            drawn = [other for other in drawn if other not in near]
    found += drawn
    return sorted(found, key=lambda face: -face_height(face))


def is_drawn(face: Face, drawn: DrawnFace) -> bool:
    """Whether a face that both networks see is a drawing: its eyes lie lower, and farther from each other, than people's.

    Both are asked: MediaPipe puts its points where a person's would be, the other where they are drawn."""
    at = face.landmarks
    right, left = (
        at[[EYES[side]["upper"][0], EYES[side]["upper"][-1]]].mean(0) for side in ("Right", "Left")
    )
    # In the picture; and in space, for heads that are turned aside.
    seen = max(_spread(right[:2], left[:2], at[CHIN, :2]), _spread(right, left, at[CHIN]))
    right, left = (drawn.points[rows].mean(0) for rows in CORNERS.values())
    ours = _spread(right, left, drawn.points[INDEX["chin"]])
    return (seen - PEOPLE[0]) / _SCALE[0] + min((ours - PEOPLE[1]) / _SCALE[1], _MOST) > 0


def _spread(right: np.ndarray, left: np.ndarray, chin: np.ndarray) -> float:
    """The distance between the eyes in theirs from the chin."""
    return float(np.linalg.norm(right - left) / max(float(np.linalg.norm(chin - (right + left) / 2)), 1e-6))


def face_height(face: Subject) -> float:
    """Forehead to chin, pixels."""
    if isinstance(face, DrawnFace):
        top, bottom = (face.points[INDEX[name]] for name in ("forehead", "chin"))
    else:
        top, bottom = face.landmarks[FOREHEAD], face.landmarks[CHIN]
    return float(np.linalg.norm(top - bottom))


def _middle(face: Subject) -> np.ndarray:
    """(2,), pixels."""
    at = face.points if isinstance(face, DrawnFace) else face.landmarks[:, :2]
    return np.asarray(at.mean(0))


def _same(a: Subject, b: Subject) -> bool:
    return float(np.linalg.norm(_middle(a) - _middle(b))) < 0.4 * max(face_height(a), face_height(b))


def face_at(points: Points, faces: list[Subject]) -> Subject | None:
    """The face that points given for it are of; None where they are of none that was found."""
    given = np.array([points[name][:2] for name in _MARKS])
    near = [
        (float(np.linalg.norm(_marks(face) - given, axis=1).mean() / face_height(face)), face)
        for face in faces
    ]
    away, face = min(near, key=lambda one: one[0], default=(1.0, None))
    return face if away < 0.25 else None


_MARKS = ("rightEyeOuter", "leftEyeOuter", "mouthRight", "mouthLeft")


def _marks(face: Subject) -> np.ndarray:
    """Where a face has _MARKS, (4, 2) pixels."""
    if isinstance(face, DrawnFace):
        return face.points[[INDEX[name] for name in _MARKS]]
    return face.landmarks[[REQUIRED[name] for name in _MARKS], :2]


def choose_face(
    faces: list[Subject], size: tuple[int, int], request: Request, say: Callable[[str], None]
) -> Subject:
    """The face that was asked for among those found, the largest first. Raises PictureError.

    size: the picture's height and width. say: told which one of several it is."""
    name = request.picture.name
    if not faces:
        raise PictureError(
            tr(
                f"no face was found in {name}, of a person or of a drawn character. Give a picture in which one looks to the "
                "front or half aside, 40 pixels high or more; or show where it is with --edit or --points FILE.",
                f"在 {name} 中没有找到真人或绘制角色的脸。请给出一张正面或半侧面、脸部高度不小于 40 像素的图片；"
                "也可用 --edit 或 --points 文件指明面部位置。",
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
    if request.face is None and len(faces) > 1 and face_height(faces[1]) > ALIKE * face_height(face):
        places = "; ".join(f"{k + 1}: {_where(one, size)}" for k, one in enumerate(faces[:8]))
        raise PictureError(
            tr(
                f"{name} has {len(faces)} faces, and none is clearly the largest. Say which with --face N ({places}), or crop "
                "the picture to one.",
                f"{name} 中有 {len(faces)} 张人脸，没有哪一张明显最大。请用 --face N 指明（{places}），或裁剪到只剩一张。",
            )
        )
    if len(faces) > 1:
        say(
            tr(
                f"{len(faces)} faces: taking number {index}, at {_where(face, size)}. --face N takes another.",
                f"共 {len(faces)} 张人脸：使用第 {index} 张（{_where(face, size)}）。用 --face N 选择其他。",
            )
        )
    return face


def _where(face: Subject, size: tuple[int, int]) -> str:
    """In words. size: the picture's height and width."""
    x, y = _middle(face)
    across, down = round(100 * x / size[1]), round(100 * y / size[0])
    return tr(f"{across} % from the left and {down} % from the top", f"距左 {across} %，距上 {down} %")


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
