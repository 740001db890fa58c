"""Lips, on sounds made here."""

from pathlib import Path

import numpy as np
import pytest

from liveavatar.audio.lips import Lips
from liveavatar.audio.mel import MelStream
from liveavatar.audio.mouth import HELD, Mouth, controls_of
from liveavatar.audio.own_vowels import load_voice, save_voice, voice_of
from liveavatar.controls import VOWELS
from liveavatar.errors import ProfileError
from tests.app.test_hearing import RATE, buzz

FORMANTS = {
    "a": (750, 1250, 2550, 3500), "i": (290, 2250, 2950, 3600), "u": (320, 900, 2300, 3400),
    "e": (450, 1950, 2550, 3500), "o": (470, 860, 2400, 3400),
}  # fmt: skip
rng = np.random.default_rng(0)
HISS = np.diff(rng.normal(0, 0.05, RATE // 2 + 1), n=1).astype(np.float32)


def heard(*sounds: np.ndarray) -> Mouth:
    lips = Lips(RATE)
    lips.hear(np.zeros(RATE // 2, np.float32))
    for sound in sounds:
        lips.hear(sound)
    return lips.mouth


def jaw(mouth: Mouth) -> float:
    value, weight = controls_of(mouth)["jawOpen"]
    return value * weight


def test_silence_and_what_is_no_sound_leave_the_mouth_to_others() -> None:
    for nothing in (np.zeros(RATE, np.float32), np.full(RATE, np.nan, np.float32)):
        mouth = heard(nothing)
        assert mouth.silence > 0.9 and mouth.speaking == 0 and mouth.volume == 0
        assert all(weight == 0 for _, weight in controls_of(mouth).values())


@pytest.mark.parametrize("vowel", VOWELS)
def test_vowels_are_heard_as_what_they_are_however_loud(vowel: str) -> None:
    for gain in (1.0, 0.01):
        vowels = heard(gain * buzz(FORMANTS[vowel], 0.4)).vowels
        assert max(vowels, key=vowels.__getitem__) == vowel and vowels[vowel] > 0.45


def test_a_voice_holds_jaw_and_lips_and_no_smile() -> None:
    shown = controls_of(Mouth(volume=1, vowels={"a": 1.0}, silence=0, sure=1, speaking=1))
    assert set(shown) == set(HELD) and not any("Smile" in name for name in shown)
    assert shown["jawOpen"] == (pytest.approx(0.75), 1)


def test_an_s_shuts_the_mouth_of_who_speaks() -> None:
    ah = buzz(FORMANTS["a"], 0.4)
    assert jaw(heard(ah)) > 0.4
    mouth = heard(ah, HISS[: RATE // 5])
    assert mouth.sibilant > 0.6 and jaw(mouth) < 0.06 and mouth.speaking > 0.9


def test_a_fan_that_is_switched_on_leaves_the_mouth_shut() -> None:
    lips = Lips(RATE)
    lips.hear(np.zeros(RATE // 2, np.float32))
    fan = np.cumsum(np.random.default_rng(1).normal(0, 0.003, 4 * RATE))
    fan = (fan - np.convolve(fan, np.full(400, 1 / 400), mode="same")).astype(np.float32)
    jaws = [jaw(lips.hear(fan[k : k + 160])) for k in range(0, len(fan), 160)]
    assert max(jaws) < 0.15 and np.mean(np.array(jaws) > 0.05) < 0.03


def test_blocks_of_any_length_and_rate_are_heard_alike() -> None:
    sound = np.concatenate([np.zeros(RATE // 2), buzz(FORMANTS["e"], 0.4)]).astype(np.float32)
    whole, parts = Lips(RATE), Lips(RATE)
    whole.hear(sound)
    for k in range(0, len(sound), 37):
        parts.hear(sound[k : k + 37])
    assert whole.mouth.vowels == pytest.approx(parts.mouth.vowels, abs=1e-6)
    finer = Lips(3 * RATE)
    finer.hear(np.interp(np.arange(3 * len(sound)) / 3, np.arange(len(sound)), sound).astype(np.float32))
    assert max(finer.mouth.vowels, key=finer.mouth.vowels.__getitem__) == "e"


def test_a_voice_is_kept_and_a_vowel_that_was_not_said_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveavatar.audio.own_vowels.user_folder", lambda kind: tmp_path)
    room = np.full((100, 32), 1e-12, np.float32)  # a gate that is shut
    said = {vowel: MelStream(RATE).hear(buzz(f, 1.0)) for vowel, f in FORMANTS.items()}
    voice = voice_of("me", "2026-12-01", room, said)
    save_voice(voice)
    kept = load_voice("me")
    assert kept is not None and np.allclose(kept.vowels["o"], voice.vowels["o"], atol=0.06)
    assert load_voice("nobody") is None
    with pytest.raises(ProfileError, match="not heard: U"):
        voice_of("me", "", room, said | {"u": room})
    (tmp_path / "voices" / "me.json").write_text('{"format": 1, "vowels": {}}')
    with pytest.raises(ProfileError, match="damaged"):
        load_voice("me")
