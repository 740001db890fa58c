"""Talking to the running program: who may, what comes back, and a real swap of real avatars."""

import json
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from liveavatar.app import remote
from liveavatar.app.live_session import tell_of_another
from liveavatar.app.remote import Command, Control, ask, running
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import load_avatar
from liveavatar.cli import main
from liveavatar.errors import AvatarError, LiveAvatarError
from liveavatar.live.loop import Live
from liveavatar.outputs import open_output
from liveavatar.renderers import open_renderer
from tests.helpers.fakes import FakeCamera, FakeRetargeter, FakeTracker
from tests.helpers.running import GENEROUS, wait_until


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path / "配置"))
    return tmp_path / "配置"


@pytest.fixture
def echo() -> Iterator[Control]:
    def handle(command: Command) -> Command:
        if command.get("fail"):
            raise AvatarError("is broken")
        return {"got": command}

    listening = Control(handle)
    yield listening
    listening.close()


def test_a_command_is_answered_and_errors_come_back_as_errors(echo: Control) -> None:
    assert ask({"command": "汉字"}) == {"got": {"command": "汉字"}}
    with pytest.raises(LiveAvatarError, match="is broken"):
        ask({"fail": True})


def test_without_a_running_program_the_way_to_start_one_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["swap", "hoshi"]) == 1
    assert "liveavatar run" in capsys.readouterr().err
    home.mkdir()
    for left_behind in ("", "{}", json.dumps({"port": 1, "token": "x"})):
        (home / "running.json").write_text(left_behind)
        with pytest.raises(LiveAvatarError, match="no liveavatar is running"):
            ask({})


def test_only_who_read_the_file_may_speak_and_no_web_page(echo: Control, home: Path) -> None:
    note = json.loads((home / "running.json").read_text())
    if os.name == "posix":
        assert stat.S_IMODE((home / "running.json").stat().st_mode) == 0o600
    address = f"ws://127.0.0.1:{note['port']}"
    right = {"Authorization": f"Bearer {note['token']}"}
    for headers in ({}, {"Authorization": "Bearer guess"}, {**right, "Origin": "http://evil.example"}):
        with pytest.raises(InvalidStatus, match="403"):
            connect(address, additional_headers=headers).__enter__()
    with connect(address, additional_headers=right) as connection:
        connection.send("[1]")
        assert "expected a JSON object" in json.loads(connection.recv(timeout=GENEROUS))["error"]


def test_the_last_one_started_is_found_and_closing_it_leaves_no_trace(echo: Control, home: Path) -> None:
    later = Control(lambda command: {"later": True})
    assert ask({}) == {"later": True}
    echo.close()  # the earlier one leaves the later one's file alone
    assert ask({}) == {"later": True}
    later.close()
    later.close()
    assert not (home / "running.json").exists()


def test_when_a_second_one_ends_the_first_is_found_again(echo: Control, home: Path) -> None:
    second = Control(lambda command: {"second": True}, "hoshi -> null")
    assert running() == {"pid": os.getpid(), "about": "hoshi -> null"}
    second.close()
    assert ask({"command": "x"}) == {"got": {"command": "x"}}
    if os.name == "posix":
        assert stat.S_IMODE((home / "running.json").stat().st_mode) == 0o600
    echo.close()
    assert running() is None and not list(home.iterdir())


def test_a_crashed_ones_file_is_no_running_program(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir()
    (home / "running.json").write_text(json.dumps({"port": 9, "token": "x", "pid": 1}))
    assert running() is None
    tell_of_another()
    assert capsys.readouterr().err == ""
    after = Control(lambda command: {"after": True})
    assert ask({}) == {"after": True}
    after.close()
    assert not (home / "running.json").exists()


def test_a_second_run_is_told_of_the_first(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = Control(lambda command: {}, "hoshi -> /dev/video10")
    tell_of_another()
    first.close()
    told = capsys.readouterr().err
    assert f"pid {os.getpid()}: hoshi -> /dev/video10" in told and "speak to this one until it ends" in told


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_a_hundred_swaps_of_real_avatars_and_a_broken_one(
    tiny: Avatar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Path(shutil.copytree(tiny.folder, tmp_path / "broken"))
    (broken / "face.png").write_bytes(b"no picture")
    output: Any = open_output("null", size=tiny.size, fps=60)
    live = Live(
        open_camera=lambda: FakeCamera(frames=None, fps=60), open_tracker=FakeTracker,
        retargeter=FakeRetargeter(), open_renderer=lambda: open_renderer(tiny, "cpu"), output=output,
        size=tiny.size, fps=60,
    )  # fmt: skip

    def handle(command: Command) -> Command:
        chosen = load_avatar(Path(command["avatar"]))
        live.swap(lambda: open_renderer(chosen, "cpu"))
        return {"avatar": chosen.name, "seconds": 0.0}

    listening = Control(handle)
    runner = threading.Thread(target=live.run)
    runner.start()
    try:
        wait_until(lambda: live.report.driven)
        assert main(["swap", str(tiny.folder)]) == 0
        assert "now tiny" in capsys.readouterr().out
        for _ in range(10):
            ask({"avatar": str(tiny.folder)})
        before = memory_mb()
        for _ in range(100):
            ask({"avatar": str(tiny.folder)})
        grown = memory_mb() - before
        assert main(["swap", str(broken)]) == 1
        assert "sha256" in capsys.readouterr().err
        driven = live.report.driven
        wait_until(lambda: live.report.driven > driven)  # still on the air
        print(f"grown by {grown:.1f} MB in 100 swaps; longest gap {live.report.intervals.ms(100):.0f} ms")
        assert grown < 20
    finally:
        listening.close()
        live.stop()
        runner.join()
    assert not remote._path().exists()
