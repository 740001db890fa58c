"""What plugins cost a show at 30 fps: how soon they are answered, 20 at 60 messages a second each, 10,000 messages of nonsense.

    python -m benchmarks.plugins.load

On a machine that does nothing else; the plugins run on it, too. Prints a line for each phase, and one of JSON. What must hold:
a request is answered within 10 ms (p95); 20 plugins cost no frame that is sent, and 28 in 30 camera pictures are tracked
still; after the nonsense nothing is open that was not before, and no gap was longer than 166 ms. Exit status 1 where it does not.
"""

import argparse
import asyncio
import json
import random
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from benchmarks.plugins.stormed import DEVELOPER
from liveavatar.base.timing import percentile

PLUGINS, RATE, NONSENSE = 20, 60.0, 10_000
ANSWER_MS, GAP_MS, FRESH = 10.0, 166.0, 28.0
ENVELOPE = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0"}


def frame(kind: str, **data: Any) -> str:
    """A request as it is sent."""
    return json.dumps({**ENVELOPE, "requestID": "r", "messageType": f"{kind}Request", "data": data})


class Show:
    """The process that plays."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.plugins.stormed", str(PLUGINS)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port, self.tokens = self._line().values()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return dict(json.loads(self._process.stdout.readline()))

    def phase(self, name: str) -> dict[str, Any]:
        """What happened since the last call."""
        assert self._process.stdin is not None
        self._process.stdin.write(name + "\n")
        self._process.stdin.flush()
        return self._line()

    def end(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Plugin:
    """A plugin that costs its machine next to nothing: bytes made beforehand, on a bare socket."""

    def __init__(self, show: Show, i: int) -> None:
        """The i-th that was let in."""
        self._socket = socket.create_connection(("127.0.0.1", show.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""
        hello = (
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{show.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self._socket.sendall(hello.encode())
        while b"\r\n\r\n" not in self._read:
            self._read += self._socket.recv(4096)
        self._read = b""
        who = {
            "pluginName": f"plugin {i}",
            "pluginDeveloper": DEVELOPER,
            "authenticationToken": show.tokens[i],
        }
        self.send(masked(frame("Authentication", **who)))
        while (said := self.answer()) is None:
            pass
        assert b'"authenticated":true' in said
        self.fileno = self._socket.fileno
        self.close = self._socket.close

    def send(self, message: bytes) -> None:
        """Ask."""
        self._socket.sendall(message)

    def answer(self) -> bytes | None:
        """What has come, once it is a whole message."""
        self._read += self._socket.recv(1 << 16)
        length, start = self._read[1], 2
        if length == 126:
            length, start = int.from_bytes(self._read[2:4], "big"), 4
        if len(self._read) < start + length:
            return None
        whole, self._read = self._read[start : start + length], self._read[start + length :]
        return whole


def masked(text: str) -> bytes:
    """A text as a WebSocket frame of a client; the mask is zero."""
    data = text.encode()
    assert 125 < len(data) < 1 << 16
    return b"\x81\xfe" + len(data).to_bytes(2, "big") + bytes(4) + data


def play(plugins: list[Plugin], seconds: float) -> list[float]:
    """Each sends RATE requests a second, most to move the head, some to ask; the milliseconds until each was answered."""
    moves = [
        [{"id": name, "value": random.uniform(-3, 3)} for name in ("FaceAngleX", "FaceAngleY", "FaceAngleZ")]
        for _ in range(50)
    ]
    messages = [
        masked(frame("InjectParameterData", mode="add", faceFound=False, parameterValues=m)) for m in moves
    ]
    messages += [
        masked(frame(kind, name="MouthOpen", details=False)) for kind in ("CurrentModel", "ParameterValue")
    ]
    answers: list[float] = []
    selector = selectors.DefaultSelector()
    waiting: dict[Plugin, float] = {}
    for plugin in plugins:
        selector.register(plugin, selectors.EVENT_READ, plugin)  # type: ignore[arg-type]
    begun = time.perf_counter()
    due, count = begun, 0
    while due < begun + seconds or waiting:
        while due <= time.perf_counter() and due < begun + seconds:
            plugin = plugins[count % len(plugins)]
            if plugin not in waiting:  # a plugin waits for its answer
                waiting[plugin] = time.perf_counter()
                plugin.send(messages[count % len(messages)])
            count += 1
            due += 1 / RATE / len(plugins)
        for key, _ in selector.select(max(0.0, min(due - time.perf_counter(), 0.1))):
            if key.data.answer() is not None:
                answers.append(1000 * (time.perf_counter() - waiting.pop(key.data)))
    return answers


def nonsense(dice: random.Random) -> Iterator[str | bytes]:
    """Messages without end that are no requests."""
    whole = frame("InjectParameterData", parameterValues=[{"id": "MouthOpen", "value": 1}])
    while True:
        yield dice.randbytes(dice.randrange(400))
        yield whole[: dice.randrange(len(whole))]
        yield "[" * dice.randrange(1, 3000)
        yield whole.replace("1.0", dice.choice(["2", "NaN", "\\ud800"]))
        yield frame("".join(dice.choices("AuthTokenRequest", k=12)), pluginName="x" * dice.randrange(60_000))
        yield json.dumps({**ENVELOPE, "requestID": dice.random(), "messageType": "APIStateRequest"})


async def pester(show: Show, count: int, seed: int) -> None:
    """Send so many, over new connections wherever one was closed."""
    messages, sent = nonsense(random.Random(seed)), 0
    while sent < count:
        try:
            async with connect(f"ws://127.0.0.1:{show.port}", compression=None, proxy=None) as connection:
                while sent < count:
                    await connection.send(next(messages))
                    sent += 1
                    await connection.recv()
        except (ConnectionClosed, InvalidHandshake, OSError):
            continue


async def raw(show: Show, count: int) -> None:
    """What is no WebSocket at all."""
    dice = random.Random(1)
    for _ in range(count):
        _, writer = await asyncio.open_connection("127.0.0.1", show.port)
        writer.write(dice.randbytes(200))
        writer.close()
        await asyncio.sleep(0.01)


async def storm(seconds: float) -> bool:
    """All phases; whether what must hold did."""
    show = Show()
    told = []

    def tell(name: str, **more: Any) -> dict[str, Any]:
        told.append({**show.phase(name), **more})
        print("  ".join(f"{key} {value}" for key, value in told[-1].items()), flush=True)
        return told[-1]

    def summary(answers: list[float]) -> dict[str, Any]:
        return {
            "answers": len(answers),
            "answer_ms": {f"p{p}": round(percentile(answers, p), 2) for p in (50, 95, 99)},
        }

    await asyncio.sleep(10)
    tell("warming up")
    await asyncio.sleep(seconds)
    tell("alone")
    plugins = [Plugin(show, 0)]
    single = tell("one plugin", **summary(play(plugins, seconds)))
    plugins += [Plugin(show, i) for i in range(1, PLUGINS)]
    many = tell(f"{PLUGINS} plugins", **summary(play(plugins, seconds)))
    for plugin in plugins:
        plugin.close()
    await asyncio.sleep(2)
    before = tell("nobody")
    connections = 24
    await asyncio.gather(
        *(pester(show, NONSENSE // connections + 1, i) for i in range(connections)), raw(show, 500)
    )
    mad = tell("nonsense", messages=NONSENSE)
    await asyncio.sleep(2)
    after = tell("after it")
    show.end()
    held = {
        "a request is answered in time": max(part["answer_ms"]["p95"] for part in (single, many))
        <= ANSWER_MS,
        "plugins cost no frame": many["fps"] >= 29.9 and many["fresh_fps"] >= FRESH,
        "nothing was opened": (after["connected"], after["allowed"]) == (0, PLUGINS)
        and after["threads"] <= before["threads"],
        "no long gap": max(part["longest_gap_ms"] for part in (single, many, mad)) <= GAP_MS,
    }
    print(json.dumps({"held": held, "phases": told}))
    return all(held.values())


def main() -> int:
    """From the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="of each phase (%(default)s)")
    return 0 if asyncio.run(storm(parser.parse_args().seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
