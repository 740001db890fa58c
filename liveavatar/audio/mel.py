"""Sound as power in mel bands, frame by frame as it comes."""

from functools import cache

import numpy as np

from liveavatar.language import tr

BANDS = 32
LOW, HIGH = 80.0, 7600.0
"""Hz: where the first band begins and the last one ends."""
WINDOW_S, HOP_S = 0.025, 0.010
"""Seconds that a frame looks at, and from frame to frame."""
SILENT = 1e-12
"""Power that is added to every band: what is not there has a logarithm too."""


def mel(hertz: np.ndarray | float) -> np.ndarray:
    """O'Shaughnessy's mel scale."""
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def from_mel(mels: np.ndarray) -> np.ndarray:
    """Hz of O'Shaughnessy's mel scale."""
    return 700 * (10 ** (mels / 2595) - 1)


def edges() -> np.ndarray:
    """(BANDS + 2,) Hz: where triangles begin, peak and end."""
    return from_mel(np.linspace(mel(LOW), mel(HIGH), BANDS + 2))


@cache
def _bank(rate: int) -> tuple[np.ndarray, np.ndarray, int]:
    """The window, and the (bins, BANDS) weights of the power spectrum, for sound of `rate` Hz; and the FFT's length."""
    window = np.hanning(round(WINDOW_S * rate) + 2)[1:-1]
    length = 1 << (2 * len(window) - 1).bit_length() - 1
    bins = np.fft.rfftfreq(length, 1 / rate)
    at = edges()
    rising = (bins[:, None] - at[:-2]) / (at[1:-1] - at[:-2])
    falling = (at[2:] - bins[:, None]) / (at[2:] - at[1:-1])
    weights = np.maximum(np.minimum(rising, falling), 0)
    scale = 2 / (length * np.square(window).sum())
    return window.astype(np.float32), (weights * scale).astype(np.float32), length


class MelStream:
    """Blocks of any length in, frames out, none lost and none twice."""

    def __init__(self, rate: int) -> None:
        """rate: samples a second, 8000 or more. Raises ValueError."""
        if rate < 8000:
            raise ValueError(
                tr(
                    f"sound of at least 8000 samples a second is needed, this one has {rate}",
                    f"声音的采样率至少应为 8000 Hz，实际为 {rate}",
                )
            )
        self._window, self._weights, self._length = _bank(rate)
        self._hop = round(HOP_S * rate)
        self._held = np.zeros(len(self._window) - self._hop, np.float32)

    def hear(self, block: np.ndarray) -> np.ndarray:
        """(frames, BANDS) float32: power, full scale 1, of the frames that this block (n,) float32 completes. What is no finite
        number is silence."""
        clean = np.nan_to_num(np.asarray(block, np.float32), nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1)
        held = np.concatenate([self._held, clean])
        count = max(0, (len(held) - len(self._window)) // self._hop + 1)
        self._held = held[count * self._hop :]
        if not count:
            return np.zeros((0, BANDS), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(held, len(self._window))[:: self._hop][:count]
        spectrum = np.fft.rfft(frames * self._window, self._length)
        return np.square(np.abs(spectrum)).astype(np.float32) @ self._weights + SILENT
