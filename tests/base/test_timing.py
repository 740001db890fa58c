import math
import random
import time

import pytest

from liveavatar.base.timing import Ages, Pacer, PhaseLock, Rate, now, percentile


def test_percentiles_are_nearest_rank() -> None:
    values = list(range(1, 101))
    assert [percentile(values, p) for p in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([3.0], 1) == 3.0
    assert math.isnan(percentile([], 50))


def test_the_pacer_does_not_drift() -> None:
    pacer = Pacer(200)
    start = pacer.wait()
    for _ in range(40):
        time.sleep(0.001)  # work must not add to the period
        due = pacer.wait()
        assert now() >= due
    assert due - start == pytest.approx((40 + pacer.missed) / 200, abs=1e-9)


def test_missed_deadlines_are_skipped_not_caught_up() -> None:
    pacer = Pacer(100)
    pacer.wait()
    time.sleep(0.055)
    first = pacer.wait()
    assert pacer.missed >= 4
    missed = pacer.missed
    second = pacer.wait()
    # No burst: the next deadline is a whole period later (or more, on a busy machine).
    assert second - first == pytest.approx(0.01 * (1 + pacer.missed - missed), abs=1e-9)


def test_the_pacer_can_be_shifted() -> None:
    pacer = Pacer(100)
    first = pacer.wait()
    pacer.shift(0.004)
    assert pacer.wait() - first == pytest.approx(0.014 + 0.01 * pacer.missed, abs=1e-9)


def test_a_rate_must_be_positive() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Pacer(0)


def test_ages_in_milliseconds() -> None:
    ages = Ages()
    for i in range(1, 101):
        ages.add(i / 1000)
    assert ages.summary() == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
    assert ages.ms(50, last=10) == pytest.approx(95)
    assert ages.count == 100


def test_rate_over_the_last_two_seconds() -> None:
    rate = Rate()
    assert rate.fps == 0.0
    for i in range(100):
        rate.add(i / 10)
    assert rate.fps == pytest.approx(10)
    for i in range(100):
        rate.add(10 + i / 50)
    assert rate.fps == pytest.approx(50, rel=0.05)


def simulate(source_fps: float, locked: bool, jitter: float = 0.001) -> tuple[float, float]:
    """Mean wait (ms) of pictures at a 30 fps sender, and the share of periods without a new one."""
    generator, period = random.Random(0), 1 / 30
    lock = PhaseLock(period)
    arrivals = (0.02 + i / source_fps + generator.expovariate(1 / jitter) for i in range(10_000))
    arrival, due, waits, missed = next(arrivals), 0.0, [], 0
    for _ in range(900):
        due += period
        newest = None
        while arrival <= due:
            newest, arrival = arrival, next(arrivals)
        if newest is None:
            missed += 1
            shift = lock.missed()
        else:
            waits.append(due - newest)
            shift = lock.ready(due - newest)
        due += shift if locked else 0.0
    return 1000 * sum(waits) / len(waits), missed / 900


@pytest.mark.parametrize("fps", [30.0, 29.97, 30.03])
def test_the_phase_lock_takes_the_wait_away(fps: float) -> None:
    free, _ = simulate(fps, locked=False)
    wait, missed = simulate(fps, locked=True)
    assert wait < 8 < free
    assert missed < 0.01


@pytest.mark.parametrize("fps", [15.0, 24.0])
def test_the_phase_lock_lets_slower_sources_be(fps: float) -> None:
    assert simulate(fps, locked=True)[1] == pytest.approx(simulate(fps, locked=False)[1], abs=0.02)
