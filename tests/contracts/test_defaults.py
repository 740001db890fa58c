"""A part of one's own says only what it must: the contracts hold the rest."""

from collections.abc import Iterator

import numpy as np

from liveavatar.live.loop import Live
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.stages import Camera, Output, Renderer, Tracker
from liveavatar.types import AvatarFrame, Expression, Face, Frame


class Room(Camera):
    size, fps = (64, 48), 30.0

    def __iter__(self) -> Iterator[Frame]:
        for index in range(5):
            yield Frame(np.zeros((48, 64, 3), np.uint8), index / 30, index)


class Blind(Tracker):
    def track(self, frame: Frame) -> Face | None:
        return None


class Square(Renderer):
    size = (32, 32)

    def render(self, expression: Expression) -> AvatarFrame:
        return AvatarFrame(np.full((32, 32, 4), 255, np.uint8), expression.time)


class Count(Output):
    count = 0

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        self.count += 1


def test_the_loop_asks_for_no_more() -> None:
    output = Count()
    report = Live(
        open_camera=Room,
        open_tracker=Blind,
        retargeter=FaceRetargeter(),
        open_renderer=Square,
        output=output,
        size=(32, 32),
        reopen=False,
    ).run()
    assert report.sent == output.count and not report.troubles and not report.notes
    assert report.provider == ""


def test_what_an_output_need_not_know_about_does_nothing() -> None:
    output = Count()
    output.on_key(lambda key: None)
    output.abort()
    output.close()
    assert output.keep() is None and output.left_out == 0 and not output.notes and output.label == "output"
