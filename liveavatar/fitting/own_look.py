"""How one person's face looks while it moves: every frame of their video taken back to one texture, and these as a dictionary
whose coefficients are a linear map of what the live line knows."""

from collections.abc import Callable

import cv2
import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import INDEX
from liveavatar.fitting.own_motion import Motion, Shot, fit_motion
from liveavatar.renderers.portrait import motion, raster
from liveavatar.renderers.portrait.likeness import TERMS, Likeness, features
from liveavatar.renderers.portrait.own_face import looking, own_triangles
from liveavatar.renderers.portrait.rig import LANDMARKS, PortraitRig
from liveavatar.renderers.portrait.topology import EYES, LIPS_OUTER, OVAL
from liveavatar.types import Expression

OPENED = 0.6
"""How far the jaw is open on the texture."""
EDGE = 4.0
"""Pixels within its outline over which the face fades into the picture that is warped."""
LEARNED = 300
"""Frames that the dictionary is made of at most."""
PICTURES, COMPONENTS = 40, 24
FACING = 0.06
"""A triangle that shows less than this share of its area is turned away, and its pixels are not believed."""
COST = 0.003
"""Penalty of the regression, as a share of the number of frames."""
WEIGHTS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""How much, beside the head's turn, the expression may count: what foretells the video's parts best from its others is taken."""
PARTS = 4
"""Into which the video is cut for that."""
_LIGHT = 0.15
"""Face heights over which the picture's light is taken on."""
_FINE = 0.06
"""Face heights: what is smaller tells faces apart."""


def fit_likeness(
    rig: PortraitRig, texture: np.ndarray, shots: list[Shot], progress: Callable[[int, int], None]
) -> Likeness:
    """What a portrait learns of the shots. texture: (512, 512, 4) uint8 premultiplied RGBA; progress: told steps, and of all."""
    fitted = fit_motion(rig, texture, shots)
    chosen = np.unique(np.linspace(0, len(shots) - 1, LEARNED).astype(int))
    layout, shown = lay_out(rig)
    source, within, triangles = raster.positions(layout), shown > 0, own_triangles(rig.face)
    plain = _laid(texture[..., :3], source, rig.vertices[:LANDMARKS, :2], triangles, shown.shape)[within]
    faces, seen = [], []
    for done, i in enumerate(chosen):
        shot = shots[i]
        laid = _laid(shot.picture, source, shot.landmarks, triangles, shown.shape)
        faces.append(laid[within])
        seen.append(_facing(source, shot.landmarks, triangles, shown.shape)[within])
        progress(done, len(chosen))
    true, visible = np.stack(faces).astype(np.float32), np.stack(seen)
    regions = _regions(layout, within)
    true *= _light(plain, true.mean(0), regions[0], within, float(rig.height))
    known = visible.sum(0)[:, None]
    usual = np.where(known, (true * visible[..., None]).sum(0) / np.maximum(known, 1), plain)
    true = np.where(visible[..., None], true, usual).clip(0, 255)

    told, parts, centre = _features(shots, fitted, chosen)
    amounts, pictures, mean = _dictionary(told, true, regions)
    steps = np.abs(pictures).max(1) / 127
    progress(len(chosen), len(chosen))
    return Likeness(
        habits=fitted.habits, trust=fitted.trust, reach=fitted.reach, stance=fitted.stance, layout=layout, shown=shown,
        mean=_levels(mean), low=_levels(true.min(0)), high=_levels(true.max(0)),
        pictures=np.rint(pictures / steps[:, None]).astype(np.int8).reshape(len(pictures), -1, 3),
        steps=steps.astype(np.float32), usual=centre.astype(np.float16), components=parts.astype(np.float16),
        amounts=amounts.astype(np.float32),
    )  # fmt: skip


def _levels(texels: np.ndarray) -> np.ndarray:
    """(T, 3) uint8."""
    return np.asarray((texels + 0.5).clip(0, 255).astype(np.uint8).reshape(-1, 3))


def resemblance(rig: PortraitRig, texture: np.ndarray, likeness: Likeness) -> float:
    """How alike the picture's face and the video's are in their details, -1 to 1: the correlation of what is finer than _FINE."""
    within = likeness.shown > 0
    source, triangles = raster.positions(likeness.layout), own_triangles(rig.face)
    plain = _laid(texture[..., :3], source, rig.vertices[:LANDMARKS, :2], triangles, within.shape)
    known = np.zeros_like(plain)
    known[within] = likeness.mean
    known[~within] = plain[~within]
    details = []
    for picture in (plain, known):
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        details.append((grey - cv2.GaussianBlur(grey, (0, 0), _FINE * float(rig.height)))[within])
    a, b = (d - d.mean() for d in details)
    return float((a * b).mean() / max(float(a.std() * b.std()), 1e-6))


def lay_out(rig: PortraitRig) -> tuple[np.ndarray, np.ndarray]:
    """Likeness.layout and shown: the picture's own face, its mouth opened."""
    controls = np.zeros(len(INDEX), np.float32)
    controls[INDEX["jawOpen"]] = OPENED
    face = motion.expressed(rig, Expression(controls, 0.0), controls)[:LANDMARKS, :2]
    corner = np.floor(face[OVAL].min(0)) - 2
    width, height = (np.ceil(face[OVAL].max(0)) - corner + 3).astype(int).tolist()
    layout = (face - corner).astype(np.float32)
    inside = np.zeros((height, width), np.complex64)
    raster.paint(inside, raster.positions(layout), np.ones(len(layout), np.complex64), rig.face)
    distance = cv2.distanceTransform((inside.real > 0).astype(np.uint8), cv2.DIST_L2, 5)
    return layout, np.round(255 * smoothstep(distance / EDGE)).astype(np.uint8)


def _laid(
    picture: np.ndarray, source: np.ndarray, points: np.ndarray, triangles: np.ndarray, size: tuple[int, ...]
) -> np.ndarray:
    """(h, w, 3) uint8: the face of a picture (H, W, 3), whose landmarks are at points (478, 2), laid out on the texture."""
    field = np.full(size, raster.OUTSIDE)
    raster.paint(field, source, raster.positions(looking(points)), triangles)
    x, y = cv2.split(field.view(np.float32).reshape(*size, 2))
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _facing(
    source: np.ndarray, points: np.ndarray, triangles: np.ndarray, size: tuple[int, ...]
) -> np.ndarray:
    """(h, w) bool: the texels whose triangles the camera sees from the front."""
    there, here = _areas(raster.positions(points), triangles), _areas(source, triangles)
    ratio = there / np.median(np.abs(there)) / here * np.median(np.abs(here))
    result = np.zeros(size, np.complex64)
    raster.paint(result, source, np.ones(len(points), np.complex64), triangles[ratio > FACING])
    return result.real > 0


def _areas(at: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (at[triangles[:, k]] for k in range(3))
    area = ((b - a).conj() * (c - a)).imag
    return np.where(np.abs(area) > 1e-6, area, 1e-6)


def _light(
    picture: np.ndarray, video: np.ndarray, skin: np.ndarray, within: np.ndarray, height: float
) -> np.ndarray:
    """(T, 3) float32: what brings the video's texels (T, 3) to the picture's light and colour, smoothly over the face; by the
    skin alone, (T,) shares, for mouth and eyes do in the video what they do not in the picture."""
    sides = []
    for texels in (picture, video):
        whole = np.zeros((*within.shape, 3), np.float32)
        whole[within] = texels * skin[:, None]
        sides.append(cv2.GaussianBlur(whole, (0, 0), _LIGHT * height)[within] + 1)
    return np.clip(sides[0] / sides[1], 0.4, 2.5)


def _features(
    shots: list[Shot], fitted: Motion, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each chosen frame's look is told by, (N, D); with Likeness.components and usual."""
    flat = fitted.deltas.reshape(len(shots), -1)
    centre = flat.mean(0)
    _, sizes, rows = np.linalg.svd(flat[chosen] - centre, full_matrices=False)
    count = min(COMPONENTS, int((sizes > 1e-4 * sizes[0]).sum()))
    parts = (rows[:count] * np.sqrt(len(chosen)) / sizes[0]).reshape(count, LANDMARKS, 3)
    centre = centre.reshape(LANDMARKS, 3)
    told = [
        features(motion.clipped(shots[i].expression.controls), fitted.deltas[i], centre, parts, fitted.reach)
        for i in chosen
    ]
    return np.stack(told).astype(np.float64), parts, centre


def _regions(layout: np.ndarray, within: np.ndarray) -> np.ndarray:
    """(R, T) float32, together 1: how much of each texel is mouth, eyes, or the rest of the face."""
    shares = [np.ones(within.shape, np.float32)]
    for points in (LIPS_OUTER, *(np.r_[eye["upper"], eye["lower"]] for eye in EYES.values())):
        low, high = layout[points].min(0), layout[points].max(0)
        centre, reach = (low + high) / 2, (high - low) / 2 + 0.35 * float(high[0] - low[0])
        y, x = np.mgrid[: within.shape[0], : within.shape[1]].astype(np.float32)
        distance = np.hypot((x - centre[0]) / reach[0], (y - centre[1]) / reach[1])
        shares.append(1 - smoothstep((distance - 0.7) / 0.3))
    shares[0] = 1 - np.minimum(sum(shares[1:]), 1)
    return np.stack([s[within] for s in shares])


def _dictionary(
    told: np.ndarray, faces: np.ndarray, regions: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Amounts (D, K), pictures (K, T * 3) and their mean (T * 3,), of features (N, D), the last 1, and faces (N, T, 3): of each
    region the linear map that foretells it best, and of all these the nearest map of as many dimensions as there are pictures
    (Izenman 1975). regions: (R, T)."""
    mean = faces.mean(0)
    faces = faces - mean
    asked = np.zeros((told.shape[1], *faces.shape[1:]), np.float32)
    for region in regions:
        inside = region > 0
        part = faces[:, inside].reshape(len(faces), -1)
        gram = (part @ part.T).astype(np.float64)
        weight = min(WEIGHTS, key=lambda w: _foretold(_weighed(told, w), gram))
        solution = _weighed(_solution(_weighed(told, weight)).T, weight).T
        asked[:, inside] += (solution.astype(np.float32) @ part).reshape(len(asked), -1, 3) * region[
            inside, None
        ]
    asked = asked.reshape(len(asked), -1)
    fit = told.astype(np.float32) @ asked
    values, vectors = np.linalg.eigh((fit @ fit.T).astype(np.float64))
    count = min(PICTURES, int((values > 1e-6 * values[-1]).sum()))
    pictures = vectors[:, ::-1][:, :count].T.astype(np.float32) @ fit
    return asked @ pictures.T / (pictures**2).sum(1), pictures, mean.ravel()


def _weighed(told: np.ndarray, weight: float) -> np.ndarray:
    """Features (N, D) of which those of the expression count `weight`, beside those of the head's turn."""
    return np.concatenate([weight * told[:, : -TERMS - 1], told[:, -TERMS - 1 :]], 1)


def _solution(told: np.ndarray) -> np.ndarray:
    """(D, N): features to weights, by ridge regression; the last feature is free."""
    cost = COST * len(told) * np.eye(told.shape[1])
    cost[-1, -1] = 1e-6
    return np.asarray(np.linalg.solve(told.T @ told + cost, told.T))


def _foretold(told: np.ndarray, gram: np.ndarray) -> float:
    """Sum of squares by which each part of the video is missed when the others foretell it. gram: (N, N) of the faces."""
    error, numbers = 0.0, np.arange(len(told))
    for part in np.array_split(numbers, PARTS):
        rest = np.setdiff1d(numbers, part)
        share = told[part] @ _solution(told[rest])
        error += float(np.trace(gram[np.ix_(part, part)]) - 2 * (share * gram[np.ix_(part, rest)]).sum())
        error += float(((share @ gram[np.ix_(rest, rest)]) * share).sum())
    return error
