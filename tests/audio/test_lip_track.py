"""The lips of a sound that is known before it is heard."""

import numpy as np
import pytest

from liveavatar.audio.lip_track import HOP_S, LipTrack, read_visemes
from liveavatar.audio.mouth import HELD
from liveavatar.errors import SoundError
from tests.helpers.spoken import RATE, SECONDS, WORDS, spoken


def shown(track: LipTrack, name: str, seconds: float = SECONDS) -> np.ndarray:
    """A control, its weight counted, a hundred times a second."""
    poses = [track.at(time) for time in np.arange(0, seconds, HOP_S)]
    return np.array([np.prod(pose.get(name, (0.0, 0.0))) for pose in poses])


def test_the_mouth_opens_with_the_words_and_a_little_before_them() -> None:
    track = LipTrack(RATE)
    for piece in np.array_split(spoken(), 41):
        track.hear(piece)
    jaw = shown(track, "jawOpen")
    loud = np.zeros(len(jaw), bool)
    for start, end in WORDS:
        loud[round(100 * start) : round(100 * end)] = True
    ahead = max(range(-15, 16), key=lambda k: np.corrcoef(np.roll(loud, -k)[20:-20], jaw[20:-20])[0, 1])
    assert 0 <= ahead <= 6, "hundredths of a second"
    assert jaw[loud].mean() > 0.25
    assert jaw[180:210].max() < 0.1, "shut in the pause"
    assert not track.at(SECONDS + 0.5), "and nobody's after the end"


def test_a_timeline_of_visemes_shapes_the_lips() -> None:
    told = [
        {"time": 0.1, "viseme": "aa"}, {"time": 0.5, "viseme": "PP"}, {"time": 0.7, "viseme": "u"},
        {"time": 1.0, "viseme": "sil"},
    ]  # fmt: skip
    track = LipTrack(RATE, read_visemes(told))
    track.hear(np.zeros(2 * RATE, np.float32))
    jaw, pucker = shown(track, "jawOpen", 1.5), shown(track, "mouthPucker", 1.5)
    assert jaw[40] > 0.6 and jaw[65] < 0.05, "lips meet between"
    assert pucker[90] > 0.6 and pucker[40] < 0.02
    assert jaw[145] < 0.02 and pucker[145] < 0.02
    assert np.abs(np.diff(jaw)).max() < 0.2, "lips take their time"
    assert set(track.at(0.4)) == set(HELD)


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        [1],
        [{"time": "0", "viseme": "aa"}],
        [{"time": -1, "viseme": "aa"}],
        [{"viseme": "aa"}],
        [{"time": 1}],
    ],
)
def test_what_is_no_timeline_is_refused(told: object) -> None:
    with pytest.raises(SoundError, match="visemes are a list"):
        read_visemes(told)
