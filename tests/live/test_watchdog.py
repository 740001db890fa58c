"""Whatever hangs or breaks, frames flow, the user is told, and the run ends when it is asked to."""

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from test_loop import FPS, Sink, make, red

from liveavatar.base.mailbox import Mailbox
from liveavatar.errors import AvatarError, CameraError, LiveAvatarError, OutputAway, TrackerError
from liveavatar.live import cues, line
from liveavatar.live import loop as module
from liveavatar.live.loop import Live, Report
from liveavatar.live.watchdog import Stage
from liveavatar.types import AvatarFrame, Expression, Face, Frame
from tests.helpers.fakes import FakeCamera, FakeRenderer, FakeRetargeter, FakeTracker, Hang
from tests.helpers.running import GENEROUS, Running

PATIENCE = 0.3


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cues, "IDLE_AFTER", 0.1)
    monkeypatch.setattr(line, "REOPEN_EVERY", 0.05)
    for name in ("GIVE_UP", "CAMERA_GIVE_UP"):
        monkeypatch.setattr(line, name, PATIENCE)
    monkeypatch.setattr(module, "GIVE_UP", PATIENCE)
    monkeypatch.setattr(line, "ENDING", 0.4)
    monkeypatch.setattr(module, "STATUS_EVERY", 0.05)


GAP = 0.25
"""Seconds in which the process ran: OBS resets a stream after .166, and threads wait for one another on a busy machine
besides. What the program itself takes is measured by benchmarks.endurance.faults."""


class Show:
    """A run, with what it told and a way to wait for something within it."""

    def __init__(self, at: Callable[[int], None] = lambda n: None, **parts: Any) -> None:
        self.told: list[str] = []
        self.running = Running()
        self._sent: list[float] = []
        """When each frame came, on that clock."""
        self.sink = Sink(at=lambda n: (self._sent.append(self.running.seconds), at(n))[1])
        self.live: Live = make(self.sink, on_status=self._note, **parts)
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.live.run()
        except BaseException as error:
            self.error = error

    def _note(self, report: Report) -> None:
        for stage, message in list(report.troubles.items()):
            if (text := f"{stage}: {message}") not in self.told:
                self.told.append(text)

    def __enter__(self) -> "Show":
        self.running.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.end()
        self.running.__exit__()

    def end(self) -> float:
        """Stop it; how many seconds of the process's own that took."""
        start = self.running.seconds
        self.live.stop()
        self.join()
        return self.running.seconds - start

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join(GENEROUS)
        assert not self._thread.is_alive()

    def until(self, condition: Callable[[], bool], seconds: float = GENEROUS) -> None:
        """Wait for something to become true."""
        end = time.perf_counter() + seconds
        while not condition():
            assert time.perf_counter() < end, (self.told, self.live.report)
            assert self.error is None, self.error
            time.sleep(0.01)

    def saw(self, *words: str) -> Callable[[], bool]:
        """Whether something with these words was told."""
        return lambda: any(all(word in text for word in words) for text in self.told)

    @property
    def longest_gap(self) -> float:
        """Seconds of the process's own between two frames; the first ones come while threads start."""
        return max(b - a for a, b in pairwise(self._sent[5:]))


def is_driven(frame: AvatarFrame) -> bool:
    return bool(frame.image[0, 0, 1])


def handed_out(parts: list[Any]) -> Callable[[], Any]:
    """Opens one part after the other."""
    waiting = list(parts)
    return lambda: waiting.pop(0)


def test_a_tracker_that_hangs_is_told_and_started_anew() -> None:
    class Loud(FakeTracker):
        def track(self, frame: Frame) -> Face | None:
            face = super().track(frame)
            if len(self.tracked) > 10:  # what it saw before it hung
                assert face is not None
                face.blendshapes[:] = 1
            return face

    stuck, fresh = Loud(hang_at=10), FakeTracker()
    with Show(open_tracker=handed_out([stuck, fresh])) as show:
        show.until(show.saw("tracker", "gave nothing", "started anew"))
        show.until(lambda: len(fresh.tracked) > 20)
        stuck.hang.over.set()  # it comes back, with a wide open mouth
        show.until(lambda: stuck.closed == 1)
        show.until(lambda: not show.live.report.troubles and is_driven(show.sink.frames[-1]))
    assert max(red(frame) for frame in show.sink.frames if is_driven(frame)) < 255
    assert show.longest_gap < GAP


def test_a_tracker_that_hangs_again_is_not_trusted_any_more() -> None:
    trackers = [FakeTracker(hang_at=10), FakeTracker(hang_at=10)]
    with Show(open_tracker=handed_out(trackers)) as show:
        show.until(show.saw("tracker", "again", "idles"))
        assert show.saw("tracker", "started anew")(), show.told
        show.until(lambda: not is_driven(show.sink.frames[-1]))
        count = len(show.sink.frames)
        show.until(lambda: len(show.sink.frames) > count + 100)
        assert show.live.report.troubles and not is_driven(show.sink.frames[-1])
        idle = show.sink.frames[-60:]
        assert len({frame.time for frame in idle}) > 10  # it moves
        assert show.end() < 1.0
    assert show.longest_gap < GAP


def test_the_end_of_the_source_is_noticed_without_a_tracker() -> None:
    trackers = [FakeTracker(hang_at=5), FakeTracker(hang_at=5)]
    camera = FakeCamera(frames=400, fps=FPS)
    with Show(open_tracker=handed_out(trackers), open_camera=lambda: camera, reopen=False) as show:
        show.join()
        assert show.error is None


def test_a_renderer_that_hangs_is_told_and_started_anew() -> None:
    stuck, fresh = FakeRenderer(hang_at=20), FakeRenderer()
    with Show(open_renderer=handed_out([stuck, fresh])) as show:
        show.until(show.saw("renderer", "gave nothing", "started anew"))
        show.until(lambda: fresh.rendered > 20 and not show.live.report.troubles)
        assert is_driven(show.sink.frames[-1])
        show.until(lambda: stuck.closed == 1)  # from outside: that may end what it does
    assert show.longest_gap < GAP


@pytest.mark.parametrize("fault", [{"hang_at": 20}, {"fail": set(range(20, 10_000))}])
def test_a_renderer_that_gives_nothing_twice_is_dropped_and_swap_goes_on(fault: dict[str, Any]) -> None:
    opened: list[FakeRenderer] = []

    def bad() -> FakeRenderer:
        opened.append(FakeRenderer(**fault))
        return opened[-1]

    with Show(open_renderer=bad, package="bad") as show:
        show.until(show.saw("renderer", "again", "liveavatar swap"))
        show.until(lambda: not is_driven(show.sink.frames[-1]))
        assert show.sink.frames[-1].image.any()  # the avatar at rest, not an empty picture
        count = len(show.sink.frames)
        show.until(lambda: len(show.sink.frames) > count + 40)
        with pytest.raises(AvatarError, match="twice"):
            show.live.swap(bad, "bad")
        assert len(opened) == 2
        show.live.swap(FakeRenderer, "good")
        show.until(lambda: is_driven(show.sink.frames[-1]) and not show.live.report.troubles)
    assert show.longest_gap < GAP


def test_a_swap_takes_over_from_a_renderer_that_hangs() -> None:
    stuck = FakeRenderer(hang_at=20)
    with Show(open_renderer=lambda: stuck) as show:
        show.until(lambda: stuck.rendered == 20)
        show.live.swap(FakeRenderer)
        count = len(show.sink.frames)
        show.until(lambda: len(show.sink.frames) > count + 10 and is_driven(show.sink.frames[-1]))
        stuck.hang.over.set()
        show.until(lambda: stuck.closed > 0)


def test_a_swap_that_hangs_while_it_loads_holds_up_nothing() -> None:
    never = threading.Event()
    with Show() as show:
        show.until(lambda: show.live.report.driven > 5)
        swapping = threading.Thread(target=lambda: _swap(show.live, never.wait), daemon=True)
        swapping.start()
        count = show.live.report.driven
        show.until(lambda: show.live.report.driven > count + 20)
        show.live.swap(FakeRenderer)
        assert show.end() < 1.0
        swapping.join(GENEROUS / 2)  # before the loading would end by itself
        assert not swapping.is_alive()
    never.set()


def _swap(live: Live, open_renderer: Callable[[], Any]) -> None:
    with pytest.raises(LiveAvatarError, match="ended before"):
        live.swap(open_renderer)


def test_a_camera_that_hangs_is_told_and_opened_anew() -> None:
    stuck, fresh = FakeCamera(None, FPS, hang_at=10), FakeCamera(None, FPS)
    with Show(open_camera=handed_out([stuck, fresh])) as show:
        show.until(show.saw("camera", "gave nothing", "opening it anew"))
        show.until(lambda: not show.live.report.troubles and is_driven(show.sink.frames[-1]))
        assert stuck.closed
    assert show.longest_gap < GAP


def test_a_file_that_hangs_is_told_but_not_opened_again() -> None:
    stuck = FakeCamera(None, FPS, hang_at=10)
    with Show(open_camera=handed_out([stuck]), reopen=False) as show:
        show.until(show.saw("camera", "gave nothing"))
        assert "anew" not in show.told[-1]
        stuck.hang.over.set()
        show.until(lambda: not show.live.report.troubles and is_driven(show.sink.frames[-1]))


def test_a_camera_that_fails_in_its_own_way_is_opened_again_too() -> None:
    broken = FakeCamera(None, FPS, fail_at=10, error=ValueError("cv2 says no"))
    with Show(open_camera=handed_out([broken, FakeCamera(None, FPS)])) as show:
        show.until(show.saw("camera", "cv2 says no"))
        show.until(lambda: not show.live.report.troubles)
    assert show.error is None


def test_time_in_which_the_whole_process_stood_still_does_not_count() -> None:
    """Suspend: sender and tracker stand still together."""
    until = [0.0]

    def stand_still() -> None:
        time.sleep(max(0.0, until[0] - time.perf_counter()))

    class Standing(FakeTracker):
        def track(self, frame: Frame) -> Face | None:
            stand_still()
            return super().track(frame)

    def at(n: int) -> None:
        if n == 50:
            until[0] = time.perf_counter() + 3 * PATIENCE
            stand_still()

    with Show(at=at, open_tracker=handed_out([Standing()])) as show:
        show.until(lambda: show.live.report.driven > 80)
        assert max(b - a for a, b in pairwise(show.sink.sent_at)) > 2 * PATIENCE
        assert not any("tracker" in text for text in show.told)


def test_a_part_that_opens_slowly_is_told_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "OPENING", 0.1)

    loaded = threading.Event()

    def slowly() -> FakeRenderer:
        loaded.wait(GENEROUS)
        return FakeRenderer()

    with Show(open_renderer=slowly) as show:
        show.until(show.saw("renderer", "still loading"))
        loaded.set()
        show.until(lambda: is_driven(show.sink.frames[-1]) and not show.live.report.troubles)


def test_a_tracker_that_only_fails_is_opened_anew_again_and_again() -> None:
    trackers: list[Any] = [
        FakeTracker(error=TrackerError("graph broke")),
        TrackerError("no memory"),
        FakeTracker(),
    ]

    def next_tracker() -> FakeTracker:
        tracker = trackers.pop(0)
        if isinstance(tracker, Exception):
            raise tracker
        assert isinstance(tracker, FakeTracker)
        return tracker

    with Show(open_tracker=next_tracker) as show:
        show.until(show.saw("graph broke"))
        show.until(lambda: not show.live.report.troubles and is_driven(show.sink.frames[-1]))


def test_everything_hangs_and_it_ends_all_the_same() -> None:
    camera, tracker, renderer = FakeCamera(None, FPS), FakeTracker(), FakeRenderer()
    never = threading.Event()  # waits for as many seconds as the count says
    with Show(
        open_camera=lambda: camera, open_tracker=lambda: tracker, open_renderer=lambda: renderer
    ) as show:
        show.until(lambda: show.live.report.driven > 10)
        for part in (camera, tracker, renderer):
            part.hang = never.wait  # type: ignore[assignment]
        time.sleep(0.05)
        assert show.end() < 1.0
    never.set()


def test_a_retargeter_that_fails_leaves_an_avatar_that_idles() -> None:
    class Failing(FakeRetargeter):
        def retarget(self, face: Face | None, time: float) -> Expression:
            expression = super().retarget(face, time)
            if 20 < len(self.times) < 60:
                raise FloatingPointError("not a number")
            return expression

    with Show(retargeter=Failing()) as show:
        show.until(show.saw("retargeter", "not a number"))
        show.until(lambda: not show.live.report.troubles and is_driven(show.sink.frames[-1]))


def test_an_output_that_blocks_is_told() -> None:
    taken = threading.Event()

    def at(n: int) -> None:
        if n == 20:
            taken.wait(GENEROUS)

    with Show(at=at) as show:
        show.until(show.saw("output", "has taken nothing"))
        taken.set()
        show.until(lambda: not show.live.report.troubles)


def test_a_status_line_that_blocks_holds_nothing_up() -> None:
    block = threading.Event()
    sink = Sink(at=lambda n: live.stop() if n == 100 else None)
    live = make(sink, on_status=lambda report: block.wait(GENEROUS))
    report = live.run()
    assert report.sent == 100 and not block.is_set()
    block.set()


def test_every_camera_that_hangs_is_waited_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each leaves a thread behind."""
    box: Mailbox[int] = Mailbox()
    stage = Stage("camera", box, patience=1.0, opening=1.0)
    never = threading.Event()
    stage.begin(lambda attempt: (attempt.put(1), never.wait(60))[0])
    while not stage.proven:
        time.sleep(0.01)
    waited = []
    for _ in range(3):
        stage.watch(0)
        seconds = 0
        while stage.watch(0.5) is None:
            seconds += 1
        waited.append(seconds)
        stage.begin(lambda attempt: never.wait(60))
    never.set()
    assert waited == sorted(waited) and waited[-1] >= 2 * waited[1]


def test_panic_shows_the_card_from_the_next_frame_on_whatever_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIVE_UP", "CAMERA_GIVE_UP"):  # who hangs comes back here, and is not replaced meanwhile
        monkeypatch.setattr(line, name, GENEROUS)
    camera, tracker, renderer = FakeCamera(None, FPS), FakeTracker(), FakeRenderer()
    card = AvatarFrame(np.full((40, 30, 4), 77, np.uint8), 0.0, whole=True)
    with Show(
        open_camera=lambda: camera, open_tracker=lambda: tracker, open_renderer=lambda: renderer, card=card
    ) as show:
        show.until(lambda: show.live.report.driven > 10)
        never = threading.Event()
        for part in (camera, tracker, renderer):
            part.hang = never.wait  # type: ignore[assignment]
        assert show.live.panic() is True
        first = len(show.sink.frames) + 1  # one may be on its way
        show.until(lambda: len(show.sink.frames) > first + 20)
        shown = show.sink.frames[first : first + 20]
        assert all(frame is card for frame in shown)
        driven = show.live.report.driven
        for part in (camera, tracker, renderer):
            part.hang = Hang(None)
        never.set()
        time.sleep(0.1)
        assert show.live.report.driven == driven and show.sink.frames[-1] is card
        assert show.live.panic() is False
        show.until(lambda: show.sink.frames[-1] is not card)
        show.until(lambda: show.live.report.driven > driven)
    assert show.longest_gap < GAP


def test_one_frame_that_cannot_be_shown_does_not_end_the_run() -> None:
    def at(n: int) -> None:
        if n == 20:
            raise ValueError("no such size")

    with Show(at=at) as show:
        show.until(show.saw("output", "no such size"))
        show.until(lambda: len(show.sink.frames) > 100 and not show.live.report.troubles)


def test_an_output_that_shows_nothing_any_more_ends_the_run() -> None:
    def at(n: int) -> None:
        if n > 20:
            raise ValueError("no such size")

    with Show(at=at) as show:
        show.join()
    assert isinstance(show.error, ValueError)


def test_an_output_that_is_away_is_told_and_counts_no_frames() -> None:
    def at(n: int) -> None:
        if 50 <= n < 80:
            show.sink.frames.pop()
            show.sink.frames.append(show.sink.frames[-1])
            raise OutputAway("the device is gone. Opening it again.")

    show = Show(at=at)
    with show:
        show.until(show.saw("output", "gone"))
        show.until(lambda: len(show.sink.frames) > 120 and not show.live.report.troubles)
    report = show.live.report
    assert report.sent == len(show.sink.frames) - 30 == report.idle + report.repeated + report.driven


def test_errors_of_the_source_still_end_the_run() -> None:
    broken = FakeCamera(None, FPS, fail_at=30, error=CameraError("damaged"))
    with Show(open_camera=lambda: broken, reopen=False) as show:
        show.join()
    assert isinstance(show.error, CameraError)
    assert np.all(np.diff(show.sink.sent_at) > 0)
