"""Seed codes: a few numbers as a short text that can be read out, with a check sum.

The letter of the edition, digits of the numbers in base 32 without I, L, O, U, two that check. Case and dashes say nothing."""

from collections.abc import Iterable

from liveavatar.errors import TrainingError
from liveavatar.language import tr

EDITION = "A"
"""Of the networks and grammars that turn codes into characters: the next letter when they change what a code draws."""
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = {**{digit: i for i, digit in enumerate(_DIGITS)}, "O": 0, "I": 1, "L": 1}
_PRIME, _CHECK = 1021, 1024
"""A wrong digit, or two that changed places, never leave the remainder as it was."""
_MOST = 200
"""Characters."""


def write(numbers: Iterable[tuple[int, int]]) -> str:
    """The code of numbers, each given with how many it could have been: 0 <= number < count."""
    value = 0
    for number, count in reversed(list(numbers)):
        value = value * count + number
    value = value * _CHECK + _remainder(value, EDITION)
    digits = ""
    while value or len(digits) < 5:
        value, digit = divmod(value, 32)
        digits = _DIGITS[digit] + digits
    text = EDITION + digits
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


class Reader:
    """Gives back what write() was given, in the same order. Raises TrainingError for a code of another edition or none."""

    def __init__(self, text: str) -> None:
        plain = "".join(text.upper().replace("-", "").split())
        if not 6 <= len(plain) <= _MOST or any(digit not in _READ for digit in plain[1:]):
            raise damaged(text)
        value = 0
        for digit in plain[1:]:
            value = value * 32 + _READ[digit]
        self.text = text
        self._value, check = divmod(value, _CHECK)
        if check != _remainder(self._value, plain[0]):
            raise damaged(text)
        if plain[0] != EDITION:
            raise TrainingError(
                tr(
                    f"the seed code {text!r} is of edition {plain[0]} of the generator; this is edition {EDITION} and would draw "
                    "somebody else. Use the version of liveavatar that made it, or choose a new seed.",
                    f"种子码 {text!r} 属于生成器 {plain[0]} 版，当前为 {EDITION} 版，会画出另一个角色。"
                    "请用生成它的 liveavatar 版本，或另选种子。",
                )
            )

    def next(self, count: int) -> int:
        """The next number, of so many that it could be."""
        self._value, number = divmod(self._value, count)
        return number

    def end(self) -> None:
        """Nothing may be left."""
        if self._value:
            raise damaged(self.text)


def damaged(text: str) -> TrainingError:
    """What to say of a code that cannot be read."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    like = write([(0, 4), (42, 128)])
    return TrainingError(
        tr(
            f"{shown!r} is no seed code: a character is wrong, missing or too many (its check sum does not fit). Compare it with "
            f"the original, or give a plain number. A code looks like {like}.",
            f"{shown!r} 不是有效的种子码：有字符错误、缺失或多余（校验不符）。请对照原文检查，或直接给出数字。形如 {like}。",
        )
    )


def _remainder(value: int, edition: str) -> int:
    return (value * 256 + ord(edition) % 256) % _PRIME
