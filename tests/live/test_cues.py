"""What is drawn when, and a whole run at twice the camera's rate."""

import threading
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.base import timing
from liveavatar.base.mailbox import Closed, Mailbox
from liveavatar.controls import INDEX, vector
from liveavatar.live import cues
from liveavatar.live.cues import IDLE_AFTER, Cue, Cues, Tracked
from liveavatar.live.loop import Live
from liveavatar.live.performer import Performer
from liveavatar.live.report import Report
from liveavatar.media.compositing import Background
from liveavatar.outputs.memory import Memory
from liveavatar.renderers import open_renderer
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.stages import Retargeter
from liveavatar.types import AvatarFrame, Expression, Face, Frame
from tests.helpers.fakes import FakeCamera, FakeRetargeter, FakeTracker
from tests.helpers.running import GENEROUS

YAW = INDEX["headYaw"]


class Clock:
    """Stands still but for who sleeps."""

    seconds = 100.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cues, "now", clock.now)
    monkeypatch.setattr(timing, "now", clock.now)
    monkeypatch.setattr(timing, "time", clock)
    return clock


class Turning(Retargeter):
    """A head that swings to and fro at the same speed, whatever is seen."""

    def retarget(self, face: Face | None, time: float) -> Expression:
        yaw = 0.3 * np.arcsin(np.sin(2 * time))
        return Expression(vector(headYaw=yaw), time, tracked=face is not None)


def cues_of(box: Mailbox[Tracked], retargeter: Retargeter | None = None, period: float = 0.01) -> Cues:
    return Cues(box, Performer(retargeter or FakeRetargeter(), Report()), period)


def tracked(yaw: float, at: float) -> Tracked:
    return Tracked(Expression(vector(headYaw=yaw), at), cues.now())


def test_each_tracked_one_is_drawn_as_it_comes(clock: Clock) -> None:
    box: Mailbox[Tracked] = Mailbox()
    shown_by = cues_of(box)
    box.put(tracked(0.1, 1.0))
    cue = shown_by.next(between=False)
    assert cue is not None and cue.driven and cue.expression.time == 1.0
    assert shown_by.next(between=False) is None  # nothing new, and too early to idle
    clock.sleep(IDLE_AFTER + 0.01)
    cue = shown_by.next(between=False)
    assert cue is not None and not cue.driven


def test_pictures_between_are_drawn_at_the_outputs_rate_to_the_last_one(clock: Clock) -> None:
    box: Mailbox[Tracked] = Mailbox()
    shown_by, shown = cues_of(box), []
    start = clock.now()
    for k in range(24):
        if k % 3 == 0:
            box.put(tracked(k / 100, start + k / 100))
        if (cue := shown_by.next(between=True)) is not None:
            shown.append(cue.expression)
    assert len({e.controls[YAW] for e in shown}) > 12  # of 8 tracked
    assert all(a.time <= b.time for a, b in pairwise(shown))
    box.close()
    with pytest.raises(Closed):
        while True:
            if (cue := shown_by.next(between=True)) is not None:
                shown.append(cue.expression)
    assert shown[-1].controls[YAW] == pytest.approx(0.21)


def test_a_tracker_that_is_slow_is_no_camera_that_stalls(clock: Clock) -> None:
    """Half a second a picture: after the first two the avatar holds the last one instead of idling in between."""
    box: Mailbox[Tracked] = Mailbox()
    shown_by = cues_of(box)
    driven = []
    for _ in range(5):
        box.put(tracked(0.1, clock.now()))
        for _ in range(5):
            cue = shown_by.next(between=False)
            driven.append("-" if cue is None else "driven" if cue.driven else "idle")
            clock.sleep(0.11)
    first, *others = (driven[i : i + 5] for i in range(0, 25, 5))
    assert first == ["driven", "-", "-", "idle", "idle"]
    assert others == [["driven", "-", "-", "-", "-"]] * 4


def test_a_failure_is_raised_after_the_last_one_was_shown(clock: Clock) -> None:
    box: Mailbox[Tracked] = Mailbox()
    shown_by = cues_of(box)
    for k in range(3):
        box.put(tracked(k / 10, k / 30))
        shown_by.next(between=True)
    box.close(RuntimeError("broke"))
    with pytest.raises(RuntimeError, match="broke"):
        for _ in range(100):
            shown_by.next(between=True)


def test_hair_follows_at_the_outputs_rate() -> None:
    """Between two tracked expressions the springs go on by their own law: as if as many had been tracked."""

    def swing(step: int) -> np.ndarray:
        retargeter = FaceRetargeter()
        rows = []
        for k in range(0, 240, step):
            controls = vector(headYaw=0.3 * min(k / 24, 1.0))  # straight lines, as interpolation gives them
            rows.append(retargeter.finish(Expression(controls, 5.0 + k / 240)).controls[INDEX["hairX"]])
        return np.array(rows)

    fine, coarse = swing(1), swing(8)
    np.testing.assert_allclose(fine[::8], coarse, atol=1e-4)
    assert np.abs(np.diff(fine)).max() < 0.2 * np.abs(np.diff(coarse)).max()


def test_60_fps_of_a_camera_with_30_show_what_lies_between(
    tiny: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order, and hardly ever the same picture for two moments. How even they are, and whether it is quick enough, is a
    matter of the machine: bench."""
    drew = Cues.drew
    monkeypatch.setattr(Cues, "drew", lambda self, cue, seconds: drew(self, cue, 0.001))
    monkeypatch.setattr(cues, "IDLE_AFTER", GENEROUS)
    shown: dict[float, AvatarFrame] = {}

    class Output(Memory):
        def send(self, frame: AvatarFrame, at: float | None = None) -> None:
            if live.report.driven:  # and from then on
                shown[frame.time] = frame
            if len(shown.keys() - captured) > 30:
                live.stop()

    captured: set[float] = set()

    class Camera(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                captured.add(frame.time)
                yield frame

    output = Output("memory", size=tiny.size, fps=60, background=Background("black", tiny.size))
    live = Live(
        open_camera=lambda: Camera(None, 30),
        open_tracker=FakeTracker,
        retargeter=Turning(),
        open_renderer=lambda: open_renderer(tiny, "cpu"),
        output=output,
        size=tiny.size,
        fps=60,
        smooth=True,
    )
    guard = threading.Timer(GENEROUS, live.stop)
    guard.start()
    report = live.run()
    guard.cancel()
    frames = list(shown.values())
    assert all(a.time < b.time for a, b in pairwise(frames))
    assert len(shown.keys() - captured) > 30  # between those of the camera
    different = [not np.array_equal(a.image, b.image) for a, b in pairwise(frames)]
    assert np.mean(different) > 0.8
    assert report.ages.count == report.driven > 20


def test_idling_and_back_between_tracked_ones_shows_nothing_old(clock: Clock) -> None:
    """The camera stalls: the last one is held, then the avatar idles; the first new one is shown at once, nothing from before."""
    box: Mailbox[Tracked] = Mailbox()
    shown_by = cues_of(box)
    start = clock.now()
    for k in range(6):
        box.put(tracked(0.3, start + k / 50))
        shown_by.next(between=True)
    shown = []
    while clock.now() - start < IDLE_AFTER + 0.3:
        if (cue := shown_by.next(between=True)) is not None:
            shown.append(cue)
    assert [cue.driven for cue in shown] == sorted((cue.driven for cue in shown), reverse=True)
    idle = [cue for cue in shown if not cue.driven]
    assert len(idle) > 5 and all(cue.expression.controls[YAW] == 0 for cue in idle)
    box.put(tracked(-0.2, clock.now()))
    cue = shown_by.next(between=True)
    assert cue is not None and cue.driven and cue.expression.controls[YAW] == pytest.approx(-0.2)


def test_where_only_tracked_ones_are_drawn_for_a_while_the_newest_is_shown_again(clock: Clock) -> None:
    """The governor took what lies between away: no delay is left, and none of the old ones when it comes back."""
    box: Mailbox[Tracked] = Mailbox()
    shown_by = cues_of(box)
    start = clock.now()
    for k in range(8):
        box.put(tracked(k / 100, start + k / 50))
        shown_by.next(between=k < 4)
        if k >= 4:
            assert shown_by.next(between=False) is None  # it was shown already
    box.put(tracked(0.5, start + 1.0))
    cue = shown_by.next(between=True)
    assert cue is not None and cue.expression.controls[YAW] == pytest.approx(0.5)


def test_only_a_quick_renderer_draws_what_lies_between() -> None:
    shown_by = cues_of(Mailbox(), period=0.010)
    cue = Cue(Expression(vector(), 0.0), True)

    def draw(seconds: float) -> bool | None:
        for _ in range(15):
            shown_by.drew(cue, seconds)
        return shown_by.quick

    assert shown_by.quick is None
    assert [draw(s) for s in (0.008, 0.005, 0.008, 0.009, 0.008)] == [False, True, True, False, False]


def test_one_that_does_not_last_is_not_tried_again_at_once(clock: Clock) -> None:
    """Drawing for each frame takes the tracker's time, so a picture takes longer than where only the camera's are drawn."""
    shown_by, cue, begun = cues_of(Mailbox(), period=0.010), Cue(Expression(vector(), 0.0), True), []
    for _ in range(3000):
        was = shown_by.quick
        clock.sleep(0.010 if was else 0.030)
        shown_by.drew(cue, 0.009 if was else 0.005)
        if shown_by.quick and not was:
            begun.append(clock.now())
    waits = [b - a for a, b in pairwise(begun)]
    assert 2 <= len(waits) <= 5 and waits[0] > 5 and all(b > 1.8 * a for a, b in pairwise(waits))
