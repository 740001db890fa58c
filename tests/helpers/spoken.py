"""Something like speech, made of nothing: pulses of a voice through three resonators, in words with pauses between them."""

import io
import wave

import numpy as np

RATE = 24_000
WORDS = ((0.3, 0.5), (0.9, 1.2), (1.3, 1.7), (2.2, 2.9))
"""Seconds, from and to."""
SECONDS = 3.3
FORMANTS = (760.0, 1280.0, 2550.0)
"""Hz, of a man's a."""


def spoken(seconds: float = SECONDS, words: tuple[tuple[float, float], ...] = WORDS) -> np.ndarray:
    """(n,) float32 at RATE."""
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 120 * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * time))
    phase = np.cumsum(pitch) / RATE
    sound = np.diff(np.floor(phase), prepend=0.0)
    for formant in FORMANTS:
        sound = _resonated(sound, formant, 90.0)
    sound *= 0.5 / np.abs(sound).max()
    loud = sum(_between(time, *word) for word in words)
    return (sound * loud).astype(np.float32)


def _resonated(sound: np.ndarray, hertz: float, width: float) -> np.ndarray:
    """A resonator's response, as long as it rings."""
    time = np.arange(round(0.04 * RATE)) / RATE
    ring = np.exp(-np.pi * width * time) * np.sin(2 * np.pi * hertz * time)
    size = 1 << (len(sound) + len(ring)).bit_length()
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(ring, size), size)[: len(sound)]


def _between(time: np.ndarray, start: float, end: float) -> np.ndarray:
    return np.clip(np.minimum(time - start, end - time) / 0.03, 0, 1)


def pcm_of(samples: np.ndarray) -> bytes:
    """16 bits, little-endian."""
    return (samples * 32767).astype("<i2").tobytes()


def wav_of(samples: np.ndarray, rate: int = RATE) -> bytes:
    """A file's content."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm_of(samples))
    return file.getvalue()
