"""Which microphone moves the lips of a running program, and in what voice it is sent on: changed while the show goes on."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveavatar.app.hearing import Hearing

    Listen = Callable[[str, str], Hearing]

Command = dict[str, Any]
COMMANDS = ("microphone", "microphones", "voice")
OFF, USUAL = "off", "default"


class MicrophoneDesk:
    """From any thread."""

    def __init__(self, listen: "Listen") -> None:
        """listen: begins to hear the microphone of this name, sent on in the voice of this one; OFF: not sent."""
        self._listen = listen
        self._lock = threading.Lock()
        self._hearing: Hearing | None = None
        self.wanted = OFF
        """As find_device() takes it, or OFF."""
        self.voice = OFF
        """Of audio.voices.NAMES, or OFF."""

    @property
    def level(self) -> float | None:
        """How loud it is, 0..1; None while none is heard."""
        hearing = self._hearing
        return hearing.level if hearing is not None and hearing.name else None

    @property
    def name(self) -> str:
        """Of the one that is heard; empty for none."""
        return "" if self._hearing is None else self._hearing.name

    def take(self, name: str, voice: str | None = None) -> None:
        """Listen to this one from now on; OFF: to none. One that is away is waited for, and it is said. voice: None for the one
        there was."""
        name = name.strip() or OFF
        with self._lock:
            self.voice = self.voice if voice is None else voice
            if self._hearing is not None:
                self._hearing.close()
                self._hearing = None
            self.wanted = OFF if name.lower() == OFF else name
            if self.wanted != OFF:
                self._hearing = self._listen(self.wanted, self.voice)

    def handle(self, command: Command) -> Command:
        """Answer one of COMMANDS. Raises LiveAvatarError where there is no such microphone; nothing is changed then."""
        from liveavatar.audio.devices import find_device, list_devices
        from liveavatar.audio.voices import check_voice

        if command.get("command") == "microphones":
            return {"microphones": [device.name for device in list_devices("input")]}
        name = str(command.get("name"))
        if command.get("command") == "voice":
            voice = check_voice(name)
            self.take(USUAL if self.wanted == OFF and voice != OFF else self.wanted, voice)
            return {"voice": self.voice, "microphone": self.wanted}
        if name.strip().lower() != OFF:
            find_device(name, "input")
        self.take(name)
        return {"microphone": self.wanted}

    def close(self) -> None:
        """Listen to none any more. May be called twice."""
        self.take(OFF)
