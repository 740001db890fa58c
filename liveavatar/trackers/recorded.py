"""A recording of faces in place of a tracker: the same faces on every machine, without the model."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.base.npz import NpzError, read_npz
from liveavatar.controls import BLENDSHAPES
from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.stages import Tracker
from liveavatar.types import Face, Frame

MAX_BYTES = 1 << 30
"""Of all arrays together: three hours."""
_FIELDS = ("landmarks", "blendshapes", "pose", "size", "time", "seen")


class RecordedTracker(Tracker):
    """Gives the recorded face of the frame with the same index; past the end, none."""

    def __init__(self, path: Path | str | None) -> None:
        """path: what save_faces wrote. Raises TrackerError when it is missing or something else."""
        if path is None:
            raise TrackerError(tr("the recorded tracker needs a recording", "recorded 跟踪器需要录制文件"))
        self._faces: list[Face | None] | None = load_faces(path)

    def track(self, frame: Frame) -> Face | None:
        """The face recorded at frame.index, with the frame's time."""
        if self._faces is None:
            raise TrackerError(tr("the tracker is closed", "跟踪器已关闭"))
        face = self._faces[frame.index] if frame.index < len(self._faces) else None
        return None if face is None else replace(face, time=frame.time)

    def close(self) -> None:
        """Forget the recording."""
        self._faces = None


def save_faces(path: Path | str, faces: Sequence[Face | None]) -> None:
    """Write one face (or none) per frame as .npz, without pickle: exactly the faces that were tracked."""
    blank = Face(
        np.zeros((478, 3), np.float32),
        np.zeros(len(BLENDSHAPES), np.float32),
        np.eye(4, dtype=np.float32),
        (0, 0),
        0.0,
    )
    filled = [face or blank for face in faces]
    columns: dict[str, Any] = {
        "landmarks": np.array([f.landmarks for f in filled], np.float32),
        "blendshapes": np.array([f.blendshapes for f in filled], np.float32),
        "pose": np.array([f.pose for f in filled], np.float32),
        "size": np.array([f.size for f in filled], np.int32),
        "time": np.array([f.time for f in filled], np.float64),
        "seen": np.array([f is not None for f in faces], bool),
    }
    with Path(path).open("wb") as file:
        np.savez_compressed(file, **columns)


def load_faces(path: Path | str) -> list[Face | None]:
    """What save_faces wrote. Raises TrackerError when the file is missing or something else."""
    try:
        with Path(path).open("rb") as file:
            arrays = read_npz(file, _FIELDS, MAX_BYTES)
        landmarks, blendshapes, pose, size, time, seen = (arrays[name] for name in _FIELDS)
    except (OSError, NpzError) as error:
        raise TrackerError(
            tr(f"{path} is no recording of faces: {error}", f"{path} 不是人脸录制文件：{error}")
        ) from error
    count = seen.size
    shapes = (landmarks.shape, blendshapes.shape, pose.shape, size.shape, time.shape, seen.shape)
    if shapes != ((count, 478, 3), (count, len(BLENDSHAPES)), (count, 4, 4), (count, 2), (count,), (count,)):
        raise TrackerError(tr(f"{path}: unexpected shapes {shapes}", f"{path}：数组形状不符 {shapes}"))
    return [
        Face(landmarks[i], blendshapes[i], pose[i], (int(size[i, 0]), int(size[i, 1])), float(time[i]))
        if seen[i]
        else None
        for i in range(count)
    ]
