"""A device that goes away and comes back, as a fake: the loop never waits for it."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from liveavatar.errors import OutputAway, OutputError
from liveavatar.outputs import open_output
from liveavatar.outputs.hotplug import Hotplug
from liveavatar.types import AvatarFrame
from tests.helpers.running import GENEROUS, Running, wait_until

FRAME = AvatarFrame(np.full((32, 32, 4), 255, np.uint8), 0.0)


class Devices:
    """Opens one memory output after the other; while `away`, sending fails and none can be opened."""

    def __init__(self) -> None:
        self.away = False
        self.opened: list[Any] = []
        self.seconds = 0.0
        """Each opening and closing takes."""
        self.running = Running()

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
def devices() -> Iterator[Devices]:
    given = Devices()
    with given.running:
        yield given


def send(output: Hotplug) -> bool:
    """Whether the frame was accepted."""
    try:
        output.send(FRAME)
    except OutputAway:
        return False
    return True


def until_sent(output: Hotplug, running: Running) -> float:
    """Seconds of the process's own until a frame is accepted."""
    start = running.seconds
    wait_until(lambda: send(output))
    return running.seconds - start


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
    assert until_sent(output, devices.running) < 0.5
    first, second = devices.opened
    assert first.closed and len(second.frames) == 1
    output.close()
    assert second.closed


def test_one_failure_costs_some_frames_only(devices: Devices) -> None:
    output = Hotplug(devices)
    assert send(output)
    devices.opened[0].closed = True
    assert not send(output)
    assert until_sent(output, devices.running) < 0.2
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
    wait_until(lambda: "output" not in {thread.name for thread in threading.enumerate()})
    devices.away = False
    other, released = Hotplug(devices), threading.Event()
    devices.opened[-1].close = lambda: released.wait(GENEROUS)
    start = devices.running.seconds
    other.close()
    assert devices.running.seconds - start < 1.5
    released.set()


def test_nobody_waits_for_a_device_that_takes_long_to_open(devices: Devices) -> None:
    output = Hotplug(devices)
    ready = threading.Event()
    output._open = lambda: (ready.wait(GENEROUS), devices())[1]
    devices.opened[0].closed = True
    assert not any(send(output) for _ in range(20))
    ready.set()
    until_sent(output, devices.running)
    output.close()
