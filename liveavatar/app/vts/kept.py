"""The parameters that plugins made, kept in the user's folder from one run to the next."""

import json
from pathlib import Path

from liveavatar.app.vts.protocol import Data, text
from liveavatar.base.files import Unreadable, user_folder, write_whole
from liveavatar.base.strict_json import read_json


def load_made() -> list[tuple[str, Data]]:
    """(the plugin's key, ParameterCreation's data) of each; those of a damaged file are made anew by their plugins."""
    try:
        kept = read_json(_path())["parameters"]
        return [(text(one.pop("plugin")), dict(one)) for one in kept]
    except (Unreadable, KeyError, TypeError, AttributeError, ValueError):
        return []


def save_made(made: list[tuple[str, Data]]) -> None:
    """Keep these and no others. Raises OSError."""
    kept = [{"plugin": plugin, **data} for plugin, data in made]
    _path().parent.mkdir(parents=True, exist_ok=True)
    write_whole(_path(), json.dumps({"parameters": kept}, ensure_ascii=False, indent=1).encode())


def _path() -> Path:
    return user_folder("config") / "plugin-parameters.json"
