"""JSON that others wrote: read with limits, and only what every reader would read alike.

Python's own reader takes NaN and Infinity, makes infinity of 1e999, takes the last of two equal keys and lone surrogates,
and ends with RecursionError for what is nested too deep.
"""

import json
import math
from pathlib import Path
from typing import Any

from liveavatar.base.files import Unreadable, read_whole
from liveavatar.language import tr

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
_DIGITS = 40


def read_json(path: Path, limit: int = MAX_BYTES) -> Any:
    """The value in a file of at most `limit` bytes, in UTF-8 (with a BOM or without), UTF-16 or UTF-32.

    Raises Unreadable; its cause is a FileNotFoundError where there is no such file."""
    return parse_json(read_whole(path, limit))


def parse_json(text: bytes | str) -> Any:
    """The value of a JSON text. Every number in it is finite and every string can be encoded. Raises Unreadable."""
    try:
        text = decode(text) if isinstance(text, bytes) else text
        value = _READER.decode(text)
        flat = text.count("[") + text.count("{") <= MAX_DEPTH
        if not (flat and text.isascii() and "\\u" not in text):  # else there is nothing to find
            _check(value, MAX_DEPTH)
    except RecursionError:
        raise _deep() from None
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(tr(f"it is no JSON: {error}", f"不是 JSON：{error}")) from error
    return value


def decode(data: bytes) -> str:
    """The text in a file in UTF-8, 16 or 32, without its BOM. Raises Unreadable."""
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except ValueError as error:
        raise Unreadable(tr(f"it is no text: {error}", f"不是文本：{error}")) from error


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise _number(digits)
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _number(digits)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Unreadable(tr(f"it has {twice[:40]!r} twice", f"{twice[:40]!r} 出现了两次"))
    return result


_READER = json.JSONDecoder(
    parse_int=_integer, parse_float=_finite, parse_constant=_finite, object_pairs_hook=_object
)


def _check(value: Any, depth: int) -> None:
    """Refuse what is nested deeper than `depth`, and strings that no file or page can hold."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Unreadable(tr(f"{value[:40]!a} is no text", f"{value[:40]!a} 不是文本"))
        return
    if not isinstance(value, dict | list):
        return
    if not depth:
        raise _deep()
    for inner in value:
        _check(inner, depth - 1)
        if isinstance(value, dict):
            _check(value[inner], depth - 1)


def _deep() -> Unreadable:
    return Unreadable(tr(f"it is nested deeper than {MAX_DEPTH}", f"嵌套超过 {MAX_DEPTH} 层"))


def _number(digits: str) -> Unreadable:
    return Unreadable(tr(f"{digits[:20]} is no number that can be used", f"{digits[:20]} 不是可用的数"))
