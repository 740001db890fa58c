"""This checkout beside an older commit, in one run: python -m benchmarks.against COMMIT [--json]

The commit is checked out beside this one with the avatars it shipped. Both versions' renderers, each in a process of its own,
take turns at the same tracked expressions; then each version's own `liveavatar bench` runs in fresh processes, in turns too.
A ratio is this version over the older one.
"""

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.against.drawing import Drawing, save_expressions
from benchmarks.against.versions import Version, checked_out, this_version
from benchmarks.suite import asking
from benchmarks.suite.rendering import clip_expressions
from liveavatar.base import provenance
from liveavatar.base.messages import say
from liveavatar.bench.legs import Parts

SIDES = (512, 1024)
TURN = 10
"""Pictures between two changes of version."""
LINE = {
    "throughput ratio": ("throughput_ratio",),
    "processor s a frame, line": ("cpu_s_per_frame",),
    "age p50 ms": ("age_ms", "p50"),
    "age p95 ms": ("age_ms", "p95"),
    "first frame s": ("first_frame_s",),
}
"""Figure -> where `liveavatar bench` has it."""
Figures = dict[str, float]


def drawing(
    versions: list[Version], avatar: str, parts: Parts, pictures: int, sides: tuple[int, ...]
) -> list[Figures]:
    """Milliseconds to draw a picture, of each version. pictures: of each size."""
    expressions = clip_expressions(parts, pictures)
    result: list[Figures] = [{} for _ in versions]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "expressions.npz"
        save_expressions(expressions, path)
        for side in sides:
            with ExitStack() as stack:
                drawings = [stack.enter_context(Drawing(v, avatar, side, path)) for v in versions]
                for start in range(-TURN, pictures, TURN):  # the first turn warms up
                    for one in drawings:
                        one.draw(max(start, 0), max(start, 0) + TURN, count=start >= 0)
            for figures, one in zip(result, drawings, strict=True):
                figures |= {
                    f"draw {side} median ms": round(median(one.wall), 2),
                    f"draw {side} least ms": round(min(one.wall), 2),
                    f"draw {side} processor ms": round(median(one.processor), 2),
                }
    return result


def line(versions: list[Version], avatar: str, parts: Parts, rounds: int, seconds: float) -> list[Figures]:
    """The figures of the whole line, of each version: medians of the rounds, whose order alternates."""
    reports: list[list[dict[str, Any]]] = [[] for _ in versions]
    for k in range(rounds):
        for i in range(len(versions))[:: -1 if k % 2 else 1]:
            reports[i].append(versions[i].bench(avatar, parts.clip, seconds))
    return [
        {name: round(median(_at(report, keys) for report in own), 4) for name, keys in LINE.items()}
        for own in reports
    ]


def _at(report: Any, keys: tuple[str, ...]) -> float:
    for key in keys:
        report = report[key]
    return float(report)


def compare(
    commit: str, avatar: str, parts: Parts, pictures: int, rounds: int, seconds: float,
    sides: tuple[int, ...] = SIDES, on_step: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:  # fmt: skip
    """{"old", "new": commits, "figures": {name: {"old", "new", "ratio"}}, "avatar", "clip", "machine", "versions"}."""
    with checked_out(commit) as old:
        versions = [old, this_version()]
        on_step("drawing")
        figures = drawing(versions, avatar, parts, pictures, sides)
        if rounds:
            on_step("line")
            for own, more in zip(figures, line(versions, avatar, parts, rounds, seconds), strict=True):
                own |= more
    before, now = figures
    table = {
        name: {"old": value, "new": now[name], "ratio": round(now[name] / value, 3)}
        for name, value in before.items()
    }
    for side in sides[1:]:
        ratios = [own[f"draw {side} median ms"] / own[f"draw {sides[0]} median ms"] for own in figures]
        table[f"draw {side} over {sides[0]}"] = {
            "old": round(ratios[0], 3), "new": round(ratios[1], 3), "ratio": round(ratios[1] / ratios[0], 3),
        }  # fmt: skip
    return {
        "old": versions[0].commit, "new": versions[1].commit, "figures": table,
        "avatar": parts.avatar.name, "clip": parts.clip.name,
        "machine": provenance.machine(), "versions": provenance.versions(),
    }  # fmt: skip


def main() -> None:
    """A table; the last line is JSON."""
    parser = asking.parser(__doc__)
    parser.add_argument("commit")
    parser.add_argument("--pictures", type=int, default=200, help="of each size, drawn by each version")
    parser.add_argument("--rounds", type=int, default=2, help="of `liveavatar bench`; 0 leaves it out")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each of its long legs")
    parser.add_argument("--json", action="store_true", help="the JSON line only")
    asked: argparse.Namespace = parser.parse_args()
    result = compare(
        asked.commit, asked.avatar, asking.parts(asked), asked.pictures, asked.rounds, asked.seconds,
        on_step=(lambda step: None) if asked.json else (lambda step: say(f"... {step}")),
    )  # fmt: skip
    if not asked.json:
        print(f"{'':<28}{result['old'][:7]:>10}{result['new'][:7]:>10}{'ratio':>9}")
        for name, row in result["figures"].items():
            print(f"{name:<28}{row['old']:>10.3f}{row['new']:>10.3f}{row['ratio']:>9.3f}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
