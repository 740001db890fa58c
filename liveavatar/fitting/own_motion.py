"""How one person's face moves, fitted to the tracked frames of their video in closed form."""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.controls import BLENDSHAPES
from liveavatar.renderers.portrait import motion, raster
from liveavatar.renderers.portrait.likeness import HABITS, TERMS, TURNS, turn_terms
from liveavatar.renderers.portrait.own_face import OwnMotion
from liveavatar.renderers.portrait.rig import LANDMARKS, SIZE, PortraitRig
from liveavatar.renderers.portrait.topology import CHIN, FOREHEAD, OVAL
from liveavatar.types import Expression, Face, Frame

HABIT_COST, STANCE_COST = 0.1, 0.001
"""Penalties of the ridge regressions, as shares of the number of frames."""
TRUST = 2.0
"""Landmarks are believed up to this many times what nine in ten frames of the video miss of the controls' word."""
ROUNDS, WATCHED = 3, 60
"""How often, and on how many frames, it is seen where hair and body lie otherwise."""
_FLOW_SIZE, _SPREAD, _FARTHEST = 256, 5.0, 30.0
"""Side of the pictures that flow is found on, pixels; how far a found motion holds, its pixels; the most, the rig's pixels."""


FACE, ROUND = 190.0, 0.6
"""Pixels that a kept face is high at most; how much round it is kept, shares of its size."""


@dataclass(frozen=True)
class Shot:
    """One frame of the person."""

    expression: Expression
    landmarks: np.ndarray
    """(478, 2) float32, pixels of the picture."""
    picture: np.ndarray
    """(h, w, 3) uint8: the face and what is round it."""


def shot(frame: Frame, face: Face, expression: Expression) -> Shot:
    """The face cut out of its frame, FACE pixels high at most."""
    points = face.landmarks[:, :2].astype(np.float64)
    size = np.ptp(points, axis=0)
    low, high = points.min(0) - ROUND * size, points.max(0) + ROUND * size
    scale = min(1.0, FACE / max(float(np.linalg.norm(points[FOREHEAD] - points[CHIN])), 1.0))
    move = np.array([[scale, 0, -scale * low[0]], [0, scale, -scale * low[1]]])
    width, height = np.ceil((high - low) * scale).astype(int).tolist()
    picture = cv2.warpAffine(
        frame.image, move, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return Shot(expression, (points * scale + move[:, 2]).astype(np.float32), picture)


@dataclass(frozen=True)
class Motion:
    """What was fitted; the first four as in Likeness. Of N shots:"""

    habits: np.ndarray
    trust: np.ndarray
    reach: np.ndarray
    stance: np.ndarray
    deltas: np.ndarray
    """(N, 478, 3) float32: what each shot's face does."""
    moves: np.ndarray
    """(N, 2, 3): from each shot's picture to the rig's frame."""


def similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(2, 3) float64: the turn, size and shift that bring points a (n, 2) nearest to b (Umeyama 1991)."""
    x, y = (np.asarray(v, np.float64) @ [1, 1j] for v in (a, b))
    factor = np.vdot(x - x.mean(), y - y.mean()) / np.vdot(x - x.mean(), x - x.mean())
    shift = y.mean() - factor * x.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def fit_motion(rig: PortraitRig, texture: np.ndarray, shots: list[Shot]) -> Motion:
    """texture: (512, 512, 4) uint8 premultiplied RGBA."""
    controls = np.stack([motion.clipped(s.expression.controls) for s in shots])
    habits, trust = _habits(controls, shots)
    own = OwnMotion(rig, habits, trust)
    deltas = np.stack([own.deltas(s.expression, c) for s, c in zip(shots, controls, strict=True)])
    posed = np.stack([motion.turned(rig, own.expressed(d), c) for d, c in zip(deltas, controls, strict=True)])
    angles = controls[:, TURNS]
    terms = np.column_stack([turn_terms(angles), np.ones(len(shots))])
    solve = np.linalg.solve(terms.T @ terms + STANCE_COST * len(shots) * np.eye(TERMS + 1), terms.T)
    moves = np.stack([similarity(s.landmarks[:468], p[:468, :2]) for s, p in zip(shots, posed, strict=True)])
    there = np.stack([s.landmarks @ m[:, :2].T + m[:, 2] for s, m in zip(shots, moves, strict=True)])
    stance = np.zeros((TERMS + 1, len(rig.vertices), 2))
    stance[:, :LANDMARKS] = np.tensordot(solve, there - posed[:, :LANDMARKS, :2], 1)
    # What is round the face goes with its outline, to begin with.
    stance[:, LANDMARKS:] = np.einsum("ov,tvk->tok", rig.spread, stance[:, OVAL])
    stance = _with_surroundings(rig, texture, shots, moves, posed, terms, stance)
    return Motion(
        habits.astype(np.float16),
        np.array(trust, np.float32),
        np.stack([angles.min(0), angles.max(0)], 1).astype(np.float32),
        (stance / float(rig.height)).clip(-4, 4).astype(np.float16),
        deltas,
        moves,
    )


def _habits(controls: np.ndarray, shots: list[Shot]) -> tuple[np.ndarray, float]:
    """Likeness.habits, and its trust. Where the shots have no motion of their own, none."""
    moved = np.stack([s.expression.motion for s in shots if s.expression.motion is not None])
    told = controls[[s.expression.motion is not None for s in shots]]
    given, asked = told[:, : len(BLENDSHAPES)] @ motion.basis(), told[:, HABITS].astype(np.float64)
    missed = moved.reshape(len(moved), -1) - given
    gram = asked.T @ asked + HABIT_COST * len(asked) * np.eye(len(HABITS))
    habits = np.linalg.solve(gram, asked.T @ missed)
    left = (missed - asked @ habits).reshape(len(moved), LANDMARKS, 3)
    distance = np.sqrt((left**2).sum(2).mean(1))
    return habits.reshape(-1, LANDMARKS, 3).clip(-2, 2), TRUST * float(np.quantile(distance, 0.9))


def _with_surroundings(
    rig: PortraitRig, texture: np.ndarray, shots: list[Shot], moves: np.ndarray,
    posed: np.ndarray, terms: np.ndarray, stance: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The stance with hair, ears, neck and body where the video shows them: optical flow (Kroeger et al., ECCV 2016) from the
    moved picture to each frame, read at the vertices, regressed on the head's turn."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    chosen = np.unique(np.linspace(0, len(shots) - 1, WATCHED).astype(int))
    some = terms[chosen]
    solve = np.linalg.solve(some.T @ some + STANCE_COST * len(some) * np.eye(TERMS + 1), some.T)
    source = raster.positions(rig.vertices)
    triangles = np.concatenate([rig.outer, rig.face])
    for _ in range(ROUNDS):
        found = []
        for i in chosen:
            vertices = posed[i].copy()
            vertices[:, :2] += np.tensordot(terms[i], stance, 1)
            field = np.full((SIZE, SIZE), raster.OUTSIDE)
            raster.paint(
                field, raster.positions(vertices), source, raster.far_first(triangles, vertices[:, 2])
            )
            x, y = cv2.split(field.view(np.float32).reshape(SIZE, SIZE, 2))
            drawn = cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
            true = cv2.warpAffine(
                shots[i].picture,
                moves[i],
                (SIZE, SIZE),
                flags=cv2.INTER_AREA,
                borderMode=cv2.BORDER_REPLICATE,
            )
            found.append(_shift(flow, drawn, true, vertices[LANDMARKS:, :2]))
        stance[:, LANDMARKS:] += np.tensordot(solve, np.stack(found), 1)
    return stance


def _shift(flow: cv2.DISOpticalFlow, drawn: np.ndarray, true: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(n, 2): how far what is drawn at points (n, 2) lies from where it is in truth; none where there is nothing to tell it by.

    drawn: (512, 512, 4) uint8 premultiplied; true: (512, 512, 3) uint8."""
    size, scale = (_FLOW_SIZE, _FLOW_SIZE), SIZE / _FLOW_SIZE
    alpha = drawn[..., 3:] / np.float32(255)
    drawn = (drawn[..., :3] + (1 - alpha) * true).astype(np.uint8)  # beyond the person both are the same
    a, b = (
        cv2.resize(cv2.cvtColor(x, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
        for x in (drawn, true)
    )
    moved = flow.calc(a, b, np.zeros((*a.shape, 2), np.float32))
    slopes = [cv2.Sobel(a, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0)]
    weight = np.minimum(slopes[0] ** 2 + slopes[1] ** 2, 100) * cv2.resize(alpha, size)
    total = cv2.GaussianBlur(weight, (0, 0), _SPREAD) + 1
    field = cv2.GaussianBlur(moved * weight[..., None], (0, 0), _SPREAD) / total[..., None]
    at = (points / scale).clip(0, _FLOW_SIZE - 1).astype(np.float32)
    shift = cv2.remap(field, at[None, :, 0].copy(), at[None, :, 1].copy(), cv2.INTER_LINEAR)[0]
    return np.clip(scale * shift, -_FARTHEST, _FARTHEST)
