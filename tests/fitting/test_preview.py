"""What a page shows of a character while it is changed."""

from contextlib import closing

import pytest

pytest.importorskip("skia")

from liveavatar.fitting import preview as previewing
from liveavatar.fitting.preview import Preview, Wish
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.generated.recipe import Recipe, draw
from tests.helpers.running import wait_until


def test_what_cannot_be_drawn_is_tried_once_and_the_last_picture_lives_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[Recipe] = []
    failed: list[int] = []

    def drawing(recipe: Recipe) -> Identity:
        if recipe.seed == 5:
            tried.append(recipe)
            raise ArithmeticError
        return draw(recipe)

    monkeypatch.setattr(previewing, "draw", drawing)
    with closing(Preview(Recipe(4), lambda number, error: failed.append(number))) as preview:

        def serial() -> int:
            shot = preview.drawn(256)
            return shot.serial if shot is not None else 0

        wait_until(lambda: serial() > 0)
        preview.show(Wish(1, Recipe(5), False))
        wait_until(lambda: bool(failed))
        before = serial()
        wait_until(lambda: serial() > before + 2)
    assert (len(tried), failed) == (1, [1])
