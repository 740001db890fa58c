"""MediaPipe on a single picture: every face in it, and what is person."""

from contextlib import closing
from pathlib import Path

import numpy as np

from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.models import MATTE, find_model
from liveavatar.trackers.mediapipe import as_face, import_mediapipe, quiet
from liveavatar.types import Face, Frame

MAX_FACES = 16


class FaceFinder:
    """Finds faces in pictures that have nothing to do with each other."""

    def __init__(self, model: Path | str | None = None) -> None:
        """model: path of face_landmarker.task; None looks in the usual places. Raises TrackerError."""
        data = find_model(model).read_bytes()
        self._mediapipe = import_mediapipe()
        vision = self._mediapipe.tasks.vision
        options = vision.FaceLandmarkerOptions(
            base_options=self._mediapipe.tasks.BaseOptions(model_asset_buffer=data),
            num_faces=MAX_FACES,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        try:
            with quiet():
                self._landmarker = vision.FaceLandmarker.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            raise _failed(error) from error

    def find(self, rgb: np.ndarray) -> list[Face]:
        """The faces in an (H, W, 3) uint8 RGB picture, the largest first."""
        frame = Frame(np.ascontiguousarray(rgb), 0.0, 0)
        picture = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=frame.image)
        try:
            with quiet():  # it says at its first picture how it computes
                result = self._landmarker.detect(picture)
        except (RuntimeError, ValueError) as error:
            raise _failed(error) from error
        faces = [as_face(result, i, frame) for i in range(len(result.face_landmarks))]
        return sorted(faces, key=lambda face: -float(np.ptp(face.landmarks[:, 1])))

    def close(self) -> None:
        """Release the model. May be called twice."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()


def segment(rgb: np.ndarray, model: Path | None = None) -> np.ndarray:
    """(H, W) float32 in [0, 1]: how much each pixel of an (H, W, 3) uint8 RGB picture belongs to a person.

    model: the matte model's file; None looks in the usual places. Raises TrackerError."""
    data = (model or find_model(model=MATTE)).read_bytes()
    mediapipe = import_mediapipe()
    vision = mediapipe.tasks.vision
    options = vision.ImageSegmenterOptions(
        base_options=mediapipe.tasks.BaseOptions(model_asset_buffer=data), output_confidence_masks=True
    )
    picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
    try:
        with quiet(), closing(vision.ImageSegmenter.create_from_options(options)) as segmenter:
            mask = segmenter.segment(picture).confidence_masks[0].numpy_view()
            return np.array(mask, np.float32).reshape(rgb.shape[:2])
    except (OSError, RuntimeError, ValueError) as error:
        raise _failed(error) from error


def _failed(error: Exception) -> TrackerError:
    return TrackerError(tr(f"MediaPipe failed: {error}", f"MediaPipe 出错：{error}"))
