"""Which microphone moves the lips of a running program: taken, changed and put down while the show goes on."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveavatar.app.hearing import Hearing

Command = dict[str, Any]
COMMANDS = ("microphone", "microphones")
OFF = "off"


class MicrophoneDesk:
    """From any thread."""

    def __init__(self, listen: "Callable[[str], Hearing]") -> None:
        """listen: begins to hear the microphone of this name."""
        self._listen = listen
        self._lock = threading.Lock()
        self._hearing: Hearing | None = None
        self.wanted = OFF
        """As find_device() takes it, or OFF."""

    @property
    def level(self) -> float | None:
        """How loud it is, 0..1; None while none is heard."""
        hearing = self._hearing
        return hearing.level if hearing is not None and hearing.name else None

    @property
    def name(self) -> str:
        """Of the one that is heard; empty for none."""
        return "" if self._hearing is None else self._hearing.name

    def take(self, name: str) -> None:
        """Listen to this one from now on; OFF: to none. One that is away is waited for, and it is said."""
        name = name.strip() or OFF
        with self._lock:
            if self._hearing is not None:
                self._hearing.close()
                self._hearing = None
            self.wanted = OFF if name.lower() == OFF else name
            if self.wanted != OFF:
                self._hearing = self._listen(self.wanted)

    def handle(self, command: Command) -> Command:
        """Answer one of COMMANDS. Raises LiveAvatarError where there is no such microphone; nothing is changed then."""
        from liveavatar.audio.devices import find_device, list_devices

        if command.get("command") == "microphones":
            return {"microphones": [device.name for device in list_devices("input")]}
        name = str(command.get("name"))
        if name.strip().lower() != OFF:
            find_device(name, "input")
        self.take(name)
        return {"microphone": self.wanted}

    def close(self) -> None:
        """Listen to none any more. May be called twice."""
        self.take(OFF)
