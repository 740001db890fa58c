"""What the program tells its user, on stderr: messages, and the one line that is rewritten in place. stdout is for results."""

import os
import sys

from liveavatar.base.plain_text import plain

_standing = 0
"""Cells of the line that stands on the terminal and will be rewritten."""


def say(text: str) -> None:
    """A message for the user, from any thread. What is quoted in it cannot steer the terminal."""
    rewrite("")
    print(plain(text), file=sys.stderr, flush=True)  # typer.echo writes past sys.stderr on Windows


def rewrite(text: str) -> None:
    """Show this in place of the line that stands there; "" wipes it. For terminals."""
    global _standing
    if not text and not _standing:
        return
    from rich.cells import cell_len

    # Blanks over what was there: older Windows consoles know no escape sequences. None beyond the edge of a window that
    # has become narrower: they would begin a new line.
    cells = cell_len(text)
    blanks = " " * max(0, min(_standing, columns()) - cells)
    print("\r" + text + blanks + ("" if text else "\r"), end="", file=sys.stderr, flush=True)
    _standing = cells


def columns() -> int:
    """Cells of the terminal's line that can be written without beginning another; 79 where it does not say."""
    try:
        return (os.get_terminal_size(sys.stderr.fileno()).columns or 80) - 1
    except (OSError, ValueError, AttributeError):
        return 79
