"""PNG pictures of strangers, reduced to what is drawn before a decoder sees them.

Only one kind is read: 8 bits, RGBA, not interlaced. Profiles, texts, animations and what else stands in a file are left out, so
that nothing is unpacked but as many pixels as the header says.
"""

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
