"""What changes while an avatar is trained, and all that a checkpoint holds: networks, optimizers, the step."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from liveavatar.fitting.layout import Layout
from liveavatar.training import checkpoint
from liveavatar.training.losses import Critic
from liveavatar.training.muon import Muon
from liveavatar.training.networks import Generator

EMA = 0.998
TEXTURES_EVERY = 4
"""Steps between two of the textures: they begin sharp, and their 25 million numbers cost a third of a step."""
MUON_RATE = 10.0
"""Muon's learning rate over Adam's: by trying 10 and 25 (benchmarks/LOG.md, 2026-11-26)."""
GRADIENT_NORM = 2.0


class TrainState:
    """The generator, its moving average, which is what ships, the critic, and their optimizers."""

    def __init__(self, layout: Layout, device: torch.device, seed: int) -> None:
        torch.manual_seed(seed)
        self.step = 0
        self.generator, self.average = (Generator(layout).to(device) for _ in range(2))
        self.average.eval()
        self.critic = Critic(self.generator.unit)
        motion = list(self.generator.motion.parameters())
        matrices = self.generator.matrices()
        special = {id(p) for p in (self.generator.textures, *motion, *matrices)}
        groups: list[dict[str, Any]] = [
            {"params": [p for p in self.generator.parameters() if id(p) not in special]},
            {"params": [self.generator.textures]},
            {"params": motion},
        ]
        self.adam = torch.optim.Adam(groups, lr=1e-3, betas=(0.9, 0.99), fused=True)
        self.muon = Muon(matrices, lr=1e-2)
        self.modules: dict[str, nn.Module] = {
            "g": self.generator,
            "ema": self.average,
            "d": self.critic.network,
        }
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "g_adam": self.adam,
            "g_muon": self.muon,
            "d_adam": self.critic.adam,
        }

    def load(self, path: Path) -> None:
        """Become what a checkpoint holds. Raises TrainingError."""
        self.step = checkpoint.load(path, self.modules, self.optimizers)

    def save(self, path: Path) -> None:
        """Write a checkpoint. Raises TrainingError; the old file stays until the new one is complete."""
        checkpoint.save(path, self.step, self.modules, self.optimizers)

    @property
    def _textures_too(self) -> bool:
        """Whether this step changes the textures."""
        return self.step % TEXTURES_EVERY == 0

    def begin_step(self, rates: tuple[float, float, float]) -> None:
        """No gradients, and these learning rates of network, textures and motion."""
        for group, rate in zip(self.adam.param_groups, rates, strict=True):
            group["lr"] = rate
        self.muon.param_groups[0]["lr"] = MUON_RATE * rates[0]
        self.generator.zero_grad(set_to_none=True)
        self.generator.textures.requires_grad_(self._textures_too)

    def end_step(self) -> float:
        """Change the weights by their gradients, and the average with them. Returns the gradients' norm."""
        norm = float(nn.utils.clip_grad_norm_(self.generator.parameters(), GRADIENT_NORM))
        self.adam.step()
        self.muon.step()
        with torch.no_grad():
            self.generator.textures.clamp_(0, 1)
            keep = min(EMA, (1 + self.step) / (10 + self.step))
            for slow, fast in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                if fast is not self.generator.textures:
                    slow.lerp_(fast, 1 - keep)
                elif self._textures_too:
                    slow.lerp_(fast, 1 - keep**TEXTURES_EVERY)
        self.step += 1
        return norm
