"""Every command with nonsense for every argument: never a traceback, always a message, nothing left behind.

The commands are those of the program, so that a new one is covered without being named here.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from liveavatar.cli import build, main
from liveavatar.errors import LiveAvatarError
from tests.helpers.fakes import FakeTracker

TINY = Path(__file__).parents[1] / "data" / "tiny"
BEGAN = "the work began"

USUAL = {"avatar": str(TINY), "camera": "synthetic", "output": "null", "source": "gone.zip", "name": "tiny",
         "frames": "8"}  # fmt: skip
"""What the other parameters get where a command does not go far without."""

NEVER = ("", "\0", "a\0b", "x" * 5000)
"""Makes sense as a value of no parameter."""
SELDOM = (
    "no/such/thing",
    "nonsense",
    "-1",
    "1e999",
    "nan",
    "9" * 30,
    "名\u202e字",
    "FOLDER",
    "FILE",
    "-",
    "%s{}$(x)",
)
"""May make sense as a name or a file to write: no traceback, and a message where it is refused."""


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(build())))
VALUES = [
    (path, parameter)
    for path, command in COMMANDS.items()
    for parameter in command.params
    if not getattr(parameter, "is_flag", False) and parameter.name != "help"
]


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has nothing yet; long work is not done but says that it would have begun."""
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.delenv("LIVEAVATAR_DEBUG", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def began(*_: Any, **__: Any) -> Any:
        raise LiveAvatarError(BEGAN)

    def run(self: Any) -> Any:
        self._open_camera().close()
        self._open_renderer().close()
        began()

    def bench(parts: Any, *_: Any) -> Any:
        open_camera(str(parts.clip)).close()
        open_renderer(parts.avatar, parts.provider).close()
        began()

    from liveavatar.cameras import open_camera
    from liveavatar.renderers import open_renderer
    from liveavatar.trackers import model_files

    find = model_files.find_model
    monkeypatch.setattr(
        model_files,
        "find_model",
        lambda given=None, **_: find(given) if given is not None else Path("x.task"),
    )
    monkeypatch.setattr("liveavatar.trackers.open_tracker", lambda *_, **__: FakeTracker())
    monkeypatch.setattr("liveavatar.pipeline.animate", began)
    monkeypatch.setattr("liveavatar.live.loop.Live.run", run)
    monkeypatch.setattr("liveavatar.app.testcard.play", began)
    monkeypatch.setattr("liveavatar.bench.legs.bench", bench)
    monkeypatch.setattr("liveavatar.rigs.contact_sheet.write_sheets", began)
    monkeypatch.setattr("liveavatar.rigs.contact_sheet.write_population", began)
    monkeypatch.setattr("liveavatar.fitting.create.fit", began)
    try:
        for part in ("identity", "landmarks", "layers", "eyes"):
            monkeypatch.setattr(f"liveavatar.training.{part}.trainer.Trainer", began)
        monkeypatch.setattr("liveavatar.training.morpher.mouths.taught", began)
        monkeypatch.setattr("liveavatar.training.prepared.open_dataset", began)
        monkeypatch.setattr("liveavatar.training.evaluate.render_missing", began)
        monkeypatch.setattr("liveavatar.training.dataset.render_missing", began)  # last: the others import it
    except (ImportError, AttributeError):
        pass  # without the [train] extra these commands end before
    return tmp_path / "home"


def arguments(path: tuple[str, ...], name: str, value: str) -> list[str]:
    """The command with this value for one parameter, and what makes sense for those that matter."""
    given = [*path]
    positional = []
    for parameter in COMMANDS[path].params:
        wanted = value if parameter.name == name else USUAL.get(parameter.name)
        if path[0] != "run" and parameter.name == "output" and parameter.name != name:
            wanted = None
        if wanted is None:
            continue
        if parameter.param_type_name == "argument":
            positional.append(wanted)
        else:
            given += [max(parameter.opts, key=len), *[wanted] * parameter.nargs]
    return [*given, "--", *positional] if positional else given


@pytest.mark.parametrize(
    ("path", "parameter"), VALUES, ids=[f"{' '.join(path)} {parameter.name}" for path, parameter in VALUES]
)
def test_nonsense_for_a_parameter_is_a_message(
    path: tuple[str, ...], parameter: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"neither a video nor a model\n")
    places = {"FOLDER": str(tmp_path / "here"), "FILE": str(tmp_path / "file")}
    for value in (*NEVER, *SELDOM):
        status = main(arguments(path, parameter.name, places.get(value, value)))
        shown = capsys.readouterr()
        told = f"{value[:40]!r}: {status} {shown.err[-300:]}"
        assert status in (0, 1, 2), told
        assert "Traceback" not in shown.err and len(shown.err) < 20_000, told
        assert shown.err.strip() if status else True, told
        if value in NEVER:
            assert status and BEGAN not in shown.err, told
    assert (tmp_path / "file").read_bytes() == b"neither a video nor a model\n"
    left = {file.name for file in (tmp_path / "here").rglob("*") if file.is_file()}
    assert left <= {"options.json"}  # of a training run in a folder with a strange name


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "extra", [["--nonsense"], ["-q"], ["a", "b", "c", "d"], ["--=", "--"], ["\0"], ["--" + "x" * 5000]]
)
def test_what_no_command_knows_is_wrong_usage(
    path: tuple[str, ...], extra: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*path, *extra]) == 2
    assert "liveavatar" in capsys.readouterr().err


def test_a_program_with_nonsense_before_the_command_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    for first in (
        ["--lang"],
        ["--lang", ""],
        ["--lang="],
        ["--lang", "\0"],
        ["--nonsense"],
        [""],
        ["\0"],
        ["x" * 9999],
    ):
        assert main(first) == 2
        assert main([*first, "run"]) == 2
        assert capsys.readouterr().err.strip()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights do not bind an administrator")
def test_a_home_without_rights_is_told(empty_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty_home.mkdir(mode=0o500)
    assert main(["avatars", "install", str(TINY)]) == 1
    assert "Nothing was changed" in capsys.readouterr().err
