"""A voice that stays with the picture, on a made clock."""

import sys
from collections.abc import Callable

import numpy as np
import pytest

from liveavatar.audio.delay_line import QUICKER, DelayLine
from liveavatar.audio.suppressor import HOP, RATE

EARLY, LATE, MIDDLE = 0.015, 0.045, 0.015
"""Seconds: EBU R37, and where in it a voice is aimed."""
TONE = 440.0


class Room:
    """A microphone, a line and a card that plays, each with its own clock; time is made."""

    def __init__(
        self,
        rate: int = RATE,
        block: int = 480,
        drift: float = 0.0,
        speaks: Callable[[float], bool] = lambda time: True,
    ) -> None:
        self.line, self.rate, self.block, self.drift, self.speaks = (
            DelayLine(rate),
            rate,
            block,
            drift,
            speaks,
        )
        self.time, self.said, self.played = 0.0, 0, 0
        self.arrives, self.latency = 0.02, 0.03
        self.out = np.zeros(block, np.float32)
        self.heard: list[np.ndarray] = []
        self.random = np.random.default_rng(0)

    def run(
        self, seconds: float, each: Callable[["Room"], None] = lambda room: None, keep: bool = True
    ) -> None:
        end = self.time + seconds
        while self.time < end:
            hop_at = (self.said + HOP) / (RATE * (1 + self.drift)) + self.arrives
            block_at = self.played / self.rate
            self.time = min(hop_at, block_at)
            if hop_at <= block_at:
                t = (self.said + np.arange(HOP)) / RATE
                loud = self.speaks(self.time - self.arrives)
                samples = (0.5 * np.sin(2 * np.pi * TONE * t) * loud).astype(np.float32)
                self.said += HOP
                jitter = abs(self.random.normal(0, 0.002))
                self.line.add(samples, self.time - self.arrives + jitter, quiet=not loud)
            else:
                self.line.fill(self.out, self.time + self.latency + abs(self.random.normal(0, 0.001)))
                self.played += self.block
                if keep:
                    self.heard.append(self.out.copy())
                each(self)

    @property
    def sound(self) -> np.ndarray:
        return np.concatenate(self.heard)


def roughest(sound: np.ndarray, rate: int = RATE) -> float:
    """The greatest share of what is no tone of TONE Hz, in any 20 ms after the first 0.5 s: what a click leaves."""
    sound = sound[rate // 2 :].astype(np.float64)
    turn = 2 * np.cos(2 * np.pi * TONE / rate)
    left = sound[2:] - turn * sound[1:-1] + sound[:-2]
    return float(np.abs(left).max())


@pytest.mark.parametrize("drift", [0.0, 2e-4, -2e-4])
def test_the_voice_stays_with_a_picture_whose_age_moves(drift: float) -> None:
    room, apart = Room(drift=drift), list[float]()

    def age(time: float) -> float:
        """40 -> 120 -> 60 ms, as fast as speech may be stretched without anybody hearing it, nearly."""
        return float(np.interp(time, [10, 35, 45, 65], [0.04, 0.12, 0.12, 0.06]))

    def follow(room: Room) -> None:
        room.line.wanted = age(room.time) + MIDDLE
        if room.line.delay is not None and room.time > 3:
            apart.append(room.line.delay - age(room.time))

    room.run(80, follow)
    assert room.line.late == 0
    assert min(apart) > -EARLY and max(apart) < LATE
    assert np.percentile(np.abs(np.array(apart) - MIDDLE), 50) < 0.012
    # A sine of 440 Hz and amplitude .5 that is stretched by .45 % leaves .5 * 2 * w * w * .0045 = 1.5e-5; a step, its height.
    assert roughest(room.sound[RATE:]) < 3e-4


def test_an_age_that_jumps_is_caught_up_with_in_the_next_pause_and_without_a_click() -> None:
    room = Room(speaks=lambda time: time % 3 < 2.2)
    room.line.wanted = 0.07
    room.run(6.5)
    room.line.wanted = 0.15
    room.run(1.0)
    assert room.line.delay is not None and room.line.delay < 0.076, "within a word only glides"
    room.run(1.5)
    assert room.line.delay == pytest.approx(0.15, abs=0.005)
    room.line.wanted = 0.07
    room.run(3.0)
    assert room.line.delay == pytest.approx(0.07, abs=0.005) and room.line.late == 0


def test_lips_that_lag_far_are_caught_up_with_amid_speech_and_sooner_at_first() -> None:
    room = Room()
    room.line.wanted = 0.2
    room.run(1)
    room.line.wanted = 0.12
    room.run(0.1)
    assert room.line.delay == pytest.approx(0.12, abs=0.01), "at first 80 ms are far"
    room.run(3)
    room.line.wanted = 0.22
    room.run(1)
    assert room.line.delay is not None and room.line.delay < 0.14, "later 100 ms are made up little by little"
    room.line.wanted = 0.4
    room.run(0.1)
    assert room.line.delay == pytest.approx(0.4, abs=0.01)


def test_who_is_muted_is_as_late_at_once() -> None:
    room = Room()
    room.line.muted = True
    room.run(3)
    room.line.wanted = 0.1
    room.run(0.1)
    assert room.line.delay == pytest.approx(0.1, abs=0.01)


def test_a_late_block_fades_is_counted_and_leaves_the_delay_as_it_was() -> None:
    room = Room()
    room.line.wanted = 0.09
    room.run(5)
    before = room.line.delay
    room.arrives += 0.2  # the program stops for 200 ms
    room.run(0.2)
    room.arrives -= 0.2
    room.run(1.0)
    assert room.line.late == 1 and before is not None
    assert room.line.delay == pytest.approx(before, abs=0.012)
    steps = np.abs(np.diff(room.sound[3 * RATE :]))
    assert steps.max() < 0.06, "no step beyond what the tone and its fades have"
    assert np.abs(room.sound[-RATE // 2 :]).max() > 0.45, "and it is heard again"


def test_what_is_asked_for_sooner_than_it_can_be_had_comes_as_soon_as_it_can() -> None:
    room = Room()
    room.arrives, room.line.wanted = 0.06, 0.02
    room.run(10)
    assert room.line.late == 0 and room.line.delay is not None
    assert 0.1 < room.line.delay < 0.125, "20 ms of blocks, 60 to arrive, 30 to be heard"


def test_a_microphone_that_is_away_and_back_is_silence_and_then_the_voice() -> None:
    room = Room()
    room.run(3)
    room.arrives += 5.0
    room.run(5.0)
    room.said += round(5.0 * RATE) // HOP * HOP
    room.arrives -= 5.0
    room.run(2.0)
    assert np.abs(room.sound[-RATE // 2 :]).max() > 0.45 and room.line.late <= 2
    assert room.line.delay == pytest.approx(room.line.target, abs=0.02)


@pytest.mark.parametrize("rate", [16000, 44100, 96000])
def test_another_rate_is_the_same_sound(rate: int) -> None:
    room = Room(rate, block=rate // 100)
    room.run(3)
    sound = room.sound[2 * rate :]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.fft.rfftfreq(len(sound), 1 / rate)[spectrum.argmax()] == pytest.approx(TONE, rel=2 * QUICKER)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.01)


def test_muting_fades() -> None:
    room = Room()
    room.run(3)
    room.line.muted = True
    room.run(0.5)
    assert not room.sound[-RATE // 4 :].any()
    assert np.abs(np.diff(room.sound[2 * RATE :])).max() < 0.06
    room.line.muted = False
    room.run(0.5)
    assert np.abs(room.sound[-RATE // 4 :]).max() > 0.45


@pytest.mark.parametrize("seconds", [120, pytest.param(1800, marks=pytest.mark.slow)])
def test_half_an_hour_takes_no_more_memory_than_a_minute(seconds: float) -> None:
    room = Room(block=4800, drift=1e-4)
    room.run(60, keep=False)
    before = sys.getallocatedblocks()
    room.run(seconds, keep=False)
    assert sys.getallocatedblocks() - before < 200
    assert room.line.late == 0 and room.line.delay == pytest.approx(room.line.target, abs=0.01)


def test_what_was_needed_while_all_began_is_forgotten() -> None:
    room = Room(speaks=lambda time: time % 3 < 2.2)
    room.line.wanted = 0.02
    room.arrives = 0.25
    room.run(1)
    room.arrives = 0.02
    room.run(25)
    assert room.line.late == 0 and room.line.delay is not None and room.line.delay < 0.09
