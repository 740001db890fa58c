"""Protobuf's wire format, in which ONNX graphs are stored: a message is a sequence of (field number, type, value).

See https://protobuf.dev/programming-guides/encoding. The numbers of ONNX's fields are in onnx.proto.
"""

from collections.abc import Iterator

from liveavatar.language import tr

MAX_FIELDS = 200_000
Value = int | memoryview


class GraphError(ValueError):
    """The graph is none of an avatar's. The message says why."""


class Reader:
    """Reads messages of a file, up to a number of fields."""

    def __init__(self) -> None:
        self._left = MAX_FIELDS

    def fields(self, message: Value, known: set[int]) -> Iterator[tuple[int, Value]]:
        """(field number, value) of each field: a number, or the bytes of a string, message or list. Raises GraphError for
        what is no message, and for fields beside the known ones."""
        if isinstance(message, int):
            raise damaged()
        at, end = 0, len(message)
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise GraphError(tr(f"it has more than {MAX_FIELDS} entries", f"条目超过 {MAX_FIELDS} 个"))
            key, at = _varint(message, at)
            number, kind = key >> 3, key & 7
            value: Value
            if kind not in (0, 1, 2, 5):
                raise damaged()
            if number not in known:
                raise GraphError(
                    tr(
                        f"it is not a graph that avatars are made of (field {number})",
                        f"不是形象所用的计算图（字段 {number}）",
                    )
                )
            if kind == 0:
                value, at = _varint(message, at)
            else:
                length, at = (8, at) if kind == 1 else (4, at) if kind == 5 else _varint(message, at)
                value = message[at : at + length]
                at += length
            if at > end:
                raise damaged()
            yield number, value


def field(number: int, value: Value | bytes | bytearray) -> bytes:
    """As it stands in a message: a number, or bytes."""
    if isinstance(value, int):
        return _written(number << 3) + _written(value)
    return b"".join((_written(number << 3 | 2), _written(len(value)), value))


def _written(number: int) -> bytes:
    """A number as _varint() reads it."""
    result = bytearray()
    while number > 0x7F:
        result.append(number & 0x7F | 0x80)
        number >>= 7
    result.append(number)
    return bytes(result)


def text(value: Value) -> str:
    """What a string field holds."""
    if isinstance(value, int):
        raise damaged()
    try:
        return str(value, "utf-8")
    except UnicodeDecodeError:
        raise damaged() from None


def numbers(value: memoryview) -> list[int]:
    """A packed field of them."""
    result, at = [], 0
    while at < len(value):
        one, at = _varint(value, at)
        result.append(one)
    return result


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number and where it ends."""
    result = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
    raise damaged()


def damaged() -> GraphError:
    """The error for bytes that are no message."""
    return GraphError(tr("it is not a graph ONNX Runtime can run", "不是 ONNX Runtime 能运行的模型"))
