"""Trains a generator of motion against critics that see windows of it, on one person's recordings.

Two critics, hinge losses (Lim and Ye 2017), spectrally normalised (Miyato et al. 2018): one sees motion, its speed and the speech
beside it, and is also shown real motion with other speech as false; one sees short windows of motion alone. So little is
recorded that critics learn it by heart: what they see is mirrored, stretched and sized at random, true and made alike, and the
generator is held to the person's statistics too: mean and spread of each channel, of its speed, and its spectrum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import interpolate, l1_loss, relu
from torch.nn.utils.parametrizations import spectral_norm

from liveavatar.retargeting.manner import (
    AHEAD,
    CHANNELS,
    EMOTIONS,
    FPS,
    GIVEN,
    HEARD,
    HIDDEN,
    NOISE_S,
    Manner,
)  # fmt: skip
from liveavatar.training import checkpoint, loop
from liveavatar.training.gestures import curves
from liveavatar.training.gestures.blinks import Blinks
from liveavatar.training.gestures.recording import Recording

BATCH = 32
RHYTHM = loop.Rhythm("gestures", log=25, samples=500, save=60.0)
FRAMES, WARM = 96, 32
"""Of a window that is judged, and before it."""
SIDED = tuple(CHANNELS.index(name) for name in ("headYaw", "headRoll", "gazeAcross"))
"""Channels that change sign in a mirror."""
STRETCH = 0.15
"""By which a window is quicker or slower."""
SIZES = 0.15
WEIGHTS = {
    "gate_in": "unit.weight_ih_l0", "gate_hidden": "unit.weight_hh_l0", "gate_in_bias": "unit.bias_ih_l0",
    "gate_hidden_bias": "unit.bias_hh_l0", "out": "out.weight", "out_bias": "out.bias",
}  # fmt: skip
"""Of manner.Manner -> as the generator calls them."""
EMOTION_S = 2.0
"""Seconds over which an emotion is read from a recording."""


class Generator(nn.Module):
    """Speech, emotion, noise -> motion in spreads; weights as manner.Manner keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = nn.GRU(GIVEN, HIDDEN, batch_first=True)
        self.out = nn.Linear(HIDDEN, len(CHANNELS))

    def forward(self, speech: torch.Tensor, emotion: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """(B, T, CHANNELS) of (B, T, HEARD), (B, T, EMOTIONS), (B, T, noises)."""
        made: torch.Tensor = self.out(self.unit(torch.cat([speech, emotion, noise], 2))[0])
        return made


class Critic(nn.Module):
    """Windows (B, channels, T) -> (B, places)."""

    def __init__(self, channels: int, strides: tuple[int, ...]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = channels
        for k, stride in enumerate(strides):
            layers += [spectral_norm(nn.Conv1d(width, 48 + 16 * k, 5, stride, 2)), nn.LeakyReLU(0.2)]
            width = 48 + 16 * k
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv1d(width, 1, 3, 1, 1)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """How true, place by place."""
        seen: torch.Tensor = self.layers(x)[:, 0]
        return seen


def noises(rng: torch.Generator, batch: int, frames: int) -> torch.Tensor:
    """(batch, frames, noises): first-order autoregressive, of variance 1."""
    keep = torch.exp(-1 / (FPS * torch.tensor(NOISE_S)))
    fresh = torch.randn(batch, frames, len(NOISE_S), generator=rng)
    out = [fresh[:, 0]]
    for k in range(1, frames):
        out.append(keep * out[-1] + torch.sqrt(1 - keep**2) * fresh[:, k])
    return torch.stack(out, 1)


def speeds(motion: torch.Tensor) -> torch.Tensor:
    """(B, T - 1, C), of about the size of the motion itself."""
    return 4 * motion.diff(dim=1)


def accelerations(motion: torch.Tensor) -> torch.Tensor:
    """(B, T - 2, C), of about the size of the motion itself."""
    return 8 * motion.diff(2, dim=1)


@dataclass(frozen=True)
class Material:
    """What is learned from, in spreads of the person."""

    pieces: list[torch.Tensor]
    """(T, CHANNELS + HEARD + EMOTIONS) of each recording."""
    mean: np.ndarray
    spread: np.ndarray


def material(recordings: list[Recording]) -> Material:
    """Of whole recordings."""
    motion = np.concatenate([r.motion for r in recordings])
    mean, spread = motion.mean(0), np.maximum(motion.std(0), 0.01)
    pieces = []
    for recording in recordings:
        moved = (recording.motion - mean) / spread
        # What is moved to is heard a moment before.
        whole = [moved[:-AHEAD], recording.speech[AHEAD:], emotions(moved)[:-AHEAD]]
        pieces.append(torch.from_numpy(np.concatenate(whole, 1).astype(np.float32)))
    return Material(pieces, mean, spread)


def emotions(motion: np.ndarray) -> np.ndarray:
    """(T, EMOTIONS) of motion (T, CHANNELS) in spreads: smiles and brows, smoothed over EMOTION_S."""
    names = CHANNELS.index("mouthSmile"), CHANNELS.index("browOuterUp"), CHANNELS.index("browDown")
    smile, up, down = (motion[:, k] for k in names)
    window = np.hanning(round(EMOTION_S * FPS) + 2)[1:-1]
    window /= window.sum()
    count = len(window) // 2
    smooth = [
        np.convolve(np.pad(x, (count, len(window) - 1 - count), "edge"), window, "valid")
        for x in (smile, 0.7 * (up - down))
    ]
    return np.stack(smooth, 1)[: len(motion)]


class Trainer:
    """Resumes by itself from `folder`."""

    def __init__(self, found: Material, judged: Recording, eyes: Blinks, folder: Path, seed: int = 1) -> None:
        """judged: what samples are drawn of. eyes: of the same recordings as found."""
        torch.manual_seed(seed)
        self._found, self._judged_by, self._eyes, self.folder = found, judged, eyes, folder
        self._seed, self._rng = seed, torch.Generator()
        self.generator = Generator()
        self.average = Generator()
        self.average.load_state_dict(self.generator.state_dict())
        joint = 2 * len(CHANNELS) + HEARD
        self.beside, self.alone = Critic(joint, (2, 2, 2, 2)), Critic(3 * len(CHANNELS), (1, 2, 2))
        critics = [*self.beside.parameters(), *self.alone.parameters()]
        self._makes = torch.optim.Adam(self.generator.parameters(), 5e-4, (0.5, 0.95))
        self._judges = torch.optim.Adam(critics, 1e-3, (0.5, 0.95))
        self.step = 0
        if self._file.is_file():
            self.step = checkpoint.load(self._file, self._modules, self._optimizers)

    @property
    def _file(self) -> Path:
        return self.folder / "checkpoint.safetensors"

    @property
    def _modules(self) -> dict[str, nn.Module]:
        return {
            "generator": self.generator, "average": self.average, "beside": self.beside, "alone": self.alone,
        }  # fmt: skip

    @property
    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"makes": self._makes, "judges": self._judges}

    def run(self, steps: int, tell: Callable[[int, int], None]) -> None:
        """Train to the last step; on Ctrl-C save and re-raise. Raises TrainingError."""
        loop.run(self, steps, self.folder, RHYTHM, tell, draw=curves.write_curve)

    def write_samples(self, path: Path) -> None:
        """Write a PNG of what it does by now."""
        curves.write_motion(path, self._judged_by, self.manner())

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self._file, self.step, self._modules, self._optimizers)

    def windows(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Motion, speech and emotion of a batch of windows (B, WARM + FRAMES, ...), each mirrored, stretched and sized."""
        taken, total = [], WARM + FRAMES
        lengths = torch.tensor([float(len(piece)) for piece in self._found.pieces])
        for _ in range(BATCH):
            piece = self._found.pieces[int(torch.multinomial(lengths, 1, generator=self._rng))]
            stretch = 1 + STRETCH * (2 * self._chance() - 1)
            span = min(round(total * stretch), len(piece))
            start = int(self._chance() * (len(piece) - span + 1))
            part = interpolate(
                piece[None, start : start + span].mT, total, mode="linear", align_corners=True
            )[0].mT
            part = part.clone()
            motion = part[:, : len(CHANNELS)]
            motion *= 1 + SIZES * (2 * self._chance() - 1)
            if self._chance() < 0.5:
                motion[:, list(SIDED)] *= -1
            taken.append(part)
        whole = torch.stack(taken)
        motion, speech, emotion = whole.split([len(CHANNELS), HEARD, EMOTIONS], 2)
        return motion, speech, emotion

    def _chance(self) -> float:
        return float(torch.rand((), generator=self._rng))

    def train_step(self) -> dict[str, float]:
        """One update of all, at random by its step: a training that was stopped goes on as if it had not been. Returns the
        losses."""
        self._rng.manual_seed((self._seed * 1_000_003 + self.step) % 2**63)
        motion, speech, emotion = self.windows()
        made = self.generator(speech, emotion, noises(self._rng, *speech.shape[:2]))[:, WARM:]
        true, said = motion[:, WARM:], speech[:, WARM:]
        critics = self._critics(true, made.detach(), said)
        self._judges.zero_grad()
        critics.backward()
        self._judges.step()
        other = self.generator(speech, emotion, noises(self._rng, *speech.shape[:2]))[:, WARM:]
        fooled = -torch.stack([c.mean() for c in self._judged(made, said)]).sum()
        alike = statistics_loss(made, true)
        same = relu(0.8 - (made - other).abs().mean((1, 2))).mean()
        loss = fooled + 2.0 * alike + same
        self._makes.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.generator.parameters(), 1.0)
        self._makes.step()
        with torch.no_grad():
            for kept, new in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                kept.lerp_(new, 0.01)
        self.step += 1
        losses = {"critics": critics, "fooled": fooled, "alike": alike, "same": same}
        return {name: float(value.detach()) for name, value in losses.items()}

    def _critics(self, true: torch.Tensor, made: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        losses = []
        for good, bad in zip(self._judged(true, said), self._judged(made, said), strict=True):
            losses.append(relu(1 - good).mean() + relu(1 + bad).mean())
        elsewhere = self._judged(true, said.roll(1, 0))[0]
        losses.append(0.5 * relu(1 + elsewhere).mean())
        return torch.stack(losses).sum()

    def _judged(self, motion: torch.Tensor, said: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen = torch.cat([motion[:, 2:], speeds(motion)[:, 1:]], 2)
        beside = self.beside(torch.cat([seen, said[:, 2:]], 2).mT)
        return beside, self.alone(torch.cat([seen, accelerations(motion)], 2).mT)

    def manner(self) -> Manner:
        """What was learned so far."""
        spread = self._found.spread
        motion = np.concatenate([p[:, : len(CHANNELS)].numpy() for p in self._found.pieces])
        low, high = np.quantile(motion, [0.005, 0.995], 0) * spread + self._found.mean
        numbers = {"mean": self._found.mean, "spread": spread, "low": low, "high": high,
                   "blink": self._eyes.shape, "blink_rate": self._eyes.rate, "blink_rest": self._eyes.rest}  # fmt: skip
        weights = self.average.state_dict()
        return Manner(
            {name: weights[key].numpy().copy() for name, key in WEIGHTS.items()}
            | {name: np.asarray(value, np.float32) for name, value in numbers.items()}
        )


def statistics_loss(made: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """How far batches (B, T, C) differ: mean, spread, skew and usual size of each channel, of its speed and acceleration, and
    its spectrum."""
    losses = []
    pairs = (made, true), (speeds(made), speeds(true)), (accelerations(made), accelerations(true))
    for a, b in ((a.flatten(0, 1), b.flatten(0, 1)) for a, b in pairs):
        spread_a, spread_b = a.std(0) + 0.05, b.std(0) + 0.05
        skew_a, skew_b = (
            ((x - x.mean(0)) / s).pow(3).mean(0).tanh() for x, s in ((a, spread_a), (b, spread_b))
        )
        losses += [
            l1_loss(a.mean(0) / spread_b, b.mean(0) / spread_b),
            l1_loss(spread_a.log(), spread_b.log()),
            0.3 * l1_loss(skew_a, skew_b),
            l1_loss((a.abs().mean(0) + 0.05).log(), (b.abs().mean(0) + 0.05).log()),
        ]
    window = torch.hann_window(made.shape[1])[:, None]
    powers = [
        (torch.fft.rfft((x - x.mean(1, keepdim=True)) * window, dim=1).abs() ** 2).mean(0)[1:] + 0.05
        for x in (made, true)
    ]
    losses.append(0.3 * l1_loss(powers[0].log(), powers[1].log()))
    return torch.stack(losses).sum()
