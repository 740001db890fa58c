"""Does an avatar that learned a person's gestures move as they do, on speech that it did not learn from?

    python -m benchmarks.training.gestures VIDEO [VIDEO ..] [--model FILE] [--steps 2500] [--seeds 8] [--picture PNG]

Tracks and learns as `learn-gestures` does (the same run is gone on with), the first three quarters of each video; the longest
end judges, person, manner and built-in rules side by side (see training/gestures/judge.py). A table, then a line of JSON. Exit
status 1 where the manner's range or speed of head or brows is less than half or more than twice the person's in what taught it.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from liveavatar.cli.gestures import table
from liveavatar.retargeting.manner import HEARD, Mover
from liveavatar.trackers.model_files import find_model
from liveavatar.training.gestures.curves import write_motion
from liveavatar.training.gestures.judge import compared, split
from liveavatar.training.gestures.lesson import TAUGHT, folder_of, learn
from liveavatar.training.gestures.recording import record

ALIKE = "head_range", "head_speed", "brow_range", "brow_speed"


def main() -> int:
    """Learn, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    model = find_model(given.model)
    recordings = [record(video, model) for video in given.videos]
    learned = learn(recordings, given.steps, 1, folder_of(recordings, 1), lambda done, total: None)
    taught = split(max(recordings, key=len), TAUGHT)[0]
    known, held_out = (compared(part, learned.manner, given.seeds) for part in (taught, learned.judged))
    mover, start = Mover(learned.manner), time.perf_counter()
    for _ in range(1000):
        mover.step(np.zeros(HEARD))
    each = time.perf_counter() - start
    print(f"what taught it, {len(taught) / 30:.0f} s:\n{table(known)}\n")
    print(f"held out, {len(learned.judged) / 30:.0f} s:\n{table(held_out)}\n")
    print(f"{each:.3f} ms a frame, {len(learned.manner.to_bytes()) / 1000:.0f} kB")
    if given.picture is not None:
        write_motion(given.picture, learned.judged, learned.manner)
    print(json.dumps({"taught": known, "held_out": held_out, "ms": round(each, 4)}))
    return int(not all(0.5 < known["manner"][name] / known["person"][name] < 2 for name in ALIKE))


if __name__ == "__main__":
    sys.exit(main())
