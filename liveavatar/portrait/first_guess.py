"""Points to begin with: a photo's face as it is found, or a drawn face fitted to a figure's outline."""

import cv2
import numpy as np

from liveavatar.portrait.drawn_points import usual_face
from liveavatar.portrait.points import OPTIONAL, REQUIRED, Points
from liveavatar.renderers.portrait.topology import EYES, INNER_LIP_BOTTOM, INNER_LIP_TOP

_THIN = 0.05
"""Height of a shut mouth's two edges, in its widths: near enough to be shut, far enough apart to be taken hold of."""
_INNER_LIPS = {"mouthTop": INNER_LIP_TOP, "mouthBottom": INNER_LIP_BOTTOM}
"""The points mean the drawn line or opening, not the lips round it."""


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


def face_in_outline(alpha: np.ndarray) -> np.ndarray:
    """A usual drawn face, (46, 2) float32 pixels, where a figure's (H, W) alpha, uint8, seems to have its head: above the narrow
    place of its neck."""
    height, width = alpha.shape
    figure = _largest(alpha > 127)
    rows = np.flatnonzero(figure.any(1))
    if not rows.size:
        return _placed(0.5 * width, 0.3 * height, 0.4 * min(width, height))
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
    return _placed(middle, float(np.clip(top + chin - face, 0, height - 1 - face)), face)


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


def _placed(middle: float, top: float, height: float) -> np.ndarray:
    """A usual face (46, 2) float32: its middle, forehead and height in pixels."""
    return (usual_face() * height + (middle, top)).astype(np.float32)
