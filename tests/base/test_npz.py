"""Arrays of others: one error for whatever the bytes are, and no memory for what a header only promises."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from liveavatar.base.npz import NpzError, read_npz

LIMIT = 1 << 20


def member(array: np.ndarray, change: Callable[[bytes], bytes] = bytes) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return change(file.getvalue())


def packed(method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file


def test_arrays_come_back() -> None:
    ramp = np.arange(6).reshape(2, 3)
    values: dict[str, Any] = {"a": ramp / 7, "b": np.asfortranarray(ramp), "c": np.array(True)}
    file = io.BytesIO()
    np.savez_compressed(file, **values)
    found = read_npz(file, ["a", "b"], LIMIT, optional=["c", "d"])
    assert set(found) == {"a", "b", "c"}
    for name, array in found.items():
        assert array.dtype == values[name].dtype
        np.testing.assert_array_equal(array, values[name])


RAMP = np.arange(100.0)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (io.BytesIO(b""), "damaged"),
        (io.BytesIO(b"PK\3\4 no zip"), "damaged"),
        (packed(b=member(RAMP)), "it lacks a"),
        (packed(a=b""), "damaged"),
        (packed(a=member(RAMP)[:-8]), "holds no numbers"),
        (packed(a=member(RAMP, lambda d: d.replace(b"(100,)", b"(10**12,)"))), "damaged"),
        (packed(a=member(RAMP, lambda d: d.replace(b"(100,), }     ", b"(9999999999,)}"))), "holds no numbers"),
        (packed(a=member(RAMP, lambda d: d.replace(b"'<f8'", b"'|O' "))), "holds no numbers"),
        (packed(a=member(np.array(["text"]))), "holds no numbers"),
        (packed(a=member(RAMP, lambda d: b"\x93NUMPY\x03" + d[7:])), "version"),
        (packed(a=member(np.zeros(LIMIT))), "larger than 1 MB"),
        (packed(a=member(RAMP), more=bytes(LIMIT)), "larger than 1 MB"),
        (packed(zipfile.ZIP_LZMA, a=member(RAMP)), "unusual compression"),
    ],
)  # fmt: skip
def test_what_is_refused(file: io.BytesIO, said: str) -> None:
    with pytest.raises(NpzError, match=said):
        read_npz(file, ["a"], LIMIT)


def test_any_byte_changed_gives_arrays_or_the_error() -> None:
    data = packed(a=member(RAMP)).getvalue()
    for at in range(len(data)):
        for bit in (1, 128):
            changed = bytearray(data)
            changed[at] ^= bit
            try:
                read_npz(io.BytesIO(changed), ["a"], LIMIT)
            except NpzError as error:
                assert str(error)
