"""The real tracker on faces that are small, elsewhere, upside down, or no picture at all."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.cameras import open_camera
from liveavatar.controls import INDEX
from liveavatar.errors import TrackerError
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.stages import Tracker
from liveavatar.trackers.landmarker import LARGEST
from liveavatar.trackers.mediapipe import MediaPipeTracker
from liveavatar.trackers.pictures import FaceFinder
from liveavatar.trackers.views import levels, place
from liveavatar.trackers.watched import FaceRecord, Watched
from liveavatar.types import Face, Frame

HEIGHT = 200
"""Of the person's face in the clip, pixels, forehead to chin."""


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    """Six seconds of the synthetic person, 512 x 512."""
    return [f.image for f, _ in zip(open_camera("synthetic", paced=False), range(180), strict=False)]


@pytest.fixture
def tracker(model: Path) -> Iterator[MediaPipeTracker]:
    tracker = MediaPipeTracker(model)
    yield tracker
    tracker.close()


def room(*people: tuple[np.ndarray, float, float, float], size: tuple[int, int] = (1280, 720)) -> np.ndarray:
    """A grey room with people: picture, height of the face in pixels, and where its picture's middle is (x, y)."""
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    for picture, height, x, y in people:
        scale = height / HEIGHT
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = round(y - small.shape[0] / 2), round(x - small.shape[1] / 2)
        image[max(top, 0) : top + small.shape[0], max(left, 0) : left + small.shape[1]] = small[
            max(-top, 0) : max(size[1] - top, 0), max(-left, 0) : max(size[0] - left, 0)
        ]
    return image


def counting(tracker: MediaPipeTracker) -> list[float]:
    """The times at which the tracker looks beyond what its landmarker does."""
    looked: list[float] = []
    looking = tracker._detect

    def counted(image: np.ndarray, time: float) -> list[Face]:
        looked.append(time)
        return looking(image, time)

    tracker._detect = counted  # type: ignore[method-assign]
    return looked


def play(tracker: MediaPipeTracker, picture: Callable[[int], np.ndarray], frames: range) -> list[Face | None]:
    return [tracker.track(Frame(picture(i), i / 30, i)) for i in frames]


def test_a_face_well_seen_is_looked_for_nowhere_else(
    tracker: MediaPipeTracker, clip: list[np.ndarray]
) -> None:
    looked = counting(tracker)
    assert None not in play(tracker, lambda i: clip[i], range(70))
    assert not looked and tracker._finder is None and not tracker.note
    assert tracker._upright._left == 0 and tracker._upright._finder is None  # sure within two checks


@pytest.mark.parametrize("height", [45])
def test_a_small_face_is_found_and_read_like_a_large_one(
    height: int, tracker: MediaPipeTracker, clip: list[np.ndarray]
) -> None:
    """90 pixels of 720 are lost on the detector, which sees the whole picture in 128 x 128."""
    looked = counting(tracker)
    faces = play(tracker, lambda i: room((clip[i], height, 900, 300)), range(180))
    seen = [i for i, face in enumerate(faces) if face is not None]
    assert seen[0] < 45 and len(seen) == 180 - seen[0]  # found within 1.5 s, then kept
    assert not [time for time in looked if time > seen[0] / 30]
    at = place(faces[-1])  # type: ignore[arg-type]
    assert (at.x, at.y) == pytest.approx((900, 300), abs=0.3 * height)
    assert at.size == pytest.approx(height, rel=0.15)
    small, large = FaceRetargeter(), FaceRetargeter()
    other = MediaPipeTracker(tracker._model)
    wanted = play(other, lambda i: clip[i], range(180))
    other.close()
    jaws = np.array(
        [
            [r.retarget(face, i / 30).controls[INDEX["jawOpen"]] for r, face in ((small, a), (large, b))]
            for i, (a, b) in enumerate(zip(faces, wanted, strict=True))
        ]
    )[seen[0] + 30 :]
    assert np.corrcoef(jaws.T)[0, 1] > 0.85


def test_a_small_face_is_placed_as_the_pose_says(tracker: MediaPipeTracker, clip: list[np.ndarray]) -> None:
    """What the avatar's place is made of, from a part of the picture, is what the whole picture would give."""
    faces = play(tracker, lambda i: room((clip[0], 60, 900, 200)), range(60))
    retargeter = FaceRetargeter()
    face = faces[-1]
    assert face is not None and face.size == (1280, 720)
    focal = 720 / (2 * np.tan(np.radians(63) / 2))
    x, y, z = face.pose[:3, 3]
    at = place(face)
    assert 640 + focal * x / -z == pytest.approx(at.x, abs=0.25 * at.size)
    assert 360 + focal * y / z == pytest.approx(at.y, abs=0.35 * at.size)
    assert focal * 18 / -z == pytest.approx(at.size, rel=0.25)  # a face is about 18 cm high
    assert retargeter.retarget(face, 0.0).tracked


def test_a_small_face_that_moves_is_followed(tracker: MediaPipeTracker, clip: list[np.ndarray]) -> None:
    xs = 640 + 300 * np.sin(np.arange(180) / 30 * 0.4)  # up to two face heights a second
    faces = play(tracker, lambda i: room((clip[0], 60, xs[i], 360)), range(180))
    found = [(i, place(face).x) for i, face in enumerate(faces) if face is not None]
    assert len(found) > 130
    assert max(abs(x - xs[i]) for i, x in found) < 15


def test_an_empty_room_costs_little(tracker: MediaPipeTracker) -> None:
    looked = counting(tracker)
    picture = cv2.resize(np.random.default_rng(0).integers(0, 255, (9, 16, 3), np.uint8), (1280, 720))
    assert not any(play(tracker, lambda i: picture, range(240)))
    assert len(looked) < 80  # at most one part with a frame, and a rest between two searches


def test_a_camera_upside_down_is_told_and_moves_nothing(
    tracker: MediaPipeTracker, clip: list[np.ndarray]
) -> None:
    """The landmarker sees an upright face now and then in one that stands on its head."""
    faces = play(tracker, lambda i: np.rot90(clip[i], 2), range(90))
    assert not any(faces[45:])
    assert "not upright" in tracker.note
    faces = play(tracker, lambda i: clip[i], range(90, 180))
    assert faces[-1] is not None
    assert not tracker.note


def test_a_camera_on_its_side_is_told(tracker: MediaPipeTracker, clip: list[np.ndarray]) -> None:
    play(tracker, lambda i: np.rot90(clip[i]), range(60))
    assert "not upright" in tracker.note


@pytest.mark.parametrize("long", [False, True], ids=["a moment", "long enough to be the user"])
def test_the_first_person_is_seen_again_while_the_other_stays(
    long: bool, tracker: MediaPipeTracker, clip: list[np.ndarray]
) -> None:
    """The landmarker keeps to a face as long as it can; the one on the known seat goes before."""
    other = np.ascontiguousarray(clip[0][:, ::-1])
    end = 170 if long else 100

    def picture(i: int) -> np.ndarray:
        first, second = (clip[i % 30], 250, 320, 380), (other, 170, 980, 380)
        return room(*((first,) if i < 40 else (second,) if i < end else (second, first)))

    faces = play(tracker, picture, range(end + 60))
    sides = ["-" if face is None else "A" if place(face).x < 640 else "B" for face in faces]
    assert "".join(sides[:40]) == "A" * 40
    assert set(sides[60:end]) == {"B"}
    assert "".join(sides[end + 25 :]) == "A" * 35


PICTURES: dict[str, np.ndarray] = {
    "no pixels": np.zeros((0, 640, 3), np.uint8),
    "no pixels at all": np.zeros((0, 0, 3), np.uint8),
    "grey": np.zeros((48, 64), np.uint8),
    "grey with an axis": np.zeros((48, 64, 1), np.uint8),
    "with alpha": np.zeros((48, 64, 4), np.uint8),
    "floats": np.zeros((48, 64, 3), np.float32),
    "16 bits": np.zeros((48, 64, 3), np.uint16),
    "absurdly wide": np.broadcast_to(np.zeros(3, np.uint8), (1, LARGEST + 1, 3)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_no_picture_is_refused_and_the_next_one_is_tracked(
    name: str, tracker: MediaPipeTracker, clip: list[np.ndarray]
) -> None:
    with pytest.raises(TrackerError, match="expected an RGB picture"):
        tracker.track(Frame(PICTURES[name], 0.0, 0))
    assert tracker.track(Frame(clip[0], 0.1, 1)) is not None


def test_tiny_pictures_and_changing_sizes_are_no_error(
    tracker: MediaPipeTracker, clip: list[np.ndarray]
) -> None:
    for i, size in enumerate([(1, 1), (2, 2), (1, 3000), (3000, 1), (33, 17)]):
        assert tracker.track(Frame(np.zeros((*size, 3), np.uint8), i / 30, i)) is None
    for i in range(10, 40):
        image = clip[i] if i % 2 else cv2.resize(clip[i], (256 + i, 256))
        assert tracker.track(Frame(image, i / 30, i)) is not None, i


def test_times_that_are_none_are_refused_and_wild_ones_are_not(
    tracker: MediaPipeTracker, clip: list[np.ndarray]
) -> None:
    for time in (float("nan"), float("inf")):
        with pytest.raises(TrackerError, match="without a time"):
            tracker.track(Frame(clip[0], time, 0))
    for time in (1.0, -5.0, 1e12, 1.1, 1.2):
        assert tracker.track(Frame(clip[0], time, 0)) is not None


def test_after_a_failure_of_mediapipe_it_is_started_anew(
    tracker: MediaPipeTracker, clip: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its graph gives errors only, once it has given one."""
    monkeypatch.setattr("liveavatar.trackers.mediapipe.require_picture", lambda image: None)
    with pytest.raises(TrackerError, match="MediaPipe failed"):
        tracker.track(Frame(np.zeros((0, 64, 3), np.uint8), 0.0, 0))
    assert tracker.track(Frame(clip[0], 0.1, 1)) is not None


@pytest.mark.parametrize("size", [(1280, 720), (4000, 3000)])
def test_a_face_of_40_pixels_is_found_in_a_picture(
    size: tuple[int, int], model: Path, clip: list[np.ndarray]
) -> None:
    finder = FaceFinder(model)
    faces = finder.find(room((clip[0], 40, 0.3 * size[0], 0.6 * size[1]), size=size))
    finder.close()
    assert len(faces) == 1
    at = place(faces[0])
    assert (at.x, at.y) == pytest.approx((0.3 * size[0], 0.6 * size[1]), abs=20)
    assert at.size == pytest.approx(40, rel=0.2)


def test_several_small_faces_are_each_found_once(model: Path, clip: list[np.ndarray]) -> None:
    people = [(clip[0], 60, x, y) for x, y in ((200, 200), (700, 420), (1100, 250))]
    finder = FaceFinder(model)
    faces = finder.find(room(*people))
    finder.close()
    assert sorted(round(place(face).x / 100) for face in faces) == [2, 7, 11]


@pytest.mark.parametrize("size", [(640, 480), (720, 1280), (4096, 2160), (64, 64), (3000, 20)])
def test_tiles_cover_the_picture(size: tuple[int, int]) -> None:
    for tiles in levels(size, 150):
        covered = np.zeros((size[1], size[0]), bool)
        for tile in tiles:
            assert tile.fits(size)
            covered[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width] = True
        assert covered.all()


def test_mediapipe_opens_no_sound_system_and_draws_no_diagrams(model: Path) -> None:
    code = (
        "import sys\nfrom liveavatar.trackers import open_tracker\nopen_tracker('mediapipe', sys.argv[1]).close()\n"
        "assert 'sounddevice' not in sys.modules and '_sounddevice' not in sys.modules  # nor hidden: microphones need it\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from mediapipe.tasks.python.vision import drawing_utils\n"
        "assert drawing_utils.plt.figure.__module__ == 'matplotlib.pyplot'  # there when it is asked for\n"
        "import matplotlib.pyplot\n"
        "assert matplotlib.pyplot.figure is drawing_utils.plt.figure"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(model)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr


def test_a_clip_without_a_face_that_can_be_read_says_why() -> None:
    class Blind(Tracker):
        note = "the camera's picture is not upright"

        def track(self, frame: Frame) -> Face | None:
            return None

    record, given_up = FaceRecord(), []
    Watched(Blind(), record).track(Frame(np.zeros((8, 8, 3), np.uint8), 0.0, 0))
    with pytest.raises(TrackerError, match=r"no face was found(.|\n)*not upright"):
        record.require("a.mp4", lambda: given_up.append(True))
    assert given_up and record.last is None
