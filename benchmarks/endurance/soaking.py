"""One process of benchmarks.endurance.soak: plays its share of the show and prints a sample a line; ends early when stdin does.

python -m benchmarks.endurance.soaking SHARE --faces FILE | --real      or      0 --track FILE      or      0 --watch ADDRESS
"""

import argparse
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from benchmarks.endurance.show import BROKEN, Show, faces_camera
from liveavatar.base.heap import share
from liveavatar.base.shutdown import leave
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "data" / "tiny"
RATE = 400.0
"""Output periods a second without a clock: a little more than the line can make."""
SHIPPED = ("hoshi", "yuki", "ren", "pico", "liora")
PEEK = 0.4
"""Seconds that the slow client takes over each picture."""


def fast(faces: Path, folder: Path, seed: int) -> Show:
    """The tiny avatar and recorded faces, as fast as it goes."""
    import cv2

    from liveavatar.media.compositing import DEFAULT, Background
    from liveavatar.outputs import open_output
    from liveavatar.renderers.gan.renderer import GanRenderer

    share()
    cv2.setNumThreads(1)
    camera, tracker = faces_camera(faces)
    background = Background(DEFAULT, (128, 128))
    return Show(
        open_camera=camera, open_tracker=tracker,
        open_renderer=lambda avatar: GanRenderer(avatar, "cpu", threads=1),
        avatars={"tiny": TINY, BROKEN: broken(folder)}, background=background,
        output=open_output("null", size=background.size, fps=RATE, background=background), fps=RATE,
        pause=1.5, lasts=0.5, seed=seed,
    )  # fmt: skip


def real(folder: Path, seed: int) -> Show:
    """Shipped avatars at 30 fps, the real tracker on the driver clip, a recording, and a page that a slow client watches."""
    from liveavatar.app.parts import preload
    from liveavatar.avatar.library import find_avatar
    from liveavatar.bench.legs import FPS, Parts
    from liveavatar.cameras import SYNTHETIC
    from liveavatar.outputs import open_output
    from liveavatar.renderers import open_renderer
    from liveavatar.trackers.model_files import find_model

    preload()
    first = find_avatar(SHIPPED[0])
    parts = Parts(SYNTHETIC, first, find_model(), "auto")
    page: Any = open_output("browser:0", size=first.size, fps=FPS)
    recording = open_output(str(folder / "recording.mp4"), size=first.size, fps=FPS, live=True)
    watcher = [sys.executable, "-m", "benchmarks.endurance.soaking", "0", "--watch", page.address]
    return Show(
        open_camera=lambda output: parts.webcam(), open_tracker=parts.tracker,
        open_renderer=lambda avatar: open_renderer(avatar, "auto"),
        avatars={name: find_avatar(name).folder for name in SHIPPED} | {BROKEN: broken(folder)},
        output=Both(page, recording, subprocess.Popen(watcher, cwd=ROOT)), background=page.background,
        fps=FPS, pause=3.0, lasts=3.0, seed=seed,
    )  # fmt: skip


def broken(folder: Path) -> Path:
    """A package whose graph lacks its last byte."""
    package = Path(shutil.copytree(TINY, folder / BROKEN))
    graph = package / "generator.onnx"
    graph.write_bytes(graph.read_bytes()[:-1])
    return package


class Both(Output):
    """A page and a recording; whoever watches the page ends with it."""

    def __init__(self, page: Any, recording: Any, watcher: "subprocess.Popen[bytes]") -> None:
        self._page, self._recording, self._watcher = page, recording, watcher

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        self._recording.background.framing = self._page.background.framing
        self._page.send(frame, at)
        self._recording.send(frame, at)

    def close(self) -> None:
        gone = self._watcher.poll()
        self._page.close()
        self._watcher.wait(timeout=10)
        self._recording.close()
        if gone is not None:
            raise RuntimeError(f"whoever watched the page was lost, exit status {gone}")


def track(path: Path) -> None:
    """Record the faces of the driver clip."""
    from liveavatar.cameras import SYNTHETIC, open_camera
    from liveavatar.trackers import open_tracker
    from liveavatar.trackers.model_files import find_model
    from liveavatar.trackers.recorded import save_faces

    tracker = open_tracker("mediapipe", find_model())
    save_faces(path, [tracker.track(frame) for frame in open_camera(str(SYNTHETIC), paced=False)])
    tracker.close()


def watch(address: str) -> None:
    """Ask the page at the address for pictures, slowly, until it is closed."""
    from urllib.parse import urlsplit

    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    pause = threading.Event()
    origin: Any = f"http://{urlsplit(address).netloc}"
    with connect(address.replace("http", "ws", 1), origin=origin, max_size=None, proxy=None) as page:
        try:
            for _ in itertools.count():
                page.send("next")
                page.recv()
                pause.wait(PEEK)
        except ConnectionClosed:
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("share", type=int)
    parser.add_argument("--faces", type=Path)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--core", type=int)
    parser.add_argument("--track", type=Path)
    parser.add_argument("--watch")
    asked = parser.parse_args()
    if asked.track:
        return track(asked.track)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole terminal; whoever began this ends it
    if asked.watch:
        return watch(asked.watch)
    if asked.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {asked.core})
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=listen, name="stdin", daemon=True).start()

    def enough(ticks: int, seconds: float) -> bool:
        return ended.is_set() or (seconds if asked.real else ticks) >= asked.share

    def tell(sample: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(sample) + "\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        show = real(folder, asked.seed) if asked.real else fast(asked.faces, folder, asked.seed)
        show.run(enough, tell)


if __name__ == "__main__":
    main()
    leave(0)
