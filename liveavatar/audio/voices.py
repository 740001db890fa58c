"""What a microphone's voice can be made into on its way: what every voice has to do, and which there are by name."""

from typing import Protocol

import numpy as np

from liveavatar.errors import SoundError
from liveavatar.language import tr

OFF, NATURAL = "off", "natural"
NAMES: tuple[str, ...] = (NATURAL,)
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


def check_voice(name: str) -> str:
    """The name, where there is such a voice. Raises SoundError, with what there is."""
    wanted = name.strip().lower()
    if wanted not in (OFF, *NAMES):
        listing = ", ".join((OFF, *NAMES))
        raise SoundError(
            tr(
                f"no voice named {name.strip()!r}. There are: {listing}",
                f"没有名为 {name.strip()!r} 的声音。可用：{listing}",
            )
        )
    return wanted


def open_voice(name: str) -> Voice:
    """The voice of this name, see NAMES. Raises SoundError."""
    check_voice(name)
    return Natural()
