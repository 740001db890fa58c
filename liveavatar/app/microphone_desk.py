"""Which microphone moves the lips of a running program, and in what voice it is sent on: changed while the show goes on."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveavatar.app.hearing import Hearing
    from liveavatar.audio.voices import Chosen

    Listen = Callable[[str, Chosen | None], Hearing]

Command = dict[str, Any]
COMMANDS = ("microphone", "microphones", "voice", "monitor")
OFF, USUAL = "off", "default"


class MicrophoneDesk:
    """From any thread."""

    def __init__(self, listen: "Listen", avatar: Callable[[], str]) -> None:
        """listen: begins to hear the microphone of this name, sent on in this voice; None: not sent. avatar: the name of the one
        that plays."""
        self._listen, self._avatar = listen, avatar
        self._lock = threading.Lock()
        self._hearing: Hearing | None = None
        self.wanted = OFF
        """As find_device() takes it, or OFF."""
        self._chosen: Chosen | None = None
        self.monitored = False
        """One hears oneself, while the voice is sent on."""

    @property
    def voice(self) -> str:
        """Of audio.voices.NAMES, or OFF."""
        return OFF if self._chosen is None else self._chosen.name

    @property
    def sliders(self) -> dict[str, float] | None:
        """Of the voice; None for none, or the natural one."""
        sliders = None if self._chosen is None else self._chosen.sliders
        return None if sliders is None else asdict(sliders)

    @property
    def level(self) -> float | None:
        """How loud it is, 0..1; None while none is heard."""
        hearing = self._hearing
        return hearing.level if hearing is not None and hearing.name else None

    @property
    def sent(self) -> float | None:
        """How loud others hear it, 0..1; None while nobody does."""
        hearing = self._hearing
        return None if hearing is None or hearing.voice is None else hearing.voice.level

    @property
    def name(self) -> str:
        """Of the one that is heard; empty for none."""
        return "" if self._hearing is None else self._hearing.name

    def take(self, name: str, voice: str | None = None) -> None:
        """Listen to this one from now on; OFF: to none. One that is away is waited for, and it is said. voice: see speak_as();
        None for the one there was."""
        chosen = self._chosen if voice is None else self._chosen_by(voice)
        with self._lock:
            self._chosen = chosen
            self._take(name)

    def speak_as(self, voice: str, changes: Mapping[str, float] = MappingProxyType({})) -> None:
        """Send it on in the voice of this name from now on, its sliders changed; OFF: do not. Raises as voices.choose()."""
        chosen = self._chosen_by(voice, changes)
        with self._lock:
            before, self._chosen = self._chosen, chosen
            if before is not None and chosen is not None and self._hearing is not None:
                if self._hearing.voice is not None:
                    self._hearing.voice.change(chosen)
            elif before is not chosen:
                self._take(USUAL if self.wanted == OFF and chosen is not None else self.wanted)

    def _chosen_by(self, voice: str, changes: Mapping[str, float] = MappingProxyType({})) -> "Chosen | None":
        from liveavatar.audio.voices import check_voice, choose

        voice = check_voice(voice)
        return None if voice == OFF else choose(voice, self._avatar(), changes)

    def swapped(self) -> None:
        """Another avatar plays: its own voice is taken, where that was asked for."""
        from liveavatar.audio.voices import OWN
        from liveavatar.errors import ProfileError

        if self.voice == OWN:
            with suppress(ProfileError):  # a damaged one is told when it is asked for by name
                self.speak_as(OWN)

    def _take(self, name: str) -> None:
        name = name.strip() or OFF
        if self._hearing is not None:
            self._hearing.close()
            self._hearing = None
        self.wanted = OFF if name.lower() == OFF else name
        if self.wanted != OFF:
            self._hearing = self._listen(self.wanted, self._chosen)
            self._monitor()

    def _monitor(self) -> None:
        if self._hearing is not None and self._hearing.voice is not None:
            self._hearing.voice.monitored = self.monitored

    def handle(self, command: Command) -> Command:
        """Answer one of COMMANDS. Raises LiveAvatarError where there is no such microphone or voice, and ValueError or TypeError
        for sliders that are none; nothing is changed then."""
        from liveavatar.audio.devices import find_device, list_devices

        match command.get("command"):
            case "microphones":
                return {"microphones": [device.name for device in list_devices("input")]}
            case "voice":
                self.speak_as(str(command.get("name")), command.get("sliders") or {})
                if command.get("keep") is True:
                    self._keep()
                return {"voice": self.voice, "microphone": self.wanted, "avatar": self._avatar()}
            case "monitor":
                self.monitored = command.get("on") is True
                self._monitor()
                return {"monitor": self.monitored}
        name = str(command.get("name"))
        if name.strip().lower() != OFF:
            find_device(name, "input")
        self.take(name)
        return {"microphone": self.wanted}

    def _keep(self) -> None:
        """The avatar that plays has this voice from now on. Raises SoundError, ProfileError."""
        from liveavatar.audio.kept_voices import keep_voice
        from liveavatar.audio.sliders import Sliders
        from liveavatar.audio.voices import OWN

        chosen = self._chosen
        keep_voice(self._avatar(), Sliders() if chosen is None or chosen.sliders is None else chosen.sliders)
        self.speak_as(OWN)

    def close(self) -> None:
        """Listen to none any more. May be called twice."""
        self.take(OFF)
