"""A hundred swaps between the two shipped avatars while frames flow: python -m benchmarks.endurance.swaps

Prints the process's memory after the first ten swaps and at the end, and the longest gap between two pictures.
"""

import threading
from itertools import pairwise

from benchmarks.endurance import vitals
from liveavatar.avatar.library import find_avatar
from liveavatar.base.timing import now
from liveavatar.cameras import open_camera
from liveavatar.live.loop import Live
from liveavatar.renderers import open_renderer
from liveavatar.retargeting.retargeter import FaceRetargeter
from liveavatar.stages import Output
from liveavatar.trackers import open_tracker
from liveavatar.trackers.model_files import find_model
from liveavatar.types import AvatarFrame

SWAPS, WARM = 100, 10


class Times(Output):
    """Remembers when each picture came."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        self.times.append(now())


def main() -> None:
    avatars, output = [find_avatar("yuki"), find_avatar("hoshi")], Times()
    live = Live(
        open_camera=lambda: open_camera("synthetic"), open_tracker=lambda: open_tracker("mediapipe", find_model()),
        retargeter=FaceRetargeter(), open_renderer=lambda: open_renderer(avatars[1], "cpu"), output=output,
        size=avatars[1].size,
    )  # fmt: skip
    memory: list[float] = []
    started: list[float] = []

    def swap() -> None:
        while live.report.driven < 30 and not stopped.wait(0.1):
            pass
        started.append(now())
        for i in range(SWAPS):
            live.swap(lambda avatar=avatars[i % 2]: open_renderer(avatar, "cpu"))  # type: ignore[misc]
            memory.append(vitals.resident_mb() or float("nan"))
        live.stop()

    stopped = threading.Event()
    thread = threading.Thread(target=swap)
    thread.start()
    live.run()
    stopped.set()
    thread.join()
    gaps = [b - a for a, b in pairwise(output.times) if a > started[0]]
    print(
        f"{len(memory)} swaps in {now() - started[0]:.0f} s, longest gap {1000 * max(gaps):.0f} ms, "
        f"memory {memory[WARM - 1]:.0f} MB after {WARM}, {memory[-1]:.0f} MB at the end"
    )


if __name__ == "__main__":
    main()
