"""OSC 1.0: the messages in a datagram, of the types that VMC sends, read and written."""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from liveavatar.trackers.senders.reading import Malformed, number

DEEPEST, MOST = 4, 512
"""Bundles in one another; parts of a bundle."""
_SIZES = {"h": 8, "d": 8, "t": 8, "c": 4, "r": 4, "m": 4, "T": 0, "F": 0, "N": 0, "I": 0, "[": 0, "]": 0}
"""Bytes of a value of the types that VMC has no use for."""


class Message(NamedTuple):
    """One."""

    address: str
    values: list[str | float]


def messages(data: bytes, depth: int = 0) -> Iterator[Message]:
    """The messages of a datagram, in order. Raises Malformed."""
    if not data.startswith(b"#bundle\0"):
        yield _message(data)
        return
    at, count = 16, 0
    if len(data) < at or depth >= DEEPEST:
        raise Malformed("a bundle that is cut off, or too deep")
    while at < len(data):
        (size,) = struct.unpack(">i", _part(data, at, 4))
        if size <= 0 or size % 4 or count >= MOST:
            raise Malformed("a bundle's part of an impossible size")
        yield from messages(_part(data, at + 4, size), depth + 1)
        at, count = at + 4 + size, count + 1


def _message(data: bytes) -> Message:
    address, at = _text(data, 0)
    if not address.startswith("/"):
        raise Malformed("expected an OSC address")
    types, at = _text(data, at)
    if not types.startswith(","):
        raise Malformed("expected OSC types")
    values: list[str | float] = []
    for kind in types[1:]:
        if kind == "s":
            text, at = _text(data, at)
            values.append(text)
        elif kind in "if":
            values.append(number(struct.unpack(">" + kind, _part(data, at, 4))[0]))
            at += 4
        elif kind == "b":
            size = struct.unpack(">i", _part(data, at, 4))[0]
            at += 4 + len(_part(data, at + 4, -(-size // 4) * 4))
        elif kind in _SIZES:
            at += _SIZES[kind]
        else:
            return Message("/", [])  # of a type that nobody knows: how long it is, and what follows, neither
    return Message(address, values)


def written(address: str, *values: str | int | float) -> bytes:
    """A message."""
    types, data = ",", b""
    for value in values:
        if isinstance(value, str):
            types, data = types + "s", data + _filled(value)
        else:
            kind = "i" if isinstance(value, int) else "f"
            types, data = types + kind, data + struct.pack(">" + kind, value)
    return _filled(address) + _filled(types) + data


def bundled(messages: Iterable[bytes]) -> bytes:
    """Messages as one datagram, for now."""
    return b"#bundle\0" + struct.pack(">Q", 1) + b"".join(struct.pack(">i", len(m)) + m for m in messages)


def _filled(text: str) -> bytes:
    data = text.encode()
    return data + bytes(4 - len(data) % 4)


def _part(data: bytes, at: int, size: int) -> bytes:
    part = data[at : at + size]
    if len(part) != size:
        raise Malformed("cut off")
    return part


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A string, filled up with zeros to four bytes, and where it ends."""
    end = data.find(b"\0", at)
    if end < 0:
        raise Malformed("a string without end")
    try:
        return data[at:end].decode(), (end // 4 + 1) * 4
    except UnicodeDecodeError as error:
        raise Malformed("no text") from error
