"""Reads a picture of any kind that people have: upright, in colour, with its alpha. Pictures are untrusted input."""

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.base.files import Unreadable, read_whole
from liveavatar.errors import PictureError
from liveavatar.language import tr
from liveavatar.media.file_kinds import describe, picture_format

MAX_BYTES = 128 << 20
MAX_MEMORY = 320 << 20
"""What decoding may take, in bytes; a hundred megabytes more go into what is made of it."""
MAX_SIDE = 2600
"""Larger pictures are reduced to this: no texture needs more."""
_NEEDS = {"PNG": 4.0, "BMP": 4.0, "GIF": 6.0, "TIFF": 6.0, "WEBP": 13.0, "AVIF": 10.0, "JPEG": 5.0}
"""Bytes that decoding takes per pixel, measured. JPEG: progressive ones, which are wholly in memory before they are reduced."""
_NEEDS_IN_ROWS = 1.5
"""As _NEEDS, of other JPEGs that are large: reduced while they are read."""
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""Exif's orientation -> Pillow's Transpose."""
MISSING = 0.25
"""A damaged picture that lacks more than this share of its rows is refused."""


@dataclass(frozen=True)
class Picture:
    """What was read."""

    rgba: np.ndarray
    """(H, W, 4) uint8 RGBA, not premultiplied, upright."""
    has_alpha: bool
    """Whether the picture says itself what is background."""
    notes: tuple[str, ...] = ()
    """What the user should know: reduced, first frame of several, damaged."""

    def over(self, colour: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
        """(H, W, 3) uint8 RGB over a colour."""
        if not self.has_alpha:
            return np.ascontiguousarray(self.rgba[..., :3])
        alpha = self.rgba[..., 3:].astype(np.uint16)
        mixed = self.rgba[..., :3] * alpha
        mixed += np.array(colour, np.uint16) * (255 - alpha) + np.uint16(127)
        return (mixed // 255).astype(np.uint8)


def read_picture(path: Path, cover: tuple[int, int] | None = None) -> Picture:
    """Read a picture file. Raises PictureError that says what was expected and what came.

    cover: (width, height) to be covered by the picture: it is cut about the middle to that shape, and reduced to about that
    size. None: all of it, MAX_SIDE at most."""
    try:
        data = read_whole(path, MAX_BYTES)
    except Unreadable as error:
        raise PictureError(
            tr(
                f"cannot read the picture {path}: {error}. Give a PNG, JPEG or WebP file.",
                f"无法读取图片 {path}：{error}。请给出 PNG、JPEG 或 WebP 文件。",
            )
        ) from error
    kind = picture_format(data)
    if kind is None:
        what, todo = describe(data)
        raise PictureError(
            tr(
                f"{path} cannot be read as a picture: it is {what}. {todo}.",
                f"{path} 无法作为图片读取：{what}。{todo}。",
            )
        )
    notes: list[str] = []
    if kind == "PNG":
        data, animated = _pixels_only(data)
        if animated:
            notes.append(_first())
    try:
        with _pillow(damage=False):
            rgba, has_alpha = _decode(path, data, kind, cover, notes)
    except PictureError:
        raise
    except Exception as first:  # Pillow's decoders raise many kinds for damaged files
        try:
            with _pillow(damage=True):
                rgba, has_alpha = _decode(path, data, kind, cover, notes)
        except PictureError:
            raise
        except Exception:
            raise _damaged(path, str(first)) from first
        if _blank(rgba) > MISSING:
            raise _damaged(path, tr("most of it is missing", "大部分内容缺失")) from first
        notes.append(tr("the file is damaged: parts may be missing", "文件已损坏：可能缺少部分内容"))
    if has_alpha and (rgba[..., 3] < 250).mean() <= 0.005:  # a few pixels: nothing is cut out
        rgba[..., :3], has_alpha = Picture(rgba, True).over(), False
    if not has_alpha:
        rgba[..., 3] = 255
    return Picture(rgba, has_alpha, tuple(dict.fromkeys(notes)))


def _decode(
    path: Path, data: bytes, kind: str, cover: tuple[int, int] | None, notes: list[str]
) -> tuple[np.ndarray, bool]:
    """(H, W, 4) uint8, upright and not larger than is needed, and whether the file has alpha."""
    from PIL import Image

    Image.init()
    if kind not in Image.OPEN:
        raise ValueError(tr(f"this installation reads no {kind}", f"此安装不支持 {kind}"))
    with Image.open(io.BytesIO(data), formats=(kind,)) as opened:
        width, height = opened.size
        needs = _NEEDS_IN_ROWS if kind == "JPEG" else _NEEDS[kind]
        _require_memory(path, kind, opened.size, needs, len(data))  # asking for Exif may decode it
        turn = _TURNS.get(_orientation(opened))
        if cover and turn in (2, 4, 5, 6):
            cover = cover[::-1]
        box: tuple[int, ...] = _cut((width, height), cover) if cover else (0, 0, width, height)
        factor = max(1.0, _factor(box, cover))
        if kind in ("GIF", "WEBP", "AVIF") and getattr(opened, "is_animated", False):
            notes.append(_first())
        if kind == "JPEG":
            if factor < 2 or opened.info.get("progressive"):
                _require_memory(path, kind, opened.size, _NEEDS[kind], len(data))
            box = _drafted(opened, box, factor)
            factor = max(1.0, _factor(box, cover))
        opened.load()
        rgba = _reduced(opened, box, int(factor))
        has_alpha = bool(opened.has_transparency_data)
        if turn is not None:
            rgba = np.array(Image.fromarray(rgba).transpose(Image.Transpose(turn)))
    if cover is None and max(width, height) > MAX_SIDE:
        rgba = _limited(rgba)
        notes.append(
            tr(f"reduced to {rgba.shape[1]}x{rgba.shape[0]}", f"已缩小到 {rgba.shape[1]}x{rgba.shape[0]}")
        )
    return rgba, has_alpha


def _drafted(jpeg: Any, box: tuple[int, ...], factor: float) -> tuple[int, ...]:
    """Have a JPEG decoded smaller, by a factor at most; returns where the box lies in it then."""
    width, height = jpeg.size
    jpeg.draft(None, (int(width / factor), int(height / factor)))
    across, down = jpeg.size[0] / width, jpeg.size[1] / height
    return tuple(round(v * s) for v, s in zip(box, (across, down, across, down), strict=True))


def _limited(rgba: np.ndarray) -> np.ndarray:
    """(h, w, 4) uint8, no side longer than MAX_SIDE."""
    from PIL import Image

    rest = MAX_SIDE / max(rgba.shape[:2])
    if rest >= 1:
        return rgba
    smaller = (max(1, round(rgba.shape[1] * rest)), max(1, round(rgba.shape[0] * rest)))
    return np.array(Image.fromarray(rgba).resize(smaller, Image.Resampling.BOX))


def _factor(box: tuple[int, ...], cover: tuple[int, int] | None) -> float:
    """By how much the part of the picture in the box may be reduced."""
    width, height = box[2] - box[0], box[3] - box[1]
    return min(width / cover[0], height / cover[1]) if cover else max(width, height) / MAX_SIDE


def _cut(size: tuple[int, int], cover: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is seen of a picture of `size` that covers `cover` about its middle."""
    scale = min(size[0] / cover[0], size[1] / cover[1])
    width, height = (min(side, max(1, round(c * scale))) for side, c in zip(size, cover, strict=True))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return left, top, left + width, top + height


def _reduced(image: Any, box: tuple[int, ...], factor: int) -> np.ndarray:
    """(h, w, 4) uint8: the part of the picture in the box as RGBA, each way by a whole factor smaller; in tiles, so that no
    second copy of a large picture is made, whatever its shape."""
    top = _white(image)
    left, upper, right, lower = box
    step = 256 * factor
    rows = []
    for y in range(upper, lower, step):
        tiles = []
        for x in range(left, right, step):
            tile = image.crop((x, y, min(right, x + step), min(lower, y + step)))
            if top is not None:
                tile = _eight_bits(tile, top)
            tile = tile.convert("RGBA")
            tiles.append(np.asarray(tile.reduce(factor) if factor > 1 else tile))
        rows.append(np.concatenate(tiles, axis=1))
    return np.concatenate(rows)


def _white(image: Any) -> float | None:
    """The value of white in a grey picture of more than 8 bits, which Pillow would cut and not scale; None for others."""
    if image.mode.startswith("I;16"):
        return 65535.0
    if image.mode not in ("I", "F"):
        return None
    top = float(image.getextrema()[1])
    return 65535.0 if top > 255 else 255.0 if top > 1 else 1.0


def _eight_bits(image: Any, top: float) -> Any:
    from PIL import Image

    values = np.nan_to_num(np.asarray(image, np.float32), posinf=top)
    return Image.fromarray((values.clip(0, top) * (255 / top) + 0.5).astype(np.uint8))


def _orientation(image: Any) -> int:
    """Exif's orientation; 1 where there is none, or it is damaged, as viewers take it."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # of as many kinds as Exif can be damaged
        return 1


def _blank(rgba: np.ndarray) -> float:
    """Share of the picture's last rows, each of one colour: what a damaged file did not give."""
    flat = (rgba == rgba[:, :1]).all(axis=(1, 2))
    return float(np.argmin(flat[::-1]) / len(flat)) if not flat.all() else 1.0


def _pixels_only(data: bytes) -> tuple[bytes, bool]:
    """A PNG with what its pixels need, and its orientation, only: texts of any size and damaged metadata are no reason to
    refuse a picture. Also whether it is animated."""
    kept, position, animated = [data[:8]], 8, False
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        body = data[position + 8 : position + 8 + length]
        animated |= kind == b"acTL"
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND") or (kind == b"eXIf" and length < 1 << 16):
            if len(body) == length:
                kept.append(
                    struct.pack(">I4s", length, kind) + body + struct.pack(">I", zlib.crc32(kind + body))
                )
            elif kind == b"IDAT":
                kept.append(data[position:])  # cut short
        position += 12 + length
        if kind == b"IEND":
            break
    return b"".join(kept), animated


_lock = threading.Lock()


@contextmanager
def _pillow(damage: bool) -> Iterator[None]:
    """Pillow's settings, which are the process's own, while a picture is read. damage: give what could be read of a damaged
    file, as viewers do."""
    from PIL import Image, ImageFile

    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
        # What a picture needs is checked here, before it is decoded.
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = None, damage
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before


def _first() -> str:
    return tr("animated: the first frame is used", "动图：使用第一帧")


def _damaged(path: Path, reason: str) -> PictureError:
    return PictureError(
        tr(
            f"{path} cannot be read as a picture: {reason[:200]}. Give a PNG, JPEG or WebP file that other programs open.",
            f"{path} 无法作为图片读取：{reason[:200]}。请给出其他程序能打开的 PNG、JPEG 或 WebP 文件。",
        )
    )


def _require_memory(path: Path, kind: str, size: tuple[int, int], needs: float, length: int) -> None:
    """Raise PictureError where a picture of that size needs too much. needs: bytes per pixel; length: of the file."""
    width, height = size
    if width * height * needs + length <= MAX_MEMORY:
        return
    most = f"{(MAX_MEMORY - length) / needs / 1e6:.0f}"
    raise PictureError(
        tr(
            f"{path} is too large ({kind}, {width}x{height}). Give one of at most {most} megapixels, or a JPEG, which may be "
            "larger.",
            f"{path} 过大（{kind}，{width}x{height}）。请给出不超过 {most} 百万像素的图片，或可以更大的 JPEG。",
        )
    )
