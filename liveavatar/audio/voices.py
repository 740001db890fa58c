"""What a microphone's voice can be made into on its way: what every voice has to do, and which there are by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

import numpy as np

from liveavatar.audio.kept_voices import kept_voice
from liveavatar.audio.sliders import Sliders
from liveavatar.errors import SoundError
from liveavatar.language import tr

OFF, NATURAL = "off", "natural"
PRESETS: Mapping[str, Sliders] = MappingProxyType(
    {
        "lighter": Sliders(pitch=5, body=-0.35, brightness=0.1),
        "deeper": Sliders(pitch=-4, body=0.3),
        "giant": Sliders(pitch=-9, body=0.8, growl=0.2),
        "robot": Sliders(robot=1, brightness=0.2),
        "whisper": Sliders(breath=1, brightness=0.25),
        "creature": Sliders(pitch=-5, body=-0.5, growl=0.7),
    }
)
"""One's own voice from another body."""
OWN = "own"
"""The one kept for the avatar that plays, see kept_voices; natural where there is none."""
NAMES: tuple[str, ...] = (NATURAL, *PRESETS, OWN)
"""Of all voices."""


@dataclass(frozen=True)
class Chosen:
    """A voice as somebody chose it."""

    name: str
    """Of NAMES."""
    sliders: Sliders | None
    """None: as it is."""


def choose(name: str, avatar: str, changes: Mapping[str, float] = MappingProxyType({})) -> Chosen:
    """The voice of this name, of NAMES, for the avatar of this one, its sliders changed. Raises SoundError, ProfileError where
    the kept one is damaged, and TypeError or ValueError for what is no slider or too much."""
    name = check_voice(name, NAMES)
    sliders = kept_voice(avatar) if name == OWN else PRESETS.get(name)
    if changes and name != NATURAL:
        sliders = replace(sliders or Sliders(), **changes)
    return Chosen(name, sliders)


class Voice(Protocol):
    """Makes one voice of another, block by block. Used by one thread; reads no clock."""

    delay: float = 0.0
    """Seconds that what comes out is late; does not change."""

    def process(self, block: np.ndarray) -> np.ndarray:
        """(n,) float32 for (n,) float32 at suppressor.RATE: what went in `delay` before."""
        ...


class Natural(Voice):
    """One's own, as it is."""

    def process(self, block: np.ndarray) -> np.ndarray:
        """See Voice."""
        return block


def check_voice(name: str, names: tuple[str, ...] = (OFF, *NAMES)) -> str:
    """The name, where there is such a voice among names. Raises SoundError, with what there is."""
    wanted = name.strip().lower()
    if wanted not in names:
        listing = ", ".join(names)
        raise SoundError(
            tr(
                f"no voice named {name.strip()[:80]!r}. There are: {listing}",
                f"没有名为 {name.strip()[:80]!r} 的声音。可用：{listing}",
            )
        )
    return wanted


def open_voice(sliders: Sliders | None, changer: Callable[[Sliders], Voice]) -> Voice:
    """What speaks so. changer: the engine, as sliders want it."""
    return Natural() if sliders is None else changer(sliders)
