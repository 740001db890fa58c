"""What the networks see: squares round one face with its points, and small pictures with none or several faces."""

import cv2
import numpy as np

from liveavatar.landmarks.frame import (
    DETAIL_SIDE,
    DETAILS,
    POINTS_SIDE,
    Place,
    detail_place,
    eye_distance,
    place,
)
from liveavatar.training.landmarks.compose import Composed
from liveavatar.training.landmarks.hardships import background, bend, mirrored, occlude, weather

SCENE_SIDE, CELL = 128, 4
"""Of a small picture, and of one cell of what is found in it, pixels."""
SMALLEST, LARGEST = 9.0, 95.0
"""Size of a face in a small picture, pixels: see landmarks.frame."""


def close_up(face: Composed, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A square (128, 128, 3) uint8 round a face, its points (46, 2) float32 in pixels, and (46,) bool which are hidden."""
    at = place(face.points)
    shift = random.normal(0, 0.06, 2) * at.size
    roll = float(np.radians(random.normal(0, 9) if random.random() < 0.9 else random.uniform(-35, 35)))
    size = at.size * float(np.exp(random.normal(0, 0.10)))
    move = Place(at.x + shift[0], at.y + shift[1], size, at.roll + roll).crop()
    stretch = np.eye(2) + random.normal(0, 0.07, (2, 2)) * [[1, 0.6], [0.3, 1]]
    half = POINTS_SIDE / 2
    move = np.column_stack([stretch @ move[:, :2], stretch @ (move[:, 2] - half) + half])
    amount = float(random.choice([0.0, 0.015, 0.03], p=[0.2, 0.5, 0.3]))
    map_x, map_y, points = bend(face.points, (POINTS_SIDE, POINTS_SIDE), move, amount, random)
    cut = cv2.remap(face.picture, map_x, map_y, cv2.INTER_LINEAR)
    picture = _before(cut, background((POINTS_SIDE, POINTS_SIDE), random))
    hidden = face.hidden | ((points < 0) | (points >= POINTS_SIDE)).any(1)
    if random.random() < 0.12:
        occlude(picture, points, hidden, random)
    if random.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
        points, hidden = mirrored(points, hidden, POINTS_SIDE)
    return weather(picture, random), points, hidden


def elsewhere(face: Composed, random: np.random.Generator) -> np.ndarray:
    """A square (128, 128, 3) uint8 in which no face is: something else, or a face's surroundings, or one eye or a crowd's head
    as a face would be seen."""
    picture = background((POINTS_SIDE, POINTS_SIDE), random)
    if random.random() < 0.5:
        at = place(face.points)
        far = float(random.choice([0.0, 1.5]))
        angle = random.uniform(0, 2 * np.pi)
        size = at.size * float(random.uniform(0.1, 0.2) if not far else random.uniform(0.3, 1.2))
        x, y = at.x + far * at.size * np.cos(angle), at.y + far * at.size * np.sin(angle)
        move = Place(x, y, size, random.normal(0, 0.5)).crop()
        picture = _before(cv2.warpAffine(face.picture, move, (POINTS_SIDE, POINTS_SIDE)), picture)
    return weather(picture, random)


def detail(
    face: Composed, part: str, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A square (64, 64, 3) uint8 round an eye, or the mouth, as it is looked at once more: its points in pixels, and (24,) bool
    which are hidden. The points are 14 of a right eye, NaN where it is none, then 10 of a mouth."""
    points, picture, hidden = face.points, face.picture, face.hidden
    if part == "left":
        width = picture.shape[1]
        picture = np.ascontiguousarray(picture[:, ::-1])
        points, hidden = mirrored(points, hidden, width)
        part = "right"
    # placed by points that are a little off, as those of the first look are
    unit = eye_distance(points)
    at = detail_place(points + random.normal(0, 0.05 * unit, 2), part)
    roll = at.roll + float(np.radians(random.normal(0, 4)))
    move = Place(at.x, at.y, at.size * float(np.exp(random.normal(0, 0.09))), roll).crop(DETAIL_SIDE)
    stretch = np.eye(2) + random.normal(0, 0.1, (2, 2)) * [[1, 0.5], [0.3, 1]]
    half = DETAIL_SIDE / 2
    move = np.column_stack([stretch @ move[:, :2], stretch @ (move[:, 2] - half) + half])
    amount = float(random.choice([0.0, 0.015, 0.03], p=[0.3, 0.4, 0.3]))
    map_x, map_y, all_points = bend(points, (DETAIL_SIDE, DETAIL_SIDE), move, amount, random)
    cut = _before(
        cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR), background((DETAIL_SIDE, DETAIL_SIDE), random)
    )
    if part == "mouth" and random.random() < 0.5:
        cut = np.ascontiguousarray(cut[:, ::-1])
        all_points, hidden = mirrored(all_points, hidden, DETAIL_SIDE)
    empty = {
        "right": np.full((len(DETAILS["mouth"]), 2), np.nan),
        "mouth": np.full((len(DETAILS["right"]), 2), np.nan),
    }
    own = all_points[DETAILS[part]]
    shown = np.concatenate([own, empty[part]] if part == "right" else [empty[part], own]).astype(np.float32)
    covered = np.zeros(len(shown), bool)
    covered[np.isfinite(shown[:, 0])] = hidden[DETAILS[part]]
    return weather(cut, random), shown, covered


def scene(faces: list[Composed], random: np.random.Generator) -> tuple[np.ndarray, list[Place]]:
    """A picture (128, 128, 3) uint8 with these faces, as far as they have room, and where they are."""
    picture = background((SCENE_SIDE, SCENE_SIDE), random)
    found: list[Place] = []
    for face in faces:
        at = place(face.points)
        largest = LARGEST if len(faces) == 1 else 40.0
        size = float(np.exp(random.uniform(np.log(SMALLEST), np.log(largest))))
        scale = size / at.size
        roll = float(np.radians(random.normal(0, 14) if random.random() < 0.85 else random.uniform(-60, 60)))
        margin = min(0.35 * size, 0.4 * SCENE_SIDE)
        x, y = random.uniform(margin, SCENE_SIDE - margin, 2)
        if any(np.hypot(other.x - x, other.y - y) < 1.3 * max(other.size, size) for other in found):
            continue
        c, s = scale * np.cos(roll), scale * np.sin(roll)
        turn = np.array([[c, -s], [s, c]]) @ (np.eye(2) + random.normal(0, 0.06, (2, 2)))
        source, points = face.picture, face.points
        while abs(np.linalg.det(turn)) < 0.3:
            half = source.shape[1] // 2, source.shape[0] // 2
            source, points, turn = (
                cv2.resize(source, half, interpolation=cv2.INTER_AREA),
                points / 2,
                turn * 2,
            )
        near = place(points)
        move = np.column_stack([turn, (x, y) - turn @ (near.x, near.y)])
        amount = float(random.choice([0.0, 0.01]))
        map_x, map_y, out = bend(points, (SCENE_SIDE, SCENE_SIDE), move, amount, random)
        picture = _before(cv2.remap(source, map_x, map_y, cv2.INTER_LINEAR), picture)
        found.append(place(out))
    if random.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
        found = [Place(SCENE_SIDE - f.x, f.y, f.size, -f.roll) for f in found]
    return weather(picture, random), found


def _before(cut: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """Premultiplied RGBA over an RGB picture."""
    through = cv2.cvtColor(255 - cut[..., 3], cv2.COLOR_GRAY2RGB)
    return cv2.add(cv2.multiply(behind, through, scale=1 / 255), cut[..., :3])
