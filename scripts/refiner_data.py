"""Makes the pairs that the shared refiner is trained on: synthetic people, warped and as they really look.

    pip install "liveavatar[driver]"
    python scripts/refiner_data.py --model face_landmarker.task --output pairs

Each person of scripts/driver's mesh has shape, skin, hair and eye colours, and light by chance, from the seed. The frame at rest
becomes a portrait; every other frame is tracked, drawn by that portrait, and cut into mouth and eyes beside the truth. One file
a person; those that are there are kept, so the command may be stopped and goes on. Needs EGL (Mesa on Linux; no window, no
GPU); about half a minute a person.
"""

import argparse
import copy
import math
import sys
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from driver import performance
from driver.mesh import Person, load_person, relative
from driver.person import LOOKS, Actor
from driver.render import FIELD, FILL, KEY

from liveavatar.controls import BLENDSHAPES, HEAD, INDEX
from liveavatar.language import tr
from liveavatar.media.picture import Picture
from liveavatar.portrait.figure import build_rig
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers.model_files import find_model
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.training.refiner.pairs import Pairs

SIZE = 320
"""Side of the pictures, pixels; the face is as high as a portrait's."""
LIGHT_SKIN, DARK_SKIN = np.array([0.80, 0.53, 0.42]), np.array([0.085, 0.042, 0.026])
HAIR = [(0.012, 0.010, 0.009), (0.05, 0.025, 0.015), (0.105, 0.052, 0.028), (0.38, 0.25, 0.12), (0.3, 0.09, 0.03),
        (0.45, 0.44, 0.43)]  # fmt: skip
IRIS = [
    (0.125, 0.062, 0.026),
    (0.05, 0.025, 0.012),
    (0.16, 0.27, 0.36),
    (0.17, 0.23, 0.12),
    (0.25, 0.26, 0.27),
]
SHAPES = {  # both sides take what begins with l- or r-
    "mouth": ("mouth-lowerlip-height", "mouth-upperlip-height", "mouth-scale-horiz", "mouth-lowerlip-volume",
              "mouth-upperlip-volume", "mouth-cupidsbow", "mouth-philtrum-volume", "mouth-laugh-lines"),
    "eyes": ("eye-height2", "eye-height1", "eye-bag"), "chin": ("chin-width", "chin-height", "chin-prominent"),
    "cheek": ("cheek-volume", "cheek-bones"), "nose": ("nose-scale-horiz", "nose-volume"), "head": ("head-fat", "head-age"),
}  # fmt: skip


def identity(rng: np.random.Generator, known: set[str]) -> dict[str, float]:
    """Shape targets and weights. known: the names there are."""
    sex = rng.choice(["female", "male"])
    age = float(np.clip(rng.normal(0.25, 0.3), 0, 0.9))
    race = rng.dirichlet([0.6, 0.6, 0.6])
    macro, result = "mpfb2/targets/macrodetails/", {}
    for name, share in zip(("caucasian", "asian", "african"), race, strict=True):
        for stage, weight in (("young", 1 - age), ("old", age)):
            result[f"{macro}{name}-{sex}-{stage}"] = float(share * weight)
    result[f"{macro}universal-{sex}-young-averagemuscle-averageweight"] = 1.0
    for folder, names in SHAPES.items():
        for name in names:
            weight = float(np.clip(rng.normal(0, 0.45), -0.9, 0.9))
            for side in ("", "l-", "r-"):
                for end in ("-incr", "-up", "-in") if weight > 0 else ("-decr", "-down", "-out"):
                    target = f"mpfb2/targets/{folder}/{side}{name}{end}"
                    if target in known:
                        result[target] = abs(weight)
    return result


def looks(rng: np.random.Generator) -> dict[str, Any]:
    """Colours, linear RGB."""
    depth = rng.beta(0.9, 1.2)
    skin = np.exp((1 - depth) * np.log(LIGHT_SKIN) + depth * np.log(DARK_SKIN)) * rng.normal(1, 0.05, 3)
    lip = skin * rng.uniform([0.60, 0.32, 0.38], [0.95, 0.65, 0.75])
    return {
        **LOOKS,
        "skin_tone": skin.clip(0.01, 0.9),
        "lip_tone": lip,
        "hair_tone": np.array(HAIR[rng.integers(len(HAIR))]) * rng.uniform(0.7, 1.3),
        "iris_tone": np.array(IRIS[rng.integers(len(IRIS))]) * rng.uniform(0.7, 1.3),
        "shirt_tone": rng.uniform(0.02, 0.6, 3),
        "detail": (1.0,),
    }


def row(rng: np.random.Generator) -> dict[str, float]:
    """An expression with a head pose."""
    values = dict.fromkeys((*BLENDSHAPES, *HEAD), 0.0)

    def put(controls: dict[str, float], strength: float) -> None:
        for name, value in controls.items():
            for full in performance.sides(name):
                values[full] = float(np.clip(values[full] + strength * value, 0, 1))

    if rng.random() < 0.65:  # speaking
        for _ in range(rng.integers(1, 3)):
            put(performance.VISEMES[rng.choice(list("aiueom"))], rng.uniform(0.4, 1.2))
    kind = rng.random()
    if kind < 0.3:
        put({"mouthSmile": 1.0, "cheekSquint": 0.4, "mouthUpperUp": rng.uniform(0, 0.6),
             "mouthLowerDown": rng.uniform(0, 0.4), "jawOpen": rng.uniform(0, 0.6)}, rng.uniform(0.3, 1))  # fmt: skip
    elif kind < 0.45:
        put({"jawOpen": 1.0}, rng.uniform(0.2, 1))
    elif kind < 0.75:
        names = [n for n in BLENDSHAPES if n.startswith(("mouth", "jaw", "cheek"))]
        for name in rng.choice(names, rng.integers(1, 4), replace=False):
            values[name] = float(rng.uniform(0.3, 1))
            if rng.random() < 0.6:
                twin = name.replace("Left", "*").replace("Right", "Left").replace("*", "Right")
                values[twin] = values[name]
    if rng.random() < 0.4:
        put({"eyeBlink": 1.0}, rng.choice([1.0, rng.uniform(0.2, 1)]))
    elif rng.random() < 0.6:
        for gesture in (performance.look(0, 0, *rng.uniform(-0.9, 0.9, 2)),):
            put(gesture.controls, 1.0)
    if rng.random() < 0.4:
        name = rng.choice(["browInnerUp", "browOuterUp", "browDown", "eyeWide", "eyeSquint"])
        put({str(name): 1.0}, rng.uniform(0.3, 1))
    for name, angle in zip(HEAD, rng.normal(0, np.radians([9, 5, 4])), strict=True):
        values[name] = float(np.clip(angle, -0.4, 0.4))
    return values


def make(base: Person, known: set[str], seed: int, frames: int, finder: FaceFinder, say: Any) -> Pairs | None:
    """One person's pairs; None where MediaPipe does not see the face."""
    rng = np.random.default_rng(seed)
    field = 2 * math.atan(math.tan(FIELD / 2) * SIZE / 448)
    actor = Actor(SIZE, 2, relative(base, identity(rng, known)), hair=False, field=field)
    actor.renderer.dress(looks(rng))
    actor.renderer.light(KEY + rng.normal(0, 0.45, 3), FILL + rng.normal(0, 0.3, 3))
    still = actor.picture({})
    faces = finder.find(still)
    if not faces:
        return None
    rgba = np.dstack([still, np.full(still.shape[:2], 255, np.uint8)])
    rig, sheet, move = build_rig(Picture(rgba, False), finder, faces[0], None)
    pairs = Pairs()
    pairs.add_source(rig, sheet)
    rested = FaceRetargeter()
    for i in range(90):
        rested.retarget(faces[0], i / 30)
    for _ in range(frames):
        picture = actor.picture(row(rng))
        found = finder.find(picture)
        if not found:
            continue
        retargeter = copy.deepcopy(
            rested
        )  # nothing of the last frame is left, and lids and gaze have arrived
        for k in range(6):
            expression = retargeter.retarget(found[0], 3 + 0.1 * k)
        points = found[0].landmarks[:, :2] @ move[:, :2].T + move[:, 2]
        true = cv2.warpAffine(
            picture, move, (512, 512), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
        )
        # Teeth of the model lie in shade, and a refiner that saw them painted real ones grey.
        pairs.add(expression, points, true, own_mouth=bool(expression.controls[INDEX["tongueOut"]] > 0.1))
    actor.renderer.gl.release()
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help=tr("face_landmarker.task", "face_landmarker.task"))
    parser.add_argument("--output", type=Path, default=Path("pairs"), help=tr("folder", "文件夹"))
    parser.add_argument("--people", type=int, default=24, help=tr("how many people", "人数"))
    parser.add_argument("--frames", type=int, default=48, help=tr("frames of each", "每人帧数"))
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    cv2.setNumThreads(1)
    from driver.mesh import data_folder

    a.output.mkdir(parents=True, exist_ok=True)
    base = load_person()
    root = data_folder()
    known = {
        str(p.relative_to(root)).replace("\\", "/").removesuffix(".target.gz")
        for p in (root / "mpfb2/targets").rglob("*.target.gz")
    }
    with closing(FaceFinder(find_model(a.model))) as finder:
        for i in range(a.people):
            path = a.output / f"person-{a.seed}-{i:03d}.npz"
            if path.exists():
                continue
            pairs = make(
                base, known, zlib.crc32(f"{a.seed}/{i}".encode()), a.frames, finder, lambda line: None
            )
            count = 0 if pairs is None else len(pairs)
            if pairs is not None and count:
                pairs.save(path)
            print(f"{path.name}: {count} of {a.frames} frames", flush=True)


if __name__ == "__main__":
    main()
