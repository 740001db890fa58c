"""python -m liveavatar, and the command that is installed."""

from liveavatar.base.shutdown import leave


def program() -> None:
    """Run a command and end the process with its exit status, whatever still hangs."""
    try:
        from liveavatar.cli import main  # takes a moment, in which Ctrl-C may come

        status = main()
    except KeyboardInterrupt:
        status = 130
    except Exception:
        import traceback

        traceback.print_exc()
        status = 1
    leave(status)


if __name__ == "__main__":
    program()
