"""A device that goes away and comes back, as a fake: the loop never waits for it."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from liveavatar.errors import OutputAway, OutputError
from liveavatar.outputs import open_output
from liveavatar.outputs.hotplug import Hotplug
from liveavatar.types import AvatarFrame

FRAME = AvatarFrame(np.full((32, 32, 4), 255, np.uint8), 0.0)


class Devices:
    """Opens one memory output after the other; while `away`, sending fails and none can be opened."""

    def __init__(self) -> None:
        self.away = False
        self.opened: list[Any] = []
        self.seconds = 0.0
        """Each opening and closing takes."""

    def __call__(self) -> Any:
        time.sleep(self.seconds)
        if self.away:
            raise OutputError("no such device.")
        device: Any = open_output("memory", size=(32, 32), fps=30)
        send = device.send

        def sending(frame: AvatarFrame, at: float | None = None) -> None:
            if self.away or device.closed:
                raise OutputError("the device is gone.")
            send(frame, at)

        def close() -> None:
            time.sleep(self.seconds)
            device.closed = True

        device.closed = False
        device.send, device.close = sending, close
        self.opened.append(device)
        return device


@pytest.fixture
def devices() -> Devices:
    return Devices()


def send(output: Hotplug) -> bool:
    """Whether the frame was accepted; never slow."""
    start = time.perf_counter()
    try:
        output.send(FRAME)
    except OutputAway:
        return False
    finally:
        assert time.perf_counter() - start < 0.1
    return True


def until_sent(output: Hotplug) -> float:
    start = time.perf_counter()
    while not send(output):
        assert time.perf_counter() - start < 5
        time.sleep(0.01)
    return time.perf_counter() - start


def test_a_device_that_comes_back_has_frames_within_half_a_second(devices: Devices) -> None:
    devices.seconds = 0.05
    output = Hotplug(devices)
    assert send(output)
    devices.away = True
    with pytest.raises(OutputAway, match=r"gone\. Opening it again"):
        output.send(FRAME)
    time.sleep(0.3)
    assert not send(output)
    devices.away = False
    assert until_sent(output) < 0.5
    first, second = devices.opened
    assert first.closed and len(second.frames) == 1
    output.close()
    assert second.closed


def test_one_failure_costs_some_frames_only(devices: Devices) -> None:
    output = Hotplug(devices)
    assert send(output)
    devices.opened[0].closed = True
    assert not send(output)
    assert until_sent(output) < 0.2
    output.close()


def test_what_cannot_be_opened_at_first_is_an_error(devices: Devices) -> None:
    devices.away = True
    with pytest.raises(OutputError, match="no such device"):
        Hotplug(devices)


def test_it_ends_while_the_device_is_away_or_hangs(devices: Devices) -> None:
    output = Hotplug(devices)
    devices.away = True
    assert not send(output)
    output.close()
    output.close()
    time.sleep(0.3)
    assert "output" not in {thread.name for thread in threading.enumerate()}
    devices.away, devices.seconds = False, 0.0
    other = Hotplug(devices)
    devices.seconds = 3.0
    start = time.perf_counter()
    other.close()
    assert time.perf_counter() - start < 1.5
