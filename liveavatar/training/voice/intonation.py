"""What the pitch network learns from: voices by numbers, whose pitch is known, and real ones, of which Harvest told it.

All of it as a microphone gives it: rooms, noise, gain, gates, narrow bands (liveavatar.training.lips.rooms), clipping and
telephones. Harvest (Morise 2017) comes with pyworld, which nothing but this training needs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from liveavatar.audio.pitch import HOP_S, LOWEST, PER_OCTAVE, SEEN, WINDOW_S, seen
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.training.lips.rooms import heard
from liveavatar.training.lips.voices import RATE, intoned
from liveavatar.training.voice.speech import SAMPLES, Speech

SECONDS = 6.0
FRAMES = round(SECONDS / HOP_S)
HOP, WINDOW = round(HOP_S * RATE), round(WINDOW_S * RATE)
STRONG = 0.05
"""Of a vowel's voice, from which on a sound by numbers is voiced."""
QUIET_DB = 50.0
"""Below the loud parts of a recording, from where on nothing is called voiced."""


class Sung(NamedTuple):
    """Clean speech and its pitch."""

    sound: np.ndarray
    """(n,) float64 at RATE, vowels about 0.1 RMS."""
    pitch: np.ndarray
    """(n // HOP,) Hz, between voiced parts a line."""
    voiced: np.ndarray
    """(n // HOP,) bool."""


class Lesson(NamedTuple):
    """Pieces of SECONDS."""

    seen: np.ndarray
    """(n, FRAMES, SEEN) float16"""
    place: np.ndarray
    """(n, FRAMES) float32: the pitch's place among pitch.pitches()."""
    voiced: np.ndarray
    """(n, FRAMES) bool"""


def by_numbers(rng: np.random.Generator) -> Sung:
    """Somebody whom nobody knows."""
    sound, voice = intoned(rng, SECONDS)
    return Sung(sound, voice[::2, 0], voice[::2, 1] > STRONG)


def harvest(sound: np.ndarray) -> np.ndarray:
    """(n // HOP,) Hz, 0 where unvoiced. Raises TrainingError where pyworld is missing."""
    try:
        import pyworld
    except ImportError as error:
        raise TrainingError(
            tr(
                'the teacher is missing. Run: pip install pyworld "setuptools<80"',
                '缺少教师程序。请运行：pip install pyworld "setuptools<80"',
            )
        ) from error
    pitch: np.ndarray = pyworld.harvest(
        np.asarray(sound, float), RATE, f0_floor=55.0, f0_ceil=800.0, frame_period=1e3 * HOP_S
    )[0]
    return pitch[: len(sound) // HOP].astype(np.float32)


def levels(sound: np.ndarray) -> np.ndarray:
    """(n // HOP,) dB about each frame's time."""
    padded = np.pad(np.square(np.asarray(sound, float)), (HOP, HOP))
    sums = np.cumsum(np.concatenate([[0.0], padded]))
    return 10 * np.log10(
        (sums[2 * HOP :: HOP] - sums[: -2 * HOP : HOP])[: len(sound) // HOP] / (2 * HOP) + 1e-12
    )


def sung(sound: np.ndarray, pitch: np.ndarray) -> Sung:
    """A recording (n,) and Harvest's word (n // HOP,) of it."""
    loudness = levels(sound)
    top = np.quantile(loudness, 0.9)
    voiced = (pitch > 0) & (loudness > top - QUIET_DB)
    at = np.flatnonzero(pitch > 0)
    whole = np.interp(np.arange(len(pitch)), at, pitch[at]) if len(at) else np.full(len(pitch), 150.0)
    return Sung(np.asarray(sound, float) * 0.1 / 10 ** (top / 20), whole, voiced)


def real(speech: Speech, seconds: float, cache: Path, tell: Callable[[int, int], None]) -> list[Sung]:
    """That much of each speaker's speech (at RATE), and all of SAMPLES last; Harvest's word is kept in the cache."""
    rng, chosen = np.random.default_rng(5), []
    for who, name in enumerate(speech.names):
        if name != SAMPLES:
            own = rng.permutation(np.flatnonzero((speech.spans[:, 0] == who) & ~speech.held))
            own = own[np.cumsum(speech.spans[own, 2]) < seconds * RATE]
            chosen += own.tolist()
    file = cache / f"harvest-{len(speech)}-{len(chosen)}-{seconds:.0f}.npz"
    sounds = [speech.sound(k)[: speech.spans[k, 2] // HOP * HOP] for k in chosen]
    if not file.is_file():
        told = []
        for k, sound in enumerate(sounds):
            told.append(harvest(sound))
            tell(k + 1, len(sounds))
        np.savez(file, pitch=np.concatenate(told))
    with np.load(file) as kept:
        ends = np.cumsum([len(sound) // HOP for sound in sounds])
        return [sung(s, p) for s, p in zip(sounds, np.split(kept["pitch"], ends[:-1]), strict=True)]


def faster(piece: Sung, rate: float) -> Sung:
    """Played so many times as fast: pitch and formants rise."""
    at = np.arange(0, len(piece.sound) - 2, rate)
    sound = np.interp(at, np.arange(len(piece.sound)), piece.sound)
    frames = np.arange(len(sound) // HOP) * rate
    near = np.round(frames).astype(int).clip(0, len(piece.pitch) - 1)
    pitch = np.interp(frames, np.arange(len(piece.pitch)), piece.pitch) * rate
    return Sung(sound[: len(frames) * HOP], pitch, piece.voiced[near])


def worn(rng: np.random.Generator, sound: np.ndarray) -> np.ndarray:
    """What a microphone gave (n,) float32 after it was too loud, or went through a telephone (mu-law, G.711)."""
    if rng.random() < 0.08:
        most = np.abs(sound).max() * rng.uniform(0.15, 0.7)
        sound = sound.clip(-most, most)
    if rng.random() < 0.08:
        most = np.abs(sound).max() + 1e-9
        bent = np.sign(sound) * np.log1p(255 * np.abs(sound) / most) / np.log(256)
        bent = np.round(bent * 127) / 127
        sound = np.sign(bent) * most * np.expm1(np.abs(bent) * np.log(256)) / 255
    return sound.astype(np.float32)


def frames_of(sound: np.ndarray) -> np.ndarray:
    """(n // HOP, SEEN) float32 of a whole sound (n,) at RATE, with silence round it; frame i is about sample i * HOP."""
    padded = np.pad(np.asarray(sound, np.float32), (WINDOW // 2, WINDOW // 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(sound) // HOP]
    return seen(windows, RATE)


def lesson(
    rng: np.random.Generator,
    pieces: list[Sung],
    made: int,
    times: int,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Lesson:
    """The pieces, `times` times in other conditions and tempi, and `made` by numbers."""
    sources: list[Sung] = []
    for _ in range(times):
        turn = [pieces[k] for k in rng.permutation(len(pieces))]
        turn = [faster(piece, float(np.exp(rng.uniform(-0.35, 0.35)))) for piece in turn]
        if turn:
            whole = Sung(*(np.concatenate(parts) for parts in zip(*turn, strict=True)))
            for k in range(len(whole.pitch) // FRAMES):
                sources.append(
                    Sung(
                        whole.sound[k * FRAMES * HOP : (k + 1) * FRAMES * HOP],
                        whole.pitch[k * FRAMES : (k + 1) * FRAMES],
                        whole.voiced[k * FRAMES : (k + 1) * FRAMES],
                    )
                )
    count = len(sources) + made
    result = Lesson(
        np.zeros((count, FRAMES, SEEN), np.float16),
        np.zeros((count, FRAMES), np.float32),
        np.zeros((count, FRAMES), bool),
    )
    others = np.zeros(round(SECONDS * RATE))
    for k in range(count):
        piece = sources[k] if k < len(sources) else by_numbers(rng)
        clean = piece.sound if len(piece.sound) == len(others) else np.resize(piece.sound, len(others))
        taken = worn(rng, heard(rng, clean, others) if rng.random() < 0.85 else clean.astype(np.float32))
        others = clean
        audible = levels(taken) > -90
        result.seen[k] = frames_of(taken)[:FRAMES]
        result.place[k] = PER_OCTAVE * np.log2(np.maximum(piece.pitch[:FRAMES], LOWEST) / LOWEST)
        result.voiced[k] = piece.voiced[:FRAMES] & audible
        tell(k + 1, count)
    return result
