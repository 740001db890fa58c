import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from liveavatar.base.mailbox import Closed
from liveavatar.errors import AvatarError, CameraError, OutputError, TrackerError
from liveavatar.live import cues, line
from liveavatar.live import loop as module
from liveavatar.live.governor import LEVELS, Governor, Sample
from liveavatar.live.loop import Live, Report
from liveavatar.media.compositing import Background
from liveavatar.outputs.memory import Memory
from liveavatar.types import AvatarFrame, Drawing, Expression, Face, Frame
from tests.helpers.fakes import FakeCamera, FakeRenderer, FakeRetargeter, FakeTracker
from tests.helpers.running import GENEROUS, Running, wait_until

FPS = 200.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cues, "IDLE_AFTER", 0.1)
    monkeypatch.setattr(line, "REOPEN_EVERY", 0.05)
    monkeypatch.setattr(module, "STATUS_EVERY", 0.1)
    monkeypatch.setattr(line, "ENDING", GENEROUS)  # nothing hangs here


class Sink(Memory):
    """Keeps frames with the time they came; calls `at` with their number."""

    def __init__(self, at: Callable[[int], None] = lambda n: None) -> None:
        super().__init__("memory", size=(32, 32), fps=FPS, background=Background("black", (32, 32)))
        self.at = at
        self.sent_at: list[float] = []
        self.told: list[float] = []

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        super().send(frame, at)
        assert at is not None
        self.told.append(at)
        self.sent_at.append(time.perf_counter())
        self.at(len(self.frames))


def make(sink: Sink, **parts: Any) -> Live:
    parts.setdefault("open_camera", lambda: FakeCamera(frames=None, fps=FPS))
    parts.setdefault("open_tracker", FakeTracker)
    parts.setdefault("open_renderer", FakeRenderer)
    parts.setdefault("retargeter", FakeRetargeter())
    return Live(output=sink, size=(32, 32), fps=FPS, **parts)


def run_until(done: Callable[[Live, Sink], object], **parts: Any) -> tuple[Sink, Report]:
    """A run that is stopped after the frame with which that is so. Fails where it never is."""
    sink = Sink(at=lambda n: live.stop() if done(live, sink) else None)
    live = make(sink, **parts)
    late = threading.Event()
    guard = threading.Timer(GENEROUS, lambda: (late.set(), live.stop()))
    guard.start()
    try:
        report = live.run()
    finally:
        guard.cancel()
    assert not late.is_set(), (report, len(sink.frames))
    return sink, report


def run_for(frames: int, **parts: Any) -> tuple[Sink, Report]:
    return run_until(lambda live, sink: len(sink.frames) >= frames, **parts)


def is_driven(frame: AvatarFrame) -> bool:
    return bool(frame.image[0, 0, 1])


def red(frame: AvatarFrame) -> int:
    return int(frame.image[0, 0, 0])


def test_the_cameras_motion_arrives_in_order() -> None:
    def done(live: Live, sink: Sink) -> bool:
        return live.report.driven > 20

    sink, report = run_until(done)
    reds = [red(frame) for frame in sink.frames if is_driven(frame)]
    assert len(set(reds)) > 20 or red(sink.frames[-1]) == 255
    assert reds == sorted(reds)
    assert report.provider == "fake"


def test_a_source_that_ends_ends_the_run_and_its_last_frame_is_sent() -> None:
    sink, report = run_for(10_000, open_camera=lambda: FakeCamera(frames=30, fps=FPS))
    assert red(sink.frames[-1]) == 29
    assert report.sent < 10_000


def test_age_is_measured_when_the_output_accepted() -> None:
    def slow(live: Live, sink: Sink) -> bool:
        time.sleep(0.004)
        return live.report.driven > 20

    _, report = run_until(slow, open_renderer=lambda: FakeRenderer(seconds=0.005))
    assert report.ages.count == report.driven > 20
    assert report.ages.ms(1) >= 9  # 5 ms of rendering and 4 ms of sending


def test_missed_periods_are_missing_on_the_outputs_clock() -> None:
    def stall(live: Live, sink: Sink) -> bool:
        if len(sink.frames) == 10:
            time.sleep(0.4)
        return len(sink.frames) >= 40

    sink, report = run_until(stall, follow=False)
    assert sink.told[0] == 0 and sink.told[10] - sink.told[9] >= 0.4 - 1 / FPS
    assert sink.told == sorted(sink.told)
    np.testing.assert_allclose(np.array(sink.told) * FPS, np.round(np.array(sink.told) * FPS), atol=1e-6)
    late = (
        np.array(sink.sent_at) - sink.sent_at[0] - sink.told
    )  # as threads get their turn, but for the stall
    assert late[10:].min() < 0.2 and sink.told[-1] <= report.seconds


def test_frames_flow_from_second_0_while_everything_loads() -> None:
    blank = threading.Event()

    def slowly(make_part: Callable[[], Any]) -> Callable[[], Any]:
        def opened() -> Any:
            assert blank.wait(GENEROUS)  # nothing but background before the renderer is there
            return make_part()

        return opened

    def done(live: Live, sink: Sink) -> bool:
        if len(sink.frames) >= 10:
            blank.set()
        return live.report.driven > 5

    sink, report = run_until(
        done,
        open_tracker=slowly(FakeTracker),
        open_renderer=slowly(FakeRenderer),
        open_camera=slowly(lambda: FakeCamera(None, FPS)),
    )
    assert not any(frame.image.any() for frame in sink.frames[:10])
    assert sink.frames[-1].image.any()
    assert report.first_driven is not None and report.first_driven >= sink.sent_at[9] - sink.sent_at[0]
    assert report.idle >= 10


def test_the_avatar_idles_while_the_camera_stalls_and_comes_back() -> None:
    on = threading.Event()

    class Stalling(FakeCamera):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for frame in super().__iter__():
                if frame.index == 10:
                    assert on.wait(GENEROUS)
                yield replace(frame, time=time.perf_counter())

    idle: list[float] = []

    def done(live: Live, sink: Sink) -> bool:
        frame = sink.frames[-1]
        if not on.is_set() and live.report.driven and not is_driven(frame):
            idle.append(frame.time)
        if len(set(idle)) > 5:  # idle frames move on, it is no frozen picture
            on.set()
        return on.is_set() and is_driven(frame)

    _, report = run_until(done, open_camera=lambda: Stalling(None, FPS))
    assert report.ages.count == report.driven  # idle frames do not count as age
    assert report.idle >= len(idle)


def test_retargeting_time_never_runs_backwards() -> None:
    retargeter = FakeRetargeter()
    run_for(60, retargeter=retargeter, open_tracker=lambda: FakeTracker(seconds=0.02))
    assert np.all(np.diff(retargeter.times) > 0)


def test_a_slow_tracker_drops_frames_instead_of_ageing() -> None:
    """Each picture that it takes is the newest there is: while it tracks one the camera goes on by five, here."""
    given, over = [-1], threading.Event()

    class Camera(FakeCamera):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for frame in super().__iter__():
                yield frame
                given[0] = frame.index  # that is in the slot

    class Slow(FakeTracker):
        def track(self, frame: Frame) -> Face | None:
            wait_until(lambda: over.is_set() or given[0] >= frame.index + 5)
            return super().track(frame)

    def done(live: Live, sink: Sink) -> bool:
        if live.report.driven > 5:
            over.set()
        return over.is_set()

    tracker = Slow()
    _, report = run_until(
        done,
        open_tracker=lambda: tracker,
        open_camera=lambda: Camera(None, FPS),
    )
    gaps = np.diff(tracker.tracked)[:-1]  # the last one is of the end
    assert min(gaps) >= 5 and report.drops["capture"] >= sum(gaps - 1)


def test_a_lost_camera_is_reported_and_opened_again() -> None:
    tracker, retargeter = FakeTracker(), FakeRetargeter()

    class First(FakeCamera):
        def __iter__(self):  # type: ignore[no-untyped-def]
            yield from super().__iter__()
            wait_until(lambda: tracker.tracked)
            raise CameraError("unplugged")

    class Second(FakeCamera):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for frame in super().__iter__():
                yield replace(frame, index=1000 + frame.index)

    cameras = [First(10, FPS), Second(None, FPS)]
    told = []

    def done(live: Live, sink: Sink) -> bool:
        told.append(live.report.troubles.get("camera"))
        back = tracker.tracked[-1:] >= [1000] and is_driven(sink.frames[-1])
        return back and not live.report.troubles

    run_until(done, open_camera=lambda: cameras.pop(0), retargeter=retargeter, open_tracker=lambda: tracker)
    assert not cameras and "unplugged" in told and retargeter.times
    assert tracker.tracked[0] < 1000 and tracker.tracked == sorted(tracker.tracked)


def test_a_camera_that_stays_lost_leaves_the_trouble_standing() -> None:
    first = [FakeCamera(None, FPS, fail_at=5, error=CameraError("unplugged"))]

    def open_camera() -> FakeCamera:
        if first:
            return first.pop()
        raise CameraError("still away")

    since: list[int] = []

    def done(live: Live, sink: Sink) -> bool:
        if live.report.troubles == {"camera": "still away"} and not is_driven(sink.frames[-1]):
            since.append(len(sink.frames))
        return bool(since) and len(sink.frames) >= since[0] + 50

    sink, report = run_until(done, open_camera=open_camera)
    assert report.troubles == {"camera": "still away"}
    assert report.sent == len(sink.frames) and not is_driven(sink.frames[-1])


def test_a_file_that_breaks_ends_the_run_with_its_error() -> None:
    broken = FakeCamera(None, FPS, fail_at=5, error=CameraError("damaged"))
    with pytest.raises(CameraError, match="damaged"):
        run_for(10_000, open_camera=lambda: broken, reopen=False)
    assert broken.closed


@pytest.mark.parametrize(
    ("part", "error"),
    [("open_camera", CameraError), ("open_tracker", TrackerError), ("open_renderer", AvatarError)],
)
def test_a_part_that_cannot_be_opened_ends_the_run(part: str, error: type[Exception]) -> None:
    def fail() -> Any:
        raise error("not there")

    with pytest.raises(error, match="not there"):
        run_for(10_000, **{part: fail})


def test_one_bad_picture_does_not_end_the_run() -> None:
    renderer = FakeRenderer(fail={20})

    def done(live: Live, sink: Sink) -> bool:
        return renderer.rendered > 30 and not live.report.troubles

    sink, report = run_until(done, open_renderer=lambda: renderer)
    assert report.sent == len(sink.frames)


def test_a_renderer_that_never_gave_a_picture_ends_it() -> None:
    with pytest.raises(RuntimeError, match="fell off"):
        run_for(10_000, open_renderer=lambda: FakeRenderer(always=True))


def test_a_failing_tracker_idles_and_says_so() -> None:
    def done(live: Live, sink: Sink) -> bool:
        return "tracker" in live.report.troubles and sink.frames[-1].image.any()

    sink, report = run_until(done, open_tracker=lambda: FakeTracker(error=TrackerError("graph broke")))
    assert report.troubles == {"tracker": "graph broke"}
    assert not any(map(is_driven, sink.frames))


def test_everything_is_closed_at_the_end() -> None:
    before = set(threading.enumerate())
    camera, tracker, renderer = FakeCamera(None, FPS), FakeTracker(), FakeRenderer()
    run_until(
        lambda live, sink: live.report.driven > 5,
        open_camera=lambda: camera,
        open_tracker=lambda: tracker,
        open_renderer=lambda: renderer,
    )
    assert camera.closed and tracker.closed == 1 and renderer.closed == 1  # the camera from outside, too

    def left() -> set[str]:
        names = {thread.name for thread in set(threading.enumerate()) - before}
        return names & {"camera", "tracker", "renderer", "opening", "status"}

    wait_until(lambda: not left())


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Closed])
def test_ctrl_c_and_a_closed_window_end_it_cleanly(stop: type[BaseException]) -> None:
    def at(n: int) -> None:
        if n == 30:
            raise stop

    report = make(Sink(at=at)).run()
    assert report.sent == 29


def test_an_output_that_fails_ends_the_run() -> None:
    def at(n: int) -> None:
        if n == 10:
            raise OutputError("disk full")

    with pytest.raises(OutputError, match="disk full"):
        make(Sink(at=at)).run()


def test_the_status_is_told_while_it_runs() -> None:
    told: list[int] = []
    run_until(lambda live, sink: len(told) > 2, on_status=lambda report: told.append(report.sent))
    assert told == sorted(told)


def test_the_rate_is_steady_whatever_the_camera_does() -> None:
    pacers = []

    def done(live: Live, sink: Sink) -> bool:
        pacers.append(live._pacer)
        return live.report.repeated > 50

    sink, _ = run_until(done, open_camera=lambda: FakeCamera(None, fps=20))
    steps = np.diff(sink.told) * FPS
    assert steps.min() > 0.89  # it follows the camera's phase, and is never in haste
    taken_away = pacers[-1].missed  # periods in which the machine did not let it run
    assert steps.sum() == pytest.approx(len(steps) + taken_away, rel=0.11)


def test_a_swap_happens_between_two_frames_and_closes_the_old() -> None:
    old, new = FakeRenderer(), FakeRenderer()
    swapped = threading.Event()

    on = threading.Event()
    at: list[float] = []

    def slowly() -> FakeRenderer:
        assert on.wait(GENEROUS)  # frames flow meanwhile
        return new

    def done(live: Live, sink: Sink) -> bool:
        at.append(running.seconds)
        if len(sink.frames) == 20:
            threading.Thread(target=lambda: (live.swap(slowly), swapped.set())).start()
        if len(sink.frames) == 40:
            on.set()
        return swapped.is_set() and new.rendered > 5 and len(sink.frames) > 60

    with Running() as running:
        run_until(done, open_renderer=lambda: old)
    assert old.closed == 1 and new.closed == 1
    assert max(b - a for a, b in pairwise(at[5:])) < 0.5


def test_a_renderer_that_cannot_be_opened_leaves_the_running_one_alone() -> None:
    running = FakeRenderer()
    caught: list[Exception] = []

    def fail() -> Any:
        raise AvatarError("broken")

    def swap() -> None:
        try:
            lives[0].swap(fail)
        except AvatarError as error:
            caught.append(error)

    lives: list[Live] = []

    def done(live: Live, sink: Sink) -> bool:
        if len(sink.frames) == 10:
            lives.append(live)
            threading.Thread(target=swap).start()
        assert not running.closed
        return caught and len(sink.frames) > 60

    run_until(done, open_renderer=lambda: running)
    assert [str(error) for error in caught] == ["broken"]


def test_nothing_is_composed_while_no_picture_is_looked_at() -> None:
    threads: dict[str, list[str]] = {"sketched": [], "composed": []}

    class Figures(Drawing):
        def compose(self) -> np.ndarray:
            threads["composed"].append(threading.current_thread().name)
            return np.zeros((32, 32, 4), np.uint8)

    class Sketcher(FakeRenderer):
        def render(self, expression: Expression) -> AvatarFrame:
            return self.sketch(expression).composed()

        def sketch(self, expression: Expression) -> AvatarFrame:
            threads["sketched"].append(threading.current_thread().name)
            return AvatarFrame(Figures(), expression.time)

    class Choosy(Sink):
        needs_pictures = False

        def send(self, frame: AvatarFrame, at: float | None = None) -> None:
            self.frames.append(frame)
            self.at(len(self.frames))

    def watch(n: int) -> None:
        if not counts and len(threads["sketched"]) > 15:
            counts["without"] = len(threads["composed"])
            sink.needs_pictures = True
        if len(threads["composed"]) > 10:
            live.stop()

    counts: dict[str, int] = {}
    sink = Choosy(at=watch)
    live = make(sink, open_renderer=Sketcher)
    guard = threading.Timer(GENEROUS, live.stop)
    guard.start()
    live.run()
    guard.cancel()
    assert counts["without"] == 1  # at rest, for when nothing draws
    assert 10 < len(threads["composed"]) < len(threads["sketched"])
    assert threading.current_thread().name not in threads["composed"]


class Lowered(Governor):
    """Does as little as there is, whatever it sees."""

    def look(self, sample: Sample) -> None:
        super().look(sample)
        self.level = len(LEVELS) - 1


def test_with_less_effort_fewer_pictures_are_tracked_at_the_same_rate_of_frames() -> None:
    """Each is tracked before the camera takes the next, until less is done: then the next that is due."""
    tracker = FakeTracker()
    lowered = threading.Event()

    class Camera(FakeCamera):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for frame in super().__iter__():
                yield replace(frame, time=frame.index / FPS)
                wait_until(lambda index=frame.index: lowered.is_set() or tracker.tracked[-1:] == [index])

    def done(live: Live, sink: Sink) -> bool:
        if live._line.sparse and not lowered.is_set():
            before.extend(tracker.tracked)
            lowered.set()
        return lowered.is_set() and len(tracker.tracked) > len(before) + 10

    before: list[int] = []
    sink, report = run_until(
        done,
        open_tracker=lambda: tracker,
        open_camera=lambda: Camera(None, FPS),
        governor=Lowered(),
        open_renderer=FakeRenderer,
    )
    assert np.median(np.diff(before)) == 1 and np.diff(tracker.tracked[len(before) + 1 :]).min() >= 5
    assert report.sent == len(sink.frames) and not report.troubles
    assert report.governor.level == len(LEVELS) - 1  # what it does stands in the report


def test_a_picture_in_which_nothing_moved_is_not_drawn_again_and_is_no_stall() -> None:
    renderer, tracker = FakeRenderer(), FakeTracker()
    tracker.track = lambda frame: tracker.tracked.append(frame.index)  # type: ignore[assignment]
    at: list[tuple[int, int, int]] = []

    def done(live: Live, sink: Sink) -> bool:
        if live._line.sparse:  # less is done
            at.append((renderer.rendered, len(tracker.tracked), live.report.repeated))
        return bool(at) and at[-1][1] > at[0][1] + 20 and at[-1][2] > at[0][2] + 20

    sink, report = run_until(
        done, open_tracker=lambda: tracker, open_renderer=lambda: renderer, governor=Lowered()
    )
    assert at[-1][0] - at[0][0] <= 2  # one may have been on its way
    assert report.sent == len(sink.frames) and not report.troubles


def test_a_renderer_too_slow_for_the_frames_asked_for_draws_the_cameras_and_says_so() -> None:
    drawn: list[float] = []

    class Slow(FakeRenderer):
        def render(self, expression: Expression) -> AvatarFrame:
            if expression.tracked:
                drawn.append(expression.time)
            return super().render(expression)

    class Remembering(FakeTracker):
        def track(self, frame: Frame) -> Face | None:
            seen.add(frame.time)
            return super().track(frame)

    seen: set[float] = set()
    _, report = run_until(
        lambda live, sink: "renderer" in live.report.notes and len(drawn) > 20,
        open_renderer=lambda: Slow(seconds=0.008),
        open_tracker=Remembering,
        open_camera=lambda: FakeCamera(None, 50),
        smooth=True,
    )
    assert "200" in report.notes["renderer"] and set(drawn) <= seen


def test_frames_repeated_for_want_of_a_cameras_picture_are_no_sign_of_too_much_work() -> None:
    """Of a slow camera, before what lies between is drawn and where it is not."""

    class Spy(Governor):
        def look(self, sample: Sample) -> None:
            samples.append(sample)

    samples: list[Sample] = []
    run_until(
        lambda live, sink: len(samples) > 2 and samples[-1].age > 0 and live.report.repeated > 100,
        open_camera=lambda: FakeCamera(None, 20),
        governor=Spy(),
    )
    assert all(sample.behind == 0 for sample in samples)
    assert samples[-1].sent > samples[0].sent and samples[-1].processor > 0
