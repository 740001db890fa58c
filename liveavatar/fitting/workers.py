"""Drawing in several processes: each takes a job once, and then does it for one item after the other."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

import cv2
import numpy as np

from liveavatar.errors import TrainingError
from liveavatar.language import tr

Told = Callable[[int, int], None]
"""Told how many are done, of how many."""


class Job(Protocol):
    """What processes do. It is pickled to get there."""

    def open(self) -> None:
        """Called once in each process, before the first item."""
        ...

    def do(self, item: Any) -> Any:
        """One item's result; large arrays are better written to a file than returned."""
        ...


def done_by_processes(job: Job, items: Iterable[Any], workers: int) -> Iterator[Any]:
    """The results of all items, in their order, as they come. Who stops asking ends the processes.

    Raises TrainingError where one of them dies."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _take, (job,))
    try:
        yield from pool.map(_do, items)
    except BrokenProcessPool as error:
        raise TrainingError(
            tr(
                "a drawing process ended without a word: memory or disk may be full. What is drawn is kept; try again, "
                "perhaps with fewer --workers.",
                "某个绘制进程意外退出：可能内存或磁盘已满。已绘制的部分会保留；请重试，也可减少 --workers。",
            )
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def draw_missing(job: Job, done: np.ndarray, workers: int, progress: Told) -> None:
    """Have the job done for the number of every row that is not done yet."""
    todo = [int(row) for row in np.flatnonzero(done == 0)]
    before = len(done) - len(todo)
    progress(before, len(done))
    if todo:
        for count, _ in enumerate(done_by_processes(job, todo, workers), before + 1):
            progress(count, len(done))


_job: Job
"""This process's."""


def _take(job: Job) -> None:
    global _job
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    cv2.setNumThreads(1)
    job.open()
    _job = job


def _end_with_parent() -> None:
    """A parent that was killed cannot end its processes: they would wait for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _do(item: Any) -> Any:
    return _job.do(item)
