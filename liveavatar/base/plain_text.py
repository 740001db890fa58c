"""Strangers' text, made harmless to show: a card's words, a file's name."""

import re
import unicodedata

_NEVER = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's categories of what draws nothing, or steers a terminal or the direction of writing."""


def is_plain(text: str) -> bool:
    """Whether every character of the text draws something, or is a blank."""
    return all(unicodedata.category(c) not in _NEVER for c in text)


def plain(text: str, keep: str = "\n\t\u200d") -> str:
    """The text with characters that draw nothing as escapes: "\\x1b", "\\u202e", "\\udc80".

    keep: those that stay; lines, and the joiner inside an emoji."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in keep or unicodedata.category(c) not in _NEVER else _escaped(c) for c in text)


def _escaped(c: str) -> str:
    code = ord(c)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def without_password(address: str) -> str:
    """An address for messages and logs: they are shown and pasted."""
    return re.sub(r"//[^/@]*@", "//...@", address)
