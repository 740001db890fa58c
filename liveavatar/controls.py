"""The vocabulary of expressions: every control by name, with its range and what it means.

Left and right are the *subject's* own, as in ARKit and MediaPipe. Pictures are not mirrored, so the
subject's left eye is on the right side of the picture.

Head rotation, in radians, zero when the face looks straight into the camera:
  headYaw   > 0  the nose moves to the right of the picture (the subject turns to their own left)
  headPitch > 0  the nose moves up (the subject looks up)
  headRoll  > 0  the crown moves to the right of the picture (clockwise as seen)
Secondary motion, driven by springs and clocks outside the network:
  breath    0 exhaled .. 1 inhaled
  sway      -1..1 the body leans, > 0 to the right of the picture
  hairX     -1..1 hair tips swing, > 0 to the right of the picture
  hairY     -1..1 hair tips swing, > 0 up
  ears      -1..1 ears or other character parts: 0 at rest, > 0 perked, < 0 drooped
"""

import numpy as np

BLENDSHAPES: tuple[str, ...] = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft",
    "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft",
    "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft",
    "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""MediaPipe's 52 outputs without the first, "_neutral", in its order."""

SIDES: tuple[str, str] = ("Left", "Right")
HEAD: tuple[str, ...] = ("headYaw", "headPitch", "headRoll")
SECONDARY: tuple[str, ...] = ("breath", "sway", "hairX", "hairY", "ears")

CONTROLS: tuple[str, ...] = (*BLENDSHAPES, "tongueOut", *HEAD, *SECONDARY)
"""All controls, in the order of every controls vector."""

INDEX: dict[str, int] = {name: i for i, name in enumerate(CONTROLS)}

RANGES: dict[str, tuple[float, float]] = {
    **{name: (0.0, 1.0) for name in (*BLENDSHAPES, "tongueOut", "breath")},
    "headYaw": (-0.5236, 0.5236),  # 30 degrees
    "headPitch": (-0.3491, 0.3491),  # 20 degrees
    "headRoll": (-0.3491, 0.3491),
    **{name: (-1.0, 1.0) for name in ("sway", "hairX", "hairY", "ears")},
}
"""Full range of each control; a head range is what avatars are trained on unless their card says less."""


def neutral() -> np.ndarray:
    """The expression at rest: (len(CONTROLS),) float32, all zero."""
    return np.zeros(len(CONTROLS), np.float32)


def vector(**values: float) -> np.ndarray:
    """(len(CONTROLS),) float32 with the named controls set. Raises KeyError on an unknown name."""
    result = neutral()
    for name, value in values.items():
        result[INDEX[name]] = value
    return result


def gaze(across: float, up: float) -> dict[str, float]:
    """The eight eyeLook controls of two eyes that look the same way, each in [0, 1].

    across in [-1, 1]: > 0 to the right of the picture, which is the subject's left. up in [-1, 1]: > 0 up."""
    right, left = max(0.0, across), max(0.0, -across)
    return {
        **{"eyeLookOutLeft": right, "eyeLookInRight": right, "eyeLookInLeft": left, "eyeLookOutRight": left},
        **both(eyeLookUp=max(0.0, up), eyeLookDown=max(0.0, -up)),
    }


def other_side(name: str) -> str:
    """The control of the other half of the face: "mouthSmileRight" for "mouthSmileLeft"; itself where it has no side."""
    for side, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name


def both(**values: float) -> dict[str, float]:
    """Controls that have a left and a right, by the name without its side: both(eyeBlink=1.0)."""
    return {name + side: value for name, value in values.items() for side in SIDES}


VOWELS: dict[str, dict[str, float]] = {
    "a": {"jawOpen": 0.75},
    "i": {"jawOpen": 0.15, **both(mouthStretch=0.5, mouthSmile=0.2)},
    "u": {"jawOpen": 0.12, "mouthPucker": 0.75, "mouthFunnel": 0.3},
    "e": {"jawOpen": 0.35, **both(mouthStretch=0.45)},
    "o": {"jawOpen": 0.45, "mouthFunnel": 0.6},
}
"""The mouth at each vowel, as programs name them: the controls that it holds."""
