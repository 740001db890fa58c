import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import liveavatar
from liveavatar.app import console
from liveavatar.base.messages import say
from liveavatar.cli import main
from liveavatar.live.loop import Report
from liveavatar.media.recording import NOTHING
from tests.helpers.fakes import FakeTracker
from tests.helpers.running import wait_until

ROOT = Path(__file__).parents[2]
TINY = Path(__file__).parents[1] / "data" / "tiny"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEAVATAR_LANG", "en")
    monkeypatch.delenv("LIVEAVATAR_DEBUG", raising=False)
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracks with a fake: these tests are about the command line."""
    monkeypatch.setattr("liveavatar.trackers.model_files.find_model", lambda *a, **k: Path("fake.task"))
    monkeypatch.setattr("liveavatar.trackers.open_tracker", lambda *a, **k: FakeTracker())


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from liveavatar.media.video_writer import VideoEncoder

    path = tmp_path_factory.mktemp("clip") / "短片.mp4"
    encoder = VideoEncoder(path, (64, 48), 25)
    for i in range(20):
        encoder.write(np.full((48, 64, 3), 10 * i, np.uint8))
    encoder.close()
    return path


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"liveavatar {liveavatar.__version__}"


def test_help_lists_the_commands_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in (
        "demo",
        "run",
        "create",
        "new",
        "cameras",
        "avatars",
        "doctor",
        "bench",
        "rig",
        "train",
        "export",
        "evaluate",
        "refine",
    ):
        assert command in shown


@pytest.mark.parametrize("arguments", [["--lang", "zh", "--help"], ["--lang=zh", "--help"]])
def test_help_in_chinese(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "摄像头" in capsys.readouterr().out


def test_an_unknown_language_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "xx", "cameras"]) == 2
    assert "en or zh" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Error: no avatar named"), ("zh", "错误：没有名为")], ids=["en", "zh"]
)
def test_an_error_is_one_message_without_a_traceback(
    lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", lang, "run", "--avatar", "nobody"]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith(said) and "Traceback" not in shown.err and not shown.out


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from liveavatar.errors import AvatarError

    monkeypatch.setenv("LIVEAVATAR_DEBUG", "1")
    with pytest.raises(AvatarError):
        main(["run", "--avatar", "nobody"])


def test_an_unknown_option_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--nonsense"]) == 2


def test_cameras_lists_or_says_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cameras"]) == 0
    assert capsys.readouterr().out.strip()


def test_avatar_info(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatars", "info", str(TINY)]) == 0
    shown = capsys.readouterr().out
    assert "tiny" in shown and "licence" in shown and "headYaw" in shown


def test_avatars_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatars", "list"]) == 0


def test_every_frame_writes_one_frame_for_each_and_the_same_each_time(
    no_model: None, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []
    for name in ("a.mp4", "b.mp4"):
        arguments = ["run", "--every-frame", "--camera", clip, "--avatar", TINY, "--output", tmp_path / name]
        assert main([str(a) for a in arguments]) == 0
        made.append(frames_of(tmp_path / name))
    assert len(made[0]) == 20
    np.testing.assert_array_equal(made[0], made[1])
    assert "20 frames" in capsys.readouterr().out


def test_every_frame_needs_a_file(no_model: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--every-frame", "--camera", "0", "--avatar", str(TINY), "--output", "null"]) == 1
    assert "--camera FILE" in capsys.readouterr().err


def test_run_plays_a_clip_in_real_time(
    no_model: None, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "live.mp4"
    arguments = ["run", "--camera", clip, "--avatar", TINY, "--output", path, "--background", "blue"]
    assert main([str(a) for a in arguments]) == 0
    shown = capsys.readouterr().err
    assert "age p50/p95/p99" in shown and "Sync Offset" in shown
    frames = frames_of(path)
    assert 10 <= len(frames) <= 60  # 0.8 s at 30 fps, and what the start took
    assert abs(frames[-1][2, 2].astype(int) - (0, 71, 187)).max() < 12


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--output", "tv", "unknown output"),
        ("--background", "nothing.png", "#rrggbb"),
        ("--camera", "nowhere.mp4", "nowhere.mp4"),
        ("--provider", "abacus", "abacus"),
    ],
)
def test_run_says_what_is_wrong(
    no_model: None, clip: Path, option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"--camera": str(clip), "--avatar": str(TINY), "--output": "null"} | {option: value}
    assert main(["run", *(part for pair in options.items() for part in pair)]) == 1
    assert said in capsys.readouterr().err


def test_a_run_that_never_began_leaves_an_older_recording_alone(no_model: None, tmp_path: Path) -> None:
    path = tmp_path / "live.mp4"
    path.write_bytes(b"an older one")
    assert main(["run", "--camera", "nowhere.mp4", "--avatar", str(TINY), "--output", str(path)]) == 1
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("live.mp4", b"an older one")]


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_completes_its_file(clip: Path, tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "live.mp4"
    code = (
        "import sys, liveavatar.trackers.model_files, liveavatar.trackers;"
        "from pathlib import Path; from tests.helpers.fakes import FakeTracker;"
        "from liveavatar import cameras; opened = cameras.open_camera;"
        "cameras.open_camera = lambda spec: opened(spec, loop=True);"
        "liveavatar.trackers.model_files.find_model = lambda *a, **k: Path('x');"
        "liveavatar.trackers.open_tracker = lambda *a, **k: FakeTracker();"
        "from liveavatar.__main__ import program; program()"
    )
    command = [sys.executable, "-c", code, "run", "--camera", clip, "--avatar", TINY, "--output", path]
    paths = {
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    environment = os.environ | paths  # no run of somebody else is met there
    process = subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert any(
        "Ctrl-C" in line for line in process.stderr
    )  # the output is open; another run may be told before
    part = tmp_path / "live.recording.mp4"
    wait_until(lambda: part.stat().st_size > 2 * NOTHING)  # half a second of pictures stands there
    process.send_signal(number)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert "frames in" in said and "Traceback" not in said
    assert len(frames_of(path)) > 5


def test_the_status_line() -> None:
    report = Report(sent=100, fps=29.97, provider="cpu", drops={"capture": 2, "track": 1, "render": 0})
    for _ in range(10):
        report.ages.add(0.042)
    assert console.status_text(report, "hoshi") == (
        "30.0 fps | age 42/42 ms | OBS sync 42 ms | drops 3 | cpu | hoshi"
    )
    report.troubles["camera"] = "unplugged"  # the offset gives way to it
    assert console.status_text(report, "hoshi") == (
        "30.0 fps | age 42/42 ms | drops 3 | cpu | hoshi | idling: camera"
    )
    loading: Any = Report(troubles={"camera": "unplugged"})
    assert (
        console.status_text(loading, "hoshi")
        == "0.0 fps | age - ms | drops 0 | loading | hoshi | idling: camera"
    )


def test_what_is_left_undone_is_said_each_time_it_changes(capsys: pytest.CaptureFixture[str]) -> None:
    report, status = Report(sent=100, fps=30.0, provider="cpu"), console.StatusLine("hoshi")
    for level, message in ((0, ""), (1, "less"), (2, "less"), (0, "all"), (1, "less")):
        report.governor.level, report.governor.message = level, message
        status(report)
    assert capsys.readouterr().err.splitlines() == ["less", "all", "less"]
    assert "| hoshi | saving 1" in console.status_text(report, "hoshi")
    report.governor.lowered, report.governor.seconds = 2, 12.4
    console.summary(report)
    assert "less was tracked and drawn for 12 s" in capsys.readouterr().err


def test_a_budget_that_is_none_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--budget", "8"]) == 2
    assert "1core or 8ms" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("troubles", [{}, {"camera": "unplugged"}])
def test_the_status_line_fits_any_width(lang: str, troubles: dict[str, str]) -> None:
    """What matters most stays longest."""
    from rich.cells import cell_len

    from liveavatar.language import set_language

    report = Report(fps=30.0, provider="tensorrt", drops={"capture": 9999}, troubles=troubles)
    report.ages.add(0.1422)
    report.governor.level = 4
    set_language(lang)
    try:
        assert cell_len(console.status_text(report, "hoshi")) < 80
        lines = {cells: console.status_text(report, "星之少女\x9b\n", cells) for cells in range(100)}
    finally:
        set_language(None)
    assert all(cell_len(line) <= cells for cells, line in lines.items())
    assert not any(c in line for line in lines.values() for c in "\n\r\x9b")
    assert "星之少女" in lines[99]
    for cells in (30, 49, 79):
        assert ("camera" if troubles else "30.0 fps") in lines[cells]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_the_status_line_stays_one_line_while_the_window_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl
    import pty
    import struct
    import termios

    from rich.cells import cell_len

    ours, theirs = pty.openpty()

    def drawn(columns: int) -> list[str]:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        status(report)
        return os.read(ours, 10_000).decode().split("\r")[1:]

    report = Report(fps=30.0, provider="cpu")
    report.ages.add(0.1422)
    with open(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        status = console.StatusLine("星之少女")
        shown = {columns: drawn(columns) for columns in (120, 50, 20, 80, 1, 0)}
        drawn(50)
        say("from some thread")
        shot = ""
        while "thread" not in shot:
            shot += os.read(ours, 10_000).decode()
        wiped, message = shot.split("\r")[1:3]
        assert wiped.strip() == "" and message == "from some thread"
        monkeypatch.setenv("TERM", "dumb")
        console.StatusLine("hoshi")(report)
        assert not console.StatusLine("hoshi")._terminal
    os.close(ours)
    for columns, lines in shown.items():
        assert max(cell_len(line) for line in lines) < (columns or 80), columns
    assert "30.0 fps" in shown[20][0] and "星之少女" in shown[120][0] + shown[0][0]


def test_the_docs_name_every_command_and_option_and_no_other() -> None:
    import re

    import typer.main

    from liveavatar.cli import build

    documented = {}
    for section in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").split("### `liveavatar ")[1:]:
        cells = re.findall(r"^\| (`--[^|]+)", section.split("\n## ")[0], re.MULTILINE)
        documented[section.split("`")[0]] = {o for cell in cells for o in re.findall(r"`(--[\w-]+)", cell)}

    def commands(group: Any, prefix: str = "") -> dict[str, set[str]]:
        found = {}
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                found |= commands(command, f"{prefix}{name} ")
            else:
                options = {o for p in command.params for o in p.opts if o.startswith("--")}
                found[prefix + name] = options - {"--help"}
        return found

    assert documented == commands(typer.main.get_command(build()))


def test_a_clip_without_a_face_is_an_error_and_leaves_no_file(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from liveavatar.media.video_writer import VideoEncoder

    clip, output = tmp_path / "wall.mp4", tmp_path / "avatar.mp4"
    video = VideoEncoder(clip, (128, 128), 30)
    for grey in range(12):
        video.write(np.full((128, 128, 3), 10 * grey, np.uint8))
    video.close()
    tiny = Path(__file__).parents[1] / "data" / "tiny"
    arguments = ["run", "--avatar", str(tiny), "--camera", str(clip), "--model", str(model), "--every-frame"]
    assert main([*arguments, "--output", str(output)]) == 1
    assert "no face was found in any frame" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["wall.mp4"]


def test_training_says_when_its_avatar_will_be_shown_in_place_of_one_that_ships(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from liveavatar.cli import train

    monkeypatch.setattr("liveavatar.avatar.library.user_folder", lambda kind: tmp_path / kind)
    train._require_place("hoshi", None)
    assert "avatars remove hoshi" in capsys.readouterr().err
    train._require_place("mine", None)
    train._require_place("hoshi", tmp_path / "hoshi")
    assert not capsys.readouterr().err
