"""Does an avatar shimmer? Its pictures along smooth paths of the controls, beside its teacher's.

    python -m benchmarks.training.shimmer [NAME ...] [--frames 120]

A path is a few slow sines, at 30 pictures a second. What counts is the second difference of each pixel over time,
mean absolute over the picture: it vanishes where something moves evenly, and rises where edges crawl or flicker. Prints
the avatar's over the teacher's, in all and for each path. Exit status 1 if one in all is above 1.2.
"""

import argparse
import sys

import numpy as np

from liveavatar.avatar.library import find_avatar
from liveavatar.controls import RANGES, vector
from liveavatar.fitting.metrics import over_grey
from liveavatar.renderers import open_renderer
from liveavatar.rigs import RIGS, open_rig
from liveavatar.types import Expression

LIMIT = 1.2
RATE = 30.0
PATHS: dict[str, dict[str, tuple[float, float]]] = {
    "turning": {"headYaw": (0.9, 0.31), "headPitch": (0.8, 0.23), "headRoll": (0.5, 0.17), "hairX": (0.6, 0.5)},
    "talking": {"jawOpen": (0.8, 1.7), "mouthFunnel": (0.6, 0.9), "mouthSmileLeft": (0.7, 0.4), "mouthSmileRight": (0.7, 0.4),
                "headYaw": (0.2, 0.2)},
    "looking": {"eyeBlinkLeft": (1.0, 0.6), "eyeBlinkRight": (1.0, 0.6), "eyeLookOutLeft": (0.8, 0.35),
                "eyeLookInRight": (0.8, 0.35), "browInnerUp": (0.8, 0.27), "breath": (1.0, 0.25)},
}  # fmt: skip
"""Of each control: the share of its range, and turns a second."""


def path(name: str, frames: int) -> list[np.ndarray]:
    """Controls (len(CONTROLS),) of each picture of a path."""
    seconds = np.arange(frames) / RATE
    values = {}
    for control, (share, turns) in PATHS[name].items():
        low, high = RANGES[control]
        wave = np.sin(2 * np.pi * turns * seconds)
        values[control] = share * (
            high * wave if low < 0 else high * (0.5 - 0.5 * np.cos(2 * np.pi * turns * seconds))
        )
    return [vector(**{c: float(v[i]) for c, v in values.items()}) for i in range(frames)]


def restlessness(pictures: list[np.ndarray]) -> float:
    """Mean absolute second difference over time, in levels of 255. pictures: (H, W, 4) uint8 premultiplied."""
    total = 0.0
    flat = [over_grey(picture) for picture in pictures[:2]]
    for picture in pictures[2:]:
        flat.append(over_grey(picture))
        total += float(np.abs(flat[0] - 2 * flat[1] + flat[2]).mean())
        flat.pop(0)
    return total / (len(pictures) - 2)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=list(RIGS), metavar="NAME")
    parser.add_argument("--frames", type=int, default=120)
    options = parser.parse_args()
    worst = 0.0
    for name in options.names:
        avatar = find_avatar(name)
        rig = open_rig(str(avatar.made_with["options"]["rig"]))
        renderer = open_renderer(avatar, "cpu")
        sums, parts = np.zeros(2), []
        for kind in PATHS:
            rows = path(kind, options.frames)
            ours = restlessness([renderer.render(Expression(c, 0.0)).image.copy() for c in rows])
            teacher = restlessness([rig.render(c, avatar.size[0]) for c in rows])
            sums += ours, teacher
            parts.append(f"{kind} {ours / teacher:.2f}")
        renderer.close()
        ratio = float(sums[0] / sums[1])
        print(f"{name:8} {ratio:.2f} of the teacher's ({', '.join(parts)})", flush=True)
        worst = max(worst, ratio)
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
