"""Positions out of the time stamps that real files carry."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liveavatar.cameras.timeline import Timeline

P = 0.04
EVEN = [P * i for i in range(6)]
COURSES: dict[str, tuple[list[float | None], list[float], int]] = {
    "as it should be": (EVEN, EVEN, 0),
    "they start late": ([7 + t for t in EVEN], EVEN, 0),
    "they start before 0": ([t - 0.08 for t in EVEN], EVEN, 0),
    "none at all": ([None] * 6, EVEN, 0),
    "some are missing": ([0, None, 0.08, None, 0.16, 0.2], EVEN, 0),
    "they start again": ([*EVEN, *EVEN], [P * i for i in (*range(6), 5.5, *range(7, 12))], 1),
    "they start again, after hours": ([9000 + EVEN[0], 9000 + EVEN[1], *EVEN[:4]], EVEN, 1),
    "they jump ahead": ([0, P, 2 * P, 600, 600 + P, 600 + 2 * P], EVEN, 1),
    "one jumps ahead": ([0, P, 600, 3 * P, 4 * P, 5 * P], EVEN, 2),
    "each twice": ([0, 0, P, P, 2 * P, 2 * P], [i * P / 2 for i in range(6)], 0),
    "one is out of order": ([0, 3 * P, P, 4 * P], [0, 3 * P, 3.5 * P, 4 * P], 0),
    "a pause of less than a second": ([0, P, P + 0.9, 2 * P + 0.9], [0, P, P + 0.9, 2 * P + 0.9], 0),
    "it slows down": ([0, P, 2 * P, 0.2, 0.3, 0.4], [0, P, 2 * P, 0.2, 0.3, 0.4], 0),
}


@pytest.mark.parametrize("name", COURSES)
def test_positions_follow_the_clips_rhythm(name: str) -> None:
    stamps, wanted, repaired = COURSES[name]
    timeline = Timeline(P)
    assert [timeline.position_of(stamp) for stamp in stamps] == pytest.approx(wanted, abs=1e-6)
    assert timeline.repaired == repaired


def test_a_clip_of_one_picture_in_two_seconds_keeps_its_pauses() -> None:
    timeline = Timeline(2.0)
    assert [timeline.position_of(2.0 * i) for i in range(4)] == [0, 2, 4, 6]


def test_rounds_of_a_loop_follow_each_other() -> None:
    timeline = Timeline(P)
    found = []
    for _ in range(3):
        found += [timeline.position_of(5 + t) for t in EVEN]
        timeline.restart()
    assert found == pytest.approx([P * i for i in range(18)])
    assert timeline.repaired == 0


@given(st.lists(st.none() | st.floats(-1e5, 1e5) | st.integers(0, 50).map(lambda i: i * P), max_size=60))
@example([0.0, -3e-28, -3e-28, 0.0])
def test_whatever_the_stamps_do_positions_rise_and_never_by_more_than_a_second(
    stamps: list[float | None],
) -> None:
    timeline = Timeline(P)
    positions = [timeline.position_of(stamp) for stamp in stamps]
    steps = np.diff(positions)
    assert (steps > 0).all() and (steps <= 1 + P).all()
