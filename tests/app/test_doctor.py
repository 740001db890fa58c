import ctypes.util
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveavatar.app import checks, doctor
from liveavatar.app.doctor import FAILURE, OK, WARNING, Finding
from liveavatar.cameras import CameraInfo
from liveavatar.cli import main
from liveavatar.errors import AvatarError, CameraError, ProviderError, TrackerError
from tests.helpers.fakes import FakeCamera


def of(part: str) -> list[Finding]:
    return [f for f in doctor.examine() if f.part == part]


def only(monkeypatch: pytest.MonkeyPatch, *wanted: Any) -> None:
    monkeypatch.setattr(doctor, "CHECKS", wanted)


def test_on_this_machine_every_part_is_looked_at_and_nothing_needed_is_broken(model: Path) -> None:
    found = {f.part: f.state for f in doctor.examine()}
    assert {"python", "cv2", "onnxruntime", "avatar", "provider", "camera", "virtual camera"} <= set(found)
    assert {found[p] for p in ("python", "cv2", "onnxruntime", "avatar", "provider")} == {OK}


def test_two_owners_of_one_package_are_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    brings = {
        "cv2": ["opencv-contrib-python", "opencv-python"],
        "onnxruntime": ["onnxruntime", "onnxruntime-gpu"],
    }
    monkeypatch.setattr(checks.metadata, "packages_distributions", lambda: brings)
    for part, cure, fixable in (
        ("cv2", "opencv-contrib-python", True),
        ("onnxruntime", "onnxruntime", False),
    ):
        finding = of(part)[0]
        assert finding.state == FAILURE and all(name in finding.text for name in brings[part])
        assert finding.text.endswith(f"pip install {cure}")
        assert (finding.fix is not None) == fixable


def test_missing_libraries_come_with_the_apt_line(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, ("libraries", checks._libraries))
    monkeypatch.setattr(checks.sys, "platform", "linux")
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None if name == "EGL" else name)
    (finding,) = of("libraries")
    assert finding.state == FAILURE and "apt-get install -y libegl1" in finding.text


def test_what_could_report_is_named_with_whether_it_is_silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"onnxruntime": "1.32.0", "mediapipe": "0.10.33"}

    def version(name: str) -> str:
        if name not in installed:
            raise checks.metadata.PackageNotFoundError
        return installed[name]

    monkeypatch.setattr(checks.metadata, "version", version)
    only(monkeypatch, ("reports", checks._reports))
    (quiet,) = of("reports")
    assert quiet.state == OK and "onnxruntime 1.32.0" in quiet.text and "silenced" in quiet.text
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    (loud,) = of("reports")
    assert loud.state == WARNING and "onnxruntime 1.32.0" in loud.text
    installed |= {"onnxruntime": "1.28.0", "mediapipe": "1.0.1"}
    (loud,) = of("reports")
    assert loud.state == WARNING and "mediapipe 1.0.1" in loud.text and "onnxruntime" not in loud.text


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Finding]:
        raise ValueError("half-installed")
        yield

    only(monkeypatch, ("cv2", broken), ("python", checks._python))
    assert [(f.part, f.state) for f in doctor.examine()] == [("cv2", FAILURE), ("python", OK)]


def test_a_provider_that_draws_wrongly_and_a_damaged_avatar_are_failures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any) -> Any:
        raise ProviderError("draws something else")

    def damaged(_: Any) -> Any:
        raise AvatarError("sheet.png is damaged")

    monkeypatch.setattr("liveavatar.renderers.open_renderer", refuse)
    monkeypatch.setattr("liveavatar.avatar.library.load_avatar", damaged)
    monkeypatch.setattr("liveavatar.avatar.library.find_avatar", lambda: None)
    only(monkeypatch, ("avatar", checks._avatars), ("provider", checks._providers))
    assert {f.state for f in doctor.examine()} == {FAILURE}
    assert any("damaged" in f.text for f in doctor.examine())
    assert any("cpu: draws something else" in f.text for f in doctor.examine())


def test_fix_names_what_it_does_does_it_and_looks_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there: list[bool] = []

    def find(fetch: bool = False, announce: Any = None) -> str:
        if fetch:
            announce("fetched")
            there.append(True)
        if not there:
            raise TrackerError("the face model was not found")
        return "model.task"

    monkeypatch.setattr("liveavatar.trackers.model_files.find_model", find)
    only(monkeypatch, ("model", checks._model))
    assert main(["doctor"]) == 1
    assert "doctor --fix" in capsys.readouterr().err
    assert not there
    assert main(["doctor", "--fix"]) == 0
    told = capsys.readouterr()
    named, _, done = told.err.partition("fetched")
    assert (
        "fixing model: fetch the face model (3.8 MB) to ~" in named
        and "storage.googleapis.com" in named
        and done
    )
    assert told.out.splitlines()[-1].startswith("ok    face model      model.task, sha256 64184e229b263107")


def test_json_is_one_line_and_the_status_tells_failures_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for state, status in ((OK, 0), (WARNING, 0), (FAILURE, 1)):
        only(monkeypatch, ("camera", lambda state=state: iter([Finding("camera", state, "text")])))
        assert main(["doctor", "--json"]) == status
        (line,) = capsys.readouterr().out.splitlines()
        assert json.loads(line) == [{"part": "camera", "state": state, "text": "text", "remedy": ""}]


def test_a_repair_that_fails_is_told_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = []

    def fail() -> None:
        raise subprocess.CalledProcessError(1, ["pip"])

    findings = [
        Finding("cv2", FAILURE, "two", "remove one", fail),
        Finding("model", FAILURE, "none", "fetch", lambda: done.append("fetched")),
    ]
    only(monkeypatch, ("cv2", lambda: iter(findings)))
    assert main(["doctor", "--fix"]) == 1
    told = capsys.readouterr().err
    assert (
        done == ["fetched"] and "that failed" in told and told.index("remove one") < told.index("that failed")
    )


def test_the_text_may_be_pasted_it_names_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "expanded", lambda path: Path("/home/王 小明"))
    finding = Finding(
        "model", FAILURE, "/home/王 小明/.local/x is missing", "fetch to /home/王 小明/.local/x"
    )

    def broken() -> Iterator[Finding]:
        raise OSError("/home/王 小明/y")
        yield

    only(monkeypatch, ("model", lambda: iter([finding])), ("cv2", broken))
    shown = list(doctor.examine())
    assert [f.text for f in shown] == ["~/.local/x is missing", "OSError: ~/y"]
    assert shown[0].remedy == "fetch to ~/.local/x"


def test_cameras_and_virtual_camera_of_a_running_program_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def touch(*_: Any, **__: Any) -> Any:
        raise AssertionError("opened")

    monkeypatch.setattr("liveavatar.app.remote.running", lambda: {"pid": 4711, "about": "hoshi -> OBS"})
    monkeypatch.setattr("liveavatar.cameras.list_cameras", lambda: [CameraInfo(0, "Logi C920", 200)])
    monkeypatch.setattr("liveavatar.cameras.open_camera", touch)
    monkeypatch.setattr("liveavatar.outputs.open_output", touch)
    only(
        monkeypatch, ("running", checks._running), ("camera", checks._cameras),
        ("virtual camera", checks._virtual_camera),
    )  # fmt: skip
    found = list(doctor.examine())
    assert [(f.part, f.state) for f in found] == [
        ("running", OK),
        ("camera", WARNING),
        ("virtual camera", WARNING),
    ]
    assert found[0].text == "pid 4711: hoshi -> OBS" and "0: Logi C920: not tried" in found[1].text


def test_a_camera_this_user_may_not_open_is_told_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveavatar.app.remote.running", lambda: None)
    monkeypatch.setattr("liveavatar.cameras.list_cameras", lambda: [])
    monkeypatch.setattr(Path, "glob", lambda self, pattern: [Path("/dev/video0")])
    monkeypatch.setattr(
        "liveavatar.media.v4l2.trouble", lambda path: f"you may not open {path}. Run: sudo usermod"
    )
    only(monkeypatch, ("camera", checks._cameras))
    (finding,) = doctor.examine()
    assert finding.state == WARNING and "you may not open /dev/video0" in finding.text


def test_a_busy_camera_is_told_by_name_and_the_next_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveavatar.app.remote.running", lambda: None)
    both = [CameraInfo(0, "Logi C920", 200), CameraInfo(1, "Integrated", 202)]
    monkeypatch.setattr("liveavatar.cameras.list_cameras", lambda: both)

    def opened(index: int) -> Any:
        if index == 0:
            raise CameraError("camera 'Logi C920' gives no picture: /dev/video0 is in use by obs (pid 7).")
        return FakeCamera()

    monkeypatch.setattr("liveavatar.cameras.open_camera", opened)
    only(monkeypatch, ("camera", checks._cameras))
    busy, works = doctor.examine()
    assert busy.state == WARNING and "in use by obs (pid 7)" in busy.text
    assert works.state == OK and works.text.startswith("1: Integrated, 64x48")
