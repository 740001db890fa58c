"""Measures a shipped avatar, through the live renderer, against the teacher's frame for the same expression.

Conditions are the held-out set, or those tracked from a real clip (the head's place in the frame is left out: it
moves teacher and avatar alike).
"""

import multiprocessing
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import write_card
from liveavatar.base.timing import now
from liveavatar.cameras import open_camera
from liveavatar.controls import INDEX
from liveavatar.errors import TrainingError
from liveavatar.fitting import metrics
from liveavatar.fitting.sampling import held_out
from liveavatar.language import tr
from liveavatar.renderers import open_renderer
from liveavatar.rigs import open_rig
from liveavatar.training.dataset import BOXES, Dataset, open_dataset, render_missing
from liveavatar.types import Expression

CROPS = ("eye_left", "eye_right", "mouth")


def tracked_conditions(clip: Path, every: int = 1) -> np.ndarray:
    """Conditions of a clip as the live program sees them: (N, len(CONTROLS)) float32, each `every`-th tracked frame."""
    from liveavatar.retargeting.retargeter import FaceRetargeter
    from liveavatar.trackers import open_tracker
    from liveavatar.trackers.model_files import find_model

    rows = []
    retargeter = FaceRetargeter()
    with (
        closing(open_camera(str(clip), paced=False)) as camera,
        closing(open_tracker("mediapipe", find_model())) as tracker,
    ):
        for frame in camera:
            face = tracker.track(frame)
            expression = retargeter.retarget(face, frame.time)
            if face is not None and frame.index % every == 0:
                rows.append(expression.controls)
    if not rows:
        raise TrainingError(
            tr(
                f"no face was found in {clip}; give a clip with a face.",
                f"{clip} 中没有找到人脸；请提供有人脸的视频。",
            )
        )
    return np.stack(rows).astype(np.float32)


def teacher_data(
    avatar: Avatar, rig_name: str, conditions: np.ndarray, workers: int, progress: Callable[[int, int], None]
) -> Dataset:
    """The teacher's frames for these conditions, inside the avatar's trained ranges; cached."""
    conditions = conditions.copy()
    low, high = avatar.limits
    kept = np.zeros_like(conditions)
    kept[:, avatar.indices] = np.clip(conditions[:, avatar.indices], low, high)
    data = open_dataset(rig_name, kept, avatar.size[0])
    render_missing(data, rig_name, workers, progress)
    return data


def evaluate(
    avatar: Avatar,
    clip: Path | None = None,
    every: int = 1,
    workers: int = 2,
    samples: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    count: int | None = None,
) -> dict[str, Any]:
    """The measures of docs/metrics.md as one dict, with the renderer's median time.

    samples: also write a PNG of the worst, middling and best frames, the teacher's above.
    count: only the first so many held-out conditions.

    Raises TrainingError if the avatar was not made from a rig, or no face is in the clip."""
    rig_name = str(avatar.made_with.get("options", {}).get("rig", ""))
    if not rig_name:
        raise TrainingError(
            tr(
                f"avatar {avatar.name!r} names no rig to compare with; only avatars trained from a rig can be evaluated.",
                f"形象 {avatar.name!r} 没有对应的 rig；只能评估由 rig 训练的形象。",
            )
        )
    open_rig(rig_name)
    conditions = held_out()[:count] if clip is None else tracked_conditions(clip, every)
    data = teacher_data(avatar, rig_name, conditions, workers, progress)
    renderer = open_renderer(avatar, "cpu")
    frame, head, crops, sharp, similar, spent = [], [], [], [], [], []
    for row in range(len(data)):
        started = now()
        picture = renderer.render(Expression(data.conditions[row], 0.0)).image
        spent.append(1e3 * (now() - started))
        truth_rgba = np.asarray(data.frames[row])
        ours, truth = metrics.over_grey(picture), metrics.over_grey(truth_rgba)
        boxes = dict(zip(BOXES, data.boxes[row], strict=True))
        frame.append(metrics.psnr(ours, truth))
        opaque = metrics.crop(truth_rgba[..., 3] > 250, boxes["head"])
        a, b = metrics.crop(ours, boxes["head"]), metrics.crop(truth, boxes["head"])
        head.append(metrics.psnr(a, b, opaque))
        similar.append(metrics.ssim(a, b))
        sharp.append(metrics.gradient_energy(a) / metrics.gradient_energy(b))
        crops.append(
            [metrics.psnr(metrics.crop(ours, boxes[n]), metrics.crop(truth, boxes[n])) for n in CROPS]
        )
    renderer.close()
    per_crop = np.array(crops)
    if samples:
        _write_samples(samples, avatar, data, per_crop.mean(1))
    return {
        "psnr": {
            "frame": _db(frame), "head": _db(head), "crops": _db(per_crop.mean(1)),
            "crops_worst": round(float(per_crop.mean(1).min()), 2),
            **{n: _db(per_crop[:, i]) for i, n in enumerate(CROPS)},
        },
        "ssim_head": round(float(np.mean(similar)), 4),
        "sharpness": round(float(np.mean(sharp)), 4),
        "render_ms": round(float(np.median(spent)), 2),
        "n": len(data),
        "conditions": "held-out" if clip is None else clip.name,
        "avatar": avatar.name,
        "yaw_range": [round(float(f(data.conditions[:, INDEX["headYaw"]])), 3) for f in (np.min, np.max)],
    }  # fmt: skip


def _db(values: Any) -> float:
    return round(float(np.mean(values)), 2)


def _write_samples(path: Path, avatar: Avatar, data: Dataset, quality: np.ndarray) -> None:
    """Three best, three middling and six worst frames: teacher above, avatar below."""
    from liveavatar.training.report import write_png

    order = np.argsort(quality)
    middle = len(order) // 2
    rows = [*order[:6], *order[middle : middle + 3], *order[-3:]]
    renderer = open_renderer(avatar, "cpu")
    top, bottom = [], []
    for row in rows:
        pictures = renderer.render(Expression(data.conditions[row], 0.0)).image, np.asarray(data.frames[row])
        ours, truth = (metrics.over_grey(picture).clip(0, 255).astype(np.uint8) for picture in pictures)
        text = f"{quality[row]:.1f} dB"
        cv2.putText(ours, text, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2, cv2.LINE_AA)
        top.append(truth)
        bottom.append(ours)
    half = len(rows) // 2
    strips = [
        np.hstack(top[:half]),
        np.hstack(bottom[:half]),
        np.hstack(top[half:]),
        np.hstack(bottom[half:]),
    ]
    renderer.close()
    write_png(path, np.vstack(strips))


def save_figures(avatar: Avatar, result: dict[str, Any]) -> None:
    """Write the measures into the avatar's card, under the name of their conditions."""
    write_card(replace(avatar, figures={**avatar.figures, result["conditions"]: result}), avatar.folder)


def default_workers() -> int:
    """One process per core."""
    return max(1, multiprocessing.cpu_count())
