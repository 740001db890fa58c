"""What a speaker's head, brows, eyes and breath do beside the words, out of how it is said: rules, and chance from a seed.

Nods and tilts come with stressed syllables, brows rise with the strongest, a phrase begins with a new posture and often with a
look aside, and ends with a blink, a settling of the head, a breath; the look comes back before the end. All of it has a beginning
and an end of its own, nothing keeps a beat. Reads no clock: time is the sound's own, in seconds.
"""

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import both, gaze
from liveavatar.retargeting.idle import blink_at

FRAMES = 100
"""Frames of prosody a second."""
LOUD_RANGE = 30.0
"""dB from the loudest syllable down to what is no voice any more."""
PAUSE, SPOKEN = 0.2, 0.06
"""Seconds of silence that end a phrase, and of voice that begin one."""
ABOUT = 12
"""Frames on either side among which a syllable is the loudest."""
LEAST_LOUD = 0.35
"""Loudness, 0..1, that counts as voice."""
LATE = 0.05
"""Seconds that a frame, smoothed, is behind what it is about."""
OVER = 1.3
"""Seconds after the end of the sound in which all comes to rest."""


@dataclass(frozen=True)
class Temper:
    """How an emotion moves a speaker."""

    size: float = 1.0
    """Of all movements."""
    pitch: float = 0.0
    """Radians: how the head is held."""
    roll: float = 0.0
    brows: float = 1.0
    smile: float = 0.06
    lively: float = 1.0
    """How often something happens."""
    lids: float = 0.0
    """How far they hang, 0..1."""


TEMPERS: dict[str, Temper] = {
    "joy": Temper(size=1.25, pitch=0.03, smile=0.0, lively=1.3),
    "anger": Temper(size=1.2, pitch=-0.04, brows=0.3, smile=0.0, lively=1.2),
    "sadness": Temper(size=0.6, pitch=-0.07, roll=0.04, brows=0.5, smile=0.0, lively=0.6),
    "surprise": Temper(size=1.1, pitch=0.04, brows=0.6, smile=0.0, lively=1.2),
    "smug": Temper(roll=0.06, pitch=0.02, smile=0.0),
    "sleepy": Temper(size=0.5, pitch=-0.06, roll=0.03, brows=0.3, smile=0.0, lively=0.5, lids=0.45),
}
"""Emote -> temper; without one a Temper as it is."""


@dataclass(frozen=True)
class Moves:
    """What is done at one moment."""

    added: dict[str, float]
    """To what the controls are otherwise: head, brows, body, breath, smile."""
    held: dict[str, float]
    """What the controls are: gaze and lids."""


@dataclass(frozen=True)
class _Event:
    start: float
    seconds: float
    controls: dict[str, float]
    """At its height."""
    shape: Callable[[float], float]
    """0..1 of its seconds -> 0..1 of its height; 0 at both ends."""

    def share(self, time: float) -> float:
        """Of its height."""
        x = (time - self.start) / self.seconds
        return self.shape(x) if 0 < x < 1 else 0.0


def _dip(x: float) -> float:
    """Quickly there, slowly back."""
    return math.sin(math.pi * x**0.75) ** 2


def _sigh(x: float) -> float:
    """In, and slowly out."""
    return float(smoothstep(x / 0.22) * smoothstep((1 - x) / 0.78))


def _hold(x: float) -> float:
    """There, stays, back."""
    return float(smoothstep(x / 0.3) * smoothstep((1 - x) / 0.45))


@dataclass(frozen=True)
class _Shift:
    """From one place to another, which then is kept."""

    start: float
    seconds: float
    to: tuple[float, ...]


class _Places:
    """Where something is that goes from place to place."""

    def __init__(self, size: int) -> None:
        self._shifts = deque([_Shift(-math.inf, 1.0, (0.0,) * size)], maxlen=24)

    def go(self, start: float, seconds: float, *to: float) -> None:
        """Be there `seconds` after `start`."""
        self._shifts.append(_Shift(max(start, self._shifts[-1].start), seconds, to))

    def forget_after(self, time: float) -> None:
        """What would begin later does not."""
        while self._shifts[-1].start > time:
            self._shifts.pop()

    def at(self, time: float) -> list[float]:
        """The place."""
        first, *others = list(self._shifts)
        place = np.array(first.to)
        for shift in others:
            if time > shift.start:
                place = place + float(smoothstep((time - shift.start) / shift.seconds)) * (
                    np.array(shift.to) - place
                )
        return [float(x) for x in place]


class _Spread:
    """Mean and spread of what came lately."""

    def __init__(self, mean: float, spread: float, memory: float) -> None:
        """memory: how many values count."""
        self._mean, self._square, self._share = mean, spread**2, 1 / memory

    def score(self, value: float) -> float:
        """How far it stands out, in spreads; then it counts among the others."""
        off = value - self._mean
        score = off / max(math.sqrt(self._square), 1e-3)
        self._mean += self._share * off
        self._square += self._share * (off**2 - self._square)
        return score


class Gestures:
    """One speaker during one sound."""

    def __init__(self, emotion: str = "", seed: int = 0) -> None:
        """emotion: an emote's name, or none. seed: the same sound and seed are accompanied the same way."""
        self._temper = TEMPERS.get(emotion, Temper())
        self._chance = random.Random(seed)
        self._levels: list[float] = []
        """Of each frame: loudness 0..1, smoothed over 70 ms."""
        self._raw: list[float] = []
        self._pitches: list[float] = []
        self._swell: list[float] = []
        """Loudness of a fifth of a second, against that of seconds."""
        self._near = self._far = 0.0
        self._top = -30.0
        """dB of the loudest syllables."""
        self._loud, self._high = _Spread(0.8, 0.12, 12), _Spread(0.0, 0.2, 12)
        self._events: deque[_Event] = deque(maxlen=256)
        self._posture, self._look = _Places(4), _Places(2)
        """Yaw, pitch, roll, sway; across, up."""
        self._blinks: deque[float] = deque([-1.0], maxlen=16)
        self._began: float | None = None
        """When the phrase began; None in a pause."""
        self._ended = -1.0
        """When the last one did."""
        self._run = 0
        """Frames of voice, or of silence below 0, in a row."""
        self._beat = self._brow = self._shift = self._fixed = -1.0
        """When the last one was."""
        self._whole: float | None = None
        """Seconds of the sound, once it is known."""
        self._shown = 0.0

    def hear(self, frames: np.ndarray) -> None:
        """What comes next, (n, 2): loudness in dB, pitch in octaves, NaN where there is none; FRAMES a second."""
        for loudness, pitch in np.asarray(frames, float).tolist():
            self._top = max(self._top - 0.01, loudness)
            self._raw.append(min(max(1 + (loudness - self._top) / LOUD_RANGE, 0.0), 1.0))
            self._levels.append(sum(self._raw[-7:]) / len(self._raw[-7:]))
            self._pitches.append(pitch)
            self._near += (self._levels[-1] - self._near) / 14
            self._far += (self._levels[-1] - self._far) / 140
            self._swell.append(self._near - self._far)
            self._phrase()
            if len(self._levels) > 2 * ABOUT:
                self._syllable(len(self._levels) - 1 - ABOUT)

    def end(self, time: float | None = None) -> None:
        """Nothing more comes; or the speaker falls silent at `time`, whatever was to come."""
        self._whole = end = len(self._levels) / FRAMES if time is None else time
        self._end_phrase(end)
        self._events = deque(event for event in self._events if event.start < end)
        self._blinks = deque(start for start in self._blinks if start < end + 0.2)
        self._look.forget_after(end - 0.9)
        self._turn_eyes(end - 0.8 - 0.3 * self._chance.random(), 0.09, 0.0, 0.0)
        self._posture.forget_after(end)
        self._posture.go(max(end - 0.15, self._shown), 1.1, 0.0, 0.0, 0.0, 0.0)

    def at(self, time: float) -> Moves:
        """At this moment of the sound; beyond its end too, until all is at rest OVER later."""
        self._shown = max(self._shown, time)
        added: dict[str, float] = {}
        for event in list(self._events):  # more may come meanwhile
            if share := event.share(time):
                for name, value in event.controls.items():
                    added[name] = added.get(name, 0.0) + share * value
        alive = self.presence(time)
        yaw, pitch, roll, sway = self._posture.at(time)
        temper, slow = self._temper, self._slow(time)
        posed = {
            "headYaw": yaw + 0.016 * alive * _wander(time, 0.0),
            "headPitch": pitch + alive * (temper.pitch + 0.010 * _wander(time, 1.7)) - 0.06 * slow,
            "headRoll": roll + alive * (temper.roll + 0.012 * _wander(time, 3.1)),
            "sway": sway + 0.05 * alive * _wander(0.6 * time, 5.2),
            **both(mouthSmile=temper.smile * alive),
        }
        for name, value in posed.items():
            added[name] = added.get(name, 0.0) + value
        across, up = self._look.at(time)
        lids = max(blink_at(time - start) for start in list(self._blinks))
        # Lids go with the eyes, and up a little with the brows.
        lids = min(1.0, max(lids, temper.lids * alive) + 0.25 * max(-up, 0.0))
        return Moves(added, {**both(eyeBlink=lids), **gaze(across, up)})

    # Out of frames

    def _phrase(self) -> None:
        """Look whether one begins or ends with the newest frame."""
        time = len(self._levels) / FRAMES - LATE
        voice = self._levels[-1] > LEAST_LOUD
        self._run = (max(self._run, 0) + 1) if voice else (min(self._run, 0) - 1)
        if self._began is None and self._run >= SPOKEN * FRAMES:
            self._begin_phrase(time - SPOKEN)
        elif self._began is not None and self._run <= -PAUSE * FRAMES:
            self._end_phrase(time - PAUSE)
        elif time - self._blinks[-1] > 2.2 and self._chance.random() < 0.008:
            self._blink(time)

    def _begin_phrase(self, time: float) -> None:
        first, pause = self._ended < 0, time - self._ended
        self._began = self._shift = time
        draw, size = self._chance, self._temper.size
        aside = draw.random() < (0.7 if first else 0.45 if pause > 0.4 else 0.2)
        turn = 0.22 * self._look_aside(time) if aside else draw.gauss(0, 0.075)
        self._pose(time - 0.1, draw.uniform(0.5, 0.85), turn, draw.gauss(0.01, 0.022), draw.gauss(0, 0.05))
        if first or pause > 0.35:
            # The breath before, which then is spent: chest and head rise a little.
            self._add(time - 0.25, 0.7, {"headPitch": 0.03 * size}, _dip)
            self._add(time - 0.35, draw.uniform(1.8, 2.6), {"breath": 0.6}, _sigh)

    def _end_phrase(self, time: float) -> None:
        if self._began is None:
            return
        length, self._began, self._ended = time - self._began, None, time
        draw, size = self._chance, self._temper.size
        if draw.random() < 0.75:
            self._blink(time + draw.uniform(-0.08, 0.15))
        if length < 0.4:
            return
        if self._rises(time):  # a question
            tilt = draw.choice((-1, 1)) * draw.uniform(0.04, 0.07) * size
            self._add(time - 0.35, 1.3, {"headRoll": tilt, "headPitch": 0.04 * size}, _hold)
            self._raise_brows(time - 0.3, 0.4)
        elif draw.random() < 0.65:
            self._add(
                time - 0.22, draw.uniform(0.6, 0.9), {"headPitch": -draw.uniform(0.04, 0.075) * size}, _dip
            )
        if self._temper.smile and draw.random() < 0.5:
            self._add(time - 0.1, 1.4, both(mouthSmile=draw.uniform(0.1, 0.2)), _hold)

    def _syllable(self, i: int) -> None:
        """Look whether frame i is one's loudest, and what is done with it."""
        level = self._levels[i]
        around = self._levels[i - ABOUT : i + ABOUT + 1]
        if level < 0.5 or level < max(around) or level == self._levels[i - 1]:
            return
        heard = [p for p in self._pitches[i - 6 : i + 7] if not math.isnan(p)]
        stress = 0.6 * self._loud.score(level)
        if heard:
            stress += 0.7 * self._high.score(max(heard))
        draw, time, size = self._chance, i / FRAMES - LATE, self._temper.size
        if (
            time - self._beat > draw.uniform(0.3, 0.9) / self._temper.lively
            and stress + draw.gauss(0, 0.4) > 0.25
        ):
            self._beat = time
            self._beat_with(time, size * (0.55 + 0.3 * min(max(stress, 0.0), 2.0)))
        wanted = 0.9 + 0.5 * draw.random()
        if stress > wanted and time - self._brow > draw.uniform(0.9, 2.2):
            self._raise_brows(time, draw.uniform(0.25, 0.5))
        if time - self._shift > draw.uniform(1.6, 3.2):
            self._shift = time
            self._pose(
                time,
                draw.uniform(0.6, 1.0),
                draw.gauss(0, 0.07),
                draw.gauss(0.005, 0.022),
                draw.gauss(0, 0.045),
            )
        if time - self._fixed > draw.uniform(0.6, 1.6):
            if draw.random() < 0.16:
                self._look_aside(time)
            else:
                self._fixate(time + draw.uniform(0.0, 0.2))

    def _turn_eyes(self, start: float, seconds: float, across: float, up: float) -> None:
        self._look.go(max(start, self._shown), seconds, across, up)

    def _look_aside(self, time: float) -> float:
        """As who thinks of words does, for a moment; how far across."""
        draw = self._chance
        across = draw.choice((-1, 1)) * draw.uniform(0.25, 0.5)
        self._turn_eyes(time - 0.08, 0.08, across, draw.uniform(-0.25, 0.35))
        if draw.random() < 0.45:
            self._blink(time - 0.1)
        self._fixate(time + draw.uniform(0.5, 1.2))
        return across

    def _fixate(self, time: float) -> None:
        """Eyes are never quite still: from one of the listener's eyes to the other, or to the mouth."""
        self._fixed = time
        self._turn_eyes(time, 0.05, self._chance.gauss(0, 0.07), self._chance.gauss(-0.01, 0.05))

    def _beat_with(self, time: float, size: float) -> None:
        """A movement of the head whose height is at the syllable's."""
        draw = self._chance
        kind, seconds = draw.random(), draw.uniform(0.42, 0.7)
        start = time - 0.4 * seconds + draw.uniform(-0.03, 0.06)
        if kind < 0.6:
            self._add(start, seconds, {"headPitch": -0.11 * size, "headRoll": draw.gauss(0, 0.01)}, _dip)
            if draw.random() < 0.35:  # raised first
                self._add(start - 0.22, 0.4, {"headPitch": 0.03 * size}, _dip)
        elif kind < 0.82:
            tilt = draw.choice((-1, 1)) * 0.075 * size
            self._add(start, 1.25 * seconds, {"headRoll": tilt, "headPitch": -0.02 * size}, _dip)
        else:
            self._add(start, 1.2 * seconds, {"headYaw": draw.choice((-1, 1)) * 0.08 * size}, _dip)

    def _raise_brows(self, time: float, height: float) -> None:
        self._brow = time
        height *= self._temper.brows
        seconds = self._chance.uniform(0.5, 0.95)
        lift = {"browInnerUp": 0.8 * height, **both(browOuterUp=height, eyeWide=0.25 * height)}
        self._add(time - 0.15, seconds, lift, _hold)

    def _rises(self, time: float) -> bool:
        """The voice goes up at the end."""
        last = round((time + LATE) * FRAMES)
        heard = [p for p in self._pitches[max(0, last - 45) : last] if not math.isnan(p)]
        if len(heard) < 16:
            return False
        half = len(heard) // 2
        return float(np.median(heard[half:]) - np.median(heard[:half])) > 0.15

    # What is done

    def _add(
        self, start: float, seconds: float, controls: dict[str, float], shape: Callable[[float], float]
    ) -> None:
        """Something that comes and goes; what would have begun before what is shown begins now."""
        self._events.append(_Event(max(start, self._shown), seconds, controls, shape))

    def _pose(self, start: float, seconds: float, yaw: float, pitch: float, roll: float) -> None:
        size = self._temper.size
        sway = 1.2 * yaw + 0.6 * roll + self._chance.gauss(0, 0.04)
        self._posture.go(max(start, self._shown), seconds, size * yaw, size * pitch, size * roll, size * sway)

    def _blink(self, time: float) -> None:
        if time - self._blinks[-1] > 0.7:
            self._blinks.append(max(time, self._shown))

    def presence(self, time: float) -> float:
        """0..1: in from the beginning, out after the end."""
        return presence(time, self._whole)

    def _slow(self, time: float) -> float:
        """How much louder than on the whole it is about that time: heads go with the voice."""
        at = int((time + LATE) * FRAMES) + 8
        return (
            self._swell[min(at, len(self._swell) - 1)] * self.presence(time)
            if self._swell and at >= 0
            else 0.0
        )


def presence(time: float, whole: float | None) -> float:
    """0..1 at a time of a sound: in from the beginning, out after its end, `whole` seconds; None while that is not known."""
    out = 1.0 if whole is None else float(smoothstep((whole + OVER - time) / OVER))
    return float(smoothstep(time / 0.5)) * out


def _wander(time: float, phase: float) -> float:
    """In about [-1, 1], never the same way twice."""
    return 0.6 * math.sin(2.3 * time + phase) + 0.4 * math.sin(3.71 * time + 2 * phase + 1)
