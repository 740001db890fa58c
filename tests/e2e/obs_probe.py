"""Asks a running OBS for pictures of a source and of the scene (obs-websocket 5), until they are alive.

Writes obs.png, obs2.png (the source at two moments), obs-scene.png (what OBS would stream) and result.json. Alive: not one
colour, and different from the picture before. The password is in OBS_CHECK_PASS. Exit status 0 if it was alive.
"""

import argparse
import base64
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect


class RequestFailed(Exception):
    """OBS answered with an error; it says so while a source has nothing to show yet."""


class Obs:
    """One session: hello, identify, requests (obs-websocket, docs/generated/protocol.md)."""

    def __init__(self, socket: ClientConnection, password: str) -> None:
        self.socket = socket
        hello = self._receive()["d"]["authentication"]
        secret = self._hash(password + hello["salt"])
        answer = {
            "rpcVersion": 1,
            "eventSubscriptions": 0,
            "authentication": self._hash(secret + hello["challenge"]),
        }
        self.socket.send(json.dumps({"op": 1, "d": answer}))
        assert self._receive()["op"] == 2

    @staticmethod
    def _hash(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    def _receive(self) -> dict[str, Any]:
        return dict(json.loads(self.socket.recv(timeout=60)))

    def call(self, request: str, **data: Any) -> dict[str, Any]:
        """The response's data. Raises RequestFailed."""
        self.socket.send(
            json.dumps({"op": 6, "d": {"requestType": request, "requestId": "1", "requestData": data}})
        )
        answer = self._receive()["d"]
        if not answer["requestStatus"]["result"]:
            raise RequestFailed(str(answer["requestStatus"]))
        return dict(answer.get("responseData") or {})

    def picture(self, name: str) -> np.ndarray:
        """A source or scene as OBS has it now: (H, W, 3) uint8 BGR."""
        uri = self.call("GetSourceScreenshot", sourceName=name, imageFormat="png")["imageData"]
        data = np.frombuffer(base64.b64decode(uri.split(",", 1)[1]), np.uint8)
        image: Any = cv2.imdecode(data, cv2.IMREAD_COLOR)
        return image


def main() -> str:
    """Empty when all is well, else what is wrong."""
    parser = argparse.ArgumentParser()
    for name in ("--port", "--source", "--scene", "--out", "--limit"):
        parser.add_argument(name, required=True)
    asked = parser.parse_args()
    out, until = Path(asked.out), time.monotonic() + float(asked.limit)
    shots: list[np.ndarray] = []
    trouble = "nothing was tried"
    while time.monotonic() < until:
        try:
            with connect(f"ws://127.0.0.1:{asked.port}", open_timeout=10, max_size=None) as socket:
                obs = Obs(socket, os.environ["OBS_CHECK_PASS"])
                while time.monotonic() < until:
                    try:
                        picture = obs.picture(asked.source)
                    except RequestFailed as error:
                        trouble = str(error)
                        time.sleep(1)
                        continue
                    if picture.std() > 8 and (not shots or (picture != shots[-1]).any()):
                        shots.append(picture)
                    trouble = f"{len(shots)} live pictures"
                    if len(shots) >= 3:
                        scene, stats = obs.picture(asked.scene), obs.call("GetStats")
                        for name, image in (("obs", shots[-2]), ("obs2", shots[-1]), ("obs-scene", scene)):
                            cv2.imwrite(str(out / f"{name}.png"), image)
                        version = obs.call("GetVersion")["obsVersion"]
                        result = {"obs": version, "size": scene.shape[1::-1], "fps": stats["activeFps"]}
                        (out / "result.json").write_text(json.dumps(result))
                        return "" if scene.std() > 8 else "the scene is one colour"
                    time.sleep(1)
        except (OSError, TimeoutError, WebSocketException) as error:  # OBS still starts
            trouble = str(error)
            time.sleep(1)
    return f"no live picture in time: {trouble}"


if __name__ == "__main__":
    raise SystemExit(main() or 0)
