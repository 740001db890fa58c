"""`run --microphone` with a sound server of its own: what is played into its microphone moves the avatar's mouth."""

import os
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.app.test_hearing import RATE, buzz
from tests.helpers.running import wait_until

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


def _portaudio() -> bool:
    try:
        import sounddevice  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


class Server:
    """PulseAudio with one microphone, which plays what is played into it."""

    def __init__(self, folder: Path) -> None:
        (folder / "run").mkdir(mode=0o700, parents=True)
        (folder / ".asoundrc").write_text("pcm.!default {\n type pulse\n}\n")
        self.environment = os.environ | {
            "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run"), "PULSE_SOURCE": "fakemic.monitor",
            "LIVEAVATAR_LANG": "en",
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        modules = ("module-native-protocol-unix", "module-null-sink sink_name=fakemic rate=48000")
        command = [
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            *(p for m in modules for p in ("-L", m)),
        ]
        self._process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(
            lambda: (
                subprocess.run(["pactl", "info"], env=self.environment, capture_output=True).returncode == 0
            )
        )

    def play(self, sound: Path) -> None:
        subprocess.run(["paplay", "--device=fakemic", str(sound)], env=self.environment, check=True)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not all(map(shutil.which, ("pulseaudio", "pactl", "paplay"))) or not _portaudio():
        pytest.skip(
            "needs PulseAudio and PortAudio: apt-get install pulseaudio libportaudio2 libasound2-plugins"
        )
    server = Server(tmp_path / "home")
    server.start()
    yield server
    server.stop()


def test_what_is_said_into_the_microphone_opens_the_mouth_whatever_becomes_of_it(
    server: Server, tmp_path: Path
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
