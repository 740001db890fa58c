"""A show while other programs take the processor: python -m benchmarks.endurance.load [--seconds 20] [--fps 30] [--budget 1core]

Three stretches: alone; beside as many endless loops as there are cores, at equal priority; alone again. With --without nothing
is left undone, for comparison. A row for each stretch, then one JSON line.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from liveavatar.app.parts import preload
from liveavatar.avatar.library import find_avatar
from liveavatar.base.timing import now, process_seconds
from liveavatar.bench.parts import Parts
from liveavatar.cameras import SYNTHETIC
from liveavatar.live.governor import Governor, parse_budget
from liveavatar.live.loop import Live
from liveavatar.stages import Output
from liveavatar.trackers.model_files import find_model
from liveavatar.types import AvatarFrame

SETTLES = 3.0
"""Seconds after the first picture that do not count."""


class Timed(Output):
    """An output that remembers when each frame was taken."""

    def __init__(self, output: Output) -> None:
        self.times: list[float] = []
        self._output = output

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        self._output.send(frame, at)
        self.times.append(now())

    def close(self) -> None:
        self._output.close()


@contextmanager
def burning(processes: int) -> Iterator[None]:
    """So many endless loops meanwhile."""
    command = [sys.executable, "-c", "while 1: pass"]
    started = [subprocess.Popen(command) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def play(parts: Parts, seconds: float, fps: float, governor: Governor | None) -> list[dict[str, Any]]:
    """A row for each stretch of so many seconds."""
    rows: list[dict[str, Any]] = []
    output, driven = Timed(parts.output(fps)), threading.Event()
    live = Live(
        open_camera=parts.webcam, open_tracker=parts.tracker, retargeter=parts.retargeter(), open_renderer=parts.renderer,
        output=output, size=parts.avatar.size, fps=fps, smooth=fps > 30, package=parts.avatar.name, governor=governor,
        on_status=lambda report: driven.set() if report.first_driven is not None else None,
    )  # fmt: skip

    def stretch(name: str, over: threading.Event) -> None:
        report, used, ages, start = live.report, process_seconds(), live.report.ages.count, now()
        levels = [report.governor.level]
        while not over.wait(0.5) and now() - start < seconds:
            levels.append(report.governor.level)
        sent = [at for at in output.times if at >= start]
        gaps = [b - a for a, b in pairwise(sent)]
        fresh = report.ages.count - ages
        rows.append({
            "stretch": name, "age_ms": {f"p{p}": round(report.ages.ms(p, fresh), 1) for p in (50, 95, 99)},
            "pictures": round(fresh / (now() - start), 1), "sent": round(len(sent) / (now() - start), 1),
            "stalls": sum(gap > 2 / fps for gap in gaps), "longest_gap_ms": round(1000 * max(gaps, default=0), 1),
            "cores": round((process_seconds() - used) / (now() - start), 2), "levels": levels,
        })  # fmt: skip

    over = threading.Event()

    def script() -> None:
        driven.wait(60)
        over.wait(SETTLES)
        stretch("alone", over)
        with burning(os.cpu_count() or 1):
            stretch("loaded", over)
        stretch("alone again", over)
        live.stop()

    thread = threading.Thread(target=script, name="script")
    thread.start()
    try:
        live.run()
    finally:
        over.set()
        thread.join()
    return rows


def main() -> None:
    """Play and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--avatar", default="hoshi")
    options.add_argument("--seconds", type=float, default=20, help="of each stretch")
    options.add_argument("--fps", type=float, default=30)
    options.add_argument("--budget")
    options.add_argument("--without", action="store_true", help="nothing is left undone")
    asked = options.parse_args()
    budget = parse_budget(asked.budget) if asked.budget else None
    preload()
    parts = Parts(Path(SYNTHETIC), find_avatar(asked.avatar), find_model(None), "cpu")
    rows = play(parts, asked.seconds, asked.fps, None if asked.without else Governor(budget))
    for row in rows:
        ages = " / ".join(f"{value:.0f}" for value in row["age_ms"].values())
        print(
            f"{row['stretch']:12} age {ages} ms, {row['pictures']} pictures/s, {row['sent']} sent/s, {row['stalls']} stalls, "
            f"longest gap {row['longest_gap_ms']:.0f} ms, {row['cores']} cores, levels {row['levels']}"
        )
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
