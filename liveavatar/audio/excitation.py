"""What a voice is made of before it has a colour: band-limited pulses at the pitch and noise, as frames of a spectrum.

Both have power density 1, so a voice is their sum, each times the root of an envelope. Frames are a root-Hann window long and
overlap by half; the same window and the sum of overlaps give sound of them again.
"""

import numpy as np

from liveavatar.audio.features import HOP, RATE, Features, spread, widened

FFT = 2 * HOP
BINS = FFT // 2 + 1
_EVEN = 1.053
"""By how much frames of even noise are louder than the sound in which they overlap."""
_STEADY = 0.2
"""The autocorrelation of 40 ms tells less than the share of pulses, as pitch moves within it: this power of it is the share by
which copies come nearest to what was said (benchmarks/LOG.md, 2026-12-01)."""
ROOT_HANN = np.sqrt(np.hanning(FFT + 1)[:-1]).astype(np.float32)


class Excitation:
    """Goes on from frame to frame; the same seed gives the same noise."""

    def __init__(self, seed: int = 0, phase: float = 0.0) -> None:
        """phase: periods, 0 to 2, where the pulses begin."""
        self._random, self._phase = np.random.default_rng(seed), phase
        self._pulses, self._noise = np.zeros(HOP, np.float32), np.zeros(HOP, np.float32)

    def frames(self, pitch: np.ndarray, growl: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """(T, BINS) complex64 of pulses, and of noise. pitch: (T,) Hz; each holds for the HOP after its time. growl: how
        much of each second pulse is missing.

        Noise is as strong at all frequencies at all times, its phases alone are chance: what is heard of a sound made of it
        is the envelope it was given, where plain noise adds a roughness of its own (benchmarks/LOG.md, 2026-12-01)."""
        count = len(pitch)
        steps = np.repeat(np.asarray(pitch, float), HOP) / RATE
        phase = self._phase + np.cumsum(steps)
        self._phase = float(phase[-1] % 2)
        sound = dirichlet(phase, steps)
        if growl:
            sound += growl * (dirichlet(phase / 2, steps / 2) - sound)
        pulses = np.concatenate([self._pulses, sound])
        noise = np.concatenate([self._noise, self._random.standard_normal(count * HOP, np.float32)])
        self._pulses, self._noise = pulses[-HOP:], noise[-HOP:]
        spectra = _spectra(noise)
        spectra *= _EVEN * np.sqrt(HOP) / np.maximum(np.abs(spectra), 1e-6)
        return _spectra(pulses), spectra


def dirichlet(phase: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(n,) float32: all harmonics below half the rate, together at whole phases (n,); power density 1. steps: periods a
    sample."""
    partials = np.floor(0.5 / steps)
    within = phase % 1
    below = np.sin(np.pi * within)
    near = np.abs(below) < 1e-7
    kernel = np.sin((2 * partials + 1) * np.pi * within) / np.where(near, 1, below)
    return ((np.where(near, 2 * partials + 1, kernel) - 1) * np.sqrt(steps)).astype(np.float32)


def _spectra(sound: np.ndarray) -> np.ndarray:
    """(T, BINS) complex64 of (T + 1) * HOP samples."""
    halves = sound.reshape(-1, HOP)
    frames = np.concatenate([halves[:-1], halves[1:]], 1) * ROOT_HANN
    return np.fft.rfft(frames).astype(np.complex64)


def pulsed(features: Features) -> np.ndarray:
    """(T, PERIODIC) float32: the share of pulses in the power of each band."""
    voiced = features.voiced[:, None]
    share: np.ndarray = voiced * (features.periodic / np.maximum(voiced, 0.05)).clip(0, 1) ** _STEADY
    return share.astype(np.float32)


def shaped(features: Features, pulses: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two (T, BINS) in the colours that the features tell: their sum is the voice before any network."""
    gain = np.exp(0.5 * features.envelope @ spread(BINS))
    share = pulsed(features) @ widened(BINS)
    return pulses * gain * np.sqrt(share), noise * gain * np.sqrt(1 - share)


class Overlap:
    """Frames of spectra into sound, from call to call."""

    def __init__(self) -> None:
        self._rest = np.zeros(HOP, np.float32)

    def add(self, spectra: np.ndarray) -> np.ndarray:
        """(T * HOP,) float32: what (T, BINS) complex complete, the HOP before each one's time."""
        frames = np.fft.irfft(spectra, FFT).astype(np.float32) * ROOT_HANN
        before = np.concatenate([self._rest[None], frames[:-1, HOP:]])
        self._rest = frames[-1, HOP:].copy()
        sound: np.ndarray = (frames[:, :HOP] + before).reshape(-1)
        return sound
