"""Memory that is not needed any more goes back to the system, without holding up the show."""

import ctypes
import gc
import sys
from contextlib import suppress


def settle() -> None:
    """What is loaded now stays: collections pass over it from now on, and take less than a millisecond instead of eighty."""
    gc.freeze()


def give_back() -> None:
    """Collect, and let the system have what was freed; about two milliseconds after settle().

    A camera, a face model or an avatar that another one replaced leaves tens of MB: PyAV's containers wait for the collector,
    which seldom comes where work is done in large arrays, and glibc keeps what is freed in a heap for each of many threads."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not glibc
            ctypes.CDLL(None).malloc_trim(0)
