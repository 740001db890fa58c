"""Voices that nobody has: a source and a tract by numbers, speaking syllables at random, and the mouth at each moment.

The source-filter model of speech (Fant): pulses with the spectrum of a glottal flow (a low-pass of second order at the glottal
formant, one pole of spectral tilt, lips' radiation), through resonances of the tract. Spectra alone are heard: no phases.
"""

from dataclasses import dataclass, replace

import numpy as np

from liveavatar.audio.mel import HOP_S
from liveavatar.audio.vowels import CLASSES
from liveavatar.training.lips.phones import ASPIRATED, CARDINAL, CONSONANTS, VOWELS, shares

RATE = 16000
STEP_S = 0.005
"""Seconds between the numbers that say what is spoken."""
_HOP, _WINDOW, _FFT = round(STEP_S * RATE), 320, 512
_HIGHER = (3500.0, 4500.0, 5500.0, 6500.0)
_BINS = np.fft.rfftfreq(_FFT, 1 / RATE)


@dataclass(frozen=True)
class Speaker:
    """One voice."""

    scale: float
    """Formants against a grown man's."""
    spread: np.ndarray
    """(3,): each formant's own."""
    pitch: float
    """Hz."""
    lively: float
    """Octaves that the pitch moves."""
    glottal: float
    """The glottal formant, of the pitch."""
    tilt: float
    """Hz."""
    rough: float
    """Octaves that the pitch trembles."""
    breath: float
    """dB."""
    width: float
    """Of the resonances, against usual ones."""
    rate: float
    """How fast it speaks."""
    whispers: bool


def speaker(rng: np.random.Generator) -> Speaker:
    """Anybody: men, women, children, characters."""
    scale = rng.uniform(0.92, 1.4)
    usual = 105 * scale**3.2
    return Speaker(
        scale,
        np.exp(rng.normal(0, 0.04, 3)),
        float(np.clip(usual * 2 ** rng.normal(0, 0.45), 70, 520)),
        rng.uniform(0.02, 0.5),
        rng.uniform(0.8, 2.2),
        float(np.exp(rng.uniform(np.log(900), np.log(7000)))),
        float(np.exp(rng.uniform(np.log(0.003), np.log(0.04)))),
        rng.uniform(-40, -14),
        rng.uniform(0.6, 1.8),
        rng.uniform(0.7, 1.5),
        bool(rng.random() < 0.04),
    )


def _amplitude(level: float | None) -> float:
    """Of decibels; None: nothing."""
    return 0.0 if level is None else float(10 ** (level / 20))


@dataclass
class _Score:
    """What is spoken, step by step: rows are appended, then smoothed as a mouth moves."""

    formants: list[np.ndarray]
    levels: list[tuple[float, float, float]]
    """Voice, breath, hiss: amplitudes."""
    hiss: list[tuple[float, float]]
    muffled: list[float]
    mouth: list[np.ndarray]

    def add(
        self,
        seconds: float,
        formants: np.ndarray,
        mouth: np.ndarray,
        voice: float | None = None,
        breath: float | None = None,
        hiss: tuple[float, float, float] | None = None,
        muffled: bool = False,
    ) -> None:
        """So long of one sound; levels as in phones.Consonant."""
        count = max(1, round(seconds / STEP_S))
        level, centre, width = hiss or (-np.inf, 5000.0, 1.0)
        levels = _amplitude(voice), _amplitude(breath), _amplitude(level)
        self.formants += [formants] * count
        self.levels += [levels] * count
        self.hiss += [(np.log2(centre), width)] * count
        self.muffled += [float(muffled)] * count
        self.mouth += [mouth] * count


def _vowel(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    names = list(VOWELS)
    weights = np.array([3.0 if n in CARDINAL else 1.0 for n in names])
    first = rng.choice(len(names), p=weights / weights.sum())
    formants, mouth = (np.array(VOWELS[names[first]][0], float), shares(VOWELS[names[first]][1]))
    return formants * np.exp(rng.normal(0, 0.045, 3)), mouth


def _speak(rng: np.random.Generator, who: Speaker, seconds: float) -> _Score:
    score = _Score([], [], [], [], [])
    rest, silent = np.array([500.0, 1500, 2500]), shares({"silence": 1})
    score.add(rng.uniform(0.05, 0.8), rest, silent)
    names = list(CONSONANTS)
    while len(score.mouth) * STEP_S < seconds:
        for _ in range(rng.integers(1, 9)):
            formants, mouth = _vowel(rng)
            _consonant(rng, who, score, names[rng.integers(len(names))], formants, mouth)
            long = rng.uniform(0.4, 1.6) if rng.random() < 0.06 else rng.uniform(0.06, 0.24)
            score.add(long / who.rate, formants, mouth, voice=rng.normal(0, 2), breath=who.breath)
            if rng.random() < 0.25:  # a diphthong
                formants, mouth = _vowel(rng)
                score.add(rng.uniform(0.06, 0.15) / who.rate, formants, mouth, voice=-1, breath=who.breath)
            if rng.random() < 0.3:
                _consonant(rng, who, score, names[rng.integers(len(names))], formants, mouth)
        if rng.random() < 0.2:  # draws breath
            score.add(rng.uniform(0.2, 0.5), rest, silent, breath=rng.uniform(-40, -24))
        pause = rng.uniform(0.08, 0.4) if rng.random() < 0.7 else rng.uniform(0.4, 2.0)
        score.add(pause, rest, silent)
    return score


def _consonant(
    rng: np.random.Generator, who: Speaker, score: _Score, name: str, formants: np.ndarray, mouth: np.ndarray
) -> None:
    """One beside a vowel of these formants and this mouth; now and then it is swallowed."""
    kind = CONSONANTS[name]
    if rng.random() < 0.1:
        return
    shift = rng.normal(0, 2.5)

    def louder(level: float | None) -> float | None:
        return None if level is None else level + shift

    hiss = kind.hiss and (
        kind.hiss[0] + shift,
        min(kind.hiss[1] * who.scale**0.5 * np.exp(rng.normal(0, 0.12)), 7500),
        kind.hiss[2] * rng.uniform(0.7, 1.4),
    )
    at = formants if kind.formants is None else np.array(kind.formants)
    shown = shares(kind.shut) if kind.shut else mouth
    score.add(
        rng.uniform(*kind.seconds) / who.rate**0.5, at, shown,
        voice=louder(kind.voice), breath=louder(kind.breath), hiss=hiss, muffled=kind.muffled,
    )  # fmt: skip
    if name in ASPIRATED and rng.random() < 0.9:
        level, centre, width = ASPIRATED[name]
        burst = 0.6 * shown + 0.4 * mouth
        score.add(rng.uniform(0.005, 0.015), at, burst, hiss=(level + shift, centre, width))
        if name in "ptk" and rng.random() < 0.6:
            score.add(rng.uniform(0.01, 0.06), formants, 0.4 * shown + 0.6 * mouth, breath=-18 + shift)


def _smooth(track: np.ndarray, seconds: float) -> np.ndarray:
    """Along the first axis, by a Hann window of this length."""
    size = max(1, round(seconds / STEP_S)) | 1
    kernel = np.hanning(size + 2)[1:-1]
    kernel /= kernel.sum()
    padded = np.pad(track, [(size // 2, size // 2)] + [(0, 0)] * (track.ndim - 1), mode="edge")
    return np.apply_along_axis(np.convolve, 0, padded, kernel, mode="valid")


def _wave(rng: np.random.Generator, steps: int, seconds: float) -> np.ndarray:
    """(steps,) that goes up and down about once in so long, with a deviation of 1."""
    track = _smooth(rng.normal(0, 1, steps + round(4 * seconds / STEP_S)), seconds)
    return (track / track.std())[:steps]


def _resonances(formants: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """(steps, bins): the gain of a tract; 1 at 0 Hz. formants, widths: (steps, n) Hz."""
    squared = np.square(_BINS)
    gain = np.ones((len(formants), len(_BINS)))
    for centre, width in zip(formants.T[..., None], widths.T[..., None], strict=True):
        gain *= np.square(centre) / np.sqrt(
            np.square(squared - np.square(centre)) + squared * np.square(width)
        )
    return gain


def _filtered(sound: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """The sound (n,) with the gain (steps, bins) of each moment, overlapped and added."""
    window = np.sqrt(np.hanning(_WINDOW + 1)[:-1])
    steps = len(gains)
    padded = np.pad(sound, (_WINDOW // 2, _WINDOW + steps * _HOP - len(sound)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:steps] * window
    frames = np.fft.irfft(np.fft.rfft(frames, _FFT) * gains)[:, :_WINDOW] * window
    result = np.zeros(len(padded))
    for k in range(_WINDOW // _HOP):  # windows that do not touch each other are laid in at once
        part = frames[k :: _WINDOW // _HOP].reshape(-1)
        result[k * _HOP : k * _HOP + len(part)] += part
    return result[_WINDOW // 2 :][: len(sound)] / 2


def _pulses(rng: np.random.Generator, who: Speaker, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Pulses of a voice, band-limited (Dirichlet's kernel), and the pitch (steps,) Hz."""
    drift = who.lively * 0.5 * _wave(rng, steps, 0.4)
    pitch = who.pitch * 2 ** (drift + rng.normal(0, who.rough, steps))
    at = np.repeat(pitch, _HOP).clip(60, 700)
    phase = np.cumsum(at / RATE) % 1
    partials = np.floor(0.47 * RATE / at)
    below = np.sin(np.pi * phase)
    near = np.abs(below) < 1e-6
    kernel = np.sin((2 * partials + 1) * np.pi * phase) / np.where(near, 1, below)
    pulses = np.where(near, 2 * partials + 1, kernel) - 1
    return pulses / np.sqrt(partials * 2), pitch


def utterance(rng: np.random.Generator, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Clean speech of somebody: (n,) float64 at RATE, its vowels about 0.1 RMS; and (frames, len(CLASSES)) shares of what the
    mouth is, one row a HOP_S."""
    sound, mouth, _ = _sounding(rng, *_said(rng, seconds), seconds)
    return sound, mouth


def intoned(rng: np.random.Generator, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """The same speech, and (steps, 2), one row a STEP_S: its pitch in Hz, and how strong its voice is, a vowel's about 1."""
    sound, _, voice = _sounding(rng, *_said(rng, seconds), seconds)
    return sound, voice


def _said(rng: np.random.Generator, seconds: float) -> tuple[Speaker, _Score]:
    who = speaker(rng)
    return who, _speak(rng, who, seconds)


def sustained(rng: np.random.Generator, vowel: str, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """The same of somebody who holds one of phones.VOWELS and does not whisper."""
    who, score = replace(speaker(rng), whispers=False), _Score([], [], [], [], [])
    formants, mouth = VOWELS[vowel]
    score.add(seconds, np.array(formants, float), shares(mouth), voice=0.0, breath=who.breath)
    return _sounding(rng, who, score, seconds)[:2]


def _sounding(
    rng: np.random.Generator, who: Speaker, score: _Score, seconds: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A score as it sounds, its mouths and its voice; see utterance() and intoned()."""
    steps = round(seconds / STEP_S)
    tract = _smooth(np.array(score.formants)[:steps], rng.uniform(0.04, 0.08)) * who.scale * who.spread
    higher = np.array(_HIGHER) * who.scale * np.exp(rng.normal(0, 0.03, len(_HIGHER)))
    formants = np.concatenate([tract, np.tile(higher, (steps, 1))], axis=1)
    voice, breath, hiss = _smooth(np.array(score.levels)[:steps], 0.02).T
    muffled = _smooth(np.array(score.muffled)[:steps], 0.02)[:, None]
    loud = 10 ** (_wave(rng, steps, 1.5) * rng.uniform(0, 0.35))
    if who.whispers:
        voice, breath = voice * 0, np.maximum(breath, 0.25 * voice)
    gains = _resonances(formants, who.width * (45 + 0.035 * formants))
    gains *= 10 ** (-muffled * np.minimum(np.maximum(_BINS - 500, 0) / 40, 16) / 20)

    pulses, pitch = _pulses(rng, who, steps)
    glottal = (who.glottal * pitch)[:, None]
    source = _BINS / glottal / (1 + np.square(_BINS / glottal)) / np.sqrt(1 + np.square(_BINS / who.tilt))
    noise = rng.normal(0, 1, steps * _HOP)
    sung = _filtered(pulses, gains * source * (voice * loud)[:, None])
    breathed = _filtered(noise, gains * (breath * loud)[:, None] * np.minimum(_BINS / 1000, 1.5))
    centre, width = _smooth(np.array(score.hiss)[:steps], 0.02).T[..., None]
    octaves = np.log2(np.maximum(_BINS, 20))
    teeth = np.exp(-0.5 * np.square((octaves - centre) / width))
    teeth /= np.sqrt(np.square(teeth).mean(axis=1, keepdims=True))
    hissed = _filtered(rng.normal(0, 1, steps * _HOP), teeth * (hiss * loud)[:, None])
    lead = voice > 0.5
    level = np.sqrt(np.square(sung.reshape(steps, _HOP)[lead]).mean()) if lead.any() else 1.0
    air = np.sqrt(np.square(breathed).mean() / max(np.square(breath).mean(), 1e-9)) or 1.0
    sound = 0.1 * (sung / level + breathed / air + hissed)
    every = round(HOP_S / STEP_S)
    mouth = _smooth(np.array(score.mouth)[:steps], 0.04)[::every]
    assert mouth.shape[1] == len(CLASSES)
    return sound, mouth, np.stack([pitch.clip(60, 700), voice * loud], 1)
