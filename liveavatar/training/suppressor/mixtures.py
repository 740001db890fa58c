"""Speech with noise that is made here: what a microphone gives, and what of it is the voice."""

from pathlib import Path

import numpy as np

from liveavatar.audio.suppressor import HOP, RATE, WINDOW
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.media.libav import av
from liveavatar.training.lips.rooms import clicks, coloured, microphone, roomy, tones

KINDS = (".opus", ".ogg", ".wav", ".flac", ".mp3")
LEVEL = 0.1
"""RMS of a voice before the microphone's gain."""


def read_speech(path: Path, seconds: float, begin: float = 0.0) -> np.ndarray:
    """(n,) int16 at RATE, one channel."""
    pieces, count, skip = [], 0, round(begin * RATE)
    mix = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            for piece in mix.resample(frame):
                samples = piece.to_ndarray()[0]
                dropped = min(skip, len(samples))
                skip -= dropped
                pieces.append(samples[dropped:])
                count += len(samples) - dropped
            if count >= seconds * RATE:
                break
    return np.concatenate(pieces)[: round(seconds * RATE)]


def speakers(folder: Path, kept: Path, seconds: float) -> list[np.ndarray]:
    """The first `seconds` of each sound file in the folder, read once and kept at RATE. Raises TrainingError where none is."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in KINDS)
    if not files:
        raise TrainingError(
            tr(
                f"{folder} holds no speech: sound files were expected ({', '.join(KINDS)})",
                f"{folder} 中没有语音：应有声音文件（{'、'.join(KINDS)}）",
            )
        )
    kept.mkdir(parents=True, exist_ok=True)
    voices = []
    for path in files:
        file = kept / f"{path.stem}-{seconds:.0f}.npy"
        if not file.exists():
            np.save(file, read_speech(path, seconds))
        voices.append(np.load(file, mmap_mode="r"))
    return voices


def speech(rng: np.random.Generator, voices: list[np.ndarray], count: int) -> np.ndarray:
    """(count,) float64, RMS LEVEL where it is loud: one of the voices, quicker and higher or slower and lower than it spoke."""
    voice = voices[rng.integers(len(voices))]
    speed = 2 ** rng.uniform(-0.45, 0.3) if rng.random() < 0.6 else 1.0
    length = int(count * speed) + 2
    at = rng.integers(0, len(voice) - length)
    sound = np.interp(np.arange(count) * speed, np.arange(length), voice[at : at + length].astype(np.float64))
    frames = np.square(sound[: count // HOP * HOP].reshape(-1, HOP)).mean(axis=1)
    loud = np.sqrt(frames[frames >= np.quantile(frames, 0.7)].mean())
    return sound * (LEVEL / (loud + 1e-3))


def noise(rng: np.random.Generator, voices: list[np.ndarray], count: int) -> np.ndarray:
    """(count,) float64: one of what disturbs, or several; RMS about 1."""
    sound = coloured(rng, count, RATE) * 10 ** (-rng.uniform(0, 20) / 20)
    if rng.random() < 0.25:  # somebody walks about it, or it is the wind
        slow = np.interp(np.arange(count), np.linspace(0, count, 12), rng.uniform(-12, 6, 12))
        sound = sound * 10 ** (slow / 20)
    if rng.random() < 0.4:
        sound = sound + clicks(rng, count, RATE) * 10 ** (-rng.uniform(-8, 10) / 20)
    if rng.random() < 0.2:
        sound = sound + tones(rng, count, RATE) * 10 ** (-rng.uniform(0, 15) / 20)
    if rng.random() < 0.25:
        people = sum(speech(rng, voices, count) for _ in range(rng.integers(3, 7)))
        sound = sound + roomy(rng, np.asarray(people), RATE) * 4 * 10 ** (-rng.uniform(0, 12) / 20)
    return sound / (np.sqrt(np.square(sound).mean()) + 1e-9)


def mixture(rng: np.random.Generator, voices: list[np.ndarray], count: int) -> tuple[np.ndarray, np.ndarray]:
    """What a microphone gives, and the voice in it: (count,) each, full scale 1."""
    voice = speech(rng, voices, count)
    if rng.random() < 0.4:
        voice = roomy(rng, voice, RATE)
    if rng.random() < 0.15:  # nobody speaks, for a while or at all
        voice = voice * (np.arange(count) > rng.integers(0, 2 * count))
    below = rng.uniform(40, 60) if rng.random() < 0.15 else rng.uniform(-5, 32)
    other = noise(rng, voices, count) * LEVEL * 10 ** (-below / 20)
    gain, seed = 10 ** (rng.uniform(-30, 8) / 20), rng.integers(1 << 31)
    heard, said = (
        gain * microphone(np.random.default_rng(seed), part, RATE) for part in (voice + other, voice)
    )
    return heard, said


def spectra(sound: np.ndarray, window: np.ndarray) -> np.ndarray:
    """(frames, WINDOW // 2 + 1) complex."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
    return np.fft.rfft(frames * window)
