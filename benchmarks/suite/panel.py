"""What an open panel costs a show at 30 fps: age and lost frames without a page, with one, without, with.

    python -m benchmarks.suite.panel

On a machine that does nothing else; the page is played by this process, which asks for pictures as a browser's does and throws
them away: what the browser itself takes comes on top. Prints a line for each phase, and one of JSON. What must hold: no frame is
lost to the page, and the age (median) rises by less than 3 ms. Exit status 1 where it does not.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from typing import Any

from websockets.sync.client import ClientConnection, connect

EVERY, WIDTH = 0.08, 430
"""Seconds between pictures, and how wide they are: a page of 1280 pixels."""
RISE_MS = 3.0


def begun(avatar: str) -> tuple[subprocess.Popen[str], str]:
    """A run with a panel, and the panel's address."""
    command = ["run", "--camera", "synthetic", "--output", "null", "--avatar", avatar, "--panel"]
    show = subprocess.Popen([sys.executable, "-m", "liveavatar", *command], stderr=subprocess.PIPE, text=True)
    assert show.stderr is not None
    for line in show.stderr:
        if found := re.search(r"http://\S+", line):
            return show, found[0]
    raise SystemExit("the run told no address")


def asked(wire: ClientConnection, width: int) -> tuple[dict[str, Any], int]:
    """What the panel answers a page: the news, and how many bytes it was."""
    wire.send(json.dumps({"do": "next", "width": width, "small": []}))
    message = wire.recv()
    assert isinstance(message, bytes)
    return json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")]), len(message)


def phase(wire: ClientConnection, seconds: float, width: int) -> dict[str, Any]:
    """A while with a page that looks (width > 0), or with none: then one question at its end."""
    before = health(wire)
    end, pictures, size = time.perf_counter() + seconds, 0, 0
    while width and time.perf_counter() < end:
        start = time.perf_counter()
        news, length = asked(wire, width)
        pictures, size = pictures + ("picture" in news), size + length
        time.sleep(max(0.0, EVERY - (time.perf_counter() - start)))
    time.sleep(max(0.0, end - time.perf_counter()))
    after = health(wire)
    lost = {key: after[key] - before[key] for key in ("drops", "stalls")}
    page = {"pictures_s": round(pictures / seconds, 1), "mb_s": round(size / seconds / 1e6, 2)}
    return {
        "page": bool(width),
        "fps": after["fps"],
        "age_ms": after["age"],
        **lost,
        "cpu_%": after["processor"],
        **page,
    }


def health(wire: ClientConnection) -> dict[str, Any]:
    """The newest figures: the state is told where it is another than before."""
    time.sleep(1.1)
    while "state" not in (news := asked(wire, 0)[0]):
        time.sleep(0.3)
    figures: dict[str, Any] = news["state"]["health"]
    return figures


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=12.0, help="of each phase")
    parser.add_argument("--avatar", default="hoshi")
    options = parser.parse_args()
    show, address = begun(options.avatar)
    told = []
    try:
        origin: Any = address.split("/?")[0]
        with connect(address.replace("http", "ws", 1), origin=origin, max_size=None, proxy=None) as wire:
            wire.recv()
            time.sleep(8)
            for width in (0, WIDTH, 0, WIDTH):
                told.append(phase(wire, options.seconds, width))
                print("  ".join(f"{key} {value}" for key, value in told[-1].items()), flush=True)
    finally:
        show.terminate()
        show.wait()
    alone, seen = ([p["age_ms"] for p in told if p["page"] is page] for page in (False, True))
    rise = sum(seen) / len(seen) - sum(alone) / len(alone)
    well = rise < RISE_MS and not any(p["stalls"] for p in told)
    print(json.dumps({"rise_ms": round(rise, 1), "well": well, "phases": told}))
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main())
