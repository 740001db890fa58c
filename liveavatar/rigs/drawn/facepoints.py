"""Where the points of landmarks.points lie on a drawn face, and which of them something hides."""

from typing import Any

import cv2
import numpy as np

from liveavatar.landmarks.points import EYES, INDEX, NAMES
from liveavatar.rigs.drawn.geometry import HeadPose, on_face
from liveavatar.rigs.drawn.rest import REST, through

_BROW_LINE = 1.06
"""How far above the middle of the eyes the forehead ends, in the chin's distance below it: the hairline of most faces."""
_NARROW = 60.0
"""Half-width, in canvas units, of what lies on the middle line of a head."""
_COVERS = 128
"""Alpha of hair from which it hides what is behind."""


class FacePlaces:
    """Which points of a figure's outlines the points of its head are, as they lie at rest."""

    def __init__(self, figure: Any) -> None:
        """figure: a Human or a Robot."""
        face = figure.shape
        v = {**REST}
        rest = figure.pose(v)
        head: HeadPose = rest.head
        outline: np.ndarray = rest.outline
        lid = face.eye_y + face.eye_scale * max(y for _, y in face.eye.lower)
        chin = int(outline[:, 1].argmax())
        self.rows = {"chin": chin}
        for height, name in ((face.mouth_y, "Jaw"), (lid, "Cheek")):
            level = head.place(on_face(np.array([[0.0, height]])))[0]
            for side, sign in (("right", -1), ("left", 1)):
                beside = sign * (outline[:, 0] - level[0]) > 0
                far = np.where(beside, np.abs(outline[:, 1] - level[1]), np.inf)
                self.rows[side + name] = int(far.argmin())
        low = float((outline[chin, 1] - head.place(on_face(np.array([[0.0, face.eye_y]])))[0, 1]) / head.size)
        self.forehead = on_face(np.array([[0.0, face.eye_y - _BROW_LINE * low]]))
        self.crown = _crown(figure, rest)

    def head(self, scene: Any) -> dict[str, np.ndarray]:
        """Chin, jaws, cheeks, forehead and crown of a posed figure, (2,) each on the canvas."""
        points = {name: scene.outline[row] for name, row in self.rows.items()}
        points["forehead"] = scene.head.place(self.forehead.copy())[0]
        hair = getattr(scene, "hair", None)
        points["crown"] = (scene.outline if hair is None else hair)[self.crown]
        return points


def _crown(figure: Any, rest: Any) -> int:
    """The row of the highest point near the middle of the cap of hair, tufts left out; without hair, of the outline's."""
    hair = getattr(rest, "hair", None)
    if hair is None:
        return int(rest.outline[:, 1].argmin())
    cap = figure.hair.skull[0]
    rows = np.arange(cap.start, cap.stop)
    near = rows[np.abs(hair[rows, 0] - rest.head.place(np.zeros((1, 3)))[0, 0]) < _NARROW]
    return int(near[hair[near, 1].argmin()])


def face_points(scene: Any, places: FacePlaces) -> np.ndarray:
    """The points (46, 2) of a posed figure on the canvas, in the order of NAMES."""
    points: dict[str, np.ndarray] = places.head(scene)
    shape = scene.figure.shape
    radius = np.multiply(shape.eye.iris, shape.eye_scale)
    for side, sign in (("right", -1), ("left", 1)):
        lines = scene.eyes[sign]
        upper, lower = lines.opening[:33], lines.opening[:32:-1]
        points[f"{side}EyeOuter"], points[f"{side}EyeInner"] = (
            (upper[end] + lower[end]) / 2 for end in (-1, 0)
        )
        for name, row in (("Outer", 24), ("", 16), ("Inner", 8)):
            points[f"{side}EyeUpper{name}"], points[f"{side}EyeLower{name}"] = upper[row], lower[row]
        rim = through(lines.iris, np.array([(0.0, 0.0), (sign * radius[0], 0.0), (0.0, radius[1])]))
        for name, at in zip(("", "Outer", "Bottom"), rim, strict=True):
            points[f"{side}Iris{name}"] = at
        spine = (lines.brow + lines.brow[::-1])[: len(lines.brow) // 2] / 2
        for name, at in zip(("Inner", "", "Outer"), spine[[0, len(spine) // 2, -1]], strict=True):
            points[f"{side}Brow{name}"] = at
    points["nose"] = _nose(scene)
    top, bottom = np.split(scene.mouth.opening, 2)
    bottom = bottom[::-1]
    points["mouthRight"], points["mouthLeft"] = ((top[end] + bottom[end]) / 2 for end in (0, -1))
    for name, row in (("Right", 10), ("", 20), ("Left", 30)):
        points[f"mouthTop{name}"], points[f"mouthBottom{name}"] = top[row], bottom[row]
    above, below = np.split(scene.mouth.bow, 2)
    points["lipTop"], points["lipBottom"] = above[20], below[20]
    return np.array([points[name] for name in NAMES], np.float32)


def _nose(scene: Any) -> np.ndarray:
    """The lowest mark of the nose; a robot has none: where one would be."""
    painter = getattr(scene.figure, "face", None)
    if painter is None:
        return scene.head.place(on_face(np.array([[0.0, scene.figure.shape.nose_y]]), 4.0))[0]
    marks = painter.nose_points(scene.head, scene.v)
    if not marks:
        return scene.head.place(np.array([[0.0, scene.figure.shape.nose_y, 105.0]]))[0]
    ends = np.concatenate(marks)
    tip = scene.head.place(np.array([[0.0, scene.figure.shape.nose_y, 105.0]]))[0]
    near = ends[np.linalg.norm(ends - tip, axis=1) < 14.0 * scene.head.size]
    return near.mean(0) if len(near) else tip


def hidden_points(scene: Any, points: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Which points (46,) bool something hides: hair and what is worn before the face, even where it lets them shine through;
    lids over an iris; an eye patch; the picture's edge.

    points: (46, 2) in pixels of before: (S, S) uint8, alpha of the layers in front of the face."""
    size = len(before)
    at = np.floor(points).astype(int)
    outside = ((at < 0) | (at >= size)).any(1)
    x, y = np.clip(at, 0, size - 1).T
    hidden = outside | (before[y, x] > _COVERS)
    jewels = getattr(scene.figure, "jewels", None)
    patched = jewels.hidden if jewels is not None else ()
    for side, sign in (("right", -1), ("left", 1)):
        lines = scene.eyes[sign]
        middle = lines.iris[2], lines.iris[5]
        if cv2.pointPolygonTest(lines.opening.astype(np.float32), middle, False) < 0:
            hidden[[INDEX[f"{side}Iris{name}"] for name in ("", "Outer", "Bottom")]] = True
        if sign in patched:
            hidden[EYES[side]] = True
    return hidden
