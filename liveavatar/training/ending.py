"""How a training ends, however it ends: what it has learned so far is kept, and its curve is drawn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from liveavatar.errors import TrainingError
from liveavatar.training import checkpoint, report


@contextmanager
def kept(
    save: Callable[[], None], log: Path, draw: Callable[[Path, Path], None] = report.write_curve
) -> Iterator[None]:
    """Within it a training runs: it is saved at the end and on Ctrl-C, not where its own numbers went wrong (TrainingError), so
    that the last good checkpoint stays. `draw` makes curve.png from the log. Raises TrainingError where the disk is full."""
    try:
        yield
    except TrainingError:
        raise
    except OSError as error:
        raise checkpoint.unwritable(log, error) from error
    except BaseException:
        save()
        raise
    else:
        save()
    finally:
        with suppress(OSError):  # it hides no other error, and the next run draws it
            draw(log, log.with_name("curve.png"))
