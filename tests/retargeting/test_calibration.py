"""Calibration: on the clip with known truth, guided and not; what a profile does to a run; profiles on disk."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest

from liveavatar.cli import main
from liveavatar.controls import CONTROLS, INDEX, RANGES
from liveavatar.errors import ProfileError
from liveavatar.retargeting import profile as profiles
from liveavatar.retargeting.calibration import fit, unseen
from liveavatar.retargeting.guide import GUIDE, SECONDS, Guide
from liveavatar.retargeting.profile import Profile, list_profiles, load_profile, save_profile
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.types import Face, Frame
from tests.helpers.driver_clip import driver_faces
from tests.helpers.fakes import FakeCamera

TINY = Path(__file__).parents[1] / "data" / "tiny"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path / "配置"))
    return tmp_path / "配置"


@pytest.fixture(scope="module")
def faces(model: Path) -> list[Face]:
    return [face for face in driver_faces(model) if face is not None]


@pytest.fixture(scope="module")
def profile(faces: list[Face]) -> Profile:
    return fit(faces, name="clip", made="2026-11-25")


def timid(faces: list[Face], share: float) -> list[Face]:
    """The same person, who goes only so far from rest: landmarks and blendshapes drawn back to the resting face."""
    rest = faces[30]
    result = []
    for face in faces:
        landmarks = face.landmarks.copy()
        middle, base = landmarks.mean(0), rest.landmarks - rest.landmarks.mean(0)
        landmarks = middle + base + share * (landmarks - middle - base)
        shapes = rest.blendshapes + share * (face.blendshapes - rest.blendshapes)
        result.append(
            replace(face, landmarks=landmarks.astype(np.float32), blendshapes=shapes.astype(np.float32))
        )
    return result


def controls(faces: list[Face], profile: Profile | None) -> np.ndarray:
    retargeter = FaceRetargeter(profile=profile)
    return np.array([retargeter.retarget(face, i / 30).controls for i, face in enumerate(faces)])


def used(faces: list[Face], name: str, least: float = 0.35) -> np.ndarray:
    """The frames in which MediaPipe itself sees it."""
    values = np.array([face.blendshapes[INDEX[name]] for face in faces])
    return values - np.percentile(values, 10) > least


@pytest.mark.parametrize(
    "name", ["eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthSmileLeft", "mouthSmileRight"]
)
def test_ranges_are_used_fully(faces: list[Face], profile: Profile, name: str) -> None:
    moments = used(faces, name)
    reached = np.percentile(controls(faces, profile)[moments, INDEX[name]], 95)
    print(f"{name}: {moments.sum()} frames in use, 95th percentile {reached:.2f}")
    assert moments.sum() > 10 and reached >= 0.85


def test_a_timid_face_reaches_the_full_range_only_when_calibrated(faces: list[Face]) -> None:
    shy = timid(faces[:300], 0.45)
    moments = used(shy, "jawOpen", 0.15)
    before = np.percentile(controls(shy, None)[moments, INDEX["jawOpen"]], 95)
    asked = ["rest" if i < 90 else "jaw" if moments[i] else "head" for i in range(len(shy))]
    after = np.percentile(controls(shy, fit(shy, asked, name="x", made=""))[moments, INDEX["jawOpen"]], 95)
    print(f"jaw at .45 of the usual way: {before:.2f} before, {after:.2f} after")
    assert after >= 0.85 and after > before + 0.1


def test_rest_stays_rest(faces: list[Face], profile: Profile) -> None:
    still = np.abs(controls([faces[30]] * 60, profile)[-1])
    moved = {n: still[INDEX[n]] for n in CONTROLS if n not in ("breath", "sway", "hairX", "hairY", "ears")}
    assert max(moved.values()) < 0.2, sorted(moved.items(), key=lambda item: -item[1])[:5]


def test_a_profile_knows_the_face_but_not_the_seat(faces: list[Face], profile: Profile) -> None:
    """Who sits elsewhere today, with the camera lower, is still at rest: angles and place are found anew."""
    turned = [replace(f, landmarks=f.landmarks + np.float32([40, 20, 0])) for f in faces[:90]]
    retargeter = FaceRetargeter(profile=profile)
    for i, face in enumerate(turned):
        last = retargeter.retarget(face, i / 30)
    assert abs(last.x) < 0.03 and abs(last.scale - 1) < 0.03


def test_recentering_takes_a_new_neutral_and_keeps_the_reach(faces: list[Face], profile: Profile) -> None:
    retargeter = FaceRetargeter(profile=profile)
    retargeter.retarget(faces[30], 0.0)
    reach = retargeter._reach.value.copy()
    smile = max(faces, key=lambda face: face.blendshapes[INDEX["mouthSmileLeft"]])
    for i in range(60):
        before = retargeter.retarget(smile, 1 + i / 30).controls[INDEX["mouthSmileLeft"]]
    retargeter.recenter()
    for i in range(60):
        after = retargeter.retarget(smile, 3 + i / 30).controls[INDEX["mouthSmileLeft"]]
    assert before > 0.6 and after < before - 0.3, (before, after)
    assert np.abs(retargeter._reach.value - reach).max() < 0.3


def test_glasses_calm_the_lids(faces: list[Face], profile: Profile) -> None:
    still = faces[30]
    noise = np.random.default_rng(0)
    shaken = [
        replace(still, landmarks=still.landmarks + noise.normal(0, 0.5, (478, 3)).astype(np.float32))
        for _ in range(150)
    ]
    eyes = [INDEX[n] for n in CONTROLS if n.startswith("eyeLook")]
    spread = [
        controls(shaken, replace(profile, glasses=worn))[60:, eyes].std(0).sum() for worn in (False, True)
    ]
    assert spread[1] < 0.8 * spread[0]


def test_few_faces_are_refused(faces: list[Face]) -> None:
    with pytest.raises(ProfileError, match="at least 20"):
        fit(faces[:5], name="x", made="")


def test_a_profile_survives_the_disk(profile: Profile, home: Path) -> None:
    path = save_profile(replace(profile, name="我"))
    assert path.parent == home / "profiles" and list_profiles() == ["我"]
    again = load_profile("我")
    np.testing.assert_allclose(again.template, profile.template, atol=1e-5)
    assert replace(again, template=profile.template, name="clip") == profile
    assert profiles.usual_profile() is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d | {"format": 99}, "of version 99"),
        (lambda d: [d], "of version None"),
        (lambda d: d | {"template": [[0, 0, 0]]}, "damaged"),
        (lambda d: d | {"neutral": {}}, "damaged"),
        (lambda d: d | {"reach": {"jawOpen": 0}}, "damaged"),
        (lambda d: d | {"reach": {"moustache": 1}}, "damaged"),
        (lambda d: d | {"blink": float("nan")}, "damaged"),
        (lambda d: d | {"blink": 10**400}, "damaged"),
        (lambda d: d | {"blink": None}, "damaged"),
        (lambda d: d | {"template": [[0, 0, 0]] * 478}, "damaged"),
        (lambda d: d | {"template": [[1e300, 0, 0]] * 478}, "damaged"),
        (lambda d: d | {"template": {"a": 1}}, "damaged"),
        (lambda d: d | {"glasses": "no"}, "damaged"),
        (lambda d: d | {"name": "\ud800"}, "damaged"),
        (lambda d: d | {"head": [1, 2]}, "damaged"),
        (lambda d: d | {"format": True}, "of version True"),
        (lambda d: d | {"more": [[[[[[[[[[]]]]]]]]]] * 100_000}, "damaged.*larger than 1 MB"),
        (lambda d: {k: v for k, v in d.items() if k != "gaze"}, "damaged"),
    ],
)
def test_a_profile_of_another_kind_says_how_to_make_a_new_one(
    profile: Profile, change: Any, said: str
) -> None:
    path = save_profile(profile)
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    with pytest.raises(ProfileError, match=f"{said}[^$]*calibrate --profile clip"):
        load_profile("clip")


def test_an_unknown_or_impossible_name(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    save_profile(profile)
    assert main(["run", "--profile", "nobody", "--avatar", str(TINY), "--output", "null"]) == 1
    assert "there are: clip" in capsys.readouterr().err
    for name in (
        "",
        "a/b",
        "..",
        "x" * 65,
        "nul\0",
        "nul",
        "a\x1b[2J",
        "a\u202eb",
        "a\x9b",
        "a\udc80",
        "a\\b",
    ):
        with pytest.raises(ProfileError, match="cannot be the name"):
            load_profile(name)


def test_a_damaged_usual_profile_is_told_and_the_run_goes_on(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from liveavatar.cli.run import profile_named

    (home / "profiles").mkdir(parents=True)
    (home / "profiles" / "default.json").write_text("{")
    assert profile_named(None) is None
    assert "damaged" in capsys.readouterr().err


def test_the_guide_takes_about_20_seconds_and_stays_in_range() -> None:
    assert 18 <= SECONDS <= 24
    guide = Guide()
    for _ in range(round(SECONDS * 20)):
        shown = guide.shown
        assert all(
            RANGES[n][0] - 1e-6 <= v <= RANGES[n][1] + 1e-6 for n, v in zip(CONTROLS, shown, strict=True)
        )
        guide.elapsed += 0.05
    assert guide.step is None


def test_the_guides_time_stops_while_no_face_is_seen(faces: list[Face]) -> None:
    guide = Guide()
    for i in range(30):
        guide.see(faces[30], i / 30)
    at = guide.elapsed
    for i in range(90):
        guide.see(None, 1 + i / 30)
    assert guide.elapsed == at == pytest.approx(29 / 30) and guide.lost == pytest.approx(3, abs=0.1)


class Actor(FakeCamera):
    """A webcam before which somebody does what the guide asks."""

    def __iter__(self) -> Iterator[Frame]:
        for index in range(100_000):
            yield Frame(np.zeros((8, 8, 3), np.uint8), index / 30, index)


class ActorTracker:
    """Answers with the clip's faces: resting ones, and for each step some in which it is done."""

    def __init__(self, faces: list[Face], absent: bool = False) -> None:
        self.faces, self.absent, self.guide = faces, absent, Guide()
        done = {
            "blink": used(faces, "eyeBlinkLeft", 0.5), "jaw": used(faces, "jawOpen", 0.4),
            "smile": used(faces, "mouthSmileLeft", 0.4), "brows": used(faces, "browOuterUpLeft", 0.3),
            "lips": used(faces, "mouthPucker", 0.3),
        }  # fmt: skip
        self.doing = {
            name: [f for f, d in zip(faces, which, strict=True) if d] for name, which in done.items()
        }

    def track(self, frame: Frame) -> Face | None:
        if self.absent:
            return None
        self.guide.see(self.faces[30], frame.time)
        step = self.guide.step
        choice = self.doing.get(step.name if step else "", [])
        return (
            choice[frame.index % len(choice)]
            if choice and frame.index % 10 < 7
            else self.faces[25 + frame.index % 8]
        )

    def close(self) -> None:
        pass


@pytest.fixture
def studio(faces: list[Face], monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setattr("liveavatar.trackers.model_files.find_model", lambda *a, **k: Path("fake.task"))
    monkeypatch.setattr("liveavatar.trackers.open_tracker", lambda *a, **k: ActorTracker(faces))
    monkeypatch.setattr("liveavatar.cameras.open_camera", lambda *a, **k: Actor())
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    yield monkeypatch


def test_a_guided_calibration_from_the_command_line(studio: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--profile", "me", "--glasses", "--avatar", str(TINY)]) == 0
    shown = capsys.readouterr()
    profile = load_profile("me")
    assert profile.glasses and {"jawOpen", "mouthSmileLeft", "browOuterUpLeft", "mouthPucker"} <= set(
        profile.reach
    )
    assert "jawOpen\t" in shown.out and "--profile me" in shown.err
    assert [step.name for step in unseen(profile)] == ["gaze", "head"]  # the actor keeps still there
    assert "not seen" in shown.err and GUIDE[-1].en in shown.err


def test_nobody_in_view_ends_with_advice_and_keeps_the_older_profile(
    faces: list[Face], profile: Profile, studio: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save_profile(profile)
    before = path.read_bytes()
    studio.setattr("liveavatar.trackers.open_tracker", lambda *a, **k: ActorTracker(faces, absent=True))
    assert main(["calibrate", "--profile", "clip", "--avatar", str(TINY)]) == 1
    assert "no face was seen for 20 s" in capsys.readouterr().err
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]


def test_a_file_is_read_as_it_is(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--camera", "synthetic", "--model", str(model)]) == 0
    assert "720 faces" in capsys.readouterr().err
    usual = profiles.usual_profile()
    assert usual is not None and usual.reach["mouthSmileLeft"] > 0.8
