"""Idle behaviour and springs: alive, bounded, repeatable, steady at any frame rate."""

import numpy as np
import pytest

from liveavatar.controls import CONTROLS, INDEX, RANGES, vector
from liveavatar.retargeting.idle import blinking, breathing, idle
from liveavatar.retargeting.mirror import mirrored
from liveavatar.retargeting.springs import Follower, Secondary
from liveavatar.types import Expression

TIMES = np.arange(0, 120, 1 / 30)


def course(name: str, seed: int = 0) -> np.ndarray:
    return np.array([idle(t, seed)[INDEX[name]] for t in TIMES])


def test_the_same_moment_is_the_same_and_another_seed_is_not() -> None:
    assert np.array_equal(idle(17.3, 4), idle(17.3, 4))
    assert not np.array_equal(idle(17.3, 4), idle(17.3, 5))


def test_everything_stays_in_range() -> None:
    low, high = np.array([RANGES[name] for name in CONTROLS]).T
    values = np.array([idle(t) for t in TIMES])
    assert (values >= low).all()
    assert (values <= high).all()


def test_it_blinks_like_a_person() -> None:
    blink = course("eyeBlinkLeft")
    assert np.array_equal(blink, course("eyeBlinkRight"))
    starts = TIMES[1:][np.diff((blink > 0.5).astype(int)) == 1]
    assert 20 <= len(starts) <= 50  # two minutes
    assert np.diff(starts).min() > 0.25
    assert np.diff(starts).max() < 7
    assert np.diff(starts).std() > 0.5  # no metronome
    assert blink.max() == 1.0
    fine = np.array([blinking(t) for t in np.arange(0, 20, 0.002)])
    assert np.abs(np.diff(fine)).max() < 0.06  # 1.5 / CLOSING per second: no jump


def test_it_breathes_and_drifts_slowly() -> None:
    breath = np.array([breathing(t) for t in TIMES])
    assert breath.min() < 0.01
    assert breath.max() > 0.99
    for name in ("headYaw", "headPitch", "headRoll"):
        drift = course(name)
        assert 0.005 < drift.std() < 0.05
        assert np.abs(np.diff(drift)).max() * 30 < 0.08  # radians a second


def test_it_never_freezes() -> None:
    values = np.array([idle(t) for t in TIMES])
    assert (np.abs(np.diff(values, axis=0)).max(axis=1) > 0).all()


def swing(fps: float, drop: bool = False) -> np.ndarray:
    """Lag of a point that follows a target, sampled at tenths of a second: straight moves between them."""
    knots = np.arange(0, 3.01, 0.1)
    places = np.sin(3 * knots)
    follower, out = Follower([8.0]), []
    for i, t in enumerate(np.arange(0, 3.0001, 1 / fps)):
        if drop and i % 7 in (2, 3, 5):
            continue
        lag = follower.step(np.array([np.interp(t, knots, places)]), float(t))[0]
        if abs(t * 10 - round(t * 10)) < 1e-6:
            out.append(lag)
    return np.array(out)


def test_springs_do_not_depend_on_the_frame_rate() -> None:
    assert np.allclose(swing(30), swing(120), atol=1e-9)
    assert np.abs(swing(30)).max() > 0.1


def test_springs_return_to_rest_without_ringing() -> None:
    follower = Follower([8.0])
    follower.step(np.array([0.0]), 0.0)
    follower.step(np.array([1.0]), 0.033)
    lags = [follower.step(np.array([1.0]), 0.033 + i / 30)[0] for i in range(1, 60)]
    assert lags[0] < -0.3  # it stays behind
    signs = np.sign([lag for lag in lags if abs(lag) > 1e-6])
    assert np.count_nonzero(np.diff(signs)) <= 1  # it swings through once, then settles
    assert abs(lags[-1]) < 1e-3


@pytest.mark.parametrize("gap", [0.2, 0.49, 0.6, 5.0, 1000.0])
def test_springs_survive_dropped_frames(gap: float) -> None:
    follower = Follower([20.0])
    time = 0.0
    for i in range(50):
        time += gap if i % 5 == 0 else 1 / 30
        assert abs(follower.step(np.array([(-1.0) ** i]), time)[0]) < 10


def test_the_springs_of_a_mirror_image_are_the_mirror_image_of_the_springs() -> None:
    """So that it does not matter which comes first: springs move at the output's rate, after the rest."""
    plain, flipped = Secondary(), Secondary()
    for k in range(60):
        turn = 0.3 * np.sin(k / 6)
        controls = vector(
            headYaw=turn, headRoll=0.5 * turn, headPitch=0.1 * np.cos(k / 9), browDownLeft=0.4, sway=0.1
        )
        expression = Expression(controls, k / 60, 0.05 * turn, 0.02)
        np.testing.assert_allclose(
            mirrored(plain.follow(expression)).controls,
            flipped.follow(mirrored(expression)).controls,
            atol=1e-6,
        )
