"""One picture to a package: what is refused and how, and that nothing half-written stays."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from liveavatar.avatar.card import CARD
from liveavatar.avatar.library import load_avatar
from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.cli import main
from liveavatar.errors import AvatarError, PictureError
from liveavatar.media.picture import read_picture
from liveavatar.portrait import create, matting
from liveavatar.portrait.request import Request


@pytest.fixture(scope="module")
def person() -> Image.Image:
    """The synthetic person, cut out by hand so that no matte model is needed."""
    frame = next(iter(open_camera(str(SYNTHETIC), paced=False))).image
    alpha = np.zeros(frame.shape[:2], np.uint8)
    alpha[30:, 90:430] = 255
    alpha[330:, :] = 255
    return Image.fromarray(np.dstack([frame, alpha]))


def save(image: Image.Image, path: Path, **options: Any) -> Path:
    image.save(path, **options)
    return path


def make(picture: Path, folder: Path, model: Path, **request: Any) -> tuple[Any, list[str]]:
    said: list[str] = []
    wanted = Request(picture, "someone", "nobody is shown", folder / "someone", **request)
    return create.create(wanted, model, said.append), said


def test_the_package_says_what_it_is(person: Image.Image, tmp_path: Path, model: Path) -> None:
    avatar, _ = make(save(person, tmp_path / "人 物.png"), tmp_path / "形象", model, label="synthetic")
    card = json.loads((avatar.folder / CARD).read_text(encoding="utf-8"))
    assert card["kind"] == "portrait" and card["consent"] == "nobody is shown"
    assert card["made_with"]["synthetic"] is True
    assert "layers" not in card and "generator" not in card
    assert Image.open(avatar.folder / "preview.png").text["Source"] == "synthetic"  # type: ignore[attr-defined]
    assert sorted(p.name for p in avatar.folder.iterdir()) == sorted([*card["files"], CARD])
    assert (tmp_path / "形象").exists() and [p.name for p in (tmp_path / "形象").iterdir()] == ["someone"]


def test_an_avatar_that_stands_there_stays(person: Image.Image, tmp_path: Path, model: Path) -> None:
    picture = save(person, tmp_path / "a.png")
    make(picture, tmp_path, model)
    with pytest.raises(AvatarError, match=r"exists already.*--replace"):
        make(picture, tmp_path, model)
    make(picture, tmp_path, model, replace=True)


def test_a_picture_in_the_folder_that_is_replaced_is_not_lost(
    person: Image.Image, tmp_path: Path, model: Path
) -> None:
    avatar, _ = make(save(person, tmp_path / "a.png"), tmp_path, model)
    inside = save(person, avatar.folder / "photo.png")
    with pytest.raises(AvatarError, match="would be lost"):
        make(inside, tmp_path, model, replace=True)
    assert inside.is_file() and load_avatar(avatar.folder).name == avatar.name


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ("L", {}), ("P", {}), ("LA", {}), ("I;16", {}), ("CMYK", {"suffix": ".jpg"}), ("rotated", {"suffix": ".jpg"}),
        ("animated", {"suffix": ".gif"}), ("huge", {"suffix": ".jpg"}), ("webp", {"suffix": ".webp"}),
    ],
)  # fmt: skip
def test_pictures_of_all_kinds(
    change: str,
    options: dict[str, str],
    person: Image.Image,
    tmp_path: Path,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever can carry alpha does; the others take the whole picture for the person."""
    monkeypatch.setattr(matting, "cut_out", lambda sheet, face, matte: sheet)
    monkeypatch.setattr(create, "find_model", lambda **k: None)
    path = tmp_path / f"picture{options.get('suffix', '.png')}"
    rgb = person.convert("RGB")
    if change == "rotated":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned by 90 degrees clockwise
        rgb.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    elif change == "animated":
        rgb.save(path, save_all=True, append_images=[Image.new("RGB", rgb.size)])
    elif change == "huge":
        rgb.resize((6000, 6000), Image.Resampling.NEAREST).save(path, quality=60)
    elif change == "I;16":
        grey = np.asarray(rgb.convert("L"), np.uint16) * 257
        Image.fromarray(grey).save(path)
    elif change == "webp":
        person.save(path)
    else:
        person.convert(change).save(path)
    avatar, said = make(path, tmp_path, model)
    assert load_avatar(avatar.folder).name == "someone"
    said = [line for line in said if "could not be cut out" not in line]
    assert bool(said) == (change in ("animated", "huge"))
    if change == "animated":
        assert "first frame" in said[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cannot be read as a picture"),
        (b"no picture at all", "cannot be read as a picture"),
        ("half", "cannot be read as a picture"),
        ("wall", "no face was found in picture.png"),
        ("tiny", "no face was found|pixels high; at least 40"),
        (None, "cannot read the picture"),
    ],
)
def test_what_makes_no_avatar_leaves_nothing(
    content: bytes | str | None, words: str, person: Image.Image, tmp_path: Path, model: Path
) -> None:
    path, out = tmp_path / "picture.png", tmp_path / "out"
    if content == "half":
        data = io.BytesIO()
        person.save(data, "PNG")
        path.write_bytes(data.getvalue()[:9000])
    elif content == "wall":
        Image.new("RGB", (300, 300), (120, 130, 140)).save(path)
    elif content == "tiny":
        person.resize((70, 70)).save(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(PictureError, match=words):
        make(path, out, model)
    assert not out.exists()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    for side in (12000, 20000):
        path = tmp_path / "bomb.png"
        Image.new("1", (side, side)).save(path)
        with pytest.raises(PictureError, match=f"too large.*{side}x{side}"):
            read_picture(path)


def test_several_faces(person: Image.Image, tmp_path: Path, model: Path) -> None:
    two = Image.new("RGBA", (900, 512), (255, 255, 255, 0))
    two.paste(person, (0, 0), person)
    smaller = person.resize((400, 400))
    two.paste(smaller, (500, 112), smaller)
    path = save(two, tmp_path / "two.png")
    _, said = make(path, tmp_path, model)
    assert "2 faces: taking number 1, at 2" in said[0] and "--face N" in said[0]
    _, said = make(path, tmp_path, model, face=2, replace=True)
    assert "taking number 2, at 7" in said[0]
    with pytest.raises(PictureError, match=r"--face 3: two\.png has 2 faces\. Give 1 to 2"):
        make(path, tmp_path / "none", model, face=3)


def test_a_name_that_leads_elsewhere(person: Image.Image, tmp_path: Path, model: Path) -> None:
    request = Request(save(person, tmp_path / "a.png"), "../up", "", tmp_path / "x")
    with pytest.raises(AvatarError, match="cannot be an avatar's name"):
        create.create(request, model)


def test_the_command_asks_and_a_no_makes_nothing(
    person: Image.Image,
    tmp_path: Path,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from typer.testing import CliRunner

    from liveavatar.cli import build

    path = save(person, tmp_path / "a.png")
    command = ["create", str(path), "--name", "me", "--output", str(tmp_path / "me"), "--model", str(model)]
    refused = CliRunner().invoke(build(), command, input="a friend\nn\n")
    assert refused.exit_code == 1 and "Nothing was made" in refused.output
    assert not (tmp_path / "me").exists()
    agreed = CliRunner().invoke(build(), command, input="Li Wei\ny\n")
    assert agreed.exit_code == 0, agreed.output
    assert load_avatar(tmp_path / "me").consent == "Li Wei: agreed, as stated by the one who made it"
    assert main([*command, "--yes", "--replace"]) == 0
    assert "stated with --yes" in load_avatar(tmp_path / "me").consent
    assert "liveavatar run --avatar" in capsys.readouterr().err


def test_nothing_of_the_file_but_its_pixels_is_in_the_package(
    person: Image.Image, tmp_path: Path, model: Path
) -> None:
    """Neither its name nor where it was taken."""
    from PIL.PngImagePlugin import PngInfo

    exif, about = Image.Exif(), PngInfo()
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825)[29] = "SECRETPLACE"
    about.add_text("Comment", "SECRETWORDS")
    about.add_text("XML:com.adobe.xmp", "SECRETXMP")
    path = save(person, tmp_path / "SECRETNAME.png", exif=exif, pnginfo=about)
    assert path.read_bytes().count(b"SECRET") == 4
    avatar, _ = make(path, tmp_path / "out", model, label="synthetic")
    for file in avatar.folder.iterdir():
        assert b"SECRET" not in file.read_bytes(), file.name
        if file.suffix == ".png":
            opened: Any = Image.open(file)
            opened.load()
            assert set(opened.info) <= {"Software", "Source"}, file.name


def test_a_room_that_stays_in_the_picture_is_told(
    person: Image.Image, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create, "find_model", lambda **k: None)  # nothing cuts it out
    _, said = make(save(person.convert("RGB"), tmp_path / "a.png"), tmp_path, model)
    assert any("WARNING: the background could not be cut out" in line for line in said)
    _, said = make(save(person, tmp_path / "b.png"), tmp_path, model, replace=True)
    assert said == []


def test_round_corners_cut_nobody_out(person: Image.Image, tmp_path: Path) -> None:
    screenshot = person.copy()
    alpha = np.full((person.height, person.width), 255, np.uint8)
    alpha[:40, :40] = alpha[-40:, -40:] = 0
    screenshot.putalpha(Image.fromarray(alpha))
    picture = read_picture(save(screenshot, tmp_path / "a.png"))
    assert picture.has_alpha and not matting.is_cut_out(picture)
    assert matting.is_cut_out(read_picture(save(person, tmp_path / "b.png")))
