"""Each avatar against its teacher, in figures and side by side: python -m benchmarks.suite.quality

The card's figures are those of `liveavatar evaluate` on all 500 held-out conditions. Some of these are measured again here,
to see that the card tells the truth on this machine; that needs the `train` extra, which draws the teacher.
"""

import argparse
import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import find_avatar, list_avatars
from liveavatar.controls import vector
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.renderers import open_renderer
from liveavatar.rigs import RIGS, open_rig
from liveavatar.rigs.contact_sheet import EXPRESSIONS
from liveavatar.types import AvatarFrame, Expression

SHOWN: dict[str, dict[str, float]] = {
    "neutral": {},
    "joy": {"headYaw": 0.15},
    "surprise": {"headPitch": 0.1},
    "wink": {},
    "A": {"headYaw": -0.4},
    "anger": {"headYaw": 0.3, "headPitch": -0.12},
}
"""Expressions of rigs.sheet in the picture, and where the head turns."""


def measure(
    count: int,
    avatars: list[Avatar] | None = None,
    progress: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> dict[str, Any]:
    """{folder's name: {"card": {...} | None, "measured": {...} | None, "why": reason where not measured}}.

    count: held-out conditions to measure again. avatars: every one that can be named, unless given."""
    if avatars is None:
        avatars = [find_avatar(name) for name, _ in list_avatars()]
    return {label(avatar): _measure(avatar, count, progress) for avatar in avatars}


def label(avatar: Avatar) -> str:
    """Its folder's name: the name in a card may be anything, and becomes part of a picture's file name here."""
    return avatar.folder.resolve().name


def _measure(avatar: Avatar, count: int, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
    row: dict[str, Any] = {"card": avatar.figures.get("held-out"), "measured": None, "why": ""}
    try:
        _teacher(avatar)
        from liveavatar.training.evaluate import default_workers, evaluate

        def advance(done: int, total: int) -> None:
            progress(avatar.name, done, total)

        row["measured"] = evaluate(avatar, workers=default_workers(), progress=advance, count=count)
    except (ImportError, TrainingError) as error:
        row["why"] = str(error)
    return row


def _teacher(avatar: Avatar) -> str:
    """The rig it was trained from. Only our own: a card is not trusted to name code that is run unasked."""
    rig = str(avatar.made_with.get("options", {}).get("rig", ""))
    if rig not in RIGS:
        raise TrainingError(
            tr(
                f"its teacher {rig!r} is none of {', '.join(RIGS)}; `liveavatar evaluate` can measure it",
                f"其教师 {rig!r} 不在 {', '.join(RIGS)} 之中；可用 `liveavatar evaluate` 评估",
            )
        )
    return rig


def pairs(avatar: Avatar) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """(name, the teacher's picture, ours) for the shown expressions, (H, W, 3) uint8 RGB on the default background.

    Raises TrainingError where the teacher cannot be drawn."""
    rig = open_rig(_teacher(avatar))
    background = Background(DEFAULT, avatar.size)
    low, high = avatar.limits
    result = []
    with closing(open_renderer(avatar, "cpu")) as renderer:
        for name, turn in SHOWN.items():
            wanted = vector(**{**EXPRESSIONS[name], **turn})
            controls = np.zeros_like(wanted)
            controls[avatar.indices] = np.clip(wanted[avatar.indices], low, high)
            pictures = rig.render(controls, avatar.size[0]), renderer.render(Expression(controls, 0.0)).image
            teacher, ours = (background.composite(AvatarFrame(picture, 0.0)) for picture in pictures)
            result.append((name, teacher, ours))
    return result


def main() -> None:
    """A line for each avatar; the last line is JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=60, help="held-out conditions to measure again")
    result = measure(parser.parse_args().count)
    for name, row in result.items():
        for source in ("card", "measured"):
            found = row[source]
            told = f"not measured: {row['why']}" if source == "measured" else "says nothing"
            if found:
                told = (
                    f"head {found['psnr']['head']} dB, eyes and mouth {found['psnr']['crops']} dB, "
                    f"SSIM {found['ssim_head']}, sharpness {found['sharpness']} (n {found['n']})"
                )
            print(f"{name:<10} {source:<9} {told}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
