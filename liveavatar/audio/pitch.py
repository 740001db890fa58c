"""Pitch and how voiced a voice is, frame by frame as it comes, by a small causal network. A hop takes some 0.1 ms.

The network sees two autocorrelations of 40 ms at the periods of 160 pitches, and loudness in 40 bands; it looks back a third
of a second, and 20 ms ahead. Pitch is always told, of unvoiced sounds as it was or will be: nothing switches hard. Taught by
liveavatar.training.voice.pitch.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from liveavatar.audio.mel import from_mel, mel
from liveavatar.language import tr

GRAPH = "pitch.onnx"
"""The network, among liveavatar's assets."""
HOP_S, WINDOW_S = 0.01, 0.04
"""Seconds from frame to frame, and that a frame looks at: 20 ms before its time and as many after."""
LOWEST, PITCHES, PER_OCTAVE = 50.0, 160, 40
"""Hz; how many pitches are told apart."""
BANDS, TOP = 40, 7600.0
"""Bands of loudness, and where the last ends, Hz."""
SEEN = 2 * PITCHES + BANDS
"""Numbers that the network sees of a frame."""
_PER_HZ = 0.08
"""Bins of the spectrum a Hz: twice as many as the window has."""
_HEARD = 4000.0
"""Hz, up to which the autocorrelations go."""
_NEAR = 3
"""Pitches beside the likeliest that are weighed with it."""


class Heard(NamedTuple):
    """Of some frames."""

    pitch: np.ndarray
    """(frames,) float32, Hz."""
    voiced: np.ndarray
    """(frames,) float32, how likely it is that vocal folds swing, 0 to 1."""


class _Tables(NamedTuple):
    window: np.ndarray
    """(n,)"""
    length: int
    """Of the FFT."""
    waves: np.ndarray
    """(bins, PITCHES): cosines at each pitch's period."""
    own: np.ndarray
    """(PITCHES,): the window's own autocorrelation there."""
    bank: np.ndarray
    """(bins, BANDS)"""


def pitches() -> np.ndarray:
    """(PITCHES,) Hz."""
    return LOWEST * 2 ** (np.arange(PITCHES) / PER_OCTAVE)


@cache
def _tables(rate: int) -> _Tables:
    count = round(WINDOW_S * rate)
    window = np.hanning(count + 1)[:-1]
    length, periods = round(rate * _PER_HZ), 1 / pitches()
    hertz = np.arange(round(_HEARD * _PER_HZ)) / _PER_HZ
    waves = np.cos(2 * np.pi * hertz[:, None] * periods)
    power = np.abs(np.fft.rfft(window, 4 * length)) ** 2
    own = np.fft.irfft(power)
    own = np.interp(periods * rate, np.arange(2 * length), own[: 2 * length] / own[0])
    all_hertz = np.arange(round(8000 * _PER_HZ) + 1) / _PER_HZ
    edges = from_mel(np.linspace(mel(40.0), mel(TOP), BANDS + 2))
    rising = (all_hertz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - all_hertz[:, None]) / (edges[2:] - edges[1:-1])
    bank = np.maximum(np.minimum(rising, falling), 0) * 2 / (length * np.square(window).sum())
    waves[0] *= 0  # no bias of a sound card
    return _Tables(
        window.astype(np.float32),
        length,
        waves.astype(np.float32),
        own.astype(np.float32),
        bank.astype(np.float32),
    )


def seen(frames: np.ndarray, rate: int) -> np.ndarray:
    """(frames, SEEN) float32: what the network sees of (frames, n) samples, WINDOW_S each."""
    tables = _tables(rate)
    spectrum = np.fft.rfft(frames * tables.window, tables.length)[:, : len(tables.bank)]
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    low = power[:, : len(tables.waves)]
    even = np.cbrt(low)
    likeness = low @ tables.waves / (low[:, 1:].sum(1, keepdims=True) + 1e-7) / tables.own
    flatter = even @ tables.waves / (even[:, 1:].sum(1, keepdims=True) + 1e-3)
    level = np.log10(power @ tables.bank + 1e-10)
    return np.concatenate([likeness, 3 * flatter, level / 2 + 3], 1).astype(np.float32)


def told(scores: np.ndarray) -> Heard:
    """What the network's answer (frames, PITCHES + 1) means: the likeliest pitch with its neighbours, and voicing."""
    places = scores[:, :PITCHES].argmax(1)[:, None] + np.arange(-_NEAR, _NEAR + 1)
    inside = (places >= 0) & (places < PITCHES)
    near = np.take_along_axis(scores, places.clip(0, PITCHES - 1), 1)
    shares = np.exp(near - near.max(1, keepdims=True)) * inside
    place = (shares * places).sum(1) / shares.sum(1)
    voiced = 1 / (1 + np.exp(-scores[:, PITCHES].clip(-30, 30)))
    return Heard((LOWEST * 2 ** (place / PER_OCTAVE)).astype(np.float32), voiced.astype(np.float32))


class PitchStream:
    """Blocks of any length in, frames out: of the one that ends with sample n, the time is WINDOW_S / 2 before it."""

    def __init__(self, rate: int, network: Any) -> None:
        """rate: samples a second, a multiple of 1000, 16000 or more. network: an ONNX Runtime session of GRAPH. Raises
        ValueError."""
        if rate < 16000 or rate % 1000:
            raise ValueError(
                tr(
                    f"sound of 16000, 24000, 32000 or 48000 samples a second is needed, this one has {rate}",
                    f"声音的采样率应为 16000、24000、32000 或 48000 Hz，实际为 {rate}",
                )
            )
        self._rate, self._hop = rate, round(HOP_S * rate)
        self._session = network
        self._memory = np.zeros(self._session.get_inputs()[1].shape, np.float32)
        self._held = np.zeros(round(WINDOW_S * rate) - self._hop, np.float32)

    def hear(self, block: np.ndarray) -> Heard:
        """What this block (n,) float32 completes. What is no finite number is silence."""
        clean = np.nan_to_num(np.asarray(block, np.float32), nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1)
        held, window = np.concatenate([self._held, clean]), round(WINDOW_S * self._rate)
        count = max(0, (len(held) - window) // self._hop + 1)
        self._held = held[count * self._hop :]
        if not count:
            return Heard(np.zeros(0, np.float32), np.zeros(0, np.float32))
        return self.of(np.lib.stride_tricks.sliding_window_view(held, window)[:: self._hop][:count])

    def of(self, frames: np.ndarray) -> Heard:
        """The same of frames (frames, n) of WINDOW_S each that follow one another, one or more."""
        scores, self._memory = self._session.run(
            None, {"seen": seen(frames, self._rate)[None], "memory": self._memory}
        )
        return told(scores[0])
