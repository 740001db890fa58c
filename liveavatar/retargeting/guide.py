"""The guide of a calibration: what the person is asked to do, and what the avatar shows meanwhile. Reads no clock."""

from dataclasses import dataclass

import numpy as np

from liveavatar.controls import both, gaze, neutral, vector
from liveavatar.language import tr
from liveavatar.types import Face


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
         (gaze(1.0, 0.0), gaze(-1.0, 0.0), gaze(0.0, 1.0), gaze(0.0, -1.0))),
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
