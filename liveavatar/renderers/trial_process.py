"""The child process of liveavatar.avatar.trial: loads an avatar, draws, and answers with one line of JSON.

{"error": "", "kind": ""} for one that may be shown, else what is wrong with it and the class of the error.
"""

import faulthandler
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.reader import read_card
from liveavatar.avatar.trial import CPU_SECONDS, MEMORY, out_of_memory
from liveavatar.base.confinement import confine
from liveavatar.base.timing import now
from liveavatar.controls import INDEX, neutral
from liveavatar.errors import AvatarError, LiveAvatarError
from liveavatar.language import tr
from liveavatar.renderers import make_renderer
from liveavatar.renderers.sessions import available
from liveavatar.types import Expression

LOAD_S = 20.0
"""For loading and the first picture."""
STALL_S = 5.0
"""For each of the others: longer than the slowest picture that is allowed, on a machine that does other things too."""
FRAME_S = 1.0
"""A picture that takes longer, three times in a row, is none for a show."""
MIXES = 12


def main() -> NoReturn:
    """Read the wish from stdin, answer on stdout, and end without the libraries' farewells."""
    wish = json.loads(sys.stdin.buffer.read())
    answer = {"error": "", "kind": ""}
    quiet = open(os.devnull, "w")  # noqa: SIM115  the process ends by _exit

    def within(seconds: float) -> None:
        """End this process, with trial.STALLED, where the next call does not come in time, whatever a library holds."""
        faulthandler.dump_traceback_later(seconds, exit=True, file=quiet)

    try:
        warnings.simplefilter("error", RuntimeWarning)  # numbers that are none
        within(LOAD_S)
        available()  # what libraries take is not the avatar's
        confine(MEMORY, CPU_SECONDS)
        draw(read_card(wish["card"], Path(wish["folder"])), within)
    except LiveAvatarError as error:
        answer = {"error": str(error), "kind": type(error).__name__}
    except MemoryError:
        answer = {"error": out_of_memory(), "kind": ""}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {str(error)[:200]}", "kind": ""}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)


def draw(avatar: Avatar, within: Callable[[float], None]) -> None:
    """Load the avatar and draw all that is asked. Raises whatever is wrong.

    within: told how many seconds the next step may take."""
    width, height = avatar.size
    with closing(make_renderer(avatar, "cpu", 1)) as renderer:  # which draws the golden picture
        for expression in expressions(avatar):
            spent: list[float] = []
            while len(spent) < 3 and (not spent or spent[-1] > FRAME_S):
                within(STALL_S)
                start = now()
                image = renderer.render(expression).image
                spent.append(now() - start)
            if min(spent) > FRAME_S:
                raise AvatarError(
                    tr(
                        f"avatar {avatar.name!r} is refused: it takes {min(spent):.1f} s for one picture; a show needs 30 "
                        "in a second. Use another, or ask its maker.",
                        f"已拒绝形象 {avatar.name!r}：画一帧需 {min(spent):.1f} 秒，而演出每秒需要 30 帧。"
                        "请换用其他形象，或联系其作者。",
                    )
                )
            if image.shape != (height, width, 4) or image.dtype != np.uint8:
                raise ValueError(
                    tr(f"a picture {image.shape} {image.dtype}", f"画面为 {image.shape} {image.dtype}")
                )


def expressions(avatar: Avatar) -> Iterator[Expression]:
    """The neutral face, each control at both ends, and random mixes, with the head at all places and distances."""
    yield Expression(neutral(), 0.0)
    for control in avatar.controls:
        for value in {control.minimum, control.maximum} - {0.0}:
            controls = neutral()
            controls[INDEX[control.name]] = value
            yield Expression(controls, 0.0)
    dice = np.random.default_rng(7)
    for i in range(MIXES):
        controls = neutral()
        low, high = avatar.limits
        controls[avatar.indices] = (
            dice.uniform(low, high) if i % 2 else np.where(dice.random(len(low)) < 0.5, low, high)
        )
        motion = dice.uniform(-0.5, 0.5, (478, 3)).astype(np.float32) if i % 3 == 0 else None
        x, y, scale = dice.uniform((-0.3, -0.2, 0.7), (0.3, 0.2, 1.5))
        yield Expression(controls, 0.0, float(x), float(y), (0.7, 1.5, float(scale))[i % 3], motion=motion)


if __name__ == "__main__":
    main()
