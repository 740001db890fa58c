"""How long drawn characters take a frame: processor time of one thread.

    python -m benchmarks.training.draw [NAME ...] [--seeds 0-31] [--size 512] [--frames 8] [--layers]

Prints a table of milliseconds: making the rig, its neutral picture, pictures of expressions (the median of them, each the best of
three), `motion`; with --layers also what each layer takes. Then the median and the worst of all, and one JSON line.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable

import cv2
import numpy as np

from liveavatar.fitting.sampling import sample
from liveavatar.rigs import RIGS, open_rig

_COLUMNS = ("rig", "neutral", "frame", "motion")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", help="first-last")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--layers", action="store_true")
    options = parser.parse_args()
    names = options.names or ([] if options.seeds else list(RIGS))
    if options.seeds:
        first, _, last = options.seeds.partition("-")
        names = [*names, *(f"seed-{seed}" for seed in range(int(first), int(last or first) + 1))]
    cv2.setNumThreads(1)
    print(f"{'ms':12}" + "".join(f"{name:>9}" for name in _COLUMNS))
    rows = {name: measured(name, options.size, options.frames, options.layers) for name in names}
    table = np.array([[row[column] for column in _COLUMNS] for row in rows.values()])
    median, worst = np.median(table, axis=0).round(1).tolist(), table.max(axis=0).tolist()
    for label, found in (("median", median), ("worst", worst)):
        print(f"{label:12}" + "".join(f"{ms:9.1f}" for ms in found))
    result = {"draw_cpu": rows, "columns": _COLUMNS, "median": median, "worst": worst, "size": options.size}
    print(json.dumps({**result, "machine": platform.processor()}))


def measured(name: str, size: int, frames: int, by_layer: bool) -> dict[str, float]:
    """Milliseconds of one character; prints its row."""
    conditions = sample(frames + 1, seed=3)
    started = time.thread_time()
    rig = open_rig(name)
    made = 1e3 * (time.thread_time() - started)
    for row in conditions[:2]:  # builds what is built on first use
        rig.render_layers(row, size)
        rig.motion(row, size)
    result = {
        "rig": made,
        "neutral": _best(lambda: rig.render_layers(conditions[0], size)),
        "frame": _median(conditions, lambda row: rig.render_layers(row, size)),
        "motion": _median(conditions, lambda row: rig.motion(row, size)),
    }
    print(f"{name:12}" + "".join(f"{result[column]:9.1f}" for column in _COLUMNS), flush=True)
    if by_layer:
        bare = _median(conditions, lambda row: rig.render_layers(row, size, ()))
        parts = {
            layer: _median(conditions, lambda row, only=(layer,): rig.render_layers(row, size, only)) - bare  # type: ignore[misc]
            for layer in rig.LAYERS
        }
        print(f"{'':12} posing {bare:.1f}, " + ", ".join(f"{layer} {ms:.1f}" for layer, ms in parts.items()))
    return {column: round(ms, 1) for column, ms in result.items()}


def _median(conditions: np.ndarray, draw: Callable[[np.ndarray], object]) -> float:
    return float(np.median([_best(lambda row=row: draw(row)) for row in conditions[1:]]))  # type: ignore[misc]


def _best(act: Callable[[], object]) -> float:
    spent = []
    for _ in range(3):
        started = time.thread_time()
        act()
        spent.append(1e3 * (time.thread_time() - started))
    return min(spent)


if __name__ == "__main__":
    main()
