"""Plugins from the command line: who asks, yes, no; a run that lets them in, and one that cannot."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import platformdirs
import pytest

from liveavatar.app.remote import Control
from liveavatar.app.vts.consent import Consent, introduced
from liveavatar.app.vts.protocol import Refused
from liveavatar.cli import main, with_port
from tests.helpers.plugins import Puppet

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(tmp_path))
    return tmp_path


@pytest.fixture
def running() -> Iterator[Puppet]:
    puppet = Puppet()
    with closing(Control(puppet.handle)):
        yield puppet


def test_list_allow_and_revoke(running: Puppet, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = introduced("投掷机", "Somebody", "https://page.example")
    tokens: list[str | None] = []
    running.consent.ask(plugin, tokens.append, 0.0)
    assert main(["plugins", "list"]) == 0
    assert capsys.readouterr().out == "投掷机\tSomebody\thttps://page.example\tasks\n"
    assert main(["plugins", "allow", "nobody"]) == 1 and "there are: 投掷机" in capsys.readouterr().err
    assert main(["plugins", "allow", "投掷机"]) == 0 and tokens[0]
    running.session(plugin)
    capsys.readouterr()
    assert main(["plugins", "list"]) == 0 and capsys.readouterr().out.endswith("\tallowed, connected\n")
    assert main(["plugins", "revoke", "投掷机"]) == 0
    assert running.entered[0].plugin is None and not running.consent.holds(plugin, tokens[0])
    capsys.readouterr()
    assert main(["plugins", "list"]) == 0 and capsys.readouterr().out.endswith("\tdenied\n")
    if os.name == "posix":
        assert (home / "plugins.json").stat().st_mode & 0o777 == 0o600


def test_without_a_run_the_kept_ones_can_be_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    consent = Consent()
    consent.ask(introduced("A deck", "Somebody", ""), lambda token: None, 0.0)
    consent.allow("a DECK")
    assert main(["plugins", "list"]) == 0 and capsys.readouterr().out == "A deck\tSomebody\t-\tallowed\n"
    assert main(["plugins", "allow", "A deck"]) == 1 and "run --vts" in capsys.readouterr().err
    assert main(["plugins", "revoke", "A deck"]) == 0
    capsys.readouterr()
    assert main(["plugins", "list"]) == 0 and not capsys.readouterr().out


def test_a_damaged_file_means_that_all_must_ask_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for damaged in ("", "[]", '{"plugins": [1]}', '{"plugins": [{"name": 1}]}'):
        (home / "plugins.json").write_text(damaged)
        assert Consent().listed()["allowed"] == []
    assert "have to ask again" in capsys.readouterr().err


@pytest.mark.parametrize("name", [None, 7, "ab", "x" * 33, "evil\x1b[2Jname", "‮drowssap"])
def test_names_that_cannot_be_shown_are_refused(name: object) -> None:
    with pytest.raises(Refused) as error:
        introduced(name, "Somebody", "")
    assert error.value.number == 52


@pytest.mark.parametrize(
    ("name", "typed"), [("Deck", "Deck"), ("Stream Deck", '"Stream Deck"'), ("$(rm x)`", "'$(rm x)`'")]
)
def test_what_the_user_is_told_to_type_does_nothing_else(
    name: str, typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Consent().ask(introduced(name, "Somebody", ""), lambda token: None, 0.0)
    assert capsys.readouterr().err.endswith(f"liveavatar plugins allow {typed}\n")


def test_the_usual_port_follows_an_option_that_has_none() -> None:
    for given, expected in (
        (["run", "--vts"], ["run", "--vts", "8001"]),
        (["run", "--vts", "--avatar", "x"], ["run", "--vts", "8001", "--avatar", "x"]),
        (["run", "--vts", "8002"], ["run", "--vts", "8002"]),
        (["run", "--vmc-out", "--vts"], ["run", "--vmc-out", "127.0.0.1:39539", "--vts", "8001"]),
    ):
        assert with_port(given) == expected
    assert main(["run", "--vts", "70000"]) == main(["run", "--vmc-out", "8.8.8.8"]) == 2


def test_a_run_whose_port_is_taken_says_so_and_goes_on(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    from tests.helpers.clips import write_clip

    write_clip(clip, frames=30)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [
            "run",
            "--camera",
            clip,
            "--avatar",
            ROOT / "tests" / "data" / "tiny",
            "--output",
            "null",
            "--vts",
            str(port),
        ]
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(tmp_path),
            "LIVEAVATAR_LANG": "en",
        }
        done = subprocess.run(
            [sys.executable, ROOT / "tests" / "helpers" / "faked_run.py", *command],
            env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    assert f"port {port} cannot be used" in done.stderr and f"--vts {port + 1}" in done.stderr
    assert "frames in" in done.stderr and "Traceback" not in done.stderr
