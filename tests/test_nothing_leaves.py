"""The whole program, watched by the system: no look-up and no connection beyond this machine, nothing left in its folders.

Native libraries speak past Python's sockets, so the system calls themselves are recorded (strace), in a namespace without a
network where the system gives one (unshare).
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "data" / "tiny"
LONG_ENOUGH = 12.0
"""Seconds: onnxruntime 1.32 makes its folder at once, and its first report 9 seconds after the first session."""
OWN = ("liveavatar", "matplotlib", "fontconfig")
"""Folders that may appear among the user's: lists of fonts speak to nobody."""
CI_VARIABLES = ("CI", "TF_BUILD", "GITHUB_", "GITLAB", "JENKINS", "TRAVIS", "CIRCLE", "APPVEYOR", "BUILD_", "TEAMCITY",
                "BUILDKITE", "CODEBUILD", "DRONE", "SYSTEM_", "AGENT_", "RUNNER_")  # fmt: skip
"""Beginnings of names of variables under which libraries keep quiet."""

LOCAL_SERVICES = r'nscd/socket|/pulse[^"]*/native"|/jack_default'
"""Sockets of this machine's own that libraries look for: names of users, and sound."""


@cache
def watcher() -> list[str]:
    """What goes before a command so that its calls are recorded; skips where the system records none."""
    strace = ["strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg"]

    def works(command: list[str]) -> bool:
        return bool(shutil.which(command[0])) and not subprocess.run(command, capture_output=True).returncode

    if not works([*strace, "-o", os.devnull, "true"]):
        pytest.skip("needs strace (apt-get install strace) and the right to trace")
    alone = ["unshare", "-rn"]
    return [*(alone if works([*alone, "true"]) else []), *strace]


def leaving(record: str) -> list[str]:
    """The lines of a record that speak to anything but this machine, to a resolver on it, or to another program."""
    found = []
    for line in record.splitlines():
        beyond = any(
            not address.startswith("127.") for address in re.findall(r'inet_addr\("([^"]+)"\)', line)
        ) or any(address != "::1" for address in re.findall(r'inet_pton\(AF_INET6, "([^"]+)"', line))
        resolver = "htons(53)" in line or "htons(5353)" in line
        program = "AF_UNIX" in line and "sun_path=" in line and not re.search(LOCAL_SERVICES, line)
        if beyond or resolver or program:
            found.append(line)
    return found


@contextmanager
def watched(folder: Path, *arguments: str | Path, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """Python with these arguments and a home of its own in `folder`, its calls recorded in folder/calls."""
    home = folder / "home"
    home.mkdir(parents=True)
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("XDG_", "LIVEAVATAR_", "ORT_", *CI_VARIABLES))
    }
    moved = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(home))
    child = subprocess.Popen(
        [*watcher(), "-o", str(folder / "calls"), sys.executable, *map(str, arguments)],
        env={**kept, **moved, "PYTHONPATH": str(ROOT), "LIVEAVATAR_LANG": "en", **variables},
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def was_silent(folder: Path, child: "subprocess.Popen[str]") -> None:
    """Wait for its end and look at what it did."""
    told = child.communicate(timeout=600)[0]
    assert child.returncode == 0, told[-2000:]
    assert (folder / "calls").read_text().count("+++ exited with 0 +++") > 0  # something was recorded
    assert not leaving((folder / "calls").read_text())
    assert foreign(folder / "home") == []


def foreign(home: Path) -> list[str]:
    """Files of others in the user's folders."""
    files = (path.relative_to(home) for path in home.rglob("*") if path.is_file())
    return sorted(str(path) for path in files if not set(OWN) & set(path.parts))


EXTRAS = ("mediapipe", "cv2", "onnxruntime", "onnx", "torch", "safetensors", "matplotlib.pyplot", "skia", "av", "PIL",
          "pyvirtualcam", "pynput.keyboard", "websockets.sync.server", "typer", "rich", "platformdirs",
          "cv2_enumerate_cameras")  # fmt: skip


def installed(name: str) -> bool:
    """Whether it can be imported here, without importing it. pynput asks for a display."""
    return importlib.util.find_spec(name.partition(".")[0]) is not None and not name.startswith("pynput")


def cut(clip: Path, seconds: float, to: Path) -> Path:
    """The clip's beginning, packets as they are."""
    import av

    with av.open(str(clip)) as source, av.open(str(to), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is None or packet.dts * stream.time_base > seconds:
                break
            packet.stream = copy
            target.mux(packet)
    return to


SESSION = f"""
import liveavatar.cli, pathlib
from liveavatar.avatar.library import load_avatar
from liveavatar.renderers import open_renderer
drawing = open_renderer(load_avatar(pathlib.Path({str(TINY)!r})), "cpu")
"""


def test_a_run_and_every_import_speak_to_nobody(model: Path, tmp_path: Path) -> None:
    """Both at once, and long enough for a report to be sent."""
    from liveavatar.cameras import SYNTHETIC

    clip = cut(SYNTHETIC, LONG_ENOUGH, tmp_path / "clip.mp4")
    waiting = "\n".join(
        (SESSION, *(f"import {n}" for n in EXTRAS if installed(n)), f"import time; time.sleep({LONG_ENOUGH})")
    )
    run = ("-m", "liveavatar", "run", "--camera", clip, "--avatar", TINY, "--output", "out.mp4")
    with (
        watched(tmp_path / "run", *run, LIVEAVATAR_MODEL=str(model)) as running,
        watched(tmp_path / "imports", "-c", waiting) as importing,
    ):
        was_silent(tmp_path / "run", running)
        assert (tmp_path / "run" / "out.mp4").stat().st_size > 10_000
        was_silent(tmp_path / "imports", importing)


def test_the_watcher_sees_look_ups_connections_and_other_programs(tmp_path: Path) -> None:
    speak = """
import contextlib, socket
for family, address in (socket.AF_INET, ("192.0.2.1", 443)), (socket.AF_INET6, ("2001:db8::1", 443)), (socket.AF_UNIX, "/run/x"):
    with contextlib.suppress(OSError), socket.socket(family) as one:
        one.settimeout(0.1)
        one.connect(address)
with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as asking:
    asking.sendto(b"?", ("127.0.0.53", 53))
with socket.create_server(("127.0.0.1", 0)) as own:
    socket.create_connection(own.getsockname()).close()
"""
    with watched(tmp_path / "speak", "-c", speak) as child:
        child.wait(timeout=300)
    seen = leaving((tmp_path / "speak" / "calls").read_text())
    for known in ("192.0.2.1", "2001:db8::1", "/run/x", "127.0.0.53"):
        assert any(known in line for line in seen), known
    assert len(seen) == 4


@pytest.mark.parametrize("silenced", [True, False])
def test_it_is_the_variable_that_keeps_onnxruntime_quiet(silenced: bool, tmp_path: Path) -> None:
    """Without it the vendor's folder is there: whoever takes the silence out meets a failing test above."""
    import onnxruntime

    if tuple(map(int, onnxruntime.__version__.split(".")[:2])) < (1, 29) or sys.platform != "linux":
        pytest.skip("this onnxruntime reports nothing here")
    loud = "" if silenced else "import os; del os.environ['ORT_DISABLE_TELEMETRY']\n"
    with watched(tmp_path / "here", "-c", f"import liveavatar\n{loud}{SESSION}") as child:
        child.communicate(timeout=300)
    assert (foreign(tmp_path / "here" / "home") == []) == silenced


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("doctor",),
        ("demo", "--output", "out.mp4"),
        ("create", "ren.png", "--name", "made", "--yes"),
    ],
    ids=lambda command: command[0],
)
def test_other_commands_speak_to_nobody(command: tuple[str, ...], model: Path, tmp_path: Path) -> None:
    with Image.open(ROOT / "weights" / "ren" / "preview.png") as ren:
        shape = Image.new("L", ren.size)
        ImageDraw.Draw(shape).ellipse((0, 0, *ren.size), fill=255)
        ren.putalpha(shape)  # cut out already: `create` then asks for no second model
        (tmp_path / "here").mkdir()
        ren.save(tmp_path / "here" / "ren.png")
    with watched(tmp_path / "here", "-m", "liveavatar", *command, LIVEAVATAR_MODEL=str(model)) as child:
        was_silent(tmp_path / "here", child)
