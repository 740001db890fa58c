"""A video of somebody who speaks, as numbers: what head, brows, eyes and smile do, and how it is said. No picture is kept."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from liveavatar.audio.prosody import Prosody
from liveavatar.cameras import open_camera
from liveavatar.controls import INDEX
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.media.libav import av
from liveavatar.retargeting.gestures import FRAMES
from liveavatar.retargeting.manner import CHANNELS, FPS, SpeechView
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers import open_tracker

SHORTEST_S, LONGEST_S = 8.0, 1800.0
"""Seconds of one video with a face and a sound."""
HEARING = 16_000
"""Samples a second."""
LATEST_S = 10.0
"""By which a sound may begin before the first picture, or after it."""
LEAST_SEEN = 0.8
"""Share of a video's pictures that have a face."""
SPOKEN = 0.1
"""Share of a video in which somebody speaks, at least."""


@dataclass(frozen=True)
class Recording:
    """One video, FPS frames a second."""

    name: str
    motion: np.ndarray
    """(T, len(CHANNELS)) float32: radians and controls, without the person's usual posture."""
    lids: np.ndarray
    """(T,) float32: the control eyeBlink, mean of both eyes."""
    speech: np.ndarray
    """(T, manner.HEARD) float32: see SpeechView."""
    prosody: np.ndarray
    """(n, 2): the same as gestures.FRAMES frames a second of audio.prosody."""

    def __len__(self) -> int:
        return len(self.motion)

    def part(self, start: int, end: int) -> "Recording":
        """These frames of it."""
        first, last = (round(k * FRAMES / FPS) for k in (start, end))
        return replace(
            self, motion=self.motion[start:end], lids=self.lids[start:end], speech=self.speech[start:end],
            prosody=self.prosody[first:last],
        )  # fmt: skip


def record(video: Path, model: Path, progress: Callable[[float], None] = lambda at: None) -> Recording:
    """Track and hear a video. progress: told the position in seconds. Raises CameraError, TrackerError, and TrainingError for
    what cannot teach."""
    view, prosody = SpeechView(), Prosody(HEARING).hear(_sound(video))
    view.hear(prosody)
    speech = view.frames()
    times, rows, seen = [], [], 0
    retargeter = FaceRetargeter()
    camera = open_camera(str(video), paced=False)
    with closing(open_tracker("mediapipe", model)) as tracker:
        for frame in camera:
            if frame.time > LONGEST_S:
                break
            face = tracker.track(frame)
            expression = retargeter.retarget(face, frame.time)
            seen += face is not None
            times.append(frame.time)
            rows.append(expression.controls)
            progress(frame.time)
    _require_use(video.name, times, seen, speech)
    at = np.arange(0, times[-1], 1 / FPS)
    at = at[: len(speech)]
    controls = np.array(rows, float)
    even = np.stack([np.interp(at, times, controls[:, k]) for k in range(controls.shape[1])], 1)
    motion = np.stack([channel(even, name) for name in CHANNELS], 1)
    motion -= np.median(motion, 0)
    lids = (even[:, INDEX["eyeBlinkLeft"]] + even[:, INDEX["eyeBlinkRight"]]) / 2
    whole = motion.astype(np.float32), lids.astype(np.float32), speech[: len(at)].astype(np.float32)
    return Recording(video.name, *whole, prosody).part(0, len(at))


def channel(controls: np.ndarray, name: str) -> np.ndarray:
    """(T,) of controls (T, n): one of CHANNELS."""
    if name == "gazeAcross":
        right = controls[:, INDEX["eyeLookOutLeft"]] + controls[:, INDEX["eyeLookInRight"]]
        left = controls[:, INDEX["eyeLookInLeft"]] + controls[:, INDEX["eyeLookOutRight"]]
        return (right - left) / 2
    if name == "gazeUp":
        up = controls[:, INDEX["eyeLookUpLeft"]] + controls[:, INDEX["eyeLookUpRight"]]
        down = controls[:, INDEX["eyeLookDownLeft"]] + controls[:, INDEX["eyeLookDownRight"]]
        return (up - down) / 2
    if name in INDEX:
        return controls[:, INDEX[name]]
    return (controls[:, INDEX[name + "Left"]] + controls[:, INDEX[name + "Right"]]) / 2


def _sound(video: Path) -> np.ndarray:
    """(n,) float32 at HEARING, from the first picture on. Raises TrainingError where there is none."""
    try:
        with av.open(str(video), metadata_errors="ignore") as container:
            mix = av.AudioResampler(format="flt", layout="mono", rate=HEARING)
            sound = container.streams.audio[0]
            late = min(max(_start(sound) - _start(container.streams.video[0]), -LATEST_S), LATEST_S)
            pieces = [np.zeros(max(round(late * HEARING), 0), np.float32)]
            for frame in container.decode(sound):
                if frame.time is not None and frame.time > LONGEST_S:
                    break
                frame.pts = None
                pieces += [piece.to_ndarray()[0] for piece in mix.resample(frame)]
    except (OSError, IndexError, ValueError, av.FFmpegError) as error:
        raise _useless(video.name, tr("it has no sound", "没有声音")) from error
    if len(pieces) == 1:
        raise _useless(video.name, tr("it has no sound", "没有声音"))
    clean: np.ndarray = np.nan_to_num(np.concatenate(pieces)).clip(-1, 1).astype(np.float32)
    return clean[max(round(-late * HEARING), 0) :]


def _start(stream: "av.stream.Stream") -> float:
    """Seconds at which a stream of a file begins."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def _require_use(name: str, times: list[float], seen: int, speech: np.ndarray) -> None:
    """Raises TrainingError."""
    if not times or seen < LEAST_SEEN * len(times):
        share = 100 * seen / max(len(times), 1)
        raise _useless(
            name, tr(f"a face is seen in {share:.0f} % of it", f"只有 {share:.0f} % 的画面能看到人脸")
        )
    if min(times[-1], len(speech) / FPS) < SHORTEST_S:
        raise _useless(name, tr(f"it is {times[-1]:.1f} s long", f"只有 {times[-1]:.1f} 秒"))
    if (speech[:, 0] > 0.5).mean() < SPOKEN:
        raise _useless(name, tr("hardly anybody speaks in it", "几乎没有人说话"))


def _useless(name: str, reason: str) -> TrainingError:
    return TrainingError(
        tr(
            f"{name}: {reason}. Needed: videos of you, speaking, your face seen, {SHORTEST_S:.0f} s or longer each; "
            "some minutes in all are better.",
            f"{name}：{reason}。需要：你本人说话、能看到脸的视频，每段至少 {SHORTEST_S:.0f} 秒；总共几分钟更好。",
        )
    )
