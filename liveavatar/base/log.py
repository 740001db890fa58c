"""The log beside the messages: what the program does in detail, for whoever looks for a fault.

Everything logs under `liveavatar`, silently: another program decides with `logging` what becomes of it. The command line shows
it on stderr where LIVEAVATAR_DEBUG is set.
"""

import logging
import os

from liveavatar.base.messages import say

FORMAT = "%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"


class _Said(logging.Handler):
    """Writes as messages are written: the status line goes out of the way, and nothing waits for the terminal."""

    def emit(self, record: logging.LogRecord) -> None:
        say(self.format(record))


def show_log() -> None:
    """Show it where the user asked for it, and there alone. For the program itself, once."""
    logger = logging.getLogger("liveavatar")
    logger.propagate = False  # libraries give the root logger handlers of their own
    if os.environ.get("LIVEAVATAR_DEBUG"):
        handler = _Said()
        handler.setFormatter(logging.Formatter(FORMAT))
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
