"""A calibration in the middle of a show, from faces that are tracked anyway."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from liveavatar.app import show_calibration
from liveavatar.app.camera_desk import CameraDesk
from liveavatar.app.show_calibration import ShowCalibration
from liveavatar.errors import LiveAvatarError
from liveavatar.retargeting import calibration, guide
from liveavatar.retargeting.profile import Profile, load_profile
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.trackers.watched import FaceRecord
from liveavatar.types import Face
from tests.helpers.running import wait_until
from tests.retargeting.test_calibration import controls, faces, profile  # noqa: F401


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path))


def test_who_is_known_amid_a_run_is_read_as_one_known_from_the_start(
    faces: list[Face],  # noqa: F811
    profile: Profile,  # noqa: F811
) -> None:
    late = FaceRetargeter(head_range={"headYaw": 0.3})
    for i, face in enumerate(faces[:20]):
        late.retarget(face, i / 30)
    late.know(profile)
    read = np.array([late.retarget(face, 10 + i / 30).controls for i, face in enumerate(faces)])
    known = controls(faces, profile)
    unknown = controls(faces, None)
    assert (
        np.abs(read[60:] - known[60:])[:, :51].mean() < 0.3 * np.abs(unknown[60:] - known[60:])[:, :51].mean()
    )


def test_it_guides_fits_keeps_and_hands_on(faces: list[Face], monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(show_calibration, "EVERY", 0.0)
    record, learnt, states = FaceRecord(), [], []
    steps = tuple(guide.Step(s.name, 1.0, s.en, s.zh, s.shown, s.asked) for s in guide.GUIDE)
    monkeypatch.setattr(guide, "GUIDE", steps)
    monkeypatch.setattr(calibration, "unseen", lambda fitted: list(steps[1:2]))
    work = ShowCalibration(record, "default", learnt.append)
    work.begin(glasses=True)
    over = threading.Event()

    def track() -> None:
        for i in range(100_000):
            if over.wait(0.0005):
                return
            face = faces[i % len(faces)]
            record.last = Face(face.landmarks, face.blendshapes, face.pose, face.size, i * 0.1)

    thread = threading.Thread(target=track)
    thread.start()
    try:
        wait_until(lambda: states.append(work.state) or learnt or (work.state or {}).get("error"))
    finally:
        over.set()
        thread.join()
    wait_until(lambda: work.state == {"missed": [steps[1].text]})
    assert learnt[0].glasses and load_profile("default").glasses
    texts = {state["text"] for state in states if state and state.get("seen")}
    assert len(texts) >= 4 and texts <= {step.text for step in steps}


def test_stopped_it_keeps_nothing_and_nobody_in_view_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    work = ShowCalibration(FaceRecord(), "default", lambda fitted: pytest.fail("nothing to learn"))
    work.begin(glasses=False)
    wait_until(lambda: work.state is not None and work.state.get("seen") is False)
    work.stop()
    assert work.state is None
    monkeypatch.setattr(show_calibration, "PATIENCE", 0.1)
    work.begin(glasses=False)
    wait_until(lambda: "error" in (work.state or {}))
    assert "no face was seen" in work.state["error"]  # type: ignore[index]


def test_a_run_without_a_camera_says_so() -> None:
    retargeter: Any = FaceRetargeter()
    line: Any = type("Line", (), {"tracks": False, "camera": "none", "retargeter": retargeter})()
    desk = CameraDesk(line, FaceRecord(), lambda opened: pytest.fail("no camera to change"))
    for command in ({"command": "camera", "name": "0"}, {"command": "calibrate"}):
        with pytest.raises(LiveAvatarError, match="has no camera"):
            desk.handle(command)
    assert desk.handle({"command": "mirror", "on": None}) == {"mirror": True} and retargeter.mirror
