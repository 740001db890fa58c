"""From a microphone's blocks to a voice in hops: other rates, noise, pauses, the voice itself. Reads no clock."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from liveavatar.audio.clips import Resampler
from liveavatar.audio.gate import Gate
from liveavatar.audio.microphone import Block
from liveavatar.audio.suppressor import HOP, RATE, Suppressor
from liveavatar.audio.voices import Voice


@dataclass(frozen=True)
class Hop:
    """A hundredth of a second of voice."""

    samples: np.ndarray
    """(HOP,) float32 in [-1, 1] at RATE."""
    time: float
    """When the microphone heard the last of it, seconds."""
    quiet: bool
    """Nobody speaks in it."""


class VoiceChain:
    """One microphone into one voice."""

    def __init__(self, voice: Voice, suppressor: Suppressor) -> None:
        self._voice, self._suppressor, self._gate = voice, suppressor, Gate()
        self._resampler: Resampler | None = None
        self._rate = RATE
        self._waiting = np.zeros(0, np.float32)
        self._quiet = 0
        """Hops in a row that went into the voice and were silent."""
        self.delay = suppressor.delay + voice.delay
        """Seconds from what goes in to what comes out."""
        self.bad = 0
        """Blocks that held what is no finite number."""
        self.failure = ""
        """Why the voice gives nothing any more: what was said is not heard then, in no voice. Empty where all is well."""

    @property
    def shut(self) -> bool:
        """Nobody speaks: the gate is shut."""
        return self._gate.shut

    def hear(self, block: Block) -> Iterator[Hop]:
        """What this block completes."""
        samples = block.samples
        if not np.isfinite(samples).all():
            self.bad += 1
            samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
        if block.rate != self._rate:
            self._rate, self._resampler = block.rate, Resampler(block.rate, RATE)
        samples = samples.clip(-1, 1)
        if self._resampler is not None:
            samples = self._resampler.take(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        for at in range(0, len(self._waiting) - HOP + 1, HOP):
            later = (len(self._waiting) - at - HOP) / RATE
            yield self._hop(self._waiting[at : at + HOP], block.time - later - self.delay)
        self._waiting = self._waiting[len(self._waiting) // HOP * HOP :]

    def _hop(self, samples: np.ndarray, time: float) -> Hop:
        gated = self._gate.process(self._suppressor.process(samples))
        self._quiet = self._quiet + 1 if self._gate.shut else 0
        return Hop(self._spoken(gated), time, self._quiet * HOP > self._voice.delay * RATE + HOP)

    def _spoken(self, samples: np.ndarray) -> np.ndarray:
        """In the voice; silence where that fails."""
        if self.failure:
            return np.zeros(HOP, np.float32)
        try:
            out = self._voice.process(samples)
            if out.shape != samples.shape or not np.isfinite(out).all():
                self.failure = f"{out.dtype} {out.shape}"
        except Exception as error:  # whatever a voice throws: never the microphone's own voice in its place
            self.failure = f"{type(error).__name__}: {error}"
        if self.failure:
            return np.zeros(HOP, np.float32)
        clipped: np.ndarray = out.clip(-1, 1).astype(np.float32)
        return clipped
