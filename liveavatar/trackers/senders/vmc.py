"""The VMC protocol, as a performer sends it (VSeeFace, VMagicMirror, Warudo, XR Animator, VNyan and more): OSC by UDP.

Blendshapes by ARKit's names ("perfect sync") or VRM's; the head's and neck's turn; the eyes' turn where no blendshape says where
they look. Bones are in Unity's axes: x to the model's own right, y up, z ahead, left-handed.
"""

import math
from collections.abc import Mapping

import numpy as np

from liveavatar.controls import VOWELS, both, gaze
from liveavatar.language import tr
from liveavatar.trackers.senders.osc import Message, messages
from liveavatar.trackers.senders.reading import Malformed, Reader, Reading, control, from_quaternion

VRM: dict[str, Mapping[str, float]] = {
    **VOWELS,
    "blink": both(eyeBlink=1.0),
    "blink_l": {"eyeBlinkLeft": 1.0},
    "blink_r": {"eyeBlinkRight": 1.0},
    "joy": both(mouthSmile=0.9, cheekSquint=0.5),
    "fun": both(mouthSmile=0.7),
    "angry": both(browDown=0.9, noseSneer=0.4),
    "sorrow": {"browInnerUp": 0.8, **both(mouthFrown=0.6)},
}
"""VRM's expression -> controls of its full value."""
_VRM1 = {
    "aa": "a", "ih": "i", "ou": "u", "ee": "e", "oh": "o", "blinkleft": "blink_l", "blinkright": "blink_r",
    "happy": "joy", "relaxed": "fun", "sad": "sorrow",
}  # fmt: skip
_BONES = ("Head", "Neck", "LeftEye", "RightEye")
FULL_LOOK = math.sin(math.radians(15))
"""Of an eye's bone."""
_FLIP = np.array([-1.0, 1.0, 1.0])
"""Unity's axes to the picture's."""


class VMC(Reader):
    """A moment is complete with its last blendshape; of a performer that sends none, where it says how it is."""

    port = 39539
    asked = False
    largest = 65_507

    def __init__(self) -> None:
        self._shapes: dict[str, float] = {}
        """As sent, until they are to be applied: control or VRM's expression -> value."""
        self._applied: dict[str, float] = {}
        self._bones = {bone: np.eye(3) for bone in _BONES}
        self._applies = False
        """It sends blendshapes."""
        self._tracking = True

    @property
    def steps(self) -> str:
        """See Reader."""
        return tr(
            "let the program send VMC (as performer) to this port of this computer",
            "请让程序以 VMC（Performer）方式向本机的该端口发送数据",
        )

    def read(self, data: bytes) -> Reading | None:
        """See Reader."""
        complete = False
        for message in list(messages(data)):
            complete |= self._take(message)
        return self._reading() if complete else None

    def _take(self, message: Message) -> bool:
        """Whether a moment is complete with it."""
        address, values = message
        if address == "/VMC/Ext/Blend/Val":
            name, value = _typed(values, str, float)
            name = _VRM1.get(name.lower(), name.lower())
            known = name if name in VRM else control(name)
            if known is not None:
                self._shapes[known] = value
        elif address == "/VMC/Ext/Blend/Apply":
            self._applied, self._shapes, self._applies = self._shapes, {}, True
            return True
        elif address == "/VMC/Ext/Bone/Pos":
            bone, _, _, _, x, y, z, w = _typed(values, str, *[float] * 7)
            if bone in _BONES:
                self._bones[bone] = from_quaternion(x, y, z, w) * np.outer(_FLIP, _FLIP)
        elif address == "/VMC/Ext/OK":
            self._tracking = len(values) < 4 or values[3] != 0
            return not self._applies
        return False

    def _reading(self) -> Reading:
        shapes: dict[str, float] = {}
        for name, value in self._applied.items():
            for known, share in VRM.get(name, {name: 1.0}).items():
                shapes[known] = max(shapes.get(known, 0.0), share * value)
        if not any(name.startswith("eyeLook") for name in shapes):
            across, up, _ = (self._bones["LeftEye"] + self._bones["RightEye"])[:, 2] / 2
            shapes |= gaze(across / FULL_LOOK, up / FULL_LOOK)
        return Reading(shapes, self._bones["Neck"] @ self._bones["Head"], found=self._tracking)


def _typed(values: list[str | float], *kinds: type) -> list:  # type: ignore[type-arg]
    """The first values, of these types. Raises Malformed."""
    if len(values) < len(kinds) or not all(map(isinstance, values, kinds)):
        raise Malformed("values of other types")
    return values[: len(kinds)]
