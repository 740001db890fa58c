"""The network that hears vowels: a few frames in, shares of what a mouth does out. numpy alone; some 30 microseconds a frame."""

from dataclasses import dataclass

import numpy as np

from liveavatar.audio.ear import FEATURES
from liveavatar.base.files import asset
from liveavatar.base.npz import read_npz
from liveavatar.controls import VOWELS

CLASSES: tuple[str, ...] = (*VOWELS, "sibilant", "closed", "silence")
"""closed: a voice behind shut lips or teeth, or a stop's pause."""
AGO: tuple[int, ...] = (0, 1, 2, 3, 5, 7, 10)
"""The frames that are looked at, counted back from the newest."""
AHEAD = 2
"""The frame that is meant, counted back from the newest: what follows a sound tells much of it."""


@dataclass(frozen=True)
class Network:
    """Layers as (weights (in, out), bias (out,)); between them leaky rectifiers."""

    layers: tuple[tuple[np.ndarray, np.ndarray], ...]

    def hidden(self, frames: np.ndarray) -> np.ndarray:
        """(..., hidden) of frames (..., len(AGO) * FEATURES), newest first."""
        for weights, bias in self.layers[:-1]:
            frames = frames @ weights + bias
            frames = np.maximum(frames, 0.1 * frames)
        return frames

    def scores(self, frames: np.ndarray) -> np.ndarray:
        """(..., len(CLASSES)): logarithms of shares, but for a constant."""
        weights, bias = self.layers[-1]
        return self.hidden(frames) @ weights + bias


def shares(scores: np.ndarray) -> np.ndarray:
    """Softmax along the last axis."""
    raised = np.exp(scores - scores.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


def load() -> Network:
    """The network that ships, taught by liveavatar.training.lips."""
    names = [f"{kind}{k}" for k in range(3) for kind in ("weights", "bias")]
    with open(asset("lips.npz"), "rb") as file:
        arrays = read_npz(file, names, 1 << 20)
    return Network(
        tuple(
            (arrays[f"weights{k}"].astype(np.float32), arrays[f"bias{k}"].astype(np.float32))
            for k in range(3)
        )
    )


INPUTS = len(AGO) * FEATURES
