"""A portrait learns from its person's own video: `refine`. The package is replaced in one step at the end, or not at all; of the
video nothing is kept but the face's texture, as the dictionary of the avatar."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from liveavatar import __version__
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.trial import require_tried
from liveavatar.base.folders import workspace
from liveavatar.base.plain_text import plain
from liveavatar.cameras import open_camera
from liveavatar.errors import AvatarError, TrainingError
from liveavatar.fitting.own_look import fit_likeness, resemblance
from liveavatar.fitting.own_motion import Shot, shot, similarity
from liveavatar.language import tr
from liveavatar.portrait.package import seal
from liveavatar.renderers.package import read_rgba
from liveavatar.renderers.portrait.likeness import Likeness
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.renderers.portrait.rig import SIZE, PortraitRig, read_rig
from liveavatar.renderers.portrait.topology import LIPS_OUTER
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers import open_tracker
from liveavatar.trackers.pictures import FaceFinder

SHORTEST_S, LONGEST_S = 8.0, 60.0
"""Seconds with a face that a video must have; what comes after the longest is not used."""
KEPT = 12.0
"""Shots a second that are kept; all frames are tracked."""
HELD_OUT, JUDGED = 0.15, 40
"""Share of the video, its end, that judges what the rest taught; by so many shots at most."""
PROBE_S = 1.0
"""How often it is looked for other people."""
CROWDED = 0.1
"""Share of such looks that may show two people."""
DARK = 30.0
"""Mean level of 255 of a face that cannot be learned from."""
ALIKE = 0.25
"""Resemblance below which the user is told that these look like two people."""


@dataclass(frozen=True)
class Learned:
    """What came of it."""

    avatar: Avatar
    figures: dict[str, float]
    """PSNR of face and mouth on the video's end, which was not learned from, before and after, dB."""


def watch(video: Path, model: Path, avatar: Avatar, progress: Callable[[float], None]) -> list[Shot]:
    """The shots of a video. progress: told the position in seconds. Raises CameraError, TrackerError, and TrainingError where
    what is seen is of no use."""
    retargeter = FaceRetargeter(head_range=avatar.head_limits)
    shots: list[Shot] = []
    shown = last = 0.0
    kept = probed = -np.inf
    looks, crowds = 0, 0
    camera = open_camera(str(video), paced=False)
    with closing(open_tracker("mediapipe", model)) as tracker, closing(FaceFinder(model)) as finder:
        for frame in camera:
            if frame.time > LONGEST_S:
                break
            face = tracker.track(frame)
            expression = retargeter.retarget(face, frame.time)
            if face is not None:
                shown += min(frame.time - last, 0.2)
                if frame.time - kept >= 1 / KEPT - 1e-3:
                    shots.append(shot(frame, face, expression))
                    kept = frame.time
            if frame.time - probed >= PROBE_S:
                probed, looks = frame.time, looks + 1
                sizes = [float(np.ptp(f.landmarks[:, 1])) for f in finder.look(frame.image)]
                crowds += len(sizes) > 1 and sizes[1] > 0.5 * sizes[0]
            last = frame.time
            progress(frame.time)
    _require_use(video.name, shots, shown, crowds > CROWDED * looks)
    return shots


def _require_use(name: str, shots: list[Shot], shown: float, crowded: bool) -> None:
    """Raises TrainingError."""
    reason = None
    if not shots:
        reason = tr("no face was found", "没有找到人脸")
    elif crowded:
        reason = tr(
            "several people are in it; the avatar can learn from one alone",
            "其中有多人；形象只能向一个人学习",
        )
    elif shown < SHORTEST_S:
        reason = tr(f"a face is seen for {shown:.1f} s", f"只有 {shown:.1f} 秒能看到人脸")
    elif float(np.mean([s.picture.mean() for s in shots])) < DARK:
        reason = tr("it is too dark", "画面太暗")
    if reason is not None:
        raise TrainingError(
            tr(
                f"{name}: {reason}. Needed: {SHORTEST_S:.0f} to {LONGEST_S:.0f} s of one person in even light, who speaks, "
                "smiles, blinks, looks about and turns the head.",
                f"{name}：{reason}。需要：一个人 {SHORTEST_S:.0f} 到 {LONGEST_S:.0f} 秒、光线均匀的视频，其中说话、微笑、眨眼、"
                "四处看、转头。",
            )
        )


def judge(rig: PortraitRig, texture: np.ndarray, likeness: Likeness, shots: list[Shot]) -> dict[str, float]:
    """Mean PSNR against the shots, dB, of the box round the face's and the mouth's landmarks: as the picture is warped, and with
    the likeness. The truth is laid on the drawn face by a similarity of the landmarks."""
    figures: dict[str, float] = {}
    for suffix, puppet in (("_before", Puppet(rig, texture)), ("", Puppet(rig, texture, likeness=likeness))):
        rows = []
        for s in shots[:: max(1, len(shots) // JUDGED)]:
            drawn = puppet.warp(s.expression)
            move = similarity(s.landmarks[:468], drawn.points[:468, :2])
            true = cv2.warpAffine(
                s.picture, move, (SIZE, SIZE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
            )
            points = s.landmarks @ move[:, :2].T + move[:, 2]
            rows.append([_psnr(drawn.image, true, p) for p in (points[:468], points[LIPS_OUTER])])
        face, mouth = np.mean(rows, 0).tolist()
        figures |= {f"face_psnr{suffix}": round(face, 2), f"mouth_psnr{suffix}": round(mouth, 2)}
    return figures


def _psnr(drawn: np.ndarray, true: np.ndarray, points: np.ndarray) -> float:
    (x0, y0), (x1, y1) = (np.clip(f(0), 0, SIZE).astype(int) for f in (points.min, points.max))
    part = drawn[y0:y1, x0:x1].astype(np.float32)
    covered = part[..., 3:] / 255
    error = part[..., :3] - covered * true[y0:y1, x0:x1]
    return float(10 * np.log10(255**2 / max(float((error**2).mean()), 1e-9)))


def refine(
    avatar: Avatar, video: Path, model: Path, consent: str, say: Callable[[str], None],
    watching: Callable[[float], None], learning: Callable[[int, int], None],
) -> Learned:  # fmt: skip
    """Have a portrait learn from a video of its person and put it in the old one's place; the last moment is one renaming, so
    whatever stops this leaves the avatar as it was. Raises AvatarError, CameraError, TrackerError, TrainingError.

    consent: whose video it is and that they agreed, for the card."""
    require_tried(avatar)
    rig, texture = parts_of(avatar)
    shots = watch(video, model, avatar, watching)
    count = round(len(shots) * (1 - HELD_OUT))
    figures = judge(rig, texture, fit_likeness(rig, texture, shots[:count], learning), shots[count:])
    if figures["face_psnr"] <= figures["face_psnr_before"]:
        raise TrainingError(
            tr(
                f"nothing was learned from {video.name} that makes the avatar truer at the video's end; it stays as it was. "
                "Give a longer video in better light, of the person in the picture.",
                f"未能从 {video.name} 学到使形象更逼真的内容，形象保持不变。请提供图中人物本人更长、光线更好的视频。",
            )
        )
    likeness = fit_likeness(rig, texture, shots, learning)
    if resemblance(rig, texture, likeness) < ALIKE:
        say(
            tr(
                "WARNING: the face in the video hardly looks like the one in the picture. The avatar now has the video's; if "
                "that is another person, make it again with `liveavatar create`.",
                "警告：视频中的脸与图片中的不太像。形象现在采用视频中的脸；如果不是同一个人，请用 `liveavatar create` 重新制作。",
            )
        )
    try:
        with workspace(avatar.folder.parent) as work:
            for name in avatar.files:
                (work / name).write_bytes(avatar.read(name))
            (work / "refiner.onnx").unlink(missing_ok=True)
            (work / "likeness.npz").write_bytes(likeness.save())
            about = {"liveavatar": __version__, "shots": len(shots), **figures}
            draft = replace(
                avatar,
                folder=work,
                consent=plain(f"{avatar.consent}; {consent}"),
                parts=replace(avatar.portrait, refiner="", likeness="likeness.npz"),
                made_with={**avatar.made_with, "refined": about},
            )
            return Learned(seal(draft, avatar.folder), figures)
    except OSError as error:
        raise AvatarError(
            tr(
                f"cannot write beside {avatar.folder}: {error.strerror or error}. The avatar is as it was.",
                f"无法写入 {avatar.folder} 所在位置：{error.strerror or error}。形象没有改动。",
            )
        ) from error


def parts_of(avatar: Avatar) -> tuple[PortraitRig, np.ndarray]:
    """PortraitRig and texture of a portrait that can learn from a video. Raises AvatarError for others."""
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
