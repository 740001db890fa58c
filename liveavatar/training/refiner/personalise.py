"""From a person's own video to a portrait that moves and looks like them: `liveavatar refine`.

First the manner: where the person's face goes, for each control, otherwise than the mesh does (ridge regression on the tracked
points). Then the refiner is trained on the crops of that better warp. Nothing of the video is kept but these numbers.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.trial import require_tried
from liveavatar.base.files import asset
from liveavatar.base.folders import workspace
from liveavatar.cameras import open_camera
from liveavatar.errors import AvatarError, TrainingError
from liveavatar.language import tr
from liveavatar.portrait.package import seal
from liveavatar.renderers.package import read_rgba
from liveavatar.renderers.portrait import motion
from liveavatar.renderers.portrait.rig import HABITS, LANDMARKS, PortraitRig, read_rig
from liveavatar.renderers.portrait.topology import EYES
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers import open_tracker
from liveavatar.training.refiner.lesson import Lesson, judge
from liveavatar.training.refiner.networks import Refiner
from liveavatar.training.refiner.onnx import read_onnx, write_onnx
from liveavatar.training.refiner.pairs import Pairs, similarity
from liveavatar.types import Expression, Face, Frame

SHORTEST_S, LONGEST_S = 4.0, 30.0
"""Seconds with a face that a video must have; what comes after the longest is not used."""
HELD_OUT = 0.15
"""Share of the video, its end, that only judges."""
RIDGE = 0.03
"""Penalty on the manner, as a share of the number of frames."""
STEPS, BATCH, RATE = 240, 8, 1.5e-3
SHARED = asset("refiner.onnx")
"""The network that all begin with; trained by scripts/train_refiner.py."""
FACE = 220.0
"""Pixels that a kept face is high at most."""


@dataclass(frozen=True)
class Shot:
    """One frame of the person."""

    expression: Expression
    landmarks: np.ndarray
    """(478, 2) float32, pixels of the picture."""
    picture: np.ndarray
    """(h, w, 3) uint8: the face and a little round it."""


def shot(frame: Frame, face: Face, expression: Expression) -> Shot:
    """The face cut out of its frame."""
    points = face.landmarks[:, :2].astype(np.float64)
    size = np.ptp(points, axis=0)
    low, high = points.min(0) - 0.3 * size, points.max(0) + 0.3 * size
    scale = min(1.0, FACE / max(float(np.linalg.norm(points[10] - points[152])), 1.0))
    move = np.array([[scale, 0, -scale * low[0]], [0, scale, -scale * low[1]]])
    w, h = np.ceil((high - low) * scale).astype(int).tolist()
    picture = cv2.warpAffine(frame.image, move, (w, h), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return Shot(expression, (points * scale + move[:, 2]).astype(np.float32), picture)


def watch(video: Path, model: Path, avatar: Avatar, progress: Callable[[float], None]) -> list[Shot]:
    """The shots of a video. progress: told the position in seconds. Raises CameraError, TrackerError, and TrainingError
    where too little of a face is seen."""
    retargeter = FaceRetargeter(head_range={n: min(-a, b) for n, (a, b) in avatar.head_range.items()})
    shots: list[Shot] = []
    shown = last = 0.0
    camera = open_camera(str(video), paced=False)
    with closing(open_tracker("mediapipe", model)) as tracker:
        for frame in camera:
            if frame.time > LONGEST_S:
                break
            face = tracker.track(frame)
            expression = retargeter.retarget(face, frame.time)
            if face is not None:
                shots.append(shot(frame, face, expression))
                shown += min(frame.time - last, 0.2)
            last = frame.time
            progress(frame.time)
    if shown < SHORTEST_S:
        reason = (
            tr("no face was found", "没有找到人脸")
            if not shots
            else tr(f"a face is seen for {shown:.1f} s", f"只有 {shown:.1f} 秒能看到人脸")
        )
        raise TrainingError(
            tr(
                f"{video.name}: {reason}; at least {SHORTEST_S:.0f} s are needed, 10 to 20 s are good: speak, smile, blink, look "
                "about, turn the head.",
                f"{video.name}：{reason}；至少需要 {SHORTEST_S:.0f} 秒，10 到 20 秒为佳：请说话、微笑、眨眼、四处看、转头。",
            )
        )
    return shots


def manner_of(rig: PortraitRig, shots: list[Shot]) -> np.ndarray:
    """(54, 478, 2) float32: see PortraitRig.manner. Lids and irises have none: eyes are painted, not moved."""
    rig = replace(rig, manner=np.zeros((0, LANDMARKS, 2), np.float32))
    told, missed = [], []
    for s in shots:
        controls = motion.clipped(s.expression.controls)
        moved = motion.turned(rig, motion.expressed(rig, s.expression, controls), controls)[:LANDMARKS]
        move = similarity(s.landmarks[:468], moved[:468, :2])
        there = s.landmarks @ move[:, :2].T + move[:, 2]
        told.append(controls[: len(HABITS)])
        missed.append(motion.unturned(rig, there - moved[:, :2], controls))
    a, b = np.array(told, np.float64), np.array(missed, np.float64).reshape(len(shots), -1)
    solved = np.linalg.solve(a.T @ a + RIDGE * len(a) * np.eye(a.shape[1]), a.T @ b)
    manner = solved.reshape(len(HABITS), LANDMARKS, 2)
    for eye in EYES.values():
        for part in ("upper", "lower", "iris"):
            manner[:, eye[part]] = 0
    return np.clip(manner, -0.3, 0.3).astype(np.float32)


def residual(rig: PortraitRig, shots: list[Shot]) -> float:
    """Root mean square of what the rig's points miss of the tracked ones, in face heights."""
    total = []
    for s in shots:
        controls = motion.clipped(s.expression.controls)
        moved = motion.turned(rig, motion.expressed(rig, s.expression, controls), controls)[:468, :2]
        move = similarity(s.landmarks[:468], moved)
        total.append((((s.landmarks[:468] @ move[:, :2].T + move[:, 2]) - moved) ** 2).sum(1).mean())
    return float(np.sqrt(np.mean(total)) / float(rig.height))


def collect(rig: PortraitRig, texture: np.ndarray, shots: list[Shot]) -> Pairs:
    """The crops of the shots, as this rig draws them and as they were."""
    pairs = Pairs()
    pairs.add_source(rig, texture)
    for s in shots:
        pairs.add(s.expression, s.landmarks, s.picture)
    pairs.close()
    return pairs


def match(pairs: list[Pairs]) -> None:
    """Bring the truth to the picture's light, in place: the gain of each colour, where picture and video differ."""
    parts = [p for both in pairs for p in (both.mouth, both.eye)]
    means = [
        np.mean([getattr(p, kind).reshape(-1, 3).mean(0) for p in parts if len(p.of)], axis=0)
        for kind in ("warped", "true")
    ]
    gain = np.clip(means[0] / np.maximum(means[1], 1), 0.4, 2.5)
    if np.abs(gain - 1).max() > 0.05:
        for p in parts:
            p.true = np.clip(p.true * gain + 0.5, 0, 255).astype(np.uint8)


def specialise(
    rig: PortraitRig, texture: np.ndarray, shots: list[Shot], start: Refiner | None, progress: Callable[[int, int], None],
    steps: int = STEPS,
) -> tuple[PortraitRig, Refiner | None, dict[str, float]]:  # fmt: skip
    """The rig with the person's manner, their refiner, and figures on the video's end: what the points missed (face heights)
    and the crops' PSNR, before and after. What is no better is left out: the manner zero, the refiner None.

    start: the network to begin with. Raises TrainingError when the video does not show the face of the picture."""
    count = max(1, round(len(shots) * (1 - HELD_OUT)))
    learn, judges = shots[:count], shots[count:] or shots[-1:]
    personal = replace(rig, manner=manner_of(rig, learn))
    figures = {"points_missed_before": residual(rig, judges), "points_missed": residual(personal, judges)}
    if figures["points_missed"] >= figures["points_missed_before"]:
        personal = rig
    pairs = [collect(personal, texture, part) for part in (learn, judges)]
    if len(pairs[0]) < 0.5 * len(learn) or not len(pairs[1]):
        raise TrainingError(
            tr(
                "the video shows a face that moves quite otherwise than the avatar's. Give a video of the person in the picture, "
                "beginning with a calm look to the front.",
                "视频中的人脸与形象的动作相差过大。请使用图中人物本人的视频，开头正视镜头、表情平静。",
            )
        )
    match(pairs)
    lesson = Lesson(
        start or Refiner(), pairs[0], steps=steps, batch=BATCH, rate=RATE, adversarial=0.15, change=False
    )
    network = lesson.run(lambda step, total, record: progress(step, total))
    result = judge(network, pairs[1])
    figures |= {f"{name}_psnr": result[name] for name in ("mouth", "eye")}
    figures |= {f"{name}_psnr_before": result[f"{name}_warped"] for name in ("mouth", "eye")}
    better = result["mouth"] > result["mouth_warped"] and result["eye"] > result["eye_warped"]
    progress(steps, steps)
    return personal, network if better else None, {k: round(v, 4) for k, v in figures.items()}


def refine(
    avatar: Avatar, video: Path, model: Path, start: Path | None,
    watching: Callable[[float], None], training: Callable[[int, int], None], steps: int = STEPS,
) -> tuple[Avatar, dict[str, float]]:  # fmt: skip
    """Specialise a portrait to the person's own video and put it in the old one's place; the last moment is one renaming, so
    whatever stops this leaves the avatar as it was. Returns it as it loads, and the figures.

    start: ONNX file of the network to begin with. Raises AvatarError, CameraError, TrackerError, TrainingError."""
    require_tried(avatar)
    rig, texture = parts_of(avatar)
    shots = watch(video, model, avatar, watching)
    begin = read_onnx(start) if start is not None else None
    personal, network, figures = specialise(rig, texture, shots, begin, training, steps)
    if network is None and personal is rig:
        raise TrainingError(
            tr(
                f"nothing was learned from {video.name} that makes the avatar truer at the video's end; it stays as it was. "
                "Give a longer video in better light.",
                f"未能从 {video.name} 学到使形象更逼真的内容，形象保持不变。请提供更长、光线更好的视频。",
            )
        )
    try:
        with workspace(avatar.folder.parent) as work:
            for name in avatar.files:
                (work / name).write_bytes(avatar.read(name))
            (work / avatar.portrait.rig).write_bytes(personal.save())
            parts = replace(avatar.portrait, refiner="")
            if network is not None:
                write_onnx(network, work / "refiner.onnx")
                parts = replace(parts, refiner="refiner.onnx")
            else:
                (work / "refiner.onnx").unlink(missing_ok=True)
            about = {"frames": len(shots), **figures}
            draft = replace(avatar, folder=work, parts=parts)
            return seal(
                replace(draft, made_with={**avatar.made_with, "refined": about}), avatar.folder
            ), figures
    except OSError as error:
        raise _failed(avatar, error) from error


def parts_of(avatar: Avatar) -> tuple[PortraitRig, np.ndarray]:
    """PortraitRig and texture of a portrait that can be refined. Raises AvatarError for others."""
    if avatar.kind != "portrait":
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r} is no portrait (its kind is {avatar.kind!r}); refine works on those that "
                "`liveavatar create` made of a photo.",
                f"形象 {avatar.name!r} 不是照片形象（类型为 {avatar.kind!r}）；"
                "refine 只用于 `liveavatar create` 由照片制作的形象。",
            )
        )
    rig = read_rig(avatar.read(avatar.portrait.rig))
    if rig.drawn:
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r} is a drawing; a video of a person would take its style away.",
                f"形象 {avatar.name!r} 是绘画；真人视频会破坏它的画风。",
            )
        )
    return rig, read_rgba(avatar, avatar.portrait.sheet)


def _failed(avatar: Avatar, error: OSError) -> AvatarError:
    reason: Any = error.strerror or str(error)
    return AvatarError(
        tr(
            f"cannot write beside {avatar.folder}: {reason}. The avatar is as it was.",
            f"无法写入 {avatar.folder} 所在位置：{reason}。形象没有改动。",
        )
    )
