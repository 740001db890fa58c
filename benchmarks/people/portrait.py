"""Measures avatars made from one picture: how true they are to a film of the same person, and what of a driver arrives.

    python benchmarks/people/portrait.py --clips A.mp4 B.mp4 --pictures 1.jpg 2.jpg [--json]

Self-reenactment: an avatar of the clip's first frame is driven by the clip and compared with it in the face's box
(MediaPipe's landmarks of the true frame), beside a copy of the first frame. Mouth: the lips' box, a third wider. The
head's place in the film's frame is fitted to its rigid landmarks: the live line stands the bust on the bottom edge instead.
Refined: the same, in the same run, after `liveavatar refine` has learned from the first two thirds of the clip (--refine); then
only the last third judges, warped and refined alike. There the person's own video is what is learned from, by design.
Transfer: each picture driven by each clip; the driver's raw blendshapes against those tracked again on the output.
Both go through the live line's retargeter. Ends with one JSON line.
"""

import argparse
import json
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from liveavatar.base import provenance
from liveavatar.cameras import open_camera
from liveavatar.controls import BLENDSHAPES, INDEX
from liveavatar.fitting.own_look import fit_likeness
from liveavatar.fitting.own_motion import shot
from liveavatar.media.picture import Picture
from liveavatar.portrait.create import create
from liveavatar.portrait.figure import build_rig
from liveavatar.portrait.request import Request
from liveavatar.renderers.placement import Placement
from liveavatar.renderers.portrait.refiner import RefinerSession
from liveavatar.renderers.portrait.renderer import PortraitRenderer, Puppet
from liveavatar.renderers.portrait.topology import LIPS_OUTER
from liveavatar.retargeting.landmarks import RIGID, angles, rotation
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers import open_tracker
from liveavatar.trackers.model_files import find_model
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.types import Expression, Face, Frame

B = {name: i for i, name in enumerate(BLENDSHAPES)}
GREY = 128


@dataclass(frozen=True)
class Driven:
    """One frame of a clip."""

    frame: Frame
    face: Face
    expression: Expression


def follow(clip: Path, model: Path) -> list[Driven]:
    """Every frame in which a face was tracked."""
    retargeter = FaceRetargeter()
    found = []
    with closing(open_tracker("mediapipe", model)) as tracker:
        for frame in open_camera(str(clip), paced=False):
            face = tracker.track(frame)
            expression = retargeter.retarget(face, frame.time)
            if face is not None:
                found.append(Driven(frame, face, expression))
    return found


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(float(((a.astype(float) - b) ** 2).mean()), 1e-9)))


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Of luminance, Gaussian window with sigma 1.5: Wang et al., IEEE TIP 13 (4), 2004."""
    x, y = (cv2.cvtColor(v.astype(np.uint8), cv2.COLOR_RGB2GRAY).astype(float) for v in (a, b))

    def mean(v: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(v, (11, 11), 1.5)

    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float((((2 * mx * my + c1) * (2 * cov + c2)) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean())


def box_of(points: np.ndarray, grow: float = 0.0) -> tuple[slice, slice]:
    low, high = points.min(0), points.max(0)
    low, high = low - grow * (high - low), high + grow * (high - low)
    x0, y0 = np.clip(np.floor(low).astype(int), 0, 511)
    x1, y1 = np.clip(np.ceil(high).astype(int), x0 + 1, 512)
    return slice(y0, y1), slice(x0, x1)


def over_grey(rgba: np.ndarray) -> np.ndarray:
    rest = 255 - rgba[..., 3:].astype(np.float32)
    return (rgba[..., :3] + rest * (GREY / 255)).clip(0, 255)


def fitted(points: np.ndarray, target: np.ndarray) -> tuple[float, float, float]:
    """Zoom and shift that put the rigid landmarks onto the target's: where the head is in the film's frame, which the live
    line does not ask for (there, the bust stands on the picture's bottom edge)."""
    weight = 1 / len(RIGID)
    a, b = points[RIGID].astype(float), target[RIGID].astype(float)
    middle_a, middle_b = (weight * a).sum(0), (weight * b).sum(0)
    zoom = float((weight * (a - middle_a) * (b - middle_b)).sum() / (weight * (a - middle_a) ** 2).sum())
    return (zoom, *(middle_b / zoom - middle_a).tolist())


LEARNED = 2 / 3
"""Share of a clip that a refined avatar learns from; the rest judges."""


def reenact(
    clip: Path,
    driven: list[Driven],
    finder: FaceFinder,
    every: int,
    refiner: Path | None = None,
    refined: bool = False,
    sheet: Path | None = None,
) -> dict[str, Any]:
    """refiner: shared network, shown beside the warp. refined: learn from the clip's beginning; its end judges. sheet: a picture
    of judged frames, each way beside the truth."""
    first = driven[0]
    rgba = np.dstack([first.frame.image, np.full(first.frame.image.shape[:2], 255, np.uint8)])
    rig, texture, move = build_rig(Picture(rgba, False), finder, finder.find(first.frame.image)[0], None)
    ways = {"warp": Puppet(rig, texture)}
    if refiner is not None:
        ways["shared"] = Puppet(rig, texture, None, RefinerSession(refiner, rig, texture))
    judges, spent = driven[every::every], 0.0
    if refined:
        count = round(LEARNED * len(driven))
        start = time.perf_counter()
        shots = [shot(d.frame, d.face, d.expression) for d in driven[:count]]
        likeness = fit_likeness(rig, texture, shots, lambda done, of: None)
        judges, spent = driven[count::every], time.perf_counter() - start
        ways["refined"] = Puppet(rig, texture, likeness=likeness)
    rows: dict[str, list[list[float]]] = {way: [] for way in (*ways, "copy")}
    times: dict[str, list[float]] = {way: [] for way in ways}
    shown = []
    for d in judges:
        points = d.face.landmarks[:, :2] @ move[:, :2].T + move[:, 2]
        true, still = (
            cv2.warpAffine(f.image, move, (512, 512), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
            for f in (d.frame, first.frame)
        )
        pictures = {}
        for way, puppet in ways.items():
            place = Placement(*fitted(puppet.moved(d.expression)[:, :2], points))
            start = time.perf_counter()
            image = puppet.warp(d.expression, place).image
            times[way].append(time.perf_counter() - start)
            pictures[way] = over_grey(image)
        face, mouth = box_of(points), box_of(points[LIPS_OUTER], 0.17)
        for way, a in {**pictures, "copy": still}.items():
            rows[way].append([f(a[box], true[box]) for box in (face, mouth) for f in (psnr, ssim)]
                             + [edges(a[mouth]) / edges(true[mouth])])  # fmt: skip
        shown.append(np.hstack([a.astype(np.uint8) for a in (*pictures.values(), true)]))
    if sheet is not None:
        chosen = shown[:: max(1, len(shown) // 6)][:6]
        cv2.imwrite(str(sheet / f"{clip.stem}.png"), cv2.cvtColor(np.vstack(chosen), cv2.COLOR_RGB2BGR))
    names = ("face_psnr", "face_ssim", "mouth_psnr", "mouth_ssim", "mouth_sharpness")
    return {
        "clip": clip.name, "frames": len(judges), "learning_s": round(spent, 1),
        **{way: dict(zip(names, np.mean(r, 0).round(3).tolist(), strict=True)) for way, r in rows.items()},
        "render_ms": {way: round(1000 * float(np.median(t)), 2) for way, t in times.items()},
    }  # fmt: skip


def edges(picture: np.ndarray) -> float:
    """Energy of a picture's slopes."""
    grey = cv2.cvtColor(picture.astype(np.uint8), cv2.COLOR_RGB2GRAY).astype(float)
    return float((np.diff(grey, axis=0) ** 2).mean() + (np.diff(grey, axis=1) ** 2).mean())


GROUPS: dict[str, tuple[dict[str, float], ...]] = {
    "blink": ({"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5},),
    "jawOpen": ({"jawOpen": 1},),
    "smile": ({"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5},),
    "browUp": ({"browInnerUp": 0.34, "browOuterUpLeft": 0.33, "browOuterUpRight": 0.33},),
    "browDown": ({"browDownLeft": 0.5, "browDownRight": 0.5},),
    "gazeH": (
        {"eyeLookOutLeft": 0.5, "eyeLookInRight": 0.5, "eyeLookInLeft": -0.5, "eyeLookOutRight": -0.5},
    ),
    "gazeV": (
        {"eyeLookUpLeft": 0.5, "eyeLookUpRight": 0.5, "eyeLookDownLeft": -0.5, "eyeLookDownRight": -0.5},
    ),
    "pucker": ({"mouthPucker": 1},),
    "funnel": ({"mouthFunnel": 1},),
}


def signals(face: Face) -> np.ndarray:
    return np.array([sum(w * face.blendshapes[B[n]] for n, w in g[0].items()) for g in GROUPS.values()])


def transfer(
    driven: list[Driven], renderer: PortraitRenderer, finder: FaceFinder, every: int
) -> list[tuple[np.ndarray, ...]]:
    """Per frame: the driver's signals, the output's, the driver's angles, the output's."""
    rest = finder.find(
        over_grey(renderer.render(Expression(np.zeros(len(INDEX), np.float32), 0.0)).image).astype(np.uint8)
    )
    if not rest:
        return []
    base_in, base_out = angles(rotation(driven[0].face)), angles(rotation(rest[0]))
    rows: list[tuple[np.ndarray, ...]] = []
    for d in driven[::every]:
        shown = finder.find(
            over_grey(renderer.render(replace(d.expression, x=0.0, y=0.0, scale=1.0)).image).astype(np.uint8)
        )
        if shown:
            rows.append((signals(d.face), signals(shown[0]), angles(rotation(d.face)) - base_in,
                         angles(rotation(shown[0])) - base_out))  # fmt: skip
    return rows


def summarise(clips: list[list[tuple[np.ndarray, ...]]]) -> dict[str, tuple[float, float]]:
    """Of one picture, by control: the correlation, mean over the clips in which the driver uses the control (deviation over
    .05), and the slope (output over driver) over all clips, each about its own median. For the head's angles: mean error
    in degrees and slope."""
    parts: list[list[np.ndarray]] = [[], [], [], []]
    for rows in clips:
        for part, values in zip(parts, zip(*rows, strict=True), strict=True):
            part.append(np.array(values) - np.median(values, axis=0))
    driver, output, turned, shown = (np.concatenate(part) for part in parts)
    result = {}
    for i, name in enumerate(GROUPS):
        pairs = [(x[:, i], y[:, i]) for x, y in zip(parts[0], parts[1], strict=True)]
        used = [float(np.corrcoef(x, y)[0, 1]) for x, y in pairs if x.std() > 0.05 and y.std() > 0]
        slope = float(np.polyfit(driver[:, i], output[:, i], 1)[0])
        result[name] = (float(np.mean(used)) if used else 0.0, slope)
    for k, name in enumerate(("yaw", "pitch", "roll")):
        x, y = np.degrees(turned[:, k]), np.degrees(shown[:, k])
        result[name] = (float(np.abs(x - y).mean()), float(np.polyfit(x, y, 1)[0]))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=Path, nargs="+", required=True)
    parser.add_argument("--pictures", type=Path, nargs="*", default=[])
    parser.add_argument("--every", type=int, default=4, help="take each N-th frame")
    parser.add_argument("--refiner", type=Path, help="ONNX file of a shared refiner, to show beside the warp")
    parser.add_argument(
        "--refine", action="store_true", help="learn from two thirds of each clip, judge on the last"
    )
    parser.add_argument("--sheets", type=Path, help="folder for pictures of judged frames")
    parser.add_argument("--json", action="store_true", help="the JSON line only")
    a = parser.parse_args()
    model = find_model()
    clips = {clip: follow(clip, model) for clip in a.clips}
    report: dict[str, Any] = {"reenactment": [], "transfer": {}}

    def tell(*words: Any) -> None:
        if not a.json:
            print(*words, flush=True)

    with closing(FaceFinder(model)) as finder, TemporaryDirectory() as folder:
        for clip, driven in clips.items():
            every = max(1, min(a.every, len(driven) // 40))
            row = reenact(clip, driven, finder, every, a.refiner, a.refine, a.sheets)
            report["reenactment"].append(row)
            tell(row)
        found, times = [], []
        for picture in a.pictures:
            request = Request(picture, "x", "", output=Path(folder) / picture.stem)
            with closing(PortraitRenderer(create(request, model, lambda line: None))) as renderer:
                rows = []
                for driven in clips.values():
                    start = time.thread_time()
                    for d in driven[:40]:
                        renderer.render(d.expression)
                    times.append((time.thread_time() - start) / 40 * 1000)
                    rows.append(transfer(driven, renderer, finder, a.every))
                if all(rows):
                    found.append(summarise(rows))
                    shown = {k: tuple(round(v, 2) for v in p) for k, p in found[-1].items()}
                    tell(picture.name, sum(map(len, rows)), shown)
                else:
                    tell(picture.name, "no face is found in the avatar")
        if found:
            for name in found[0]:
                mean = [round(float(np.mean([p[name][k] for p in found])), 3) for k in (0, 1)]
                report["transfer"][name] = mean
                tell(f"{name:10}", *mean)
            report["render_thread_ms"] = round(float(np.median(times)), 2)
    report |= {
        "machine": provenance.machine(),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
