import ctypes.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveavatar import doctor
from liveavatar.cli import main
from liveavatar.doctor import FAILURE, OK, WARNING, Finding
from liveavatar.errors import AvatarError, ProviderError, TrackerError


def of(part: str) -> list[Finding]:
    return [f for f in doctor.examine() if f.part == part]


def only(monkeypatch: pytest.MonkeyPatch, *checks: Any) -> None:
    monkeypatch.setattr(doctor, "_CHECKS", checks)


def test_on_this_machine_every_part_is_looked_at_and_nothing_needed_is_broken(model: Path) -> None:
    found = {f.part: f.state for f in doctor.examine()}
    assert {"python", "cv2", "onnxruntime", "avatar", "provider", "camera", "virtual camera"} <= set(found)
    assert {found[p] for p in ("python", "cv2", "onnxruntime", "avatar", "provider")} == {OK}


def test_two_owners_of_one_package_are_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    brings = {
        "cv2": ["opencv-contrib-python", "opencv-python"],
        "onnxruntime": ["onnxruntime", "onnxruntime-gpu"],
    }
    monkeypatch.setattr(doctor.metadata, "packages_distributions", lambda: brings)
    for part, cure, fixable in (
        ("cv2", "opencv-contrib-python", True),
        ("onnxruntime", "onnxruntime", False),
    ):
        finding = of(part)[0]
        assert finding.state == FAILURE and all(name in finding.text for name in brings[part])
        assert finding.text.endswith(f"pip install {cure}")
        assert (finding.fix is not None) == fixable


def test_missing_libraries_come_with_the_apt_line(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, ("libraries", doctor._libraries))
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None if name == "EGL" else name)
    (finding,) = of("libraries")
    assert finding.state == FAILURE and "apt-get install -y libegl1" in finding.text


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Finding]:
        raise ValueError("half-installed")
        yield

    only(monkeypatch, ("cv2", broken), ("python", doctor._python))
    assert [(f.part, f.state) for f in doctor.examine()] == [("cv2", FAILURE), ("python", OK)]


def test_a_provider_that_draws_wrongly_and_a_damaged_avatar_are_failures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any) -> Any:
        raise ProviderError("draws something else")

    def damaged(_: Any) -> Any:
        raise AvatarError("sheet.png is damaged")

    monkeypatch.setattr("liveavatar.renderers.open_renderer", refuse)
    monkeypatch.setattr("liveavatar.avatar.load_avatar", damaged)
    monkeypatch.setattr("liveavatar.avatar.find_avatar", lambda: None)
    only(monkeypatch, ("avatar", doctor._avatars), ("provider", doctor._providers))
    assert {f.state for f in doctor.examine()} == {FAILURE}
    assert any("damaged" in f.text for f in doctor.examine())
    assert any("cpu: draws something else" in f.text for f in doctor.examine())


def test_fix_names_what_it_does_does_it_and_looks_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there: list[bool] = []

    def find(fetch: bool = False) -> str:
        if fetch:
            there.append(True)
        if not there:
            raise TrackerError("the face model was not found")
        return "model.task"

    monkeypatch.setattr("liveavatar.models.find_model", find)
    only(monkeypatch, ("model", doctor._model))
    assert main(["doctor"]) == 1
    assert "doctor --fix" in capsys.readouterr().err
    assert not there
    assert main(["doctor", "--fix"]) == 0
    told = capsys.readouterr()
    assert "fixing model: fetch the face model (3.8 MB)" in told.err
    assert told.out.splitlines()[-1].split() == ["ok", "model", "model.task"]


def test_json_is_one_line_and_the_status_tells_failures_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for state, status in ((OK, 0), (WARNING, 0), (FAILURE, 1)):
        only(monkeypatch, ("camera", lambda state=state: iter([Finding("camera", state, "text")])))
        assert main(["doctor", "--json"]) == status
        (line,) = capsys.readouterr().out.splitlines()
        assert json.loads(line) == [{"part": "camera", "state": state, "text": "text", "remedy": ""}]
