"""A face followed through a video by MediaPipe's FaceLandmarker, on the CPU."""

import itertools
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liveavatar.base.seats import ALIKE, AROUND, Place, Seats
from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.stages import Tracker
from liveavatar.trackers import model_files
from liveavatar.trackers.landmarker import as_face, import_mediapipe, quiet, require_picture
from liveavatar.trackers.remarks import UPSIDE_DOWN, Remarks, crown, not_upright
from liveavatar.trackers.upright import Upright
from liveavatar.trackers.views import View, around, levels, place
from liveavatar.types import Face, Frame

if TYPE_CHECKING:
    from liveavatar.trackers.pictures import FaceFinder

SEARCH_AFTER = 0.5
"""Seconds without a face until it is looked for in parts of the picture, one part with each frame."""
REST = 2.0
"""Seconds between two such searches."""
SMALLEST_TILE = 256
"""Pixels; a face of a tenth of it is found, and too small to be read well anyway."""
ROOM, NARROW = 2.5, 1.8
"""Side of the view about a face, in face heights: a small face's, and one that must keep somebody else out."""
MISSES = 3
"""Frames without a face after which a view is left: in a new one the landmarker first looks in the wrong place."""
HOME_EVERY, HOME_FOR = 0.5, 60.0
"""Seconds between two looks at a seat while somebody else's face is followed, and for how long."""


class MediaPipeTracker(Tracker):
    """One face, 478 landmarks, 51 blendshapes and the pose; about 6 ms a frame on one CPU core.

    A face that is lost is looked for in ever smaller parts of the picture and then followed in a part; while a face is
    well seen this costs nothing."""

    def __init__(self, model: Path | str | None = None) -> None:
        """model: path of face_landmarker.task; None looks in the usual places (never downloads).

        Raises TrackerError when the model is missing or wrong, or a system library is."""
        self._model = model_files.find_model(model)
        self._data = self._model.read_bytes()  # as bytes: mediapipe cannot open every non-ASCII path
        self._mediapipe = import_mediapipe()
        self._landmarker: Any = self._started()
        self._broken = False
        self._finder: FaceFinder | None = None
        self._stamp = -1
        self._view: View | None = None
        self._room = ROOM
        self._misses = 0
        self._last_face = -math.inf
        self._small: Place | None = None
        self._parts: Iterator[View | None] | None = None
        self._rested = -math.inf
        self._seats = Seats()
        self._seat: int | None = None
        self._left_home = self._last_look = -math.inf
        self._remarks = Remarks()
        self._upright = Upright(self._model)

    def _started(self) -> Any:
        vision = self._mediapipe.tasks.vision
        options = vision.FaceLandmarkerOptions(
            base_options=self._mediapipe.tasks.BaseOptions(model_asset_buffer=self._data),
            running_mode=vision.RunningMode.VIDEO,
            num_faces=1,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        try:
            with quiet():
                return vision.FaceLandmarker.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            raise TrackerError(
                tr(f"MediaPipe does not start: {error}", f"MediaPipe 无法启动：{error}")
            ) from error

    @property
    def note(self) -> str:
        """What the user should know about how their face is seen; empty when it is well seen."""
        return self._remarks.current

    def track(self, frame: Frame) -> Face | None:
        """The face in the frame, or None. Raises TrackerError for what is no picture, when MediaPipe fails, or after
        close()."""
        if self._landmarker is None:
            raise TrackerError(tr("the tracker is closed", "跟踪器已关闭"))
        require_picture(frame.image)
        if not math.isfinite(frame.time):
            raise TrackerError(tr("a frame without a time", "帧没有时间"))
        if self._broken:  # after one failure MediaPipe's graph gives nothing but failures
            _drop(self._landmarker)
            self._landmarker, self._broken = self._started(), False
        size = (frame.image.shape[1], frame.image.shape[0])
        if self._view is not None and not self._view.fits(size):
            self._view = None
        face = self._follow(frame, size)
        if face is None:
            face = self._search(frame, size)
        else:
            face = self._return_home(face, frame) or face
        if face is None:
            return None
        self._last_face, self._parts = frame.time, None
        if not self._upright.holds(frame, self._view):
            self._remarks.current = not_upright()
            return None
        self._remarks.notice(face, frame.time)
        return None if crown(face)[1] < UPSIDE_DOWN else face

    def _follow(self, frame: Frame, size: tuple[int, int]) -> Face | None:
        """The landmarker's face, in the view where there is one."""
        image = frame.image if self._view is None else self._view.crop(frame.image)
        # MediaPipe wants whole milliseconds that strictly increase; cameras may repeat a time.
        self._stamp = max(self._stamp + 1, min(round(frame.time * 1000), 1 << 50))
        picture = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image)
        )
        try:
            result = self._landmarker.detect_for_video(picture, self._stamp)
        except (RuntimeError, ValueError) as error:
            self._broken = True
            raise TrackerError(tr(f"MediaPipe failed: {error}", f"MediaPipe 出错：{error}")) from error
        if not result.face_landmarks:
            self._misses += 1
            if self._misses >= MISSES:
                self._view = None
            return None
        self._misses = 0
        face = as_face(result, 0, replace(frame, image=image))
        if self._view is not None:
            face = self._view.to_picture(face, size)
            self._small = place(face)
            if self._room == NARROW or ROOM * self._small.size < min(size):
                self._view = self._view.follow(self._small, self._room, size)
            else:
                self._view = None
        return face

    def _search(self, frame: Frame, size: tuple[int, int]) -> Face | None:
        """Look for a lost face in one more part of the picture; where one is found, follow it there."""
        if self._small is not None:  # it was just followed in a view and moved out of it
            at, self._small = self._small, None
            parts: Iterator[View | None] = iter([around(at.x, at.y, 2 * ROOM * at.size, size)])
        elif frame.time - self._last_face < SEARCH_AFTER or frame.time < self._rested:
            return None
        elif self._parts is None:
            parts = self._parts = itertools.chain([None], *itertools.islice(levels(size, SMALLEST_TILE), 3))
        else:
            parts = self._parts
        for part in parts:
            if part is None:
                if not self._upright.holds(frame, None):
                    self._remarks.current = not_upright()
                return None
            if not part.fits(size):
                break
            faces = self._detect(part.crop(frame.image), frame.time)
            if not faces:
                return None
            face = part.to_picture(faces[0], size)
            at = self._small = place(face)
            self._view, self._room = around(at.x, at.y, ROOM * at.size, size), ROOM
            return face
        self._parts, self._rested = None, frame.time + REST
        return None

    def _return_home(self, face: Face, frame: Frame) -> Face | None:
        """The face on a seat that was left lately, while the landmarker keeps to another one."""
        seat = self._seats.take(place(face), frame.time)
        if seat != self._seat:
            if self._seat is not None:
                self._left_home = frame.time
            self._seat = seat
        if not frame.time - self._left_home < HOME_FOR or frame.time - self._last_look < HOME_EVERY:
            return None
        self._last_look = frame.time
        for number, home in self._seats.places.items():
            view = around(home.x, home.y, NARROW * home.size, face.size)
            if number == seat or not view.fits(face.size):
                continue
            for candidate in self._detect(view.crop(frame.image), frame.time)[:1]:
                home_face = view.to_picture(candidate, face.size)
                if place(home_face).near(home, AROUND, ALIKE) and not place(home_face).near(
                    place(face), 0.5, 0.5
                ):
                    self._view, self._room = view, NARROW
                    self._seat = self._seats.take(place(home_face), frame.time)
                    self._left_home, self._last_look = -math.inf, frame.time + 3 * HOME_EVERY
                    return home_face
        return None

    def _detect(self, image: np.ndarray, time: float) -> list[Face]:
        """Faces in a picture that has nothing to do with the one before."""
        if self._finder is None:
            from liveavatar.trackers.pictures import FaceFinder

            self._finder = FaceFinder(self._model)
        return self._finder.look(image, time)

    def close(self) -> None:
        """Release the model. Explicit: MediaPipe may hang when it is left to the interpreter's end."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            _drop(landmarker) if self._broken else landmarker.close()
        if self._finder is not None:
            self._finder.close()
        self._upright.close()


def _drop(landmarker: Any) -> None:
    """Close one that has failed: it fails in that too, and would again when it is collected."""
    with suppress(RuntimeError, ValueError):
        landmarker.close()
    landmarker._handle = None
