"""How long the drawn characters take a frame: processor time of one process, one thread.

    python benchmarks/training/draw.py [NAME ...] [--size 512] [--frames 30]

Prints a table and, last, one JSON line.
"""

import argparse
import json
import platform
import time

import cv2
import numpy as np

from liveavatar.fitting.sampling import sample
from liveavatar.rigs import RIGS, open_rig


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(RIGS), metavar="NAME")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--frames", type=int, default=30)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    conditions = sample(options.frames + 1, seed=3)
    result = {}
    for name in options.names:
        rig = open_rig(name)
        rig.render_layers(conditions[0], options.size)  # builds what is built on first use
        spent = []
        for row in conditions[1:]:
            started = time.process_time()
            rig.render_layers(row, options.size)
            spent.append(1e3 * (time.process_time() - started))
        result[name] = {
            "median_ms": round(float(np.median(spent)), 1),
            "p95_ms": round(float(np.percentile(spent, 95)), 1),
        }
        print(f"{name:12} {result[name]['median_ms']:6.1f} ms median {result[name]['p95_ms']:6.1f} ms p95")
    print(json.dumps({"draw_cpu": result, "size": options.size, "machine": platform.processor()}))


if __name__ == "__main__":
    main()
