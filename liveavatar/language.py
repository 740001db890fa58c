"""Messages in two languages. Both texts stand side by side at the place that says them."""

import locale
import os
from typing import NamedTuple

LANGUAGES = ("en", "zh")

_language: str | None = None


class Text(NamedTuple):
    """A text of a table, for tr(text.en, text.zh)."""

    en: str
    zh: str


def set_language(language: str | None) -> None:
    """Choose "en" or "zh"; None goes back to LIVEAVATAR_LANG, then the system's locale."""
    global _language
    if language is not None and language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
    _language = language


def language() -> str:
    """The language messages are in now: "en" or "zh"."""
    if _language:
        return _language
    names = [os.environ.get(key, "") for key in ("LIVEAVATAR_LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((n for n in names if n), None) or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def tag() -> str:
    """The language as a page's lang attribute has it."""
    return "zh-CN" if language() == "zh" else "en"


def tr(en: str, zh: str) -> str:
    """The text in the user's language. Use: tr(f"no camera {name!r}", f"找不到摄像头 {name!r}")."""
    return zh if language() == "zh" else en
