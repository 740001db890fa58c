"""How something is said, apart from what: loudness and pitch, frame by frame as the sound comes."""

import numpy as np

HOP_S = 0.01
"""Seconds from frame to frame."""
WINDOW_S = 0.04
"""Seconds that a frame looks at: nearly three periods of the lowest voice."""
LOWEST, HIGHEST = 70.0, 420.0
"""Hz of voices."""
SILENT_DB = -90.0
"""Loudness of no sound."""
VOICED = 0.5
"""Of the autocorrelation, from which on there is a pitch."""


class Prosody:
    """Blocks of any length in, frames out."""

    def __init__(self, rate: int) -> None:
        """rate: samples a second, 8000 or more."""
        self._rate, self._hop, window = rate, round(HOP_S * rate), round(WINDOW_S * rate)
        self._window = np.hanning(window + 2)[1:-1].astype(np.float32)
        self._length = 1 << (2 * window - 1).bit_length()
        own = np.fft.irfft(np.abs(np.fft.rfft(self._window, self._length)) ** 2)
        self._shortest, self._longest = round(rate / HIGHEST), round(rate / LOWEST)
        self._own = (own / own[0])[: self._longest + 2]
        """The window's own autocorrelation (Boersma 1993): divided out, a steady voice has 1 at its period."""
        # As if silence had come before: the first frame ends with the first hop, so frame i is about the time (i + 1) HOP_S.
        self._held = np.zeros(window - self._hop, np.float32)

    def hear(self, block: np.ndarray) -> np.ndarray:
        """(frames, 2) float32 of what this block (n,) float32 completes: loudness in dB, full scale 0; pitch in octaves above
        100 Hz, NaN where there is none. A frame is about the WINDOW_S before it ends."""
        held = np.concatenate([self._held, block])
        window = len(self._window)
        count = max(0, (len(held) - window) // self._hop + 1)
        self._held = held[count * self._hop :]
        if not count:
            return np.zeros((0, 2), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(held, window)[:: self._hop][:count] * self._window
        power = np.square(frames).sum(axis=1) / np.square(self._window).sum()
        loudness = 10 * np.log10(power + 10 ** (SILENT_DB / 10))
        spectrum = np.abs(np.fft.rfft(frames, self._length)) ** 2
        likeness = np.fft.irfft(spectrum)[:, : self._longest + 2] / self._own
        likeness /= np.maximum(likeness[:, :1], 1e-9)
        return np.stack([loudness, self._pitch(likeness, loudness)], axis=1).astype(np.float32)

    def _pitch(self, likeness: np.ndarray, loudness: np.ndarray) -> np.ndarray:
        """(frames,) octaves above 100 Hz of (frames, lags); a shorter period wins over its multiples."""
        lags = np.arange(self._shortest, self._longest + 1)
        seen = likeness[:, self._shortest : self._longest + 1] - 0.05 * np.log2(lags / self._shortest)
        best = seen.argmax(axis=1)
        pitch = np.log2(self._rate / lags[best] / 100)
        at_edge = (best == 0) | (best == len(lags) - 1)
        voiced = (seen[np.arange(len(seen)), best] > VOICED) & ~at_edge & (loudness > -60)
        return np.where(voiced, pitch, np.nan)
