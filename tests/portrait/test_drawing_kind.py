"""A drawing becomes a package as any drawn character's, by the face that is found, or by points that a user gives."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liveavatar.cli import drawing
from liveavatar.landmarks.finder import DrawnFace
from liveavatar.landmarks.points import INDEX
from liveavatar.media.png import encode_png
from liveavatar.portrait import create as creating
from liveavatar.portrait.drawn import Figure
from liveavatar.portrait.drawn_points import listed, usual_face
from liveavatar.portrait.request import Request
from liveavatar.rigs.picture import prepare as preparing

POINTS = (usual_face() * 45 + (40, 25)).astype(np.float32)


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
    monkeypatch.setattr(creating, "subjects", lambda *_: [face])
    return Request(tmp_path / "d.png", "mira", "invented", output=tmp_path / "mira")


def figure_of(request: Request) -> Figure:
    asked: list[Figure] = []
    creating.create(request, Path("model"), lambda _: None, asked.append)  # type: ignore[arg-type]
    (figure,) = asked
    return figure


def test_a_found_drawing_is_drawn_and_not_warped(request_: Request) -> None:
    figure = figure_of(request_)
    assert figure.rgba.shape == (80, 80, 4) and np.allclose(figure.points, POINTS, atol=0.02)


def test_points_that_were_kept_are_begun_with_again(request_: Request, tmp_path: Path) -> None:
    moved = listed(usual_face() * 40 + (40, 30)) | {"chin": [41.0, 72.0]}
    (tmp_path / "points.json").write_text(json.dumps(moved))
    figure = figure_of(replace(request_, points=tmp_path / "points.json"))
    assert figure.kept == moved
    assert np.allclose(figure.points[INDEX["chin"]], (41, 72))


def test_a_file_of_fewer_points_is_completed(request_: Request, tmp_path: Path) -> None:
    known = json.loads((Path(__file__).parents[2] / "docs" / "points-example.json").read_text())
    few = {name: [round(v / 6.4, 2) for v in numbers] for name, numbers in known.items()}
    (tmp_path / "points.json").write_text(json.dumps(few))
    figure = figure_of(replace(request_, points=tmp_path / "points.json"))
    assert figure.kept["mouthLeft"] == few["mouthLeft"]
    x, y, radius = few["leftIris"]
    assert figure.kept["leftIrisOuter"] == [x + radius, y] and figure.kept["leftIrisBottom"] == [
        x,
        y + radius,
    ]
    assert figure.kept["crown"][1] < min(y for _, y, *_ in few.values())


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
    drawing.make(replace(request_, label="synthetic"), Figure(picture, POINTS, listed(POINTS), np.eye(2, 3)))
    assert seen["there"] and not seen["folder"].exists()  # what is in between is gone
    assert seen["given"][1] == "mira"
    assert seen["own"]["consent"] == "invented" and seen["own"]["made_with"]["command"] == "create"
    assert str(seen["folder"]) not in str(seen["own"])
    extras = seen["own"]["extras"]
    assert json.loads(extras.files["points.json"]) == listed(POINTS) and extras.label[..., 3].max() > 100
