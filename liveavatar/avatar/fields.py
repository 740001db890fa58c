"""The fields of an untrusted JSON object, each read as what it has to be."""

from typing import Any

from liveavatar.base.box import Box
from liveavatar.base.plain_text import plain
from liveavatar.language import tr

MAX_TEXT = 10_000


class WrongForm(ValueError):
    """A field that cannot be read; the message names it."""


class Fields:
    """A JSON object. Every reader raises KeyError for a missing field, WrongForm for one of another type.

    name: where in the card the object stands, for these messages; "" at the top."""

    def __init__(self, value: Any, name: str = "") -> None:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise _wrong(name or "avatar.json", tr("a JSON object", "JSON 对象"), value)
        self._values, self._name = value, name

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _path(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def require_format(self, expected: int) -> None:
        """Raises WrongForm where "format" is another number, or none."""
        actual = self._values.get("format")
        if actual != expected or isinstance(actual, bool):
            raise WrongForm(_another_format(actual, expected))

    def text(self, key: str) -> str:
        """A text of at most MAX_TEXT characters."""
        return _text(self._values[key], self._path(key))

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self._values[key]
        if not isinstance(value, bool):
            raise _wrong(self._path(key), "true / false", value)
        return value

    def whole(self, key: str) -> int:
        """A whole number."""
        return _whole(self._values[key], self._path(key))

    def number(self, key: str) -> float:
        """A finite number."""
        return _number(self._values[key], self._path(key))

    def size(self, key: str) -> tuple[int, int]:
        """Width and height."""
        width, height = self._wholes(key, 2)
        return width, height

    def box(self, key: str) -> Box:
        """x, y, width, height."""
        return Box(*self._wholes(key, 4))

    def inner(self, key: str) -> "Fields":
        """An object."""
        return Fields(self._values[key], self._path(key))

    def anything(self, key: str) -> dict[str, Any]:
        """An object of which nothing is asked; empty where it is missing."""
        return Fields(self._values.get(key, {}), self._path(key))._values

    def texts(self, key: str) -> dict[str, str]:
        """An object of texts."""
        name, values = self._path(key), self.inner(key)._values
        return {_text(k, name): _text(v, name) for k, v in values.items()}

    def numbers(self, key: str) -> dict[str, float]:
        """An object of finite numbers."""
        name, values = self._path(key), self.inner(key)._values
        return {_text(k, name): _number(v, name) for k, v in values.items()}

    def objects(self, key: str, most: int) -> "list[Fields]":
        """A list of at most so many objects."""
        name, values = self._path(key), self._values[key]
        if not isinstance(values, list | tuple) or len(values) > most:
            raise _wrong(name, tr(f"a list of at most {most}", f"不超过 {most} 项的列表"), values)
        return [Fields(value, name) for value in values]

    def _wholes(self, key: str, count: int) -> tuple[int, ...]:
        name, values = self._path(key), self._values[key]
        if not isinstance(values, list | tuple) or len(values) != count:
            raise _wrong(name, tr(f"{count} numbers", f"{count} 个数"), values)
        return tuple(_whole(value, name) for value in values)


def _another_format(actual: Any, expected: int) -> str:
    shown, advice = plain(repr(actual)[:40]), ""
    if actual == expected - 1:
        advice = tr(
            ": it was made by an older liveavatar; get a newer package of it, or train it again (liveavatar train)",
            "：由旧版 liveavatar 制作；请获取其新版包，或重新训练（liveavatar train）",
        )
    elif actual == expected + 1:
        advice = tr(
            ": it was made by a newer liveavatar; update this one", "：由新版 liveavatar 制作；请更新本程序"
        )
    return tr(
        f"expected format {expected}, got {shown}{advice}", f"应为格式 {expected}，实际为 {shown}{advice}"
    )


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise _wrong(name, tr("text", "文字"), value)
    return value


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 1 << 20:
        raise _wrong(name, tr("a whole number", "整数"), value)
    return value


def _number(value: Any, name: str) -> float:
    # Compared first: a whole number may lie beyond every float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise _wrong(name, tr("a number", "数"), value)
    return float(value)


def _wrong(name: str, expected: str, value: Any) -> WrongForm:
    shown = plain(repr(value)[:40])
    return WrongForm(
        tr(
            f"a field has the wrong form ({name}: expected {expected}, got {shown})",
            f"字段格式错误（{name}：应为 {expected}，实际为 {shown}）",
        )
    )
