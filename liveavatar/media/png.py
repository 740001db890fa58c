"""PNG pictures: the one writer, and the one reader of an avatar's.

A stranger's picture is reduced to what is drawn before a decoder sees it. Only one kind is read: 8 bits, RGBA, not interlaced.
Profiles, texts, animations and what else stands in a file are left out, so that nothing is unpacked but as many pixels as the
header says.
"""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from liveavatar.language import tr

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 100_000
_RGBA = bytes([8, 6, 0, 0, 0])
"""What follows width and height in the header: bits, colour type, compression, filter, interlacing."""


class PngError(ValueError):
    """The bytes are no such picture. The message says why."""


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height that the header says. Raises PngError for what is no RGBA PNG."""
    if data[:8] != SIGNATURE:
        raise PngError(tr("it is not a PNG", "不是 PNG 文件"))
    if data[8:16] != b"\0\0\0\rIHDR" or data[24:29] != _RGBA:
        raise PngError(tr("it is not an RGBA PNG of 8 bits, not interlaced", "不是 8 位、非隔行的 RGBA PNG"))
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def pixels_only(data: bytes) -> bytes:
    """The same picture with header and pixels alone. Raises PngError."""
    size_of(data)
    parts, at = [data[:33]], 33
    for _ in range(MAX_CHUNKS):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            break
        if kind == b"IDAT":
            parts.append(data[at:end])
        elif kind == b"IEND":
            return b"".join([*parts, data[at:end]])
        at = end
    raise PngError(tr("the PNG is cut off", "PNG 不完整"))


def decode_png(data: bytes) -> np.ndarray:
    """The picture: (h, w, 4) uint8 RGBA, as stored. The caller has looked at size_of() first. Raises PngError."""
    import cv2

    width, height = size_of(data)
    try:
        image: Any = cv2.imdecode(np.frombuffer(pixels_only(data), np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise PngError(str(error)) from error
    if image is None or image.shape != (height, width, 4) or image.dtype != np.uint8:
        raise PngError(tr("its pixels are damaged", "像素数据已损坏"))
    rgba: np.ndarray = cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA, dst=image)
    return rgba


def encode_png(pixels: np.ndarray, text: Mapping[str, str] | None = None, effort: int = 6) -> bytes:
    """A PNG of (h, w, 3) or (h, w, 4) uint8, RGB or RGBA, as they are.

    text: what its text chunks say. effort: zlib's level, 0 to 9."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    about = PngInfo()
    for key, value in (text or {}).items():
        about.add_itxt(key, value)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", pnginfo=about, compress_level=effort)
    return file.getvalue()
