"""VTube Studio's app on a phone, as "3rd party PC clients" of it get its tracking: JSON by UDP, to who asks for it."""

import json
import math

from liveavatar.base.files import Unreadable
from liveavatar.base.strict_json import parse_json
from liveavatar.language import tr
from liveavatar.trackers.senders.reading import (
    AWAY,
    Malformed,
    Reader,
    Reading,
    Vector,
    control,
    number,
    turned,
)

SECONDS = 5.0
"""It sends for so long after a question."""
NEARER = 15.0
"""cm, at most."""


class VTSPhone(Reader):
    """One datagram, one moment."""

    port = 21412
    asked = True
    largest = 16_384

    @property
    def steps(self) -> str:
        """See Reader."""
        return tr(
            'open VTube Studio on the phone, and switch on "3rd Party PC Clients" in its settings',
            "请在手机上打开 VTube Studio，并在设置中开启“3rd Party PC Clients”",
        )

    def own_port(self, port: int) -> int:
        """See Reader."""
        return 0

    def ask(self, port: int) -> bytes:
        """See Reader."""
        question = {
            "messageType": "iOSTrackingDataRequest",
            "time": SECONDS,
            "sentBy": "liveavatar",
            "ports": [port],
        }
        return json.dumps(question).encode()

    def read(self, data: bytes) -> Reading:
        """See Reader."""
        try:
            message = parse_json(data)
        except Unreadable as error:
            raise Malformed(str(error)) from error
        if not isinstance(message, dict) or not isinstance(message.get("FaceFound"), bool):
            raise Malformed("expected FaceFound")
        if not message["FaceFound"]:
            return Reading({}, found=False)
        listed = message.get("BlendShapes")
        if not isinstance(listed, list) or not all(isinstance(shape, dict) for shape in listed):
            raise Malformed("expected BlendShapes")
        shapes = {
            name: number(shape.get("v"))
            for shape in listed
            if isinstance(shape.get("k"), str) and (name := control(shape["k"])) is not None
        }
        yaw, pitch, roll = (math.radians(angle) for angle in _vector(message, "Rotation"))
        return Reading(shapes, turned(yaw, pitch, roll), _place(_vector(message, "Position")))


def _vector(message: dict[str, object], name: str) -> Vector:
    found = message.get(name)
    if not isinstance(found, dict):
        raise Malformed(f"expected {name}")
    return number(found.get("x")), number(found.get("y")), number(found.get("z"))


def _place(position: Vector) -> Vector:
    """cm: the app's numbers are taken for cm, and its depth for a move towards the camera from the usual distance."""
    x, y, z = position
    return x, y, AWAY[2] + min(max(z, -NEARER), NEARER)
