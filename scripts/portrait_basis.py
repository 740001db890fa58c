"""Fits the portrait renderer's blendshape basis: what each control does to MediaPipe's 478 landmarks.

    pip install "liveavatar[driver]"
    python scripts/portrait_basis.py --model face_landmarker.task

A synthetic person (scripts/driver) performs single controls and random mixtures of known strength; the tracked
landmarks, freed of head pose, are fitted on the known controls by ridge regression, each picture also mirrored.
Writes liveavatar/assets/portrait_basis.npz. Needs EGL (Mesa on Linux; no window, no GPU); about ten minutes.
"""

import argparse
import sys
from contextlib import closing
from pathlib import Path

import numpy as np

from liveavatar.controls import BLENDSHAPES, HEAD, INDEX, other_side
from liveavatar.language import tr
from liveavatar.retargeting.landmarks import align, points, upright
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.trackers.recorded import load_faces, save_faces
from liveavatar.types import Face

ROOT = Path(__file__).resolve().parent.parent
N = len(BLENDSHAPES)
RIDGE = 0.004
"""Penalty, as a share of the number of pictures."""


def script(count: int, seed: int = 6) -> np.ndarray:
    """(n, 51 + 3) controls and head yaw, pitch, roll in radians: rest, every control alone, then `count` mixtures."""
    rng = np.random.default_rng(seed)
    rows = [np.zeros(N + 3) for _ in range(5)]
    for i, name in enumerate(BLENDSHAPES):
        pair = BLENDSHAPES.index(other_side(name))
        for strength in (0.5, 1.0):
            for together in {i, pair}:
                if together < i:
                    continue
                row = np.zeros(N + 3)
                row[[i, together]] = strength
                rows.append(row)
    for _ in range(count):
        row = np.zeros(N + 3)
        for i in rng.choice(N, rng.integers(2, 6), replace=False):
            row[i] = rng.uniform(0.2, 1.0)
            if rng.random() < 0.7:
                row[BLENDSHAPES.index(other_side(BLENDSHAPES[i]))] = row[i]
        if rng.random() < 0.4:
            row[INDEX["jawOpen"]] = rng.uniform(0.1, 0.9)
        row[N:] = rng.normal(0, np.radians([7, 4, 4]))
        rows.append(row)
    return np.array(rows)


def mirror_points(shapes: np.ndarray) -> np.ndarray:
    """(478,) for each landmark the one on the other side of the face, from (k, 478, 3) aligned symmetric expressions:
    the nearest to its mirror image in all of them (at rest the lips' inner edges lie on each other)."""
    flipped = shapes * [-1.0, 1.0, 1.0]
    flipped += shapes.mean((0, 1)) - flipped.mean((0, 1))
    distance = sum(np.linalg.norm(a[:, None] - b[None], axis=2) for a, b in zip(shapes, flipped, strict=True))
    nearest = distance.argmin(0)
    if not (nearest[nearest] == np.arange(len(nearest))).all():
        raise ValueError(tr("the face is not symmetric enough", "脸不够对称"))
    return nearest


def fit(rows: np.ndarray, faces: list[Face | None]) -> tuple[np.ndarray, np.ndarray, float]:
    """(51, 478, 3) deltas at full strength and (478, 3) the face at rest, in face heights and head axes, and the share of
    the motion that the deltas explain."""
    seen = [(row, face) for row, face in zip(rows, faces, strict=True) if face is not None]
    still = [upright(face) for row, face in seen if not row.any()]
    rest = np.mean([align(shape, still[0])[0] for shape in still], axis=0)
    swap = [BLENDSHAPES.index(other_side(name)) for name in BLENDSHAPES]
    even = [face for row, face in seen if (row[:N] == row[:N][swap]).all() and not row[N:].any()]
    other = mirror_points(np.array([align(points(face), rest)[0] for face in even]))
    rest = (rest + rest[other] * [-1.0, 1.0, 1.0]) / 2
    x, y = [], []
    for row, face in seen:
        motion = align(points(face), rest)[0] - rest
        x += [row[:N], row[:N][swap]]
        y += [motion.ravel(), (motion[other] * [-1.0, 1.0, 1.0]).ravel()]
    a, b = np.array(x), np.array(y)
    deltas = np.linalg.solve(a.T @ a + RIDGE * len(a) * np.eye(N), a.T @ b)
    explained = 1 - ((a @ deltas - b) ** 2).sum() / (b**2).sum()
    return deltas.reshape(N, 478, 3), rest, float(explained)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help=tr("face_landmarker.task", "face_landmarker.task"))
    parser.add_argument("--count", type=int, default=360, help=tr("random mixtures", "随机组合数"))
    parser.add_argument(
        "--faces", type=Path, help=tr("reuse what was tracked, or keep it", "复用或保存跟踪结果")
    )
    parser.add_argument("--output", type=Path, default=ROOT / "liveavatar" / "assets" / "portrait_basis.npz")
    a = parser.parse_args()
    rows = script(a.count)
    if a.faces and a.faces.exists():
        faces = load_faces(a.faces)
    else:
        faces = perform(rows, a.model)
        if a.faces:
            save_faces(a.faces, faces)
    deltas, rest, explained = fit(rows, faces)
    scale = float(np.abs(deltas).max()) / 32767
    with a.output.open("wb") as file:
        np.savez_compressed(
            file, deltas=np.round(deltas / scale).astype(np.int16), scale=np.float32(scale),
            rest=rest.astype(np.float32),
            names=np.array(BLENDSHAPES),
        )  # fmt: skip
    size = a.output.stat().st_size / 1000
    found = sum(face is not None for face in faces)
    print(
        f"{a.output}: {size:.0f} kB; {found} of {len(faces)} faces tracked, {explained:.1%} of the motion explained"
    )


def perform(rows: np.ndarray, model: Path | None) -> list[Face | None]:
    """Render each row and track it."""
    sys.path.insert(0, str(ROOT / "scripts"))
    from driver.person import Actor
    from rich.progress import track

    actor = Actor(512)
    with closing(FaceFinder(model)) as finder:
        faces: list[Face | None] = []
        for row in track(rows, description=tr("rendering", "渲染")):
            weights = dict(zip((*BLENDSHAPES, *HEAD), row.tolist(), strict=True))
            found = finder.find(actor.picture(weights))
            faces.append(found[0] if found else None)
    return faces


if __name__ == "__main__":
    main()
