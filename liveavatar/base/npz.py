"""Arrays in an .npz that others wrote: nothing is believed that its length does not bear out, and no code is run."""

import io
import math
import zipfile
from collections.abc import Sequence
from typing import IO

import numpy as np

from liveavatar.language import tr


class NpzError(ValueError):
    """Why the file cannot be used, to stand behind its name in a message."""


def read_npz(
    file: IO[bytes], names: Sequence[str], limit: int, optional: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """The arrays of numbers and truth values with these names, and those of `optional` that are there; `limit` bytes together.
    Raises NpzError."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            missing = [name for name in names if name not in members]
            if missing:
                raise NpzError(tr(f"it lacks {', '.join(missing)}", f"缺少 {', '.join(missing)}"))
            wanted = [*names, *(name for name in optional if name in members)]
            if sum(info.file_size for info in archive.infolist()) > limit:
                raise NpzError(tr(f"it is larger than {limit >> 20} MB", f"超过 {limit >> 20} MB"))
            return {name: _array(archive, members[name]) for name in wanted}
    except NpzError:
        raise
    except Exception as error:  # zipfile, zlib, numpy and Python's parser each have errors of their own
        raise NpzError(tr(f"it is damaged: {str(error)[:200]}", f"已损坏：{str(error)[:200]}")) from error


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NpzError(tr("an unusual compression", "压缩方式不受支持"))
    with archive.open(info) as file:
        content = file.read(info.file_size + 1)
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise NpzError(tr(f".npy of version {version}", f".npy 版本为 {version}"))
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in "fiub" or dtype.itemsize * math.prod(shape) != len(content) - stream.tell():
        raise NpzError(tr(f"{info.filename[:40]!r} holds no numbers", f"{info.filename[:40]!r} 不是数值数组"))
    array = np.frombuffer(content, dtype, offset=stream.tell())
    return array.reshape(shape, order="F" if by_column else "C").copy()
