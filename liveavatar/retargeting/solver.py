"""What measured shapes and blendshapes mean: one face against its neutral, read as controls.

Pure: no state, no time. The numbers are travels of real faces, in the units of facegeometry.MEASURES; the
person's own reach is fitted on top by retargeter.py. docs/tracking.md tells how each was found.
"""

import numpy as np

from liveavatar.controls import BLENDSHAPES
from liveavatar.retargeting.adaptation import Row
from liveavatar.retargeting.landmarks import MEASURES, M

B = {name: i for i, name in enumerate(BLENDSHAPES)}
SIDES = ("Left", "Right")

SHUT_GAP = 0.05
"""Lid gap of a closed eye, eye widths; the landmarks of closed lids never quite meet."""

_ROWS: dict[str, Row] = {
    "gap": Row(0.30, 0.16, 0.55, 0.75),
    "lowerLid": Row(0.08, -0.35, 0.05),
    "lookX": Row(0.24, -0.20, 0.20),
    "lookY": Row(0.10, -0.08, 0.20),
    "browIn": Row(0.035, -0.5, 0.5, 0.4),
    "browOut": Row(0.03, -0.5, 0.5, 0.4),
    "aperture": Row(0.15, -0.01, 0.02, 0.15),
    "jaw": Row(0.11, 0.0, 1.0, 0.25),
    "mouthWidth": Row(0.10, 0.0, 1.0, 0.4),
    "mouthX": Row(0.04, -0.05, 0.05),
    "corner": Row(0.045, -0.5, 0.5, 0.4),
    "ala": Row(0.015, -0.5, 0.5, 0.4),
}
ROWS: list[Row] = [
    *(_ROWS[name.removesuffix("Left").removesuffix("Right")] for name in MEASURES),
    *(
        Row(1.0, 0.0, 0.6 if name.startswith(("eye", "brow", "mouthPucker")) else 0.25, 0.3)
        for name in BLENDSHAPES
    ),
]
"""For each measure, then each blendshape: how its neutral is fitted."""


_TURN = np.zeros((4, len(MEASURES)))
"""What a turned head still does to a measure, as a share of Row.full per radian of pitch, of yaw, per squared
radian of yaw, per radian of roll: the landmarks' depth is a guess. Fitted on the head turns of the shipped
clip, and made smaller where a clip of a real person disagrees."""
for _name, _pitch, _yaw, _yaw2, _roll in (
    *((f"browIn{side}", -0.6, 0.0, -0.6, 0.0) for side in SIDES),
    *((f"browOut{side}", -1.3, 0.0, -0.3, 0.0) for side in SIDES),
    ("jaw", 0.5, 0.0, -0.3, 0.0),
    ("mouthWidth", 0.0, 0.0, 0.6, 0.0),
    ("mouthX", 0.0, 0.6, 0.0, 1.2),
    ("cornerLeft", 0.0, -0.4, 1.4, 1.2),
    ("cornerRight", 0.0, -1.0, 1.4, -1.0),
    ("alaLeft", 0.0, -0.3, 0.8, 1.0),
    ("alaRight", 0.0, -1.3, 0.6, -0.3),
    *((f"lowerLid{side}", -0.6, 0.0, 0.3, 0.0) for side in SIDES),
):
    _TURN[:, M[_name]] = np.array([_pitch, _yaw, _yaw2, _roll]) * ROWS[M[_name]].full


def unturned(delta: np.ndarray, yaw: float, pitch: float, roll: float) -> np.ndarray:
    """(len(MEASURES),) the measures against neutral without what the turned head adds to them."""
    return delta - np.array([pitch, yaw, yaw * yaw, roll]) @ _TURN


def closedness(delta: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    """(2,) how far the left and right eye are shut: 0 at the neutral gap, 1 shut, negative when wide.

    delta, neutral: measures (len(MEASURES),) against neutral, and the neutral. The upper lid follows the
    gaze; that part is not a blink."""
    gap = delta[[M["gapLeft"], M["gapRight"]]]
    look = delta[[M["lookYLeft"], M["lookYRight"]]]
    usual = neutral[[M["gapLeft"], M["gapRight"]]]
    return (0.35 * look.clip(-0.1, 0.1) - gap) / (usual - SHUT_GAP)


def blinks(closed: np.ndarray, reach: float) -> np.ndarray:
    """(2,) blink in [0, 1] from closedness: none for lids that hang a little, full a little before shut."""
    return _smooth((closed / reach - 0.22) / 0.66)


RESTLESS = np.array(
    [
        B[name]
        for name in (
            *(
                "eyeBlinkLeft",
                "eyeBlinkRight",
                "eyeBlinkLeft",
                "eyeBlinkRight",
                "browDownLeft",
                "browDownRight",
                "browInnerUp",
                "jawOpen",
            ),
            *("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthPucker"),
            *("mouthFunnel", "mouthLeft", "mouthRight", "mouthFrownLeft", "mouthFrownRight"),
        )
    ]
)


def unrest(shapes: np.ndarray, yaw_pitch_roll: np.ndarray) -> float:
    """How far this face is from rest, from blendshapes (51,) as they come and angles to the camera."""
    return float(shapes[RESTLESS].sum() + 2.0 * np.abs(yaw_pitch_roll).sum())


def gaze(delta: np.ndarray, shapes: np.ndarray, open_: np.ndarray) -> np.ndarray:
    """(2,) where both eyes look: right in the picture, up; about -1..1. open_ (2,): trust in each eye."""
    trust = open_ / max(float(open_.sum()), 1e-6)
    across = trust @ delta[[M["lookXLeft"], M["lookXRight"]]] / 0.24
    up = trust @ delta[[M["lookYLeft"], M["lookYRight"]]] / 0.10
    seen_left = shapes[B["eyeLookOutLeft"]] - shapes[B["eyeLookInLeft"]]
    seen_right = shapes[B["eyeLookInRight"]] - shapes[B["eyeLookOutRight"]]
    seen = trust @ [seen_left, seen_right]
    # The iris hardly sinks when it looks down, as the lid covers it. The blendshape sees that, but takes shut
    # and wide eyes for a look down too.
    down = trust @ [shapes[B[f"eyeLookDown{side}"]] for side in SIDES]
    wide = np.clip(delta[[M["gapLeft"], M["gapRight"]]].max() / 0.1, 0, 1)
    return np.array(
        [0.6 * across + 0.4 * seen, up - 1.8 * max(down - 0.05, 0.0) * float(open_.min()) * (1 - wide)]
    )


def mouth_and_brows(delta: np.ndarray, shapes: np.ndarray, blink: np.ndarray) -> np.ndarray:
    """(51,) in the order of BLENDSHAPES; the eyes are what MediaPipe says. Not fitted to the person's reach.

    delta (len(MEASURES),) and shapes (51,): against neutral. blink (2,): left, right, 0..1."""
    out = shapes.copy()

    def d(name: str) -> float:
        return float(delta[M[name]])

    def put(name: str, share: float, geometry: float, full: float = 1.0) -> None:
        """A mix: `share` of the geometry, the rest of the blendshape, which peaks at `full`."""
        out[B[name]] = share * geometry + (1 - share) * shapes[B[name]] / full

    jaw, aperture = d("jaw"), max(d("aperture"), 0.0)
    put("jawOpen", 0.45, max(jaw, 0.0) / 0.11, 0.7)
    # An open jaw narrows the mouth and pulls its corners down: that is no pout and no frown.
    width = d("mouthWidth") + 0.35 * aperture
    narrow, wide = max(-width - 0.005, 0.0) / 0.08, max(width, 0.0) / 0.10
    for i, side in enumerate(SIDES):
        lift = d(f"corner{side}") + 0.4 * max(jaw, 0.0)
        up, down = max(lift, 0.0) / 0.045, max(-lift, 0.0) / 0.03
        put(f"mouthSmile{side}", 0.5, 0.6 * up + 0.4 * min(wide, up), 0.85)
        put(f"mouthFrown{side}", 0.15, down * (1 - min(narrow, 1.0)), 0.6)
        put(f"mouthStretch{side}", 0.5, max(wide - up, 0.0), 0.5)
        out[B[f"mouthUpperUp{side}"]] *= 0.7
        # The lids pull the brow's outer end along when they shut.
        brow_in, brow_out = d(f"browIn{side}"), d(f"browOut{side}")
        put(f"browOuterUp{side}", 0.6, max(brow_out, 0.0) / 0.03, 0.9)
        out[B[f"browOuterUp{side}"]] -= 0.3 * float(blink[i])
        put(f"browDown{side}", 0.3, max(-brow_in, 0.0) / 0.02, 0.6)
        # A smile lifts the nostrils too.
        put(f"noseSneer{side}", 0.7, max(d(f"ala{side}") - 0.3 * max(lift, 0.0) - 0.003, 0.0) / 0.015, 0.5)
        # The cheek pushes the lower lid up.
        raised = max(d(f"lowerLid{side}"), 0.0) / 0.05
        put(f"cheekSquint{side}", 1.0, min(raised, 1.0) * min(up, 1.0) * (1 - float(blink[i])))
    put("browInnerUp", 0.5, max(d("browInLeft") + d("browInRight"), 0.0) / 2 / 0.03, 0.85)
    out[B["browInnerUp"]] -= 0.1 * float(blink.mean())
    # Narrow lips are a pucker while shut and a funnel while open; MediaPipe mixes the two.
    narrowed = 0.5 * narrow + 0.5 * shapes[B["mouthPucker"]] * min(1.0, 4 * narrow)
    opened = min(0.6 * max(shapes[B["mouthFunnel"]], 0.0) / 0.25 + 0.4 * aperture / 0.05, 1.0)
    out[B["mouthPucker"]] = narrowed * (1 - opened)
    out[B["mouthFunnel"]] = 1.3 * narrowed * opened
    shift = d("mouthX") / 0.035
    put("mouthLeft", 0.15, max(shift, 0.0), 0.7)
    put("mouthRight", 0.15, max(-shift, 0.0), 0.7)
    return out


def lids(closed: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """(2, 2): wide and squint of the left and right eye, about 0..1."""
    wide = (-closed).clip(0) / 0.35
    # The lower lid follows the gaze upwards, and rises in every blink: only an eye that stays open squints.
    look = delta[[M["lookYLeft"], M["lookYRight"]]].clip(0, 0.1)
    raised = delta[[M["lowerLidLeft"], M["lowerLidRight"]]] - 0.6 * look
    squint = raised.clip(0) / 0.09 * (1.6 - 2 * closed).clip(0, 1)
    return np.stack([wide, squint])


def _smooth(x: np.ndarray) -> np.ndarray:
    x = x.clip(0.0, 1.0)
    return x * x * (3 - 2 * x)
