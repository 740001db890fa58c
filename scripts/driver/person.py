"""Puts mesh, dressing and renderer together: controls in, picture out."""

import math
from typing import Any

import numpy as np

from driver import dressing, lashes, shaders
from driver.mesh import Person, load_person
from driver.render import FIELD, Geometry, Renderer

LOOKS: dict[str, tuple[float, ...]] = {  # linear RGB
    "skin_tone": (0.72, 0.43, 0.315),
    "lip_tone": (0.50, 0.165, 0.15),
    "hair_tone": (0.105, 0.052, 0.028),
    "shirt_tone": (0.075, 0.17, 0.24),
    "cheeks": (
        *(0.48, 6.13, 1.05, 0.24),
        *(-0.48, 6.13, 1.05, 0.24),
        *(0.0, 6.10, 1.45, 0.15),
        *(0.0, 5.62, 1.22, 0.14),
        *(0.80, 6.40, 0.35, 0.22),
        *(-0.80, 6.40, 0.35, 0.22),
        *(0.28, 6.44, 1.20, 0.10),
        *(-0.28, 6.44, 1.20, 0.10),
    ),
    "iris_tone": (0.125, 0.062, 0.026),
}
GAZE: dict[str, tuple[float, float]] = {  # degrees (to the subject's own left, up) at full strength
    "eyeLookInLeft": (-30, 0), "eyeLookOutLeft": (30, 0),
    "eyeLookUpLeft": (0, 23), "eyeLookDownLeft": (0, -24),
    "eyeLookInRight": (30, 0), "eyeLookOutRight": (-30, 0),
    "eyeLookUpRight": (0, 23), "eyeLookDownRight": (0, -24),
}  # fmt: skip


def head_rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """(3, 3) rotation, yaw applied last; radians, signs as in liveavatar.controls."""
    cy, sy, cp, sp, cr, sr = (f(x) for x in (yaw, -pitch, -roll) for f in (math.cos, math.sin))
    around_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    around_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    around_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return around_y @ around_x @ around_z


def rotation_vector(m: np.ndarray) -> np.ndarray:
    """The axis times the angle of a (3, 3) rotation by less than half a turn."""
    angle = math.acos(max(-1.0, min(1.0, (np.trace(m) - 1) / 2)))
    axis = np.array([m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]])
    return axis * (0.5 if angle < 1e-6 else angle / (2 * math.sin(angle)))


def vertex_normals(vertices: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """(n, 3) area-weighted unit normals."""
    corners = vertices[quads]
    faces = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    flat = quads.ravel()
    spread = np.repeat(faces, 4, axis=0)
    total = np.stack([np.bincount(flat, spread[:, i], len(vertices)) for i in range(3)], 1)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def triangles(quads: np.ndarray) -> np.ndarray:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


class Surface:
    """Refined quads as a buffer: one buffer vertex per (vertex, texture coordinate)."""

    def __init__(self, person: Person, part: str, material: int):
        quads, uv = person.parts[part], person.uv[part]
        keys = np.concatenate([quads.reshape(-1, 1), np.round(uv.reshape(-1, 2) * 1e5).astype(int)], 1)
        _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        self.source = quads.ravel()[first]
        n = len(self.source)
        extra = np.stack([np.full(n, material), person.turn[self.source], np.ones(n), np.zeros(n)], 1)
        self.geometry = Geometry(
            person.rest[self.source], np.zeros((n, 3)), person.rest[self.source], uv.reshape(-1, 2)[first],
            extra, triangles(inverse.reshape(-1, 4)),
        )  # fmt: skip


class Eye:
    """An eyeball: a sphere that rolls; `rest` holds directions in its own frame (z: the optical axis)."""

    def __init__(self, person: Person, side: str):
        self.side = side
        points = person.coarse[np.unique(person.groups[f"helper-{side[0].lower()}-eye"])]
        self.centre = (points.min(0) + points.max(0)) / 2
        self.radius = float(np.linalg.norm(points - self.centre, axis=1).mean()) * 0.995
        rows, columns = 40, 48
        polar, around = np.meshgrid(
            np.linspace(0, math.pi, rows), np.linspace(0, 2 * math.pi, columns), indexing="ij"
        )
        d = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], -1)
        self.directions = d.reshape(-1, 3)
        index = np.arange(rows * columns).reshape(rows, columns)
        quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)
        n = len(self.directions)
        extra = np.stack([np.full(n, shaders.EYE), np.ones(n), np.ones(n), np.zeros(n)], 1)
        zero = np.zeros((n, 3))
        self.geometry = Geometry(zero, zero, self.directions, np.zeros((n, 2)), extra, triangles(quads))

    def pose(self, weights: dict[str, float]) -> None:
        """Rolls the eye as the eyeLook* controls say; 3 degrees of toe-in make it look at the camera."""
        across = up = 0.0
        for name, (a, b) in GAZE.items():
            if name.endswith(self.side):
                across, up = across + a * weights.get(name, 0.0), up + b * weights.get(name, 0.0)
        across += -1.9 if self.side == "Left" else 1.9
        turn = head_rotation(math.radians(across), math.radians(up), 0.0)
        self.geometry.normal = self.directions @ turn.T
        self.geometry.position = self.centre + self.radius * self.geometry.normal


class Actor:
    """The whole person, ready to be drawn."""

    def __init__(
        self,
        size: int = 512,
        samples: int = 2,
        person: Person | None = None,
        hair: bool = True,
        field: float = FIELD,
    ):
        """person: somebody else than the driver clip's. hair: False leaves the scalp shorn, which is quicker.
        field: vertical field of view, radians."""
        self.person = person or load_person()
        self.renderer = Renderer(size, samples, LOOKS, field)
        self.all_quads = np.concatenate(list(self.person.parts.values()))
        materials = {"skin": shaders.SKIN, "teeth": shaders.TEETH, "tongue": shaders.TONGUE}
        self.surfaces = [Surface(self.person, part, material) for part, material in materials.items()]
        self.eyes = [Eye(self.person, side) for side in ("Left", "Right")]
        self.brows = lashes.brows(self.person)
        self.lashes = lashes.Lashes(self.person)
        self.moving: list[Any] = [*self.surfaces, *self.eyes, self.brows, self.lashes]
        normals = vertex_normals(self.person.rest, self.all_quads)
        self.still = [dressing.shirt(self.person, normals)]
        if hair:
            self.still.insert(0, dressing.hair(self.person))
        skin = self.surfaces[0]
        scalp = dressing.hairline(skin.geometry.rest)
        skin.geometry.extra[:, 3] = np.clip(scalp / 0.14 + 0.2, 0, 1) * (self.person.turn[skin.source] > 0.9)
        self._pose({})
        self.handles = [self.renderer.add(thing.geometry) for thing in self.moving]
        self.still_handles = [self.renderer.add(geometry) for geometry in self.still]
        self._bake()

    def _pose(self, weights: dict[str, float]) -> None:
        vertices = self.person.shape(weights)
        normals = vertex_normals(vertices, self.all_quads)
        for surface in self.surfaces:
            surface.geometry.position = vertices[surface.source]
            surface.geometry.normal = normals[surface.source]
        for eye in self.eyes:
            eye.pose(weights)
        self.brows.pose(vertices)
        self.lashes.pose(weights, vertices)

    def _bake(self) -> None:
        """Ambient visibility: the better of a neutral face and one with open mouth and closed eyes."""
        everything = [thing.geometry for thing in self.moving] + self.still
        best = [np.zeros(len(g.position)) for g in everything]
        for weights in (
            {},
            {"jawOpen": 0.75, "eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0, "mouthSmileLeft": 0.3},
        ):
            self._pose(weights)
            for handle, thing in zip(self.handles, self.moving, strict=True):
                self.renderer.update(handle, thing.geometry)
            strands = (shaders.HAIR, shaders.BROW)
            points = np.concatenate([g.position for g in everything])
            normals = np.concatenate([g.normal * (g.extra[0, 0] not in strands) for g in everything])
            seen = np.split(
                self.renderer.visibility(points, normals),
                np.cumsum([len(g.position) for g in everything])[:-1],
            )
            best = [np.maximum(a, b) for a, b in zip(best, seen, strict=True)]
        for geometry, value in zip(everything, best, strict=True):
            geometry.extra[:, 2] = np.clip(value * 1.25, 0.05, 1.0)
        for handle, geometry in zip(self.still_handles, self.still, strict=True):
            self.renderer.update(handle, geometry)

    def picture(
        self, controls: dict[str, float], shift: tuple[float, float, float] = (0, 0, 0)
    ) -> np.ndarray:
        """(size, size, 3) uint8 RGB of the person with these controls (names of liveavatar.controls)."""
        self._pose(controls)
        for handle, thing in zip(self.handles, self.moving, strict=True):
            self.renderer.update(handle, thing.geometry)
        turn = head_rotation(*(controls.get(k, 0.0) for k in ("headYaw", "headPitch", "headRoll")))
        names = ("jawOpen", "mouthUpperUpLeft", "mouthLowerDownLeft", "mouthSmileLeft", "mouthFunnel")
        mouth = min(
            1.0, sum(w * controls.get(k, 0.0) for k, w in zip(names, (3.0, 1.0, 1.0, 0.3, 0.5), strict=True))
        )
        return self.renderer.draw(rotation_vector(turn), np.asarray(shift), mouth)
