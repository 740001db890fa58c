"""Memory that was freed goes back to the system."""

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Do that now, in about a millisecond.

    glibc keeps what is freed, in a heap for each of many threads: each face model or avatar that takes another's place would
    make the process tens of MB larger, for a dozen times or so. Other systems give back by themselves."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not glibc
            ctypes.CDLL(None).malloc_trim(0)
