"""What the user said about the output becomes an output, whose framing can be changed while it is open."""

import time
from typing import Any

import numpy as np
import pytest

from liveavatar import outputs
from liveavatar.app.sink import Sink
from liveavatar.errors import OutputAway, OutputError
from liveavatar.media.compositing import Framing
from liveavatar.outputs.memory import Memory
from liveavatar.types import AvatarFrame
from tests.helpers.running import GENEROUS

FRAME = AvatarFrame(np.full((32, 32, 4), 255, np.uint8), 0.0)


class Device(Memory):
    """A virtual camera that is pulled out."""

    opened: "list[Device]"
    gone = False

    def __init__(self, target: str, *, colour_matrix: str, **options: Any) -> None:
        super().__init__(target, **options)
        self.opened.append(self)

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        if self.gone:
            raise OutputError("the device is gone.")
        super().send(frame, at)


def test_a_device_that_is_opened_again_shows_the_framing_of_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Device, "opened", [], raising=False)
    monkeypatch.setattr("liveavatar.outputs.memory.Device", Device, raising=False)
    monkeypatch.setitem(outputs.OUTPUTS, "virtualcam", "liveavatar.outputs.memory:Device")
    sink = Sink("virtualcam", "black", "bt709", (64, 32), Framing(1.5))
    backdrop = sink.backdrop((32, 32))
    assert backdrop.size == (64, 32) and backdrop.framing == Framing(1.5)
    output = sink.open_live(backdrop, 30)
    output.send(FRAME)
    Device.opened[0].gone = True
    backdrop.framing = Framing(0.5)
    with pytest.raises(OutputAway):
        output.send(FRAME)
    until = time.perf_counter() + GENEROUS
    while len(Device.opened) < 2 and time.perf_counter() < until:
        time.sleep(0.01)
    while True:
        try:
            output.send(FRAME)
        except OutputAway:
            assert time.perf_counter() < until
        else:
            break
    output.close()
    first, second = Device.opened
    assert (first.pictures[0] != second.pictures[0]).any()
    assert np.array_equal(second.pictures[0], backdrop.composite_rgba(FRAME))
