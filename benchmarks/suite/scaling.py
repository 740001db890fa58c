"""Network and compositor by the picture's size and the number of threads: python -m benchmarks.suite.scaling

Sizes other than the avatar's own are derived from it (resizing.py): the same network, sheets of another size. All
combinations are open at once and take turns, so that each meets the same moods of the machine.
"""

import json
import tempfile
from contextlib import ExitStack, closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2

from benchmarks.suite import asking
from benchmarks.suite.rendering import Drawing, clip_expressions
from benchmarks.suite.resizing import resize
from liveavatar.avatar.card import Avatar
from liveavatar.base.provenance import machine
from liveavatar.bench import legs
from liveavatar.renderers import open_renderer

SIZES = (256, 512, 1024)
TURN = 10
"""Pictures between two changes of size and threads."""


def thread_counts() -> list[int]:
    """1, 2 and every core."""
    return sorted({1, 2, machine()["cores"]})


def sizes_of(avatar: Avatar) -> list[int]:
    """Widths to measure: SIZES and the avatar's own."""
    return sorted({*SIZES, avatar.size[0]})


def measure(parts: legs.Parts, pictures: int) -> dict[str, Any]:
    """{size: {threads: {"network_ms", "compositor_ms"}}}, keys as strings; only the own size where onnx is missing.

    pictures: for each combination. The avatar must be of kind "gan"."""
    expressions = clip_expressions(parts, pictures)
    before = cv2.getNumThreads()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        drawings: dict[tuple[int, int], Drawing] = {}
        for size in sizes_of(parts.avatar):
            if size == parts.avatar.size[0]:
                avatar = parts.avatar
            elif find_spec("onnx") is None:
                continue
            else:
                avatar = resize(parts.avatar, size, Path(folder) / str(size))
            sized = replace(parts, avatar=avatar, provider="cpu")
            for threads in thread_counts():
                renderer = stack.enter_context(closing(open_renderer(avatar, "cpu", threads)))
                drawings[size, threads] = Drawing(renderer, stack.enter_context(closing(sized.output())))
        try:
            for start in range(-TURN, len(expressions), TURN):  # the first turn warms up
                for (_, threads), drawing in drawings.items():
                    cv2.setNumThreads(threads)
                    drawing.draw(expressions[max(start, 0) : max(start, 0) + TURN], count=start >= 0)
        finally:
            cv2.setNumThreads(before)
    result: dict[str, Any] = {}
    for (size, threads), drawing in drawings.items():
        result.setdefault(str(size), {})[str(threads)] = drawing.result()
    return result


def main() -> None:
    """A table; the last line is JSON."""
    parser = asking.parser(__doc__)
    parser.add_argument("--pictures", type=int, default=150)
    asked = parser.parse_args()
    result = measure(asking.parts(asked), asked.pictures)
    for size, rows in result.items():
        for threads, row in rows.items():
            times = "  ".join(f"{name} {row[name]['median']:6.2f}" for name in row)
            print(f"{size:>5} pixels, {threads:>2} threads: {times}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
