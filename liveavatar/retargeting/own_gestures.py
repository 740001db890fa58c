"""What a speaker's head, brows, eyes and smile do beside the words, in one person's own manner; and what they do in silence.

The same interface as gestures.Gestures, which are rules. Reads no clock: time is the sound's own, in seconds.
"""

from collections.abc import Callable

import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import CONTROLS, HEAD, RANGES, both, gaze, vector
from liveavatar.retargeting.gestures import OVER, TEMPERS, Moves, Temper, presence
from liveavatar.retargeting.idle import breathing
from liveavatar.retargeting.manner import AHEAD, CHANNELS, FPS, Manner, Mover, SpeechView

EMOTIONS: dict[str, tuple[float, float]] = {
    "joy": (1.2, 0.3), "anger": (-0.5, -1.2), "sadness": (-0.8, 0.4), "surprise": (0.2, 1.2), "smug": (0.6, -0.2),
    "sleepy": (-0.4, -0.4),
}  # fmt: skip
"""Emote -> what a manner is told: smile and brows, in the person's spreads."""
WARM = 2 * FPS
"""Frames of silence before the first."""
SILENCE = np.array([0.0, 0.0, 0.0, 0.0, 0.0, -1.0])
"""Features of a long one."""
ROUND_S, JOINED_S = 90.0, 3.0
"""Seconds after which idling begins anew, and in which its end goes over into its beginning."""
CALM = 0.6
"""Of a person's movements, while the avatar is silent."""
_LOWEST, _HIGHEST = np.array([RANGES[name] for name in CONTROLS], np.float32).T


class OwnGestures:
    """One speaker during one sound. hear() and end() belong to one thread; at() to any."""

    def __init__(self, manner: Manner, emotion: str = "", seed: int = 0) -> None:
        """emotion: an emote's name, or none. seed: the same sound and seed are accompanied the same way."""
        self._temper, self._view = TEMPERS.get(emotion, Temper()), SpeechView()
        self._mover = _warm(manner, EMOTIONS.get(emotion, (0.0, 0.0)), seed)
        self._speech: list[np.ndarray] = []
        self._motion: list[np.ndarray] = []
        """(CHANNELS + 1,) of each frame: what moves, and the lids."""
        self._whole: float | None = None
        """Seconds of the sound, once it is known."""

    def hear(self, frames: np.ndarray) -> None:
        """See Gestures."""
        self._view.hear(frames)
        self._go_on(list(self._view.frames()))

    def end(self, time: float | None = None) -> None:
        """See Gestures."""
        self._whole = len(self._speech) / FPS if time is None else time
        self._go_on([SILENCE] * (AHEAD + round(OVER * FPS) + 2))

    def at(self, time: float) -> Moves:
        """See Gestures."""
        moved = _between(self._motion, time * FPS)
        alive, temper = self.presence(time), self._temper
        shown = {name: alive * value for name, value in zip((*CHANNELS, "lids"), moved.tolist(), strict=True)}
        held = both(eyeBlink=max(shown["lids"], temper.lids * alive))
        held |= gaze(np.clip(shown["gazeAcross"], -1, 1), np.clip(shown["gazeUp"], -1, 1))
        shown["headPitch"] += alive * temper.pitch
        shown["headRoll"] += alive * temper.roll
        return Moves(_added(shown), held)

    def presence(self, time: float) -> float:
        """See Gestures."""
        return presence(time, self._whole)

    def _go_on(self, rows: list[np.ndarray]) -> None:
        self._speech += rows
        while len(self._motion) + AHEAD < len(self._speech):
            self._motion.append(self._mover.step(self._speech[len(self._motion) + AHEAD]))


def own_idle(
    manner: Manner, speaking: Callable[[float], float] = lambda time: 0.0, seed: int = 0
) -> Callable[[float], np.ndarray]:
    """Instead of idle.idle(): (len(CONTROLS),) float32 at a time in seconds, in the person's manner, breath as ever.
    speaking: 0..1 at a time, how far OwnGestures moves the avatar: what it adds is not added to idling."""
    mover = _warm(manner, (0.0, 0.0), seed)
    count, joined = round(ROUND_S * FPS), round(JOINED_S * FPS)
    rows = np.array([mover.step(SILENCE) for _ in range(count + joined)])
    share = smoothstep(np.arange(joined) / joined)[:, None]
    rows[:joined] = share * rows[:joined] + (1 - share) * rows[count:]
    motion = [*rows[:count], rows[0]]

    def at(time: float) -> np.ndarray:
        shown = dict(zip((*CHANNELS, "lids"), _between(motion, time * FPS % count).tolist(), strict=True))
        share = CALM * (1 - speaking(time))
        calm = {name: value if name == "lids" else share * value for name, value in shown.items()}
        controls = _added(calm) | gaze(calm["gazeAcross"], calm["gazeUp"]) | both(eyeBlink=calm["lids"])
        return vector(**controls, breath=breathing(time)).clip(_LOWEST, _HIGHEST)

    return at


def _warm(manner: Manner, emotion: tuple[float, float], seed: int) -> Mover:
    """As after some silence."""
    mover = Mover(manner, emotion, seed)
    for _ in range(WARM):
        mover.step(SILENCE)
    return mover


def _between(motion: list[np.ndarray], at: float) -> np.ndarray:
    """(CHANNELS + 1,) between two frames; the last one where it is not known yet."""
    if not motion:
        return np.zeros(len(CHANNELS) + 1)
    at = min(max(at, 0.0), len(motion) - 1.0)
    before = int(at)
    after = min(before + 1, len(motion) - 1)
    found: np.ndarray = motion[before] + (at - before) * (motion[after] - motion[before])
    return found


def _added(shown: dict[str, float]) -> dict[str, float]:
    """What is added to the controls: head, brows, smile, and the body that follows the head."""
    sides = {name: shown[name] for name in ("browOuterUp", "browDown", "mouthSmile")}
    return {
        **{name: shown[name] for name in HEAD},
        "browInnerUp": shown["browInnerUp"],
        **both(**sides),
        "sway": 1.2 * shown["headYaw"] + 0.6 * shown["headRoll"],
    }
