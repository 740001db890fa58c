"""python -m liveavatar, and the command that is installed."""

import traceback

from liveavatar.cli import main
from liveavatar.leaving import leave


def program() -> None:
    """Run a command and end the process with its exit status, whatever still hangs."""
    try:
        status = main()
    except Exception:
        traceback.print_exc()
        status = 1
    leave(status)


if __name__ == "__main__":
    program()
