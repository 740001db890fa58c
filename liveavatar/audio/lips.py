"""From sound to what a mouth does: vowels, volume, and where nobody speaks. Reads no clock: time is the sound's own."""

import numpy as np

from liveavatar.audio.mel import BANDS, HOP_S, MelStream, edges
from liveavatar.audio.mouth import Mouth
from liveavatar.controls import VOWELS

FORMANTS: dict[str, tuple[float, float, float]] = {
    "a": (760, 1280, 2550),
    "i": (280, 2250, 2950),
    "u": (320, 950, 2350),
    "e": (460, 1900, 2550),
    "o": (480, 850, 2450),
}
"""Hz, of a grown man; shorter tracts have them higher."""
TRACTS = (1.0, 1.12, 1.25)
"""Formants against a grown man's."""


def _envelope(formants: tuple[float, ...], scale: float) -> np.ndarray:
    """(BANDS,) dB, mean 0: a voice with these formants."""
    f = edges()[1:-1]
    level = -12 * np.log2(np.maximum(f, 200) / 200) + 6 * np.log2(np.maximum(f, 200) / 200)
    for centre in (*formants, 3500, 4500):
        centre = centre * scale
        width = 60 + 0.04 * centre
        level += 10 * np.log10(centre**4 / ((f**2 - centre**2) ** 2 + (f * width) ** 2))
    return level - level.mean()


class Lips:
    """One voice. Blocks in, in the order in which they came."""

    def __init__(self, rate: int) -> None:
        """rate: samples a second, 8000 or more."""
        self._stream = MelStream(rate)
        self._templates = np.array([[_envelope(f, s) for s in TRACTS] for f in FORMANTS.values()])
        self._floor = np.full(BANDS, -70.0)
        self._loudest = -25.0
        self._state = np.zeros(len(VOWELS) + 4)
        self._state[-3] = 1.0
        self.mouth = Mouth()
        """As last heard."""

    def hear(self, block: np.ndarray) -> Mouth:
        """The mouth at the end of this block, (n,) float32 in [-1, 1]."""
        for power in self._stream.hear(block):
            self._step(10 * np.log10(power))
        *vowels, sibilant, silence, volume, speaking = self._state.tolist()
        self.mouth = Mouth(
            volume,
            dict(zip(VOWELS, vowels, strict=True)),
            silence,
            sibilant,
            float(min(1.0, 2 * max(vowels))),
            min(speaking, 1.0),
        )
        return self.mouth

    def _step(self, bands: np.ndarray) -> None:
        """One frame, dB."""
        self._floor = np.minimum(np.maximum(self._floor + 0.03, -90), bands + 3)
        over = np.maximum(bands - self._floor - 8, 0)
        level = 10 * np.log10((10 ** (bands / 10) * (over > 0)).sum() + 1e-12)
        heard = float(np.clip((over.mean() - 2) / 6, 0, 1))
        if heard > 0.5:
            self._loudest = max(self._loudest - 0.02, level)
        volume = float(np.clip(1 + (level - self._loudest) / 30, 0, 1)) * heard
        high = over[edges()[1:-1] > 3000].mean()
        low = over[edges()[1:-1] < 1200].mean()
        sibilant = heard * float(np.clip((high - low) / 10 + 0.3, 0, 1))
        shape = np.maximum(bands, self._floor)
        distance = np.square(self._templates - (shape - shape.mean())).mean(axis=2).min(axis=1)
        score = np.exp((distance.min() - distance) / 12)
        vowels = score / score.sum() * (heard - sibilant)
        target = np.array([*vowels, sibilant, 1 - heard, volume, 0.0])
        self._state[:-1] += (target - self._state)[:-1] * (HOP_S / 0.035)
        self._state[-1] = 1.5 if heard > 0.5 else max(0.0, self._state[-1] - HOP_S / 0.3)
