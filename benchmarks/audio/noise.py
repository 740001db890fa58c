"""What the noise suppressor does to noise and to speech: `python -m benchmarks.audio.noise --speech DIR`.

DIR: recordings, one voice each, none of which taught it. Noise is made here: a fan, a keyboard, people talking (the other
recordings). Gain: by how many dB the scale-invariant ratio of speech to all else (SI-SDR, Le Roux 2019) rises."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from liveavatar.audio.mel import MelStream
from liveavatar.audio.suppressor import HOP, RATE, Suppressor
from liveavatar.base.timing import process_seconds
from liveavatar.training.lips.rooms import clicks, coloured, roomy
from liveavatar.training.suppressor.mixtures import KINDS, read_speech

DECIBELS = (15, 10, 5)
LEAD = RATE
"""Samples of noise alone before the speech: whoever switches it on is not speaking yet."""


def noises(rng: np.random.Generator, speech: list[np.ndarray], count: int) -> dict[str, np.ndarray]:
    """Kind -> (count,), RMS 1."""
    people = sum(np.resize(np.roll(other, int(rng.integers(len(other)))), count) for other in speech)
    made = {
        "fan": coloured(rng, count, RATE),
        "keyboard": sum(clicks(rng, count, RATE) for _ in range(1 + count // (4 * RATE))),
        "people": roomy(rng, np.asarray(people, np.float64), RATE),
    }
    return {kind: np.asarray(noise) / np.sqrt(np.square(noise).mean()) for kind, noise in made.items()}


def level(speech: np.ndarray) -> float:
    """RMS where somebody speaks."""
    frames = np.square(speech[: len(speech) // HOP * HOP].reshape(-1, HOP)).mean(axis=1)
    return float(np.sqrt(frames[frames > 0.01 * frames.max()].mean()))


def passed(sound: np.ndarray, process: Callable[[np.ndarray], np.ndarray], delay: int) -> np.ndarray:
    """As long as the sound, the delay taken off."""
    sound = np.concatenate([sound, np.zeros(delay + HOP, np.float32)]).astype(np.float32)
    hops = [process(sound[at : at + HOP]) for at in range(0, len(sound) - HOP + 1, HOP)]
    return np.concatenate(hops)[delay : len(sound) - HOP]


def ratio(wanted: np.ndarray, sound: np.ndarray) -> float:
    """SI-SDR in dB."""
    target = wanted * (sound @ wanted) / (wanted @ wanted)
    return float(10 * np.log10(np.square(target).sum() / np.square(sound - target).sum()))


def spectral_distance(wanted: np.ndarray, sound: np.ndarray) -> float:
    """Mean absolute difference of mel bands in dB, where the speech is within 45 dB of its loudest."""
    here, there = (10 * np.log10(MelStream(RATE).hear(part)) for part in (wanted, sound))
    loud = here.max(axis=1) > here.max() - 45
    return float(np.abs(np.maximum(here, here.max() - 60) - np.maximum(there, here.max() - 60))[loud].mean())


def measured(
    folder: Path, make: Callable[[], Callable[[np.ndarray], np.ndarray]], delay: int
) -> dict[str, float]:
    """Means over recordings: "fan 10" and so on (dB gained), "pauses" (dB taken from a fan alone), "clean_db" and "clean_sdr"
    (what is done to clean speech), "ms" of a hop."""
    speech = [
        read_speech(path, 12.0).astype(np.float32) / 32768
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in KINDS
    ]
    rows: dict[str, list[float]] = {}
    hops, spent = 0, 0.0
    for k, clean in enumerate(speech):
        clean = clean * (0.1 / level(clean))
        wanted = np.concatenate([np.zeros(LEAD, np.float32), clean])
        rng = np.random.default_rng(k)
        others = speech[:k] + speech[k + 1 :]
        for kind, noise in noises(rng, others, len(wanted)).items():
            for decibels in DECIBELS:
                sound = (wanted + noise * 0.1 * 10 ** (-decibels / 20)).astype(np.float32)
                start = process_seconds()
                out = passed(sound, make(), delay)
                spent, hops = spent + process_seconds() - start, hops + len(sound) // HOP
                gained = ratio(clean, out[LEAD : len(wanted)]) - ratio(clean, sound[LEAD:])
                rows.setdefault(f"{kind} {decibels}", []).append(gained)
                if kind == "fan":
                    half = slice(LEAD // 2, LEAD - HOP)
                    quieter = np.square(sound[half]).mean() / np.square(out[half]).mean()
                    rows.setdefault("pauses", []).append(float(10 * np.log10(quieter)))
        out = passed(wanted, make(), delay)
        rows.setdefault("clean_db", []).append(spectral_distance(clean, out[LEAD : len(wanted)]))
        rows.setdefault("clean_sdr", []).append(ratio(clean, out[LEAD : len(wanted)]))
    return {name: float(np.mean(values)) for name, values in rows.items()} | {"ms": 1000 * spent / hops}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, required=True)
    given = parser.parse_args()
    found = measured(given.speech, lambda: Suppressor().process, HOP)
    print(f"{'noise':10}" + "".join(f"{decibels:>7} dB" for decibels in DECIBELS))
    for kind in ("fan", "keyboard", "people"):
        print(f"{kind:10}" + "".join(f"{found[f'{kind} {decibels}']:+10.1f}" for decibels in DECIBELS))
    print(f"a fan alone {found['pauses']:.1f} dB quieter; clean speech {found['clean_db']:.2f} dB off (mel bands), "
          f"SI-SDR {found['clean_sdr']:.1f} dB; {found['ms']:.2f} ms of one core a hop of 10 ms")  # fmt: skip
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))


if __name__ == "__main__":
    main()
