"""What the designed voices make of people: `python -m benchmarks.audio.designed --speech FOLDER [--files 10] [--seconds 6]`.

A file each of people, against what each voice makes of it, through the engine as live. Louder: A-weighted, dB. Formants: by what
factor the mean envelope has to be stretched to be most alike. Edges: mean bend of the waveform where hops meet, against that
elsewhere: 1 is none to be seen. Voiced: of what was. Semitones: of the median pitch; spread: its standard deviation.
STOI: of what was said, where pystoi is installed; formants that moved count as faults to it.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from liveavatar.app.revoice import revoiced
from liveavatar.audio import pitch
from liveavatar.audio.clips import Clip, resampled
from liveavatar.audio.features import HOP, RATE, Features
from liveavatar.audio.sliders import Sliders, a_weighting, warped
from liveavatar.audio.voices import PRESETS
from liveavatar.base.files import asset
from liveavatar.renderers.sessions import open_session
from liveavatar.training.voice.corpus import even, heard
from liveavatar.training.voice.speech import decoded, sounds_in

FACTORS = np.exp2(np.arange(-0.6, 0.601, 0.02))


def audible(sound: np.ndarray) -> float:
    """dB of the whole, A-weighted."""
    curve = a_weighting(np.fft.rfftfreq(len(sound), 1 / RATE))
    return float(10 * np.log10(np.square(np.abs(np.fft.rfft(sound)) * curve).sum()))


def mean_envelope(features: Features) -> np.ndarray:
    """(1, BANDS) of what is loud, its level and tilt taken off."""
    level = features.envelope.mean(1)
    mean = features.envelope[level > np.quantile(level, 0.6)].mean(0)
    at = np.arange(len(mean))
    return np.asarray(mean - np.polyval(np.polyfit(at, mean, 1), at))[None]


def stretch(person: Features, made: Features) -> float:
    """Of FACTORS the one that fits; the lowest and highest bands, which warping repeats, left out."""
    wanted = mean_envelope(made)[0, 8:64]
    fits = [
        np.corrcoef(warped(mean_envelope(person), float(factor))[0, 8:64], wanted)[0, 1] for factor in FACTORS
    ]
    return float(FACTORS[int(np.argmax(fits))])


def bends(sound: np.ndarray) -> float:
    """See Edges above."""
    bend = np.abs(np.diff(sound, 2))
    bend = bend[: len(bend) // HOP * HOP].reshape(-1, HOP)
    return float(np.roll(bend, 2, 1)[:, :4].mean() / bend.mean())


def intelligible(person: np.ndarray, made: np.ndarray) -> float | None:
    """STOI (Taal 2011) at 16 kHz."""
    try:
        from pystoi import stoi
    except ImportError:
        return None
    return float(stoi(resampled(person, RATE, 16000), resampled(made, RATE, 16000), 16000))


def figures(sound: np.ndarray, person: Features, sliders: Sliders, listener: object) -> dict[str, float]:
    """Of one voice and one person."""
    made = revoiced(Clip(sound, RATE), sliders).samples
    features = heard(made, listener)
    found = {
        "louder_db": audible(made) - audible(sound),
        "peak": float(np.abs(made).max()),
        "formants": stretch(person, features),
        "edges": bends(made),
    }
    said = person.voiced[: len(features.voiced)] > 0.7
    voiced = said & (features.voiced[: len(said)] > 0.7)
    found["voiced"] = float(voiced.sum() / max(said.sum(), 1))
    if found["voiced"] > 0.3:
        before, after = (12 * np.log2(f.pitch[: len(said)][voiced]) for f in (person, features))
        found |= {"semitones": float(np.median(after) - np.median(before)), "spread": float(after.std())}
    if (score := intelligible(sound, made)) is not None:
        found["stoi"] = score
    return found


def main() -> None:
    """Run, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    listener = open_session(asset(pitch.GRAPH), "cpu", 1)[0]
    files = [path for paths in sounds_in(options.speech).values() for path in paths][: options.files]
    found: dict[str, list[dict[str, float]]] = {}
    for file in files:
        sound = even(decoded(file, RATE)[: round(options.seconds * RATE)])
        sound = sound[: len(sound) // HOP * HOP]
        person = heard(sound, listener)
        for name, sliders in {"as it is": Sliders(), **PRESETS}.items():
            found.setdefault(name, []).append(figures(sound, person, sliders, listener))
    means = {
        name: {
            key: float(np.mean([row[key] for row in rows if key in row]))
            for key in dict.fromkeys(key for row in rows for key in row)
        }
        for name, rows in found.items()
    }
    apart = {name: max(abs(row["louder_db"]) for row in rows) for name, rows in found.items()}
    for name, mean in means.items():
        print(f"{name:9}", "  ".join(f"{key} {value:.2f}" for key, value in mean.items()), end="")
        print(f"  loudness apart at most {apart[name]:.2f}")
    print(json.dumps({"means": means, "loudness_apart": apart}))


if __name__ == "__main__":
    main()
