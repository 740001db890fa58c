"""Says one thing after the other: plays the sound, writes into the mixer what is seen of it, tells what becomes of it.

A thread of its own prepares and plays; the thread that draws asks what is due. A sound that cannot be said is told to whoever
wanted it, and the avatar goes on.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from liveavatar.app.speech.utterance import CUT_AFTER, Event, Utterance
from liveavatar.app.speech.voice import Voice
from liveavatar.audio.loudspeaker import OFF, USUAL, Loudspeaker, Nowhere, open_loudspeaker
from liveavatar.base.shutdown import Detached
from liveavatar.base.timing import now
from liveavatar.errors import LiveAvatarError, SoundError
from liveavatar.language import tr
from liveavatar.retargeting.gestures import Gestures
from liveavatar.retargeting.mixer import Layer, Mixer
from liveavatar.retargeting.own_gestures import OwnGestures

log = logging.getLogger(__name__)

WAITING = 32
"""Utterances that may wait."""
AHEAD = 3.0
"""Seconds that are prepared before they are heard, and as much as a stream's must be there before it is played: enough to know
how a phrase ends."""
ENOUGH = 0.6
"""Seconds from which on the rest is prepared at leisure: pictures are drawn beside."""
AT_FIRST = 0.15
"""Seconds of a stream until it is played."""
STEP = 0.01
LEAD = 0.03
"""Seconds from a picture's being drawn to its being sent."""
KEEP_OPEN = 20.0
"""Seconds without a sound after which the loudspeaker is released."""
NAME = "speech"
"""Of the source in the mixer."""


class _Watch:
    """Whether a sound goes on: it comes, and it is taken. Times in seconds."""

    def __init__(self, time: float) -> None:
        self._came = self._taken = time
        self._heard: float | None = None

    def came(self, time: float) -> None:
        """Something came."""
        self._came = time

    def look(self, time: float, heard: float | None, ahead: float, played: bool, whole: bool) -> None:
        """heard, ahead: seconds of the sound. Raises SoundError where nothing went on for CUT_AFTER."""
        if not (played and ahead) or heard != self._heard:
            self._heard, self._taken = heard, time
        if time - self._taken > CUT_AFTER:
            raise SoundError(
                tr(
                    f"the loudspeaker has taken nothing for {CUT_AFTER:g} s",
                    f"扬声器已有 {CUT_AFTER:g} 秒没有播放声音",
                )
            )
        if not whole and not ahead and time - self._came > CUT_AFTER:
            raise SoundError(
                tr(
                    f"the sound was cut: nothing came for {CUT_AFTER:g} s, and no end",
                    f"声音中断：{CUT_AFTER:g} 秒没有数据，也没有结束标记",
                )
            )


class Speaker:
    """Speaks until close()."""

    def __init__(
        self,
        mixer: Mixer,
        loudspeaker: str = USUAL,
        tell: Callable[[Event], None] = lambda event: None,
        opens: Callable[[str], Loudspeaker] = open_loudspeaker,
        accompany: Callable[[str, int], Gestures | OwnGestures] = Gestures,
    ) -> None:
        """loudspeaker: see open_loudspeaker(); opened when there is something to play. tell: called with all that is said to
        whoever wanted something said. accompany: gives what head, brows and eyes do, for an emotion and a seed."""
        self._accompany = accompany
        self._mixer, self._name, self._tell, self._opens = mixer, loudspeaker, tell, opens
        self._device: Loudspeaker | None = None
        self._opening = threading.Lock()
        self._used = 0.0
        self._changed = threading.Condition()
        self._waiting: deque[Utterance] = deque()
        self._taken: Utterance | None = None
        """It is said, or about to be, and waits no more."""
        self._voice: Voice | None = None
        self._before: Voice | None = None
        """Its head still comes to rest."""
        self._interrupted = self._closed = False
        self._count = 0
        mixer.sources.append(self._write)
        self._thread: Detached | None = None
        """From the first sound on."""

    @property
    def speaking(self) -> bool:
        """Something is said, or about to be."""
        return self._taken is not None or bool(self._waiting)

    def presence(self, time: float) -> float:
        """0..1: how far the avatar moves by what is said, rather than as it idles."""
        voices = [one for one in (self._voice, self._before) if one is not None]
        return max((one.presence(time) for one in voices), default=0.0)

    def check(self, silent: bool) -> None:
        """Raise SoundError where what is not silent could not be heard."""
        if not silent:
            self._loudspeaker(False)

    def say(self, utterance: Utterance) -> None:
        """After all that waits. Raises SoundError where too much does."""
        with self._changed:
            if self._closed or len(self._waiting) >= WAITING:
                raise SoundError(
                    tr(
                        f"{WAITING} sounds wait already; wait for `finished`, or interrupt",
                        f"已有 {WAITING} 段声音在等待；请等待 finished 或先中断",
                    )
                )
            self._waiting.append(utterance)
            self._thread = self._thread or Detached(self._run, name="speaker")
            self._changed.notify_all()

    def interrupt(self, only: Callable[[Utterance], bool] = lambda utterance: True) -> int:
        """Fall silent, and leave unsaid what waits; of those that are meant. Returns how many."""
        with self._changed:
            gone = [one for one in self._waiting if only(one)]
            self._waiting = deque(one for one in self._waiting if not only(one))
            meant = self._taken is not None and only(self._taken)
            self._interrupted = self._interrupted or meant
            self._changed.notify_all()
        for one in gone:
            self._say(one, "interrupted")
        return len(gone) + meant

    def close(self) -> None:
        """Fall silent for good."""
        with self._changed:
            self._closed = True
        self.interrupt()
        if self._thread is not None:
            self._thread.join(1.0)
        if self._write in self._mixer.sources:
            self._mixer.sources.remove(self._write)

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting and not self._closed:
                    self._changed.wait(KEEP_OPEN)
                if self._closed and not self._waiting:
                    break
                utterance = self._waiting.popleft() if self._waiting else None
                self._taken, self._interrupted = utterance, False
            if utterance is None:
                self._release(now() - KEEP_OPEN)
                continue
            try:
                self._perform(utterance)
            except LiveAvatarError as error:
                self._release(now())
                self._say(utterance, "error", message=str(error))
            except Exception as error:  # one sound is no reason to fall silent for good
                log.warning("speech: %s: %s", type(error).__name__, error, exc_info=True)
                self._say(utterance, "error", message=f"{type(error).__name__}: {error}")
            finally:
                with self._changed:
                    self._taken = None
                    if self._voice is not None:
                        self._before, self._voice = self._voice, None
        self._release(now())

    def _perform(self, utterance: Utterance) -> None:
        """Say it, from beginning to end. Raises SoundError."""
        source, speaker = utterance.source, self._loudspeaker(utterance.silent)
        self._count += 1
        gestures = self._accompany(utterance.emotion, self._count)
        voice = Voice(source.rate, speaker.rate, utterance.emotion, utterance.visemes, gestures)
        self._voice = voice
        played = started = whole = False
        watch = _Watch(now())
        try:
            while True:
                if self._interrupted or self._closed:
                    self._say(utterance, "interrupted", seconds=round(voice.track.heard(now()) or 0.0, 3))
                    return
                if not whole and voice.track.ahead < AHEAD:
                    samples = source.more(STEP)
                    if samples is None:
                        whole = True
                        voice.end()
                    elif len(samples):
                        voice.hear(samples)
                        watch.came(now())
                if not played and (whole or voice.track.ahead >= AT_FIRST):
                    speaker.play(voice.track)
                    played = True
                speaker.step(now())
                heard = voice.track.heard(now())
                if not started and heard is not None:
                    started = True
                    self._say(utterance, "started", seconds=source.seconds)
                if voice.track.over(now()):
                    self._say(utterance, "finished")
                    return
                watch.look(now(), heard, voice.track.ahead, played, whole)
                with self._changed:
                    if not self._interrupted and (whole or voice.track.ahead > ENOUGH):
                        self._changed.wait(STEP if whole else 2 * STEP)
        finally:
            if not voice.track.over(now()):
                voice.stop(now())
            self._used = now()

    def _say(self, utterance: Utterance, what: str, **more: Any) -> None:
        event: Event = {"event": what, "id": utterance.id, **more}
        log.info("speech %s: %s", utterance.id, what)
        for tell in (utterance.tell, self._tell):
            try:
                tell(event)
            except Exception as error:  # who is told is none of the avatar's troubles
                log.warning("speech: %s: %s", type(error).__name__, error)

    # The loudspeaker

    def _loudspeaker(self, silent: bool) -> Loudspeaker:
        """What plays it. Raises SoundError."""
        if silent or self._name.strip().lower() == OFF:
            return Nowhere()
        with self._opening:
            if self._device is not None:
                try:
                    self._device.step(now())
                except SoundError:  # it is gone: the next one may be there
                    self._device.close()
                    self._device = None
            if self._device is None:
                self._device = self._opens(self._name)
            self._used = now()
            return self._device

    def _release(self, unused_since: float) -> None:
        with self._opening:
            if self._device is not None and self._used <= unused_since:
                self._device.close()
                self._device = None

    # What is seen: in the thread that draws

    def _write(self) -> None:
        time = now() + LEAD
        voice, before = self._voice, self._before
        if before is not None and before.at_rest(time):
            self._before = before = None
        voices = [one for one in (voice, before) if one is not None]
        if not voices:
            return
        for one in voices[:1]:
            if pose := one.lips(time):
                values, weights = ({name: both[i] for name, both in pose.items()} for i in (0, 1))
                # Over a microphone's mouth, which hears the loudspeaker too.
                self._mixer.write(Layer.SET, f"{NAME} lips", values, weights, ttl=0.1)
            felt, share = one.mood(time)
            if share:
                self._mixer.write(Layer.SET, f"{NAME} mood", felt, dict.fromkeys(felt, share), ttl=0.3)
        shown = self._mixer.latest
        if shown is not None and shown.tracked:  # a face moves head and eyes; only the words are another's
            return
        added: dict[str, float] = {}
        for one in voices:
            if (moves := one.moves(time)) is not None:
                for name, value in moves.added.items():
                    added[name] = added.get(name, 0.0) + value
                if one is voices[0]:
                    self._mixer.write(Layer.SET, NAME, moves.held, ttl=0.1)
        if added:
            self._mixer.write(Layer.ADD, NAME, added, ttl=0.1)
