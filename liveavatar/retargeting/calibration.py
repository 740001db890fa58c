"""Fits a profile to a person, out of faces.

Works on a guided recording, where each face belongs to a step of the guide, and on any clip, where only what was clearly
in use is fitted. Reads no clock and opens nothing.
"""

from collections.abc import Sequence

import numpy as np

from liveavatar.controls import BLENDSHAPES, HEAD
from liveavatar.errors import ProfileError
from liveavatar.language import tr
from liveavatar.retargeting import eyes, features
from liveavatar.retargeting.adaptation import Calm, Neutral, unrest
from liveavatar.retargeting.guide import GUIDE, Step
from liveavatar.retargeting.landmarks import neutral_head
from liveavatar.retargeting.profile import NEUTRAL, Profile
from liveavatar.retargeting.solver import solve
from liveavatar.types import Face

LEAST_FACES = 20
"""Fewer say nothing about a person."""
QUANTILE = 85
"""Percentile of the moments in use that counts as the full expression: a face need not repeat its maximum."""


def fit(
    faces: Sequence[Face], steps: Sequence[str] | None = None, *, name: str, made: str, glasses: bool = False
) -> Profile:
    """The profile that these faces show; those that cannot be faces (Face.sound) count as not seen.

    steps: the name of the GUIDE's step each face belongs to; None for a clip of somebody who was asked nothing. Raises
    ProfileError when there are too few faces."""
    guided = steps is not None
    named = [
        (face, step)
        for face, step in zip(faces, [""] * len(faces) if steps is None else steps, strict=True)
        if features.try_observe(face, None) is not None
    ]
    if len(named) < LEAST_FACES:
        raise _too_few(len(named))
    faces = [face for face, _ in named]
    resting = [face for face, step in named if step == "rest"]
    calm = calmest(resting if len(resting) >= LEAST_FACES // 2 else faces)
    head = neutral_head(calm)
    neutral = _neutral(calm, head)
    readings = _Readings(faces, [step for _, step in named], head, neutral)
    return Profile(
        name=name,
        made=made,
        template=head,
        neutral=dict(zip(NEUTRAL, neutral[: len(NEUTRAL)].round(5).tolist(), strict=True)),
        reach=_reach(readings, guided),
        blink=round(readings.shut, 4),
        gaze=_gaze(readings, 0.3 if guided else 0.5),
        head=_comfort(readings) if guided else {},
        glasses=glasses,
    )


def _too_few(count: int) -> ProfileError:
    return ProfileError(
        tr(
            f"a face was found in {count} pictures; at least {LEAST_FACES} are needed. "
            "See to light from the front and one face in view, and try again.",
            f"只在 {count} 帧中找到人脸，至少需要 {LEAST_FACES} 帧。请让光线从正面照来，画面中只有一张脸，然后重试。",
        )
    )


class _Readings:
    """All faces against the person's neutral, read as controls without a reach."""

    def __init__(
        self, faces: Sequence[Face], steps: Sequence[str], head: np.ndarray, neutral: np.ndarray
    ) -> None:
        self._steps = np.array(steps)
        deviations = [features.deviation(features.observe(face, head).vector, neutral) for face in faces]
        closed = np.array([deviation.closed for deviation in deviations])
        self.shut = _full(closed.max(1)[self.during("blink")], 0.5, 0.55, 1.1) or 0.95
        """What shut eyes read as, see Deviation.closed."""
        blinks = [eyes.blinks(one, self.shut) for one in closed]
        pairs = list(zip(deviations, blinks, strict=True))
        self.controls = np.array([solve(deviation, blink) for deviation, blink in pairs])
        """(faces, 51)."""
        self.looks = np.array([eyes.look(deviation, blink) for deviation, blink in pairs])
        """(faces, 2) right in the picture, up."""
        self.awake = np.array(blinks).max(1) < 0.3
        """(faces,) bool: where shut eyes look is a guess."""
        self.turns = np.abs([deviation.head for deviation in deviations])
        """(faces, 3) yaw, pitch, roll without sign, radians."""

    def during(self, step: str) -> np.ndarray:
        """(faces,) bool: those of this step; all of them where nobody was asked for anything."""
        return (self._steps == step) | (self._steps == "")


def _reach(readings: _Readings, guided: bool) -> dict[str, float]:
    """What the full expression reads as, by blendshape that was seen in use."""
    prompts = {control: step.name for step in GUIDE for control in step.asked} if guided else {}
    reach = {}
    for control, values in zip(BLENDSHAPES, readings.controls.T, strict=True):
        if control.startswith(("eyeBlink", "eyeLook")):
            continue
        if control in prompts:
            # Asked for it, a weak smile is this person's full one.
            full = _full(values[readings.during(prompts[control])], 0.15, 0.3, 1.3)
        else:
            full = _full(values, 0.45, 0.55, 1.25)
        if full is not None:
            reach[control] = round(full, 4)
    return reach


def _gaze(readings: _Readings, needed: float) -> dict[str, float]:
    """What a full look across, up and down reads as, where it came to `needed`."""
    across, up = readings.looks[readings.during("gaze") & readings.awake].T
    full = {
        way: _full(v, needed, 0.5, 1.3) for way, v in (("across", abs(across)), ("up", up), ("down", -up))
    }
    return {way: round(value, 4) for way, value in full.items() if value is not None}


def _comfort(readings: _Readings) -> dict[str, float]:
    """How far the head turned when asked to, by control; radians."""
    turns = readings.turns[readings.during("head")]
    furthest = np.percentile(turns, 95, axis=0) if len(turns) else np.zeros(3)
    return {
        name: round(float(turn), 4) for name, turn in zip(HEAD[:2], furthest, strict=False) if turn > 0.15
    }


def unseen(profile: Profile) -> list[Step]:
    """The steps of a guided calibration of which nothing was seen: their ranges stay the average person's."""
    fitted = {
        "gaze": bool(profile.gaze),
        "head": bool(profile.head),
        **{step.name: any(name in profile.reach for name in step.asked) for step in GUIDE if step.asked},
    }
    return [step for step in GUIDE if not fitted.get(step.name, True)]


def calmest(faces: Sequence[Face]) -> list[Face]:
    """The eighth of the faces that is nearest to rest, Calm.KEEP at least."""
    middle = neutral_head(faces[:: max(1, len(faces) // 50)])
    shapes = np.array([face.blendshapes for face in faces])
    # Eyes opened wide are no calmer than eyes as they usually are.
    shapes = np.maximum(shapes, np.percentile(shapes, 25, axis=0))
    poses = [features.observe(face, middle).vector[features.POSE] for face in faces]
    order = np.argsort([unrest(*pair) for pair in zip(shapes, poses, strict=True)], kind="stable")
    return [faces[i] for i in order[: max(Calm.KEEP, len(faces) // 8)]]


def _neutral(calm: Sequence[Face], head: np.ndarray) -> np.ndarray:
    """(len(FEATURES),) the vector of these calm faces."""
    fitted = Neutral()
    fitted.start(np.array([features.observe(face, head).vector for face in calm]))
    return fitted.value


def _full(values: np.ndarray, needed: float, least: float, most: float) -> float | None:
    """What the full expression reads as, between least and most; None where it never came to `needed`."""
    if not len(values):
        return None
    peak = float(np.percentile(values, 98))
    if peak < needed:
        return None
    return float(np.clip(np.percentile(values[values > 0.5 * peak], QUANTILE), least, most))
