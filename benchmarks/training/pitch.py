"""Is a voice's pitch heard, and whether it is voiced, on voices that nobody learned from?

    python -m benchmarks.training.pitch [--voices 40] [--speech FOLDER]

Voices by numbers of unseen seeds, whose pitch is known; of a folder's sound files, where one is given, against Harvest (needs
pyworld, told of the clean sound). Each clean, and with pink noise 15 dB below. Agreement: of all frames, on voicing; gross: of
those that both call voiced, more than 20 % off; fine: the median distance of the others, cents. Beside it the autocorrelation of
liveavatar.audio.prosody, and gross errors where a second teacher, DIO, agrees with Harvest. Prints a table and a JSON line. Exit
status 1 where agreement is below .9 clean or .8 in noise, gross errors are above 3 % clean, or a hop takes more than 1 ms of one
thread.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from liveavatar.audio.pitch import GRAPH, Heard, PitchStream
from liveavatar.audio.prosody import Prosody
from liveavatar.base.files import asset
from liveavatar.renderers.sessions import open_session
from liveavatar.training.lips.voices import RATE
from liveavatar.training.voice.intonation import HOP, WINDOW, Sung, by_numbers, harvest, sung
from liveavatar.training.voice.speech import decoded, sounds_in

SEED, NOISE_DB = 10_000, 15.0
LEAST, LEAST_NOISY, MOST_GROSS, MOST_MS = 0.9, 0.8, 0.03, 1.0


def pink(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count,) of RMS 1, above 50 Hz as much in each octave."""
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= (hertz > 50) / np.sqrt(np.maximum(hertz, 50))
    noise = np.fft.irfft(spectrum, count)
    return noise / noise.std()


def by_network(sound: np.ndarray, network: object) -> Heard:
    """Frames as Sung counts them: the i-th about sample i * HOP."""
    heard = PitchStream(RATE, network).hear(np.pad(sound, (0, WINDOW)).astype(np.float32))
    late = WINDOW // 2 // HOP - 1
    return Heard(*(part[late : late + len(sound) // HOP] for part in heard))


def by_prosody(sound: np.ndarray) -> Heard:
    """The same of the autocorrelation."""
    told = Prosody(RATE).hear(np.pad(sound, (0, WINDOW)).astype(np.float32))[1:, 1][: len(sound) // HOP]
    return Heard(100 * 2 ** np.nan_to_num(told), np.isfinite(told).astype(np.float32))


def score(pieces: list[Sung], heard: list[Heard]) -> dict[str, float]:
    """See above; voiced: the share that was called so, and truth: that is."""
    truth, pitch = (
        np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("voiced", "pitch")
    )
    found = np.concatenate([part.voiced for part in heard]) > 0.5
    both = truth & found
    off = np.abs(1200 * np.log2(np.concatenate([part.pitch for part in heard])[both] / pitch[both]))
    gross = off > 1200 * np.log2(1.2)
    return {
        "agreement": float((truth == found).mean()), "gross": float(gross.mean()), "fine": float(np.median(off[~gross])),
        "voiced": float(found.mean()), "truth": float(truth.mean()),
    }  # fmt: skip


def sure(pieces: list[Sung], heard: list[Heard]) -> tuple[float, float]:
    """Gross errors where DIO (Morise et al. 2009, refined by StoneMask) hears Harvest's pitch too, and the share of such frames
    among those that Harvest and the network call voiced."""
    import pyworld

    wrong = right = voiced = 0
    for piece, told in zip(pieces, heard, strict=True):
        sound = piece.sound.astype(float)
        rough, times = pyworld.dio(sound, RATE, f0_floor=50.0, f0_ceil=800.0, frame_period=1000 * HOP / RATE)
        second = pyworld.stonemask(sound, rough, times, RATE)[: len(piece.pitch)]
        count = len(second)
        both = piece.voiced[:count] & (told.voiced[:count] > 0.5)
        apart, off = (
            np.abs(np.log2(np.maximum(pitch[:count], 1.0) / piece.pitch[:count])) > np.log2(1.2)
            for pitch in (second, told.pitch)
        )
        agree = both & (second > 0) & ~apart
        wrong, right, voiced = (
            wrong + int((agree & off).sum()),
            right + int(agree.sum()),
            voiced + int(both.sum()),
        )
    return wrong / max(right, 1), right / max(voiced, 1)


def recordings(folder: Path) -> list[Sung]:
    """Every sound file of a folder, and Harvest's word of it."""
    files = [path for paths in sounds_in(folder).values() for path in paths]
    sounds = [sound[: len(sound) // HOP * HOP] for sound in (decoded(path, RATE) for path in files)]
    return [sung(sound, harvest(sound)) for sound in sounds]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--voices", type=int, default=40)
    parser.add_argument("--speech", type=Path)
    options = parser.parse_args()
    network, rng = open_session(asset(GRAPH), "cpu", 1)[0], np.random.default_rng(SEED)
    sets = {"by numbers": [by_numbers(np.random.default_rng((SEED, k))) for k in range(options.voices)]}
    if options.speech:
        sets["recordings"] = recordings(options.speech)
    results, spent, hops = {}, 0.0, 0
    print(f"{'':24}{'way':12}{'agreement':>10}{'gross':>8}{'fine':>7}{'voiced':>8}{'truth':>8}")
    for name, pieces in sets.items():
        for noisy in (False, True):
            level = 0.1 * 10 ** (-NOISE_DB / 20) * noisy
            sounds = [piece.sound + level * pink(rng, len(piece.sound)) for piece in pieces]
            start = time.thread_time()
            heard = [by_network(sound, network) for sound in sounds]
            spent, hops = spent + time.thread_time() - start, hops + sum(len(part.pitch) for part in heard)
            shown = name + (" 15 dB" if noisy else " clean")
            for way, told in (("network", heard), ("prosody", [by_prosody(sound) for sound in sounds])):
                found = score(pieces, told)
                print(f"{shown:24}{way:12}{found['agreement']:10.3f}{found['gross']:8.3f}{found['fine']:7.1f}"
                      f"{found['voiced']:8.2f}{found['truth']:8.2f}")  # fmt: skip
                results[f"{shown}, {way}"] = found
            if name == "recordings":
                gross, share = sure(pieces, heard)
                print(
                    f"{shown:24}gross {gross:.4f} in the {share:.2f} of it in which DIO hears Harvest's pitch"
                )
    stream, block = PitchStream(RATE, network), sets["by numbers"][0].sound.astype(np.float32)
    start = time.thread_time()
    for at in range(0, 500 * HOP, HOP):
        stream.hear(block[at : at + HOP])
    each = (time.thread_time() - start) / 500 * 1e3
    print(f"a hop of 10 ms: {each:.2f} ms alone, {spent / hops * 1e3:.3f} ms in long blocks")
    print(json.dumps({"results": results, "hop_ms": each}))
    ours = {name: found for name, found in results.items() if name.endswith("network")}
    clean = [found for name, found in ours.items() if "clean" in name]
    noisy_ones = [found for name, found in ours.items() if "clean" not in name]
    passed = (
        all(found["agreement"] >= LEAST and found["gross"] <= MOST_GROSS for found in clean)
        and all(found["agreement"] >= LEAST_NOISY for found in noisy_ones)
        and each <= MOST_MS
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
