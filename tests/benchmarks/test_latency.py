import time

import numpy as np
import pytest

from benchmarks.suite import latency
from liveavatar.app.testcard import write_number
from liveavatar.bench import legs
from liveavatar.types import AvatarFrame
from tests.helpers.fakes import FakeTracker


@pytest.mark.parametrize("begin", [0.0, 12.3456, latency._STEPS * latency.TICK - 0.01, 1e6 + 0.5])
def test_the_clock_tells_the_time_that_passed_also_across_its_end(begin: float) -> None:
    clock = latency.clock_at(begin)
    for passed in (0.0001, 0.05, 3.0):
        assert latency.age_of(clock, begin + passed) == pytest.approx(passed, abs=latency.TICK)


def test_pictures_without_a_clock_have_no_age() -> None:
    assert latency.age_of(0, 1.0) is None  # the black blocks of an idle picture
    assert latency.age_of(2**24 - 1, 1.0) is None  # a white picture


def test_the_reader_counts_each_clock_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = latency.Reader()
    image = np.zeros((64, 64, 4), np.uint8)
    read.send(AvatarFrame(image, 0.0))
    start = time.perf_counter()
    monkeypatch.setattr(latency, "now", lambda: start)
    write_number(image, latency.clock_at(start - 0.25))
    for _ in range(3):
        read.send(AvatarFrame(image, start - 0.1))
    assert len(read.by_pixels) == 1
    assert read.by_pixels[0] == pytest.approx(0.25, abs=latency.TICK)
    assert read.by_program[0] == pytest.approx(0.1)


def test_both_measures_agree_in_the_real_loop(parts: legs.Parts) -> None:
    result = latency.measure(parts, seconds=1.0)
    assert result["pixel_frames"] == result["age_frames"] > 10
    assert result["apart_ms"]["median"] < 2
    assert result["pixel_age_ms"]["p50"] >= 5  # tracking alone takes that
    assert len(result["at_s"]) == len(result["pixel_ms"]) == len(result["program_ms"])


def test_the_pixels_find_out_a_time_stamp_that_lies(
    parts: legs.Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "liveavatar.bench.parts.now", lambda: time.perf_counter() - 0.5
    )  # stamps every camera picture
    result = latency.measure(parts, seconds=0.5)
    assert result["age_ms"]["p50"] > 500
    assert result["pixel_age_ms"]["p50"] < result["age_ms"]["p50"] - 400
    assert result["apart_ms"]["median"] == pytest.approx(500, abs=10)


def test_a_slow_tracker_shows_in_the_pixels(parts: legs.Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveavatar.bench.parts.open_tracker", lambda *a: FakeTracker(seconds=0.06))
    assert latency.measure(parts, seconds=0.6)["pixel_age_ms"]["p50"] >= 60
