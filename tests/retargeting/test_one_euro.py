"""The one-euro filter: calm at rest, quick in motion, the same at any frame rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveavatar.retargeting.one_euro import OneEuro


def make(cutoff: float = 2.0, beta: float = 4.0, dead: float = 0.02) -> OneEuro:
    return OneEuro(np.array([cutoff]), np.array([beta]), np.array([dead]))


def run(filter_: OneEuro, values: np.ndarray, fps: float = 30.0) -> np.ndarray:
    return np.array([filter_(np.array([v]), i / fps)[0] for i, v in enumerate(values)])


def test_the_first_value_passes() -> None:
    assert make()(np.array([0.7]), 12.0)[0] == 0.7


def test_noise_at_rest_is_calmed() -> None:
    noise = 0.5 + np.random.default_rng(1).normal(0, 0.01, 300)
    out = run(make(), noise)[60:]
    assert out.std() < 0.2 * noise.std()
    assert out.mean() == pytest.approx(0.5, abs=0.005)


def test_a_jump_arrives_within_three_frames() -> None:
    out = run(make(), np.r_[np.zeros(30), np.ones(30)])
    assert out[32] > 0.85
    assert out[-1] == pytest.approx(1.0, abs=0.02)
    assert out.max() <= 1.0 + 1e-9


def test_a_small_step_is_not_swallowed() -> None:
    out = run(make(), np.r_[np.zeros(30), np.full(90, 0.05)])
    assert out[-1] > 0.035


def test_frame_rate_changes_little() -> None:
    def ramp(fps: float) -> float:
        t = np.arange(0, 1.0, 1 / fps)
        return float(run(make(dead=0.0), np.clip(3 * t, 0, 1), fps)[int(0.4 * fps)])

    assert ramp(60) == pytest.approx(ramp(30), abs=0.08)


def test_a_long_gap_starts_afresh_and_equal_times_change_nothing() -> None:
    filter_ = make()
    run(filter_, np.zeros(10))
    assert filter_(np.array([1.0]), 60.0)[0] == 1.0
    assert filter_(np.array([0.0]), 60.0)[0] == 1.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(1e-4, 0.5)), min_size=2, max_size=40),
)
def test_the_output_stays_within_the_input(samples: list[tuple[float, float]]) -> None:
    filter_, time, low, high = make(), 0.0, 1.0, 0.0
    for value, dt in samples:
        time += dt
        low, high = min(low, value), max(high, value)
        out = filter_(np.array([value]), time)[0]
        assert low - 1e-9 <= out <= high + 1e-9
