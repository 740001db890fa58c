"""`run --microphone` with a sound server of its own: what is played into its microphone moves the avatar's mouth."""

import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.app.test_hearing import RATE, buzz
from tests.helpers.running import wait_until
from tests.helpers.sounds import SoundServer, sound_server

PROGRAM = """
import sys
from pathlib import Path
from liveavatar.controls import INDEX
from liveavatar.retargeting.mixer import Mixer

finish, shown = Mixer.finish, Path(sys.argv.pop(1))

def watched(self, expression):
    mixed = finish(self, expression)
    with shown.open("a") as file:
        file.write(f"{mixed.controls[INDEX['jawOpen']]:.3f}\\n")
    return mixed

Mixer.finish = watched
from liveavatar.__main__ import program
program()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SoundServer]:
    with sound_server(tmp_path / "home") as server:
        yield server


def test_what_is_said_into_the_microphone_opens_the_mouth_whatever_becomes_of_it(
    server: SoundServer, tmp_path: Path
) -> None:
    said, shown, told = tmp_path / "ah.wav", tmp_path / "jaws", tmp_path / "told"
    with wave.open(str(said), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((buzz((750, 1250, 2550, 3500), 2.0) * 32767).astype("<i2").tobytes())
    tiny = Path(__file__).parents[1] / "data" / "tiny"
    command = [
        sys.executable,
        "-c",
        PROGRAM,
        str(shown),
        "run",
        "--camera",
        "none",
        "--microphone",
        "default",
    ]
    command += ["--avatar", str(tiny), "--output", "null", "--draw", "cpu"]
    with told.open("wb") as stderr:
        program = subprocess.Popen(command, env=server.environment, stdout=subprocess.DEVNULL, stderr=stderr)

    def jaws(since: int = 0) -> list[float]:
        return [float(line) for line in shown.read_text().splitlines()[since:-1]] if shown.exists() else []

    try:
        wait_until(lambda: len(jaws()) > 30)
        assert max(jaws()) < 0.05, "a silent microphone opens nothing"
        for _ in range(5):  # until the program listens
            server.play(said)
            if max(jaws()) > 0.3:
                break
        assert max(jaws()) > 0.3
        before = len(jaws())
        wait_until(lambda: max(jaws(before)[-15:], default=1) < 0.05)
        server.stop()
        wait_until(lambda: "stopped giving sound" in told.read_text())
        before = len(jaws())
        wait_until(lambda: len(jaws(before)) > 30)
        server.start()
        wait_until(lambda: "is heard again" in told.read_text())
    finally:
        program.terminate()
        assert program.wait(30) == 0, told.read_text()
    assert np.isfinite(jaws()).all() and "sound to lips" in told.read_text()
