"""How well lips follow a voice: `python -m benchmarks.audio.lips [--quick]`. Needs flite and espeak-ng (apt); with a
folder of recordings (--speech), real voices too."""

import argparse
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.audio.sheet import decoded
from benchmarks.audio.spoken import Spoken, held_vowels, spoken
from liveavatar.app.revoice import revoiced
from liveavatar.audio.clips import Clip, resampled
from liveavatar.audio.lips import Lips
from liveavatar.audio.mel import BANDS, MelStream, edges
from liveavatar.audio.mouth import controls_of
from liveavatar.audio.own_vowels import fitted, voice_of
from liveavatar.audio.pitch import GRAPH
from liveavatar.audio.voices import PRESETS
from liveavatar.audio.vowels import Network, load
from liveavatar.base.files import asset
from liveavatar.base.timing import process_seconds
from liveavatar.controls import VOWELS
from liveavatar.errors import ProfileError
from liveavatar.renderers.sessions import open_session
from liveavatar.training.lips.rooms import clicks, coloured
from liveavatar.training.lips.voices import sustained

LAG_S = 0.045
"""Seconds that the mouth is read after the sound."""
BLOCK_S = 0.01


def noisy(sound: np.ndarray, decibels: float | None, seed: int = 0) -> np.ndarray:
    """With a fan's noise (pink) so far below the speech, after 16000 samples of the fan alone; None: without. float32."""
    sound = np.concatenate([np.zeros(16000, np.float32), sound])
    if decibels is None:
        return sound
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.normal(0, 1, len(sound)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(sound))
    active = np.abs(sound) > 0.02 * np.abs(sound).max()
    level = np.sqrt(np.square(sound[active]).mean())
    return (sound + noise / noise.std() * level * 10 ** (-decibels / 20)).astype(np.float32)


@cache
def _pitch() -> Any:
    return open_session(asset(GRAPH), "cpu", 1)[0]


def heard(
    sound: np.ndarray, rate: int, network: Network | None = None, by_pitch: bool = True
) -> dict[str, np.ndarray]:
    """Per block of BLOCK_S: "vowels" (n, 5), and (n,) "sibilant", "silence", "volume", "jaw" (value times weight)."""
    lips, size = Lips(rate, network, _pitch() if by_pitch else None), round(BLOCK_S * rate)
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


def score(
    said: list[Spoken], decibels: float | None, networks: dict[str, Network] | None = None
) -> dict[str, object]:
    """Of known sounds: how many vowels are heard as what they are, and how far the jaw is open at vowels, sibilants, lips shut
    and silence."""
    confusion: Counter[tuple[str, str]] = Counter()
    jaws: dict[str, list[float]] = {"vowel": [], "sibilant": [], "closed": [], "silence": []}
    voices: dict[str, list[bool]] = {}
    for one in said:
        table = heard(noisy(one.sound, decibels), one.rate, (networks or {}).get(one.voice))
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


def calibrated(said: list[Spoken]) -> dict[str, Network]:
    """The network fitted to each voice that can hold the five vowels (spoken.HELD), as a calibration of ten seconds fits it."""
    networks = {}
    for voice in dict.fromkeys(one.voice for one in said):
        if (parts := held_vowels(voice)) is None:
            continue
        room = np.full((50, BANDS), 1e-8, np.float32)
        powers = {vowel: MelStream(rate).hear(sound) for vowel, (sound, rate) in parts.items()}
        try:
            networks[voice] = fitted(load(), voice_of("tried", "", room, powers))
        except ProfileError:
            continue
    return networks


def real(folder: Path, seconds: float = 60.0) -> dict[str, object]:
    """Of recordings of people: how jaw and loudness go together, and how far the jaw is open where most of the sound lies above
    4 kHz (sibilants) and where nothing is said."""
    together, hissing, quiet, voiced = [], [], [], []
    for path in sorted(folder.glob("*.opus")) + sorted((folder / "samples").glob("*.mp3")):
        sound = decoded(path, 16000, seconds if path.suffix == ".opus" else 10.0)
        table = heard(sound, 16000)
        lag, size = round(LAG_S / BLOCK_S), 160
        power = np.array([MelStream(16000).hear(sound)])[0][: len(table["jaw"]) - lag]
        jaw = table["jaw"][lag : lag + len(power)]
        level = 10 * np.log10(power.sum(axis=1))
        loud = level > np.quantile(level, 0.95) - 30
        high = power[:, edges()[1:-1] > 4000].sum(axis=1) > 0.7 * power.sum(axis=1)
        still = np.convolve(level < np.quantile(level, 0.95) - 42, np.ones(21), mode="same") == 21
        smooth = np.convolve(np.sqrt(power.sum(axis=1)), np.ones(8) / 8, mode="same")
        together.append(float(np.corrcoef(smooth, jaw)[0, 1]))
        hissing += jaw[loud & high].tolist()
        voiced += jaw[loud & ~high].tolist()
        quiet += jaw[still].tolist()
        assert size == round(BLOCK_S * 16000)
    return {
        "clips": len(together),
        "jaw with loudness": round(float(np.median(together)), 2),
        "least": round(min(together), 2),
        "jaw voiced": round(float(np.mean(voiced)), 3),
        "jaw sibilants": round(float(np.mean(hissing)), 3),
        "jaw silence": round(float(np.mean(quiet)), 3),
    }


def latency() -> dict[str, float]:
    """ms of sound from where a vowel begins, after silence and after an s, until the jaw is half as far open as it gets; and from
    where it ends to half shut."""
    rng = np.random.default_rng(3)
    rises, falls = [], []
    for k in range(24):
        tone, _ = sustained(np.random.default_rng([9, k]), "a", 0.4)
        begin = 16000 + int(rng.integers(0, 160))
        sound = np.concatenate([np.zeros(begin), tone, np.zeros(8000)]).astype(np.float32)
        jaw = heard(sound, 16000)["jaw"]
        open_ = np.flatnonzero(jaw > 0.5 * jaw.max())
        rises.append((open_[0] + 1) * BLOCK_S - begin / 16000)
        falls.append((open_[-1] + 1) * BLOCK_S - (begin + len(tone)) / 16000)
    return {
        "opens ms": round(1000 * float(np.median(rises)), 1),
        "opens ms p95": round(1000 * float(np.quantile(rises, 0.95)), 1),
        "shuts ms": round(1000 * float(np.median(falls)), 1),
    }


def breath(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count,): somebody breathes into the microphone, a quarter to three quarters of a second at a time."""
    sound, at = np.zeros(count), 0
    while (at := at + int(rng.uniform(0.3, 1.0) * 16000)) < count - 16000:
        length = int(rng.uniform(0.25, 0.7) * 16000)
        sound[at : at + length] = coloured(rng, length) * np.sin(np.linspace(0, np.pi, length))
        at += length
    return 0.15 * sound / np.abs(sound).max()


def keys(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count,): somebody types."""
    sound = np.sum([clicks(rng, count) for _ in range(count // 8000)], axis=0)
    return 0.5 * sound / np.abs(sound).max()


def voiceless(folder: Path | None) -> dict[str, dict[str, float]]:
    """In how much of the time the jaw is open by .1 or more, with and without pitch: breath and keys of 6 s, when nobody has
    spoken yet; of recordings, as they are and whispered by the designed voice."""
    rng = np.random.default_rng(4)
    sounds = {make.__name__: [make(rng, 96_000) for _ in range(6)] for make in (breath, keys)}
    if folder is not None:
        said = [decoded(path, 16000, 8.0) for path in sorted((folder / "samples").glob("*.mp3"))[:6]]
        whispers = [revoiced(Clip(sound, 16000), PRESETS["whisper"]) for sound in said]
        sounds |= {"speech": said, "whisper": [resampled(one.samples, one.rate, 16000) for one in whispers]}
    lead = np.zeros(8000, np.float32)
    return {
        kind: {
            name: round(float(np.mean([(jaw[50:] > 0.1).mean() for jaw in jaws])), 3)
            for name, jaws in (
                (name, [heard(np.concatenate([lead, one]), 16000, None, by)["jaw"] for one in ones])
                for name, by in (("without", False), ("with", True))
            )
        }
        for kind, ones in sounds.items()
    }


def effort() -> dict[str, float]:
    """Processor time of a block of 10 ms at 48 kHz."""
    lips, rng = Lips(48000, None, _pitch()), np.random.default_rng(0)
    blocks = rng.normal(0, 0.05, (1000, 480)).astype(np.float32)
    for block in blocks[:100]:
        lips.hear(block)
    began = process_seconds()
    for block in blocks:
        controls_of(lips.hear(block))
    return {"ms a block": round(process_seconds() - began, 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="folder of recordings of real voices")
    parser.add_argument("--quick", action="store_true", help="every third sentence")
    given = parser.parse_args()
    said = spoken()[:: 3 if given.quick else 1]
    networks = calibrated(said)
    own = [one for one in said if one.voice in networks]
    result: dict[str, object] = {"voices": len({one.voice for one in said}), "sentences": len(said)}
    for noise in (None, 20.0, 10.0, 0.0):
        result[f"noise {noise}"] = score(said, noise)
        result[f"noise {noise}, those that calibrate, before"] = score(own, noise)["right"]
        result[f"noise {noise}, those that calibrate, after"] = score(own, noise, networks)["right"]
    if given.speech is not None:
        result["real"] = real(given.speech)
    result["voiceless"] = voiceless(given.speech)
    result["latency"], result["effort"] = latency(), effort()
    for name, row in result.items():
        print(name, json.dumps(row, ensure_ascii=False))
    print(json.dumps(result, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
