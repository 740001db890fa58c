"""Sounds of speech as numbers: where a tract resonates, what makes them sound, and which mouth goes with them."""

from dataclasses import dataclass

import numpy as np

from liveavatar.audio.vowels import CLASSES

VOWELS: dict[str, tuple[tuple[float, float, float], dict[str, float]]] = {
    "a": ((750, 1250, 2550), {"a": 1}),
    "ɑ": ((690, 1060, 2500), {"a": 0.9, "o": 0.1}),
    "æ": ((700, 1650, 2450), {"a": 0.75, "e": 0.25}),
    "ʌ": ((630, 1200, 2450), {"a": 0.6, "o": 0.2, "e": 0.2}),
    "ɛ": ((560, 1800, 2500), {"e": 0.85, "a": 0.15}),
    "e": ((430, 2000, 2600), {"e": 1}),
    "ɪ": ((390, 1980, 2550), {"i": 0.6, "e": 0.4}),
    "i": ((280, 2260, 3000), {"i": 1}),
    "y": ((270, 1850, 2200), {"u": 0.8, "i": 0.2}),
    "ø": ((400, 1500, 2250), {"o": 0.5, "u": 0.3, "e": 0.2}),
    "ə": ((500, 1450, 2450), {"e": 0.35, "a": 0.2, "o": 0.25, "u": 0.2}),
    "ɝ": ((480, 1300, 1650), {"o": 0.4, "u": 0.3, "e": 0.3}),
    "ɯ": ((330, 1250, 2350), {"u": 1}),
    "u": ((310, 850, 2300), {"u": 1}),
    "ʉ": ((330, 1600, 2300), {"u": 1}),
    "ʊ": ((440, 1020, 2250), {"u": 0.6, "o": 0.4}),
    "o": ((460, 850, 2400), {"o": 1}),
    "ɵ": ((530, 1200, 2350), {"o": 0.9, "a": 0.1}),
    "ɔ": ((570, 860, 2400), {"o": 0.85, "a": 0.15}),
}
"""First three formants of a grown man, Hz (near the averages that phonetics textbooks give), and shares of the five mouths."""
CARDINAL: dict[str, float] = dict.fromkeys("aieou", 1.0)


@dataclass(frozen=True)
class Consonant:
    """Levels are dB against a vowel's; None: not at all."""

    shut: dict[str, float]
    """Which classes; empty: those of the vowel beside it."""
    seconds: tuple[float, float]
    formants: tuple[float, float, float] | None = None
    """None: those of the vowel beside it."""
    voice: float | None = None
    muffled: bool = False
    """Through the nose or closed lips: little is left above 600 Hz."""
    breath: float | None = None
    """Noise at the larynx, through the tract."""
    hiss: tuple[float, float, float] | None = None
    """Noise at the teeth: its level, its middle in Hz, its width in octaves."""


CONSONANTS: dict[str, Consonant] = {
    "m": Consonant({"closed": 1}, (0.05, 0.12), (260, 900, 2200), voice=-5, muffled=True),
    "n": Consonant({"closed": 1}, (0.04, 0.10), (260, 1600, 2500), voice=-5, muffled=True),
    "ŋ": Consonant({"closed": 1}, (0.05, 0.11), (270, 2000, 2400), voice=-6, muffled=True),
    "b": Consonant({"closed": 1}, (0.05, 0.10), (220, 800, 2200), voice=-18, muffled=True),
    "d": Consonant({"closed": 1}, (0.04, 0.08), (220, 1750, 2600), voice=-18, muffled=True),
    "g": Consonant({"closed": 1}, (0.04, 0.09), (220, 2000, 2300), voice=-18, muffled=True),
    "p": Consonant({"closed": 0.6, "silence": 0.4}, (0.05, 0.12), (220, 800, 2200)),
    "t": Consonant({"closed": 0.6, "silence": 0.4}, (0.05, 0.10), (220, 1750, 2600)),
    "k": Consonant({"closed": 0.6, "silence": 0.4}, (0.05, 0.10), (220, 2000, 2300)),
    "l": Consonant({"closed": 0.5, "e": 0.5}, (0.04, 0.09), (350, 1150, 2700), voice=-4),
    "r": Consonant({"u": 0.5, "o": 0.5}, (0.04, 0.10), (400, 1200, 1650), voice=-4),
    "w": Consonant({"u": 1}, (0.04, 0.10), (300, 700, 2200), voice=-3),
    "j": Consonant({"i": 1}, (0.04, 0.10), (280, 2200, 3000), voice=-3),
    "h": Consonant({}, (0.04, 0.10), breath=-16),
    "x": Consonant({"sibilant": 1}, (0.05, 0.12), (450, 1500, 2400), breath=-14),
    "s": Consonant({"sibilant": 1}, (0.06, 0.20), hiss=(-10, 6300, 0.35)),
    "ʃ": Consonant({"sibilant": 1}, (0.06, 0.20), hiss=(-7, 3600, 0.55)),
    "ɕ": Consonant({"sibilant": 1}, (0.06, 0.20), hiss=(-8, 4600, 0.5)),
    "f": Consonant({"sibilant": 1}, (0.05, 0.15), hiss=(-24, 6000, 2.0)),
    "θ": Consonant({"sibilant": 1}, (0.05, 0.14), hiss=(-24, 6500, 1.4)),
    "z": Consonant({"sibilant": 1}, (0.05, 0.12), (250, 1700, 2600), voice=-14, muffled=True, hiss=(-14, 6300, 0.35)),
    "ʒ": Consonant({"sibilant": 1}, (0.05, 0.12), (250, 1900, 2500), voice=-14, muffled=True, hiss=(-12, 3600, 0.5)),
    "v": Consonant(
        {"sibilant": 0.5, "closed": 0.5}, (0.04, 0.10), (250, 1000, 2300), voice=-12, muffled=True, hiss=(-28, 6000, 2.0)
    ),
}  # fmt: skip
ASPIRATED: dict[str, tuple[float, float, float]] = {
    "p": (-10, 1200, 1.2), "t": (-6, 4500, 0.9), "k": (-8, 2200, 0.6),
    "b": (-16, 1000, 1.2), "d": (-12, 4000, 0.9), "g": (-14, 2100, 0.6),
}  # fmt: skip
"""The burst that ends a stop, as Consonant.hiss."""


def shares(named: dict[str, float]) -> np.ndarray:
    """(len(CLASSES),) that sum to 1."""
    row = np.zeros(len(CLASSES))
    for name, share in named.items():
        row[CLASSES.index(name)] = share
    return row / row.sum()
