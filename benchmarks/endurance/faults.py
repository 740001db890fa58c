"""The longest gap between two pictures at the output, fault by fault: python -m benchmarks.endurance.faults

OBS starts a stream anew when nothing came for five periods of the rate the device names: 166 ms at 30 fps. Each row is a show of
its own, of the parts that `run` uses, with the driver clip as camera; the last ones are the program itself in a process of its
own. A row measures from before the fault until after it; beside it stands the longest gap of a process that only
sleeps meanwhile. Not listed: a process that is stopped or killed, and what ends a show.
"""

import gc
import hashlib
import importlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from benchmarks.endurance.mishaps import CLOCK, Camera, Mishaps, Renderer, Tracker
from benchmarks.endurance.sleeper import Sleeper
from benchmarks.endurance.soaking import TINY, broken
from benchmarks.suite import asking
from liveavatar.app.actions import Actions
from liveavatar.app.parts import preload, renderer_of
from liveavatar.avatar.library import find_avatar, list_avatars
from liveavatar.base.shutdown import leave
from liveavatar.base.timing import now
from liveavatar.bench.parts import Parts
from liveavatar.errors import LiveAvatarError
from liveavatar.live.loop import Live
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.outputs import open_output
from liveavatar.outputs.hotplug import Hotplug
from liveavatar.retargeting.mixer import Mixer
from liveavatar.retargeting.reactions import EMOTES
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

LIMIT_MS = 166.0
OUTPUT_LIMIT_MS = 500.0
"""Where the device that shows the pictures failed itself."""
FPS = 30.0
ROOT = Path(__file__).resolve().parents[2]
LASTS = 2.5
"""Seconds that a fault lasts where nothing else ends it."""
HANGS = 4.0
"""Seconds that a part hangs: longer than anybody waits for it."""

ENOUGH = 60.0
"""Seconds after which a row is ended."""


class Timed(Output):
    """An output that remembers when each picture was taken."""

    def __init__(self, output: Any) -> None:
        self.times: list[float] = []
        self.back: float | None = None
        """When the device was back that had gone away."""
        self.output = output

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        self.output.send(frame, at)
        self.times.append(now())

    def close(self) -> None:
        self.output.close()


@dataclass
class Scene:
    """A show that runs, for a row to disturb."""

    live: Live
    actions: Actions
    mishaps: Mishaps
    output: Timed
    folder: Path
    over: threading.Event

    def rest(self, seconds: float) -> None:
        """Let it run."""
        self.over.wait(seconds)

    def during(self, *names: str, seconds: float = LASTS) -> None:
        """Mishaps one after the other, each for so long, with a second in between."""
        for name in names:
            with self.mishaps.during(name):
                self.rest(seconds)
            self.rest(1.0)

    def swap(self, name: str) -> str:
        """Swap as the command does; the error's text, or nothing."""
        try:
            self.actions.handle({"command": "swap", "avatar": name})
        except LiveAvatarError as error:
            return str(error)
        return ""


@dataclass(frozen=True)
class Row:
    """One fault."""

    name: str
    happen: Callable[[Scene], None]
    output: str = "null"
    size: tuple[int, int] | None = None
    limit_ms: float = LIMIT_MS


def _others() -> list[str]:
    return [name for name, _ in list_avatars()]


def _swaps(scene: Scene) -> None:
    for name in _others():
        if said := scene.swap(name):
            raise AssertionError(said)
        scene.rest(0.5)


def _refused(scene: Scene, package: str) -> None:
    if not scene.swap(package):
        raise AssertionError(f"{package} was not refused")


def _stranger(scene: Scene) -> None:
    """One that nobody has tried here: a child process does first."""
    package = Path(shutil.copytree(TINY, scene.folder / "stranger"))
    card = json.loads((package / "avatar.json").read_text())
    card["name"] = f"stranger-{secrets.token_hex(4)}"
    (package / "avatar.json").write_text(json.dumps(card))
    if said := scene.swap(str(package)):
        raise AssertionError(said)
    scene.rest(1)


def _hostile(scene: Scene) -> None:
    """A graph that computes for ever. Made with onnx, which the train extra brings."""
    import onnx
    from onnx import TensorProto, helper

    package = Path(shutil.copytree(TINY, scene.folder / "hostile"))
    model = onnx.load(package / "generator.onnx")
    graph = model.graph
    for node in graph.node:
        node.output[:] = ["once" if name == "coefficients" else name for name in node.output]
    scalar = {name: helper.make_tensor_value_info(name, kind, []) for name, kind in
              {"i": TensorProto.INT64, "go on": TensorProto.BOOL, "still": TensorProto.BOOL}.items()}  # fmt: skip
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("before", "after")]
    nodes = [
        helper.make_node("Identity", ["go on"], ["still"]),
        helper.make_node("Identity", ["before"], ["after"]),
    ]
    body = helper.make_graph(
        nodes, "body", [scalar["i"], scalar["go on"], values[0]], [scalar["still"], values[1]]
    )
    yes, often = np.array(True), np.array(np.iinfo(np.int64).max)
    graph.initializer.extend(onnx.numpy_helper.from_array(v, n) for n, v in (("yes", yes), ("often", often)))
    graph.node.append(helper.make_node("Loop", ["often", "yes", "once"], ["coefficients"], body=body))
    onnx.save(model, package / "generator.onnx")
    card = json.loads((package / "avatar.json").read_text())
    card["name"] = "hostile"
    card["files"]["generator.onnx"] = hashlib.sha256((package / "generator.onnx").read_bytes()).hexdigest()
    (package / "avatar.json").write_text(json.dumps(card))
    _refused(scene, str(package))


def _emote(scene: Scene) -> None:
    for name in list(EMOTES)[:3]:
        scene.actions.handle({"command": "emote", "emote": name})
        scene.rest(0.5)


def _panic(scene: Scene) -> None:
    for card in (True, False):
        if scene.actions.handle({"command": "panic"}) != {"card": card}:
            raise AssertionError("panic did not answer")
        scene.rest(1)


def _import(scene: Scene) -> None:
    for name in ("PIL.Image", "av", "websockets.sync.server", "onnx", "matplotlib.pyplot"):
        with suppress(ImportError):
            importlib.import_module(name)


def _collect(scene: Scene) -> None:
    kept = [[i] for i in range(100_000)]
    for _ in range(5):
        gc.collect()
        scene.rest(0.2)
    kept.clear()


@contextmanager
def _running(*commands: list[str]) -> Iterator[None]:
    """Other processes, killed afterwards."""
    started = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for command in commands]
    try:
        yield
        if any(process.poll() is not None for process in started):
            raise AssertionError("a process beside the show ended by itself")
    finally:
        for process in started:
            process.kill()
            process.wait()


def _load(scene: Scene) -> None:
    with _running(*[[sys.executable, "-c", "while True: pass"]] * (os.cpu_count() or 1)):
        scene.rest(5)


def _half_open(scene: Scene) -> None:
    where = urlsplit(scene.output.output.address)
    with ExitStack() as stack:
        for _ in range(200):
            with suppress(OSError):
                connection = stack.enter_context(socket.create_connection((where.hostname, where.port), 1))
                connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        scene.rest(LASTS)


def _slow_client(scene: Scene) -> None:
    with _running(
        [sys.executable, "-m", "benchmarks.endurance.soaking", "0", "--watch", scene.output.output.address]
    ):
        scene.rest(6)


class Device:
    """Stands in for pyvirtualcam.Camera, which needs a driver: a device that can be pulled out."""

    device, backend, native_fmt = "a virtual camera", "none", "I420"
    away = threading.Event()

    def __init__(self, **options: Any) -> None:
        if self.away.is_set():
            raise RuntimeError("no device")

    def send(self, planes: np.ndarray) -> None:
        if self.away.is_set():
            raise RuntimeError("no device")

    def close(self) -> None:
        """Nothing to release."""


def _device_away(scene: Scene) -> None:
    Device.away.set()
    scene.rest(2)
    scene.output.back = now()
    Device.away.clear()
    scene.rest(2)


def _opened(row: Row, background: Background, folder: Path) -> Output:
    size = background.size
    if row.output == "virtualcam":
        formats = types.SimpleNamespace(RGB="RGB", BGR="BGR", RGBA="RGBA", I420="I420")
        sys.modules["pyvirtualcam"] = types.SimpleNamespace(Camera=Device, PixelFormat=formats)  # type: ignore[assignment]
        return Hotplug(lambda: open_output("virtualcam", size=size, fps=FPS, background=background))
    spec = str(folder / row.output) if row.output.endswith(".mp4") else row.output
    return open_output(spec, size=size, fps=FPS, background=background, live=True)


def _distrusted(scene: Scene) -> None:
    scene.during("tracker hangs", "tracker hangs", seconds=HANGS)


def _no_renderer(scene: Scene) -> None:
    scene.during("renderer hangs", "renderer hangs", seconds=HANGS)
    if said := scene.swap(_others()[1]):
        raise AssertionError(said)
    scene.rest(1)


IN_PROCESS = (
    Row("starting, models loading", lambda scene: scene.rest(1)),
    Row("large imports", _import),
    Row("a face", lambda scene: scene.rest(LASTS)),
    Row("the face is lost", lambda scene: scene.during("empty room")),
    Row("the camera hangs", lambda scene: scene.during("camera hangs", seconds=7)),
    Row("the camera is unplugged and comes back", lambda scene: scene.during("camera unplugged")),
    Row("the camera's clock starts again", lambda scene: scene.during(CLOCK)),
    Row("the tracker raises", lambda scene: scene.during("tracker raises", seconds=3)),
    Row("the tracker hangs, is started anew", lambda scene: scene.during("tracker hangs", seconds=HANGS)),
    Row("the tracker hangs again", _distrusted),
    Row("the renderer raises", lambda scene: scene.during("renderer raises", seconds=1.5)),
    Row("the renderer hangs, is started anew", lambda scene: scene.during("renderer hangs", seconds=HANGS)),
    Row("the renderer hangs again, then a swap", _no_renderer),
    Row("a face of NaN", lambda scene: scene.during("NaN face")),
    Row("another person's face", lambda scene: scene.during("stray face")),
    Row("swaps", _swaps),
    Row("a swap to a broken avatar", lambda scene: _refused(scene, str(broken(scene.folder)))),
    Row("a swap to a stranger's avatar", _stranger),
    Row("a swap to an avatar that computes for ever", _hostile),
    Row("emotes", _emote),
    Row("panic, and back", _panic),
    Row("200 half-open connections to the page", _half_open, "browser:0"),
    Row("a slow page", _slow_client, "browser:0"),
    Row("a recording at 1080p", lambda scene: scene.rest(5), "show.mp4", (1920, 1080)),
    Row("the virtual camera goes away and comes back", _device_away, "virtualcam", limit_ms=OUTPUT_LIMIT_MS),
    Row("other processes take all cores", _load),
    Row("garbage is collected, 100,000 objects", _collect),
)


def play(row: Row, parts: Parts, folder: Path) -> dict[str, Any]:
    """{"frames", "longest_gap_ms", "limit_ms", "ok"} of a row of IN_PROCESS."""
    mishaps, over, mixer = Mishaps(), threading.Event(), Mixer(parts.retargeter())
    background = Background(DEFAULT, row.size or parts.avatar.size)
    output = Timed(_opened(row, background, folder))
    live = Live(
        open_camera=lambda: Camera(parts.webcam(), mishaps), open_tracker=lambda: Tracker(parts.tracker(), mishaps),
        retargeter=mixer, open_renderer=lambda: Renderer(renderer_of(parts.avatar, parts.provider), mishaps),
        output=output, size=parts.avatar.size, fps=FPS, package=parts.avatar.name,
    )  # fmt: skip

    def swap(name: str) -> dict[str, Any]:
        chosen = find_avatar(name)
        live.swap(lambda: Renderer(renderer_of(chosen, parts.provider), mishaps), chosen.name)
        return {"avatar": chosen.name, "seconds": 0.0}

    actions = Actions(
        swap=swap, recenter=lambda: None, emote=mixer.reactions.perform, panic=live.panic, background=background, avatars=_others,
        current=parts.avatar.name, failed=lambda text: None,
    )  # fmt: skip
    scene = Scene(live, actions, mishaps, output, folder, over)
    marks: list[float] = []
    wrong: list[BaseException] = []

    def script() -> None:
        try:
            marks.append(now())
            while live.report.driven < 30 and not over.wait(0.05):
                pass
            if row is not IN_PROCESS[0]:
                marks[0] = now()
            row.happen(scene)
            scene.rest(1.0)
        except BaseException as error:
            wrong.append(error)
        finally:
            marks.append(now())
            mishaps.close()
            live.stop()

    thread = threading.Thread(target=script, name="script", daemon=True)
    thread.start()
    guard = threading.Timer(ENOUGH, live.stop)
    guard.start()
    try:
        live.run()
    finally:
        guard.cancel()
        over.set()
        mishaps.close()
        thread.join()
        output.close()
    if wrong:
        raise wrong[0]
    return result([t for t in output.times if marks[0] <= t <= marks[1]], row.limit_ms, output.back)


def result(times: list[float], limit_ms: float, back: float | None = None) -> dict[str, Any]:
    """What is told of a row. times: seconds, when pictures were taken. back: when a device was there again; the gap before it is
    nobody's."""
    gaps = [b - (back if back is not None and a <= back <= b else a) for a, b in pairwise(times)]
    gap = 1000 * max(gaps, default=float("inf"))
    return {
        "frames": len(times),
        "longest_gap_ms": round(gap, 1),
        "limit_ms": limit_ms,
        "ok": gap <= limit_ms,
    }


def _plain(
    command: list[str], environment: dict[str, str]
) -> tuple["subprocess.Popen[bytes]", Callable[[], None]]:
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    return process, lambda: None


def _no_home(
    command: list[str], environment: dict[str, str]
) -> tuple["subprocess.Popen[bytes]", Callable[[], None]]:
    kept = {key: value for key, value in environment.items() if not key.startswith("XDG_")}
    return _plain(command, {**kept, "HOME": os.devnull, "LOCALAPPDATA": os.devnull, "APPDATA": os.devnull})


def _no_console(
    command: list[str], environment: dict[str, str]
) -> tuple["subprocess.Popen[bytes]", Callable[[], None]]:
    return _plain(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command], environment)


def _in_terminal(command: list[str], environment: dict[str, str]) -> tuple["subprocess.Popen[bytes]", int]:
    if sys.platform == "win32":
        raise OSError("no such terminals")  # these rows are left out there
    import pty

    master, slave = pty.openpty()
    ignoring = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command]
    process = subprocess.Popen(
        ignoring, env=environment, cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    return process, master


def _terminal_gone(
    command: list[str], environment: dict[str, str]
) -> tuple["subprocess.Popen[bytes]", Callable[[], None]]:
    process, master = _in_terminal(command, environment)
    return process, lambda: os.close(master)


def _terminal_stopped(
    command: list[str], environment: dict[str, str]
) -> tuple["subprocess.Popen[bytes]", Callable[[], None]]:
    process, _ = _in_terminal(command, environment)  # nobody ever reads: it is full after some seconds
    return process, lambda: None


PROGRAM: dict[
    str, Callable[[list[str], dict[str, str]], tuple["subprocess.Popen[bytes]", Callable[[], None]]]
] = {
    "the program, nothing wrong": _plain,
    "the program, home read-only": _no_home,
    "the program, no console": _no_console,
    "the program, its terminal gone": _terminal_gone,
    "the program, its terminal not read": _terminal_stopped,
}
"""Starts the program; what comes second happens while it runs."""
if sys.platform == "win32":
    PROGRAM = {name: PROGRAM[name] for name in list(PROGRAM)[:2]}


def play_program(name: str, parts: Parts, folder: Path) -> dict[str, Any]:
    """The same for a row of PROGRAM; it must go on until Ctrl-C, and then end within three seconds."""
    file = folder / "times"
    command = [sys.executable, "-m", "benchmarks.endurance.faults", "--child", str(file), "run", "--camera", "synthetic",
               "--output", "null", "--avatar", str(parts.avatar.folder.resolve()), "--provider", parts.provider]  # fmt: skip
    environment = {**os.environ, "LIVEAVATAR_MODEL": str(parts.model.resolve())}

    def times() -> list[float]:
        return [float(line) for line in file.read_text().split("\n")[:-1]] if file.is_file() else []

    process, happen = PROGRAM[name](command, environment)
    waiting, start = threading.Event(), now()
    try:
        while len(times()) < 90 and process.poll() is None and now() - start < 60:
            waiting.wait(0.1)
        happen()
        waiting.wait(5)
        found = times()
        if process.poll() is not None:
            raise AssertionError(f"{name}: it ended by itself, exit status {process.returncode}")
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)
        process.wait(timeout=3)
    finally:
        process.kill()
        process.wait()
    return result(found, LIMIT_MS)


def _child(file: str, arguments: list[str]) -> None:
    """The program, with an output that notes when it took each picture."""
    from liveavatar import cli
    from liveavatar.outputs import null

    send = null.Null.send
    with open(file, "w", buffering=1, encoding="ascii") as times:

        def timed(self: null.Null, frame: AvatarFrame, at: float | None = None) -> None:
            send(self, frame, at)
            times.write(f"{now():.6f}\n")

        null.Null.send = timed  # type: ignore[method-assign]
        sys.argv = ["liveavatar", *arguments]
        cli.main()


def main(arguments: list[str] | None = None) -> int:
    """A line for each row; the last line is JSON. Exit status 1 when a gap is longer than its limit, or a row failed."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["--child"]:
        _child(given[1], given[2:])
        return 0
    parser = asking.parser(__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="rows whose name has these words in it")
    asked = parser.parse_args(given)
    parts = asking.parts(asked)
    preload()
    found: dict[str, dict[str, Any]] = {}
    rows: dict[str, Callable[[Path], dict[str, Any]]] = {
        **{row.name: lambda folder, row=row: play(row, parts, folder) for row in IN_PROCESS},  # type: ignore[misc]
        **{name: lambda folder, name=name: play_program(name, parts, folder) for name in PROGRAM},  # type: ignore[misc]
    }
    for name, play_row in rows.items():
        if asked.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            sleeper = Sleeper()
            try:
                with sleeper:
                    found[name] = play_row(Path(folder))
            except Exception as error:
                found[name] = {
                    "frames": 0,
                    "longest_gap_ms": None,
                    "ok": False,
                    "error": f"{type(error).__name__}: {error}",
                }
        row = found[name]
        row["sleeper_gap_ms"] = sleeper.longest_gap_ms
        said = row.get("error") or f"{row['longest_gap_ms']:7.1f} ms of {row['limit_ms']:.0f}"
        said += f"; of one that sleeps {sleeper.longest_gap_ms:.0f}"
        print(
            f"{'ok  ' if row['ok'] else 'MISS'} {name:<42} {row['frames']:5d} frames, longest gap {said}",
            flush=True,
        )
    print(json.dumps(found))
    return int(not all(row["ok"] for row in found.values()))


if __name__ == "__main__":
    leave(main())
