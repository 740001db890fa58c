"""What a microphone's voice can be made into on its way: what every voice has to do, and which there are by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np

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
NAMES: tuple[str, ...] = (NATURAL, *PRESETS)
"""Of all voices."""


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


def open_voice(name: str, changer: Callable[[Sliders], Voice]) -> Voice:
    """The voice of this name, see NAMES. changer: the engine, as sliders want it. Raises SoundError."""
    name = check_voice(name)
    return changer(PRESETS[name]) if name in PRESETS else Natural()
