"""Another camera in the middle of a run."""

import threading
from typing import Any

import pytest

from liveavatar.errors import CameraError
from liveavatar.live.loop import Live
from tests.helpers.fakes import FakeCamera
from tests.live.test_loop import FPS, Sink, impatient, run_until  # noqa: F401


def test_another_camera_takes_over_and_a_broken_one_changes_nothing() -> None:
    old, new = FakeCamera(None, FPS), FakeCamera(None, FPS)
    told: list[str] = []
    changed = threading.Event()

    def change(live: Live) -> None:
        def broken() -> Any:
            raise CameraError("no such camera")

        try:
            live.change_camera(broken)
        except CameraError as error:
            told.append(str(error))
        assert not old.closed
        live.change_camera(lambda: new)
        changed.set()

    def done(live: Live, sink: Sink) -> bool:
        if len(sink.frames) == 20:
            threading.Thread(target=change, args=(live,)).start()
        return changed.is_set() and old.closed > 0 and len(sink.frames) > 80

    _, report = run_until(done, open_camera=lambda: old)
    assert told == ["no such camera"] and not report.troubles
    assert new.closed and report.driven > 30


def test_a_camera_that_hangs_is_left_behind() -> None:
    old, new = FakeCamera(None, FPS, hang_at=10), FakeCamera(None, FPS)
    driven: list[int] = []

    def done(live: Live, sink: Sink) -> bool:
        if len(sink.frames) == 40:
            threading.Thread(target=live.change_camera, args=(lambda: new,)).start()
        driven.append(live.report.driven)
        return driven[-1] > 60

    run_until(done, open_camera=lambda: old)
    old.hang.over.set()
    assert old.closed


@pytest.fixture(autouse=True)
def _quick(impatient: None) -> None:  # noqa: F811
    """As in test_loop.py."""
