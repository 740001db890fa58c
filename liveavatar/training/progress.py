"""What a training tells while it works: callbacks that the command line draws bars with."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Each of them is told how much is done, of how much."""

    rendering: Callable[[int, int], None] = lambda done, total: None
    motion: Callable[[int, int], None] = lambda done, total: None
    patches: Callable[[int, int], None] = lambda done, total: None
    training: Callable[[int, int, str], None] = lambda step, steps, stage: None
