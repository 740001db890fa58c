"""The clients that plugins are made with, each as its registry has it, against the program that runs.

    python -m benchmarks.plugins.conformance

Each client gets an environment of its own (in the user's cache; pip and npm fetch it once), comes in by the user's yes and does
what its plugins do. Prints a line for each, and one of JSON; exit status 1 if any fails. Needs the face model, as `run` does.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from liveavatar.base.files import user_folder

CLIENTS = Path(__file__).parent / "clients"
LONGEST = 120.0
"""Seconds that a client may take."""


@dataclass(frozen=True)
class Client:
    """One library."""

    package: str
    script: str
    needs: tuple[str, ...] = ()
    """What is installed beside it."""
    alone: bool = False
    """Without what it depends on."""

    @property
    def npm(self) -> bool:
        return self.script.endswith(".cjs")


ALL = (
    Client("pyvts==0.3.3", "with_pyvts.py"),
    Client(
        "PyTubeStudio==0.1.0", "with_pytubestudio.py", ("websockets", "pydantic", "aiofiles", "platformdirs")
    ),
    Client("VTubeBridge==0.2.2", "with_vtubebridge.py", ("websockets",)),
    Client("pymouth==1.3.2", "with_pymouth.py", ("websockets",), alone=True),
    Client("vtubestudio@3.11.0", "with_vtubestudio.cjs", ("ws@8",)),
)


def installed(client: Client, folder: Path) -> list[str]:
    """The command that runs its script, in an environment in `folder`. Raises CalledProcessError."""
    place = folder / client.script.partition(".")[0]
    if client.npm:
        place.mkdir(parents=True, exist_ok=True)
        if not (place / "node_modules" / "vtubestudio").is_dir():
            command = [
                "npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--prefix",
                str(place),
                client.package,
                *client.needs,
            ]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(CLIENTS / client.script, place)  # node looks for modules beside the script
        return ["node", str(place / client.script)]
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (place / "whole").is_file():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(python), "-m", "pip", "install", "-q"]
        subprocess.run([*pip, *(["--no-deps"] if client.alone else []), client.package], check=True)
        if client.needs:
            subprocess.run([*pip, *client.needs], check=True)
        (place / "whole").touch()
    return [str(python), str(CLIENTS / client.script)]


@contextlib.contextmanager
def show(home: Path) -> Iterator[int]:
    """`run --vts` with the built-in clip; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "liveavatar",
        "run",
        "--camera",
        "synthetic",
        "--output",
        "null",
        "--vts",
        str(port),
    ]
    with (home / "said").open("w") as said:
        process = subprocess.Popen(command, stderr=said)
        try:
            while f"port {port}" not in (home / "said").read_text(encoding="utf-8"):
                assert process.poll() is None, (home / "said").read_text(encoding="utf-8")
                time.sleep(0.1)
            time.sleep(5.0)  # the avatar is there
            yield port
        finally:
            process.terminate()
            process.wait()


def play(client: Client, command: list[str], port: int, home: Path) -> str:
    """Run one client, and say yes to it; what went wrong, or ""."""
    from liveavatar.app.remote import ask
    from liveavatar.errors import LiveAvatarError

    name, folder = client.script.partition(".")[0], Path(tempfile.mkdtemp(dir=home))
    # Not this checkout's packages: its own.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    process = subprocess.Popen(
        [*command, str(port), name, str(folder)], cwd=folder, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    end, allowed = time.monotonic() + LONGEST, False
    while process.poll() is None and time.monotonic() < end:
        if not allowed:
            with contextlib.suppress(LiveAvatarError):
                ask({"command": "plugins", "do": "allow", "name": name})
                allowed = True
        time.sleep(0.1)
    process.kill()
    said = process.communicate()[0]
    if process.returncode == 0:
        return ""
    return said.strip() or f"status {process.returncode}"


def main() -> int:
    """All of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=user_folder("cache") / "conformance")
    folder = parser.parse_args().folder
    results: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_CONFIG_HOME"], os.environ["LIVEAVATAR_LANG"] = temporary, "en"
        commands = {client: installed(client, folder) for client in ALL}
        with show(Path(temporary)) as port:
            for client, command in commands.items():
                wrong = play(client, command, port, Path(temporary))
                results[client.package] = not wrong
                print(f"{client.package:22} {wrong or 'ok'}", flush=True)
    print(json.dumps(results))
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
