"""Malformed datagrams of a tracker beside a show that it drives at 30 fps: the longest gap at the output.

    python -m benchmarks.plugins.datagrams

A performer of VMC sends 60 moments a second from a process of its own; then 10,000 damaged datagrams between them, from the same
port, as fast as 1,000 a second are read; then the same from strangers' ports. Prints a line for each phase, and one of JSON.
What must hold: no gap longer than 166 ms, and the face drives the show again at the end. Exit status 1 where it does not.
"""

import json
import random
import socket
import subprocess
import sys
import threading
import time
from itertools import pairwise
from typing import Any

from benchmarks.plugins.stormed import Timed
from liveavatar.app.parts import preload
from liveavatar.app.vmc_out import datagrams
from liveavatar.avatar.library import find_avatar
from liveavatar.base.timing import now
from liveavatar.bench.parts import FPS
from liveavatar.controls import HEAD, INDEX, neutral
from liveavatar.live.governor import Governor
from liveavatar.live.loop import Live
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.outputs.null import Null
from liveavatar.renderers import open_renderer
from liveavatar.retargeting import open_bare_retargeter
from liveavatar.retargeting.mixer import Mixer
from liveavatar.trackers.senders import Sender
from liveavatar.trackers.senders.receiver import Receiver, Told
from liveavatar.types import Expression

GAP_MS = 166.0
DAMAGED, SECONDS = 10_000, 10.0


def moment(seconds: float) -> list[bytes]:
    """A head that turns and talks."""
    controls = neutral()
    controls[INDEX["jawOpen"]] = abs(seconds * 3 % 2 - 1)
    for i, name in enumerate(HEAD):
        controls[INDEX[name]] = 0.2 * (abs((seconds + i) % 2 - 1) - 0.5)
    return datagrams(Expression(controls, seconds), seconds)


def damaged(dice: random.Random) -> bytes:
    """A good datagram, cut, stretched and overwritten."""
    data = bytearray(dice.choice(moment(dice.random())))
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data))
        data[at : at + dice.choice((0, 1, 12))] = dice.randbytes(dice.randint(0, 40))
        del data[dice.randint(len(data) // 2, 2 * len(data)) :]
        data = data or bytearray(b"?")
    return bytes(data)


def send(port: int, kind: str) -> None:
    """In a process of its own: SECONDS of a performer, with what `kind` says between."""
    dice = random.Random(1)
    bad = [damaged(dice) for _ in range(1000)]
    strangers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
    performer = strangers[0] if kind == "damaged" else socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    began, moments, sent = time.perf_counter(), 0, 0
    while (at := time.perf_counter() - began) < SECONDS:
        if at * 60 >= moments:
            for datagram in moment(at):
                performer.sendto(datagram, ("127.0.0.1", port))
            moments += 1
        while kind != "good" and sent < at / SECONDS * DAMAGED:
            stranger = strangers[sent % len(strangers) if kind == "strangers" else 0]
            stranger.sendto(bad[sent % len(bad)], ("127.0.0.1", port))
            sent += 1
        time.sleep(0.001)


def main() -> int:
    """All phases."""
    avatar = find_avatar()
    preload()
    receiver = Receiver(Sender("vmc", port=_free()), FPS)
    background = Background(DEFAULT, avatar.size)
    output = Timed(Null("null", size=avatar.size, fps=FPS, background=background))
    live = Live(
        open_camera=lambda: receiver, open_tracker=Told, retargeter=Mixer(open_bare_retargeter(avatar)),
        open_renderer=lambda: open_renderer(avatar, "auto", live=True), output=output, size=avatar.size, fps=FPS,
        governor=Governor(),
    )  # fmt: skip
    told: list[dict[str, Any]] = []

    def phases() -> None:
        for kind in ("good", "good", "damaged", "strangers", "good"):
            first, driven, began = len(output.times), live.report.driven, now()
            subprocess.run(
                [sys.executable, "-m", "benchmarks.plugins.datagrams", str(receiver.port), kind], check=True
            )
            times, seconds = output.times[first:], now() - began
            told.append(
                {
                    "phase": kind,
                    "fps": round((len(times) - 1) / (times[-1] - times[0]), 2),
                    "driven_fps": round((live.report.driven - driven) / seconds, 2),
                    "longest_gap_ms": round(1000 * max(b - a for a, b in pairwise(times)), 1),
                }
            )
            print("  ".join(f"{key} {value}" for key, value in told[-1].items()), flush=True)
        live.stop()

    threading.Thread(target=phases, daemon=True).start()
    live.run()
    held = {
        "no long gap": max(part["longest_gap_ms"] for part in told[1:]) <= GAP_MS,
        "the face drives it at the end": told[-1]["driven_fps"] > 0.8 * told[1]["driven_fps"],
    }
    print(json.dumps({"held": held, "phases": told[1:]}))
    return 0 if all(held.values()) else 1


def _free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    if len(sys.argv) == 3:
        send(int(sys.argv[1]), sys.argv[2])
        sys.exit()
    sys.exit(main())
