"""Takes noise from a voice: a small recurrent network says, 100 times a second, how much of each band is speech. numpy alone."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from liveavatar.audio.ear import Ear
from liveavatar.audio.mel import SILENT, from_mel, mel
from liveavatar.base.files import asset
from liveavatar.base.npz import read_npz

RATE = 48_000
"""Samples a second."""
HOP, WINDOW = 480, 960
"""Samples from frame to frame, and that a frame looks at."""
BANDS = 34
TOP = 20_000.0
"""Hz, of the last band's centre."""
FEATURES = 2 * BANDS
FAINTEST = 10 ** (-30 / 20)
"""Share of a band that always passes: a room that is turned down, not cut out, sounds less broken."""
FALLS = 0.6
"""Share of its last gain below which a band does not fall in one frame: words' ends and echoes fade."""


@cache
def centres() -> np.ndarray:
    """(BANDS,) bins of the spectrum: evenly on the mel scale, at least two apart."""
    spaced = from_mel(np.linspace(mel(0.0), mel(TOP), BANDS)) * WINDOW / RATE
    at = np.round(spaced).astype(int)
    for k in range(1, BANDS):
        at[k] = max(at[k], at[k - 1] + 2)
    return at


@cache
def shares() -> np.ndarray:
    """(WINDOW // 2 + 1, BANDS) float32: how much of a bin belongs to a band; triangles, a bin's shares make 1."""
    bins = np.arange(WINDOW // 2 + 1)
    return np.stack([np.interp(bins, centres(), row) for row in np.eye(BANDS)], axis=1).astype(np.float32)


@cache
def window() -> np.ndarray:
    """(WINDOW,) float32, for the way into the spectrum and back: squares of windows a hop apart make 1."""
    return np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW).astype(np.float32)


def power(spectrum: np.ndarray) -> np.ndarray:
    """(..., BANDS) of a spectrum (..., WINDOW // 2 + 1), full scale about 1."""
    seen = np.square(np.abs(spectrum)) * (4 / WINDOW**2)
    return (seen @ shares() + SILENT).astype(np.float32)


@dataclass(frozen=True)
class Network:
    """A layer, two of gated recurrent units (Cho 2014, in torch's order: reset, update, new), and one for the gains."""

    arrays: dict[str, np.ndarray]

    @property
    def width(self) -> int:
        """Of the units' states."""
        return len(self.arrays["enter.bias"])

    def gains(self, features: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """(BANDS,) in 0..1 for (FEATURES,); and the two states (width,) for the next frame."""
        a = self.arrays
        x = np.tanh(features @ a["enter.weight"] + a["enter.bias"])
        after = []
        for k, state in enumerate(states):
            x = _unit(
                x, state, *(a[f"unit{k}.{part}"] for part in ("input", "input_bias", "state", "state_bias"))
            )
            after.append(x)
        out = np.concatenate(after) @ a["leave.weight"] + a["leave.bias"]
        return _sigmoid(out[:BANDS]), after


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def _unit(
    x: np.ndarray, state: np.ndarray, wx: np.ndarray, bx: np.ndarray, wh: np.ndarray, bh: np.ndarray
) -> np.ndarray:
    """The state of a gated recurrent unit after x."""
    width = len(state)
    given, kept = x @ wx + bx, state @ wh + bh
    gates = _sigmoid(given[: 2 * width] + kept[: 2 * width])
    reset, update = gates[:width], gates[width:]
    new = np.tanh(given[2 * width :] + reset * kept[2 * width :])
    mixed: np.ndarray = new + update * (state - new)
    return mixed


LAYERS = (
    "enter.weight", "enter.bias", "leave.weight", "leave.bias",
    *(f"unit{k}.{part}" for k in (0, 1) for part in ("input", "input_bias", "state", "state_bias")),
)  # fmt: skip


def load() -> Network:
    """The network that ships, taught by liveavatar.training.suppressor.teach."""
    with open(asset("suppressor.npz"), "rb") as file:
        arrays = read_npz(file, LAYERS, 4 << 20)
    return Network({name: array.astype(np.float32) for name, array in arrays.items()})


class Suppressor:
    """One voice, hop by hop. Its output is HOP samples late."""

    delay = HOP / RATE
    """Seconds."""

    def __init__(self, network: Network | None = None) -> None:
        """network: None for the one that ships."""
        self._network = network or load()
        self._ear = Ear()
        self._states = [np.zeros(self._network.width, np.float32) for _ in range(2)]
        self._before, self._overlap = np.zeros(HOP, np.float32), np.zeros(HOP, np.float32)
        self._gains = np.zeros(BANDS, np.float32)

    def process(self, block: np.ndarray) -> np.ndarray:
        """(HOP,) float32 for (HOP,) float32."""
        spectrum = np.fft.rfft(np.concatenate([self._before, block]) * window())
        self._before = block
        heard = self._ear.hear(power(spectrum))
        gains, self._states = self._network.gains(heard, self._states)
        self._gains = np.maximum(np.maximum(gains, FALLS * self._gains), FAINTEST)
        cleaned = np.fft.irfft(spectrum * (shares() @ self._gains), WINDOW).astype(np.float32) * window()
        out = self._overlap + cleaned[:HOP]
        self._overlap = cleaned[HOP:]
        return out
