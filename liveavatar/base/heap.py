"""Memory that is not needed any more goes back to the system, without holding up the show."""

import ctypes
import gc
import sys
from contextlib import suppress

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def share() -> None:
    """One heap for all threads from now on; call it before there are any.

    glibc makes a heap for each of many threads, and never gives back the upper end of any but the first: a stage that goes on in
    a new thread after every swap leaves 30 MB here and there, within half an hour 150 MB (benchmarks/LOG.md, 2026-11-30)."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not glibc
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def settle() -> None:
    """What is loaded now stays: collections pass over it from now on, and take less than a millisecond instead of eighty."""
    gc.freeze()


def give_back() -> None:
    """Collect, and let the system have what was freed; about two milliseconds after settle().

    A camera, a face model or an avatar that another one replaced leaves tens of MB: PyAV's containers wait for the collector,
    which seldom comes where work is done in large arrays, and glibc keeps what is freed for the next who asks."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not glibc
            ctypes.CDLL(None).malloc_trim(0)
