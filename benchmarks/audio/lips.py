"""How well lips follow a voice: `python -m benchmarks.audio.lips [--quick]`. Needs flite and espeak-ng (apt); where the shared
recordings are (--speech), real voices too."""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.audio.spoken import Spoken, spoken
from liveavatar.audio.lips import Lips
from liveavatar.audio.mouth import controls_of
from liveavatar.audio.vowels import Network
from liveavatar.controls import VOWELS

LAG_S = 0.045
"""Seconds that the mouth is read after the sound."""
BLOCK_S = 0.01


def noisy(sound: np.ndarray, decibels: float | None, seed: int = 0) -> np.ndarray:
    """With a fan's noise (pink) so far below the speech, after one second of the fan alone; None: without. float32."""
    lead = np.zeros(round(len(sound) * 0) + 16000, np.float32)
    sound = np.concatenate([lead, sound])
    if decibels is None:
        return sound
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.normal(0, 1, len(sound)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(sound))
    active = np.abs(sound) > 0.02 * np.abs(sound).max()
    level = np.sqrt(np.square(sound[active]).mean())
    return (sound + noise / noise.std() * level * 10 ** (-decibels / 20)).astype(np.float32)


def heard(sound: np.ndarray, rate: int, network: Network | None = None) -> dict[str, np.ndarray]:
    """Per block of BLOCK_S: "vowels" (n, 5), and (n,) "sibilant", "silence", "volume", "jaw" (value times weight)."""
    lips, size = Lips(rate, network), round(BLOCK_S * rate)
    rows = []
    for k in range(0, len(sound) - size + 1, size):
        mouth = lips.hear(sound[k : k + size])
        shown = controls_of(mouth)
        jaw = float(np.prod(shown["jawOpen"]))
        rows.append([*mouth.vowels.values(), mouth.sibilant, mouth.silence, mouth.volume, jaw])
    table = np.array(rows)
    return {
        "vowels": table[:, :5],
        "sibilant": table[:, 5],
        "silence": table[:, 6],
        "volume": table[:, 7],
        "jaw": table[:, 8],
    }


def _middle(row: np.ndarray, start: float, end: float) -> np.ndarray:
    """What was heard of the middle half of a sound."""
    middle, half = (start + end) / 2 + LAG_S, max((end - start) / 4, 0.005)
    return row[int((middle - half) / BLOCK_S) : int(np.ceil((middle + half) / BLOCK_S))]


def score(said: list[Spoken], decibels: float | None, network: Network | None = None) -> dict[str, object]:
    """Of known sounds: how many vowels are heard as what they are, and how far the jaw is open at vowels, sibilants, lips shut
    and silence."""
    confusion: Counter[tuple[str, str]] = Counter()
    jaws: dict[str, list[float]] = {"vowel": [], "sibilant": [], "closed": [], "silence": []}
    voices: dict[str, list[bool]] = {}
    for one in said:
        table = heard(noisy(one.sound, decibels), one.rate, network)
        lead = 16000 / one.rate
        for kind, start, end in one.sounds:
            vowels = _middle(table["vowels"], start + lead, end + lead)
            if not kind or not len(vowels):
                continue
            jaws["vowel" if kind in VOWELS else kind].append(
                float(_middle(table["jaw"], start + lead, end + lead).mean())
            )
            if kind in VOWELS and end - start >= 0.05:
                found = list(VOWELS)[int(vowels.mean(axis=0).argmax())]
                confusion[kind, found] += 1
                voices.setdefault(one.voice, []).append(found == kind)
    total = sum(confusion.values())
    return {
        "right": round(sum(n for (a, b), n in confusion.items() if a == b) / total, 3),
        "vowels": {
            a: round(confusion[a, a] / max(1, sum(confusion[a, b] for b in VOWELS)), 2) for a in VOWELS
        },
        "jaw": {kind: round(float(np.mean(values)), 3) for kind, values in jaws.items()},
        "voices": {voice: round(float(np.mean(rights)), 2) for voice, rights in voices.items()},
        "confusion": {a: [confusion[a, b] for b in VOWELS] for a in VOWELS},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, default=Path("/work/shared/data/speech"))
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    said = spoken()
    if given.quick:
        said = said[::3]
    result = {str(noise): score(said, noise) for noise in (None, 20.0, 10.0, 0.0)}
    for noise, row in result.items():
        print(noise, json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
