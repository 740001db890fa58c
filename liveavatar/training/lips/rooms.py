"""What lies between a mouth and the program: a room, other sounds, a microphone and its settings."""

import numpy as np

from liveavatar.training.lips.voices import RATE


def coloured(rng: np.random.Generator, count: int, rate: int = RATE) -> np.ndarray:
    """Noise of one colour, as fans and traffic have: (count,), RMS 1."""
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    octaves = np.log2(np.maximum(np.fft.rfftfreq(count, 1 / rate), 20) / 20)
    knots = np.linspace(0, 8.7, 8)
    gain = np.interp(octaves, knots, rng.normal(0, 5, 8)) - rng.uniform(0, 6.5) * octaves
    noise = np.fft.irfft(spectrum * 10 ** (gain / 20), count)
    return noise / noise.std()


def clicks(rng: np.random.Generator, count: int, rate: int = RATE) -> np.ndarray:
    """Keys and knocks: short, each with a ring of its own."""
    sound = np.zeros(count)
    for _ in range(rng.integers(2, 30)):
        length = int(rng.uniform(0.005, 0.08) * rate)
        at = rng.integers(0, count - length)
        t = np.arange(length) / rate
        ring = np.sin(2 * np.pi * np.exp(rng.uniform(np.log(90), np.log(5000))) * t)
        click = (ring + rng.uniform(0, 2) * rng.normal(0, 1, length)) * np.exp(-t * 5 * rate / length)
        sound[at : at + length] += click * rng.uniform(0.3, 1)
    return sound / (np.abs(sound).max() + 1e-9) * 5


def tones(rng: np.random.Generator, count: int, rate: int = RATE) -> np.ndarray:
    """Music and hum: chords that change."""
    sound, t = np.zeros(count), np.arange(count) / rate
    length = int(rng.uniform(0.15, 1.2) * rate)
    for start in range(0, count, length):
        part = t[start : start + length]
        for _ in range(rng.integers(1, 5)):
            pitch = 50 * 2 ** rng.uniform(0, 4)
            for k in range(1, rng.integers(2, 10)):
                sound[start : start + length] += np.sin(2 * np.pi * k * pitch * part + 6 * rng.random()) / k
    return sound / (sound.std() + 1e-9)


def roomy(rng: np.random.Generator, sound: np.ndarray, rate: int = RATE) -> np.ndarray:
    """With a room's reflections, late ones below the direct sound."""
    length = int(rng.uniform(0.1, 0.5) * rate)
    tail = rng.normal(0, 1, length) * np.exp(-6.9 * np.arange(length) / length)
    tail *= 10 ** (-rng.uniform(3, 20) / 20) / np.sqrt(np.square(tail).sum())
    size = 1 << (len(sound) + length - 1).bit_length()
    return sound + np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]


def microphone(rng: np.random.Generator, sound: np.ndarray, rate: int = RATE) -> np.ndarray:
    """Its colour, and where it hears nothing."""
    count = len(sound)
    hertz = np.fft.rfftfreq(count, 1 / rate)
    octaves = np.log2(np.maximum(hertz, 20) / 20)
    gain = np.interp(octaves, np.linspace(0, 8.7, 6), rng.normal(0, 3.5, 6))
    gain -= 12 * np.maximum(np.log2(rng.uniform(40, 220) / np.maximum(hertz, 1)), 0)
    if rng.random() < 0.2:  # telephones, headsets
        gain -= 40 * np.maximum(np.log2(np.maximum(hertz, 1) / rng.uniform(3400, 7000)), 0)
    return np.fft.irfft(np.fft.rfft(sound) * 10 ** (gain / 20), count)


def heard(rng: np.random.Generator, voice: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Clean speech, and other people's, as a microphone gives it: (n,) float32 in [-1, 1]."""
    count, level = len(voice), 0.1
    if rng.random() < 0.5:
        voice = roomy(rng, voice)
    noise = coloured(rng, count) * level * 10 ** (-rng.uniform(2, 55) / 20)
    if rng.random() < 0.2:  # a fan that is switched on, or off
        at = rng.integers(0, count)
        noise *= np.where(
            (np.arange(count) > at) == (rng.random() < 0.5), 1, 10 ** (-rng.uniform(6, 30) / 20)
        )
    if rng.random() < 0.25:
        noise += clicks(rng, count) * level * 10 ** (-rng.uniform(-5, 30) / 20)
    if rng.random() < 0.12:
        noise += tones(rng, count) * level * 10 ** (-rng.uniform(8, 30) / 20)
    if rng.random() < 0.12:
        noise += others * 10 ** (-rng.uniform(12, 30) / 20)
    sound = microphone(rng, voice + noise)
    if rng.random() < 0.15:  # a gate
        envelope = np.sqrt(np.convolve(np.square(sound), np.full(800, 1 / 800), mode="same"))
        sound = np.where(envelope > level * 10 ** (-rng.uniform(18, 35) / 20), sound, 0)
    gain = 10 ** (rng.uniform(-45, 8) / 20)
    step = 2.0**-15
    return (np.round(sound * gain / step) * step).clip(-1, 1).astype(np.float32)
