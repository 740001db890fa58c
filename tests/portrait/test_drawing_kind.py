"""A drawing becomes a package as any drawn character's, by the face that is found, or by points that a user gives."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from liveavatar.cli import drawing
from liveavatar.controls import neutral
from liveavatar.errors import PictureError
from liveavatar.landmarks.finder import DrawnFace
from liveavatar.landmarks.points import INDEX
from liveavatar.media.png import encode_png
from liveavatar.portrait import create as creating
from liveavatar.portrait.drawn import Figure
from liveavatar.portrait.drawn_points import listed, usual_face
from liveavatar.portrait.request import Request
from liveavatar.rigs.drawn import DrawnRig
from liveavatar.rigs.picture import prepare as preparing
from liveavatar.rigs.population import character
from liveavatar.rigs.population.styles import STYLES

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
    for side in ("Right", "Left"):  # the edges of a mouth whose middle is given do not cross
        above, corner, below = (
            figure.kept[f"mouth{name}"][1] for name in (f"Top{side}", side, f"Bottom{side}")
        )
        assert corner < above < below and below - above < 3 / 6.4


def test_its_package_says_whose_it_is_and_of_no_file_of_ours(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def prepare(rgba: np.ndarray, points: np.ndarray, path: Path, mouth: bool = True) -> str:
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


def test_no_torch_is_needed() -> None:
    """Neither for what makes a rig of a drawing, nor for what fits its package."""
    code = (
        "import sys, liveavatar.cli.drawing, liveavatar.portrait.create, liveavatar.rigs.picture.prepare, "
        "liveavatar.rigs.picture.rig, liveavatar.fitting.create; "
        "sys.exit(any(name.split('.')[0] == 'torch' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", ["L", "P", "LA", "I;16", "CMYK", "rotated", "animated", "huge"])
def test_drawings_in_files_of_all_kinds(
    kind: str, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A face is found, whatever the file is, and lies where it is once the picture is upright."""
    drawn = DrawnRig(replace(character(11), style=STYLES["clean"])).render(neutral(), 400)
    white = drawn[..., :3].astype(int) + 255 - drawn[..., 3:]
    rgb = Image.fromarray(white.clip(0, 255).astype(np.uint8))
    path = tmp_path / (
        "a.jpg" if kind in ("CMYK", "rotated", "huge") else "a.gif" if kind == "animated" else "a.png"
    )
    if kind == "rotated":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned by 90 degrees clockwise
        rgb.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    elif kind == "animated":
        rgb.save(path, save_all=True, append_images=[Image.new("RGB", rgb.size)])
    elif kind == "huge":
        rgb.resize((12000, 12000), Image.Resampling.NEAREST).save(path, quality=50)
    elif kind == "I;16":
        Image.fromarray(np.asarray(rgb.convert("L"), np.uint16) * 257).save(path)
    else:
        rgb.convert(kind).save(path)
    monkeypatch.setattr(creating, "find_model", lambda **_: None)  # nothing is cut out
    figures: list[Figure] = []
    creating.create(Request(path, "x", "", tmp_path / "x"), model, lambda _: None, figures.append)  # type: ignore[arg-type]
    (figure,) = figures
    scale = 400 / figure.rgba.shape[1]
    assert np.linalg.norm(scale * figure.points[INDEX["chin"]] - (200, 277)) < 25


@pytest.mark.parametrize("what", ["landscape", "text", "tiny", "crowd"])
def test_pictures_that_are_no_character(
    what: str, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    picture = np.full((500, 700, 3), 255, np.uint8)
    if what == "landscape":
        hills = cv2.resize(rng.uniform(0, 1, (4, 6, 3)), (700, 500), interpolation=cv2.INTER_CUBIC)
        picture = (255 * np.clip(hills * np.linspace(1.2, 0.4, 500)[:, None, None], 0, 1)).astype(np.uint8)
    elif what == "text":
        for row in range(12):
            words = " ".join("lorem ipsum dolor"[: int(rng.integers(5, 17))] for _ in range(4))
            cv2.putText(picture, words, (20, 40 + 38 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    else:
        side = 60 if what == "tiny" else 220
        drawn = DrawnRig(replace(character(11), style=STYLES["clean"])).render(neutral(), side)
        one = (drawn[..., :3].astype(int) + 255 - drawn[..., 3:]).clip(0, 255)
        for left in (40,) if what == "tiny" else (10, 240, 470):
            picture[100 : 100 + side, left : left + side] = one
    (tmp_path / "a.png").write_bytes(encode_png(np.dstack([picture, np.full((500, 700), 255, np.uint8)])))
    monkeypatch.setattr(creating, "find_model", lambda **_: None)
    words = {
        "tiny": "no face was found|pixels high; at least 40",
        "text": "no face was found|pixels high; at least 40",  # a letter may look like one
        "crowd": "3 faces, and none is clearly the largest",
    }
    with pytest.raises(PictureError, match=words.get(what, "no face was found in a.png")):
        creating.create(Request(tmp_path / "a.png", "x", "", tmp_path / "x"), model, lambda _: None)
    assert not (tmp_path / "x").exists()
