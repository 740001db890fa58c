"""One utterance as the avatar says it: the sound that is played, and what lips, face and head do at each of its moments."""

from collections.abc import Sequence

import numpy as np

from liveavatar.audio.clips import Resampler
from liveavatar.audio.lip_track import LipTrack, Pose
from liveavatar.audio.mouth import HELD
from liveavatar.audio.prosody import Prosody
from liveavatar.audio.track import Track
from liveavatar.base.curves import smoothstep
from liveavatar.controls import both
from liveavatar.retargeting.gestures import OVER, Gestures, Moves
from liveavatar.retargeting.own_gestures import OwnGestures
from liveavatar.retargeting.reactions import EMOTES

HEARING = 16_000
"""Samples a second that are listened to."""
MOOD = 0.7
"""Of an emote, while somebody speaks: words have to be told from the lips."""
SHUTTING = 0.12
"""Seconds in which lips come to rest where a voice is interrupted."""
_NOT_HELD = {*HELD, *both(eyeBlink=0, mouthPress=0), "tongueOut", "cheekPuff"}
"""What an emote leaves to the words, and to blinks."""
_SOFTER = dict.fromkeys(both(eyeSquint=0), 0.5)
"""Of what would hide the eyes for as long as somebody speaks."""


class Voice:
    """One utterance. hear() and end() belong to one thread; what is asked of it, to any."""

    def __init__(
        self,
        rate: int,
        played: int,
        emotion: str,
        visemes: Sequence[tuple[float, str]] | None,
        gestures: Gestures | OwnGestures,
    ) -> None:
        """rate, played: samples a second, of the sound and of the loudspeaker. gestures: of this emotion."""
        self.track = Track(played)
        self._to_play, self._to_hear = Resampler(rate, played), Resampler(rate, HEARING)
        self._lips, self._prosody = LipTrack(HEARING, visemes), Prosody(HEARING)
        self._gestures = gestures
        self._emotion = {
            name: value * _SOFTER.get(name, 1.0)
            for name, value in EMOTES.get(emotion, {}).items()
            if name not in _NOT_HELD
        }
        self._stopped = np.inf

    def hear(self, samples: np.ndarray) -> None:
        """What comes next, (n,) float32, or (n, 2): what is played, and the voice in it."""
        played, heard = samples.T if samples.ndim == 2 else (samples, samples)
        self._hear(self._to_hear.take(heard))
        self.track.add(self._to_play.take(played))

    def end(self) -> None:
        """Nothing more comes."""
        self._hear(self._to_hear.end())
        self._gestures.end()
        self.track.add(self._to_play.end())
        self.track.end()

    def stop(self, time: float) -> None:
        """The speaker falls silent now."""
        self._stopped = self.track.heard(time) or 0.0
        self._gestures.end(self._stopped)
        self.track.stop()

    def _hear(self, samples: np.ndarray) -> None:
        self._lips.hear(samples)
        self._gestures.hear(self._prosody.hear(samples))

    def at_rest(self, time: float) -> bool:
        """Nothing is left of it, neither to be heard nor to be seen."""
        return self.track.over(time - OVER)

    def lips(self, time: float) -> Pose:
        """Control -> (value, weight)."""
        heard = self.track.heard(time)
        if heard is None:
            return {}
        left = 1 - float(smoothstep((heard - self._stopped) / SHUTTING)) if heard > self._stopped else 1.0
        return {name: (value, weight * left) for name, (value, weight) in self._lips.at(heard).items()}

    def moves(self, time: float) -> Moves | None:
        """None where it has not begun."""
        heard = self.track.heard(time)
        return None if heard is None else self._gestures.at(heard)

    def mood(self, time: float) -> tuple[dict[str, float], float]:
        """The emotion's controls, and how far it is felt, 0..1."""
        return self._emotion, MOOD * self.presence(time)

    def presence(self, time: float) -> float:
        """0..1: in from the beginning, out after the end."""
        heard = self.track.heard(time)
        return 0.0 if heard is None else self._gestures.presence(heard)
