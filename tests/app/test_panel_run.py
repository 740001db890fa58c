"""`run --panel` and `panel` as processes: one address for good, remembered choices, a page that waits for the next run."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.chromium import Page
from tests.helpers.running import GENEROUS, wait_until

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=\S+")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as of POSIX")


class Desk:
    """Starts programs with a user's folder of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.running: list[subprocess.Popen[str]] = []
        self.environment = {
            **os.environ,
            "XDG_CONFIG_HOME": str(home),
            "HOME": str(home),
            "LIVEAVATAR_LANG": "en",
            "BROWSER": "true",
        }

    def start(self, *arguments: str) -> "tuple[subprocess.Popen[str], str]":
        """A program that says a panel's address: the program, the address."""
        child = subprocess.Popen(
            [sys.executable, "tests/helpers/faked_run.py", *arguments],
            cwd=ROOT, env=self.environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.running.append(child)
        assert child.stderr is not None
        for line in child.stderr:
            if found := ADDRESS.search(line):
                return child, found[0]
        raise AssertionError("it told no address")

    def end(self, child: "subprocess.Popen[str]") -> None:
        child.send_signal(signal.SIGTERM)
        child.wait(GENEROUS)

    def ask(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "liveavatar", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=GENEROUS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "home")
    desk.home.mkdir()
    yield desk
    for child in desk.running:
        child.kill()
        child.wait()
        assert child.stderr is not None
        child.stderr.close()


def test_a_page_outlives_its_run_and_the_terminal_is_seen_on_it(desk: Desk, tmp_path: Path) -> None:
    play = ("run", "--camera", "synthetic", "--output", "null")
    first, address = desk.start(*play, "--panel")
    page = Page(address, tmp_path / "profile", (300, 700))
    try:
        page.wait("window.liveavatar && liveavatar.pictures > 1 && liveavatar.state.health.provider")
        desk.ask("emote", "joy")
        page.wait("liveavatar.state.emote === 'joy'")
        desk.ask("framing", "--zoom", "1.4")
        page.wait("document.querySelector('#n-zoom').value === '140'")
        assert desk.ask("mirror", "--on") == "moves like your mirror image"
        page.wait("document.querySelector('#like-mirror').checked")
        assert desk.ask("panel") == address
        page.run("document.querySelector('[data-avatar=ren]').scrollIntoView({block: 'center'})")
        page.click("[data-avatar=ren]")
        page.wait("liveavatar.state.avatar === 'ren'")
        page.run("scrollTo(0, 0)")
        pictures = page.run("liveavatar.pictures")
        page.wait(f"liveavatar.pictures > {pictures} + 3")  # the show goes on
        desk.end(first)
        page.wait("document.body.classList.contains('gone')")
        kept: dict[str, Any] = json.loads(next(desk.home.rglob("panel.json")).read_text())
        assert kept["avatar"] == "ren" and kept["framing"]["hoshi"]["zoom"] == 1.4
        second, same = desk.start(*play, "--panel")
        assert same == address
        page.wait("liveavatar.connections === 2 && !document.body.classList.contains('gone')")
        page.wait("document.querySelector('#n-zoom').value === '140'")  # hoshi's, remembered
        desk.end(second)
    finally:
        page.close()


def test_a_run_is_reached_that_was_started_without_one(desk: Desk) -> None:
    """Its panel is opened when somebody asks; two at a time have two addresses."""
    _, address = desk.start("run", "--camera", "synthetic", "--output", "null", "--panel")
    child = subprocess.Popen(
        [sys.executable, "tests/helpers/faked_run.py", "run", "--camera", "synthetic", "--output", "null"],
        cwd=ROOT, env=desk.environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    desk.running.append(child)
    opened: list[str] = []

    def reached() -> bool:
        opened.append(desk.ask("panel"))
        return opened[-1] != address

    wait_until(reached)
    port, other = (ADDRESS.search(one)[1] for one in (address, opened[-1]))  # type: ignore[index]
    assert port == "8786" != other
