"""Every control of the drawn characters swept from end to end in 41 pictures: does anything pop?

    python benchmarks/training/sweep.py [NAME ...] [--size 256]

Prints, for each character, the controls with the largest step (mean absolute change from one picture to the next) over
the median step, and those whose ends change next to nothing. Exit status 1 if a step is 3 times the median or more.
"""

import argparse
import sys
from itertools import pairwise

import numpy as np

from liveavatar.controls import RANGES, neutral, vector
from liveavatar.rigs import RIGS, Rig, open_rig

STEPS = 41
LIMIT = 3.0


def largest_step(rig: Rig, name: str, size: int) -> tuple[float, int]:
    """The largest step over the median step, and how many pixels the ends change visibly."""
    pictures = [
        rig.render(vector(**{name: v}), size).astype(np.float32) for v in np.linspace(*RANGES[name], STEPS)
    ]
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(pictures)]
    rest = rig.render(neutral(), size).astype(np.float32)
    changed = min(
        int((np.abs(end - rest).max(axis=2) > 16).sum())
        for end, value in ((pictures[0], RANGES[name][0]), (pictures[-1], RANGES[name][1]))
        if value
    )
    return max(steps) / float(np.median(steps)), changed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(RIGS), metavar="NAME")
    parser.add_argument("--size", type=int, default=256)
    options = parser.parse_args()
    worst = 0.0
    for name in options.names:
        rig = open_rig(name)
        found = {control: largest_step(rig, control, options.size) for control in rig.controls}
        steps = sorted(((step, control) for control, (step, _) in found.items()), reverse=True)
        idle = [control for control, (_, changed) in found.items() if changed < 5]
        top = ", ".join(f"{control} {step:.1f}" for step, control in steps[:4])
        print(
            f"{name:8} largest steps over the median: {top}; unseen: {', '.join(idle) or 'none'}", flush=True
        )
        worst = max(worst, steps[0][0])
    return int(worst >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
