"""Lessons for taking eyes apart: parts of the population's eyes, restyled apart, put together as some artist might have, and
treated as pictures are on their way here."""

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from liveavatar.rigs.drawn.geometry import curve
from liveavatar.rigs.picture.eyeframe import EyeShape
from liveavatar.rigs.picture.eyeguide import CROP, KNOTS, guide
from liveavatar.training.eyes.population import LAYERS, SIZE, Eyes, unpacked

_GREY = np.array([0.299, 0.587, 0.114], np.float32)


class Lesson(NamedTuple):
    """Of one eye, float32 in [0, 1], channels first."""

    given: np.ndarray
    """(3 + MAPS, CROP, CROP): the picture's RGB, and guide()."""
    masks: np.ndarray
    """(7, CROP, CROP): liveavatar.rigs.picture.eyeparts.MASKS."""
    colours: np.ndarray
    """(9, CROP, CROP): RGB of skin, white, iris, each whole."""
    weights: np.ndarray
    """(3, CROP, CROP): where those colours are there at all."""


def lesson(eyes: Eyes, row: int, other: int, random: np.random.Generator, hard: float = 1.0) -> Lesson:
    """One eye, perhaps under another one's hair. hard: 0 for the eye as it is drawn .. 1."""
    chance = lambda p: bool(random.random() < p * hard)  # noqa: E731
    shape = unpacked(eyes.shapes[row])
    where, moved = _warp(shape, random, hard)
    shift = np.zeros(2)
    if chance(0.6):
        shift = random.normal(0, 1, 2) * (4.5, 2.5)
        moved = replace(moved, iris=moved.iris + shift)
    hairy = other if chance(0.5) else row
    layers: dict[str, np.ndarray] = {}
    for k, name in enumerate(LAYERS):
        source = eyes.parts[hairy if name in ("front", "behind") else row, k]
        layers[name] = _taken(source, where + (-shift.astype(np.float32) if name == "irises" else 0))
    for name in LAYERS:
        if name != "holes" and chance(0.55):
            _recolour(layers[name], random)
    for name in ("lashes", "brows", "lines"):
        if chance(0.5):
            layers[name] = _weighted(layers[name], random)
    hole = layers["holes"][..., 3:]
    ball = layers["whites"] * 1.0
    skin, white, iris = (layers[name][..., :3].copy() for name in ("skin", "whites", "irises"))
    alphas = {name: layers[name][..., 3:].copy() for name in LAYERS}
    ball = _over(ball, layers["irises"])
    if chance(0.75):
        ball = _shaded(ball, moved, random)
    front = layers["front"]
    if chance(0.5):
        front = np.minimum(front * random.uniform(1, 3), 1.0) if hairy != row else front
        thick = np.maximum(front[..., 3:], 1e-4)
        more = np.clip(thick * random.uniform(1, 3), 0, 1)
        front = np.minimum(front / thick * more, more)
    if chance(0.4):
        front = _strands(front, moved, random)
    if chance(0.2):
        front = _rims(front, moved, random)
    lash_over, brow_over = bool(random.random() < 0.5), bool(random.random() < 0.5)
    thin = 1.0 if not chance(0.4) else random.uniform(0.55, 1.0)
    layers["brows"] *= thin
    picture = _over(layers["behind"], layers["skin"])
    picture = picture * (1 - hole) + ball * hole * np.maximum(layers["skin"][..., 3:], hole)
    picture = _over(picture, layers["lines"])
    hidden = 1 - front[..., 3:]
    for name, above in (("lashes", lash_over), ("brows", brow_over)):
        if not above:
            picture = _over(picture, layers[name])
    picture = _over(picture, front)
    for name, above in (("lashes", lash_over), ("brows", brow_over)):
        if above:
            picture = _over(picture, layers[name])
    lash = layers["lashes"][..., 3:] * (1 if lash_over else hidden)
    brow = layers["brows"][..., 3:] * (1 if brow_over else hidden)
    lines = layers["lines"][..., 3:] * hidden * (1 - layers["lashes"][..., 3:])
    ground = np.array(random.uniform(0, 1, 3) if hard else (0.5, 0.5, 0.5), np.float32)
    picture = picture[..., :3] + (1 - picture[..., 3:]) * ground
    masks = [front[..., 3:], lash, brow, lines, hole, alphas["irises"], alphas["skin"]]
    whole = [
        _straight(c, a)
        for c, a in ((skin, alphas["skin"]), (white, alphas["whites"]), (iris, alphas["irises"]))
    ]
    if chance(0.1):
        picture, *whole = (np.repeat((c @ _GREY)[..., None], 3, 2) for c in (picture, *whole))
    if chance(0.5):
        gain, gamma = np.exp(random.normal(0, 0.12, 3)), float(np.exp(random.normal(0, 0.15)))
        picture, *whole = (np.clip(np.clip(c, 1e-4, 1) ** gamma * gain, 0, 1) for c in (picture, *whole))
    picture = _treated(np.clip(picture, 0, 1).astype(np.float32), random, hard)
    told = guide(_by_hand(moved, random, hard))
    return Lesson(
        np.concatenate([picture.transpose(2, 0, 1), told]).astype(np.float32),
        np.concatenate(masks, 2).transpose(2, 0, 1).astype(np.float32),
        np.concatenate(whole, 2).transpose(2, 0, 1).astype(np.float32),
        np.concatenate([alphas[n] for n in ("skin", "whites", "irises")], 2).transpose(2, 0, 1),
    )


def _warp(shape: EyeShape, random: np.random.Generator, hard: float) -> tuple[np.ndarray, EyeShape]:
    """A map (CROP, CROP, 2) of places on the larger crop, and the shape as it then lies."""
    half = SIZE / 2
    turn, grow = random.normal(0, 0.06) * hard, np.exp(random.normal(0, 0.06, 2) * hard)
    c, s = np.cos(turn), np.sin(turn)
    matrix = np.array([[c, -s], [s, c]]) @ np.diag(grow)
    shift = random.normal(0, 2.5, 2) * hard
    y, x = np.mgrid[0:CROP, 0:CROP].astype(np.float32)
    here = np.stack([x, y], -1) - (CROP - 1) / 2
    where = here @ matrix.T + half - 0.5 + shift
    knots = random.normal(0, 1.6 * hard, (6, 6, 2)).astype(np.float32)
    where = (where + cv2.resize(knots, (CROP, CROP), interpolation=cv2.INTER_CUBIC)).astype(np.float32)
    inverse = np.linalg.inv(matrix)

    def put(points: np.ndarray) -> np.ndarray:
        at = (points - half + 0.5 - shift) @ inverse.T + (CROP - 1) / 2
        for _ in range(3):  # the bends are small: a fixed point
            seen = _sampled(where, at)
            at = at + (points - seen) @ inverse.T
        return at

    radii = shape.radii / grow
    return where, EyeShape(
        put(shape.upper), put(shape.lower), put(shape.iris[None])[0], radii, put(shape.brow)
    )


def _sampled(field: np.ndarray, at: np.ndarray) -> np.ndarray:
    """A field (h, w, 2) at points (n, 2), which may lie outside a little."""
    p = np.clip(at, 0, CROP - 1.001)
    inside = cv2.remap(field, p[None].astype(np.float32), None, cv2.INTER_LINEAR)[0]
    return np.asarray(inside + (at - p))


def _taken(layer: np.ndarray, where: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.remap(layer, where, None, cv2.INTER_LINEAR).astype(np.float32) / 255)


def _over(below: np.ndarray, top: np.ndarray) -> np.ndarray:
    return np.asarray(top + below * (1 - top[..., 3:]))


def _straight(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(colour / np.maximum(alpha, 1 / 255), 0, 1))


def _recolour(layer: np.ndarray, random: np.random.Generator) -> None:
    """Other colours for a layer (h, w, 4), in place."""
    alpha = layer[..., 3:]
    straight = _straight(layer[..., :3], alpha)
    mixed = np.eye(3) + random.normal(0, 0.18, (3, 3))
    if random.random() < 0.3:
        mixed = mixed[random.permutation(3)]
    mixed /= np.maximum(mixed.sum(1, keepdims=True), 0.3)
    gamma = np.exp(random.normal(0, 0.35))
    other = np.clip(straight @ mixed.T.astype(np.float32), 1e-4, 1) ** gamma * np.exp(
        random.normal(0, 0.12, 3)
    )
    layer[..., :3] = np.clip(other + random.normal(0, 0.04, 3), 0, 1) * alpha


def _weighted(layer: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A stroke's layer (h, w, 4) drawn heavier, lighter, softer."""
    soft = float(random.uniform(0.4, 1.6))
    wide = cv2.GaussianBlur(layer, (0, 0), soft)
    colour = _straight(
        cv2.GaussianBlur(layer[..., :3], (0, 0), 2.5), cv2.GaussianBlur(layer[..., 3], (0, 0), 2.5)[..., None]
    )
    threshold, slope = random.uniform(0.12, 0.5), random.uniform(1.0, 3.0)
    alpha = np.clip((wide[..., 3:] - threshold) * slope + 0.5 * (threshold < 0.5), 0, 1) * (
        wide[..., 3:] > 0.02
    )
    alpha *= np.clip(wide[..., 3:] / 0.1, 0, 1)
    return np.concatenate([colour * alpha, alpha], 2).astype(np.float32)


def _shaded(ball: np.ndarray, shape: EyeShape, random: np.random.Generator) -> np.ndarray:
    """The upper lid's shadow on an eyeball."""
    y = np.mgrid[0:CROP, 0:CROP][0].astype(np.float32)
    order = np.argsort(shape.upper[:, 0])
    lid = np.interp(np.arange(CROP), shape.upper[order, 0], shape.upper[order, 1])
    deep = random.uniform(3, 14)
    way = np.clip((lid[None] + deep - y) / (deep * random.uniform(0.1, 1.0)), 0, 1)
    tone = np.array([random.uniform(0.35, 0.9), random.uniform(0.3, 0.85), random.uniform(0.4, 0.95)])
    shade = 1 - way[..., None] * (1 - tone) * random.uniform(0.3, 1.0)
    return np.concatenate([ball[..., :3] * shade, ball[..., 3:]], 2).astype(np.float32)


def _strands(front: np.ndarray, shape: EyeShape, random: np.random.Generator) -> np.ndarray:
    """Locks across the eye, thin ones or such as hide most of it."""
    colour = _straight(front[..., :3], front[..., 3:])[front[..., 3] > 0.7]
    tone = colour[random.integers(len(colour))] if len(colour) else random.uniform(0, 1, 3)
    mask = np.zeros((CROP, CROP), np.uint8)
    widest = float(random.choice([4.0, 8.0, 26.0]))
    for _ in range(random.integers(1, 4)):
        x = random.uniform(0, CROP)
        bend = np.array(
            [(x, -4), (x + random.normal(0, 16), 45), (x + random.normal(0, 26), random.uniform(60, 120))]
        )
        line = curve(bend, 8)
        wide = random.uniform(1, widest)
        t = np.linspace(0, 1, len(line))[:, None]
        half = np.hstack([wide * (1 - t), 0 * t])
        out = np.concatenate([line - half, (line + half)[::-1]])
        cv2.fillPoly(mask, [np.round(out * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    alpha = mask[..., None].astype(np.float32) / 255
    light = 1 + 0.25 * cv2.resize(
        random.normal(0, 1, (3, 24)).astype(np.float32), (CROP, CROP), interpolation=cv2.INTER_CUBIC
    )
    lock = np.concatenate([np.clip(tone * light[..., None], 0, 1) * alpha, alpha], 2)
    return _over(front, lock.astype(np.float32))


def _rims(front: np.ndarray, shape: EyeShape, random: np.random.Generator) -> np.ndarray:
    """The rim of glasses round an eye."""
    middle = (shape.upper.mean(0) + shape.lower.mean(0)) / 2 + random.normal(0, 3, 2)
    mask = np.zeros((CROP, CROP), np.uint8)
    wide, tall = random.uniform(38, 56), random.uniform(18, 40)
    power = random.uniform(2, 6)
    a = np.linspace(0, 2 * np.pi, 60)
    out = np.stack(
        [
            np.sign(np.cos(a)) * np.abs(np.cos(a)) ** (2 / power) * wide,
            np.sign(np.sin(a)) * np.abs(np.sin(a)) ** (2 / power) * tall,
        ],
        1,
    )
    cv2.polylines(
        mask,
        [np.round((out + middle) * 16).astype(np.int32)],
        random.random() < 0.8,
        255,
        int(random.integers(1, 4)),
        cv2.LINE_AA,
        4,
    )
    alpha = mask[..., None].astype(np.float32) / 255
    tone = random.uniform(0, 1, 3) * random.uniform(0.2, 1)
    return _over(front, np.concatenate([tone * alpha, alpha], 2).astype(np.float32))


def _treated(picture: np.ndarray, random: np.random.Generator, hard: float) -> np.ndarray:
    """A picture (h, w, 3) after it was scaled, sharpened, compressed."""
    chance = lambda p: bool(random.random() < p * hard)  # noqa: E731
    if chance(0.7):
        small = int(CROP / random.uniform(1.0, 4.5))
        picture = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
        if chance(0.4):
            picture = _compressed(picture, int(random.integers(55, 96)))
        picture = cv2.resize(
            picture, (CROP, CROP), interpolation=int(random.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
        )
    if chance(0.2):
        picture = cv2.GaussianBlur(picture, (0, 0), float(random.uniform(0.4, 1.4)))
    if chance(0.15):
        picture = picture + random.uniform(0.3, 1.0) * (picture - cv2.GaussianBlur(picture, (0, 0), 1.5))
    if chance(0.25):
        picture = _compressed(picture, int(random.integers(40, 96)))
    if chance(0.3):
        picture = picture + random.normal(0, random.uniform(0, 0.03), picture.shape)
    return np.asarray(np.clip(picture, 0, 1), np.float32)


def _compressed(picture: np.ndarray, quality: int) -> np.ndarray:
    bytes_ = (np.clip(picture, 0, 1) * 255).astype(np.uint8)
    done, data = cv2.imencode(".jpg", bytes_, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float32) / 255 if done else picture


def _by_hand(shape: EyeShape, random: np.random.Generator, hard: float) -> EyeShape:
    """The shape as landmarks say it: few points, each a little wrong."""
    off = random.uniform(0, 2.2) * hard
    common = random.normal(0, 0.5 * off, 2)

    def knots(line: np.ndarray, count: int) -> np.ndarray:
        across = np.linspace(line[0, 0], line[-1, 0], count)
        order = np.argsort(line[:, 0])
        v = np.interp(across, line[order, 0], line[order, 1])
        return np.stack([across, v], 1) + random.normal(0, off, (count, 2)) + common

    upper, lower = knots(shape.upper, KNOTS), knots(shape.lower, KNOTS)
    lower[[0, -1]] = upper[[0, -1]]
    brow = shape.brow[[0, len(shape.brow) // 2, -1]] + random.normal(0, 1.7 * off, (3, 2))
    return EyeShape(
        curve(upper, 6), curve(lower, 6), shape.iris + random.normal(0, off, 2) + common,
        shape.radii * np.exp(random.normal(0, 0.05 * off, 2)), curve(brow, 8),
    )  # fmt: skip
