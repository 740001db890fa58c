"""How much of a voice is left when it is made anew from its features, live?

    python -m benchmarks.training.voice --speech FOLDER [--network FILE] [--files 10] [--sheet FILE.png]

Of each sound file of the folder, through the engine as it runs live: copies, and a round trip of 4 semitones up and the same down
again, by source and filter alone, by the network (FILE, or the one that ships), and by WORLD (Morise 2016; needs pyworld) from
the same features. Against the person: PESQ wide band and STOI at 16 kHz (need pesq and pystoi, tools of development whose terms
forbid to ship them), and the mean absolute difference of log-mel spectrograms, dB. Also how near the median pitch comes to what
is asked for, and what a hop costs. Prints a table and a JSON line.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from liveavatar.audio import pitch, vocoder
from liveavatar.audio.clips import resampled
from liveavatar.audio.excitation import pulsed
from liveavatar.audio.features import HOP, RATE, WINDOW, Features, spread, widened
from liveavatar.audio.sliders import Mover, Sliders
from liveavatar.audio.vocoder import Vocoder, VoiceChanger
from liveavatar.base.files import asset
from liveavatar.renderers.sessions import open_session
from liveavatar.training.report import write_png
from liveavatar.training.voice.corpus import even, heard
from liveavatar.training.voice.sheets import distance, picture
from liveavatar.training.voice.speech import decoded, sounds_in

SEMITONES = 4.0
NOISE = float(np.exp(np.euler_gamma / 2))
"""By how much WORLD's noise is louder than the mean of its logarithm, which the envelope is."""


def world(features: Features) -> np.ndarray:
    """(n,) float32: WORLD's synthesis; the first frame is at sample 0."""
    import pyworld

    share = pulsed(features).astype(float) @ widened(513)
    power = np.exp(features.envelope.astype(float) @ spread(513))
    louder = share + NOISE**2 * (1 - share)
    aperiodic = np.sqrt(NOISE**2 * (1 - share) / louder).clip(1e-3, 1)
    hertz = np.where(features.voiced > 0.5, features.pitch, 0).astype(float)
    made: np.ndarray = pyworld.synthesize(hertz, power * louder, aperiodic, RATE, 10.0)
    return made.astype(np.float32)


def sounded(features: Features, generator: object | None) -> np.ndarray:
    """(n,) float32 of the same by the engine."""
    return Vocoder(generator).say(features)[HOP:]


def at_16k(sound: np.ndarray) -> np.ndarray:
    return resampled(sound, RATE, 16000)


def against(person: np.ndarray, made: np.ndarray) -> dict[str, float]:
    """See above; what is not installed is left out."""
    count = min(len(person), len(made))
    found = {"mel_db": distance(person[:count], made[:count])}
    a, b = at_16k(person[:count]), at_16k(made[:count])
    try:
        from pesq import pesq

        found["pesq"] = float(pesq(16000, a, b, "wb"))
    except ImportError:
        pass
    try:
        from pystoi import stoi

        found["stoi"] = float(stoi(a, b, 16000))
    except ImportError:
        pass
    return found


def costs(changer: VoiceChanger, sound: np.ndarray) -> tuple[float, float]:
    """Median and 99th percentile of a hop, ms of this thread."""
    spent = []
    for at in range(0, len(sound) // HOP * HOP, HOP):
        start = time.thread_time()
        changer.process(sound[at : at + HOP])
        spent.append(1e3 * (time.thread_time() - start))
    return float(np.median(spent)), float(np.quantile(spent, 0.99))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--network", type=Path, default=asset(vocoder.GRAPH))
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    listener = open_session(asset(pitch.GRAPH), "cpu", 1)[0]
    ways: dict[str, Callable[[Features], np.ndarray]] = {"sources": lambda f: sounded(f, None)}
    generator = open_session(options.network, "cpu", 1)[0] if options.network.is_file() else None
    if generator is not None:
        ways["network"] = lambda f: sounded(f, generator)
    try:
        import pyworld  # noqa: F401

        ways["world"] = world
    except ImportError:
        print("without WORLD: pyworld is not installed")
    files = [path for paths in sounds_in(options.speech).values() for path in paths][: options.files]
    figures: dict[str, list[dict[str, float]]] = {}
    hits: dict[str, list[float]] = {}
    rows: list[np.ndarray] = []
    for file in files:
        person = even(decoded(file, RATE))
        person = person[: len(person) // HOP * HOP]
        features = heard(person, listener)
        up = Mover().move(features, Sliders(pitch=SEMITONES))
        for name, way in ways.items():
            copy = way(features)
            figures.setdefault(f"copy, {name}", []).append(against(person, copy))
            moved = even(way(up))
            again = heard(np.pad(moved, (0, -len(moved) % HOP)), listener)
            back = way(Mover().move(again, Sliders(pitch=-SEMITONES)))
            figures.setdefault(f"there and back, {name}", []).append(against(person, even(back)))
            voiced = features.voiced[: len(again.voiced)] > 0.7
            asked = np.median(up.pitch[: len(again.pitch)][voiced])
            hits.setdefault(name, []).append(abs(float(np.median(again.pitch[voiced]) / asked) - 1))
            if len(rows) < 3 * len(ways):
                rows.append(copy)
        if len(rows) == 3 * len(ways) and options.sheet and not options.sheet.exists():
            write_png(options.sheet, np.concatenate([picture(row[: 4 * RATE]) for row in rows[: len(ways)]]))
    means = {
        name: {key: float(np.mean([found[key] for found in each])) for key in each[0]}
        for name, each in figures.items()
    }
    for name, found in means.items():
        print(f"{name:26}" + "".join(f"{key:>9} {value:6.3f}" for key, value in found.items()))
    for name, wrong in hits.items():
        print(f"asked pitch missed by, {name:10} {np.mean(wrong):.3f}, at most {np.max(wrong):.3f}")
    sound = np.pad(even(decoded(files[0], RATE)), (0, WINDOW))[: 6 * RATE]
    median, worst = costs(VoiceChanger(RATE, listener, generator), sound)
    print(f"a hop of 10 ms: median {median:.2f} ms of one thread, p99 {worst:.2f}")
    print(json.dumps({"means": means, "hop_ms": median, "hop_p99_ms": worst}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
