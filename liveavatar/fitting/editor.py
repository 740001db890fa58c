"""The page on which a character from noise is changed and seen alive meanwhile: sliders, colours, pictures to choose from, dice.

Served by base/dialog.py from liveavatar/assets/adjust.html, drawn by preview.py. Knows nothing of packages: what comes of it is
a recipe.
"""

from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np

from liveavatar.base.dialog import CLOSED_FOR, Dialog, framed
from liveavatar.errors import LiveAvatarError
from liveavatar.fitting.editor_texts import ACTS, CROPS, STAGES, page_texts, sections
from liveavatar.fitting.preview import SMALL, Choice, Preview, Wish
from liveavatar.language import tag, tr
from liveavatar.rigs.generated.attributes import ATTRIBUTES
from liveavatar.rigs.generated.recipe import MOST, Recipe, code, parse
from liveavatar.rigs.generated.sliders import STEP


class Editor:
    """Shows the page until close()."""

    def __init__(self, name: str, original: Recipe) -> None:
        """name: the avatar's. original: the character as it is."""
        self._name, self._original = name, original
        self._recipe, self._number = original, 0
        self._result: Recipe | None = None
        self._saving, self.stopped = 0, False
        """Number of the last press of "save"; whether it was stopped on the page since."""
        self._preview = Preview(original, self._failed)
        self._dialog = Dialog(
            "adjust.html",
            self._hello,
            self._answer,
            {"broken": False, "code": code(original), "read": None, "saved": 0, "fitting": None},
        )
        self.address = self._dialog.address

    def wait(self, closed_for: float = CLOSED_FOR) -> Recipe | None:
        """What is to be saved; None when the user cancelled, or the page was closed for that many seconds."""
        return self._result if self._dialog.wait(closed_for) else None

    def fitting(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage of STAGES is. Raises KeyboardInterrupt where the user has stopped it on the page."""
        with self._dialog.lock:
            self._dialog.news["fitting"] = {
                **(self._dialog.news["fitting"] or {}),
                stage: done / max(total, 1),
            }
            if self.stopped:
                raise KeyboardInterrupt

    def go_on(self, error: str) -> None:
        """Let the user try again after wait(); error: why it was not saved."""
        with self._dialog.lock:
            self._result, self.stopped = None, False
            self._dialog.news |= {"saved": self._saving, "fitting": None}
            self._dialog.go_on(error)

    def finish(self, text: str) -> None:
        """The page's last words."""
        self._dialog.finish(text)

    def close(self) -> None:
        """Take the page from the air. May be called twice."""
        self._dialog.close()
        self._preview.close()

    def _answer(self, message: dict[str, Any]) -> bytes | None:
        command = message["do"]
        if command == "next":
            return self._news(int(message["have"]), int(message["size"]))
        if command == "show":
            self._show(message)
        elif command == "offer":
            self._offer(str(message["of"]), message["recipe"])
        elif command == "act":
            self._preview.act(str(message["act"]))
        elif command == "read":
            self._read(int(message["number"]), str(message["text"]))
        elif command == "save":
            self._save(int(message["number"]), message["recipe"])
        elif command == "stop":
            self.stopped = True
        elif command == "cancel":
            self._dialog.over()
        return None

    def _show(self, message: dict[str, Any]) -> None:
        number = int(message["number"])
        try:
            recipe = _checked(message["recipe"])
            news = {"error": "", "broken": False, "code": code(recipe)}
        except LiveAvatarError as wrong:
            self._failed(number, str(wrong))
            return
        with self._dialog.lock:
            self._recipe, self._number = recipe, number
            self._dialog.news |= news
        self._preview.show(Wish(number, recipe, bool(message["rough"]), bool(message["original"])))

    def _failed(self, number: int, error: str) -> None:
        with self._dialog.lock:
            if number >= self._number:
                self._dialog.news |= {"error": error, "broken": True}

    def _offer(self, of: str, recipe: Any) -> None:
        """Small pictures of the character with each value of an attribute."""
        base, attribute = _checked(recipe), ATTRIBUTES.get(of)
        values = attribute.values if attribute and attribute.values else ()
        self._preview.offer(
            [Choice(f"{of} {value}", replace(base, asked={**base.asked, of: value})) for value in values]
        )

    def _read(self, number: int, text: str) -> None:
        try:
            read = {"number": number, "recipe": asdict(parse(text))}
        except LiveAvatarError as wrong:
            read = {"number": number, "error": str(wrong)}
        with self._dialog.lock:
            self._dialog.news["read"] = read

    def _save(self, number: int, recipe: Any) -> None:
        try:
            result = _checked(recipe)
        except LiveAvatarError as wrong:
            self._failed(self._number, str(wrong))
            return
        with self._dialog.lock:
            self._result, self._saving, self.stopped = result, number, False
        self._preview.offer(())
        self._dialog.over()

    def _news(self, have: int, size: int) -> bytes:
        """News, the character's newest picture if the page has not got it, and small ones."""
        with self._dialog.lock:
            saving = self._result is not None
            news = dict(self._dialog.news)
        if saving:
            return framed(news)
        shot, small = self._preview.drawn(size), self._preview.chosen()
        pictures: list[np.ndarray] = []
        if shot is not None and shot.serial != have:
            news |= {
                "serial": shot.serial,
                "number": shot.number,
                "size": len(shot.pixels),
                "given": shot.has,
            }
            pictures.append(shot.pixels)
        there = {key: picture for key, picture in small.items() if not isinstance(picture, str)}
        news |= {"small": list(there), "impossible": {key: small[key] for key in small.keys() - there}}
        return framed(news, b"".join(picture.tobytes() for picture in (*pictures, *there.values())))

    def _hello(self) -> dict[str, Any]:
        return {
            "language": tag(),
            "recipe": asdict(self._recipe),
            "original": asdict(self._original),
            "number": self._number,
            "seeds": MOST,
            "small": SMALL,
            "step": STEP,
            "crops": CROPS,
            "sections": sections(),
            "acts": [[key, tr(label.en, label.zh)] for key, label in ACTS.items()],
            "stages": {key: tr(label.en, label.zh) for key, label in STAGES.items()},
            "texts": page_texts(self._name),
        }


def _checked(value: Any) -> Recipe:
    """The recipe that a page sent. Raises LiveAvatarError, and ValueError or TypeError for what is no recipe at all."""
    known = {field.name for field in fields(Recipe)}
    if not isinstance(value, dict) or not value.keys() <= known:
        raise ValueError(value)
    tables = {"asked": (str,), "sliders": (float, int), "parts": (int,)}
    for name, kinds in tables.items():
        table = value.get(name, {})
        if not isinstance(table, dict) or not all(isinstance(one, kinds) for one in table.values()):
            raise ValueError(table)
    return Recipe(**value)
