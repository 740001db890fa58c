"""Names of avatars and profiles: they become folders and files, stand in terminals, and are told apart by people."""

import unicodedata

from liveavatar.base.plain_text import is_plain
from liveavatar.errors import AvatarError, ProfileError
from liveavatar.language import Text, tr

MAX_LENGTH = 64
_AVATAR = Text("an avatar's name", "形象名称")
_PROFILE = Text("the name of a profile", "配置名称")
_WINDOWS_DEVICES = {"con", "prn", "aux", "nul", *(f"{p}{i}" for p in ("com", "lpt") for i in range(1, 10))}


def is_name(name: str) -> bool:
    """Whether an avatar or profile may have this name: a plain folder name on every system, without characters that draw
    nothing."""
    forbidden = set('/\\:*?"<>|') & set(name) or name != name.strip(" .") or not is_plain(name)
    return (
        not forbidden
        and 0 < len(name) <= MAX_LENGTH
        and len(name.encode()) <= 200
        and name.split(".")[0].strip().lower() not in _WINDOWS_DEVICES
    )


def check_name(name: str, error: type[AvatarError] | type[ProfileError]) -> None:
    """Raise this error, AvatarError or ProfileError, for a name that cannot be an avatar's or a profile's."""
    if not is_name(name):
        kind = _AVATAR if error is AvatarError else _PROFILE
        owner = tr(kind.en, kind.zh)
        raise error(
            tr(
                f"{name[:80]!r} cannot be {owner}: it must be a plain folder name of at most {MAX_LENGTH} characters that "
                "can all be seen.",
                f"{name[:80]!r} 不能作为{owner}：须为不超过 {MAX_LENGTH} 个可见字符的普通文件夹名。",
            )
        )


def looks(name: str) -> str:
    """What a name looks like: equal for names that a person, or some file system, takes for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
