"""What `new` makes of its options: which rig, and what it says of what cannot be."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("skia")

from liveavatar.cli import main, making
from liveavatar.rigs.generated import Recipe, parse, seed_code


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the rigs that avatars would have been made of."""
    rigs: list[str] = []
    monkeypatch.setattr(making, "make", lambda rig, *_: rigs.append(rig))
    return rigs


def _recipe(rig: str) -> Recipe:
    return parse(rig.partition("-")[2])


def test_new_makes_what_was_asked_and_prints_its_code(made: list[str], capsys: Any) -> None:
    assert main(["new", "--name", "a", "--seed", "42"]) == 0
    assert made == ["generated-42"]
    options = ["--hair", "#8fd", "--outfit", "和服", "--slider", "age=0.5", "--between", "9,0.25"]
    assert main(["new", "--name", "a", "--seed", "42", *options]) == 0
    recipe = Recipe(42, 9, 0.25, {"hair": "#88ffdd", "outfit": "kimono"}, {"age": 0.5})
    assert _recipe(made[-1]) == recipe
    code = seed_code(recipe)
    assert code in capsys.readouterr().err
    assert main(["new", "--name", "a", "--seed", code.lower(), "--eyes", "green"]) == 0
    assert _recipe(made[-1]).asked == {**recipe.asked, "eyes": "#4f9e54"}
    assert main(["new", "--name", "a", "--cut", "bob"]) == 0
    assert _recipe(made[-1]).asked == {"cut": "bob"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--seed", "A058-5X"], "check sum"),
        (["--seed", "-1"], "whole number from 0 to 1000000000, got -1"),
        (["--seed", "2000000000"], "whole number from 0"),
        (["--hair", "#ff"], "#rrggbb"),
        (["--outfit", "kimona"], "did you mean kimono"),
        (["--species", "robot", "--cut", "bob"], "a robot has no haircut"),
        (["--species", "human", "--cut", "bob", "--wear", "cap,beanie"], "no room for beanie"),
        (["--slider", "age"], "NAME=AMOUNT"),
        (["--slider", "age=nan"], "-1 to 1"),
        (["--slider", "age=2"], "-1 to 1"),
        (["--slider", "smil=0.2"], "no slider 'smil' (did you mean smile?)"),
        (["--sheet", "a.png"], "--grid"),
        (["--grid", "2", "--sheet", "a.jpg"], "ends in .png"),
        (["--between", "7"], "SEED,T"),
        (["--between", "7,x"], "SEED,T"),
        (["--between", "7,1.5"], "0 to 1"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_made(
    options: list[str], said: str, tmp_path: Path, made: list[str], capsys: Any
) -> None:
    seed = [] if "--seed" in options else ["--seed", "42"]
    assert main(["new", "--name", "a", "--output", str(tmp_path / "a"), *seed, *options]) != 0
    assert said in capsys.readouterr().err.replace("\n", " ")
    assert not made and not list(tmp_path.iterdir())


def test_stopped_it_leaves_no_folder_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any) -> None:
        assert (tmp_path / "new" / "deep").is_dir()
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "fitted", stopped)
    place = tmp_path / "new" / "deep" / "mio"
    assert main(["new", "--name", "mio", "--seed", "42", "--output", str(place)]) != 0
    assert not list(tmp_path.iterdir())
