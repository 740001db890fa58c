"""Drawings by many hands beside what their avatars do, uncurated.

    python -m benchmarks.people.drawings --own 20 --output FILE.webp [--pictures FOLDER] [--json]

Every picture takes the way of `liveavatar create`: a face is found, the figure cut out and taken apart, and its rig, to which the
package is fitted, draws eight expressions. The sources are characters of the population (seeds from 7100 on), published
as others publish theirs: before white, before colours, before a painted scene, as a sketch, in grey, small, packed as JPEG; and
the pictures of a folder. The sheet shows every one in order, also where no face is found.
"""

import argparse
import json
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from liveavatar.base import provenance
from liveavatar.controls import neutral, vector
from liveavatar.errors import LiveAvatarError
from liveavatar.landmarks.finder import Finder
from liveavatar.landmarks.points import INDEX
from liveavatar.media.picture import Picture, read_picture
from liveavatar.portrait.drawn import Drawing, Figure
from liveavatar.portrait.faces import choose_face, subjects
from liveavatar.portrait.matting import is_cut_out
from liveavatar.portrait.request import Request
from liveavatar.rigs import Rig, open_rig
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.picture.framing import CANVAS, framed
from liveavatar.rigs.picture.prepare import prepare
from liveavatar.rigs.population import character
from liveavatar.rigs.population.styles import STYLES
from liveavatar.trackers.model_files import MATTE, find_model
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.types import Face

EXPRESSIONS: dict[str, dict[str, float]] = {
    "shut": {"eyeBlinkLeft": 1, "eyeBlinkRight": 1},
    "A": {"jawOpen": 0.7, "mouthLowerDownLeft": 0.3, "mouthLowerDownRight": 0.3},
    "laugh": {
        "mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "jawOpen": 0.35, "cheekSquintLeft": 0.6, "cheekSquintRight": 0.6,
    },
    "pout": {"mouthPucker": 0.8, "browInnerUp": 0.6},
    "wink": {"eyeBlinkLeft": 1, "mouthSmileLeft": 0.6, "mouthSmileRight": 0.4, "headRoll": 0.2},
    "aside": {"headYaw": 0.3, "eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6},
    "other": {"headYaw": -0.33, "eyeLookUpLeft": 0.4, "eyeLookUpRight": 0.4, "hairX": 0.4},
    "down": {"headPitch": 0.22, "browDownLeft": 0.8, "browDownRight": 0.8, "mouthFrownLeft": 0.6, "mouthFrownRight": 0.6},
}  # fmt: skip
GROUND = np.array([223, 230, 240], np.float32)
CELL = 128
FIRST_SEED = 7_100
GROUNDS = ("white", "pastel", "shaded", "painted", "sketch", "grey", "clear", "small")


def own_picture(k: int) -> np.ndarray:
    """(H, W, 4) uint8: the k-th picture of ours, as somebody else might publish it."""
    rng = np.random.default_rng(FIRST_SEED + k)
    names = sorted(STYLES)
    rig = DrawnRig(replace(character(FIRST_SEED + k), style=STYLES[names[k % len(names)]]))
    controls = neutral()
    if k % 3 == 1:
        controls = vector(jawOpen=0.35, mouthSmileLeft=0.6, mouthSmileRight=0.6)
    side, kind = int(rng.integers(480, 900)), GROUNDS[k % len(GROUNDS)]
    drawn = rig.render(controls, side).astype(np.float32)
    alpha = drawn[..., 3:] / 255
    if kind == "clear":
        straight = np.where(alpha > 0, drawn[..., :3] / np.maximum(alpha, 1 / 255), 0)
        return np.dstack([straight, drawn[..., 3]]).clip(0, 255).astype(np.uint8)
    whole = drawn[..., :3] + (1 - alpha) * _ground(kind, side, rng)
    if kind == "sketch":
        grey = cv2.cvtColor(whole.clip(0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
        lines = cv2.divide(grey, cv2.GaussianBlur(grey, (0, 0), 7), scale=255)
        whole = np.repeat(np.minimum(lines, 120 + 0.55 * grey)[..., None], 3, 2).astype(np.float32)
    elif kind == "grey":
        whole = np.repeat(whole.mean(-1, keepdims=True), 3, 2)
    elif kind == "small":
        whole = cv2.resize(whole, (300, 300), interpolation=cv2.INTER_AREA)
    packed = cv2.imencode(".jpg", whole.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    rgb: np.ndarray = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


def _ground(kind: str, side: int, rng: np.random.Generator) -> np.ndarray:
    """(side, side, 3) float32 behind a figure."""
    y, x = np.mgrid[:side, :side].astype(np.float32)[..., None] / side
    first, second = rng.uniform(120, 250, (2, 3)).astype(np.float32)
    if kind in ("pastel", "small"):
        return np.broadcast_to(first, (side, side, 3))
    if kind == "shaded":
        return first + (second - first) * (0.8 * y + 0.2 * x)
    if kind == "painted":
        large, fine = (
            cv2.resize(
                rng.normal(0, s, (n, n, 3)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC
            )
            for n, s in ((3, 30), (14, 12))
        )
        return np.clip(first - 40 + large + fine, 0, 255)
    return np.full((side, side, 3), 255, np.float32)


def rig_of(
    picture: Picture, finder: FaceFinder, drawings: Finder, matte: Path, folder: Path
) -> tuple[Rig, Figure, dict[str, float]]:
    """What `create` would fit the package of a picture to, with seconds by stage. Raises LiveAvatarError."""
    request, start = Request(Path("picture"), "x", ""), time.perf_counter()
    face = choose_face(
        subjects(picture.over(), finder, drawings), picture.rgba.shape[:2], request, lambda _: None
    )
    if isinstance(face, Face):
        raise LiveAvatarError("taken for a photo")
    found = time.perf_counter()
    made: list[Any] = []
    Drawing(picture, face, request, lambda _: None, None if is_cut_out(picture) else matte, made.append).make(  # type: ignore[arg-type]
        None
    )
    cut = time.perf_counter()
    rig = open_rig(prepare(made[0].rgba, made[0].points, folder / "picture.npz", mouth=made[0].mouth))
    spent = {"find": found - start, "cut": cut - found, "prepare": time.perf_counter() - cut}
    return rig, made[0], {stage: round(seconds, 2) for stage, seconds in spent.items()}


def faithful(rig: Rig, figure: Figure) -> dict[str, float]:
    """How the avatar at rest is the picture again: levels by which pixels that no expression moves differ, beside eyes, brows and
    mouth; sharpness, its gradient energy over the picture's; the head's share of the frame."""
    placed = framed(figure.rgba, figure.points)
    rest = rig.render(neutral(), CANVAS)
    still = placed.picture[..., 3] > 250
    for points in (placed.points[:28], placed.points[28:39]):
        (x0, y0), (x1, y1) = points.min(0).astype(int) - 40, points.max(0).astype(int) + 40
        still[max(0, y0) : y1, max(0, x0) : x1] = False
    away = np.abs(rest[..., :3].astype(int) - placed.picture[..., :3])[still]
    crown, chin = (placed.points[INDEX[name]] for name in ("crown", "chin"))
    return {
        "identity": round(float(away.mean()), 2),
        "sharpness": round(_energy(rest) / max(_energy(placed.picture), 1e-6), 3),
        "head": round(float(np.linalg.norm(chin - crown)) / CANVAS, 3),
    }


def _energy(picture: np.ndarray) -> float:
    grey = cv2.cvtColor(picture[..., :3], cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)).mean())


def row_of(picture: Picture, rig: Rig | None) -> np.ndarray:
    """(CELL, CELL * 9, 3) uint8: the picture, then its avatar; grey where there is none."""
    rgb = picture.over()
    scale = CELL / max(rgb.shape[:2])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cell = np.full((CELL, CELL, 3), 255, np.uint8)
    top, left = (CELL - small.shape[0]) // 2, (CELL - small.shape[1]) // 2
    cell[top : top + small.shape[0], left : left + small.shape[1]] = small
    cells = [cell]
    for controls in EXPRESSIONS.values():
        if rig is None:
            cells.append(np.full((CELL, CELL, 3), 200, np.uint8))
            continue
        drawn = cv2.resize(rig.render(vector(**controls), 512), (CELL, CELL), interpolation=cv2.INTER_AREA)
        cells.append((drawn[..., :3] + GROUND * (1 - drawn[..., 3:] / 255)).clip(0, 255).astype(np.uint8))
    return np.hstack(cells)


def main() -> None:
    from PIL import Image

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--own", type=int, default=20, help="pictures of the population's characters")
    parser.add_argument("--pictures", type=Path, help="a folder of pictures, shown after these")
    parser.add_argument("--output", type=Path, help="the sheet, PNG or WebP")
    parser.add_argument("--json", action="store_true", help="the last line alone")
    a = parser.parse_args()
    sources = [
        (f"own {k}", Picture(p, bool((p[..., 3] < 128).any())))
        for k in range(a.own)
        for p in [own_picture(k)]
    ]
    if a.pictures:
        sources += [(p.name, read_picture(p)) for p in sorted(a.pictures.iterdir()) if p.is_file()]
    matte, drawings = find_model(model=MATTE, fetch=True), Finder()
    rows, sheet = [], []
    with closing(FaceFinder(find_model(fetch=True))) as finder, TemporaryDirectory() as folder:
        for name, picture in sources:
            rig = None
            row: dict[str, Any] = {"name": name}
            try:
                rig, figure, row["seconds"] = rig_of(picture, finder, drawings, matte, Path(folder))
                row |= faithful(rig, figure)
            except LiveAvatarError as error:
                row["refused"] = str(error)
            rows.append(row)
            if a.output:
                sheet.append(row_of(picture, rig))
                Image.fromarray(np.vstack(sheet)).save(a.output, quality=80, method=6)
            if not a.json:
                print(row, flush=True)
    made = [row for row in rows if "identity" in row]
    summary = {
        name: round(float(np.mean([row[name] for row in made])), 3)
        for name in ("identity", "sharpness", "head")
    }
    print(json.dumps({"pictures": len(rows), "made": len(made), **summary, **provenance.machine()}))


if __name__ == "__main__":
    main()
