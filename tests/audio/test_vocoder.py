"""A voice by source, filter and generator: streamed as in one piece, in time, at the pitch that was asked for."""

import numpy as np
import pytest

from liveavatar.app.revoice import open_changer, revoiced
from liveavatar.audio.clips import Clip
from liveavatar.audio.features import HOP, RATE, Features, FeatureStream
from liveavatar.audio.pitch import GRAPH, PitchStream
from liveavatar.audio.sliders import Sliders
from liveavatar.audio.vocoder import KNEE, Vocoder, VoiceChanger, limited
from liveavatar.audio.voices import PRESETS
from liveavatar.base.files import asset
from liveavatar.renderers.sessions import open_session


def vowels(pitch: float = 140.0, seconds: float = 2.0, rate: int = RATE) -> np.ndarray:
    """(n,): a voice that says a vowel, another, and pauses between, over a little noise."""
    t = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * pitch * (t + 0.005 * np.sin(2 * np.pi * 3 * t))
    sound = np.zeros(len(t))
    for k in range(1, int(4000 / pitch)):
        near = np.exp(-(((k * pitch - np.where(t % 1 < 0.5, 700, 400)) / 300) ** 2)) + 0.1 / k
        sound += near * np.sin(k * phase)
    sound *= np.minimum(1, 20 * (t % 0.5 < 0.35) * np.minimum(t % 0.5, 0.35 - t % 0.5))
    sound += np.random.default_rng(1).normal(0, 1e-3, len(t))
    return (0.1 * sound / sound.std()).astype(np.float32)


@pytest.mark.parametrize("rate", [RATE, 2 * RATE])
def test_blocks_say_what_the_whole_says(rate: int) -> None:
    sound, hop = vowels(rate=rate), rate // 100
    sliders = Sliders(pitch=3, body=-0.3, brightness=0.2, breath=0.2, robot=0.5, growl=0.3)
    whole = open_changer(rate, sliders).process(sound)
    blocks = open_changer(rate, sliders)
    said = np.concatenate([blocks.process(sound[at : at + hop]) for at in range(0, len(sound), hop)])
    assert said.std() > 0.02
    np.testing.assert_array_equal(said, whole)


def test_frame_by_frame_the_generator_says_what_it_says_of_all() -> None:
    features = FeatureStream(open_session(asset(GRAPH), "cpu", 1)[0]).hear(vowels())
    assert features is not None
    generator = open_session(asset("voice.onnx"), "cpu", 1)[0]
    whole, stream = Vocoder(generator).say(features), Vocoder(generator)
    said = [stream.say(Features(*(part[k : k + 1] for part in features))) for k in range(len(features.pitch))]
    np.testing.assert_allclose(np.concatenate(said), whole, atol=1e-4)


@pytest.mark.parametrize("rate", [RATE, 2 * RATE])
def test_it_is_as_late_as_it_says_and_not_more_than_32_ms_with_its_block(rate: int) -> None:
    sound, changer = vowels(rate=rate), open_changer(rate)
    loud, said = (np.convolve(s**2, np.ones(rate // 40), "same") for s in (sound, changer.process(sound)))
    loud, said = loud - loud.mean(), said - said.mean()
    late = max(range(rate // 20), key=lambda k: float(loud[: len(loud) - k] @ said[k:]))
    assert abs(late / rate - changer.delay) < 0.003
    assert changer.delay + HOP / RATE <= 0.032


@pytest.mark.parametrize("semitones", [-7.0, 0.0, 9.0])
def test_the_pitch_that_was_asked_for_is_heard(semitones: float) -> None:
    said = revoiced(Clip(vowels(), RATE), Sliders(pitch=semitones))
    heard = PitchStream(RATE, open_session(asset(GRAPH), "cpu", 1)[0]).hear(said.samples)
    asked = 140 * 2 ** (semitones / 12)
    assert abs(np.median(heard.pitch[heard.voiced > 0.7]) / asked - 1) < 0.03
    assert len(said.samples) == len(vowels())


@pytest.mark.parametrize("name", PRESETS)
def test_designed_voices_are_as_loud_as_their_speaker_and_never_clip(name: str) -> None:
    sound = vowels()
    said = revoiced(Clip(sound, RATE), PRESETS[name]).samples
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    heard = hertz**2 / ((hertz**2 + 108.0**2) * (hertz**2 + 738.0**2)) ** 0.5  # about A-weighted
    own, others = (np.square(np.abs(np.fft.rfft(s)) * heard).sum() for s in (sound, said))
    assert abs(10 * np.log10(others / own)) < 1.5
    assert np.abs(said).max() < 1
    assert np.abs(np.diff(said)).max() < 4 * np.abs(np.diff(sound)).max(), "a click"


def test_a_whisper_has_no_harmonics_and_a_robot_one_pitch() -> None:
    def strongest(sound: np.ndarray) -> float:
        """Of the autocorrelation of what was voiced, at the pitches of people."""
        said = sound[RATE + RATE // 8 : RATE + RATE // 5]
        found = np.correlate(said, said, "full")[len(said) - 1 :]
        return float(found[RATE // 200 : RATE // 100].max() / found[0])

    sound = Clip(vowels(), RATE)
    assert strongest(sound.samples) > 0.6
    assert strongest(revoiced(sound, PRESETS["whisper"]).samples) < 0.45
    glide = np.concatenate([vowels(120), vowels(160)])
    robot = revoiced(Clip(glide, RATE), PRESETS["robot"])
    heard = PitchStream(RATE, open_session(asset(GRAPH), "cpu", 1)[0]).hear(robot.samples)
    pitch = np.log2(heard.pitch[heard.voiced > 0.7])
    assert pitch.std() * 12 < 1.5, "semitones; 2.8 as it was said"


def test_loud_voices_are_bent_not_clipped() -> None:
    loud = np.linspace(-3, 3, 1001, dtype=np.float32)
    said = limited(loud)
    assert np.abs(said).max() <= 1 and (np.diff(said) >= 0).all()
    quiet = np.abs(loud) <= KNEE
    np.testing.assert_array_equal(said[quiet], loud[quiet])


def test_silence_stays_silent_and_what_is_no_number_is_silence() -> None:
    changer = open_changer(2 * RATE)
    assert np.abs(changer.process(np.zeros(9600, np.float32))).max() < 1e-3
    assert np.abs(changer.process(np.full(9600, np.nan, np.float32))).max() < 1e-3
    assert np.isfinite(changer.process(vowels(rate=2 * RATE))).all()


def test_what_does_not_fit_is_named() -> None:
    changer = open_changer(RATE)
    with pytest.raises(ValueError, match="100"):
        changer.process(np.zeros(100, np.float32))
    with pytest.raises(ValueError, match="44100"):
        VoiceChanger(44100, None, None)
    with pytest.raises(ValueError, match="breath"):
        Sliders(breath=-0.1)
