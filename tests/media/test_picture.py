"""Pictures as other programs write and damage them: what viewers show is read, what cannot be says what it is."""

import io
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from liveavatar.errors import OutputError, PictureError
from liveavatar.media.compositing import DEFAULT, Background, parse_colour
from liveavatar.media.picture import MAX_SIDE, Picture, read_picture
from liveavatar.types import AvatarFrame

SIDE = 64


def drawing(mode: str = "RGB") -> Image.Image:
    """Four quarters: red, green, blue, white; with alpha, the last is transparent."""
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    half = SIDE // 2
    pixels[:half, :half], pixels[:half, half:] = (255, 0, 0, 255), (0, 255, 0, 255)
    pixels[half:, :half], pixels[half:, half:] = (0, 0, 255, 255), (255, 255, 255, 0)
    image = Image.fromarray(pixels)
    return image if mode == "RGBA" else image.convert("RGB").convert(mode)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", crc)


def with_chunk(*chunks: bytes) -> bytes:
    """The drawing as PNG with chunks after its header."""
    data = encoded(drawing())
    return data[:33] + b"".join(chunks) + data[33:]


def read(data: bytes, tmp_path: Path, name: str = "图 picture") -> Picture:
    path = tmp_path / name
    path.write_bytes(data)
    return read_picture(path)


def quarters(picture: Picture) -> list[str]:
    """The nearest of the four colours in each quarter."""
    height, width = picture.rgba.shape[:2]
    names = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    found = []
    for y, x in ((1, 1), (1, 3), (3, 1), (3, 3)):
        colour = picture.over()[y * height // 4, x * width // 4].astype(int)
        found.append(min(names, key=lambda name: int(np.abs(colour - names[name]).sum())))
    return found


USUAL = ["red", "green", "blue", "white"]
TEXT = b"prompt\0" + json.dumps({"nodes": ["x" * 50] * 60_000}).encode()
JPEG = encoded(drawing(), "JPEG", quality=95)


@pytest.mark.parametrize(
    "data",
    [
        with_chunk(chunk(b"tEXt", TEXT)),
        with_chunk(chunk(b"zTXt", b"prompt\0\0" + zlib.compress(TEXT))),
        with_chunk(*[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(900_000)))] * 100),
        with_chunk(chunk(b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(TEXT))),
        with_chunk(chunk(b"tEXt", b"a\0b", crc=1)),
        with_chunk(chunk(b"iCCP", b"profile\0\0no zlib")),
        with_chunk(chunk(b"eXIf", b"no Exif at all")),
        with_chunk(chunk(b"gAMA", b"")),
        with_chunk(chunk(b"qqQQ", b"private")),
        encoded(drawing()) + b"trailing garbage" * 100,
        encoded(drawing())[:-12],
        encoded(drawing())[:-14],
        JPEG + b"\0" * 500,
        JPEG[:-2],
        JPEG[:2] + b"\xff\xe1\x00\x10Exif\0\0MM\0*\xff\xff\xff\xff" + JPEG[2:],
        JPEG[:2] + b"\xff\xe1\x00\x08Exif\0\0" + JPEG[2:],
        JPEG[:2] + b"\xff\xe2\x00\x20ICC_PROFILE\0\x01\x01" + b"?" * 16 + JPEG[2:],
        JPEG[:2] + b"\xff\xed\x00\x14Photoshop 3.0\0" + b"8BI" + b"\xff" + JPEG[2:],
    ],
)
def test_metadata_is_no_reason_to_refuse(data: bytes, tmp_path: Path) -> None:
    picture = read(data, tmp_path, "wrong.gif")
    assert quarters(picture) == USUAL and not picture.has_alpha
    assert picture.rgba.shape == (SIDE, SIDE, 4) and (picture.rgba[..., 3] == 255).all()


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "RGB", {}), ("PNG", "P", {}), ("BMP", "RGB", {}), ("GIF", "P", {}), ("WEBP", "RGB", {"lossless": True}),
        ("JPEG", "CMYK", {}), ("JPEG", "RGB", {"progressive": True}), ("TIFF", "RGB", {}),
        ("TIFF", "CMYK", {"compression": "tiff_lzw"}), ("TIFF", "LAB", {}), ("TIFF", "YCbCr", {}),
    ],
)  # fmt: skip
def test_kinds_of_colour(kind: str, mode: str, options: dict[str, Any], tmp_path: Path) -> None:
    if mode == "LAB":
        data = encoded(
            Image.fromarray(np.full((SIDE, SIDE, 3), (128, 128, 128), np.uint8)).convert("RGB"), kind
        )
        assert read(data, tmp_path).rgba.shape == (SIDE, SIDE, 4)
        return
    picture = read(encoded(drawing(mode), kind, **options), tmp_path)
    assert quarters(picture) == USUAL and picture.notes == ()


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_avif(tmp_path: Path) -> None:
    assert quarters(read(encoded(drawing(), "AVIF"), tmp_path, "a.png")) == USUAL
    picture = read(encoded(drawing("RGBA"), "AVIF"), tmp_path)
    assert picture.has_alpha and picture.rgba[-1, -1, 3] == 0


def test_a_jpeg_of_several_pictures(tmp_path: Path) -> None:
    data = encoded(drawing(), "MPO", save_all=True, append_images=[drawing()])
    assert quarters(read(data, tmp_path)) == USUAL


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_of_an_animation_the_first_frame(kind: str, tmp_path: Path) -> None:
    others = [Image.new("RGB", (SIDE, SIDE), c) for c in ("black", "grey")]
    picture = read(encoded(drawing(), kind, save_all=True, append_images=others), tmp_path)
    assert quarters(picture) == USUAL
    assert picture.notes == ("animated: the first frame is used",)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("shape", ["grey", "rgb"])
def test_a_ramp_of_any_depth_stays_a_ramp(bits: int, shape: str, tmp_path: Path) -> None:
    import cv2

    ramp = np.tile(np.linspace(0, 2**bits - 1, 256).astype(f"uint{bits}"), (16, 1))
    data = cv2.imencode(".png", ramp if shape == "grey" else cv2.merge([ramp] * 3))[1].tobytes()
    read_back = read(data, tmp_path).rgba[8, :, 0].astype(int)
    assert np.abs(read_back - np.arange(256)).max() <= 1


def test_a_dark_picture_of_16_bits_stays_dark(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(np.full((8, 8), 200, np.uint16)))
    assert read(data, tmp_path).rgba[..., :3].max() <= 1


def test_a_float_picture_with_holes(tmp_path: Path) -> None:
    values = np.full((8, 8), 0.5, np.float32)
    values[0] = np.nan
    picture = read(encoded(Image.fromarray(values), "TIFF"), tmp_path)
    assert picture.rgba[4, 4, 0] == 128 and picture.rgba[0, 0, 0] == 0


@pytest.mark.parametrize("way", ["RGBA", "palette", "colour key"])
def test_transparency_of_every_kind(way: str, tmp_path: Path) -> None:
    if way == "RGBA":
        data = encoded(drawing("RGBA"))
    elif way == "palette":
        data = encoded(drawing("RGBA").quantize(16))
    else:
        data = encoded(drawing(), transparency=(255, 255, 255))
    picture = read(data, tmp_path)
    assert picture.has_alpha
    assert picture.rgba[-1, -1, 3] == 0 and (picture.rgba[:20, :20, 3] == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_upright(kind: str, tmp_path: Path) -> None:
    upright = drawing()
    ways = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # how a camera that writes this number held it
    for orientation, turned in ways.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = upright.transpose(Image.Transpose(turned))
        assert quarters(read(encoded(stored, kind, exif=exif), tmp_path)) == USUAL, orientation
    exif[0x0112] = 77
    assert quarters(read(encoded(upright, kind, exif=exif), tmp_path)) == USUAL


def test_a_file_cut_short_is_told_and_half_a_one_refused(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8))
    for kind in ("PNG", "JPEG"):
        data = encoded(noise, kind)
        assert read(data, tmp_path).notes == ()
        picture = read(data[: len(data) * 95 // 100], tmp_path)
        assert picture.notes == ("the file is damaged: parts may be missing",)
        whole = read(data, tmp_path).rgba
        assert (picture.rgba[:200] == whole[:200]).all()
        with pytest.raises(PictureError, match="most of it is missing"):
            read(data[: len(data) // 2], tmp_path)


def ftyp(brand: bytes, *more: bytes) -> bytes:
    body = brand + bytes(4) + b"".join(more)
    return struct.pack(">I", 8 + len(body)) + b"ftyp" + body + bytes(400)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty. Copy or download it again"),
        (bytes(4096), "empty"),
        (ftyp(b"heic", b"mif1", b"heic"), "HEIC picture.*JPEG.*Most Compatible"),
        (ftyp(b"mif1", b"heic"), "HEIC"),
        (ftyp(b"isom", b"mp41"), "a video.*--camera"),
        (ftyp(b"qt  "), "a video"),
        (b"\x1aE\xdf\xa3" + bytes(99), "a video"),
        (b"RIFF\x10\0\0\0AVI LIST", "a video"),
        ((b"G" + bytes(187)) * 5, "a video"),
        (ftyp(b"crx "), "raw picture.*Develop"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(99), "raw picture"),
        (b"FUJIFILMCCD-RAW 0201", "raw picture"),
        (b"8BPS\0\x01" + bytes(99), "Photoshop.*Export it as PNG"),
        (b"%PDF-1.7\n", "a PDF"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing.*Export"),
        (b"<!DOCTYPE html><html><body>", "a web page.*Save image as"),
        (b"PK\x03\x04" + bytes(99), "an archive.*Unpack"),
        (b"CSFCHUNK" + bytes(9), "Clip Studio"),
        (b"\xff\x0a" + bytes(99), "JPEG XL"),
        (b"ID3\x03" + bytes(99), "a sound"),
        ("只是文字".encode(), "a text"),
        ("text".encode("utf-16"), "a text"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a text"),
        (bytes(range(256)) * 10, "unknown kind"),
    ],
)  # fmt: skip
def test_what_it_is_instead_and_what_to_do(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=f"cannot be read as a picture: it is .*{said}") as caught:
        read(data, tmp_path, "picture.png")
    assert "\n" not in str(caught.value)
    with pytest.raises(OutputError, match=f"background: .*{said}"):
        Background(str(tmp_path / "picture.png"), (64, 64))


def test_what_is_no_file(tmp_path: Path) -> None:
    for path, said in ((tmp_path, "folder|denied"), (tmp_path / "gone.png", "cannot be read")):
        with pytest.raises(PictureError, match=said):
            read_picture(path)
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(PictureError, match="no plain file"):
            read_picture(tmp_path / "pipe.png")


def test_large_pictures_are_reduced(tmp_path: Path) -> None:
    large = drawing().resize((5300, 1000), Image.Resampling.NEAREST)
    for kind, options in (("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True})):
        picture = read(encoded(large, kind, **options), tmp_path)
        assert max(picture.rgba.shape) == MAX_SIDE and quarters(picture) == USUAL
        assert picture.notes == (f"reduced to {MAX_SIDE}x{picture.rgba.shape[0]}",)


def test_a_bomb_is_refused_before_its_orientation_is_asked_for(tmp_path: Path) -> None:
    """To find Exif behind the pixels, Pillow decodes them."""
    data = encoded(drawing())
    header = struct.pack(">II", 30_000, 30_000) + data[24:29]
    with pytest.raises(PictureError, match=r"too large.*30000x30000"):
        read(data[:8] + chunk(b"IHDR", header) + data[33:], tmp_path)


def behind(image: Image.Image, size: tuple[int, int], tmp_path: Path, **options: Any) -> np.ndarray:
    path = tmp_path / "behind"
    path.write_bytes(encoded(image, **options))
    return Background(str(path), size).composite(AvatarFrame(np.zeros((8, 8, 4), np.uint8), 0.0))


def test_a_background_shows_nothing_that_was_transparent(tmp_path: Path) -> None:
    pixels = np.full((100, 100, 4), (200, 10, 10, 0), np.uint8)  # a colour that lies hidden
    pixels[:50] = (0, 90, 0, 255)
    shown = behind(Image.fromarray(pixels), (100, 100), tmp_path)
    assert tuple(shown[10, 10]) == (0, 90, 0) and tuple(shown[90, 90]) == parse_colour(DEFAULT)
    pixels[:, :, 3] = 255
    pixels[40:44, 40:44] = (255, 0, 255, 0)  # a few pixels of it
    shown = behind(Image.fromarray(pixels), (100, 100), tmp_path)
    assert shown[41:43, 41:43].min() >= 100 and tuple(shown[60, 60]) == (200, 10, 10)


@pytest.mark.parametrize("shape", [(1, 30000), (30000, 1), (3, 5), (1, 1), (5000, 300), (300, 5000)])
def test_a_background_of_any_shape_covers(shape: tuple[int, int], tmp_path: Path) -> None:
    pixels = np.full((*shape, 3), (9, 9, 9), np.uint8)
    height, width = shape
    pixels[
        height // 2 - height // 8 : height // 2 + height // 8 + 1,
        width // 2 - width // 8 : width // 2 + width // 8 + 1,
    ] = 250
    shown = behind(Image.fromarray(pixels), (640, 360), tmp_path)
    assert shown.shape == (360, 640, 3) and shown[180, 320].min() > 150


def test_a_background_is_turned_upright_and_cut_about_its_middle(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = drawing().resize((4000, 2000)).transpose(Image.Transpose.ROTATE_90)
    for kind in ("JPEG", "PNG"):
        shown = behind(stored, (200, 100), tmp_path, kind=kind, exif=exif)
        assert quarters(Picture(np.dstack([shown, np.full((100, 200), 255, np.uint8)]), False)) == USUAL


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak from /proc")
def test_memory_is_bounded(tmp_path: Path) -> None:
    """Extreme shapes, and the largest pictures that are taken."""
    names = []
    for name, size, mode in (
        ("line.png", (1, 60000), "RGB"), ("row.png", (60000, 1), "RGB"), ("map.png", (9000, 9000), "P"),
        ("wide.gif", (60000, 500), "P"), ("wider.png", (990_000, 72), "P"), ("photo.jpg", (12000, 9000), "L"),
    ):  # fmt: skip
        Image.new(mode, size, 3).save(tmp_path / name)
        names.append(str(tmp_path / name))
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from liveavatar.media.picture import read_picture\n"
        "def peak(): return int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]) / 1024\n"
        "before = peak()\n"
        "for name in sys.argv[1:]:\n"
        "    assert max(read_picture(Path(name)).rgba.shape) <= 2600\n"
        "    read_picture(Path(name), cover=(1920, 1080))\n"
        "print(peak() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 500
