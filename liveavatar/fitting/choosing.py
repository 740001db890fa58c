"""The page on which one of many characters from noise is chosen: looked at big, varied, named, and made.

Served by base/dialog.py from liveavatar/assets/choose.html. A thread draws what is looked at first, then the others.
"""

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.base.dialog import CLOSED_FOR, Dialog, framed
from liveavatar.base.local_page import open_page
from liveavatar.controls import neutral
from liveavatar.errors import Cancelled, LiveAvatarError, TrainingError
from liveavatar.fitting.choosing_texts import STAGES, page_texts
from liveavatar.fitting.preview import GIVES_UP, impossible
from liveavatar.fitting.saving import saved
from liveavatar.fitting.workers import done_by_processes
from liveavatar.language import tag, tr
from liveavatar.media.blend import straight_alpha
from liveavatar.media.png import encode_png
from liveavatar.rigs.drawn.rig import DrawnRig
from liveavatar.rigs.generated.recipe import MOST, Recipe, code, draw, parse

SMALL, BIG = 256, 768
"""Pixels of a picture among many, and alone."""
STEP = 0.28
"""How far characters that are like one lie from it, towards other seeds; they keep its species, cut and outfit."""
_TRIES = 4
"""Seeds that are tried for one place where what is asked suits few."""
Save = Callable[[Recipe, str, Callable[[str, int, int], None]], Avatar]
"""Makes the package of a recipe under a name; tells which stage of STAGES is how far, of how much."""


def series(first: Recipe, count: int) -> list[Recipe]:
    """A recipe and those of the seeds that follow."""
    return [replace(first, seed=(first.seed + step) % (MOST + 1)) for step in range(count)]


def alike(recipe: Recipe, count: int) -> list[Recipe]:
    """A recipe and characters near it."""
    chance = random.Random(code(recipe))
    return [recipe] + [replace(recipe, toward=chance.randrange(MOST), way=STEP) for _ in range(count - 1)]


def picture(recipe: Recipe, size: int) -> np.ndarray:
    """(size, size, 4) uint8 premultiplied RGBA."""
    return DrawnRig(draw(recipe)).render(neutral(), size)


class Chooser:
    """Shows the page until close()."""

    def __init__(self, name: str, first: list[Recipe], drawn: Mapping[str, np.ndarray]) -> None:
        """name: to begin with. first: what is chosen from. drawn: by seed code, SMALL pixels each."""
        self._name, self._sets, self._count = name, [first], len(first)
        self._small = {key: _png(pixels) for key, pixels in drawn.items()}
        self._big: dict[str, bytes] = {}
        self._looked_at = ""
        self._result: tuple[Recipe, str] | None = None
        self.stopped = False
        self._closed = threading.Event()
        self._dialog = Dialog("choose.html", self._hello, self._answer, {"making": None, "sets": 1})
        self.address, self.finish = self._dialog.address, self._dialog.finish
        self._artist = threading.Thread(target=self._draw, name="artist", daemon=True)
        self._artist.start()

    def wait(self, closed_for: float = CLOSED_FOR) -> tuple[Recipe, str] | None:
        """What is to be made, under which name; None when the user cancelled, or the page was closed for so many seconds."""
        return self._result if self._dialog.wait(closed_for) else None

    def making(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is. Raises KeyboardInterrupt where the user has stopped it on the page."""
        with self._dialog.lock:
            before = self._dialog.news["making"] or {}
            self._dialog.news["making"] = {**before, stage: done / max(total, 1)}
            if self.stopped:
                raise KeyboardInterrupt

    def go_on(self, error: str) -> None:
        """Let the user try again after wait(); error: why it was not made."""
        with self._dialog.lock:
            self._result, self.stopped = None, False
            self._dialog.news["making"] = None
            self._dialog.go_on(error)

    def close(self) -> None:
        """Take the page from the air. May be called twice."""
        self._closed.set()
        with self._dialog.lock:
            self._dialog.lock.notify_all()
        self._dialog.close()
        self._artist.join(timeout=5)

    def _wanted(self) -> tuple[str, int] | None:
        """What is to be drawn next: seed code and size. Called under the lock."""
        if self._looked_at and self._looked_at not in self._big:
            return self._looked_at, BIG
        missing = (key for key in map(code, self._sets[-1]) if key not in self._small)
        return next(((key, SMALL) for key in missing), None)

    def _draw(self) -> None:
        while not self._closed.is_set():
            with self._dialog.lock:
                wanted = self._wanted()
                if wanted is None:
                    self._dialog.lock.wait(1.0)
                    continue
            key, size = wanted
            try:
                drawn = _png(picture(parse(key), size))
            except (LiveAvatarError, *GIVES_UP):
                drawn = b""  # nothing stands there
            with self._dialog.lock:
                (self._big if size == BIG else self._small)[key] = drawn

    def _answer(self, message: dict[str, Any]) -> bytes | None:
        command = message["do"]
        if command == "next":
            return self._news([str(key) for key in message["have"]])
        with self._dialog.lock:
            if command == "look":
                self._looked_at = code(parse(str(message["code"])))
            elif command == "back" and len(self._sets) > 1:
                self._sets.pop()
            elif command == "stop":
                self.stopped = True
            self._dialog.lock.notify_all()
        if command == "like":
            self._show(alike(parse(str(message["code"])), self._count))
        elif command == "more":
            last = max(self._sets[-1], key=lambda one: one.seed)
            self._show(series(replace(self._sets[0][0], seed=(last.seed + 1) % (MOST + 1)), self._count))
        elif command == "make":
            self._make(str(message["code"]), str(message["name"]).strip())
        elif command == "cancel":
            self._dialog.over()
        return None

    def _show(self, recipes: list[Recipe]) -> None:
        with self._dialog.lock:
            self._sets.append(recipes)
            self._looked_at = ""
            self._dialog.lock.notify_all()

    def _make(self, key: str, name: str) -> None:
        with self._dialog.lock:
            self._result, self.stopped, self._name = (parse(key), name), False, name
            self._dialog.news |= {"error": "", "making": {}}
        self._dialog.over()

    def _news(self, have: list[str]) -> bytes:
        """What stands on the page, and pictures that it has not got: of each its seed code, whether it is big, its length."""
        with self._dialog.lock:
            shown = [code(one) for one in self._sets[-1]]
            fresh = [(key, 0, self._small[key]) for key in shown if key in self._small and key not in have][
                :4
            ]
            big = self._looked_at
            if big in self._big and f"{big} big" not in have:
                fresh.append((big, 1, self._big[big]))
            words = {
                **self._dialog.news,
                "shown": shown,
                "sets": len(self._sets),
                "pictures": [[key, which, len(data)] for key, which, data in fresh],
            }
        return framed(words, b"".join(data for _, _, data in fresh))

    def _hello(self) -> dict[str, Any]:
        return {
            "language": tag(),
            "name": self._name,
            "texts": page_texts(),
            "stages": {key: tr(label.en, label.zh) for key, label in STAGES.items()},
        }


def choose(
    name: str, first: list[Recipe], drawn: Mapping[str, np.ndarray], save: Save, say: Callable[[str], None]
) -> Avatar | None:
    """Let the user choose a character on a page in the browser and make it. None where no browser opens. Raises Cancelled; then
    nothing was made.

    save: may raise as saving.saved() says."""
    with closing(Chooser(name, first, drawn)) as chooser, ExitStack() as doors:
        if not open_page(chooser.address, doors):
            return None
        say(
            tr(
                f"Choose on the page that opens in your browser (Ctrl-C: cancel): {chooser.address}",
                f"请在浏览器打开的页面中选择（Ctrl-C 取消）：{chooser.address}",
            )
        )
        avatar = saved(chooser, lambda chosen: save(*chosen, chooser.making), say)
        if avatar is not None:
            called = avatar.name
            chooser.finish(
                tr(
                    f"{called} is made.\nliveavatar run --avatar {called}\nThis page can be closed.",
                    f"{called} 已制作完成。\nliveavatar run --avatar {called}\n可以关闭此页面。",
                )
            )
            return avatar
        chooser.finish(
            tr("Nothing was made.\nThis page can be closed.", "没有制作任何内容。\n可以关闭此页面。")
        )
    raise Cancelled(tr("Nothing was made.", "没有制作任何内容。"))


def _png(pixels: np.ndarray) -> bytes:
    """Premultiplied RGBA as a PNG of straight alpha."""
    return encode_png(straight_alpha(pixels), effort=1)


class Sketch:
    """What processes draw for a sheet, see fitting/workers.py."""

    def open(self) -> None:
        """Nothing to prepare."""

    def do(self, item: Recipe) -> np.ndarray | TrainingError:
        """(SMALL, SMALL, 4) uint8 premultiplied RGBA, or why it cannot be."""
        try:
            return picture(item, SMALL)
        except TrainingError as error:
            return error
        except GIVES_UP:
            return TrainingError(impossible())


def sketches(first: Recipe, count: int, workers: int) -> Iterator[tuple[Recipe, np.ndarray]]:
    """Recipes and pictures of a seed and those that follow, without those that what is asked does not suit; fewer where it suits
    hardly any. Raises TrainingError where it suits none."""
    tried = series(first, _TRIES * count)
    problem, found = None, 0
    for one, drawn in zip(tried, done_by_processes(Sketch(), tried, min(workers, count)), strict=False):
        if isinstance(drawn, TrainingError):
            problem = problem or drawn
            continue
        yield one, drawn
        found += 1
        if found == count:
            return
    if problem is not None and not found:
        raise problem
