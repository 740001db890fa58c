"""`run --vmc-out`: what the avatar does, sent to other programs as a performer of the VMC protocol sends it (OSC by UDP).

Blendshapes by ARKit's names, and how much of VRM's expressions is in them; head, neck and eyes as bones, in Unity's axes (see
trackers/senders/vmc.py, which reads the same). What is sent is what is drawn: with plugins, emotes and idling, without smoothing.
"""

import math
import re
import socket
import threading
from collections.abc import Callable, Mapping

from liveavatar.base.messages import say
from liveavatar.base.shutdown import Detached
from liveavatar.base.timing import Pacer, now
from liveavatar.controls import BLENDSHAPES, HEAD, INDEX
from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.trackers.senders import require_near
from liveavatar.trackers.senders.osc import bundled, written
from liveavatar.trackers.senders.vmc import FULL_LOOK, VRM
from liveavatar.types import Expression

HERE, PORT = "127.0.0.1", 39539
"""Where other programs wait for a performer."""
PART = 26
"""Blendshapes in a datagram: it fits what networks carry whole."""
_SHAPES = (*BLENDSHAPES, "tongueOut")
_NAMES = {
    **{name: name.upper() for name in "aiueo"}, "blink": "Blink", "blink_l": "Blink_L", "blink_r": "Blink_R",
    "joy": "Joy", "fun": "Fun", "angry": "Angry", "sorrow": "Sorrow",
}  # fmt: skip
"""VRM's expressions as they are spelled."""
_GROUPS = (("o", "u", "i", "e", "a"), ("joy", "fun"), ("angry",), ("sorrow",))
"""Those that share controls: what one has taken the next has not."""
_PLACES = {"Neck": (0.0, 0.1, 0.0), "Head": (0.0, 0.1, 0.0),
           "LeftEye": (-0.03, 0.06, 0.07), "RightEye": (0.03, 0.06, 0.07)}  # fmt: skip
"""Where a bone begins in the one below it, m: of a person; programs with a model of their own take its own."""

Quaternion = tuple[float, float, float, float]


def parse_target(text: str) -> tuple[str, int]:
    """The address and port of "[HOST][:PORT]" or "PORT". Raises TrackerError."""
    text = text.strip()
    host, _, port = text.partition(":") if not text.isdecimal() else ("", ":", text)
    if re.fullmatch(r"[0-9]{0,5}", port) is None or not 0 < int(port or PORT) <= 65535:
        raise TrackerError(
            tr(
                f"expected [HOST][:PORT], such as {HERE}:{PORT} or 192.168.1.30, got {text[:100]!r}",
                f"应为 [地址][:端口]，例如 {HERE}:{PORT} 或 192.168.1.30，实际为 {text[:100]!r}",
            )
        )
    require_near(host or HERE)
    return host or HERE, int(port or PORT)


def expressions(controls: Mapping[str, float]) -> dict[str, float]:
    """How much of each of VRM's expressions is in the controls, 0 to 1: so much that none of theirs goes beyond what is there."""
    left = dict(controls)
    found = {"blink": min(left["eyeBlinkLeft"], left["eyeBlinkRight"])}
    found |= {"blink_l": left["eyeBlinkLeft"], "blink_r": left["eyeBlinkRight"]}
    for group in _GROUPS:
        for name in group:
            amount = min(1.0, *(left[control] / share for control, share in VRM[name].items()))
            found[name] = amount
            left |= {control: left[control] - share * amount for control, share in VRM[name].items()}
    return found


def datagrams(expression: Expression, seconds: float) -> list[bytes]:
    """One moment. seconds: since the start."""
    of = {name: float(expression.controls[INDEX[name]]) for name in _SHAPES}
    x, y, z, w = turn(*(float(expression.controls[INDEX[name]]) for name in HEAD))
    length = math.sqrt(2 + 2 * w)
    half = x / length, y / length, z / length, (1 + w) / length
    bones = {"Neck": half, "Head": half}
    for side, outward in (("Left", 1), ("Right", -1)):
        across = outward * (of[f"eyeLookOut{side}"] - of[f"eyeLookIn{side}"])
        up = of[f"eyeLookUp{side}"] - of[f"eyeLookDown{side}"]
        bones[f"{side}Eye"] = turn(math.asin(FULL_LOOK * across), math.asin(FULL_LOOK * up), 0.0)
    first = [
        written("/VMC/Ext/OK", 1, 3, 0, int(expression.tracked)),
        written("/VMC/Ext/T", seconds),
        written("/VMC/Ext/Root/Pos", "root", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        *(written("/VMC/Ext/Bone/Pos", bone, *_PLACES[bone], *q) for bone, q in bones.items()),
    ]
    values = {name[0].upper() + name[1:]: value for name, value in of.items()}
    values |= {_NAMES[name]: value for name, value in expressions(of).items()}
    shapes = [written("/VMC/Ext/Blend/Val", name, value) for name, value in values.items()]
    parts = [shapes[i : i + PART] for i in range(0, len(shapes), PART)]
    parts[-1].append(written("/VMC/Ext/Blend/Apply"))
    return [bundled(part) for part in (first, *parts)]


def turn(yaw: float, pitch: float, roll: float) -> Quaternion:
    """Radians in the conventions of liveavatar.controls as a quaternion (x, y, z, w) in Unity's axes and order: about z, x, y."""
    (sy, cy), (sp, cp), (sr, cr) = ((math.sin(a / 2), math.cos(a / 2)) for a in (-yaw, -pitch, roll))
    return (
        cy * sp * cr + sy * cp * sr,
        sy * cp * cr - cy * sp * sr,
        cy * cp * sr - sy * sp * cr,
        cy * cp * cr + sy * sp * sr,
    )


class Performing:
    """Sends until close()."""

    def __init__(self, target: tuple[str, int], latest: Callable[[], Expression | None], fps: float) -> None:
        """latest: what is drawn. fps: moments a second."""
        self._target, self._latest = target, latest
        self._pacer, self._over = Pacer(fps), threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._thread = Detached(self._run, name="vmc")

    def close(self) -> None:
        """Send no more."""
        self._over.set()
        self._thread.join(timeout=1.0)
        self._socket.close()

    def _run(self) -> None:
        began, failed = now(), False
        while not self._over.is_set():
            self._pacer.wait()
            expression = self._latest()
            if expression is None:
                continue
            try:
                for datagram in datagrams(expression, now() - began):
                    self._socket.sendto(datagram, self._target)
                failed = False
            except OSError as error:  # a network that is away
                if not failed and not self._over.is_set():
                    failed = True
                    host, port = self._target
                    why = error.strerror or str(error)
                    say(
                        tr(
                            f"VMC: nothing reaches {host}, port {port}: {why}",
                            f"VMC：无法发送到 {host} 端口 {port}：{why}",
                        )
                    )
