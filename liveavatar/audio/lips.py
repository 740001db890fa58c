"""From sound to what a mouth does: vowels, volume, and where nobody speaks. Reads no clock: time is the sound's own."""

from collections import deque
from typing import Any

import numpy as np

from liveavatar.audio.ear import RISE, Ear
from liveavatar.audio.mel import HOP_S, WINDOW_S, MelStream
from liveavatar.audio.mouth import Mouth
from liveavatar.audio.speaking import Speaking
from liveavatar.audio.vowels import AGO, AHEAD, CLASSES, FEATURES, Network, load, shares
from liveavatar.controls import VOWELS

DELAY_S = AHEAD * HOP_S + WINDOW_S / 2
"""Seconds from a sound to the frame that tells of it."""
SMOOTH_S, OPENS_S, SHUTS_S = 0.010, 0.008, 0.06
"""Seconds in which shares of sounds follow, and the volume when it rises and falls."""
HOLD_S = 0.35
"""Seconds after the last sound of a voice in which the mouth is still its own."""
NO_VOICE, VOICE = 0.3, 0.65
"""How likely a voice is where none, and where all of it, is believed: what is taken for a voice by a third opens nothing."""
QUIET_RISE = 20.0
"""dB a second that the floor of the room rises while nobody speaks: a fan that was switched on is soon a part of it."""
RANGE = 26.0
"""dB from the loudest down to where the volume is 0."""
FAINT = 36.0
"""dB from the loudest down to what opens the mouth no more: echoes, hums and other people."""
_SIBILANT, _CLOSED, _SILENCE = (CLASSES.index(name) for name in ("sibilant", "closed", "silence"))


class Lips:
    """One voice. Blocks in, in the order in which they came."""

    def __init__(self, rate: int, network: Network | None = None, pitch: Any = None) -> None:
        """rate: samples a second, 8000 or more. network: of this voice; None: the one for everybody. pitch: a session of
        pitch.GRAPH, for a microphone that hears a room too; None: all that sounds like speech is."""
        self._stream = MelStream(rate)
        self._network = network or load()
        self._ear = Ear()
        self._speaks = None if pitch is None else Speaking(rate, pitch)
        self._frames: deque[np.ndarray] = deque([np.full(FEATURES, -0.5, np.float32)] * (max(AGO) + 1))
        self._shares = np.eye(len(CLASSES))[_SILENCE]
        self._volume = self._speaking = self._voice = 0.0
        self.mouth = Mouth()
        """As last heard."""

    def hear(self, block: np.ndarray) -> Mouth:
        """The mouth at the end of this block, (n,) float32 in [-1, 1]."""
        if self._speaks is not None:
            self._speaks.hear(block)
        for power in self._stream.hear(block):
            self._step(power)
        vowels = self._shares[: len(VOWELS)] * self._voice
        likely = vowels.max() / max(vowels.sum(), 1e-6)
        sibilant = float(self._shares[_SIBILANT]) * self._voice
        self.mouth = Mouth(
            volume=self._volume,
            vowels=dict(zip(VOWELS, vowels.tolist(), strict=True)),
            silence=float(max(self._shares[_SILENCE], 1 - self._voice)),
            sibilant=sibilant,
            sure=float(np.clip((likely - 0.3) / 0.3, 0, 1)),
            speaking=min(self._speaking, 1.0),
        )
        return self.mouth

    def _step(self, power: np.ndarray) -> None:
        """One frame."""
        self._frames.rotate(1)
        quiet = self._shares[_SILENCE] > 0.5
        self._frames[0] = self._ear.hear(power, QUIET_RISE if quiet else RISE)
        heard = shares(self._network.scores(np.concatenate([self._frames[ago] for ago in AGO])))
        self._shares += (heard - self._shares) * (HOP_S / (HOP_S + SMOOTH_S))
        voice = float(np.clip((1 - self._shares[_SILENCE] - NO_VOICE) / (VOICE - NO_VOICE), 0, 1))
        below = float(self._ear.loudest - self._ear.level)
        voice *= float(np.clip((FAINT - below) / (FAINT - RANGE), 0, 1))
        if self._speaks is not None:
            voice *= self._speaks.step(voice)
        self._voice = voice
        level = float(np.clip(1 - below / RANGE, 0, 1)) * voice
        takes = OPENS_S if level > self._volume else SHUTS_S
        self._volume += (level - self._volume) * (HOP_S / (HOP_S + takes))
        if voice > 0.5:
            self._speaking = 1 + (HOLD_S - 0.1) / 0.1
        else:
            self._speaking = max(0.0, self._speaking - HOP_S / 0.1)
