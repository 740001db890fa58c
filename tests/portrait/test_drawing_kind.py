"""A drawing whose face is found becomes a package as any drawn character's; with points or a label it stays a portrait."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liveavatar.cli import drawing
from liveavatar.landmarks.finder import DrawnFace
from liveavatar.media.png import encode_png
from liveavatar.portrait import create as creating
from liveavatar.portrait.request import Request
from liveavatar.rigs.picture import prepare as preparing

POINTS = np.linspace(20, 60, 92).reshape(46, 2).astype(np.float32)


class NoFinder:
    """Stands for both finders."""

    def __init__(self, *_: object) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def request_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    picture = np.zeros((80, 80, 4), np.uint8)
    picture[20:, 20:60] = 255
    (tmp_path / "d.png").write_bytes(encode_png(picture))
    face = DrawnFace(POINTS, np.zeros(46, np.float32), np.zeros(46, np.float32), 1.0)
    monkeypatch.setattr(creating, "FaceFinder", NoFinder)
    monkeypatch.setattr(creating, "Finder", NoFinder)
    monkeypatch.setattr(creating, "find_subject", lambda *_: face)
    return Request(tmp_path / "d.png", "mira", "invented", output=tmp_path / "mira")


def test_a_found_drawing_is_drawn_and_not_warped(request_: Request) -> None:
    asked: list[Any] = []
    creating.create(request_, Path("model"), lambda _: None, lambda *given: asked.append(given))  # type: ignore[arg-type,return-value]
    ((figure, points),) = asked
    assert figure.shape == (80, 80, 4) and (points == POINTS).all()


def test_its_package_says_whose_it_is_and_of_no_file_of_ours(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def prepare(rgba: np.ndarray, points: np.ndarray, path: Path) -> str:
        seen.update(folder=path.parent, there=path.parent.is_dir())
        return f"picture-{path}"

    monkeypatch.setattr(preparing, "prepare", prepare)
    monkeypatch.setattr(drawing, "fitted", lambda *given, **own: seen.update(given=given, own=own))
    picture = np.zeros((80, 80, 4), np.uint8)
    picture[20:, 20:60] = 255
    drawing.make(request_, picture, POINTS)
    assert seen["there"] and not seen["folder"].exists()  # what is in between is gone
    assert seen["given"][1] == "mira"
    assert seen["own"]["consent"] == "invented" and seen["own"]["made_with"]["command"] == "create"
    assert str(seen["folder"]) not in str(seen["own"])
