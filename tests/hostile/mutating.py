"""Changes to valid input: bytes, JSON, zip, PNG, npz and protobuf, each by a random.Random so that they come again."""

import ast
import contextlib
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

Random = random.Random
NUMBERS = (0, 1, 2, 3, 4, 7, 8, 15, 16, 127, 128, 255, 256, 4096, 32767, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1,
           2**63 - 1, 2**64 - 1)  # fmt: skip
WORDS = (
    "", "\0", "a\0b", ".", "..", "../../up", "/etc/passwd", "C:\\x", "a\\b", "con", "nul.png", "x" * 300, "x" * 70_000,
    "\ud800", "\u202egnp.exe", "\x1b[2J", "\x9b31m", "名字", "é" * 90, "%s%n", "${jndi:x}", "True", "nan", "-1", "1e999",
    "avatar.json", "body.png", "generator.onnx", "decoder.onnx", "sheet.png", "rig.npz", "hoshi", "Hoshi", "gan", "portrait",
)  # fmt: skip


class Raw(str):
    """Stands in a JSON text as it is."""


DEEP = Raw("[" * 3000 + "]" * 3000)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 16, 17, 4096, 2**31, 2**53, 2**64, -(2**63), 10**30, 0.5, -0.0, 1e-320, 1e300,
    -1e300, float("nan"), float("inf"), Raw("1e999"), Raw("-1e999"), Raw("9" * 5000), Raw("1." + "0" * 9000), DEEP, [], {},
    [[]], {"": 0}, [0] * 5000, ["x"] * 300, {str(i): i for i in range(300)}, [None], [[0, 0]], [-1, -1, 3, 3],
    [0, 0, 10**9, 10**9], *WORDS,
)  # fmt: skip


def number(rng: Random) -> bytes:
    """A whole number of some width and order of bytes."""
    width = rng.choice((1, 2, 4, 4, 8))
    value = rng.choice((*NUMBERS, rng.getrandbits(64))) % (1 << 8 * width)
    return value.to_bytes(width, rng.choice(("little", "big")))


def mutate_bytes(rng: Random, seeds: Sequence[bytes], most: int = 6) -> bytes:
    """Flips, cuts, numbers, repetitions, and parts of another; often near the beginning, where headers are."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, most)):
        length = max(1, len(data))
        at = rng.randrange(min(length, 160)) if rng.random() < 0.5 else rng.randrange(length)
        size = min(length - at, rng.choice((1, 2, 4, 16, 64, 1000)))
        way = rng.randrange(10)
        if way <= 1 and data:
            data[min(at, len(data) - 1)] ^= 1 << rng.randrange(8)
        elif way <= 3:
            value = number(rng)
            data[at : at + len(value)] = value
        elif way == 4:
            data[at:at] = number(rng) * rng.choice((1, 1, 30))
        elif way == 5:
            del data[at : at + size]
        elif way == 6:
            data[at:at] = data[at : at + size] * rng.choice((1, 2, 40))
        elif way == 7:
            del data[rng.randrange(length) :]
        elif way == 8:
            data[at : at + size] = rng.choice((b"\0", b"\xff", b" ")) * size
        else:
            other = rng.choice(seeds)
            start = rng.randrange(max(1, len(other)))
            data[at : at + size] = other[start : start + rng.choice((4, 64, 4096, len(other)))]
        del data[2 << 20 :]
    return bytes(data)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if len(path) < 8:
        items = (
            value.items()
            if isinstance(value, dict)
            else enumerate(value[:40])
            if isinstance(value, list)
            else ()
        )
        for key, inner in items:
            found += _places(inner, (*path, key))
    return found


def dump(value: Any) -> str:
    """JSON with what Python's own writer would not write: Raw parts, lone surrogates as they are escaped."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(k))}:{dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value)


def mutate_value(rng: Random, value: Any) -> Any:
    """A copy of a JSON value with one to three places changed."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = _places(value)
        if not places:
            return rng.choice(VALUES)
        # As many changes to what stands high up as to what is deep in long lists.
        depth = rng.choice(sorted({len(place) for place in places}))
        path = rng.choice([place for place in places if len(place) == depth])
        parent = value
        for key in path[:-1]:
            parent = parent[key]
        key, way = path[-1], rng.randrange(8)
        if way == 0:
            del parent[key]
        elif way == 1 and isinstance(parent, dict):
            parent[rng.choice((*WORDS[:12], *map(str, parent)))] = parent.pop(key)
        elif way == 2 and isinstance(parent[key], list) and parent[key]:
            parent[key] = parent[key] * rng.choice((2, 50))
        elif way == 3 and isinstance(parent[key], int | float) and not isinstance(parent[key], bool):
            parent[key] = parent[key] * rng.choice((-1, 0, 0.5, 2, 8, 1.001, 1e6)) + rng.choice((0, 0, 1, -1))
        elif way == 4:
            inner: Any = value
            for step in rng.choice(places):
                inner = inner[step]
            parent[key] = json.loads(json.dumps(inner))
        else:
            parent[key] = rng.choice(VALUES)
    return value


def jitter(rng: Random, value: Any, amount: float) -> Any:
    """A copy with many of its numbers moved a little: what keeps the form, and may break the sense."""
    share = rng.choice((0.05, 0.3, 1.0))

    def moved(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {key: moved(v) for key, v in inner.items()}
        if isinstance(inner, list):
            return [moved(v) for v in inner]
        if isinstance(inner, int | float) and not isinstance(inner, bool) and rng.random() < share:
            return (
                inner + rng.gauss(0, amount) if rng.random() < 0.7 else inner * rng.choice((0.5, 0.9, 1.1, 2))
            )
        return inner

    return moved(value)


def mutate_json(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """Values swapped, keys twice, other encodings, damaged bytes."""
    if rng.random() < 0.15:
        return mutate_bytes(rng, seeds)
    text = dump(mutate_value(rng, json.loads(rng.choice(seeds))))
    way = rng.random()
    if way < 0.05:
        text = text.replace("{", '{"format":1,"name":"x",', 1)
    elif way < 0.1:
        text = text + rng.choice((" ", "\n\n", "x", "}", text, "\0", "//"))
    encoding = "utf-8"
    if rng.random() < 0.1:
        encoding = rng.choice(("utf-8-sig", "utf-16", "utf-32", "latin-1"))
    return text.encode(encoding, "replace")


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of a PNG's chunks."""
    found, at = [], 8
    while at + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        found.append((kind, png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def mutate_png(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """Chunks changed, dropped, repeated and moved, with right and wrong lengths and sums."""
    if rng.random() < 0.25:
        return mutate_bytes(rng, seeds)
    parts = chunks(rng.choice([s for s in seeds if s[:4] == b"\x89PNG"]))
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not parts:
            break
        i = rng.randrange(len(parts))
        kind, body = parts[i]
        way = rng.randrange(9)
        if way <= 2:
            i, (kind, body) = 0, parts[0]
            at = rng.randrange(max(1, len(body)))
            value = number(rng) if rng.random() < 0.7 else bytes([rng.randrange(17)])
            parts[i] = kind, body[:at] + value + body[at + len(value) :]
        elif way == 3:
            parts[i] = kind, mutate_bytes(rng, [body or b"x"], 2)
        elif way == 4:
            del parts[i]
        elif way == 5:
            parts.insert(rng.randrange(len(parts) + 1), parts[i])
        elif way == 6:
            names = (
                b"tRNS",
                b"PLTE",
                b"acTL",
                b"fcTL",
                b"fdAT",
                b"iCCP",
                b"eXIf",
                b"zTXt",
                b"iTXt",
                b"gAMA",
                b"IEND",
                b"IDAT",
            )
            content = rng.choice(
                (b"", bytes(13), rng.randbytes(40), b"a\0\0" + zlib.compress(bytes(400_000)))
            )
            parts.insert(rng.randrange(len(parts) + 1), (rng.choice(names), content))
        elif way == 7 and kind == b"IDAT":
            with contextlib.suppress(zlib.error):
                body = zlib.decompressobj().decompress(body, 1 << 22)
            raw = body
            parts[i] = (
                kind,
                zlib.compress(
                    rng.choice((raw[: len(raw) // 2], raw + raw, b"", mutate_bytes(rng, [raw or b"x"])))
                ),
            )
        else:
            parts[i] = bytes(rng.choice((kind, rng.randbytes(4)))), body[: rng.randrange(len(body) + 1)]
    wrong = rng.random() < 0.2
    out = bytearray(b"\x89PNG\r\n\x1a\n")
    for kind, body in parts:
        length = rng.choice(NUMBERS) % 2**32 if wrong and rng.random() < 0.3 else len(body)
        crc = rng.getrandbits(32) if wrong and rng.random() < 0.3 else zlib.crc32(kind + body)
        out += struct.pack(">I", length) + kind + body + struct.pack(">I", crc)
    return bytes(out)


def members(data: bytes) -> dict[str, bytes]:
    """Name -> content of a zip's files."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(parts: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files, in this order; names may come twice."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            archive.writestr(info, content)
    return file.getvalue()


def mutate_zip(
    rng: Random, seeds: Sequence[bytes], inner: Callable[[Random, str, bytes], bytes] | None = None
) -> bytes:
    """Members changed, renamed, repeated and moved into folders; headers with other numbers.

    inner: changes a member's content, by its name."""
    import warnings

    if rng.random() < 0.25:
        return mutate_bytes(rng, seeds)
    parts = list(members(rng.choice(seeds)).items())
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not parts:
            break
        i = rng.randrange(len(parts))
        name, content = parts[i]
        way = rng.randrange(9)
        if way <= 2:
            parts[i] = name, inner(rng, name, content) if inner else mutate_bytes(rng, [content or b"x"])
        elif way == 3:
            del parts[i]
        elif way == 4:
            new = rng.choice(
                (
                    *WORDS,
                    name.upper(),
                    name + "/",
                    "a/" + name,
                    "../" + name,
                    name.replace(".", "\\"),
                    "__MACOSX/._" + name,
                )
            )
            parts[i] = new.encode("utf-8", "replace").decode()[:60_000] or "x", content
        elif way == 5:
            parts.append((name, content[: len(content) // 2]))
        elif way == 6:
            folder = rng.choice(("a/", "a/b/", "a\\", "/", "../", "./", "名/"))
            parts = [(folder + n, c) for n, c in parts]
        elif way == 7:
            parts += [(f"{j}.txt", b"") for j in range(rng.choice((3, 70, 2000)))]
        else:
            parts.append((rng.choice(("more.bin", name)), bytes(rng.choice((10, 1 << 20, 30 << 20)))))
    method = rng.choice(
        (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that come twice
        data = bytearray(pack(parts, method))
    if rng.random() < 0.4:  # headers: local, central, end
        for _ in range(rng.randint(1, 3)):
            marks = [at for mark in (b"PK\1\2", b"PK\3\4", b"PK\5\6") for at in _found(data, mark)]
            if not marks:
                break
            at = rng.choice(marks) + rng.randrange(4, 46)
            value = number(rng)
            data[at : at + len(value)] = value
    return bytes(data)


def _found(data: bytes | bytearray, mark: bytes) -> list[int]:
    places, at = [], data.find(mark)
    while at >= 0 and len(places) < 200:
        places.append(at)
        at = data.find(mark, at + 1)
    return places


def mutate_array(rng: Random, content: bytes) -> bytes:
    """A .npy with other types, shapes and numbers; or with a header that promises something else."""
    import numpy as np

    array = np.load(io.BytesIO(content), allow_pickle=False)
    way = rng.randrange(9)
    if way <= 1:
        start = content.index(b"{")
        header = content[start : content.index(b"\n", start)].decode()
        about = ast.literal_eval(header.strip())
        field = rng.choice(("shape", "descr", "fortran_order"))
        about[field] = rng.choice(
            (
                (), (0,), (10**12,), (2**31, 2**31), (-1, 3), (1,) * 40, ("a",), None, "|O", "<f8", "<U9999999", "|V0",
                "<m8", True, (478, 10**6),
            )
        )  # fmt: skip
        text = str(about)
        return (
            content[:8]
            + struct.pack("<H", len(text) + 1)
            + text.encode()
            + b"\n"
            + content[start + len(header) + 1 :]
        )
    if way <= 4 and array.size and array.dtype.kind in "fiu":
        flat = array.reshape(-1).copy()
        values = (
            (np.nan, np.inf, -np.inf, 1e30, 0, -1, 9e3, 1e-30)
            if array.dtype.kind == "f"
            else (0, 1, 127, 254, 255)
        )
        if array.dtype.kind == "i":
            values = (-1, 0, 1, 477, 4000, 2**30)
        where = slice(None) if rng.random() < 0.15 else rng.randrange(flat.size)
        flat[where] = rng.choice(values)
        array = flat.reshape(array.shape)
    elif way == 5:
        with np.errstate(all="ignore"):
            array = array.astype(
                rng.choice(("float16", "float64", "int8", "uint64", "complex64", "bool", "U4", "S3"))
            )
    elif way == 6:
        array = array[: len(array) // 2] if array.ndim else array.reshape(1)
    elif way == 7:
        array = (
            array[..., None]
            if rng.random() < 0.5
            else np.concatenate([array, array])
            if array.ndim
            else array
        )
    else:
        return mutate_bytes(rng, [content], 3)
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def mutate_npz(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """Arrays changed, or the zip about them."""
    return mutate_zip(
        rng,
        seeds,
        lambda r, name, content: mutate_array(r, content) if content[:6] == b"\x93NUMPY" else content,
    )


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError


def _as_varint(value: int) -> bytes:
    value %= 1 << 64
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def fields(message: bytes) -> list[tuple[int, Any]]:
    """(key, value) of a protobuf message: int for varints, bytes for the rest. Raises ValueError, IndexError."""
    found, at = [], 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if not key >> 3 or wire not in (0, 1, 2, 5):
            raise ValueError
        if wire == 0:
            value: Any
            value, at = _varint(message, at)
        else:
            length = 8 if wire == 1 else 4
            if wire == 2:
                length, at = _varint(message, at)
            value = message[at : at + length]
            at += length
            if at > len(message):
                raise ValueError
        found.append((key, value))
    return found


def message(parts: Sequence[tuple[int, Any]]) -> bytes:
    """What fields() took apart."""
    out = bytearray()
    for key, value in parts:
        out += _as_varint(key)
        out += (
            _as_varint(value) if key & 7 == 0 else (_as_varint(len(value)) if key & 7 == 2 else b"") + value
        )
    return bytes(out)


OPERATORS = (b"Loop", b"If", b"Scan", b"Expand", b"Tile", b"Resize", b"RandomNormal", b"Identity", b"Conv", b"Add", b"MatMul",
             b"Gather", b"Reshape", b"NoSuchThing")  # fmt: skip


def mutate_protobuf(rng: Random, data: bytes, depth: int = 0) -> bytes:
    """One field, somewhere, with another value, twice, gone, or in another place."""
    parts = fields(data)
    if not parts:
        return rng.randbytes(3)
    i = rng.randrange(len(parts))
    key, value = parts[i]
    if key & 7 == 2 and depth < 6 and rng.random() < 0.85:
        try:
            parts[i] = key, mutate_protobuf(rng, value, depth + 1)
            return message(parts)
        except (ValueError, IndexError):
            pass
    way = rng.randrange(6)
    if way == 0:
        del parts[i]
    elif way == 1:
        parts.insert(rng.randrange(len(parts) + 1), parts[i])
    elif way == 2:
        j = rng.randrange(len(parts))
        parts[i], parts[j] = parts[j], parts[i]
    elif isinstance(value, int):
        parts[i] = key, rng.choice((*NUMBERS, value + 1, value * 2, value ^ 1))
    elif key & 7 == 2:
        names = [v for _, v in parts if isinstance(v, bytes) and len(v) < 40] or [b""]
        new = (
            mutate_bytes(rng, [value or b"x"], 2),
            b"",
            value * 2,
            rng.choice(names),
            rng.choice(OPERATORS),
            b"x" * 5000,
        )
        parts[i] = key, rng.choice(new)
    else:
        parts[i] = key, rng.choice((bytes(len(value)), b"\xff" * len(value), rng.randbytes(len(value))))
    return message(parts)


def mutate_onnx(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """Graphs with other fields; sometimes with other bytes."""
    if rng.random() < 0.2:
        return mutate_bytes(rng, seeds)
    data = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 2, 3))):
        try:
            data = mutate_protobuf(rng, data)
        except (ValueError, IndexError):
            return mutate_bytes(rng, [data])
    return data
