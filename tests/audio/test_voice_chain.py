"""From a microphone's blocks to a voice in hops."""

import numpy as np
import pytest

from liveavatar.audio.gate import HOLD_S, Gate
from liveavatar.audio.microphone import Block
from liveavatar.audio.suppressor import HOP, RATE, Suppressor, shares, window
from liveavatar.audio.voice_chain import Hop, VoiceChain
from liveavatar.audio.voices import Natural, Voice, check_voice
from liveavatar.errors import SoundError
from tests.app.test_hearing import RATE as LOW
from tests.app.test_hearing import buzz

VOWEL = (750, 1250, 2550, 3500)


def through(chain: VoiceChain, sound: np.ndarray, rate: int, block: int) -> list[Hop]:
    """What a chain makes of a sound that begins at 10 s."""
    hops = []
    for at in range(0, len(sound), block):
        piece = sound[at : at + block]
        hops += chain.hear(Block(piece.astype(np.float32), rate, 10 + (at + len(piece)) / rate))
    return hops


def joined(hops: list[Hop]) -> np.ndarray:
    return np.concatenate([hop.samples for hop in hops])


def test_a_suppressor_that_lets_all_pass_changes_nothing_but_the_time() -> None:
    assert shares().sum(axis=1) == pytest.approx(1)
    assert np.square(window()[:HOP]) + np.square(window()[HOP:]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("rate", "block"), [(48000, 480), (48000, 333), (44100, 441), (16000, 160), (96000, 4096)]
)
def test_a_sound_comes_out_when_it_says_it_was_spoken(rate: int, block: int) -> None:
    sound = np.zeros(3 * rate, np.float32)
    vowel = np.interp(np.arange(rate) / rate, np.arange(LOW) / LOW, buzz(VOWEL, 1.0))
    sound[rate // 2 : rate // 2 + rate] = vowel
    hops = through(VoiceChain(Natural(), Suppressor()), sound, rate, block)
    out = joined(hops)
    begun = int(np.argmax(np.abs(out) > 0.1))
    hop, rest = hops[begun // HOP], HOP - begun % HOP
    assert hop.time - rest / RATE == pytest.approx(10.5, abs=0.02)
    assert np.abs(out).max() > 0.15
    assert np.diff([hop.time for hop in hops]) == pytest.approx(0.01, abs=block / rate + 0.002)
    assert hops[10].quiet and not hop.quiet and hops[-1].quiet


def test_what_is_no_number_is_silence_and_counted() -> None:
    chain = VoiceChain(Natural(), Suppressor())
    sound = np.tile(np.float32([np.nan, np.inf, -np.inf, 9.0]), RATE // 8)
    assert np.isfinite(joined(through(chain, sound, RATE, 480))).all()
    assert chain.bad == 50
    again = np.interp(np.arange(RATE) / RATE, np.arange(LOW) / LOW, buzz(VOWEL, 1.0))
    assert np.abs(joined(through(chain, again, RATE, 480))).max() > 0.1, "and it recovers"


@pytest.mark.parametrize("wrong", ["raises", "nan", "short"])
def test_a_voice_that_fails_is_silence_never_the_microphone(wrong: str) -> None:
    class Broken(Voice):
        calls = 0

        def process(self, block: np.ndarray) -> np.ndarray:
            self.calls += 1
            if self.calls < 100:
                return block
            if wrong == "raises":
                raise RuntimeError("broken")
            return block * np.nan if wrong == "nan" else block[:5]

    chain = VoiceChain(Broken(), Suppressor())
    vowel = np.tile(np.interp(np.arange(RATE) / RATE, np.arange(LOW) / LOW, buzz(VOWEL, 1.0)), 2)
    out = joined(through(chain, vowel, RATE, 480))
    assert np.abs(out[: RATE // 2]).max() > 0.1 and not out[99 * HOP :].any() and chain.failure


def test_a_gate_holds_between_words_and_cuts_no_end() -> None:
    gate, random = Gate(), np.random.default_rng(0)

    def passes(level: float, seconds: float) -> np.ndarray:
        """What share passes of noise of so many dB."""
        blocks = [random.normal(0, 10 ** (level / 20), HOP) for _ in range(round(seconds * 100))]
        return np.concatenate([gate.process(block) / block for block in blocks])

    passes(-60, 3)
    assert gate.shut, "a room is no voice"
    opening = passes(-30, 0.5)
    assert opening[HOP // 2] > 0.9, "within 5 ms"
    assert passes(-60, HOLD_S - 0.02).min() == pytest.approx(1), "a pause between words"
    closing = passes(-60, 0.4)
    assert closing[-1] == 0 and np.abs(np.diff(closing)).max() < 0.001, "no step"


def test_who_names_no_voice_learns_which_there_are() -> None:
    assert check_voice(" Natural ") == "natural" and check_voice("off") == "off"
    with pytest.raises(SoundError, match="There are: off, natural, lighter"):
        check_voice("darth")
