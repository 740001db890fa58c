"""Fits a profile to a person: what they are asked to do, and what is read out of the faces seen meanwhile.

Works on a guided recording, where each face belongs to a step of GUIDE, and on any clip, where only what was clearly
in use is fitted. Reads no clock and opens nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liveavatar.controls import HEAD, both, neutral, vector
from liveavatar.errors import ProfileError
from liveavatar.language import tr
from liveavatar.retargeting import features
from liveavatar.retargeting import solver as reading
from liveavatar.retargeting.adaptation import Calm, Neutral
from liveavatar.retargeting.profile import NEUTRAL, Profile
from liveavatar.retargeting.solver import B
from liveavatar.types import Face

LEAST_FACES = 20
"""Fewer say nothing about a person."""
QUANTILE = 85
"""Percentile of the moments in use that counts as the full expression: a face need not repeat its maximum."""


@dataclass(frozen=True)
class Step:
    """One thing the person is asked to do."""

    name: str
    seconds: float
    en: str
    zh: str
    shown: tuple[dict[str, float], ...]
    """What the avatar shows meanwhile, one expression after the other: controls by name."""
    asked: tuple[str, ...] = ()
    """Blendshapes whose reach it fits."""

    @property
    def text(self) -> str:
        """The prompt in the user's language."""
        return tr(self.en, self.zh)


GUIDE: tuple[Step, ...] = (
    Step("rest", 3.0, "Look into the camera, face at rest", "正视摄像头，面部放松", ({},)),
    Step("blink", 2.5, "Shut both eyes, a few times", "闭上双眼，重复几次", (both(eyeBlink=1.0), {}) * 2),
    Step("jaw", 2.0, "Open your mouth wide", "张大嘴", ({"jawOpen": 0.9},), ("jawOpen",)),
    Step("smile", 2.0, "Smile as broadly as you can", "尽量大笑", (both(mouthSmile=1.0, cheekSquint=1.0),),
         ("mouthSmileLeft", "mouthSmileRight")),
    Step("brows", 3.0, "Raise your brows, then frown", "先挑眉，再皱眉",
         (both(browOuterUp=0.8, eyeWide=0.8) | {"browInnerUp": 1.0}, both(browDown=1.0)),
         ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight")),
    Step("lips", 2.0, "Push your lips forward, as for a kiss", "嘟起嘴唇", ({"mouthPucker": 1.0},), ("mouthPucker",)),
    Step("gaze", 3.0, "Look left, right, up, down; only the eyes", "只动眼睛：看左、右、上、下",
         ({"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}, {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
          both(eyeLookUp=1.0), both(eyeLookDown=1.0))),
    Step("head", 3.5, "Turn your head left, right, up, down", "头部转向左、右、上、下",
         ({"headYaw": 0.45}, {"headYaw": -0.45}, {"headPitch": 0.28}, {"headPitch": -0.28})),
)  # fmt: skip
SECONDS = sum(step.seconds for step in GUIDE)


def demonstrated(step: Step, at: float) -> np.ndarray:
    """(len(CONTROLS),) float32: what the avatar shows `at` seconds into the step, eased in and out."""
    each = step.seconds / len(step.shown)
    index = min(int(at / each), len(step.shown) - 1)
    phase = min(max(at / each - index, 0.0), 1.0)
    amount = np.sin(np.pi * phase) ** 0.5 if step.shown[index] else 0.0
    return np.asarray(neutral() + amount * vector(**step.shown[index]), np.float32)


def fit(
    faces: Sequence[Face], steps: Sequence[str] | None = None, *, name: str, made: str, glasses: bool = False
) -> Profile:
    """The profile that these faces show; those that cannot be faces (Face.sound) count as not seen.

    steps: the name of the GUIDE's step each face belongs to; None for a clip of somebody who was asked nothing. Raises
    ProfileError when there are too few faces."""
    named = [""] * len(faces) if steps is None else steps
    pairs = [pair for pair in zip(faces, named, strict=True) if features.read(pair[0], None) is not None]
    faces, steps = [face for face, _ in pairs], steps and [step for _, step in pairs]
    if len(faces) < LEAST_FACES:
        raise ProfileError(
            tr(
                f"a face was found in {len(faces)} pictures; at least {LEAST_FACES} are needed. "
                "See to light from the front and one face in view, and try again.",
                f"只在 {len(faces)} 帧中找到人脸，至少需要 {LEAST_FACES} 帧。请让光线从正面照来，画面中只有一张脸，然后重试。",
            )
        )
    calm = [face for face, step in zip(faces, steps or (), strict=bool(steps)) if step == "rest"]
    resting = calmest(calm if len(calm) >= LEAST_FACES // 2 else faces)
    head = features.template(resting)
    base = _rest(resting, head)
    seen = [features.against(features.row(face, head)[1], base) for face in faces]
    closed = np.array([s.closed for s in seen])
    asked = np.array(steps if steps is not None else [""] * len(faces))

    blink_reach = _full(closed.max(1)[_during(asked, "blink")], 0.5, 0.55, 1.1) or 0.95
    blinks = np.array([reading.blinks(c, blink_reach) for c in closed])
    raw = np.array([features.expressed(s, b) for s, b in zip(seen, blinks, strict=True)])
    looks = np.array([features.looking(s, b) for s, b in zip(seen, blinks, strict=True)])
    awake = blinks.max(1) < 0.3  # where shut eyes look is a guess
    prompted = {control: step.name for step in GUIDE for control in step.asked} if steps is not None else {}

    reach = {}
    for control, i in B.items():
        if control.startswith(("eyeBlink", "eyeLook")):
            continue
        if control in prompted:
            # Asked for it, a weak smile is this person's full one.
            full = _full(raw[_during(asked, prompted[control]), i], 0.15, 0.3, 1.3)
        else:
            full = _full(raw[:, i], 0.45, 0.55, 1.25)
        if full is not None:
            reach[control] = full
    looking = looks[_during(asked, "gaze") & awake]
    gaze = {}
    for way, values in (("across", abs(looking[:, 0])), ("up", looking[:, 1]), ("down", -looking[:, 1])):
        if (full := _full(values, 0.3 if steps is not None else 0.5, 0.5, 1.3)) is not None:
            gaze[way] = full
    turns = (
        np.array([np.abs(s.head) for s in seen])[_during(asked, "head")]
        if steps is not None
        else np.empty((0, 3))
    )
    comfort = np.percentile(turns, 95, axis=0) if len(turns) else np.zeros(3)
    return Profile(
        name=name,
        made=made,
        template=head,
        neutral=dict(zip(NEUTRAL, base[: len(NEUTRAL)].round(5).tolist(), strict=True)),
        reach={control: round(full, 4) for control, full in reach.items()},
        blink=round(blink_reach, 4),
        gaze={way: round(full, 4) for way, full in gaze.items()},
        head={n: round(float(turn), 4) for n, turn in zip(HEAD[:2], comfort, strict=False) if turn > 0.15},
        glasses=glasses,
    )


def unseen(profile: Profile) -> list[Step]:
    """The steps of a guided calibration of which nothing was seen: their ranges stay the average person's."""
    found = {
        "gaze": bool(profile.gaze),
        "head": bool(profile.head),
        **{step.name: any(name in profile.reach for name in step.asked) for step in GUIDE if step.asked},
    }
    return [step for step in GUIDE if not found.get(step.name, True)]


def calmest(faces: Sequence[Face]) -> list[Face]:
    """The eighth of the faces that is nearest to rest, Calm.KEEP at least."""
    middle = features.template(faces[:: max(1, len(faces) // 50)])
    shapes = np.array([face.blendshapes for face in faces])
    # Eyes opened wide are no calmer than eyes as they usually are.
    shapes = np.maximum(shapes, np.percentile(shapes, 25, axis=0))
    poses = [features.row(face, middle)[1][features.POSE] for face in faces]
    unrest = [reading.unrest(*pair) for pair in zip(shapes, poses, strict=True)]
    return [faces[i] for i in np.argsort(unrest, kind="stable")[: max(Calm.KEEP, len(faces) // 8)]]


def _rest(faces: Sequence[Face], head: np.ndarray) -> np.ndarray:
    """The neutral row of these calm faces."""
    fitted = Neutral(features.ROWS)
    fitted.start(np.array([features.row(face, head)[1] for face in faces]))
    return fitted.value


def _during(steps: np.ndarray, name: str) -> np.ndarray:
    """(n,) bool: the faces of this step; all of them where nobody was asked for anything."""
    return (steps == name) | (steps == "")


def _full(values: np.ndarray, needed: float, least: float, most: float) -> float | None:
    """What the full expression reads as, between least and most; None where it never came to `needed`."""
    if not len(values):
        return None
    peak = float(np.percentile(values, 98))
    if peak < needed:
        return None
    return float(np.clip(np.percentile(values[values > 0.5 * peak], QUANTILE), least, most))


class Guide:
    """Where a guided calibration stands. Its time runs only while a face is seen."""

    def __init__(self) -> None:
        self.faces: list[Face] = []
        self.steps: list[str] = []
        """The step of each face."""
        self.elapsed = 0.0
        """Seconds of the whole guide that are done."""
        self.lost = 0.0
        """Seconds since a face was last seen."""
        self._time: float | None = None

    def see(self, face: Face | None, time: float) -> None:
        """Take in what the tracker found at `time`, seconds."""
        dt = 0.0 if self._time is None else min(max(time - self._time, 0.0), 0.5)
        self._time = time
        if face is None or not face.sound:
            self.lost += dt
            return
        self.lost = 0.0
        if (now := self.step) is not None:
            self.faces.append(face)
            self.steps.append(now.name)
            self.elapsed += dt

    @property
    def step(self) -> Step | None:
        """What to do now; None when all is done."""
        return self._at()[0]

    @property
    def shown(self) -> np.ndarray:
        """(len(CONTROLS),) float32: what the avatar shows now."""
        step, at = self._at()
        return neutral() if step is None else demonstrated(step, at)

    def _at(self) -> tuple[Step | None, float]:
        """The step, and the seconds into it."""
        rest = self.elapsed
        for step in GUIDE:
            if rest < step.seconds:
                return step, rest
            rest -= step.seconds
        return None, 0.0
