"""Brows and lashes: short hairs that ride on the moving face."""

import itertools
from dataclasses import dataclass

import numpy as np

from driver import shaders
from driver.dressing import ribbons, unit
from driver.mesh import Person
from driver.render import Geometry


@dataclass
class Fringe:
    """Short hairs that ride on the skin: each point follows three vertices."""

    geometry: Geometry
    index: np.ndarray
    weight: np.ndarray
    offset: np.ndarray
    shape: tuple[int, int]

    def pose(self, vertices: np.ndarray) -> None:
        """Moves the hairs with the (n, 3) vertices."""
        points = (vertices[self.index] * self.weight[..., None]).sum(1) + self.offset
        lines = points.reshape(*self.shape, 3)
        self.geometry.position = np.repeat(lines, 2, axis=1).reshape(-1, 3)
        self.geometry.normal = np.repeat(unit(np.gradient(lines, axis=1)), 2, axis=1).reshape(-1, 3)


def fringe(person: Person, lines: np.ndarray, width: np.ndarray, tone: np.ndarray) -> Fringe:
    """Binds strands (n, k, 3) that lie on the face at rest."""
    flat = lines.reshape(-1, 3)
    skin = np.unique(person.parts["skin"])
    skin = skin[(person.rest[skin, 1] > 6.2) & (person.rest[skin, 2] > 0.6)]
    distance = np.stack([((flat - v) ** 2).sum(1) for v in person.rest[skin]], 1)
    near = np.argsort(distance, 1)[:, :3]
    weight = 1 / (np.take_along_axis(distance, near, 1) + 1e-4)
    weight /= weight.sum(1, keepdims=True)
    index = skin[near]
    offset = flat - (person.rest[index] * weight[..., None]).sum(1)
    n, k = lines.shape[:2]
    geometry = ribbons(lines, width, tone, shaders.BROW, np.ones((n, k)), np.ones((n, k)))
    return Fringe(geometry, index, weight, offset, (n, k))


BROW = np.array(
    [
        [0.125, 6.704, 0.024],
        [0.20, 6.726, 0.030],
        [0.30, 6.752, 0.025],
        [0.39, 6.757, 0.018],
        [0.475, 6.725, 0.008],
    ]
)
"""The left brow's middle line and half height: x, y, half height."""


def brows(person: Person, count: int = 420) -> Fringe:
    """Both eyebrows."""
    rng = np.random.default_rng(9)
    skin = np.unique(person.parts["skin"])
    skin = skin[(person.rest[skin, 2] > 0.7) & (person.rest[skin, 1] > 6.4)]
    strands = []
    k = 5
    for mirror in (1.0, -1.0):
        x = rng.uniform(0.125, 0.465, count)
        y, half = np.interp(x, BROW[:, 0], BROW[:, 1]), np.interp(x, BROW[:, 0], BROW[:, 2])
        offset = rng.uniform(-1, 1, count)
        along = (x - 0.125) / 0.35
        angle = np.radians(
            np.interp(along, [0, 0.25, 0.6, 1], [62, 26, 6, -26]) - 14 * offset + rng.normal(0, 6, count)
        )
        length = np.interp(along, [0, 0.2, 1], [0.055, 0.085, 0.06]) * rng.uniform(0.8, 1.15, count)
        t = np.linspace(0, 1, k)
        bend = angle[:, None] - t * 0.35
        xs = x[:, None] + np.cumsum(np.cos(bend) * length[:, None] / k, 1)
        ys = (y + half * offset - 0.35 * length * np.sin(angle))[:, None] + np.cumsum(
            np.sin(bend) * length[:, None] / k, 1
        )
        flat = np.stack([xs * mirror, ys], -1).reshape(-1, 2)
        distance = np.stack([((flat - v) ** 2).sum(1) for v in person.rest[skin, :2]], 1)
        near = np.argsort(distance, 1)[:, :4]
        weight = 1 / (np.take_along_axis(distance, near, 1) + 1e-5)
        z = (person.rest[skin, 2][near] * weight).sum(1) / weight.sum(1)
        strands.append(np.concatenate([flat, z[:, None] + 0.008], 1).reshape(count, k, 3))
    lines = np.concatenate(strands)
    taper = np.array([0.6, 1, 1, 0.8, 0.25])
    width = rng.uniform(0.0019, 0.0030, len(lines))[:, None] * taper
    return fringe(person, lines, width, rng.uniform(0.1, 0.7, len(lines)))


class Lashes:
    """Both eyes' lashes, laid into the base mesh's lash strips, which the face units move with the lids."""

    def __init__(self, person: Person):
        rng = np.random.default_rng(10)
        self.groups = [f"helper-{side}-eyelashes-{row}" for side in "lr" for row in (1, 2)]
        self.used = np.unique(np.concatenate([person.groups[name] for name in self.groups]))
        self.rest = person.coarse[self.used]
        self.units = {
            name: o[self.used] for name, o in person.coarse_units.items() if np.abs(o[self.used]).max() > 1e-6
        }
        strips, widths = [], []
        for name in self.groups:
            upper = name.endswith("2")
            centre = person.coarse[np.unique(person.groups[f"helper-{name[7]}-eye"])].mean(0)
            grid = np.searchsorted(self.used, strip_grid(person.groups[name], person.coarse, centre))
            count = 95 if upper else 46
            across = np.linspace(0.01, 0.99, count) + rng.normal(0, 0.006, count)
            column = np.clip(across, 0, 1) * (grid.shape[1] - 1)
            low = np.minimum(column.astype(int), grid.shape[1] - 2)
            share = (column - low)[:, None]
            reach = rng.uniform(0.7, 1.0, count) * (1.0 if upper else 0.55)
            lean = rng.normal(0, 0.12, count)[:, None]
            row = np.linspace(0, 1, 5) * reach[:, None] * (grid.shape[0] - 1)
            r = np.minimum(row.astype(int), grid.shape[0] - 2)
            f = row - r
            shift = np.clip(share + lean * np.linspace(0, 1, 5) ** 2, 0, 1)
            strips.append(
                np.stack(
                    [
                        grid[r, low[:, None]],
                        grid[r, low[:, None] + 1],
                        grid[r + 1, low[:, None]],
                        grid[r + 1, low[:, None] + 1],
                    ],
                    -1,
                )
            )
            widths.append(np.stack([(1 - f) * (1 - shift), (1 - f) * shift, f * (1 - shift), f * shift], -1))
        self.index, self.weight = np.concatenate(strips), np.concatenate(widths)
        n, k = self.index.shape[:2]
        self.lower = np.arange(n) % 141 < 46
        lines = self._lines({})
        skin = np.unique(person.parts["skin"])
        skin = skin[np.abs(person.rest[skin] - [0, 6.54, 1.2]).max(1) < 0.6]
        roots = lines[self.lower, 0]
        distance = ((roots[:, None] - person.rest[skin]) ** 2).sum(2)
        self.holds = skin[np.argsort(distance, 1)[:, :2]]
        self.hold_rest = person.rest[self.holds].mean(1)
        self.lower_lines = lines[self.lower]
        thick = np.where(self.lower, 0.0011, 0.0021)[:, None] * np.array([1.3, 1.2, 1, 0.75, 0.25])
        self.geometry = ribbons(
            lines, thick, np.full(n, -0.9), shaders.BROW, np.ones((n, k)), np.ones((n, k))
        )

    def _lines(self, weights: dict[str, float]) -> np.ndarray:
        vertices = self.rest.copy()
        for name, weight in weights.items():
            if name in self.units and weight:
                vertices += weight * self.units[name]
        return (vertices[self.index] * self.weight[..., None]).sum(2)

    def pose(self, weights: dict[str, float], vertices: np.ndarray) -> None:
        """Upper lashes follow the face units' own strips; lower ones the skin at their roots."""
        lines = self._lines(weights)
        lines[self.lower] = self.lower_lines + (vertices[self.holds].mean(1) - self.hold_rest)[:, None]
        for side, sign in (("Left", 1.0), ("Right", -1.0)):  # a closing upper lid covers the lower lashes
            mine = np.flatnonzero(self.lower)[lines[self.lower, 0, 0] * sign > 0]
            lines[mine, :, 2] -= 0.08 * max(0.0, weights.get(f"eyeBlink{side}", 0.0) - 0.6) / 0.4
        self.geometry.position = np.repeat(lines, 2, axis=1).reshape(-1, 3)
        self.geometry.normal = np.repeat(unit(np.gradient(lines, axis=1)), 2, axis=1).reshape(-1, 3)


def strip_grid(quads: np.ndarray, vertices: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Orders a strip of quads as a grid (rows, columns) of vertex indices, row 0 nearest to `centre`."""
    corners = [v for v in np.unique(quads) if (quads == v).sum() == 1]
    corners.sort(key=lambda v: float(np.linalg.norm(vertices[v] - centre)))
    start, stop = corners[:2]
    edges: dict[tuple[int, int], int] = {}
    for quad in quads:
        for a, b in zip(quad, np.roll(quad, -1), strict=True):
            key = (min(a, b), max(a, b))
            edges[key] = edges.get(key, 0) + 1
    border: dict[int, list[int]] = {}
    for (a, b), times in edges.items():
        if times == 1:
            border.setdefault(a, []).append(b)
            border.setdefault(b, []).append(a)
    paths = []
    for first in border[start]:  # two ways round the border; the shorter one to `stop` is the root line
        path = [start, first]
        while path[-1] not in corners:
            path.append(next(v for v in border[path[-1]] if v != path[-2]))
        paths.append(path)
    row = next(path for path in paths if path[-1] == stop)
    grid = [row]
    free = np.ones(len(quads), bool)
    while free.any():
        following: list[int] = []
        for a, b in itertools.pairwise(row):
            at = next(i for i in np.flatnonzero(free) if a in quads[i] and b in quads[i])
            free[at] = False
            quad = list(quads[at])
            ia = quad.index(a)
            beyond_a = quad[(ia - 1) % 4] if quad[(ia + 1) % 4] == b else quad[(ia + 1) % 4]
            beyond_b = next(v for v in quad if v not in (a, b, beyond_a))
            following = following or [beyond_a]
            following.append(beyond_b)
        row = following
        grid.append(row)
    return np.array(grid)
