"""One framed picture with a found face -> a PortraitRig: mesh, depth, weights, eyes, mouth."""

import cv2
import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.portrait.eyes import make_eye
from liveavatar.portrait.mouth import make_mouth
from liveavatar.renderers.portrait.eyes import SIDES
from liveavatar.renderers.portrait.rig import EYE_BOX, LANDMARKS, SIZE, PortraitRig
from liveavatar.renderers.portrait.topology import (
    CHIN,
    EARS,
    EYES,
    FOREHEAD,
    JAWS,
    MOUTH_CORNERS,
    OVAL,
    triangles,
)
from liveavatar.retargeting.landmarks import RIGID

GRID = 18
"""Distance of the mesh points beyond the face, pixels."""
RINGS = (1.05, 1.12)


def build(
    texture: np.ndarray,
    landmarks: np.ndarray,
    rotation: np.ndarray,
    *,
    open_mouth: bool = False,
) -> PortraitRig:
    """open_mouth: stretch what the picture shows in it.

    texture: (512, 512, 4) uint8 premultiplied RGBA; landmarks: (478, 3) in its pixels; rotation: (3, 3) of the head."""
    face = landmarks.astype(np.float64)
    height = float(np.linalg.norm(face[FOREHEAD] - face[CHIN]))
    outside, outer = _surroundings(face)
    z, turn, carried = _depth(face, outside, texture[..., 3], height)
    vertices = np.concatenate([face, np.column_stack([outside, z])])
    ears, jaws = face[EARS], face[JAWS]
    pivot = np.concatenate([(ears[:, :2].mean(0) + jaws[:, :2].mean(0)) / 2, [ears[:, 2].mean()]])
    boxes = np.array([_eye_box(face, side) for side in SIDES])
    art = [make_eye(texture, vertices, side, box) for side, box in zip(SIDES, boxes, strict=True)]
    teeth, colours = make_mouth(texture, vertices)
    ones = np.ones(LANDMARKS)
    alpha = texture[..., 3]
    return PortraitRig(
        vertices=vertices.astype(np.float32),
        face=triangles(),
        outer=_visible(outer, vertices[:, :2], alpha).astype(np.int32),
        gain=_gain(face).astype(np.float32),
        pout=_pout(face, rotation).astype(np.float32),
        spread=_spread(face, outside, height).astype(np.float32),
        turn=np.concatenate([ones, turn]).astype(np.float32),
        carried=np.concatenate([ones, carried]).astype(np.float32),
        rotation=rotation.astype(np.float32),
        pivot=pivot.astype(np.float32),
        height=np.array(height, np.float32),
        eye_boxes=boxes.astype(np.int32),
        balls=np.stack([a.ball for a in art]),
        irises=np.stack([a.iris for a in art]),
        lids=np.stack([a.lid for a in art]),
        teeth=teeth,
        cavity=colours,
        options=np.array([0.6, 0.14, float(open_mouth), 1.0], np.float32),
    )


def _surroundings(face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(O, 2) points round the face, and (U, 3) triangles between them and the outline; indices as in the rig."""
    oval = face[OVAL, :2]
    middle = oval.mean(0)
    rings = [middle + (oval - middle) * f for f in RINGS]
    hull = (middle + (oval - middle) * (RINGS[-1] + 0.05)).astype(np.float32)
    steps = np.arange(-GRID, SIZE + GRID + 1, GRID, dtype=np.float64)
    grid = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)
    free = [p for p in grid if cv2.pointPolygonTest(hull, (float(p[0]), float(p[1])), True) < -0.45 * GRID]
    outside = np.concatenate([*rings, np.array(free)])
    points = np.concatenate([oval, outside]).astype(np.float32)
    index = np.concatenate([OVAL, LANDMARKS + np.arange(len(outside))])
    triangles = index[_delaunay(points)]
    every = np.zeros((LANDMARKS + len(outside), 2))
    every[OVAL], every[LANDMARKS:] = oval, outside
    centres = every[triangles].mean(1).astype(np.float32)
    contour = oval.astype(np.float32)
    inside = np.array([cv2.pointPolygonTest(contour, (float(x), float(y)), False) > 0 for x, y in centres])
    return outside, triangles[~(inside & (triangles < LANDMARKS).all(1))]


def _delaunay(points: np.ndarray) -> np.ndarray:
    """(t, 3) indices of the Delaunay triangles of (n, 2) points."""
    low, high = points.min(0) - 8, points.max(0) + 8
    division = cv2.Subdiv2D((int(low[0]), int(low[1]), int(high[0] - low[0]) + 2, int(high[1] - low[1]) + 2))
    number = {}
    for i, (x, y) in enumerate(points.tolist()):
        division.insert((x, y))
        number[(np.float32(x), np.float32(y))] = i
    corners = np.array(division.getTriangleList()).reshape(-1, 3, 2)
    indices = [[number.get((x, y), -1) for x, y in t] for t in corners]
    return np.array([t for t in indices if min(t) >= 0])


def _visible(triangles: np.ndarray, at: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The triangles under which the texture is not clear."""
    keep = []
    for t in triangles:
        x0, y0 = np.floor(at[t].min(0) - 3).astype(int)
        x1, y1 = np.ceil(at[t].max(0) + 4).astype(int)
        part = alpha[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        keep.append(part.size > 0 and part.max() > 0)
    return triangles[np.array(keep)]


def _depth(
    face: np.ndarray, outside: np.ndarray, alpha: np.ndarray, height: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the points round the face: z, share of the head's turn, share of the head's motion; three (O,)."""
    oval = face[OVAL]
    middle = oval[:, :2].mean(0)
    ear = float(face[EARS, 2].mean())
    arm = outside - middle
    angle = np.arctan2(arm[:, 1], arm[:, 0])
    rim = oval[:, :2] - middle
    order = np.argsort(np.arctan2(rim[:, 1], rim[:, 0]))
    around = np.arctan2(rim[:, 1], rim[:, 0])[order]

    def at(values: np.ndarray) -> np.ndarray:
        return np.interp(angle, around, values[order], period=2 * np.pi)

    radius = at(np.hypot(rim[:, 0], rim[:, 1]))
    distance = np.hypot(arm[:, 0], arm[:, 1])
    # The silhouette along each ray, in radii of the outline.
    steps = np.arange(1.0, 2.6, 0.02)
    rays = middle + (arm / distance[:, None] * radius[:, None])[:, None] * steps[None, :, None]
    x, y = np.clip(rays.round().astype(int), 0, SIZE - 1).transpose(2, 0, 1)
    clear = alpha[y, x] < 128
    silhouette = np.where(clear.any(1), steps[clear.argmax(1)], steps[-1]).clip(1.1, 1.9)
    t = ((distance / radius - 1) / (silhouette - 1)).clip(0, 1)
    z = at(oval[:, 2]) * (1 - t) + ear * t
    turn = 1 - 0.7 * t**2
    under = np.minimum(distance - radius, outside[:, 1] - (face[CHIN, 1] - 0.12 * height))
    carried = 1 - smoothstep(under / (0.55 * height))
    return z, turn, carried


def _spread(face: np.ndarray, outside: np.ndarray, height: float) -> np.ndarray:
    """(O, 36): each row says how a point outside follows the outline: near points wholly, fading with distance."""
    oval = face[OVAL, :2]
    distance = np.linalg.norm(outside[:, None] - oval[None], axis=2)
    near = np.exp(-0.5 * (distance / (0.10 * height)) ** 2) + 1e-12
    nearest = distance.min(1)
    fade = np.exp(-0.5 * (np.maximum(nearest - 2, 0) / (0.20 * height)) ** 2)
    result = near / near.sum(1, keepdims=True) * fade[:, None]
    result[result < 1e-3] = 0
    return result


def _pout(face: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """(478, 2): x, y in head axes, y up: towards the mouth's middle, and away from it up and down, fading outwards."""
    head = (face * [1.0, -1.0, -1.0]) @ rotation
    middle = head[MOUTH_CORNERS].mean(0)
    width = _mouth_width(head)
    arm = (head - middle)[:, :2] / width
    fade = np.exp(-0.5 * (np.maximum(np.hypot(arm[:, 0], 1.3 * arm[:, 1]) - 0.5, 0) / 0.25) ** 2)
    return np.column_stack([-arm[:, 0], 0.45 * arm[:, 1]]) * fade[:, None]


def _mouth_width(points: np.ndarray) -> float:
    """Corner to corner, in the unit of the landmarks (478, 2 or 3)."""
    right, left = points[MOUTH_CORNERS]
    return float(np.linalg.norm(right - left))


def _gain(face: np.ndarray) -> np.ndarray:
    """(478, 3): how much of the motion each landmark takes over."""
    gain = np.ones((LANDMARKS, 3))
    gain[:, 2] = 0.8
    # Points that hardly move on a skull are noise where they do; the outline moves more towards the jaw.
    gain[RIGID] *= 0.25
    y = face[OVAL, 1]
    low = ((y - y.min()) / np.ptp(y)).clip(0, 1)
    gain[OVAL] = (0.1 + 0.9 * np.clip((low - 0.35) / 0.5, 0, 1))[:, None] * [1, 1, 0.8]
    for eye in EYES.values():
        gain[eye["brow"]] *= 1.4
        gain[eye["crease"]] *= 0.3
        gain[eye["rings"]] *= 0.3
        for name in ("upper", "lower", "iris"):
            gain[eye[name]] = 0.0  # eyes.py moves these
    return gain


def _eye_box(face: np.ndarray, side: str) -> np.ndarray:
    eye = EYES[side]
    middle = face[np.r_[eye["upper"], eye["lower"]], :2].mean(0)
    box = np.array(EYE_BOX)
    return np.clip(np.round(middle - box / 2).astype(int), 0, SIZE - box)
