"""Where the points may be, for a start: at a face that was found, else at a drawn face fitted to the figure's outline."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from liveavatar.errors import PictureError
from liveavatar.landmarks.finder import DrawnFace, Finder
from liveavatar.landmarks.frame import eye_distance
from liveavatar.landmarks.points import INDEX
from liveavatar.media.picture import Picture
from liveavatar.portrait import matting
from liveavatar.portrait.faces import choose_face, face_on_texture, subjects
from liveavatar.portrait.points import OPTIONAL, REQUIRED, Points, PointsError, check_points
from liveavatar.portrait.request import Request
from liveavatar.renderers.portrait.topology import EYES, INNER_LIP_BOTTOM, INNER_LIP_TOP
from liveavatar.trackers.pictures import FaceFinder, segment

_THIN = 0.05
"""Height of a shut mouth's two edges, in its widths: near enough to be shut, far enough apart to be taken hold of."""
_INNER_LIPS = {"mouthTop": INNER_LIP_TOP, "mouthBottom": INNER_LIP_BOTTOM}
"""The points mean the drawn line or opening, not the lips round it."""

_DRAWN: dict[str, tuple[float, ...]] = {
    "forehead": (0.0, 0.0), "chin": (0.0, 1.0), "nose": (0.0, 0.67),
    "rightBrowOuter": (-0.42, 0.27), "rightBrow": (-0.30, 0.22), "rightBrowInner": (-0.16, 0.25),
    "rightEyeOuter": (-0.44, 0.49), "rightEyeInner": (-0.13, 0.53), "rightEyeUpper": (-0.29, 0.39),
    "rightEyeLower": (-0.28, 0.64), "rightIris": (-0.28, 0.515, 0.115),
    "rightCheek": (-0.50, 0.56), "rightJaw": (-0.29, 0.87),
    "mouthRight": (-0.11, 0.80), "mouthTop": (0.0, 0.805), "mouthBottom": (0.0, 0.83),
}  # fmt: skip
"""A drawn face to the front, the subject's right half: x from its middle, y from the forehead, in heights of the face."""


def suggest_points(
    picture: Picture,
    finder: FaceFinder,
    request: Request,
    say: Callable[[str], None],
    matte: Path | None,
    drawings: Finder | None = None,
) -> Points:
    """Points to begin with: of the face that is found, else of a drawn face fitted to the figure's outline.

    matte: the matte model's file, for pictures without alpha. Raises PictureError."""
    height, width = picture.rgba.shape[:2]
    faces = subjects(picture.over(), finder, drawings)
    if faces:
        face = choose_face(faces, (height, width), request, say)
        if isinstance(face, DrawnFace):
            return from_drawing(face, (width, height))
        landmarks = face.landmarks
        texture, move = matting.frame_face(picture.rgba, landmarks)
        with suppress(PictureError):  # MediaPipe sees best at this size
            on_texture = landmarks[:, :2] @ move[:, :2].T + move[:, 2]
            found = face_on_texture(finder, texture, on_texture).landmarks
            landmarks = np.column_stack([(found[:, :2] - move[:, 2]) / move[0, 0], landmarks[:, 2]])
        # A winking face, or one that looks quite aside, makes no points that may be used.
        with suppress(PointsError):
            return check_points(from_landmarks(landmarks), (width, height))
    alpha = picture.rgba[..., 3]
    if matte is not None:
        alpha = (255 * segment(picture.over(), matte)).astype(np.uint8)
    return from_outline(alpha)


def drawn_face(middle: float, top: float, height: float) -> Points:
    """The face of most drawings: its middle, forehead and height in pixels."""
    points: Points = {}
    for name, (x, y, *radius) in _DRAWN.items():
        rest = [r * height for r in radius]
        points[name] = [middle + x * height, top + y * height, *rest]
        if "right" in name or "Right" in name:
            other = name.replace("right", "left").replace("Right", "Left")
            points[other] = [middle - x * height, top + y * height, *rest]
    return points


def from_drawing(face: DrawnFace, size: tuple[int, int]) -> Points:
    """The points of a drawn face that was found, ordered as check_points() asks. size: the picture's (width, height)."""
    at = {name: face.points[row].astype(float) for name, row in INDEX.items()}
    unit = eye_distance(face.points)
    across = at["leftEyeOuter"] - at["rightEyeOuter"]
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    down = np.array([-across[1], across[0]])
    _part(
        at, "mouthTop", "mouthBottom", _THIN * float(np.linalg.norm(at["mouthLeft"] - at["mouthRight"])), down
    )
    for side in ("right", "left"):
        _part(at, f"{side}EyeUpper", f"{side}EyeLower", 0.04 * unit, down)
        _part(at, f"{side}Brow", f"{side}EyeUpper", 0.01 * unit, down, hold=True)
        _part(at, "forehead", f"{side}Brow", 0.02 * unit, down)
    _part(at, "nose", "mouthTop", 0.01 * unit, down)
    _part(at, "mouthBottom", "chin", 0.02 * unit, down)
    low, high = np.zeros(2), np.array(size) - 1.0
    points: Points = {name: at[name].clip(low, high).tolist() for name in (*REQUIRED, *OPTIONAL)}
    for side in ("right", "left"):
        width = float(np.linalg.norm(at[f"{side}EyeOuter"] - at[f"{side}EyeInner"]))
        radius = float(np.linalg.norm(at[f"{side}IrisOuter"] - at[f"{side}Iris"]))
        iris = at[f"{side}Iris"].clip(low, high).tolist()
        points[f"{side}Iris"] = [*iris, float(np.clip(radius, 0.06 * width, 0.95 * width))]
    return points


def _part(
    at: dict[str, np.ndarray], upper: str, lower: str, least: float, down: np.ndarray, hold: bool = False
) -> None:
    """Move two points apart along `down` until they are `least` pixels from each other; hold: the upper one alone."""
    missing = least - float((at[lower] - at[upper]) @ down)
    if missing > 0:
        share = 1.0 if hold else 0.5
        at[upper] = at[upper] - share * missing * down
        at[lower] = at[lower] + (1 - share) * missing * down


def from_landmarks(landmarks: np.ndarray) -> Points:
    """The points on a found face, (478, 3) float landmarks in pixels."""
    flat = landmarks[:, :2].astype(float)
    named = {**REQUIRED, **OPTIONAL, **_INNER_LIPS}
    points: Points = {name: flat[i].tolist() for name, i in named.items()}
    for side, eye in EYES.items():
        middle, ring = flat[eye["iris"][0]], flat[eye["iris"][1:]]
        points[f"{side.lower()}Iris"] = [
            *middle.tolist(),
            float(np.linalg.norm(ring - middle, axis=1).mean()),
        ]
    right, left, upper, lower = (np.array(points[f"mouth{n}"]) for n in ("Right", "Left", "Top", "Bottom"))
    across = left - right
    down = np.array([-across[1], across[0]]) / np.linalg.norm(across)
    missing = _THIN * float(np.linalg.norm(across)) - float((lower - upper) @ down)
    if missing > 0:
        points["mouthTop"] = (upper - 0.5 * missing * down).tolist()
        points["mouthBottom"] = (lower + 0.5 * missing * down).tolist()
    return points


def from_outline(alpha: np.ndarray) -> Points:
    """A drawn face where a figure's (H, W) alpha, uint8, seems to have its head: above the narrow place of its neck."""
    height, width = alpha.shape
    figure = _largest(alpha > 127)
    rows = np.flatnonzero(figure.any(1))
    if not rows.size:
        return drawn_face(0.5 * width, 0.3 * height, 0.4 * min(width, height))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    spans = cv2.blur(figure[top:bottom].sum(1, keepdims=True).astype(np.float32), (1, 9))[:, 0]
    neck = _neck(spans) or min(bottom - top, 1.1 * float(spans.max())) * 0.65
    head = figure[top : top + max(1, round(neck))]
    middle = float((head.sum(0) * (np.arange(width) + 0.5)).sum() / head.sum())
    chin = 0.9 * neck
    face = 0.6 * chin
    # Within the picture and not too small to take hold of, whatever the outline is.
    face = min(max(face, 16.0), 0.9 * min(width, height))
    middle = float(np.clip(middle, 0.53 * face, width - 0.53 * face))
    return drawn_face(middle, float(np.clip(top + chin - face, 0, height - 1 - face)), face)


def _largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected part of a mask."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if count > 1 else mask


def _neck(spans: np.ndarray) -> float | None:
    """How far down a figure is narrow between head and shoulders; None where long hair hides it. spans: (n,) widths."""
    widest, best = 0.0, None
    for y, span in enumerate(spans):
        below = float(spans[y : y + max(8, y // 3)].max())
        if span < 0.72 * widest and below > 1.12 * span and y > 0.08 * len(spans):
            best = y
            break
        widest = max(widest, float(span))
    if best is None:
        return None
    reach = spans[best : best + max(2, best // 4)]
    return float(best + int(reach.argmin()))
