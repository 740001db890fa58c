"""`run --voice` with a sound server of its own: what is said comes out of the cable, whatever becomes of it."""

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

TINY = Path(__file__).parents[1] / "data" / "tiny"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SoundServer]:
    with sound_server(tmp_path / "home") as server:
        yield server


def begin(server: SoundServer, told: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "liveavatar", "run", "--camera", "none", "--microphone", "default"]
    command += ["--voice", "natural", "--avatar", str(TINY), "--output", "null", "--draw", "cpu"]
    with told.open("wb") as stderr:
        return subprocess.Popen(command, env=server.environment, stdout=subprocess.DEVNULL, stderr=stderr)


def heard_of(server: SoundServer, said: Path, seconds: float = 4.0) -> np.ndarray:
    """(n,) float32: what another program hears of it by the cable."""
    command = [
        "parec",
        "--device=liveavatar_mic",
        "--format=s16le",
        "--rate=16000",
        "--channels=1",
        "--latency-msec=20",
    ]
    with subprocess.Popen(command, env=server.environment, stdout=subprocess.PIPE) as ear:
        server.play(said)
        assert ear.stdout is not None
        sound = ear.stdout.read(round(seconds * RATE) * 2)
        ear.kill()
    return np.frombuffer(sound, "<i2").astype(np.float32) / 32768


def test_what_is_said_is_heard_by_the_cable_which_is_made_found_again_and_removed(
    server: SoundServer, tmp_path: Path
) -> None:
    said, told = tmp_path / "ah.wav", tmp_path / "told"
    with wave.open(str(said), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        vowel = buzz((750, 1250, 2550, 3500), 0.6)
        word = np.concatenate([np.zeros(RATE // 2, np.float32), vowel])
        file.writeframes((np.tile(word, 3) * 32767).astype("<i2").tobytes())
    before = server.tell("list", "short", "modules")
    program = begin(server, told)
    try:
        wait_until(lambda: "choose the microphone 'liveavatar microphone'" in told.read_text())
        assert server.tell("get-default-source").strip() == "fakemic.monitor", (
            "the user's microphone stays theirs"
        )
        loudest = 0.0
        for _ in range(5):  # until the program listens
            sound = heard_of(server, said)
            loudest = float(np.abs(sound).max(initial=0))
            if loudest > 0.05:
                break
        assert loudest > 0.05
        program.kill()  # it crashes
        program.wait()
        left = server.tell("list", "short", "modules")
        assert "liveavatar_mic" in left
        program = begin(server, told)
        wait_until(lambda: "choose the microphone" in told.read_text())
        assert server.tell("list", "short", "modules") == left, "the cable that was left over is used"
        for line in left.splitlines():  # somebody takes it away
            if "sink_name=liveavatar " in line:
                server.tell("unload-module", line.split()[0])
        wait_until(lambda: "the virtual cable was taken away" in told.read_text())
        wait_until(lambda: "the voice is heard again" in told.read_text())
        assert "liveavatar_mic" in server.tell("list", "short", "modules")
        wait_until(lambda: float(np.abs(heard_of(server, said)).max(initial=0)) > 0.05)
    finally:
        program.terminate()
        assert program.wait(30) == 0, told.read_text()
    assert server.tell("list", "short", "modules") == before
    assert "voice after the picture" in told.read_text() and "Sync Offset" not in told.read_text()
