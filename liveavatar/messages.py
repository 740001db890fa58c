"""What the program tells its user: on stderr; stdout is for results."""

import sys

from liveavatar.plaintext import plain


def say(text: str) -> None:
    """A message for the user. What is quoted in it cannot steer the terminal."""
    print(plain(text), file=sys.stderr, flush=True)  # typer.echo writes past sys.stderr on Windows
