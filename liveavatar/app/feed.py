"""What happens in a show, for programs that want to know: never a picture, and nothing of a face but that there is one.

Reads no clock; compares the show with what it was, as often as it is asked.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from liveavatar.live.report import Report
from liveavatar.retargeting.mixer import Mixer

Event = dict[str, Any]
"""{"event": "face" | "avatar" | "emote" | "stalled" | "speaking", ...}; see now()."""
STALLS_EVERY = 1.0
"""Seconds between two times of telling that pictures were late: they are, many times over, or not at all."""
MOST = 256
"""Events that wait to be asked for."""


class Feed:
    """Tells one who asks; tell() from any thread, the rest from one."""

    def __init__(self, mixer: Mixer, report: Report, avatar: Callable[[], str]) -> None:
        """avatar: the name of the one that plays."""
        self._mixer, self._report, self._avatar = mixer, report, avatar
        self._told: deque[Event] = deque(maxlen=MOST)
        self._speaking = ""
        self._was, self._stalls, self._told_stalls = self._state(), report.stalls, -STALLS_EVERY

    def speech(self, event: Event) -> None:
        """What a Speaker tells; what is queued or wrong is the speaker's business alone."""
        state, id_ = str(event["event"]), str(event["id"]).rpartition(":")[2]
        if state in ("started", "finished", "interrupted"):
            self._speaking = id_ if state == "started" else ""
            self._told.append({"event": "speaking", "state": state, "id": id_})
        elif self._speaking == id_ and state == "error":
            self._speaking = ""
            self._told.append({"event": "speaking", "state": "interrupted", "id": id_})

    def now(self) -> Event:
        """All of it as it is."""
        face, avatar, emote = self._state()
        return {
            "event": "now",
            "face": face,
            "avatar": avatar,
            "emote": emote,
            "speaking": bool(self._speaking),
        }

    def since(self, time: float) -> list[Event]:
        """What has happened since the last call. time: seconds."""
        events = [self._told.popleft() for _ in range(len(self._told))]
        state, before = self._state(), self._was
        self._was = state
        kinds = (("face", "found"), ("avatar", "name"), ("emote", "name"))
        for (kind, field), value, old in zip(kinds, state, before, strict=True):
            if value != old:
                events.append({"event": kind, field: value})
        if (stalls := self._report.stalls) > self._stalls and time - self._told_stalls >= STALLS_EVERY:
            events.append({"event": "stalled", "count": stalls - self._stalls})
            self._stalls, self._told_stalls = stalls, time
        return events

    def _state(self) -> tuple[bool, str, str]:
        """Whether a face is seen, the avatar's name, the emote that is on."""
        shown = self._mixer.latest
        return shown is not None and shown.tracked, self._avatar(), self._mixer.reactions.active
