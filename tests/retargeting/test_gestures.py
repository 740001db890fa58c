"""What a speaker's head, brows and eyes do beside the words."""

import numpy as np
import pytest

from liveavatar.retargeting.gestures import OVER, Gestures, Moves

RATE = 100


def prosody(seconds: float, seed: int = 0) -> np.ndarray:
    """(n, 2): loudness and pitch of somebody who speaks in phrases of words, with pauses."""
    time = np.arange(round(seconds * RATE)) / RATE
    chance = np.random.default_rng(seed)
    stress = np.interp(
        time, np.arange(0, seconds + 1, 0.22), chance.uniform(0, 1, len(np.arange(0, seconds + 1, 0.22)))
    )
    speaking = (time % 3.1) < 2.4
    loudness = np.where(speaking, -32 + 14 * stress + 4 * np.sin(2 * np.pi * 4.5 * time), -70.0)
    return np.stack([loudness, np.where(speaking, 0.3 + 0.5 * stress, np.nan)], axis=1)


def shown(gestures: Gestures, seconds: float) -> list[Moves]:
    """Thirty pictures a second."""
    return [gestures.at(t) for t in np.arange(-0.2, seconds + OVER + 0.2, 1 / 30)]


def spoken(seconds: float = 12.0, emotion: str = "", seed: int = 1) -> list[Moves]:
    gestures = Gestures(emotion, seed)
    gestures.hear(prosody(seconds))
    gestures.end()
    return shown(gestures, seconds)


def track(moves: list[Moves], name: str) -> np.ndarray:
    return np.array([{**one.added, **one.held}.get(name, 0.0) for one in moves])


def test_the_head_moves_as_a_speakers_and_comes_to_rest() -> None:
    moves = spoken()
    for name, least in (("headPitch", 0.02), ("headYaw", 0.015), ("headRoll", 0.015)):
        angles = track(moves, name)
        assert angles.std() > least
        assert np.abs(angles).max() < 0.3, "nobody throws the head about"
        assert np.abs(np.diff(angles)).max() < 0.06, "no jump from picture to picture"
        assert abs(angles[0]) < 0.005 and abs(angles[-1]) < 0.005


def test_brows_rise_now_and_then_and_eyes_look_aside_and_back() -> None:
    moves = spoken(20.0)
    brows = track(moves, "browOuterUpLeft")
    assert 0.02 < (brows > 0.1).mean() < 0.5
    aside = np.maximum(track(moves, "eyeLookOutLeft"), track(moves, "eyeLookInLeft"))
    assert 0.02 < (aside > 0.2).mean() < 0.5
    end = round((20.2 - 0.3) * 30)
    assert aside[end : end + 20].max() < 0.1, "at the end they are back"


def test_blinks_come_with_the_pauses() -> None:
    moves = spoken(24.0)
    lids = track(moves, "eyeBlinkLeft")
    starts = np.flatnonzero((lids[1:] > 0.5) & (lids[:-1] <= 0.5)) / 30 - 0.2
    assert 5 <= len(starts) <= 16
    near_a_pause = [((s % 3.1) > 2.1) or ((s % 3.1) < 0.3) for s in starts]
    assert np.mean(near_a_pause) > 0.6


def test_nothing_keeps_a_beat() -> None:
    gestures = Gestures(seed=3)
    gestures.hear(prosody(40.0, seed=5))
    gestures.end()
    pitch = track(shown(gestures, 40.0), "headPitch")
    dips = np.flatnonzero((pitch[1:-1] < pitch[:-2]) & (pitch[1:-1] < pitch[2:]) & (pitch[1:-1] < -0.03))
    between = np.diff(dips) / 30
    assert len(between) > 10
    assert between.std() > 0.35 * between.mean()


def test_a_stream_is_accompanied_as_a_file_is_only_later() -> None:
    """What comes in pieces, while it is shown, moves without jumps too."""
    gestures, frames, angles = Gestures(seed=1), prosody(8.0), []
    for i in range(0, 240):
        gestures.hear(frames[max(0, i - 1) * 10 // 3 : i * 10 // 3])
        angles.append(gestures.at(i / 30 - 0.15).added.get("headPitch", 0.0))
    assert np.std(angles) > 0.015
    assert np.abs(np.diff(angles)).max() < 0.06


def test_who_is_interrupted_comes_to_rest() -> None:
    gestures = Gestures(seed=1)
    gestures.hear(prosody(12.0))
    before = [gestures.at(t) for t in np.arange(0, 4.0, 1 / 30)]
    gestures.end(4.0)
    after = [gestures.at(t) for t in np.arange(4.0, 4.0 + OVER + 0.2, 1 / 30)]
    pitch = track(before + after, "headPitch")
    assert np.abs(np.diff(pitch)).max() < 0.06
    assert abs(pitch[-1]) < 0.01


def test_the_same_again_with_the_same_seed_and_moods_differ() -> None:
    assert spoken() == spoken()
    assert spoken(seed=2) != spoken()
    assert track(spoken(emotion="sadness"), "headPitch").mean() < track(spoken(), "headPitch").mean() - 0.02
    with pytest.raises(ValueError):
        Gestures().hear(np.zeros((3, 5)))
