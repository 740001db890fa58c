"""An output on a device that may go away: told, and opened again and again, while the show goes on."""

import logging
import threading
from collections.abc import Callable

from liveavatar.base.mailbox import Closed, Mailbox
from liveavatar.base.shutdown import Detached
from liveavatar.errors import OutputAway, OutputError
from liveavatar.language import tr
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

log = logging.getLogger(__name__)

EVERY, LATER = 0.2, 0.4
"""Seconds between two attempts, for the first ones and from then on: a device that is back has frames within half a second."""
FIRST = 50
"""Attempts before it becomes slower."""
CLOSING = 0.5
"""Seconds that closing a device may take."""


class Hotplug(Output):
    """Sends to the device while there is one. Nothing here waits for it."""

    def __init__(self, open_device: Callable[[], Output]) -> None:
        """open_device: may be called again in another thread. Raises its OutputError the first time."""
        self._open = open_device
        self._device: Output | None = open_device()
        self.label = self._device.label
        self._fresh: Mailbox[Output] = Mailbox()
        self._closed = threading.Event()
        self._reason = ""

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Deliver one frame. Raises OutputAway while the device is gone."""
        device = self._device or self._fresh.take(0)
        if device is None:
            raise OutputAway(self._reason)
        self._device = device
        try:
            device.send(frame, at)
        except OutputError as error:
            self._device = None
            self._reason = tr(f"{error} Opening it again.", f"{error}正在重新打开。")
            Detached(self._reopen, device, name="output")
            raise OutputAway(self._reason) from error

    def close(self) -> None:
        """Release the device. May be called twice."""
        self._closed.set()
        self._fresh.close()
        device, self._device = self._device, None
        if device is not None:
            Detached(device.close, name="close output").join(CLOSING)

    def _reopen(self, failed: Output) -> None:
        failed.close()
        attempts = 0
        while not self._closed.is_set():
            try:
                fresh = self._open()
            except OutputError:
                attempts += 1
                self._closed.wait(EVERY if attempts < FIRST else LATER)
                continue
            try:
                self._fresh.put(fresh)
            except Closed:
                fresh.close()
            else:
                log.info("output: open again after %d attempts: %s", attempts + 1, fresh.label)
            return
