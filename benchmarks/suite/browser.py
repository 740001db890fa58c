"""What the browser output costs this program beyond the network: python -m benchmarks.suite.browser

A page that draws by itself and one that takes pictures, each a process of its own that only reads, and the network alone, in
turns of a few frames: processor time of this process a frame, the least and the median of the turns, and the bytes of a message.
Frames are those of the clip; between two of them 30 ms pass, as in a show.
"""

import json
import subprocess
import sys
from contextlib import ExitStack, closing
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from benchmarks.suite import asking
from benchmarks.suite.rendering import clip_expressions
from liveavatar.base.timing import Pacer, process_seconds
from liveavatar.bench.parts import Parts
from liveavatar.outputs.page_messages import VERSION

WISHES = {"draws": "draw", "pictures": "pictures asked"}
TURN = 5
"""Frames."""


def measure(parts: Parts, turns: int) -> dict[str, Any]:
    """network_ms, and beyond it draws_ms and pictures_ms: {"least", "median"}; draws_bytes, pictures_bytes: {"frame", "avatar"},
    of a frame's message, and of the one before the first."""
    from liveavatar.outputs import open_output
    from liveavatar.renderers import make_renderer

    expressions = clip_expressions(parts, turns * TURN)
    with ExitStack() as stack:
        renderer = stack.enter_context(closing(make_renderer(parts.avatar, "cpu", 1, draw="cpu")))
        outputs, pages = {}, {}
        for name, wish in WISHES.items():
            output = open_output("browser:0", size=renderer.size, fps=30)
            outputs[name] = stack.enter_context(closing(output))
            pages[name] = subprocess.Popen(
                [sys.executable, "-m", __spec__.name, "--page", output.address, wish],  # type: ignore[attr-defined]
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            output.send(renderer.sketch(expressions[0]))
            assert pages[name].stdout.readline()  # type: ignore[union-attr]  # it has its first frame
        spent: dict[str, list[float]] = {name: [] for name in ("network", *WISHES)}
        pacer = Pacer(1 / 0.03)
        for turn in range(turns):
            for name, seconds in spent.items():
                begin = process_seconds()
                for expression in expressions[turn * TURN : (turn + 1) * TURN]:
                    pacer.wait()
                    if name == "network":
                        renderer.sketch(expression)
                        continue
                    output = outputs[name]
                    output.send((renderer.render if output.needs_pictures else renderer.sketch)(expression))
                seconds.append((process_seconds() - begin) / TURN)
    figures = {n: (1000 * min(seconds), 1000 * median(seconds)) for n, seconds in spent.items()}
    result: dict[str, Any] = {}
    for name, values in figures.items():
        alone = (0.0, 0.0) if name == "network" else figures["network"]
        least, usual = (round(value - without, 2) for value, without in zip(values, alone, strict=True))
        result[f"{name}_ms"] = {"least": least, "median": usual}
    for name, page in pages.items():
        result[f"{name}_bytes"] = json.loads(page.communicate()[0])
    return result


def read(address: str, wish: str) -> None:
    """A page: says when it has its first frame, and at the end how many bytes a frame had, and the figure."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect
    from websockets.typing import Origin

    origin = Origin(f"http://{urlsplit(address).netloc}")
    sizes, first = [], 0
    with connect(address.replace("http", "ws", 1), origin=origin, max_size=None, compression=None) as socket:
        socket.send(f"hello {VERSION} {wish}")
        socket.recv()
        try:
            while True:
                socket.send("next")
                message = socket.recv()
                if b'"kind":"avatar"' in message[:64]:  # type: ignore[operator]
                    first, message = len(message), socket.recv()
                sizes.append(len(message))
                if len(sizes) == 1:
                    print("here", flush=True)
        except ConnectionClosed:
            print(json.dumps({"frame": round(sum(sizes) / len(sizes)), "avatar": first}))


def main() -> None:
    """A table; the last line is JSON."""
    parser = asking.parser(__doc__)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--page", nargs=2, help="of this benchmark itself: be a page")
    asked = parser.parse_args()
    if asked.page:
        return read(*asked.page)
    result = measure(asking.parts(asked), asked.turns)
    for name, value in result.items():
        print(f"{name:<15} {value}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
