"""MediaPipe's FaceLandmarker on the CPU."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from liveavatar import models
from liveavatar.controls import BLENDSHAPES
from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.types import Face, Frame

APT_LINE = "apt-get install -y libegl1 libgles2 libgl1 libglib2.0-0"


class MediaPipeTracker:
    """One face, 478 landmarks, 51 blendshapes and the pose; about 6 ms a frame on one CPU core."""

    def __init__(self, model: Path | str | None = None) -> None:
        """model: path of face_landmarker.task; None looks in the usual places (never downloads).

        Raises TrackerError when the model is missing or wrong, or a system library is."""
        data = models.find_model(model).read_bytes()  # as bytes: mediapipe cannot open every non-ASCII path
        self._mediapipe = import_mediapipe()
        vision = self._mediapipe.tasks.vision
        options = vision.FaceLandmarkerOptions(
            base_options=self._mediapipe.tasks.BaseOptions(model_asset_buffer=data),
            running_mode=vision.RunningMode.VIDEO,
            num_faces=1,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        try:
            with quiet():
                self._landmarker = vision.FaceLandmarker.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            raise TrackerError(
                tr(f"MediaPipe does not start: {error}", f"MediaPipe 无法启动：{error}")
            ) from error
        self._stamp = -1

    def track(self, frame: Frame) -> Face | None:
        """The face in the frame, or None. Raises TrackerError when MediaPipe fails or after close()."""
        if self._landmarker is None:
            raise TrackerError(tr("the tracker is closed", "跟踪器已关闭"))
        # MediaPipe wants whole milliseconds that strictly increase; cameras may repeat a time.
        self._stamp = max(self._stamp + 1, round(frame.time * 1000))
        picture = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame.image)
        )
        try:
            result = self._landmarker.detect_for_video(picture, self._stamp)
        except (RuntimeError, ValueError) as error:
            raise TrackerError(tr(f"MediaPipe failed: {error}", f"MediaPipe 出错：{error}")) from error
        if not result.face_landmarks:
            return None
        return as_face(result, 0, frame)

    def close(self) -> None:
        """Release the model. Explicit: MediaPipe may hang when it is left to the interpreter's end."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()


def as_face(result: Any, index: int, frame: Frame) -> Face:
    """One face of a FaceLandmarkerResult."""
    height, width = frame.image.shape[:2]
    points = np.array([(p.x, p.y, p.z) for p in result.face_landmarks[index]], np.float32)
    points *= np.array([width, height, width], np.float32)  # MediaPipe gives z in widths
    categories = result.face_blendshapes[index]
    names = tuple(category.category_name for category in categories)
    scores = np.array([categories[i].score for i in _columns(names)], np.float32)
    pose = np.array(result.facial_transformation_matrixes[index], np.float32)
    return Face(points, scores.clip(0, 1), pose, (width, height), frame.time)


@cache
def _columns(names: tuple[str, ...]) -> list[int]:
    """Where each of BLENDSHAPES is among MediaPipe's names."""
    return [names.index(name) for name in BLENDSHAPES]


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps MediaPipe's native start-up notes, which no setting silences, off the terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


def import_mediapipe() -> ModuleType:
    """mediapipe, imported on use: it costs 1.6 s of CPU."""
    # Its audio half would open the sound system (PulseAudio, JACK) at import; it does without.
    sys.modules.setdefault("sounddevice", None)  # type: ignore[arg-type]
    # It draws with matplotlib, which nobody asks of it here: where a home takes no cache, no user need read of that.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    try:
        import mediapipe
        from mediapipe.tasks.python import vision  # noqa: F401  loads the system libraries
    except (ImportError, OSError) as error:
        raise TrackerError(
            tr(
                f"mediapipe cannot be loaded: {error}\nOn Debian or Ubuntu: {APT_LINE}",
                f"无法加载 mediapipe：{error}\n在 Debian 或 Ubuntu 上：{APT_LINE}",
            )
        ) from error
    return mediapipe
