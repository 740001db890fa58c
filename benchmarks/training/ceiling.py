"""What keeps an avatar from its teacher? Held-out pictures with one part after the other put right.

    python -m benchmarks.training.ceiling RUN [--count 40]

RUN is a training's folder (`liveavatar train --run RUN`). Rows, in dB: the network as it is; with patches that are right for its
own motion (taken back from drawings, as the training's targets are); and what each layer would gain with these if it were the
teacher's own. A layer that would gain much is moved wrongly, or holds what its motion cannot show. Writes RUN/ceiling.png: the
six worst heads, teacher, with right patches, twice the difference.
"""

import argparse
from pathlib import Path

from liveavatar.training.ceiling import PARTS, measure
from liveavatar.training.report import write_png


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--count", type=int, default=40)
    asked = parser.parse_args()
    found, picture = measure(asked.run, asked.count)
    print(f"{'':16}" + "".join(f"{part:>10}" for part in PARTS))
    base = found["right patches"].mean(0)
    for name, values in found.items():
        gain = name.startswith("+")
        mean = values.mean(0) - base if gain else values.mean(0)
        print(f"{name:16}" + "".join(f"{value:{'+' if gain else ''}10.2f}" for value in mean))
    write_png(asked.run / "ceiling.png", picture)


if __name__ == "__main__":
    main()
