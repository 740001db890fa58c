"""Beside plugins, by tokens of their own: programs that have the avatar speak, and programs that want to know what happens.

Each token opens one way and no other. All of it belongs to the crowd's thread.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from websockets.frames import CloseCode

from liveavatar.app.feed import Feed
from liveavatar.app.speech.speaker import Speaker
from liveavatar.app.speech.talk import Talk
from liveavatar.app.vts.consent import EVENTS, SPEAK, Plugin
from liveavatar.base.crowd import Guest

WAYS: dict[str, Plugin] = {"/speak": SPEAK, "/events": EVENTS}
"""Path of a WebSocket -> whose token opens it."""
INTERRUPT = "/do/interrupt"
"""An address that a button can open, with the token of SPEAK."""
RATE = 240.0
"""Messages a second of a program that has the avatar speak; who sends more waits."""
BURST = 2.0
"""Seconds' worth that may come at once."""


class Ways:
    """Who came in by one of them."""

    def __init__(
        self, speaker: Speaker, feed: Feed, call: Callable[..., None], clock: Callable[[], float]
    ) -> None:
        """call: does something in the crowd's thread. clock: seconds."""
        self.speaker, self._feed, self._call, self._clock = speaker, feed, call, clock
        self._guests: dict[Guest, Plugin] = {}

    async def host(self, guest: Guest, path: str) -> None:
        """Until the guest goes."""
        self._guests[guest] = WAYS[path]
        try:
            if path == "/events":
                guest.send(_text(self._feed.now()))
                async for _ in guest:
                    pass  # it has nothing to say
            else:
                await self._speech(guest)
        finally:
            self._guests.pop(guest, None)

    async def _speech(self, guest: Guest) -> None:
        def send(event: dict[str, Any]) -> None:
            self._call(guest.send, _text(event))

        # A web page may send a sound; that it names a file is no page's business.
        talk, free_at = Talk(self.speaker, send, files=not guest.origin), 0.0
        try:
            async for message in guest:
                time = self._clock()
                free_at = max(free_at + 1 / RATE, time - BURST)
                if free_at > time:
                    await asyncio.sleep(free_at - time)
                if isinstance(message, bytes):
                    talk.message(message)
                else:  # a whole file may be in it
                    await asyncio.to_thread(talk.message, message)
        finally:
            talk.close()

    def tell(self) -> None:
        """Tell of what has happened."""
        for event in self._feed.since(self._clock()):
            for guest in [guest for guest, plugin in self._guests.items() if plugin == EVENTS]:
                guest.send(_text(event))

    def revoke(self, gone: list[Plugin]) -> None:
        """Their tokens hold no more; from any thread."""
        for guest, plugin in list(self._guests.items()):
            if plugin in gone:
                self._call(guest.close, CloseCode.POLICY_VIOLATION)


def _text(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False)
