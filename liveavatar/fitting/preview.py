"""The character of a page, drawn as fast as it changes: the newest recipe first, then small pictures to choose from, and
between these whatever it does while nobody changes it.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from liveavatar.base.timing import now
from liveavatar.controls import neutral
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr
from liveavatar.retargeting.idle import idle
from liveavatar.retargeting.mixer import Mixer
from liveavatar.retargeting.performance import performance
from liveavatar.retargeting.reactions import NONE
from liveavatar.rigs.drawn.rig import DrawnRig
from liveavatar.rigs.generated.recipe import Recipe, draw, traits
from liveavatar.stages import Retargeter
from liveavatar.types import Expression, Face

ROUGH, SMALL = 256, 144
"""Pixels of a side while a slider is dragged, and of a small picture."""
SIZES = (256, 512)
"""Least and most pixels of a side at rest."""
SPEAK = "speak"
"""What it can do beside the emotes."""
GIVES_UP = (ValueError, ArithmeticError, LookupError, RuntimeError)
"""What is raised for shapes that geometry gives up on."""
_EVERY = 0.05
"""Seconds between pictures at rest: a drawing takes about as long, and leaves the page some of the processor."""
_BREATHES = 0.4
"""Seconds between two of these while small pictures are drawn."""


def impossible() -> str:
    """What is said of shapes that geometry gives up on."""
    return tr("this cannot be drawn. Undo it.", "无法绘制，请撤销。")


class Wish(NamedTuple):
    """What a page shows."""

    number: int
    recipe: Recipe
    rough: bool
    """At ROUGH and at once: there will be another in a moment."""
    original: bool = False
    """In its place the character as it was."""


class Shot(NamedTuple):
    """What was drawn last."""

    serial: int
    number: int
    """Of the wish."""
    pixels: np.ndarray
    """(n, n, 4) uint8 RGBA, premultiplied."""
    has: dict[str, str]
    """The character's traits, see rigs.generated.recipe."""


class Choice(NamedTuple):
    """A small picture: of the value `key` of something."""

    key: str
    recipe: Recipe


class Preview:
    """Draws in a thread of its own until close(). Its methods may be called from any thread."""

    def __init__(self, recipe: Recipe, failed: Callable[[int, str], None]) -> None:
        """recipe: the character as it was. failed: called in that thread with a wish's number, and why it cannot be drawn."""
        self._failed = failed
        self._original = recipe
        self._changed = threading.Condition()
        """Guards what follows."""
        self._wish: Wish | None = Wish(0, recipe, False)
        self._choices: deque[Choice] = deque()
        self._chosen: dict[str, np.ndarray | str] = {}
        self._asked = self._closed = False
        self._size = SIZES[1]
        self._act = ""
        self._shot: Shot | None = None
        self._rig: tuple[Recipe, DrawnRig] | None = None
        """Used by the thread alone, as what follows."""
        self._first: DrawnRig | None = None
        self._has: dict[str, str] = {}
        self._mixer = Mixer(_Nobody())
        self._start = now()
        self._thread = threading.Thread(target=self._work, name="preview", daemon=True)
        self._thread.start()

    def show(self, wish: Wish) -> None:
        """Draw this next; what was asked for before and not begun is dropped."""
        with self._changed:
            self._wish = wish
            self._changed.notify_all()

    def act(self, name: str) -> None:
        """What it does: SPEAK, an emote by name, or "" to idle. Raises LiveAvatarError for an unknown emote."""
        wanted = NONE if name in ("", SPEAK) else name
        if wanted != self._mixer.reactions.active:
            self._mixer.reactions.perform(wanted)
        self._act = name

    def offer(self, choices: Iterable[Choice]) -> None:
        """Draw these small pictures when there is time, in place of those asked for before."""
        with self._changed:
            self._choices = deque(choices)
            self._chosen = {}
            self._changed.notify_all()

    def drawn(self, size: int) -> Shot | None:
        """The newest picture, None before the first; asks for another, at rest of so many pixels a side."""
        with self._changed:
            self._size = min(max(size, SIZES[0]), SIZES[1])
            self._asked = True
            self._changed.notify_all()
            return self._shot

    def chosen(self) -> dict[str, np.ndarray | str]:
        """The small pictures that became ready since the last call: key -> (SMALL, SMALL, 4) uint8 RGBA, premultiplied; or why
        there is none."""
        with self._changed:
            ready, self._chosen = self._chosen, {}
            return ready

    def close(self) -> None:
        """End the thread. May be called twice."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout=5)

    def _work(self) -> None:
        shown, last = Wish(0, self._original, False), 0.0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._wish or self._choices or self._asked)
                if self._closed:
                    return
                wish, self._wish = self._wish, None
                moves, choice = self._asked and not shown.rough, None
                if not wish and self._choices and (not moves or now() - last < _BREATHES):
                    choice = self._choices.popleft()
                if not wish and not choice and (not moves or now() - last < _EVERY):
                    self._changed.wait(_EVERY / 4)
                    continue
            if choice:
                self._draw_small(choice)
            else:
                # what cannot be drawn is not tried again and again: the last one that can be goes on
                wish = wish or shown
                shown = wish if self._draw(wish) else shown
                last = now()

    def _draw(self, wish: Wish) -> bool:
        """Whether it could be drawn."""
        try:
            rig = self._rig_of(wish)
            with self._changed:
                size, self._asked = ROUGH if wish.rough else self._size, False
            pixels = rig.render(self._controls(), size)
        except LiveAvatarError as error:
            self._failed(wish.number, str(error))
        except GIVES_UP:
            self._failed(wish.number, impossible())
        else:
            with self._changed:
                self._shot = Shot(self._shot.serial + 1 if self._shot else 1, wish.number, pixels, self._has)
            return True
        return False

    def _draw_small(self, choice: Choice) -> None:
        drawn: np.ndarray | str
        try:
            drawn = DrawnRig(draw(choice.recipe)).render(neutral(), SMALL)
        except LiveAvatarError as error:
            drawn = str(error)
        except GIVES_UP:
            drawn = impossible()
        with self._changed:
            self._chosen[choice.key] = drawn

    def _rig_of(self, wish: Wish) -> DrawnRig:
        if wish.original:
            self._first = self._first or DrawnRig(draw(self._original))
            return self._first
        if self._rig is None or self._rig[0] != wish.recipe:
            self._rig = wish.recipe, DrawnRig(draw(wish.recipe))
            self._has = traits(wish.recipe, self._rig[1].identity)
        return self._rig[1]

    def _controls(self) -> np.ndarray:
        """What it does at this moment."""
        time = now() - self._start
        if self._act == SPEAK:
            return performance(time)
        return self._mixer.retarget(None, time).controls


class _Nobody(Retargeter):
    """Under the reactions: nobody's face moves this character."""

    def retarget(self, face: Face | None, time: float) -> Expression:
        """See stages.Retargeter."""
        return Expression(idle(time), time)
