"""A voice as numbers, frame by frame as it comes: pitch, how voiced, envelope, and how periodic it is in four bands.

The numbers of speech without its speaker's: pitch and envelope can be moved before a voice is made of them again. The envelope
is CheapTrick's (Morise 2015): a window of three periods, power smoothed over two thirds of the pitch, and liftered, so that no
harmonics are left in it. Nothing switches between voiced and unvoiced: both sources sound, in shares.
"""

from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from liveavatar.audio.mel import mel
from liveavatar.audio.pitch import HOP_S, WINDOW_S, PitchStream

RATE = 24_000
"""Samples a second; everything here is at this rate."""
HOP, WINDOW = round(HOP_S * RATE), round(WINDOW_S * RATE)
LOOKAHEAD_S = WINDOW_S / 2
"""Seconds of sound beyond its time that a frame needs."""
BANDS = 80
"""Of the envelope."""
EDGES = 0.0, 1000.0, 2500.0, 5000.0, 12_000.0
"""Hz, between the bands of periodicity."""
PERIODIC = len(EDGES) - 1
FLOOR = 1e-9
"""Power that is added to every bin: silence has a logarithm too."""
_FFT = 1024
_OFFSETS = np.linspace(-0.02, 0.02, 9)
"""Shares of the period, by which the pitch is put right."""
_LIFTER = -0.15
"""CheapTrick's q1."""


class Features(NamedTuple):
    """Of some frames, HOP_S from one to the next; all float32."""

    pitch: np.ndarray
    """(frames,) Hz, also where nothing is voiced."""
    voiced: np.ndarray
    """(frames,) 0 to 1."""
    envelope: np.ndarray
    """(frames, BANDS) natural logarithm of the power density, noise of variance 1 has 0."""
    periodic: np.ndarray
    """(frames, PERIODIC) share of the power that repeats with the pitch, 0 to 1."""

    def joined(self) -> np.ndarray:
        """(frames, 1 + 1 + BANDS + PERIODIC): octaves above 100 Hz, then the others."""
        columns = np.log2(self.pitch / 100)[:, None], self.voiced[:, None], self.envelope, self.periodic
        return np.concatenate(columns, 1).astype(np.float32)


def parted(numbers: np.ndarray) -> Features:
    """What Features.joined() joined."""
    return Features(
        (100 * 2 ** numbers[:, 0]).astype(np.float32),
        numbers[:, 1],
        numbers[:, 2 : 2 + BANDS],
        numbers[:, 2 + BANDS :],
    )


def centres() -> np.ndarray:
    """(BANDS,) mel."""
    return np.linspace(mel(30.0), mel(11_700.0), BANDS)


@cache
def _bank() -> np.ndarray:
    """(bins, BANDS): means of a spectrum of _FFT about each centre."""
    at, step = mel(np.fft.rfftfreq(_FFT, 1 / RATE)), centres()[1] - centres()[0]
    weights = np.maximum(1 - np.abs(at[:, None] - centres()) / step, 0)
    near = np.abs(at[:, None] - centres()).argmin(0)
    weights[near, np.arange(BANDS)] += 1e-3
    return (weights / weights.sum(0)).astype(np.float32)


@cache
def spread(bins: int) -> np.ndarray:
    """(BANDS, bins) float32: an envelope's logarithm at that many frequencies from 0 to RATE / 2."""
    at = mel(np.linspace(0, RATE / 2, bins))
    columns = [np.interp(at, centres(), row) for row in np.eye(BANDS)]
    return np.array(columns, np.float32)


@cache
def widened(bins: int) -> np.ndarray:
    """(PERIODIC, bins) float32: the same of what is known in four bands."""
    middles = (np.array(EDGES[1:]) + EDGES[:-1]) / 2
    columns = [np.interp(np.linspace(0, RATE / 2, bins), middles, row) for row in np.eye(PERIODIC)]
    return np.array(columns, np.float32)


def envelope(frames: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """(T, BANDS) float32 of frames (T, WINDOW) with this pitch (T,) Hz; see Features."""
    at = np.arange(WINDOW) - WINDOW / 2
    half = np.minimum(1.5 / pitch, WINDOW_S / 2)[:, None] * RATE
    window = np.where(np.abs(at) < half, 0.5 + 0.5 * np.cos(np.pi * at / half), 0)
    window /= np.sqrt(np.square(window).sum(1, keepdims=True))
    taken = frames * window
    taken -= window * (taken.sum(1) / window.sum(1))[:, None]
    power = np.abs(np.fft.rfft(taken, _FFT)) ** 2
    smooth = np.log(_averaged(power, pitch * _FFT / RATE / 3) + FLOOR)
    quefrency = pitch[:, None] * np.arange(_FFT // 2 + 1) / RATE
    lifter = np.sinc(quefrency) * (1 - 2 * _LIFTER + 2 * _LIFTER * np.cos(2 * np.pi * quefrency))
    cepstrum = np.fft.irfft(smooth)[:, : _FFT // 2 + 1] * lifter
    cepstrum[:, 1:-1] *= 2
    even = np.fft.rfft(np.pad(cepstrum, ((0, 0), (0, _FFT // 2 - 1)))).real
    found: np.ndarray = (even @ _bank()).astype(np.float32)
    return found


def _averaged(power: np.ndarray, half: np.ndarray) -> np.ndarray:
    """(T, bins), each the mean of what is less than `half` (T,) bins away; mirrored at both ends."""
    bins, room = power.shape[1], int(np.ceil(half.max())) + 2
    mirrored = np.concatenate([power[:, room:0:-1], power, power[:, -2 : -room - 2 : -1]], 1)
    sums = np.concatenate([np.zeros((len(power), 1)), np.cumsum(mirrored, 1)], 1)
    middle = np.arange(bins) + room + 0.5

    def until(place: np.ndarray) -> np.ndarray:
        whole = place.astype(int)
        before = np.take_along_axis(sums, whole, 1)
        return before + (place - whole) * (np.take_along_axis(sums, whole + 1, 1) - before)

    half = half[:, None]
    return np.maximum(until(middle + half) - until(middle - half), 0) / (2 * half)


@cache
def _own() -> np.ndarray:
    """(WINDOW,): the autocorrelation of the window of periodicity, 1 at 0."""
    window = np.hanning(WINDOW + 1)[:-1]
    found: np.ndarray = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * WINDOW)) ** 2)[:WINDOW]
    return found / found[0]


def periodicity(frames: np.ndarray, pitch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of frames (T, WINDOW) with this pitch (T,) Hz: the pitch put right by up to 2 %, and (T, PERIODIC) shares.

    Of each band the autocorrelation at the period, which is the share of harmonics in its power (Boersma 1993)."""
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window)).astype(np.float32) ** 2
    hertz = np.arange(power.shape[1], dtype=np.float32) / WINDOW_S
    periods = (1 + _OFFSETS.astype(np.float32)) / pitch.astype(np.float32)[:, None]
    waves = np.cos(2 * np.pi * periods[..., None] * hertz)
    edges = [round(edge * WINDOW_S) for edge in EDGES]
    likeness = (
        np.stack(
            [
                np.einsum("tf,tof->to", power[:, a:b], waves[..., a:b])
                / (power[:, a:b].sum(1)[:, None] + 1e-9)
                for a, b in pairwise(edges)
            ],
            1,
        )
        / np.interp(periods * RATE, np.arange(WINDOW), _own())[:, None]
    )
    low = edges[2]
    even = np.sqrt(power[:, 1:low])
    best = (np.einsum("tf,tof->to", even, waves[..., 1:low]) / (even.sum(1)[:, None] + 1e-9)).astype(float)
    peak = best.argmax(1).clip(1, len(_OFFSETS) - 2)
    left, middle, right = (np.take_along_axis(best, (peak + k)[:, None], 1)[:, 0] for k in (-1, 0, 1))
    bend = 2 * middle - left - right
    shift = np.where(bend > 1e-6, (right - left) / (2 * np.maximum(bend, 1e-6)), 0).clip(-1, 1)
    offset = _OFFSETS[peak] + shift * (_OFFSETS[1] - _OFFSETS[0])
    return (pitch / (1 + offset)).astype(np.float32), likeness.max(2).clip(0, 1).astype(np.float32)


class FeatureStream:
    """Blocks of any length at RATE in, frames out; frame i is about sample (i - 1) * HOP."""

    def __init__(self, network: Any) -> None:
        """network: see PitchStream."""
        self._pitch = PitchStream(RATE, network)
        self._held = np.zeros(WINDOW - HOP, np.float32)

    def hear(self, block: np.ndarray) -> Features | None:
        """What this block (n,) float32 completes; None where that is no frame. What is no finite number is silence."""
        clean = np.nan_to_num(np.asarray(block, np.float32), nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1)
        held = np.concatenate([self._held, clean])
        count = max(0, (len(held) - WINDOW) // HOP + 1)
        self._held = held[count * HOP :]
        if not count:
            return None
        frames = np.lib.stride_tricks.sliding_window_view(held, WINDOW)[::HOP][:count]
        rough, voiced = self._pitch.of(frames)
        pitch, periodic = periodicity(frames, rough)
        pitch = rough * (pitch / rough) ** voiced
        return Features(pitch, voiced, envelope(frames, pitch), periodic * voiced[:, None])
