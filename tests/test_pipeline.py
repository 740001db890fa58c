import threading
from collections.abc import Iterator

import numpy as np
import pytest

from liveavatar import pipeline
from liveavatar.errors import CameraError
from liveavatar.types import AvatarFrame
from tests.helpers.fakes import FakeCamera, FakeRenderer, FakeRetargeter, FakeTracker


def animate(overlap: bool, camera: FakeCamera | None = None) -> list[AvatarFrame]:
    camera = camera or FakeCamera(frames=25)
    return list(pipeline.animate(camera, FakeTracker(), FakeRetargeter(), FakeRenderer(), overlap=overlap))


@pytest.mark.parametrize("overlap", [False, True])
def test_every_frame_in_order_with_its_time(overlap: bool) -> None:
    frames = animate(overlap)
    assert [frame.time for frame in frames] == [i / 30 for i in range(25)]
    assert [int(frame.image[0, 0, 0]) for frame in frames] == list(range(25))


def test_the_same_pictures_every_time_and_with_overlap() -> None:
    first, again, overlapped = animate(False), animate(False), animate(True)
    for a, b, c in zip(first, again, overlapped, strict=True):
        np.testing.assert_array_equal(a.image, b.image)
        np.testing.assert_array_equal(a.image, c.image)


@pytest.mark.parametrize("overlap", [False, True])
def test_a_failing_camera_fails_here_after_its_good_frames(overlap: bool) -> None:
    camera = FakeCamera(frames=10, fail_at=4, error=CameraError("unplugged"))
    frames = []
    with pytest.raises(CameraError, match="unplugged"):
        for frame in pipeline.animate(
            camera, FakeTracker(), FakeRetargeter(), FakeRenderer(), overlap=overlap
        ):
            frames.append(frame)
    assert len(frames) == 4


def test_leaving_early_ends_the_thread() -> None:
    def numbers() -> Iterator[int]:
        yield from range(1_000_000)

    items = pipeline.ahead(numbers())
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert not [t for t in threading.enumerate() if t.name == "ahead"]
