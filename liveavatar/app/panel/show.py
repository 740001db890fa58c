"""What a panel tells of the show: one table of plain values, the same for every page."""

import math
import os
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from liveavatar.app.actions import Actions
from liveavatar.base.timing import now, process_seconds
from liveavatar.errors import LiveAvatarError
from liveavatar.live.report import Report
from liveavatar.retargeting.reactions import Reactions

Command = dict[str, Any]
RECENT, MINUTE = 150, 1800
"""Pictures from the camera over which the age is told, and the microphone's delay, which should stand still."""
LOOKED = 1.0
"""Seconds between looks at what costs more: folders, files, processor time."""


class Show:
    """From any thread. Tells time to nobody: what it reads of the clock is how old its own looks are."""

    def __init__(
        self,
        *,
        actions: Actions,
        reactions: Reactions,
        report: Report,
        size: tuple[int, int],
        fps: float,
        output: str,
        avatars: Callable[[], dict[str, str]],
        handle: Callable[[Command], Command],
    ) -> None:
        """size: of the output, (width, height) in pixels. fps: frames a second that are sent. output: its name for people.
        avatars: see Gallery.listed(). handle: answers a command of the control channel; may raise LiveAvatarError."""
        self._actions, self._reactions, self._report = actions, reactions, report
        self._size, self._fps, self._output = size, fps, output
        self._avatars, self.handle = avatars, handle
        self._lock = threading.Lock()
        self._looked = -math.inf
        self._slow: dict[str, Any] = {}
        self._processor = now(), process_seconds()

    def state(self) -> dict[str, Any]:
        """All there is to tell."""
        return {
            "avatar": self._actions.current,
            "emote": self._reactions.active,
            "remaining": round(self._reactions.remaining, 1),
            "card": self._report.card,
            "framing": asdict(self._actions.frame()),
            "size": self._size,
            "output": self._output,
            **self._seen_now_and_then(),
        }

    def _seen_now_and_then(self) -> dict[str, Any]:
        with self._lock:
            time = now()
            if time - self._looked >= LOOKED:
                self._looked = time
                self._slow = {
                    "avatars": self._avatars(),
                    "plugins": self._plugins(),
                    "health": self._health(time),
                }
            return self._slow

    def _plugins(self) -> dict[str, Any] | None:
        """Who may drive the avatar, and who asks; None where the door is shut."""
        try:
            answer = self.handle({"command": "plugins", "do": "list"})
        except (LiveAvatarError, OSError):
            return None
        return None if answer.get("closed") else answer

    def _health(self, time: float) -> dict[str, Any]:
        report, ages = self._report, self._report.ages
        before, spent = self._processor
        self._processor = time, process_seconds()
        share = (self._processor[1] - spent) / max(time - before, 1e-3) / (os.cpu_count() or 1)
        return {
            "fps": round(report.fps, 1),
            "wanted": self._fps,
            "age": round(ages.ms(50, last=RECENT)) if ages.count else None,
            "delay": round(ages.ms(50, last=MINUTE)) if ages.count else None,
            "processor": round(100 * share),
            "drops": sum(report.drops.values()),
            "stalls": report.stalls,
            "provider": report.provider,
            "troubles": list(report.troubles.values()),
            "notes": [*report.notes.values(), *filter(None, [report.governor.message])],
        }
