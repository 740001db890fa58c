"""Camera, tracker and retargeter on the clip whose truth is known: does the avatar do what the person does?

`python -m pytest tests/trackers/test_driver_clip.py -s` prints the whole table.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from liveavatar.controls import CONTROLS, INDEX, RANGES, SECONDARY
from liveavatar.retargeting.retargeter import FaceRetargeter
from tests.helpers.driver_clip import TRUTH, Truth, driver_faces, truth

pytestmark = pytest.mark.skipif(not TRUTH.is_file(), reason="the clip is not there")

Course = Callable[[str], np.ndarray]
SETTLED = 10
"""Frames that MediaPipe's own filter takes at the start of a clip."""


@pytest.fixture(scope="module")
def known() -> Truth:
    return truth()


@pytest.fixture(scope="module")
def driven(model: Path, known: Truth) -> np.ndarray:
    """(frames, controls) what the retargeter gives for the clip."""
    retargeter = FaceRetargeter()
    faces = driver_faces(model)
    assert len(faces) == len(known.values)
    assert sum(face is not None for face in faces) >= 0.99 * len(faces)
    return np.array([retargeter.retarget(face, i / known.fps).controls for i, face in enumerate(faces)])


def both(name: str) -> Callable[[Course], np.ndarray]:
    return lambda course: (course(f"{name}Left") + course(f"{name}Right")) / 2


def across(course: Course) -> np.ndarray:
    """Horizontal gaze, > 0 to the right of the picture."""
    left = course("eyeLookOutLeft") - course("eyeLookInLeft")
    return (left + course("eyeLookInRight") - course("eyeLookOutRight")) / 2


def upwards(course: Course) -> np.ndarray:
    """Vertical gaze, > 0 up."""
    return both("eyeLookUp")(course) - both("eyeLookDown")(course)


def one(name: str) -> Callable[[Course], np.ndarray]:
    return lambda course: course(name)


LEAST: dict[str, tuple[Callable[[Course], np.ndarray], float]] = {
    "jawOpen": (one("jawOpen"), 0.9),
    "smile": (both("mouthSmile"), 0.9),
    "blink": (both("eyeBlink"), 0.9),
    "headYaw": (one("headYaw"), 0.95),
    "headRoll": (one("headRoll"), 0.95),
    "headPitch": (one("headPitch"), 0.9),
    "gaze across": (across, 0.9),
    "gaze up": (upwards, 0.55),
    "browDown": (both("browDown"), 0.85),
    "browInnerUp": (one("browInnerUp"), 0.8),
    "browOuterUp": (both("browOuterUp"), 0.75),
    "eyeWide": (both("eyeWide"), 0.8),
    "mouthPucker": (one("mouthPucker"), 0.75),
    "mouthFunnel": (one("mouthFunnel"), 0.8),
    "mouthFrown": (both("mouthFrown"), 0.8),
    "cheekSquint": (both("cheekSquint"), 0.8),
}
"""What is read -> the least correlation with the truth."""


@pytest.mark.parametrize("name", LEAST)
def test_controls_follow_the_truth(name: str, driven: np.ndarray, known: Truth) -> None:
    read, least = LEAST[name]
    seen, true = read(lambda control: driven[:, INDEX[control]]), read(known.__getitem__)
    correlation = float(np.corrcoef(seen, true)[0, 1])
    slope = float(seen @ true / (true @ true))
    peaks = f"peak {seen.max():.2f} / {true.max():.2f}"
    print(f"\n{name:14s} correlation {correlation:.3f}  slope {slope:.2f}  {peaks}")
    assert correlation >= least
    assert 0.4 < slope < 1.4


def test_full_blinks_reach_the_end(driven: np.ndarray, known: Truth) -> None:
    true, seen = known["eyeBlinkLeft"], driven[:, INDEX["eyeBlinkLeft"]]
    starts = np.flatnonzero(np.diff((true > 0.9).astype(int)) == 1)
    peaks = [seen[start : start + 8].max() for start in starts]
    assert len(peaks) >= 5
    assert min(peaks) > 0.85


def test_hardly_any_delay(driven: np.ndarray, known: Truth) -> None:
    """The shift that fits best is under two frames for what the eye notices most."""
    for name in ("jawOpen", "eyeBlinkLeft", "headYaw"):
        seen, true = driven[:, INDEX[name]], known[name]
        fits = {k: np.corrcoef(seen[k:] if k else seen, true[: len(true) - k])[0, 1] for k in range(6)}
        assert max(fits, key=lambda k: fits[k]) <= 1, (name, fits)


def test_a_still_face_gives_a_still_avatar(driven: np.ndarray, known: Truth) -> None:
    """Breath, hair and body are meant to move."""
    low, high = np.array([RANGES[name] for name in CONTROLS]).T
    assert known.still
    for first, end in known.still:
        jitter = driven[max(first, SETTLED) : end].std(axis=0) / (high - low)
        worst = {
            CONTROLS[i]: round(float(jitter[i]), 4)
            for i in np.argsort(-jitter)
            if CONTROLS[i] not in SECONDARY
        }
        print(
            f"\nframes {first}-{end}: jitter in shares of the range, largest first:", list(worst.items())[:4]
        )
        assert max(worst.values()) < 0.01
