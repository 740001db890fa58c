"""The loop of a voice's generator against its critics. Resumable at any moment; the moving average is what ships."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from liveavatar.audio.excitation import Excitation
from liveavatar.audio.features import HOP, Features
from liveavatar.audio.sliders import Mover, Sliders
from liveavatar.training import checkpoint, loop
from liveavatar.training.dataset import cache_folder
from liveavatar.training.precision import bfloat16_is_quick
from liveavatar.training.voice import losses as far
from liveavatar.training.voice import sheets
from liveavatar.training.voice.corpus import Corpus
from liveavatar.training.voice.networks import VoiceNet, compose, critics, sound_of
from liveavatar.training.voice.sources import Sources, sources, stacked

RHYTHM = loop.Rhythm("voice", log=50, samples=1000, save=180.0)
CROP, WARM = 56, 8
"""Frames of a crop, and how many of them only warm the network up."""
CONVERTED = 0.5
"""Of a batch as many more: voices moved to where no truth is."""
ALONE = 5000
"""Steps before the critics are heard."""
RATE, HALF_LIFE, EMA = 4e-4, 25_000, 0.999
MEL, COARSE, FEATURE = 15.0, 5.0, 2.0
"""Weights beside the critics' word."""
GAIN = 1.15
"""Deviation of the loudness that the network hears, natural logarithm."""


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    data: Path
    steps: int = 7_000
    batch: int = 4
    seed: int = 1
    run: Path | None = None

    def folder(self) -> Path:
        """Where checkpoints, logs and samples go."""
        return self.run or cache_folder() / "runs" / "voice"


class Trainer:
    """The networks and what they learn from; see loop.Training."""

    def __init__(self, options: Options, corpus: Corpus) -> None:
        self.options, self.corpus, self.folder = options, corpus, options.folder()
        self.step = 0
        torch.manual_seed(options.seed)
        self.net, self.average = VoiceNet(), VoiceNet().eval()
        self.average.load_state_dict(self.net.state_dict())
        self.critics = critics()
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            name: torch.optim.AdamW(module.parameters(), RATE, betas=(0.8, 0.99), weight_decay=1e-3)
            for name, module in (("adam", self.net), ("critic_adam", self.critics))
        }
        self.path = self.folder / "checkpoint.safetensors"
        if self.path.is_file():
            self.step = checkpoint.load(self.path, self._modules(), self.optimizers)

    def run(self, tell: Callable[[int, int], None]) -> None:
        """Train to the last step; on Ctrl-C save and re-raise. Raises TrainingError."""
        loop.run(
            self, self.options.steps, self.folder, RHYTHM, tell, lambda sampled: self.quality() if sampled else {},
            sheets.write_curve,
        )  # fmt: skip

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self.path, self.step, self._modules(), self.optimizers)

    def write_samples(self, path: Path) -> None:
        """Write a PNG of spectrograms of what it does by now, and the sounds beside it."""
        sheets.write(self.average, self.corpus, path)

    def quality(self) -> dict[str, float]:
        """Of utterances left out: how far copies are, dB of mel bands, from people's; without the network, and with it."""
        return sheets.distances(self.average, self.corpus)

    def train_step(self) -> dict[str, float]:
        """One update of both sides; everything random follows from (seed, step). Returns the losses."""
        rng = np.random.default_rng((self.options.seed, self.step))
        for optimizer in self.optimizers.values():
            warm = min((self.step + 1) / 200, 1.0)
            optimizer.param_groups[0]["lr"] = RATE * warm * 0.5 ** (self.step / HALF_LIFE)
        copies = self.options.batch
        given, real = self._batch(rng)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_quick()):
            parts, _ = self.net(given.features, given.pulses, self.net.body.start(len(real)))
        made = _kept(compose(parts, given.voiced, given.noise, given.gain))
        found = {"mel": far.mel_distance(made[:copies], real[:copies])}
        total = MEL * found["mel"]
        if len(real) > copies:
            plain = _kept((given.voiced + given.noise)[copies:])
            found["coarse"] = far.coarse_distance(made[copies:], plain)
            total = total + COARSE * found["coarse"]
        if self.step >= ALONE:
            more = self._against(int(rng.integers(len(self.critics))), made, real, copies)
            total = total + more["adversarial"] + FEATURE * more["feature"]
            found.update(more)
        self._update("adam", self.net, total)
        keep = min(EMA, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.net.parameters(), strict=True):
                mean.lerp_(value, 1 - keep)
        self.step += 1
        return {name: value.item() for name, value in found.items()} | {"loss": total.item()}

    def _against(self, which: int, made: Tensor, real: Tensor, copies: int) -> dict[str, Tensor]:
        """One critic learns, then says what is wrong (least squares, Mao et al. 2017)."""
        critic = self.critics[which]
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_quick()):
            truth, lie = critic(real)[-1].float(), critic(made.detach())[-1].float()
            wrong = (truth - 1).square().mean() + lie.square().mean()
        self._update("critic_adam", critic, wrong)
        critic.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_quick()):
            with torch.no_grad():
                answers = critic(real[:copies])
            judged = critic(made)
        critic.requires_grad_(True)
        own = [answer[:copies].float() for answer in judged]
        return {
            "critic": wrong.detach(),
            "adversarial": (judged[-1].float() - 1).square().mean(),
            "feature": far.feature_distance([a.float() for a in answers], own),
        }

    def _update(self, name: str, module: nn.Module, loss: Tensor) -> None:
        optimizer = self.optimizers[name]
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), 10.0)
        optimizer.step()

    def _batch(self, rng: np.random.Generator) -> tuple[Sources, Tensor]:
        """Copies first, then moved voices; and the people's sounds, of moved ones those that they were moved from."""
        crops, sounds = [], []
        count = self.options.batch + round(CONVERTED * self.options.batch)
        for k in range(count):
            sound, features = self._crop(rng)
            if k >= self.options.batch:
                sliders = Sliders(pitch=float(rng.uniform(-10, 12)), body=float(rng.uniform(-0.65, 0.65)))
                features = Mover().move(features, sliders)
            louder = float(np.clip(rng.normal(0, GAIN), -3, 1.5))
            excitation = Excitation(int(rng.integers(2**31)), float(rng.random()))
            crop = sources(features, excitation)
            crop[0][:, 2 : 2 + features.envelope.shape[1]] += louder
            crops.append(crop)
            sounds.append(sound[WARM * HOP : -HOP])
        return stacked(crops), torch.from_numpy(np.stack(sounds))

    def _crop(self, rng: np.random.Generator) -> tuple[np.ndarray, Features]:
        speakers = self._speakers
        whose = speakers[int(rng.integers(len(speakers)))]
        _, first, count = self.corpus.spans[whose[int(rng.integers(len(whose)))]]
        return self.corpus.taken(int(first + rng.integers(count - CROP + 1)), CROP)

    @cached_property
    def _speakers(self) -> list[np.ndarray]:
        """Utterances to learn from, of each speaker."""
        spans, held = self.corpus.spans, self.corpus.held
        return [
            own
            for who in range(len(self.corpus.names))
            if len(own := np.flatnonzero((spans[:, 0] == who) & ~held & (spans[:, 2] >= CROP)))
        ]

    def _modules(self) -> dict[str, nn.Module]:
        return {"net": self.net, "average": self.average, "critics": self.critics}


def _kept(spectra: Tensor) -> Tensor:
    """The sound after the warm-up."""
    return sound_of(spectra)[:, WARM * HOP :]


def net_of(path: Path) -> Any:
    """The averaged generator of a checkpoint."""
    net = VoiceNet().eval()
    checkpoint.load(path, {"average": net}, {})
    return net
