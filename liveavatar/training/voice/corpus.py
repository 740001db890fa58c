"""Speech and its features side by side, computed once: what a voice's generator learns from."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.audio.clips import resampled
from liveavatar.audio.features import HOP, RATE, WINDOW, Features, FeatureStream, parted
from liveavatar.audio.pitch import GRAPH
from liveavatar.base.files import asset
from liveavatar.renderers.sessions import open_session
from liveavatar.training import checkpoint
from liveavatar.training.voice.networks import FEATURES
from liveavatar.training.voice.speech import SAMPLES, Speech, read_speech

MOST = 1800.0
"""Seconds of each speaker that are used: nobody outweighs the others."""
HELD = 6
"""Utterances of each speaker that are left out and looked at; of SAMPLES all."""
SPEEDS = (0.78, 0.93), (1.08, 1.28)
"""Each utterance is learned from at another speed too, slower or quicker: pitch and resonances move with it, so that four people
are eight. Without, a generator learns few people by heart and does worse on others the longer it learns."""
LOUD = 0.1
"""RMS of the loud half of each utterance."""


@dataclass(frozen=True)
class Corpus:
    """Frame i is about sample i * HOP."""

    sound: np.ndarray
    """(n,) int16"""
    features: np.ndarray
    """(n // HOP, FEATURES) float16; see Features.joined."""
    spans: np.ndarray
    """(utterances, 3): whose, first frame, how many."""
    held: np.ndarray
    """(utterances,) bool"""
    names: tuple[str, ...]

    def taken(self, first: int, count: int) -> tuple[np.ndarray, Features]:
        """(count * HOP,) float32 and the features of so many frames."""
        sound = self.sound[first * HOP : (first + count) * HOP].astype(np.float32) / 32768
        return sound, parted(self.features[first : first + count].astype(np.float32))


def even(sound: np.ndarray) -> np.ndarray:
    """An utterance (n,) as loud as all others."""
    frames = np.square(sound[: len(sound) // HOP * HOP].astype(float)).reshape(-1, HOP).mean(1)
    loud = np.sqrt(np.sort(frames)[len(frames) // 2 :].mean())
    return (sound * min(LOUD / max(loud, 1e-5), 0.98 / max(np.abs(sound).max(), 1e-5))).astype(np.float32)


def sped(sound: np.ndarray, speed: float) -> np.ndarray:
    """An utterance (n,) so much quicker, and as much higher; what is missing of n / speed is less than a hop."""
    return resampled(sound, RATE, round(RATE / speed))


def speeds_of(count: int, rng: np.random.Generator) -> list[float]:
    """So many of SPEEDS: those that whole rates, multiples of 100, give."""
    drawn = [rng.uniform(*SPEEDS[int(rng.integers(2))]) for _ in range(count)]
    return [RATE / (100 * round(RATE / 100 / speed)) for speed in drawn]


def heard(sound: np.ndarray, network: Any) -> Features:
    """Of a whole sound (n,): (n // HOP) frames, silence before and after it."""
    padded = np.pad(sound, (WINDOW // 2, WINDOW // 2))
    features = FeatureStream(network).hear(padded)
    assert features is not None
    first = WINDOW // HOP - 1
    return Features(*(part[first : first + len(sound) // HOP] for part in features))


def corpus(speech: Speech, network: Any, cache: Path, key: str, tell: Callable[[int, int], None]) -> Corpus:
    """Of a folder's speech. network: hears pitch. key: names both. Raises TrainingError where the disk is full."""
    rng, chosen, speeds, people = np.random.default_rng(3), list[int](), list[float](), len(speech.names)
    for who, name in enumerate(speech.names):
        own = np.flatnonzero((speech.spans[:, 0] == who) & (speech.spans[:, 2] > RATE))
        if not len(own):
            continue
        held = own[speech.held[own]]
        own = rng.permutation(own[~speech.held[own]])
        own = own[: max(1, int(np.searchsorted(np.cumsum(speech.spans[own, 2]), MOST * RATE)))]
        left_out = (held if name == SAMPLES else held[:HELD]).tolist()
        chosen += [*own.tolist(), *left_out, *own.tolist()]
        speeds += [1.0] * (len(own) + len(left_out))
        speeds += speeds_of(len(own), rng)
    moved = np.array(speeds) != 1
    counts = (speech.spans[chosen, 2] / np.array(speeds)).astype(int) // HOP
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    spans = np.stack([speech.spans[chosen, 0] + people * moved, firsts, counts], 1)
    sound_file, feature_file = cache / f"sound-{key}.npy", cache / f"features-{key}.npy"
    try:
        if not feature_file.is_file():
            total = int(counts.sum())
            rows = np.zeros((total, FEATURES), np.float16)
            sound = np.lib.format.open_memmap(sound_file, "w+", np.int16, (total * HOP,))
            for done, (k, speed, first, count) in enumerate(zip(chosen, speeds, firsts, counts, strict=True)):
                samples = speech.sound(k) if speed == 1 else sped(speech.sound(k), speed)
                samples = even(np.pad(samples, (0, HOP)))[: count * HOP]
                rows[first : first + count] = heard(samples, network).joined()
                sound[first * HOP : (first + count) * HOP] = np.round(samples * 32767)
                tell(done + 1, len(chosen))
            sound.flush()
            np.save(feature_file.with_suffix(".new.npy"), rows)
            feature_file.with_suffix(".new.npy").replace(feature_file)
        sounds, features = (np.load(file) for file in (sound_file, feature_file))
    except OSError as error:
        raise checkpoint.unwritable(feature_file, error) from error
    names = (*speech.names, *(f"{name}@speed" for name in speech.names))
    return Corpus(sounds, features, spans, speech.held[chosen], names)


def prepared(folder: Path, cache: Path, tell: Callable[[int, int], None]) -> Corpus:
    """Of a folder of speech, with the network that ships hearing pitch. Raises TrainingError."""
    graph = asset(GRAPH)
    speech = read_speech(folder, RATE, cache, tell)
    key = hashlib.sha256(
        graph.read_bytes() + repr((str(folder.resolve()), len(speech.samples), SPEEDS)).encode()
    )
    return corpus(speech, open_session(graph, "cpu", 1)[0], cache, key.hexdigest()[:16], tell)
