"""Sound on its way to the ear, and what is read of files."""

import numpy as np
import pytest

from liveavatar.audio.clips import Resampler, read_clip, samples_of
from liveavatar.audio.loudspeaker import SILENT_RATE, Nowhere
from liveavatar.audio.prosody import Prosody
from liveavatar.audio.track import Track
from liveavatar.errors import SoundError
from tests.helpers.spoken import RATE, SECONDS, pcm_of, spoken, wav_of


def played(track: Track, start: float, seconds: float, block: float = 0.02) -> np.ndarray:
    """What a loudspeaker takes in blocks; the first sample is heard at `start`."""
    out = np.empty((round(seconds / block), round(block * track.rate)), np.float32)
    for i, one in enumerate(out):
        track.fill(one, start + i * block)
    return out.ravel()


def test_what_is_heard_is_known_to_the_sample() -> None:
    track = Track(RATE)
    sound = np.arange(RATE, dtype=np.float32) / RATE
    track.add(sound)
    track.end()
    assert np.array_equal(played(track, 10.0, 1.2)[:RATE], sound)
    assert track.heard(9.99) is None
    assert track.heard(10.5) == pytest.approx(0.5, abs=1e-6)
    assert not track.over(10.999)
    assert track.over(11.0)
    assert track.heard(11.25) == pytest.approx(1.25), "and how long ago it ended"


def test_a_gap_in_what_comes_holds_the_sound_up() -> None:
    track = Track(RATE)
    track.add(np.ones(RATE // 2, np.float32))
    heard = played(track, 0.0, 0.8)
    assert heard[: RATE // 2].all() and not heard[RATE // 2 :].any()
    assert track.heard(0.75) == pytest.approx(0.5)
    assert not track.over(5.0), "more may come"
    track.add(np.ones(RATE // 2, np.float32))
    track.end()
    played(track, 0.8, 0.6)
    assert track.heard(1.0) == pytest.approx(0.7)


def test_a_driver_whose_clock_wavers_makes_no_jitter() -> None:
    track, chance = Track(RATE), np.random.default_rng(0)
    track.add(np.ones(2 * RATE, np.float32))
    out = np.empty(RATE // 100, np.float32)
    for i in range(100):
        track.fill(out, i / 100 + chance.normal(0, 0.004))
    heard = np.array([track.heard(t) or 0.0 for t in np.arange(0.5, 0.9, 0.01)])
    assert np.abs(np.diff(heard) - 0.01).max() < 0.002


def test_what_is_stopped_fades() -> None:
    track = Track(RATE)
    track.add(np.ones(RATE, np.float32))
    played(track, 0.0, 0.1)
    track.stop()
    rest = played(track, 0.1, 0.1)
    assert 0.5 < rest[: RATE // 100].mean() < 1
    assert not rest[RATE // 20 :].any()
    assert track.over(0.2)


def test_nowhere_takes_sound_at_the_pace_of_the_clock() -> None:
    nowhere, track = Nowhere(), Track(SILENT_RATE)
    track.add(np.ones(SILENT_RATE, np.float32))
    nowhere.play(track)
    for time in (5.0, 5.01, 5.3):
        nowhere.step(time)
    assert track.heard(5.3) == pytest.approx(0.3, abs=0.001)


def test_files_are_read_and_what_is_none_is_refused() -> None:
    clip = read_clip(wav_of(spoken()))
    assert clip.rate == RATE
    assert clip.seconds == pytest.approx(SECONDS, abs=0.001)
    assert np.abs(clip.samples - spoken()).max() < 1e-3
    whole = wav_of(spoken())
    assert read_clip(whole[: len(whole) // 2]).seconds == pytest.approx(SECONDS / 2, abs=0.1), "cut off"
    for data, what in (
        (b"", "no sound file"),
        (b"#EXTM3U\n/etc/passwd\n", "no sound file"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "damaged"),
        (wav_of(np.zeros(0, np.float32)), "no sound"),
        (wav_of(spoken()[:2000], 1000), "rate"),
    ):
        with pytest.raises(SoundError, match=what):
            read_clip(data)


def test_pcm_and_other_rates() -> None:
    assert np.abs(samples_of(pcm_of(spoken()) + b"\0") - spoken()).max() < 1e-3
    way = Resampler(RATE, 16_000)
    heard = np.concatenate([*(way.take(piece) for piece in np.array_split(spoken(), 37)), way.end()])
    assert len(heard) == pytest.approx(SECONDS * 16_000, abs=2)
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.1)


def test_pitch_and_loudness() -> None:
    prosody = Prosody(RATE)
    frames = np.concatenate([prosody.hear(piece) for piece in np.array_split(spoken(), 50)])
    assert len(frames) == round(SECONDS * 100)
    speaking, pause = frames[240:285], frames[175:215]
    assert (100 * 2 ** speaking[:, 1] == pytest.approx(120, rel=0.2)) and not np.isnan(speaking[:, 1]).any()
    assert speaking[:, 0].min() > pause[:, 0].max() + 30
    assert np.isnan(pause[:, 1]).all()
