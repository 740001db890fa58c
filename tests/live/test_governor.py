"""The governor, with a clock and a machine of the test's own."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from liveavatar.errors import LiveAvatarError
from liveavatar.live.governor import CALM, LEVELS, Budget, Governor, Sample, parse_budget

LOOK = 0.25


@dataclass
class Machine:
    """Does what the governor says, at a cost by its level: ages and processor time a second."""

    governor: Governor
    ages: tuple[float, ...] = (0.050,) * len(LEVELS)
    cores: tuple[float, ...] = (1.2, 1.1, 0.65, 0.5, 0.35)
    fps: float = 30.0
    time: float = 100.0
    processor: float = 0.0
    sent: int = 0
    levels: list[tuple[float, int]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def run(self, seconds: float, ages: tuple[float, ...] | None = None, behind: float = 0.0) -> None:
        for _ in range(round(seconds / LOOK)):
            level = self.governor.level
            self.time += LOOK
            self.processor += self.cores[level] * LOOK
            self.sent += round(self.fps * LOOK)
            age = (ages or self.ages)[level]
            late = behind if self.governor.effort.between else 0.0
            self.governor.look(Sample(self.time, self.processor, self.sent, age, late))
            if self.governor.level != level:
                self.levels.append((self.time, self.governor.level))
            if self.governor.message and self.governor.message not in self.messages[-1:]:
                self.messages.append(self.governor.message)


LOADED = (0.140, 0.120, 0.065, 0.055, 0.050)
"""Ages by level while other programs take the cores."""


def test_all_is_done_while_all_is_well() -> None:
    machine = Machine(governor := Governor())
    machine.run(120)
    assert governor.level == 0 and not governor.message and governor.effort == LEVELS[0]


def test_it_lowers_work_under_load_within_seconds_and_says_so_once() -> None:
    machine = Machine(governor := Governor())
    machine.run(10)
    machine.run(5, LOADED)
    assert governor.level == 2 and governor.effort.every == 2 and governor.lowered == 1
    assert machine.levels[0] == (110 + 2 * LOOK, 2)
    assert len(machine.messages) == 1 and "keep up" in machine.messages[0]


def test_it_comes_back_when_the_load_is_over_and_says_so_once() -> None:
    machine = Machine(governor := Governor())
    machine.run(10)
    machine.run(10, LOADED)
    machine.run(40)
    assert governor.level == 0 and len(machine.messages) == 2 and "room" in machine.messages[1]
    assert 5 < governor.seconds < 40


def test_it_does_not_flap_under_a_load_that_stays() -> None:
    """Ages are as usual where less is done, so it tries more now and then, ever more seldom."""
    machine = Machine(governor := Governor())
    machine.run(10)
    machine.run(600, LOADED)
    tries = [time for time, level in machine.levels if level == 1]
    waits = [b - a for a, b in pairwise(tries)]
    assert len(tries) <= 8 and waits == sorted(waits)
    assert governor.lowered == 1 and len(machine.messages) == 1


def test_a_heavier_load_after_a_try_that_failed_does_not_make_it_wait_for_ever() -> None:
    machine = Machine(governor := Governor())
    machine.run(10)
    machine.run(11, LOADED)  # down to 2, a try of 1 that fails
    machine.run(10, (0.140, 0.130, 0.120, 0.055, 0.050))
    assert governor.level == 3
    machine.run(45)
    assert governor.level == 0


def test_one_hiccup_changes_nothing() -> None:
    machine = Machine(Governor())
    machine.run(10)
    machine.run(LOOK, (0.5,) * len(LEVELS))
    machine.run(5)
    assert not machine.levels


def test_the_first_pictures_are_late_everywhere() -> None:
    machine = Machine(governor := Governor())
    machine.run(2.5, (0.5,) * len(LEVELS))
    machine.run(10)
    assert governor.level == 0 and not machine.levels


def test_who_begins_under_load_is_not_used_to_it() -> None:
    machine = Machine(governor := Governor())
    machine.run(10, LOADED)
    assert governor.level == 1


def test_ages_between_the_two_limits_change_nothing_either_way() -> None:
    machine = Machine(governor := Governor())
    machine.run(10)
    machine.run(5, LOADED)
    level = governor.level
    machine.run(300, (0.080,) * len(LEVELS))
    assert level and governor.level == level


def test_no_face_no_judgement() -> None:
    machine = Machine(governor := Governor())
    machine.run(60, (math.nan,) * len(LEVELS))
    assert governor.level == 0


def test_a_machine_that_cannot_draw_what_lies_between_draws_the_cameras_only() -> None:
    machine = Machine(governor := Governor())
    machine.run(30, behind=0.5)
    assert governor.level == 1 and not governor.effort.between and governor.effort.every == 1


def test_a_budget_of_cores_is_kept() -> None:
    machine = Machine(governor := Governor(parse_budget("1core")))
    machine.run(5)
    assert governor.level == 2 and "1core" in governor.message
    start, used = machine.time, machine.processor
    machine.run(300)
    assert (machine.processor - used) / (machine.time - start) < 0.75


def test_a_budget_a_frame_counts_frames_sent() -> None:
    machine = Machine(governor := Governor(parse_budget("20ms")))
    machine.run(20)
    assert governor.level == 3  # .5 cores are 17 ms for each of 30 frames
    other = Machine(faster := Governor(parse_budget("20ms")), fps=60)
    other.run(20)
    assert faster.level == 1 and governor.effort.every > faster.effort.every


def test_a_budget_that_cannot_be_kept_is_told_once() -> None:
    machine = Machine(governor := Governor(parse_budget("0.2core")))
    machine.run(120)
    assert governor.level == len(LEVELS) - 1
    assert ["cannot be kept" in message for message in machine.messages] == [False, True]
    assert "0.35core" in governor.message


def test_load_alone_does_not_take_the_last_level() -> None:
    machine = Machine(governor := Governor())
    machine.run(10)
    machine.run(60, (0.5,) * len(LEVELS))
    assert governor.level == len(LEVELS) - 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1core", Budget("1core", 1.0, "second")),
        ("0.5 cores", Budget("0.5 cores", 0.5, "second")),
        ("8ms", Budget("8ms", 0.008, "frame")),
    ],
)
def test_budgets(text: str, expected: Budget) -> None:
    assert parse_budget(text) == expected


@pytest.mark.parametrize("text", ["", "core", "8", "-1core", "0ms", "1e3ms", "nancore", "8 s", "1core 8ms"])
def test_what_is_no_budget(text: str) -> None:
    with pytest.raises(LiveAvatarError, match="1core or 8ms"):
        parse_budget(text)


def test_it_waits_before_it_tries_more() -> None:
    machine = Machine(governor := Governor())
    machine.run(10)
    machine.run(4, LOADED)
    lowered, level = machine.levels[-1]
    machine.run(CALM + 1)
    assert machine.levels[-1] == (pytest.approx(lowered + CALM + 1, abs=1.5), level - 1)
    assert governor.level == level - 1
