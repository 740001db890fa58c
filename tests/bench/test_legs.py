import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.bench import legs as module
from liveavatar.bench.legs import Parts, bench
from liveavatar.media.video_writer import VideoEncoder
from liveavatar.outputs.null import Null
from tests.helpers.fakes import FakeTracker

TINY = Path(__file__).parents[1] / "data" / "tiny"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    encoder = VideoEncoder(path, (64, 48), 25)
    for i in range(12):
        encoder.write(np.full((48, 64, 3), 20 * i, np.uint8))
    encoder.close()
    return path


class SlowTracker(FakeTracker):
    """5 ms a picture, without using the processor."""

    opened: list["SlowTracker"] = []  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(seconds=0.005)
        self.opened.append(self)


@pytest.fixture
def parts(clip: Path, tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setattr("liveavatar.bench.parts.open_tracker", lambda *a: SlowTracker())
    monkeypatch.setattr(module, "CHUNK", 10)
    SlowTracker.opened.clear()
    yield Parts(clip, tiny, Path("unused.task"), "cpu")


def test_the_whole_report(parts: Parts) -> None:
    legs: list[str] = []
    result = json.loads(json.dumps(bench(parts, seconds=0.6, on_leg=legs.append), allow_nan=False))
    assert legs == ["age", "60 fps", "throughput", "stages", "rendering", "rest"]
    assert {
        "throughput_ratio", "fps", "tracker_fps", "age_ms", "render_ms", "stage_ms", "cpu_s_per_frame",
        "peak_rss_mb", "first_frame_s", "provider", "machine", "versions", "commit", "size", "fps60",
    } <= set(result)  # fmt: skip
    assert result["size"] == result["output_size"] == [128, 128] and result["provider"] == "cpu"
    assert 0 < result["cores"] < 64 and 0 < result["fps60"]["cores"] < 64
    assert (result["draw"], result["gpu"]) == ("cpu", "")
    assert set(result["age_ms"]) == {"p50", "p95", "p99"}
    assert result["age_ms"]["p50"] >= 5  # tracking alone takes that
    assert set(result["stage_ms"]) == {"decode", "track", "retarget", "render", "composite"}
    assert result["stage_ms"]["track"]["median"] >= 5
    assert result["tracker_fps"] < 200 and result["fps"] < 200  # the tracker's 5 ms bound both legs
    assert result["throughput_ratio"] == pytest.approx(result["fps"] / result["tracker_fps"], rel=1e-3)
    assert result["fps60"]["age_ms"]["p50"] >= 5
    assert set(result["fps60"]) == {
        "age_ms", "sent_fps", "repeated", "stalls", "lowered_s", "cores", "judder", "judder_repeating",
    }  # fmt: skip
    assert all(tracker.closed for tracker in SlowTracker.opened)


def test_the_throughput_legs_track_every_frame(parts: Parts) -> None:
    tracker, renderer = parts.tracker(), parts.renderer()
    result = module.throughput(parts, tracker, renderer, seconds=0.3)
    renderer.close()
    assert isinstance(tracker, SlowTracker)
    assert len(tracker.tracked) == 2 * 15 + 2 * result["throughput_frames"]
    assert result["throughput_frames"] % 10 == 0


def test_chunks_start_anew_with_time_running_on(parts: Parts) -> None:
    source = module._Chunks(parts)
    source.count = 5
    first, second = list(source), list(source)
    times = [frame.time for frame in first + second]
    assert times == sorted(set(times)) and len(times) == 10
    np.testing.assert_array_equal(first[3].image, second[3].image)


def test_a_still_picture_keeps_the_avatar_still(parts: Parts) -> None:
    result = module.jitter_at_rest(parts, FakeTracker(), frames=60)
    assert 0 <= result["rest_mean"] <= result["rest_worst"] < 0.05
    assert math.isfinite(result["rest_worst"])


def test_the_output_may_have_a_size_of_its_own(parts: Parts) -> None:
    sized = replace(parts, size=(320, 180))
    output = sized.output()
    assert isinstance(output, Null) and output.background.size == (320, 180)
    assert (parts.output_size, sized.output_size) == ((128, 128), (320, 180))
