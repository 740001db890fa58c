"""The generator that makes a voice of its source and filter, and the critics that tell its speech from people's."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveavatar.audio.excitation import BINS
from liveavatar.audio.features import BANDS, PERIODIC
from liveavatar.training.voice.causal import Causal

FEATURES = 2 + BANDS + PERIODIC
"""Numbers of a frame; see features.Features.joined."""
PARTS = 5
"""What is told of a bin: see compose()."""
_MOST = 2.5
"""Of the logarithms by which either source is made louder or softer."""


class VoiceNet(nn.Module):
    """Features and pulses of frames -> how pulses, noise and what is missing make speech."""

    def __init__(self, width: int = 224, expansion: int = 3) -> None:
        super().__init__()
        self.body = Causal(FEATURES + 2 * BINS, width, expansion, (1, 2, 4, 1, 2, 4))
        self.out = nn.Linear(width, PARTS * BINS)
        nn.init.normal_(self.out.weight, std=1e-3)
        nn.init.zeros_(self.out.bias)
        self.register_buffer("middle", torch.tensor([0.7, 0.5, *[-7.0] * BANDS, *[0.3] * PERIODIC]))
        self.register_buffer("size", torch.tensor([0.7, 0.5, *[3.0] * BANDS, *[0.3] * PERIODIC]))

    def forward(self, features: Tensor, pulses: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """features: (B, T, FEATURES), pulses: (B, T, 2 BINS) the excitation's real and imaginary parts, memory of body.start().
        Returns (B, T, PARTS * BINS), see compose(), and what to remember."""
        seen = (features - self.get_buffer("middle")) / self.get_buffer("size")
        found, memory = self.body(torch.cat([seen, pulses * 0.06], -1), memory)
        louder, turned, noise, real, imaginary = self.out(found).float().chunk(PARTS, -1)
        gain = torch.exp(_MOST * torch.tanh(louder / _MOST))
        parts = (
            gain * torch.cos(turned),
            gain * torch.sin(turned),
            torch.exp(_MOST * torch.tanh(noise / _MOST)),
            real,
            imaginary,
        )
        return torch.cat(parts, -1), memory


def compose(parts: Tensor, voiced: Tensor, noise: Tensor, gain: Tensor) -> Tensor:
    """(B, T, BINS) complex: parts (B, T, PARTS * BINS), the coloured sources (B, T, BINS) complex, gain (B, T, BINS) the root
    of the envelope. As audio.vocoder does it."""
    a, b, louder, real, imaginary = parts.chunk(PARTS, -1)
    return voiced * torch.complex(a, b) + noise * louder + gain * torch.complex(real, imaginary)


def sound_of(spectra: Tensor) -> Tensor:
    """(B, (T - 1) * HOP) of (B, T, BINS) complex: overlapped root-Hann frames, from the first one's middle on."""
    length = 2 * (BINS - 1)
    window = torch.from_numpy(np.sqrt(np.hanning(length + 1)[:-1])).float()
    frames = torch.fft.irfft(spectra, length) * window
    half = length // 2
    return (frames[:, :-1, half:] + frames[:, 1:, :half]).flatten(1)


class SpectrumCritic(nn.Module):
    """Looks at a complex spectrogram of one resolution (after Defossez et al. 2022)."""

    def __init__(self, fft: int, width: int = 16) -> None:
        super().__init__()
        self.fft = fft
        self.register_buffer("window", torch.hann_window(fft), persistent=False)
        shapes = [
            (2, width, 9, 3),
            (width, 2 * width, 5, 2),
            (2 * width, 2 * width, 5, 2),
            (2 * width, 2 * width, 5, 2),
        ]
        self.layers = nn.ModuleList(
            nn.utils.parametrizations.weight_norm(nn.Conv2d(a, b, (size, 3), (stride, 1), (size // 2, 1)))
            for a, b, size, stride in shapes
        )
        self.last = nn.Conv2d(2 * width, 1, (3, 3), padding=1)

    def forward(self, sound: Tensor) -> list[Tensor]:
        """sound: (B, n). Returns the layers' answers, the verdict last."""
        z = torch.stft(sound, self.fft, self.fft // 4, window=self.get_buffer("window"), return_complex=True)
        size = (z.real.square() + z.imag.square() + 1e-6).pow(-0.35)
        x = torch.stack([z.real * size, z.imag * size], 1)
        return _answers(self.layers, self.last, x)


class PeriodCritic(nn.Module):
    """Looks at each `period`-th sample (Kong et al. 2020)."""

    def __init__(self, period: int) -> None:
        super().__init__()
        self.period = period
        shapes = [(1, 16, 3), (16, 32, 3), (32, 48, 3), (48, 64, 3), (64, 64, 1)]
        self.layers = nn.ModuleList(
            nn.utils.parametrizations.weight_norm(nn.Conv2d(a, b, (5, 1), (stride, 1), (2, 0)))
            for a, b, stride in shapes
        )
        self.last = nn.Conv2d(64, 1, (3, 1), padding=(1, 0))

    def forward(self, sound: Tensor) -> list[Tensor]:
        """sound: (B, n). Returns the layers' answers, the verdict last."""
        count = sound.shape[1] // self.period * self.period
        return _answers(self.layers, self.last, 5 * sound[:, :count].reshape(len(sound), 1, -1, self.period))


def _answers(layers: nn.ModuleList, last: nn.Module, x: Tensor) -> list[Tensor]:
    found = []
    for layer in layers:
        x = F.leaky_relu(layer(x), 0.1)
        found.append(x)
    return [*found, last(x)]


def critics() -> nn.ModuleList:
    """All of them; a step draws one."""
    return nn.ModuleList([*map(SpectrumCritic, (256, 512, 1024)), *map(PeriodCritic, (2, 3, 5, 7))])
