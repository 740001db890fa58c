"""A face for learning: a drawn one with its own features, another's, or painted ones, under its own hair or another's."""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.landmarks.points import BROWS, EYES, INDEX, MOUTH
from liveavatar.training.landmarks.covers import cover
from liveavatar.training.landmarks.faces import SIZE, Faces
from liveavatar.training.landmarks.handpaint import Colour, colour, hand, paint_features

_FEATURES = (*EYES.values(), *BROWS.values(), MOUTH)
_ANCHORS = ((4, 0), (15, 11), (24, 22), (25, 27), (29, 30))
"""Rows of the two ends of each feature, right to left in the picture for none: inner and outer, or mouth corners."""
_HEAD = [INDEX[name] for name in ("chin", "rightCheek", "leftCheek", "crown")]
COVERED, ASIDE = 0.35, 0.3
"""How many faces have something before them besides their hair, and how many are turned farther aside than they were drawn."""
_COVERS = 128


@dataclass(frozen=True)
class Composed:
    """One face."""

    picture: np.ndarray
    """(S, S, 4) uint8, premultiplied RGBA."""
    points: np.ndarray
    """(46, 2) float32, pixels."""
    hidden: np.ndarray
    """(46,) bool."""


def compose(faces: Faces, rows: np.ndarray, random: np.random.Generator) -> Composed:
    """A face from one of the rows that are drawn, perhaps with parts of others."""
    row = int(random.choice(rows))
    behind, features, before = faces.parts[row]
    points = faces.points[row].copy()
    hidden = faces.hidden[row].copy()
    way = random.random()
    own = way < 0.4
    if not own:
        places = _moved(points, random)
        if way < 0.6:
            other = int(random.choice(rows))
            features, points = _borrowed(faces, other, points, places)
            hidden = faces.hidden[other].copy()
        else:
            features, points = np.zeros_like(features), places
            paint_features(features, points, hand(random), random)
    before = _hair(faces, rows, before, points, random)
    lids = _irises_behind(points, hidden if way < 0.6 else None)
    at = np.clip(np.round(points).astype(int), 0, SIZE - 1)
    hidden = before[at[:, 1], at[:, 0], 3] > _COVERS
    hidden[list(lids)] = True
    if random.random() < 0.5:
        behind, before = _recoloured(behind, 0.1, random), _recoloured(before, 0.6, random)
    if random.random() < 0.35:  # drawn over the hair, as many do
        share = float(random.uniform(0.4, 1.0))
        picture = _over(_over(_over(behind, features), before), (features * share).astype(np.uint8))
    else:
        picture = _over(_over(behind, features), before)
    if random.random() < 0.12:
        _glasses(picture, points, random)
    if random.random() < COVERED:
        picture = cover(picture, points, hidden, _colour_of(before, random), random)
    if random.random() < ASIDE:
        picture, points = _aside(picture, points, float(random.uniform(0.12, 0.42) * random.choice([-1, 1])))
    return Composed(picture, points, hidden)


def _colour_of(hair: np.ndarray, random: np.random.Generator) -> Colour:
    """Of a premultiplied layer, where it is opaque."""
    seen = hair[::4, ::4][hair[::4, ::4, 3] > 200]
    return colour(np.median(seen, 0)[:3] if len(seen) > 20 else random.integers(0, 256, 3))


def _aside(picture: np.ndarray, points: np.ndarray, amount: float) -> tuple[np.ndarray, np.ndarray]:
    """The face as if it were turned aside: what is in its middle moves by amount, in half-widths of the face (-.5 to .5), its
    sides stay, what is far grows narrow."""
    cheeks = points[[INDEX["rightCheek"], INDEX["leftCheek"]], 0]
    middle, half = float(cheeks.mean()), 0.65 * max(float(np.ptp(cheeks)), 8.0)
    across = (np.arange(picture.shape[1], dtype=np.float32) - middle) / half
    # u shows at u + amount (1 - u^2); the inverse is the root between -1 and 1
    inner = (1 - np.sqrt(np.maximum(1 - 4 * amount * (across - amount), 0))) / (2 * amount)
    source = middle + half * np.where(np.abs(across) < 1, inner, across)
    map_x = np.repeat(source[None].astype(np.float32), len(picture), 0)
    map_y = np.repeat(np.arange(len(picture), dtype=np.float32)[:, None], picture.shape[1], 1)
    u = (points[:, 0] - middle) / half
    moved = points.copy()
    moved[:, 0] += amount * half * np.maximum(1 - u**2, 0)
    return cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), moved


def _over(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    through = cv2.cvtColor(255 - above[..., 3], cv2.COLOR_GRAY2RGBA)
    through[..., 3] = 255 - above[..., 3]
    return cv2.add(cv2.multiply(below, through, scale=1 / 255), above)


def _moved(points: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Places for features in other proportions: eyes, brows and mouth larger or smaller, and elsewhere; alike on both sides."""
    new = points.copy()
    unit = points[INDEX["chin"]] - (points[INDEX["rightIris"]] + points[INDEX["leftIris"]]) / 2
    tall = float(np.hypot(*unit))
    down = unit / max(tall, 1e-3)
    across = np.array([down[1], -down[0]])
    if (points[INDEX["leftIris"]] - points[INDEX["rightIris"]]) @ across < 0:
        across = -across
    grow, tilt = float(np.exp(random.normal(-0.15, 0.28))), float(random.normal(0, 0.1))
    apart, low = float(random.normal(0, 0.04)) * tall, float(random.normal(0, 0.06)) * tall
    lift, longer = float(random.normal(0, 0.08)) * tall, float(np.exp(random.normal(0, 0.2)))
    for k, (side, sign) in enumerate((("right", -1), ("left", 1))):
        part = new[_FEATURES[k]]
        middle = part[[0, 4]].mean(0)
        turned = _turned(part - middle, sign * tilt) * grow
        new[_FEATURES[k]] = middle + turned + sign * apart * across + low * down
        part = new[BROWS[side]]
        middle = part.mean(0)
        turned = _turned(part - middle, sign * float(random.normal(0.0, 0.08) + tilt)) * longer
        new[BROWS[side]] = middle + turned + sign * apart * across + (low + lift) * down
    shift = float(random.normal(0, 0.05)) * tall * down + float(random.normal(0, 0.01)) * tall * across
    middle = new[MOUTH][:2].mean(0)
    new[MOUTH] = middle + (new[MOUTH] - middle) * np.exp(random.normal(0.1, 0.3)) + shift
    return new


def _turned(points: np.ndarray, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([[c, s], [-s, c]])


def _borrowed(
    faces: Faces, other: int, points: np.ndarray, places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Another's features at these places, and the points with theirs in place of one's own."""
    theirs = faces.points[other]
    source = faces.parts[other, 1]
    owner = _owners(theirs)
    result, new = np.zeros_like(source), points.copy()
    for k, (part, (a, b)) in enumerate(zip(_FEATURES, _ANCHORS, strict=True)):
        move = _similarity(theirs[[a, b]], places[[a, b]])
        new[part] = theirs[part] @ move[:, :2].T + move[:, 2]
        piece = source * (owner == k)[..., None]
        result = cv2.max(result, cv2.warpAffine(piece, move, (SIZE, SIZE), flags=cv2.INTER_LINEAR))
    return result, new.astype(np.float32)


def _owners(points: np.ndarray) -> np.ndarray:
    """(S, S): which feature each pixel is nearest to."""
    steps = (np.arange(SIZE // 4) + 0.5) * 4
    grid = np.stack(np.meshgrid(steps, steps), -1)[:, :, None]
    near = [((grid - points[part][::2]) ** 2).sum(-1).min(-1) for part in _FEATURES]
    small = np.argmin(near, 0).astype(np.uint8)
    return cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_NEAREST)


def _similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(2, 3): the turn, scale and shift that takes two points to two others, at sizes that can be."""
    a, b = (complex(*(p[1] - p[0]).astype(float)) for p in (source, target))
    factor = b / a if abs(a) > 2 else 1.0 + 0j
    factor *= min(max(abs(factor), 0.4), 2.2) / max(abs(factor), 1e-6)
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([turn, target.mean(0) - turn @ source.mean(0)])


def _hair(
    faces: Faces, rows: np.ndarray, before: np.ndarray, points: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """What lies before the face: its own, another's, or nothing."""
    chance = random.random()
    if chance < 0.05:
        return np.zeros_like(before)
    if chance < 0.25:
        other = int(random.choice(rows))
        # least squares through chin, cheeks and crown
        source = np.column_stack([faces.points[other][_HEAD], np.ones(len(_HEAD))])
        move = np.linalg.lstsq(source, points[_HEAD], rcond=None)[0].T
        if 0.5 < abs(np.linalg.det(move[:, :2])) < 2:
            return cv2.warpAffine(faces.parts[other, 2], move, (SIZE, SIZE), flags=cv2.INTER_LINEAR)
    return before


def _irises_behind(points: np.ndarray, hidden: np.ndarray | None) -> list[int]:
    """Rows of irises that lids cover; of drawn ones as the drawing says."""
    rows = []
    for side in EYES:
        names = [INDEX[f"{side}Iris{end}"] for end in ("", "Outer", "Bottom")]
        upper, lower = points[INDEX[f"{side}EyeUpper"]], points[INDEX[f"{side}EyeLower"]]
        width = np.hypot(*(points[INDEX[f"{side}EyeOuter"]] - points[INDEX[f"{side}EyeInner"]]))
        if np.hypot(*(lower - upper)) < 0.06 * width:
            rows += names
        elif hidden is not None and hidden[names[0]] and hidden[names[1]] and not hidden[EYES[side]].all():
            rows += names if (points[names[0]][1] < upper[1]) else []
    return rows


def _recoloured(part: np.ndarray, wild: float, random: np.random.Generator) -> np.ndarray:
    """Premultiplied RGBA in other colours: hue turned, more or less of it, lighter or darker. wild: how often any hue comes."""
    turn = random.uniform(-np.pi, np.pi) if random.random() < wild else random.normal(0, 0.2)
    c, s = np.cos(turn), np.sin(turn)
    grey = np.full((3, 3), 1 / 3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    colour = (c * (np.eye(3) - grey) + s * cross) * random.uniform(0.3, 1.4)
    matrix = np.zeros((4, 4))
    matrix[:3, :3] = (colour + grey) * random.uniform(0.6, 1.15)
    matrix[3, 3] = 1
    matrix[:3, 3] = random.uniform(-0.05, 0.25) if random.random() < 0.4 else 0.0
    changed = cv2.transform(part, matrix)
    alpha = cv2.merge([part[..., 3]] * 4)
    return cv2.min(changed, alpha)


def _glasses(picture: np.ndarray, points: np.ndarray, random: np.random.Generator) -> None:
    """Frames round both eyes."""
    colour = (*(int(v) for v in random.integers(0, 220, 3)), 255)
    middles = [points[part][[0, 4]].mean(0) for part in EYES.values()]
    apart = float(np.hypot(*(middles[1] - middles[0])))
    angle = float(np.degrees(np.arctan2(*(middles[1] - middles[0])[::-1])))
    radii = apart * random.uniform(0.34, 0.46), apart * random.uniform(0.2, 0.42)
    wide = max(1, round(apart * random.uniform(0.015, 0.05)))
    drop = apart * random.uniform(0, 0.1)
    boxed = random.random() < 0.4
    for middle in middles:
        at = (float(middle[0]), float(middle[1] + drop))
        if boxed:
            corners = cv2.boxPoints((at, (2 * radii[0], 1.6 * radii[1]), angle))
            cv2.polylines(
                picture, [np.round(corners * 16).astype(np.int32)], True, colour, wide, cv2.LINE_AA, 4
            )
        else:
            cv2.ellipse(picture, (at, (2 * radii[0], 2 * radii[1]), angle), colour, wide, cv2.LINE_AA)
    along = (middles[1] - middles[0]) / max(apart, 1e-3)
    ends = [middles[0] + along * radii[0] + (0, drop), middles[1] - along * radii[0] + (0, drop)]
    a, b = (tuple(int(v) for v in np.round(end * 16)) for end in ends)
    cv2.line(picture, a, b, colour, wide, cv2.LINE_AA, 4)
