"""Small ONNX files byte by byte, without the onnx package: what a stranger's package may hold."""

import struct
from collections.abc import Sequence

import numpy as np

TYPES = {np.dtype(kind): number for kind, number in
         ((np.float32, 1), (np.uint8, 2), (np.int8, 3), (np.int64, 7), (np.float16, 10))}  # fmt: skip


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: int | bytes | str) -> bytes:
    """One field of a message: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, array: np.ndarray) -> bytes:
    dims = b"".join(field(1, n) for n in array.shape)
    return dims + field(2, TYPES[array.dtype]) + field(8, name) + field(9, array.tobytes())


def node(
    operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: int | float | str | bytes
) -> bytes:
    """attributes: numbers and strings; bytes are a graph."""
    parts = [field(1, name) for name in inputs] + [field(2, name) for name in outputs] + [field(4, operator)]
    for name, value in attributes.items():
        body = field(1, name)
        if isinstance(value, bytes):
            body += field(6, value) + field(20, 5)
        elif isinstance(value, str):
            body += field(4, value) + field(20, 3)
        elif isinstance(value, float):
            body += varint(2 << 3 | 5) + struct.pack("<f", value) + field(20, 1)
        else:
            body += field(3, value) + field(20, 2)
        parts.append(field(5, body))
    return b"".join(parts)


def told(name: str, kind: np.dtype, shape: Sequence[int]) -> bytes:
    """A ValueInfoProto."""
    dims = b"".join(field(1, field(1, n)) for n in shape)
    return field(1, name) + field(2, field(1, field(1, TYPES[kind]) + field(2, dims)))


def graph(
    nodes: Sequence[bytes], tensors: Sequence[bytes], inputs: Sequence[bytes], outputs: Sequence[bytes]
) -> bytes:
    parts = [field(1, n) for n in nodes] + [field(2, "g")] + [field(5, t) for t in tensors]
    return b"".join(parts + [field(11, i) for i in inputs] + [field(12, o) for o in outputs])


def model(content: bytes, domain: str = "") -> bytes:
    return field(1, 8) + field(7, content) + field(8, field(1, domain) + field(2, 17))
