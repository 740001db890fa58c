"""A person's own way of moving, as it is run: by numbers that are made here."""

from pathlib import Path

import numpy as np
import pytest

from liveavatar.base.files import user_folder
from liveavatar.controls import INDEX
from liveavatar.errors import ProfileError
from liveavatar.retargeting.gestures import OVER
from liveavatar.retargeting.manner import (
    BLINK,
    CHANNELS,
    GIVEN,
    HEARD,
    HIDDEN,
    JUMP,
    LIMIT,
    Manner,
    Mover,
    load_manner,
    save_manner,
)
from liveavatar.retargeting.own_gestures import ROUND_S, OwnGestures, own_idle
from tests.retargeting.test_gestures import prosody, track


def manner(**other: np.ndarray) -> Manner:
    """One that moves at random, whom nobody is."""
    rng = np.random.default_rng(1)
    count = len(CHANNELS)
    arrays = {
        "gate_in": rng.normal(0, 0.5, (3 * HIDDEN, GIVEN)), "gate_hidden": rng.normal(0, 0.1, (3 * HIDDEN, HIDDEN)),
        "gate_in_bias": np.repeat([0.0, 2.0, 0.0], HIDDEN), "gate_hidden_bias": np.zeros(3 * HIDDEN),
        "out": rng.normal(0, 0.3, (count, HIDDEN)), "out_bias": np.zeros(count), "mean": np.zeros(count),
        "spread": np.full(count, 0.1), "low": np.full(count, -0.2), "high": np.full(count, 0.2),
        "blink": np.hanning(BLINK), "blink_rate": np.array([0.3, 0.5]), "blink_rest": np.array(0.5),
    }  # fmt: skip
    return Manner({name: np.asarray(value, np.float32) for name, value in (arrays | other).items()})


def spoken(seed: int = 1, pieces: int = 1, emotion: str = "") -> list:
    gestures = OwnGestures(manner(), emotion, seed)
    for piece in np.array_split(prosody(8.0), pieces):
        gestures.hear(piece)
    gestures.end()
    return [gestures.at(t) for t in np.arange(-0.2, 8.0 + OVER + 0.2, 1 / 60)]


def test_it_moves_within_bounds_without_jumps_and_comes_to_rest() -> None:
    moves = spoken()
    for name in ("headYaw", "headPitch", "headRoll", "browInnerUp"):
        values = track(moves, name)
        assert values.std() > 0.01
        assert np.abs(values).max() <= 0.2001
        assert np.abs(np.diff(values)).max() < 0.1
        assert abs(values[0]) < 1e-6 and abs(values[-1]) < 1e-6
    assert track(moves, "eyeBlinkLeft").max() > 0.8


def test_the_same_speech_and_seed_are_accompanied_the_same_way_however_they_come() -> None:
    whole, pieces, other = (track(m, "headPitch") for m in (spoken(), spoken(pieces=23), spoken(seed=2)))
    np.testing.assert_array_equal(whole, pieces)
    assert np.abs(whole - other).max() > 0.02


def test_speech_that_is_late_holds_the_head_where_it_is() -> None:
    gestures = OwnGestures(manner())
    assert track([gestures.at(3.0)], "headYaw")[0] == 0
    gestures.hear(prosody(2.0))
    late = track([gestures.at(t) for t in (2.5, 4.0)], "headYaw")
    assert late[0] == late[1]


def test_a_speaker_who_falls_silent_comes_to_rest() -> None:
    gestures = OwnGestures(manner())
    gestures.hear(prosody(8.0))
    gestures.end(3.0)
    assert abs(track([gestures.at(3.0 + OVER + 0.01)], "headYaw")[0]) < 1e-6


def test_idling_goes_round_without_a_jump() -> None:
    idle = own_idle(manner())
    times = np.arange(ROUND_S - 4, ROUND_S + 4, 1 / 30)
    yaw = np.array([idle(t)[INDEX["headYaw"]] for t in times])
    assert yaw.std() > 0.005 and np.abs(np.diff(yaw)).max() < 0.1
    np.testing.assert_allclose(idle(1.0 + ROUND_S)[INDEX["headYaw"]], idle(1.0)[INDEX["headYaw"]], atol=1e-6)
    assert all(0 <= idle(t)[INDEX["mouthSmileLeft"]] <= 1 for t in times)


def test_an_avatar_that_speaks_does_not_idle_besides() -> None:
    idle = own_idle(manner(), lambda time: float(time > 5))
    yaw, lids = (
        np.array([idle(t)[INDEX[name]] for t in np.arange(0, 30, 1 / 30)])
        for name in ("headYaw", "eyeBlinkLeft")
    )
    assert yaw[:150].std() > 0.005 and not yaw[151:].any()
    assert lids[151:].max() > 0.5


def test_eyes_rest_and_jump() -> None:
    mover = Mover(manner(), seed=3)
    eyes = np.array([mover.step(np.zeros(HEARD))[6:8] for _ in range(900)])
    steps = np.linalg.norm(np.diff(eyes, axis=0), axis=1)
    assert np.median(steps) < 0.01
    assert np.count_nonzero(steps > JUMP / 2) > 10


def test_no_file_turns_a_head_beyond_what_is_decent() -> None:
    wild = manner(
        low=np.full(len(CHANNELS), -9.0),
        high=np.full(len(CHANNELS), 9.0),
        spread=np.full(len(CHANNELS), 50.0),
    )
    gestures = OwnGestures(wild)
    gestures.hear(prosody(4.0))
    assert np.abs(track([gestures.at(t) for t in np.arange(1, 4, 0.1)], "headYaw")).max() <= LIMIT + 1e-6


def test_it_is_kept_for_a_profile_and_a_damaged_one_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("XDG_CONFIG_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert load_manner("mei") is None
    path = save_manner("mei", manner())
    kept = load_manner("mei")
    assert kept is not None and path.stat().st_size < 200_000
    np.testing.assert_array_equal(kept.arrays["gate_in"], manner().arrays["gate_in"])
    for content in (b"", b"PK\x03\x04nothing", path.read_bytes()[:3000]):
        path.write_bytes(content)
        with pytest.raises(ProfileError, match="learn-gestures"):
            load_manner("mei")
    path.write_bytes(manner(out=np.full((len(CHANNELS), HIDDEN), np.nan)).to_bytes())
    with pytest.raises(ProfileError, match="damaged"):
        load_manner("mei")
    assert user_folder("config") in path.parents
