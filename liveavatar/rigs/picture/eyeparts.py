"""Takes a picture's eye apart: masks of its parts, and the colours of what they hide, by a network that knows drawn eyes."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from liveavatar.base.files import asset
from liveavatar.rigs.picture.eyeframe import EyeFrame, EyeShape
from liveavatar.rigs.picture.eyeguide import CROP, guide

MASKS = ("front", "lash", "brow", "lines", "hole", "iris", "skin")
"""Hair and whatever else is before the eye; the upper lash, the brow, creases and lower lid's lines, as far as they are seen;
between the lids, the iris, the face's skin, each whole."""
COLOURS = ("skin", "white", "iris")
MODEL = asset("eyes.onnx")
_HIDDEN = 0.6
"""Share of an eye that hair covers from which on nobody would see it move."""
_SOME_HAIR, _HAIRY, _ALIKE = 0.2, 1.5, 0.6
"""Or at least this share, so many times the other's, and the two are correlated less than this: .73 to 1 where both are seen."""


@dataclass(frozen=True)
class Apart:
    """One eye, in the pixels of its crop."""

    shape: EyeShape
    """As the masks say."""
    masks: dict[str, np.ndarray]
    """(CROP, CROP) float32 in [0, 1]."""
    colours: dict[str, np.ndarray]
    """(CROP, CROP, 3) float32 in [0, 1]."""


@lru_cache(maxsize=1)
def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def take_apart(rgb: np.ndarray, shape: EyeShape, frame: EyeFrame, model: Path = MODEL) -> Apart:
    """rgb (CROP, CROP, 3) float32 in [0, 1], the frame's crop; shape in its pixels; model: the network's file."""
    given = np.concatenate([rgb.transpose(2, 0, 1), guide(shape)])[None].astype(np.float32)
    return read(_session(model).run(None, {"given": given})[0][0], shape, frame)


def covered(crops: dict[int, np.ndarray], parts: dict[int, Apart]) -> set[int]:
    """Which eyes of a face hair hides: where one has far more of it than the other and does not look like it, or has more than
    anything would be seen through. Both by side, crops (CROP, CROP, 3) float32 in [0, 1]."""
    maps = {side: guide(part.shape)[0] for side, part in parts.items()}
    hair = {
        side: float((part.masks["front"] * maps[side]).sum() / maps[side].sum())
        for side, part in parts.items()
    }
    least, most = sorted(hair, key=lambda side: hair[side])
    within = maps[least] * maps[most] > 0.5
    soft = {side: cv2.GaussianBlur(crop, (0, 0), 3)[within] for side, crop in crops.items()}
    alike = (
        min(_correlation(soft[least][:, k], soft[most][:, k]) for k in range(3)) if within.sum() > 50 else 1.0
    )
    unlike = alike < _ALIKE and hair[most] > max(_HAIRY * hair[least], _SOME_HAIR)
    return {side for side, share in hair.items() if share > _HIDDEN or (unlike and side == most)}


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / max(float(np.sqrt((a * a).sum() * (b * b).sum())), 1e-6))


def read(answer: np.ndarray, shape: EyeShape, frame: EyeFrame) -> Apart:
    """A network's answer (16, CROP, CROP) in [0, 1] to a shape."""
    masks = dict(zip(MASKS, answer[:7].astype(np.float32), strict=True))
    colours = {name: answer[7 + 3 * k : 10 + 3 * k].transpose(1, 2, 0) for k, name in enumerate(COLOURS)}
    return Apart(_mended(shape, masks, frame.per_unit), masks, colours)


def _mended(shape: EyeShape, masks: dict[str, np.ndarray], unit: float) -> EyeShape:
    """A shape of few points, drawn after the masks where they bear it out. unit: pixels."""
    hole, u0, u1 = masks["hole"], shape.upper[0, 0], shape.upper[-1, 0]
    x = np.arange(int(np.ceil(u0 - 4 * unit)), int(np.floor(u1 + 4 * unit)) + 1)
    x = x[(x >= 0) & (x < CROP)]
    near = _near(shape, unit)
    column = (hole * near)[:, x]
    seen = column.max(0) > 0.5
    polygon = guide(shape)[0]
    both = np.minimum(polygon, hole * near).sum() / max(np.maximum(polygon, hole * near).sum(), 1e-6)
    if seen.sum() < 20 or both < 0.45:
        return shape
    first, last = np.flatnonzero(seen)[[0, -1]]
    tall = column.sum(0)
    middle = (column * np.arange(CROP)[:, None]).sum(0) / np.maximum(tall, 1e-6)
    upper, lower = middle - tall / 2, middle + tall / 2
    inner, outer = (np.array([x[k], middle[k]]) for k in (first, last))
    # the mask's ends, where the points agree within reason; else the points'
    ends = [
        mask if np.hypot(*(mask - point)) < 9 * unit else point
        for mask, point in ((inner, shape.upper[0]), (outer, shape.upper[-1]))
    ]
    inside = x[first + 1 : last]
    at = np.linspace(ends[0][0], ends[1][0], 33)
    lines = []
    for edge in (upper[first + 1 : last], lower[first + 1 : last]):
        u = np.concatenate(
            [[ends[0][0] - 0.01], inside[(inside > ends[0][0]) & (inside < ends[1][0])], [ends[1][0] + 0.01]]
        )
        v = np.concatenate([[ends[0][1]], edge[(inside > ends[0][0]) & (inside < ends[1][0])], [ends[1][1]]])
        line = np.interp(at, u, v)
        line[1:-1] = _smooth(line)[1:-1]
        lines.append(np.stack([at, line], 1))
    return replace(shape, upper=lines[0], lower=lines[1], **_iris(masks["iris"] * near, shape))


def _near(shape: EyeShape, unit: float) -> np.ndarray:
    """1 round the eye, where the other eye is not."""
    y, x = np.mgrid[0:CROP, 0:CROP]
    middle = (shape.upper.mean(0) + shape.lower.mean(0)) / 2
    return np.asarray(
        ((np.abs(x - middle[0]) < 78 * unit) & (np.abs(y - middle[1]) < 62 * unit)).astype(np.float32)
    )


def _smooth(line: np.ndarray) -> np.ndarray:
    padded = np.concatenate([2 * line[0] - line[2:0:-1], line, 2 * line[-1] - line[-2:-4:-1]])
    return np.convolve(padded, (0.1, 0.22, 0.36, 0.22, 0.1), "valid")


def _iris(mask: np.ndarray, shape: EyeShape) -> dict[str, np.ndarray]:
    """Middle and radii of an iris, from its mask where that agrees with the points."""
    total = float(mask.sum())
    expected = float(np.pi * np.prod(shape.radii))
    if not 0.4 * expected < total < 2.2 * expected:
        return {}
    y, x = np.mgrid[0:CROP, 0:CROP]
    middle = np.array([(mask * x).sum(), (mask * y).sum()]) / total
    spread = np.array([(mask * (x - middle[0]) ** 2).sum(), (mask * (y - middle[1]) ** 2).sum()]) / total
    return {"iris": middle, "radii": 2 * np.sqrt(spread)}
