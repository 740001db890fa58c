"""MediaPipe's FaceLandmarker as a library: imported on use, quiet, its pictures checked, its result as a Face."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from liveavatar.controls import BLENDSHAPES
from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.types import Face, Frame

APT_LINE = "apt-get install -y libegl1 libgles2 libgl1 libglib2.0-0"
LARGEST = 16_384
"""Pixels; the longest side of a picture that is looked at."""


def require_picture(image: np.ndarray) -> None:
    """Raises TrackerError for anything but an (H, W, 3) uint8 picture with pixels, and not too many."""
    fits = image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8
    if not fits or not image.size or max(image.shape) > LARGEST:
        raise TrackerError(
            tr(
                f"expected an RGB picture (height, width, 3) of bytes, {LARGEST} pixels wide or high at most; got "
                f"{image.shape} of {image.dtype}",
                f"需要 (高, 宽, 3) 的 RGB 图像，字节类型，宽高不超过 {LARGEST} 像素；得到 {image.shape}，{image.dtype}",
            )
        )


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


class _Later(ModuleType):
    """Stands for a module that is imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


@contextmanager
def _pyplot_later() -> Iterator[None]:
    """mediapipe imports matplotlib for one function that draws diagrams: two thirds of the second that its import takes."""
    if "matplotlib" in sys.modules:
        yield
        return
    pyplot, package = _Later("matplotlib.pyplot"), ModuleType("matplotlib")
    package.pyplot = pyplot  # type: ignore[attr-defined]
    stand_ins = {module.__name__: module for module in (package, pyplot)}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


@contextmanager
def _without_sound() -> Iterator[None]:
    """mediapipe's audio half would open the sound system (PulseAudio, JACK) at import; it does without. Microphones are opened
    by the same module, so it is hidden no longer than that."""
    if "mediapipe" in sys.modules or "sounddevice" in sys.modules:
        yield
        return
    sys.modules["sounddevice"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["sounddevice"]


def import_mediapipe() -> ModuleType:
    """mediapipe, imported on use: it costs .3 s of CPU."""
    try:
        with _pyplot_later(), _without_sound():
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
