"""MediaPipe on a single picture: every face in it, and what is person."""

from contextlib import closing, nullcontext
from pathlib import Path

import numpy as np

from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.trackers.landmarker import as_face, import_mediapipe, quiet, require_picture
from liveavatar.trackers.model_files import MATTE, find_model
from liveavatar.trackers.views import levels, place
from liveavatar.types import Face, Frame

MAX_FACES = 16
SMALLEST_TILE = 150
"""Pixels; the tiles of the last level are less than twice as large, so a face of 40 fills more than an eighth."""


class FaceFinder:
    """Finds faces in pictures that have nothing to do with each other."""

    def __init__(self, model: Path | str | None = None, *, confidence: float = 0.5) -> None:
        """model: path of face_landmarker.task; None looks in the usual places. confidence: how sure the detector must be
        of a face, 0 to 1. Raises TrackerError."""
        data = find_model(model).read_bytes()
        self._warm = False
        self._mediapipe = import_mediapipe()
        vision = self._mediapipe.tasks.vision
        options = vision.FaceLandmarkerOptions(
            base_options=self._mediapipe.tasks.BaseOptions(model_asset_buffer=data),
            num_faces=MAX_FACES,
            min_face_detection_confidence=confidence,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        try:
            with quiet():
                self._landmarker = vision.FaceLandmarker.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            raise _failed(error) from error

    def find(self, rgb: np.ndarray) -> list[Face]:
        """The faces in an (H, W, 3) uint8 RGB picture, the largest first; where none is seen in the whole of it, those
        that ever smaller parts show, down to about 30 pixels."""
        faces = self.look(rgb)
        size = (rgb.shape[1], rgb.shape[0])
        for tiles in levels(size, SMALLEST_TILE):
            if faces:
                break
            candidates = [view.to_picture(face, size) for view in tiles for face in self.look(view.crop(rgb))]
            for face in sorted(candidates, key=_smallness):  # neighbours see the same face
                if not any(place(face).near(place(other), 0.5, 1.0) for other in faces):
                    faces.append(face)
        return faces

    def look(self, rgb: np.ndarray, time: float = 0.0) -> list[Face]:
        """The faces that are seen in the (H, W, 3) uint8 RGB picture as a whole, the largest first."""
        require_picture(rgb)
        frame = Frame(np.ascontiguousarray(rgb), time, 0)
        picture = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=frame.image)
        try:
            with nullcontext() if self._warm else quiet():  # it says at its first picture how it computes
                result = self._landmarker.detect(picture)
        except (RuntimeError, ValueError) as error:
            raise _failed(error) from error
        self._warm = True
        return sorted((as_face(result, i, frame) for i in range(len(result.face_landmarks))), key=_smallness)

    def close(self) -> None:
        """Release the model. May be called twice."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            landmarker.close()


def _smallness(face: Face) -> float:
    return -float(np.ptp(face.landmarks[:, 1]))


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
