"""A page in headless Chromium, driven by real mouse events over its debugging socket. Skips where there is none."""

import base64
import http.client
import json
import re
import shutil
import subprocess
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from websockets.sync.client import connect

from tests.helpers.running import GENEROUS


class Page:
    """A page in headless Chromium, driven over its debugging socket."""

    def __init__(
        self, address: str, folder: Path, size: tuple[int, int] = (320, 240), webgl: bool = False
    ) -> None:
        """webgl: in software, whatever the machine has."""
        program = (
            shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        )
        if program is None:
            pytest.skip("no Chromium here: apt-get install chromium")
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
             f"--user-data-dir={folder}", "--no-first-run", f"--window-size={size[0]},{size[1]}",
             *(["--use-angle=swiftshader", "--enable-unsafe-swiftshader"] if webgl else []), address],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(r"ws://([^/]+)/", line):
                break
        self._drain = threading.Thread(target=self.process.stderr.read, daemon=True)
        self._drain.start()
        tabs: list[dict[str, Any]] = []
        until = time.monotonic() + GENEROUS
        while not any(tab["url"] == address for tab in tabs) and time.monotonic() < until:
            with closing(http.client.HTTPConnection(found[1], timeout=GENEROUS)) as connection:  # type: ignore[index]
                connection.request("GET", "/json")
                tabs = json.loads(connection.getresponse().read())
            time.sleep(0.1)
        tab = next(tab for tab in tabs if tab["url"] == address)
        self._open = ExitStack()
        self.socket = self._open.enter_context(
            connect(tab["webSocketDebuggerUrl"], max_size=None, open_timeout=GENEROUS)
        )

    def call(self, method: str, **params: Any) -> Any:
        """A command of the debugging protocol."""
        self.socket.send(json.dumps({"id": 1, "method": method, "params": params}))
        return json.loads(self.socket.recv(timeout=GENEROUS)).get("result", {})

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; None while the page loads anew."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer.get("result", {}).get("value")

    def pixels(self) -> np.ndarray:
        """What it shows on nothing: (H, W, 4) uint8, straight alpha."""
        self.call("Emulation.setDefaultBackgroundColorOverride", color={"r": 0, "g": 0, "b": 0, "a": 0})
        png = np.frombuffer(
            base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]), np.uint8
        )
        picture = cv2.imdecode(png, cv2.IMREAD_UNCHANGED)
        return cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGBA)

    def resize(self, width: int, height: int) -> None:
        """Give it so many pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def mouse(self, kind: str, x: float, y: float) -> None:
        """A real event of the left button: "Pressed", "Moved" or "Released"."""
        held = {"button": "left", "buttons": 1, "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, **held)

    def middle(self, selector: str) -> tuple[float, float]:
        """The middle of an element, in pixels of the window."""
        box = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        x, y = self.run(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({box})")
        return x, y

    def click(self, selector: str) -> None:
        at = self.middle(selector)
        self.mouse("Pressed", *at)
        self.mouse("Released", *at)

    def drag(self, selector: str, across: float, down: float, steps: int = 6) -> None:
        """Drag an element by its middle, in steps as a hand does; releases it."""
        x, y = self.middle(selector)
        self.mouse("Pressed", x, y)
        for i in range(1, steps + 1):
            self.mouse("Moved", x + across * i / steps, y + down * i / steps)
        self.mouse("Released", x + across, y + down)

    def wait(self, expression: str, seconds: float = GENEROUS) -> None:
        until = time.monotonic() + seconds
        while not self.run(expression):
            assert time.monotonic() < until, f"{expression} did not become true"
            time.sleep(0.05)

    def close(self) -> None:
        self._open.close()
        self.process.kill()
        self.process.wait()
        self._drain.join(timeout=5)
        assert self.process.stderr is not None
        self.process.stderr.close()
