"""How far speech is from speech: mel spectrograms at several resolutions, and what critics say."""

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from liveavatar.audio.features import RATE
from liveavatar.audio.mel import from_mel, mel

RESOLUTIONS = ((256, 32), (512, 64), (1024, 80), (2048, 100))
"""Length of the FFT, bands."""
COARSE = 1024, 20
"""The same, for speech without a truth."""
_FLOOR = 1e-4
"""Magnitude that counts as silence, where speech has an RMS of 0.1."""


@cache
def _bank(fft: int, bands: int) -> Tensor:
    """(bins, bands)"""
    hertz = np.fft.rfftfreq(fft, 1 / RATE)
    edges = from_mel(np.linspace(mel(0.0), mel(RATE / 2), bands + 2))
    rising = (hertz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(np.minimum(rising, falling), 0)
    weights[np.abs(hertz[:, None] - edges[1:-1]).argmin(0), np.arange(bands)] += 1e-3
    return torch.from_numpy(weights / weights.sum(0)).float()


def log_mel(sound: Tensor, fft: int, bands: int) -> Tensor:
    """(B, frames, bands) natural logarithm of magnitude. sound: (B, n)."""
    z = torch.stft(sound, fft, fft // 4, window=torch.hann_window(fft), return_complex=True)
    power = (z.real.square() + z.imag.square()) / (0.375 * fft)
    return 0.5 * (power.transpose(1, 2) @ _bank(fft, bands) + _FLOOR**2).log()


def mel_distance(one: Tensor, other: Tensor) -> Tensor:
    """Mean absolute difference over RESOLUTIONS."""
    return torch.stack([F.l1_loss(log_mel(one, *r), log_mel(other, *r)) for r in RESOLUTIONS]).mean()


def coarse_distance(one: Tensor, other: Tensor) -> Tensor:
    """The same in few bands, and over 50 ms: what has the same colour is alike."""
    a, b = (F.avg_pool1d(log_mel(s, *COARSE).transpose(1, 2), 5, 2) for s in (one, other))
    return F.l1_loss(a, b)


def feature_distance(real: list[Tensor], made: list[Tensor]) -> Tensor:
    """Between a critic's inner answers, each against its size."""
    return torch.stack(
        [
            (r.detach() - m).abs().mean() / (r.detach().abs().mean() + 1e-6)
            for r, m in zip(real[:-1], made[:-1], strict=True)
        ]
    ).mean()
