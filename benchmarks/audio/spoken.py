"""Speech of known sounds, by two synthesisers that know when they say what: flite (recordings of four people, cut and joined) and
espeak-ng (formants by rule, many voices and languages). Tools for measuring only: nothing is learned from them."""

import ctypes
import ctypes.util
import shutil
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "The sea is blue, my father saw four birds at noon.",
        "Please show me two new books about the moon and the stars.",
        "Seven small foxes ran past the garden gate this morning.",
        "He said that she should choose the good red boots.",
        "Mama bought a calm parrot, and papa taught it to talk.",
    ),
    "es": ("La luna sube sobre el camino y la casa de mi amigo está vacía.", "Pepe come pan, usa su cuchillo y mira la música."),
    "ja": ("あおいうみのうえに、しろいふねがいます。", "おかあさんは、えきまえのみせで、いちごをかいました。"),
    "de": ("Die liebe Sonne scheint am Abend über das rote Dach.", "Sieben Hunde laufen ohne Pause um den großen See."),
    "cmn": ("他的妈妈在家里喝茶。", "我们一起去看大海和高山。"),
}  # fmt: skip
FLITE = ("slt", "kal16", "awb", "rms")
ESPEAK = ("en-us", "en-us+f3", "es+m3", "es+f2", "ja", "ja+f4", "de+m7", "de+f1", "cmn+f5")

HELD: dict[str, dict[str, str]] = {
    "flite": {"a": "ah", "i": "ee", "u": "ooh", "e": "eh", "o": "oh"},
    "en": {"a": "ah", "i": "ee", "u": "ooh", "e": "eh", "o": "oh"},
    "es": {"a": "a", "i": "i", "u": "u", "e": "e", "o": "o"},
    "ja": {"a": "あ", "i": "い", "u": "う", "e": "え", "o": "お"},
    "de": {"a": "ah", "i": "ie", "u": "uh", "e": "eh", "o": "oh"},
}
"""What a voice is given to say for each vowel in a calibration."""

_ARPABET = {
    "aa": "a", "ah": "a", "ae": "a", "ay": "a", "aw": "a", "iy": "i", "uw": "u", "eh": "e", "ey": "e", "ao": "o", "ow": "o",
    "s": "sibilant", "z": "sibilant", "sh": "sibilant", "zh": "sibilant", "ch": "sibilant", "jh": "sibilant",
    "m": "closed", "n": "closed", "b": "closed", "p": "closed", "pau": "silence",
}  # fmt: skip
"""Without ax, er, ih, uh, which lie between the five; a diphthong counts by its beginning."""
_IPA = {
    "a": "a", "ɑ": "a", "ɐ": "a", "ʌ": "a", "æ": "a", "i": "i", "u": "u", "ɯ": "u", "e": "e", "ɛ": "e", "o": "o", "ɔ": "o",
    "s": "sibilant", "z": "sibilant", "ʃ": "sibilant", "ʒ": "sibilant", "ɕ": "sibilant", "ʂ": "sibilant",
    "m": "closed", "n": "closed", "b": "closed", "p": "closed",
}  # fmt: skip
_VOWELS = ("a", "i", "u", "e", "o")
_DIPHTHONGS = ("ay", "aw", "ey", "ow")


@dataclass(frozen=True)
class Spoken:
    """A sentence."""

    voice: str
    sound: np.ndarray
    """(n,) float32."""
    rate: int
    sounds: tuple[tuple[str, float, float], ...]
    """What, from, to (seconds): a vowel's letter, "sibilant", "closed", "silence", or "" for all else."""


def spoken() -> list[Spoken]:
    """All that can be said on this machine: apt-get install flite espeak-ng."""
    result: list[Spoken] = []
    if shutil.which("flite"):
        result += [_flite(voice, text) for voice in FLITE for text in SENTENCES["en"]]
    if ctypes.util.find_library("espeak-ng"):
        for voice in ESPEAK:
            result += [_espeak(voice, text) for text in SENTENCES[voice[:3].strip("-+")]]
    return result


def held_vowels(voice: str) -> dict[str, tuple[np.ndarray, int]] | None:
    """Each vowel for more than a second, as this voice of spoken() says it, and its rate; None where it cannot."""
    kind, _, name = voice.partition(" ")
    texts = HELD.get("flite" if kind == "flite" else name[:2])
    if texts is None or name.startswith("cmn"):
        return None
    result = {}
    for vowel, text in texts.items():
        one = (
            _flite(name, text, "--setf", "duration_stretch=4")
            if kind == "flite"
            else _espeak(name, " ".join([text] * 5))
        )
        parts = [
            one.sound[round(a * one.rate) : round(b * one.rate)] for k, a, b in one.sounds if k in _VOWELS
        ]
        if not parts:
            return None
        held = np.concatenate(parts)
        result[vowel] = np.tile(held, int(np.ceil(1.2 * one.rate / len(held)))), one.rate
    return result


def _flite(voice: str, text: str, *options: str) -> Spoken:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command = ["flite", "-voice", voice, *options, "-psdur", "-t", text, "-o", str(path)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    sounds, start = [], 0.0
    for word in told:
        name, _, end = word.rpartition(":")
        share = 0.5 if name in _DIPHTHONGS else 1.0
        sounds.append((_ARPABET.get(name, ""), start, start + share * (float(end) - start)))
        start = float(end)
    return Spoken(f"flite {voice}", sound, rate, tuple(sounds))


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int), ("message", ctypes.c_uint), ("text", ctypes.c_int), ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int), ("sample", ctypes.c_int), ("data", ctypes.c_void_p), ("name", ctypes.c_char * 8),
    )  # fmt: skip


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    library = ctypes.CDLL(ctypes.util.find_library("espeak-ng"))
    rate = library.espeak_Initialize(2, 0, None, 1 | 2)  # synchronous; events of phonemes, in IPA
    return library, rate


def _espeak(voice: str, text: str) -> Spoken:
    library, rate = _library()
    parts: list[np.ndarray] = []
    events: list[tuple[str, float]] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
    def take(samples, count, event):  # type: ignore[no-untyped-def]
        if samples and count:
            parts.append(np.ctypeslib.as_array(samples, (count,)).copy())
        k = 0
        while event[k].type:
            if event[k].type == 7:
                events.append((event[k].name.decode(errors="ignore"), event[k].sample / rate))
            k += 1
        return 0

    library.espeak_SetSynthCallback(take)
    library.espeak_SetVoiceByName(voice.encode())
    data = text.encode()
    library.espeak_Synth(data, len(data) + 1, 0, 1, 0, 1, None, None)
    sound = np.concatenate(parts).astype(np.float32) / 32768
    ends = [*(start for _, start in events[1:]), len(sound) / rate]
    sounds = []
    for (name, start), end in zip(events, ends, strict=True):
        letters = name.strip("ˈˌ")
        glides = sum(c in "aɑɐʌæeɛoɔiuɪʊ" for c in letters) > 1
        kind = (
            "silence" if not letters.strip("_:") else "" if "\u0303" in letters else _IPA.get(letters[0], "")
        )
        sounds.append((kind, start, start + (end - start) * (0.5 if glides else 1)))
    return Spoken(f"espeak {voice}", sound, rate, tuple(sounds))
