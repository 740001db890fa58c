"""The voice that an avatar has: sliders, kept under its name among the user's settings."""

import json
from dataclasses import asdict
from pathlib import Path

from liveavatar.audio.sliders import Sliders
from liveavatar.base.files import Unreadable, user_folder
from liveavatar.base.names import check_name
from liveavatar.base.settings import write_setting
from liveavatar.base.strict_json import read_json
from liveavatar.errors import ProfileError
from liveavatar.language import tr

FORMAT = 1


def _file(avatar: str) -> Path:
    check_name(avatar, ProfileError)
    return user_folder("config") / "avatar-voices" / f"{avatar}.json"


def keep_voice(avatar: str, sliders: Sliders) -> Path:
    """From now on the avatar of this name has this voice. Raises ProfileError."""
    return write_setting(
        _file(avatar), json.dumps({"format": FORMAT, "sliders": asdict(sliders)}, indent=1).encode()
    )


def kept_voice(avatar: str) -> Sliders | None:
    """Of the avatar of this name; None where none was kept. Raises ProfileError when it is damaged."""
    path = _file(avatar)
    if not path.exists():
        return None
    try:
        data = read_json(path)
        if data["format"] != FORMAT:
            raise ValueError(tr(f"version {str(data['format'])[:20]}", f"版本 {str(data['format'])[:20]}"))
        return Sliders(**{str(name): float(value) for name, value in data["sliders"].items()})
    except (Unreadable, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProfileError(
            tr(
                f"{path} is damaged: {str(error)[:200]}. Keep the voice again, or delete it.",
                f"{path} 已损坏：{str(error)[:200]}。请重新保存该声音，或删除该文件。",
            )
        ) from error
