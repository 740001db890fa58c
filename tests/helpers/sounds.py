"""A sound server of a test's own, with one microphone, which gives what is played into it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.running import wait_until


def _portaudio() -> bool:
    try:
        import sounddevice  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


class SoundServer:
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

    def tell(self, *arguments: str) -> str:
        """What pactl answers."""
        done = subprocess.run(["pactl", *arguments], env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def sound_server(folder: Path) -> Iterator[SoundServer]:
    """Skips the test where there is no PulseAudio."""
    if not all(map(shutil.which, ("pulseaudio", "pactl", "paplay", "parec"))) or not _portaudio():
        pytest.skip(
            "needs PulseAudio and PortAudio: apt-get install pulseaudio libportaudio2 libasound2-plugins"
        )
    server = SoundServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
