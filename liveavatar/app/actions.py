"""What can be changed in a running program, by command (`liveavatar swap`), by key in a window, or by global hotkey."""

import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr
from liveavatar.media.compositing import ZOOM, Background, Framing
from liveavatar.retargeting.reactions import EMOTES

KEYS = {
    **{
        "r": "recenter",
        "m": "mirror",
        "+": "closer",
        "=": "closer",
        "-": "farther",
        "n": "next",
        "p": "panic",
    },
    **{str(i): f"emote {name}" for i, name in enumerate(EMOTES, 1)},
}
"""Key in a window -> action; with Ctrl and Alt everywhere, where `run --hotkeys` was given."""
STEP = 1.1
"""Factor of the zoom for one press."""


class Actions:
    """Safe to call from any thread."""

    def __init__(
        self,
        *,
        swap: Callable[[str], dict[str, Any]],
        recenter: Callable[[], None],
        emote: Callable[[str, float | None], str],
        panic: Callable[[], bool],
        background: Background,
        avatars: Callable[[], list[str]],
        current: str,
        failed: Callable[[str], None],
    ) -> None:
        """swap: changes to the avatar of that name and returns {"avatar", "seconds"}; may raise LiveAvatarError.
        emote: Reactions.perform() of the avatar that plays.
        panic: shows the neutral card, or the avatar again, and returns whether it is the card.
        avatars: names to go through, from `current`. failed: told what went wrong with a key."""
        self._swap = swap
        self._recenter = recenter
        self._emote = emote
        self._panic = panic
        self._background, self._framing = background, threading.Lock()
        self.avatars = avatars
        self.failed = failed
        self.current = current
        """The avatar that plays."""

    def handle(self, command: dict[str, Any]) -> dict[str, Any]:
        """Answer a command of the control channel. Raises LiveAvatarError."""
        name = command.get("command")
        if name == "swap":
            answer = self._swap(str(command.get("avatar")))
            self.current = str(answer["avatar"])
            return answer
        if name == "recenter":
            self._recenter()
            return {}
        if name == "panic":
            return {"card": self._panic()}
        if name == "emote":
            seconds = command.get("seconds")
            return {
                "emote": self._emote(str(command.get("emote")), None if seconds is None else float(seconds))
            }
        if name == "framing":
            changes = {
                k: command[k] for k in ("zoom", "x", "y", "rotation", "mirror") if command.get(k) is not None
            }
            return asdict(self.frame(**changes))
        shown = repr(name)[:80]
        raise LiveAvatarError(tr(f"unknown command {shown}", f"未知命令 {shown}"))

    def frame(self, **changes: Any) -> Framing:
        """Change the framing between two frames; returns the new one. Raises OutputError when out of range."""
        numbers: dict[str, Any] = {
            name: value if name in ("mirror", "tint") else float(value) for name, value in changes.items()
        }
        with self._framing:
            self._background.framing = replace(self._background.framing, **numbers)
            return self._background.framing

    def press(self, key: str) -> None:
        """What a key of KEYS does; others do nothing. Never raises and never waits."""
        action = KEYS.get(key.lower(), "")
        framing = self._background.framing
        if action == "recenter":
            self._recenter()
        elif action == "panic":
            self._panic()
        elif action == "mirror":
            self.frame(mirror=not framing.mirror)
        elif action in ("closer", "farther"):
            zoom = framing.zoom * (STEP if action == "closer" else 1 / STEP)
            self.frame(zoom=min(max(zoom, ZOOM[0]), ZOOM[1]))
        elif action.startswith("emote "):
            self._emote(action.removeprefix("emote "), None)
        elif action == "next":
            threading.Thread(target=self._next, name="next avatar", daemon=True).start()

    def _next(self) -> None:
        names = self.avatars()
        if not names:
            return
        at = names.index(self.current) if self.current in names else 0
        try:
            self.current = str(self._swap(names[(at + 1) % len(names)])["avatar"])
        except LiveAvatarError as error:
            self.failed(str(error))
