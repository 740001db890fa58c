"""What the data lacks, made procedurally: hair and a plain shirt. Every random number is seeded."""

import math

import numpy as np

from driver import shaders
from driver.mesh import Person
from driver.render import NECKLINE, Geometry

SKULL = np.array([0.0, 6.85, 0.42])
"""The middle of the skull; hair is laid out by directions from here."""
PART = 0.17
"""The parting lies on the subject's left, at this x."""
HAIRLINE = np.array(
    [[0, 7.27], [28, 7.25], [45, 7.14], [58, 6.86], [72, 6.52], [88, 6.48], [112, 6.2], [180, 5.85]]
)
"""Degrees around the head from the front, and the height of the lowest roots there."""


def unit(v: np.ndarray) -> np.ndarray:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


class Skull:
    """Distance from SKULL to the head's surface by direction, smoothed, ears included."""

    def __init__(self, person: Person):
        points = person.rest[(person.turn > 0.9) & (person.rest[:, 1] > 5.4)] - SKULL
        radius = np.linalg.norm(points, axis=1)
        polar, around = np.meshgrid(
            np.linspace(0, math.pi, 37), np.linspace(-math.pi, math.pi, 73), indexing="ij"
        )
        d = np.stack(
            [np.sin(polar) * np.sin(around), np.cos(polar), np.sin(polar) * np.cos(around)], -1
        ).reshape(-1, 3)
        weight = np.exp((d @ unit(points).T - 1) * 260) * np.exp(radius * 1.5)  # leans to the outermost
        self.table = (weight @ radius / np.maximum(weight.sum(1), 1e-30)).reshape(37, 73)

    def __call__(self, direction: np.ndarray) -> np.ndarray:
        """Radius for unit directions (n, 3), bilinear."""
        row = np.arccos(np.clip(direction[:, 1], -1, 1)) / math.pi * 36
        column = (np.arctan2(direction[:, 0], direction[:, 2]) / math.pi + 1) * 36
        r, c = np.minimum(row.astype(int), 35), np.minimum(column.astype(int), 71)
        fr, fc = row - r, column - c
        t = self.table
        upper, lower = t[r, c] * (1 - fc) + t[r, c + 1] * fc, t[r + 1, c] * (1 - fc) + t[r + 1, c + 1] * fc
        return upper * (1 - fr) + lower * fr


def hairline(points: np.ndarray) -> np.ndarray:
    """Height above the hairline, (n,), for points on the scalp."""
    around = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2] - SKULL[2]))
    return points[:, 1] - np.interp(around, HAIRLINE[:, 0], HAIRLINE[:, 1])


def ribbons(
    lines: np.ndarray, width: np.ndarray, tone: np.ndarray, material: int, turn: np.ndarray, seen: np.ndarray
) -> Geometry:
    """Strands (n, k, 3) as ribbons that face the viewer.

    width: (n, k) half widths; tone: (n,) brightness 0..1; turn, seen: (n, k) share of turn and visibility.
    """
    n, k = lines.shape[:2]
    along = unit(np.gradient(lines, axis=1))
    position = np.repeat(lines, 2, axis=1).reshape(-1, 3)
    side = np.tile([1.0, -1.0], n * k)
    uv = np.stack([np.repeat(tone, 2 * k), np.tile(np.repeat(np.linspace(0, 1, k), 2), n)], 1)
    extra = np.stack(
        [np.full(2 * n * k, material), np.repeat(turn, 2, 1).ravel(), np.repeat(seen, 2, 1).ravel(),
         np.repeat(width, 2, 1).ravel() * side], 1,
    )  # fmt: skip
    start = (np.arange(n)[:, None] * 2 * k + np.arange(k - 1) * 2).reshape(-1, 1)
    faces = np.concatenate([start + np.array(corner) for corner in ([0, 1, 2], [2, 1, 3])])
    return Geometry(position, np.repeat(along, 2, axis=1).reshape(-1, 3), position, uv, extra, faces)


def hair_lines(person: Person, count: int = 4600, points: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """A side-parted bob: strands (count, points, 3) and their layer 0 (inner) .. 1 (outer)."""
    rng = np.random.default_rng(7)
    skull = Skull(person)
    d = unit(rng.normal(size=(count * 6, 3)))
    roots = SKULL + d * skull(d)[:, None]
    above = hairline(roots)
    keep = above > rng.uniform(0, 0.05, len(above))
    d, roots = d[keep][:count], roots[keep][:count]
    n = len(roots)
    layer = rng.uniform(0, 1, n)
    layer[hairline(roots) < 0.10] *= 0.4
    side = np.where(roots[:, 0] > PART + rng.normal(0, 0.015, n), 1.0, -1.0)
    end = 5.62 + 0.10 * rng.uniform(-1, 1, n) + 0.10 * (1 - layer)
    lines = np.zeros((n, points, 3))
    lines[:, 0] = p = roots
    heading = unit(d + 0.0)
    step = 0.155 * np.ones(n)
    for i in range(1, points):
        out = unit(p - SKULL)
        front = np.clip((p[:, 2] - SKULL[2]) / 0.9, 0, 1)
        beside = np.clip((np.abs(p[:, 0]) - 0.35) / 0.4, 0, 1)  # far enough to the side to fall
        top = np.clip((p[:, 1] - 6.75) / 0.6, 0, 1)
        want = np.stack(
            [
                side * (1.2 * top * (1 - beside) + 0.08),
                -0.25 - 1.3 * beside - (1 - top),
                -0.95 * front * (0.25 + top),
            ],
            1,
        )
        below = np.clip((6.35 - p[:, 1]) / 0.3, 0, 1)[:, None]
        curl = np.stack([-np.sign(p[:, 0]) * 0.16, -np.ones(n), 0.10 * np.sign(p[:, 2] - 0.2)], 1)
        want = unit(want - out * (want * out).sum(1, keepdims=True)) * (1 - below) + curl * below
        heading = unit(heading * 0.45 + unit(want) * 0.55)
        p = p + heading * step[:, None]
        out = unit(p - SKULL)
        lift = 0.025 + 0.13 * layer * np.minimum(1, i / 6) + 0.03 * np.minimum(1, i / 8)
        floor = skull(out) + lift
        high = p[:, 1] > 6.2
        distance = np.linalg.norm(p - SKULL, axis=1)
        p = np.where(high[:, None], SKULL + out * np.maximum(distance * 0.5 + floor * 0.5, floor)[:, None], p)
        neck = np.hypot(p[:, 0], p[:, 2] - 0.25)
        push = np.maximum(1, (0.66 + 0.14 * layer) / np.maximum(neck, 1e-6))
        low = p[:, 1] < 6.3
        p = np.where(low[:, None], np.stack([p[:, 0] * push, p[:, 1], 0.25 + (p[:, 2] - 0.25) * push], 1), p)
        lines[:, i] = p
    # cut at the ends: stretch the parameter so that the last point sits at the cut
    for j in range(n):
        under = np.flatnonzero(lines[j, :, 1] < end[j])
        last = float(under[0]) if len(under) else points - 1.0
        at = np.linspace(0, last, points)
        lines[j] = np.stack([np.interp(at, np.arange(points), lines[j, :, a]) for a in range(3)], 1)
    return clump(lines, rng), layer


def clump(lines: np.ndarray, rng: np.random.Generator, guides: int = 260) -> np.ndarray:
    """Draws strands towards the nearest of some guides, more so at the tips, and adds flyaway noise."""
    n, k = lines.shape[:2]
    chosen = rng.choice(n, guides, replace=False)
    middle = k // 2
    distance = ((lines[:, None, middle] - lines[chosen][None, :, middle]) ** 2).sum(-1)
    nearest = chosen[distance.argmin(1)]
    t = np.linspace(0, 1, k).reshape(1, k, 1)
    pull = rng.uniform(0.25, 0.75, (n, 1, 1)) * t**1.3
    drift = unit(rng.normal(size=(n, 3)))[:, None] * 0.03 * t
    return lines * (1 - pull) + lines[nearest] * pull + drift


def hair(person: Person) -> Geometry:
    lines, layer = hair_lines(person)
    n, k = lines.shape[:2]
    rng = np.random.default_rng(8)
    t = np.linspace(0, 1, k)
    taper = np.interp(t, [0, 0.1, 0.75, 1], [0.7, 1, 1, 0.25])
    width = rng.uniform(0.008, 0.014, (n, 1)) * taper
    tone = np.clip(rng.normal(0.5, 0.2, n) + 0.15 * (layer - 0.5), 0, 1)
    turn = np.clip(0.72 + 0.28 * (lines[:, :, 1] - 5.5) / 0.7, 0.72, 1.0)
    return ribbons(lines, width, tone, shaders.HAIR, turn, np.ones((n, k)))


def shirt(person: Person, normals: np.ndarray) -> Geometry:
    """A crew-neck shirt: the torso's skin, moved outwards and smoothed; the shader cuts the neckline."""
    quads, rest = person.parts["skin"], person.rest
    height = rest[:, 1] - (NECKLINE[0] + NECKLINE[1] * rest[:, 2] + NECKLINE[2] * np.hypot(rest[:, 0], 0.17))
    quads = quads[(height[quads] < 0.35).any(1) & (rest[quads][:, :, 1] < 5.6).all(1)]
    points = rest + normals * 0.05
    used, flat = np.unique(quads, return_inverse=True)
    quads, points = flat.reshape(-1, 4), points[used]
    for _ in range(14):
        total, share = np.zeros_like(points), np.zeros((len(points), 1))
        centres = points[quads].mean(1)
        for i in range(4):
            np.add.at(total, quads[:, i], centres)
            np.add.at(share, quads[:, i], 1.0)
        points = 0.4 * points + 0.6 * total / share
    corners = points[quads]
    faces = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normal = np.zeros_like(points)
    for i in range(4):
        np.add.at(normal, quads[:, i], faces)
    normal = unit(normal)
    points = points + normal * 0.05
    n = len(points)
    extra = np.stack([np.full(n, shaders.SHIRT), person.turn[used] * 0.25, np.ones(n), np.zeros(n)], 1)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Geometry(points, normal, points, np.zeros((n, 2)), extra, triangles)
