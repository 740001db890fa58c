"""What a panel remembers from one run to the next: how each avatar was framed, what was chosen. A file in the user's folder."""

import json
import threading
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from liveavatar.base.files import Unreadable, user_folder, write_whole
from liveavatar.base.messages import say
from liveavatar.base.strict_json import read_json
from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.media.compositing import WHITE, Framing

MOST = 256
"""Avatars whose framing is kept, those framed last."""
FRAMED = ("zoom", "x", "y", "mirror", "rotation")
CHOICES: dict[str, type] = {"seconds": int, "avatar": str, "camera": str, "microphone": str, "voice": str}
"""What may be chosen, and as what it is kept."""


class Remembered:
    """From any thread. What cannot be written is remembered for this run, and it is said once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told = False
        self._framings, self._choices = _read()

    def framing(self, avatar: str) -> Framing | None:
        """How it was framed; None for one that never was."""
        return self._framings.get(avatar)

    def choice(self, name: str) -> Any:
        """Of CHOICES; None where nothing was chosen."""
        return self._choices.get(name)

    def keep(self, avatar: str, framing: Framing) -> None:
        """From now on it is framed so."""
        with self._lock:
            framing = replace(framing, tint=WHITE)  # a plugin's, and over soon
            if self._framings.get(avatar, Framing()) == framing:
                return
            self._framings.pop(avatar, None)
            self._framings[avatar] = framing
            for oldest in list(self._framings)[:-MOST]:
                del self._framings[oldest]
            self._write()

    def choose(self, name: str, value: Any) -> None:
        """Remember a choice of CHOICES. Raises ValueError for what is none."""
        if not isinstance(value, CHOICES[name]) or len(str(value)) > 500:
            raise ValueError(value)
        with self._lock:
            if self._choices.get(name) != value:
                self._choices[name] = value
                self._write()

    def _write(self) -> None:
        kept = {
            "framing": {
                name: {part: asdict(framing)[part] for part in FRAMED}
                for name, framing in self._framings.items()
            },
            **self._choices,
        }
        try:
            path = _path()
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(kept, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            if not self._told:
                self._told = True
                say(
                    tr(
                        f"what is set on the panel cannot be kept in {_path()} ({error.strerror}): for this run only.",
                        f"控制面板的设置无法保存到 {_path()}（{error.strerror}）：仅在本次运行有效。",
                    )
                )


def _path() -> Path:
    return user_folder("config") / "panel.json"


def _read() -> tuple[dict[str, Framing], dict[str, Any]]:
    try:
        kept = read_json(_path())
        framings = {
            str(name): Framing(
                zoom=float(f["zoom"]),
                x=float(f["x"]),
                y=float(f["y"]),
                mirror=f["mirror"] is True,
                rotation=float(f["rotation"]),
            )
            for name, f in list(kept.pop("framing", {}).items())[-MOST:]
        }
        choices = {name: kept[name] for name, kind in CHOICES.items() if isinstance(kept.get(name), kind)}
        return framings, choices
    except Unreadable as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return {}, {}
    except (KeyError, TypeError, ValueError, AttributeError, OutputError):
        pass
    say(tr(f"{_path()} is damaged: settings begin anew.", f"{_path()} 已损坏：设置将重新开始。"))
    return {}, {}
