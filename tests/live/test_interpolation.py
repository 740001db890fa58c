"""Interpolation between tracked expressions, all with times of the test's own."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from liveavatar.controls import INDEX, vector
from liveavatar.live.interpolation import Interpolation, between
from liveavatar.types import Expression

CAMERA, OUTPUT = 1 / 30, 1 / 60
YAW = INDEX["headYaw"]


def turn(time: float) -> Expression:
    """A head that turns at a steady 1 radian a second."""
    return Expression(vector(headYaw=time), time, x=time / 10, scale=1 + time / 10)


def arrivals(
    seconds: float, period: float = CAMERA, track: tuple[float, float] = (0.015, 0.015), stamp: float = 0.0
) -> list[tuple[float, Expression]]:
    """(when it is there, expression): capture times late by up to `stamp`, tracking from .. to seconds."""
    dice = np.random.default_rng(0)
    result = []
    for k in range(round(seconds / period)):
        ready = (k + 0.0) * period + stamp + dice.uniform(*track)
        seen = turn(k * period)
        result.append((ready, Expression(seen.controls, k * period + stamp * dice.random(), seen.x)))
    return result


def play(
    events: list[tuple[float, Expression]], phase: float = 0.001, period: float = OUTPUT
) -> Iterator[tuple[float, Expression]]:
    """(time of the picture, what it shows), one for each period."""
    interpolation, rest = Interpolation(), list(events)
    time = events[0][0] + phase
    while rest:
        while rest and rest[0][0] <= time:
            interpolation.add(rest.pop(0)[1])
        shown = interpolation.at(time)
        assert shown is not None
        yield time, shown
        time += period


def settled(shown: Iterator[tuple[float, Expression]]) -> tuple[np.ndarray, np.ndarray]:
    """Angles, and seconds from the captures they show to the pictures, after the first second."""
    rows = list(shown)[60:]
    return np.array([e.controls[YAW] for _, e in rows]), np.array([time - e.time for time, e in rows])


def uneven(angles: np.ndarray) -> float:
    """RMS of the differences between steps, in steps; of repeated frames 2."""
    return float(np.sqrt(np.mean(np.diff(angles, 2) ** 2))) / OUTPUT


def test_an_expression_lies_between_with_all_that_it_holds() -> None:
    first = Expression(vector(headYaw=0.1), 1.0, 0.0, 0.2, 1.0, True, np.zeros((478, 3), np.float32))
    second = Expression(vector(headYaw=0.3), 2.0, 0.4, 0.0, 2.0, False, np.ones((478, 3), np.float32))
    middle = between(first, second, 0.25)
    assert middle.controls.dtype == np.float32 and middle.controls[YAW] == pytest.approx(0.15)
    assert (middle.time, middle.x, middle.y, middle.scale) == pytest.approx((1.25, 0.1, 0.15, 1.25))
    assert middle.motion is not None and middle.motion.mean() == pytest.approx(0.25)
    assert between(first, second, 0.0) is first and between(first, second, 1.0) is second


def test_the_delay_is_a_camera_period_less_an_output_period() -> None:
    """Every second picture shows a tracked expression as soon as it would be shown without interpolation, and a period later."""
    angles, ages = settled(play(arrivals(4)))
    np.testing.assert_allclose(np.diff(angles), OUTPUT, rtol=1e-3)
    np.testing.assert_allclose(ages, 0.015 + 0.001 + CAMERA - OUTPUT, atol=5e-4)


def test_at_the_cameras_own_rate_there_is_no_delay() -> None:
    angles, ages = settled(play(arrivals(4), period=CAMERA))
    np.testing.assert_allclose(ages, 0.016, atol=5e-4)
    np.testing.assert_allclose(np.diff(angles), CAMERA, rtol=1e-3)


def test_its_time_is_that_of_what_it_shows_never_newer() -> None:
    for time, shown in play(arrivals(3, stamp=0.004, track=(0.01, 0.025))):
        assert shown.time <= time
        assert shown.controls[YAW] <= shown.time + 1e-6  # a stamp is late, so what it stamps is older


@pytest.mark.parametrize("camera", [1 / 30, 1 / 25, 1 / 15, 1 / 24.7])
def test_any_cameras_motion_is_even(camera: float) -> None:
    angles, _ = settled(play(arrivals(6, period=camera)))
    assert uneven(angles) < 0.1


def test_tracking_that_takes_now_longer_now_shorter_keeps_it_nearly_even() -> None:
    angles, ages = settled(play(arrivals(20, track=(0.010, 0.025))))
    assert uneven(angles) < 0.2
    assert np.percentile(ages, 95) < 0.062


def test_capture_times_that_are_stamped_late_keep_it_even() -> None:
    angles, _ = settled(play(arrivals(20, stamp=0.010)))
    assert uneven(angles) < 0.12


def test_it_waits_for_a_late_one_and_then_catches_up_without_a_leap() -> None:
    events = arrivals(6)
    late, expression = events[120]
    events[120] = (late + 0.030, expression)
    events[121] = (max(events[121][0], late + 0.030), events[121][1])
    angles, ages = settled(play(events))
    steps = np.diff(angles)
    assert steps.min() >= -1e-6  # never backwards
    assert steps.max() < 1.3 * OUTPUT
    assert ages[-1] == pytest.approx(ages[30], abs=0.003)  # what was waited for is made good


def test_dropped_pictures_are_bridged() -> None:
    events = [event for k, event in enumerate(arrivals(6)) if k not in (100, 130, 131)]
    angles, _ = settled(play(events))
    assert np.diff(angles).min() >= -1e-6 and np.diff(angles).max() < 1.3 * OUTPUT


def test_one_hiccup_does_not_make_all_that_follows_late() -> None:
    events = arrivals(6)
    events = [(max(ready, 3.2) if 3.0 <= ready < 3.2 else ready, e) for ready, e in events]
    _, ages = settled(play(events))
    assert ages[60 * 3 :].max() < 0.035 + 0.02


def test_after_a_reset_and_after_a_clock_that_began_again_nothing_old_is_shown() -> None:
    interpolation = Interpolation()
    for k in range(10):
        interpolation.add(turn(k * CAMERA))
        interpolation.at(k * CAMERA + 0.02)
    interpolation.reset()
    assert interpolation.at(0.4) is None and interpolation.done
    interpolation.add(turn(5.0))
    shown = interpolation.at(5.02)
    assert shown is not None and shown.time == 5.0
    interpolation.add(turn(0.2))
    shown = interpolation.at(5.04)
    assert shown is not None and shown.time == 0.2 and math.isfinite(shown.controls[YAW])


def test_it_is_done_when_the_newest_is_shown() -> None:
    interpolation = Interpolation()
    time = 0.0
    for k in range(60):
        interpolation.add(turn(k * CAMERA))
        for _ in range(2):
            interpolation.at(time := time + OUTPUT)
    assert not interpolation.done
    shown = [interpolation.at(time := time + OUTPUT) for _ in range(6)]
    assert interpolation.done and shown[-1] is not None and shown[-1].time == 59 * CAMERA
