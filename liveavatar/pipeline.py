"""The same line as live/loop.py without threads' freedom: every frame, in order, the same result every time."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

from liveavatar.stages import Camera, Renderer, Retargeter, Tracker
from liveavatar.types import AvatarFrame, Expression

T = TypeVar("T")


def expressions(camera: Camera, tracker: Tracker, retargeter: Retargeter) -> Iterator[Expression]:
    """One expression for each frame of the camera."""
    for frame in camera:
        yield retargeter.retarget(tracker.track(frame), frame.time)


def animate(
    camera: Camera, tracker: Tracker, retargeter: Retargeter, renderer: Renderer, *, overlap: bool = False
) -> Iterator[AvatarFrame]:
    """One avatar frame for each frame of the camera.

    overlap: track the next frames in another thread while this one is rendered; the same pictures, sooner."""
    driven = expressions(camera, tracker, retargeter)
    for expression in ahead(driven) if overlap else driven:
        yield renderer.render(expression)


def ahead(items: Iterable[T], depth: int = 2) -> Iterator[T]:
    """The same items, made in another thread up to `depth` ahead. Its failure is raised here."""
    done = object()
    slots: queue.Queue[object] = queue.Queue(depth)
    failure: list[BaseException] = []
    stopped = threading.Event()

    def offer(item: object) -> bool:
        while not stopped.is_set():
            try:
                slots.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def produce() -> None:
        try:
            for item in items:
                if not offer(item):
                    return
        except BaseException as error:
            failure.append(error)
        finally:
            offer(done)

    thread = threading.Thread(target=produce, name="ahead", daemon=True)
    thread.start()
    try:
        while (item := slots.get()) is not done:
            yield item  # type: ignore[misc]
        if failure:
            raise failure[0]
    finally:
        stopped.set()
        thread.join(timeout=5)
