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
from liveavatar.types import AvatarFrame, Drawing, Expression
from tests.helpers.fakes import FakeCamera, FakeRenderer, FakeRetargeter, FakeTracker

FPS = 200.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cues, "IDLE_AFTER", 0.1)
    monkeypatch.setattr(line, "REOPEN_EVERY", 0.05)
    monkeypatch.setattr(module, "STATUS_EVERY", 0.1)


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


def run_for(frames: int, **parts: Any) -> tuple[Sink, Report]:
    sink = Sink(at=lambda n: live.stop() if n >= frames else None)
    live = make(sink, **parts)
    guard = threading.Timer(20, live.stop)
    guard.start()
    try:
        return sink, live.run()
    finally:
        guard.cancel()


def red(frame: AvatarFrame) -> int:
    return int(frame.image[0, 0, 0])


def test_the_cameras_motion_arrives_in_order() -> None:
    sink, report = run_for(80)
    reds = [red(frame) for frame in sink.frames if frame.image[0, 0, 1]]
    assert len(set(reds)) > 20
    assert reds == sorted(reds)
    assert report.driven > 20 and report.provider == "fake"


def test_a_source_that_ends_ends_the_run_and_its_last_frame_is_sent() -> None:
    sink, report = run_for(10_000, open_camera=lambda: FakeCamera(frames=30, fps=FPS))
    assert red(sink.frames[-1]) == 29
    assert report.sent < 1000


def test_age_is_measured_when_the_output_accepted() -> None:
    def slow(n: int) -> None:
        time.sleep(0.004)
        if n >= 60:
            live.stop()

    sink = Sink(at=slow)
    live = make(sink, open_renderer=lambda: FakeRenderer(seconds=0.005))
    report = live.run()
    assert report.ages.count == report.driven > 0
    assert report.ages.ms(1) >= 9  # 5 ms of rendering and 4 ms of sending


def test_missed_periods_are_missing_on_the_outputs_clock() -> None:
    def stall(n: int) -> None:
        if n == 10:
            time.sleep(0.2)
        if n >= 40:
            live.stop()

    sink = Sink(at=stall)
    live = make(sink, follow=False)
    report = live.run()
    assert sink.told[0] == 0 and sink.told[10] - sink.told[9] >= 0.2 - 1 / FPS
    assert sink.told == sorted(sink.told)
    np.testing.assert_allclose(np.array(sink.told) * FPS, np.round(np.array(sink.told) * FPS), atol=1e-6)
    assert sink.told[-1] == pytest.approx(report.seconds, abs=0.05)


def test_frames_flow_from_second_0_while_everything_loads() -> None:
    def slowly(make_part: Callable[[], Any]) -> Callable[[], Any]:
        def opened() -> Any:
            time.sleep(0.3)
            return make_part()

        return opened

    sink, report = run_for(
        160,
        open_tracker=slowly(FakeTracker),
        open_renderer=slowly(FakeRenderer),
        open_camera=slowly(lambda: FakeCamera(None, FPS)),
    )
    blank = [frame for frame in sink.frames if not frame.image.any()]
    assert len(blank) >= 10  # nothing but background before the renderer is there
    assert sink.frames[-1].image.any()
    assert report.first_driven is not None and report.first_driven >= 0.3
    assert report.idle >= len(blank)


def test_the_avatar_idles_while_the_camera_stalls_and_comes_back() -> None:
    class Stalling(FakeCamera):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for frame in super().__iter__():
                if frame.index == 10:
                    time.sleep(cues.IDLE_AFTER + 0.15)
                yield replace(frame, time=time.perf_counter())

    sink, report = run_for(120, open_camera=lambda: Stalling(None, FPS))
    tracked = [bool(frame.image[0, 0, 1]) for frame in sink.frames if frame.image.any()]
    changes = [b for a, b in pairwise(tracked) if a != b]
    assert changes[-2:] == [False, True]  # driven -> idle -> driven
    times = [frame.time for frame in sink.frames if frame.image.any() and not frame.image[0, 0, 1]]
    assert len(set(times)) > 5  # idle frames move on, it is no frozen picture
    assert report.ages.ms(100) < 300  # idle frames do not count as age


def test_retargeting_time_never_runs_backwards() -> None:
    retargeter = FakeRetargeter()
    run_for(60, retargeter=retargeter, open_tracker=lambda: FakeTracker(seconds=0.02))
    assert np.all(np.diff(retargeter.times) > 0)


def test_a_slow_tracker_drops_frames_instead_of_ageing() -> None:
    _, report = run_for(100, open_tracker=lambda: FakeTracker(seconds=0.03))
    assert report.drops["capture"] > 10
    assert report.ages.ms(50) < 100


def test_a_lost_camera_is_reported_and_opened_again() -> None:
    cameras = [FakeCamera(None, FPS, fail_at=10, error=CameraError("unplugged")), FakeCamera(None, FPS)]
    sink, report = run_for(
        200,
        open_camera=lambda: cameras.pop(0),
        retargeter=(retargeter := FakeRetargeter()),
        open_tracker=(lambda: tracker) if (tracker := FakeTracker()) else None,
    )
    assert not cameras and not report.troubles
    restarts = sum(b < a for a, b in pairwise(tracker.tracked))
    assert restarts == 1  # both cameras were tracked: each counts from 0, and any picture may be skipped
    assert retargeter.times and sink.frames[-1].image[0, 0, 1]


def test_a_camera_that_stays_lost_leaves_the_trouble_standing() -> None:
    first = [FakeCamera(None, FPS, fail_at=5, error=CameraError("unplugged"))]

    def open_camera() -> FakeCamera:
        if first:
            return first.pop()
        raise CameraError("still away")

    sink, report = run_for(120, open_camera=open_camera)
    assert report.troubles == {"camera": "still away"}
    assert report.sent == 120 and not sink.frames[-1].image[0, 0, 1]


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
    _, report = run_for(100, open_renderer=lambda: FakeRenderer(fail={20}))
    assert report.sent == 100 and not report.troubles


def test_a_renderer_that_never_gave_a_picture_ends_it() -> None:
    with pytest.raises(RuntimeError, match="fell off"):
        run_for(10_000, open_renderer=lambda: FakeRenderer(always=True))


def test_a_slow_tracker_is_not_taken_for_a_camera_that_stalls() -> None:
    """Half a second a picture: after the first two the avatar holds the last one instead of idling in between."""
    sink, report = run_for(round(3.2 * FPS), open_tracker=lambda: FakeTracker(seconds=0.5))
    driven = [bool(frame.image[0, 0, 1]) for frame in sink.frames]
    settled = driven[round(1.6 * FPS) :]
    assert report.driven >= 4 and all(settled)


def test_a_failing_tracker_idles_and_says_so() -> None:
    sink, report = run_for(60, open_tracker=lambda: FakeTracker(error=TrackerError("graph broke")))
    assert report.troubles == {"tracker": "graph broke"}
    assert not sink.frames[-1].image[0, 0, 1]


def test_everything_is_closed_at_the_end() -> None:
    before = set(threading.enumerate())
    camera, tracker, renderer = FakeCamera(None, FPS), FakeTracker(), FakeRenderer()
    run_for(40, open_camera=lambda: camera, open_tracker=lambda: tracker, open_renderer=lambda: renderer)
    assert camera.closed and tracker.closed == 1 and renderer.closed  # twice where the end was slow
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not {"camera", "tracker", "renderer", "opening", "status"} & left


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
    told = []
    run_for(120, on_status=lambda report: told.append(report.sent))
    assert told and told == sorted(told)


def test_the_rate_is_steady_whatever_the_camera_does() -> None:
    sink, report = run_for(150, open_camera=lambda: FakeCamera(None, fps=20))
    mean = (sink.sent_at[-1] - sink.sent_at[0]) / (len(sink.sent_at) - 1)
    assert mean == pytest.approx(1 / FPS, rel=0.25)  # generous: test machines are busy
    assert report.repeated > 50


def test_a_swap_happens_between_two_frames_and_closes_the_old() -> None:
    old, new = FakeRenderer(), FakeRenderer()
    swapped = threading.Event()

    def at(n: int) -> None:
        if n == 20:
            threading.Thread(target=lambda: (live.swap(lambda: new), swapped.set())).start()
        if swapped.is_set() and n > 60:
            live.stop()

    sink = Sink(at=at)
    live = make(sink, open_renderer=lambda: old)
    guard = threading.Timer(20, live.stop)
    guard.start()
    live.run()
    guard.cancel()
    assert swapped.is_set() and old.closed == 1 and new.closed
    assert max(b - a for a, b in pairwise(sink.sent_at[5:])) < 0.5


def test_a_renderer_that_cannot_be_opened_leaves_the_running_one_alone() -> None:
    running = FakeRenderer()
    caught: list[Exception] = []

    def fail() -> Any:
        raise AvatarError("broken")

    def swap() -> None:
        try:
            live.swap(fail)
        except AvatarError as error:
            caught.append(error)

    def at(n: int) -> None:
        if n == 10:
            threading.Thread(target=swap).start()
        if n == 60:
            assert not running.closed
            live.stop()

    sink = Sink(at=at)
    live = make(sink, open_renderer=lambda: running)
    live.run()
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
        if n == 30:
            counts["without"] = len(threads["composed"])
            sink.needs_pictures = True
        if n == 60:
            live.stop()

    counts: dict[str, int] = {}
    sink = Choosy(at=watch)
    live = make(sink, open_renderer=Sketcher)
    live.run()
    assert counts["without"] == 1  # at rest, for when nothing draws
    assert 10 < len(threads["composed"]) < len(threads["sketched"])
    assert threading.current_thread().name not in threads["composed"]


class Lowered(Governor):
    """Does as little as there is, whatever it sees."""

    def look(self, sample: Sample) -> None:
        super().look(sample)
        self.level = len(LEVELS) - 1


def test_with_less_effort_fewer_pictures_are_tracked_at_the_same_rate_of_frames() -> None:
    tracker = FakeTracker()
    _, report = run_for(200, open_tracker=lambda: tracker, governor=Lowered(), open_renderer=FakeRenderer)
    gaps = np.diff(tracker.tracked)
    assert np.median(gaps[len(gaps) // 2 :]) >= 4 > np.median(gaps[:5])
    assert report.sent == 200 and not report.troubles
    assert report.governor.level == len(LEVELS) - 1  # what it does stands in the report


def test_a_picture_in_which_nothing_moved_is_not_drawn_again_and_is_no_stall() -> None:
    renderer = FakeRenderer()
    still = type("Still", (FakeTracker,), {"track": lambda self, frame: None})
    _, report = run_for(200, open_tracker=still, open_renderer=lambda: renderer, governor=Lowered())
    assert renderer.rendered < 0.7 * report.sent
    assert report.sent == 200 and not report.troubles and report.repeated > 40


def test_a_renderer_too_slow_for_the_frames_asked_for_draws_the_cameras_and_says_so() -> None:
    slow = FakeRenderer(seconds=0.008)
    camera = FakeCamera(None, 50)
    _, report = run_for(240, open_renderer=lambda: slow, open_camera=lambda: camera, smooth=True)
    assert "200" in report.notes["renderer"] and slow.rendered < 90  # 200 frames a second in 1.2 s


def test_frames_repeated_for_want_of_a_cameras_picture_are_no_sign_of_too_much_work() -> None:
    """Of a slow camera, before what lies between is drawn and where it is not."""

    class Spy(Governor):
        def look(self, sample: Sample) -> None:
            samples.append(sample)

    samples: list[Sample] = []
    _, report = run_for(200, open_camera=lambda: FakeCamera(None, 20), governor=Spy())
    assert len(samples) >= 3 and report.repeated > 100
    assert all(sample.behind == 0 for sample in samples)
    assert samples[-1].sent > 50 and samples[-1].processor > 0 and samples[-1].age > 0
