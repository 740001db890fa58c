"""iFacialMocap, and what speaks as it does (MeowFace, FaceMotion3D): lines of text by UDP, to who asks for it.

"name-50|...|=head#pitch,yaw,roll,x,y,z|rightEye#...|leftEye#...|": hundredths; degrees about ARKit's axes (right in the picture,
up, towards the camera), metres. The second version has & for -. The eyes' turns are in the blendshapes too.
"""

import math
import re

from liveavatar.language import tr
from liveavatar.trackers.senders.reading import AWAY, Malformed, Reader, Reading, control, turned

MOST = 200
"""Fields."""
_HEAD = re.compile(r"=head#([^|#=]*)\|")
_SHAPE = re.compile(r"([A-Za-z_]{1,40})[-&](-?[0-9]{1,4}(?:\.[0-9]{1,8})?)")


class IFacialMocap(Reader):
    """One datagram, one moment."""

    port = 49983
    asked = True
    largest = 8192

    @property
    def steps(self) -> str:
        """See Reader."""
        return tr(
            "open the app on the phone and leave it on its main screen",
            "请在手机上打开应用并停留在主界面",
        )

    def ask(self, port: int) -> bytes:
        """See Reader."""
        return b"iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719"

    def read(self, data: bytes) -> Reading:
        """See Reader."""
        try:
            text = data.decode("ascii")
        except UnicodeDecodeError as error:
            raise Malformed("no text") from error
        head = _HEAD.search(text)
        if head is None:
            raise Malformed("expected head#")
        fields = text[: head.start()].split("|")
        if len(fields) > MOST:
            raise Malformed(f"{len(fields)} fields")
        shapes = {}
        for field in fields:
            if (shape := _SHAPE.fullmatch(field.strip())) and (name := control(shape[1])) is not None:
                shapes[name] = float(shape[2]) / 100
        numbers = [_number(part) for part in head[1].split(",")]
        if len(numbers) not in (3, 6):
            raise Malformed(f"a head of {len(numbers)} numbers")
        about_right, about_up, about_nose = (math.radians(angle) for angle in numbers[:3])
        place = AWAY
        if any(numbers[3:]):
            place = 100 * numbers[3], 100 * numbers[4], 100 * numbers[5]
        return Reading(shapes, turned(about_up, -about_right, -about_nose), place)


class FaceMotion3D(IFacialMocap):
    """The same with another question."""

    port = 49993

    def ask(self, port: int) -> bytes:
        """See Reader."""
        return b"FACEMOTION3D_OtherStreaming"


def _number(text: str) -> float:
    if re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,18})?([eE]-?[0-9]{1,2})?", text) is None:
        raise Malformed(f"{text[:20]!r} is no number")
    value = float(text)
    if not abs(value) < 1e6:
        raise Malformed("a number is too large")
    return value
