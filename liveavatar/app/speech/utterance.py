"""Something to be said: a sound that is whole, or one that comes while it is said, and how to say it."""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from liveavatar.audio.clips import LONGEST, Clip, resampled, samples_of, too_long
from liveavatar.errors import SoundError
from liveavatar.language import tr
from liveavatar.retargeting.reactions import ALIASES, EMOTES, NONE

PIECE = 0.2
"""Seconds of a whole sound that are taken at a time."""
CUT_AFTER = 5.0
"""Seconds without anything after which a stream is taken to be cut."""
Event = dict[str, Any]
"""{"event": "started" | "finished" | "interrupted" | "error", "id", ...}."""


class Source(Protocol):
    """Where the samples come from."""

    rate: int
    """Samples a second."""
    seconds: float | None
    """How long it is, where that is known."""

    def more(self, timeout: float) -> np.ndarray | None:
        """(n,) float32: what comes next, empty where nothing came within `timeout` seconds; None at the end. Or (n, 2): what is
        played, and the voice in it. Raises SoundError."""
        ...


class Whole(Source):
    """A sound that is there."""

    def __init__(self, clip: Clip, voice: Clip | None = None) -> None:
        """voice: what the lips follow, where it is not all that is played: a singer without the band."""
        self.rate, self.seconds = clip.rate, clip.seconds
        samples = clip.samples
        if voice is not None:
            heard = resampled(voice.samples, voice.rate, clip.rate)[: len(samples)]
            samples = np.stack([samples, np.pad(heard, (0, len(samples) - len(heard)))], axis=1)
        piece = round(PIECE * clip.rate)
        self._pieces = iter([samples[i : i + piece] for i in range(0, len(samples), piece)])

    def more(self, timeout: float) -> np.ndarray | None:
        """See Source."""
        return next(self._pieces, None)


class Stream(Source):
    """A sound that comes in pieces; add() and end() from any thread."""

    def __init__(self, rate: int) -> None:
        """rate: samples a second, as checked by clips.check_rate()."""
        self.rate, self.seconds = rate, None
        self._pieces: deque[np.ndarray] = deque()
        self._count, self._odd = 0, b""
        self._ended, self._cut = False, ""
        self._changed = threading.Condition()

    def add(self, data: bytes) -> None:
        """What comes next, see clips.samples_of(). Raises SoundError where it gets too long."""
        with self._changed:
            data = self._odd + data
            self._odd = data[len(data) // 2 * 2 :]
            samples = samples_of(data)
            self._count += len(samples)
            if self._count > LONGEST * self.rate:
                raise too_long()
            if not self._ended:
                self._pieces.append(samples)
            self._changed.notify_all()

    def end(self, cut: str = "") -> None:
        """Nothing more comes. cut: why, where it should have."""
        with self._changed:
            self._ended, self._cut = True, cut
            self._changed.notify_all()

    def more(self, timeout: float) -> np.ndarray | None:
        """See Source."""
        with self._changed:
            if not self._pieces and not self._ended:
                self._changed.wait(timeout)
            if self._pieces:
                samples = np.concatenate(self._pieces)
                self._pieces.clear()
                return samples
            if self._cut:
                raise SoundError(self._cut)
            return None if self._ended else np.zeros(0, np.float32)


_numbers = itertools.count(1)


@dataclass(frozen=True)
class Utterance:
    """What is to be said."""

    source: Source
    emotion: str = ""
    """An emote's name, or none."""
    silent: bool = False
    """Another program plays the sound, from `started` on."""
    visemes: Sequence[tuple[float, str]] | None = None
    """See audio.lip_track."""
    tell: Callable[[Event], None] = lambda event: None
    """Called, in another thread, with what becomes of it."""
    id: str = field(default_factory=lambda: f"speech-{next(_numbers)}")


def emotion_of(name: object) -> str:
    """The emote that a program means; empty for none. Raises SoundError."""
    if name is None:
        return ""
    known = ALIASES.get(str(name).lower(), str(name).lower())
    if known in ("", NONE):
        return ""
    if known not in EMOTES:
        raise SoundError(
            tr(
                f"no emotion {str(name)[:40]!r}; there are: {', '.join(EMOTES)}, {', '.join(ALIASES)}",
                f"没有情绪 {str(name)[:40]!r}；现有：{'、'.join(EMOTES)}、{'、'.join(ALIASES)}",
            )
        )
    return known
