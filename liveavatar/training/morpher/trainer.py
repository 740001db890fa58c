"""Trains a morpher on pairs: by reconstruction, then by its critic too. Processes that torchrun starts share the work."""

import copy
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from liveavatar.controls import other_side
from liveavatar.training import checkpoint, loop, report
from liveavatar.training.losses import reconstruction
from liveavatar.training.morpher.networks import Critic, Morpher
from liveavatar.training.morpher.pairs import Pairs

AVERAGE = 0.998
"""Decay of the weights' moving average, which is what is kept."""
ADVERSARIAL = 0.42
"""Norm of the adversarial and of the feature-matching gradient, against the reconstruction's, at the output."""
PENALTY, PENALTY_EVERY = 0.005, 8
RHYTHM = loop.Rhythm("gan", log=25, samples=250, save=180.0)


@dataclass(frozen=True)
class Course:
    """What the user decides."""

    run: Path
    """Folder of checkpoints, log and samples."""
    steps: int = 3000
    batch: int = 6
    seed: int = 1
    alone: float = 0.25
    """Share of the steps before the critic takes part."""
    held: int = 32
    """Characters at the end that are not learnt from."""


class Trainer:
    """One morpher and its critic."""

    def __init__(self, pairs: Pairs, course: Course) -> None:
        self.course, self.step = course, 0
        course.run.mkdir(parents=True, exist_ok=True)
        count = len(pairs.source)
        self.held = pairs.part(count - course.held, count)
        self.pairs = pairs
        self.rows = np.flatnonzero(pairs.of < count - course.held)
        sizes = pairs.source.shape[-1], len(pairs.names)
        torch.manual_seed(course.seed)
        self.network, self.critic = Morpher(*sizes), Critic(*sizes)
        self.average = copy.deepcopy(self.network).eval()
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "g_adam": torch.optim.Adam(self.network.parameters(), lr=1.5e-3, betas=(0.9, 0.99)),
            "d_adam": torch.optim.Adam(self.critic.parameters(), lr=8e-4, betas=(0.0, 0.99)),
        }
        self.path = course.run / "checkpoint.safetensors"
        if self.path.is_file():
            self.step = checkpoint.load(self.path, self._modules(), self.optimizers)
        self.workers, self.worker = 1, 0
        self.shared: tuple[nn.Module, nn.Module] = self.network, self.critic
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            self.workers, self.worker = torch.distributed.get_world_size(), torch.distributed.get_rank()
            self.shared = DistributedDataParallel(self.network), DistributedDataParallel(self.critic)
        swap = [pairs.names.index(other_side(n)) if other_side(n) in pairs.names else -1 for n in pairs.names]
        self.swap = swap if min(swap) >= 0 and swap != list(range(len(swap))) else None

    def run(self) -> None:
        """All remaining steps; on Ctrl-C save and re-raise. Raises TrainingError."""
        if self.worker:
            while self.step < self.course.steps:
                loop.advance(self)
        else:
            loop.run(
                self,
                self.course.steps,
                self.course.run,
                RHYTHM,
                figures=lambda sampled: self.judge() if sampled else {},
            )

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self.path, self.step, self._modules(), self.optimizers)

    def train_step(self) -> dict[str, float]:
        """One update of both; everything random follows from seed, step and worker. Returns the losses."""
        random = np.random.default_rng([self.course.seed, self.step, self.worker])
        at = self.step / self.course.steps
        for name, rate in (("g_adam", 1.5e-3), ("d_adam", 8e-4)):
            warm = min(1.0, (self.step + 1) / 50) if name == "g_adam" else 1.0
            self.optimizers[name].param_groups[0]["lr"] = rate * warm * min(1.0, 1.9 - 1.8 * at)
        rows = np.sort(random.choice(self.rows, self.course.batch, replace=False))
        source, draft, truth, condition = self.batch(self.pairs, rows, random)
        network, critic = self.shared
        network.train()
        fake = network(draft, source, condition)
        made = fake.detach().requires_grad_(True)
        seen = F.max_pool2d(torch.maximum(truth[:, 3:], draft[:, 3:]), 9, 1, 4)
        loss = reconstruction(made, truth, 0.15 + seen)
        (slope,) = torch.autograd.grad(loss, made)
        losses = {"loss": loss.item()}
        ramp = min(max((at - self.course.alone) / 0.1, 0.0), 1.0)
        if ramp:
            penalty = PENALTY * PENALTY_EVERY if self.step % PENALTY_EVERY == 0 else 0.0
            told = critic(truth, made.detach(), source, condition, penalty)
            self._update("d_adam", told)
            direction, opinion = self._opinion(made, truth, source, condition)
            slope = slope + ramp * ADVERSARIAL * slope.norm() * direction
            losses |= {"d": told.item(), **opinion}
        self.optimizers["g_adam"].zero_grad(set_to_none=True)
        torch.autograd.backward([fake], [slope])
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimizers["g_adam"].step()
        self.step += 1
        keep = min(AVERAGE, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.network.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        return losses

    def _opinion(
        self, made: Tensor, truth: Tensor, source: Tensor, condition: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """The critic's gradient at the generator's output, from its score and from its features, each of norm 1."""
        inputs = made.detach().clone().requires_grad_(True)
        score, features = self.critic.judge(inputs, source, condition)
        with torch.no_grad():
            true_score, wanted = self.critic.judge(truth, source, condition)
            other = self.critic.judge(truth, source, condition.roll(1, 0))[0]
            gap = (true_score - other).mean().item()
        loss = F.softplus(true_score - score).mean()
        matching = torch.stack([F.l1_loss(a, b) for a, b in zip(features, wanted, strict=True)]).sum()
        (by_score,) = torch.autograd.grad(loss, inputs, retain_graph=True)
        (by_features,) = torch.autograd.grad(matching, inputs)
        direction = by_score / (by_score.norm() + 1e-12) + by_features / (by_features.norm() + 1e-12)
        return direction, {"g": loss.item(), "shuffle_gap": gap}

    def batch(
        self, pairs: Pairs, rows: np.ndarray, random: np.random.Generator | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """source, draft, truth, condition. random: for chance changes of colour and side."""

        def pictures(values: np.ndarray) -> Tensor:
            return torch.from_numpy(
                np.ascontiguousarray(values).astype(np.float32).transpose(0, 3, 1, 2) / 255
            )

        source, draft, truth = (
            pictures(pairs.source[pairs.of[rows]]),
            pictures(pairs.draft[rows]),
            pictures(pairs.truth[rows]),
        )
        condition = torch.from_numpy(np.asarray(pairs.condition[rows], np.float32))
        if random is None:
            return source, draft, truth, condition
        count = len(rows)
        gain = torch.from_numpy(np.exp(random.normal(0, 0.12, (count, 3, 1, 1))).astype(np.float32))
        gain = gain * torch.from_numpy(np.exp(random.normal(0, 0.12, (count, 1, 1, 1))).astype(np.float32))
        for picture in (source, draft, truth):
            picture[:, :3] = torch.minimum(picture[:, :3] * gain, picture[:, 3:4])
        if self.swap:
            flip = torch.from_numpy(random.random(count) < 0.5)
            wide = flip[:, None, None, None]
            source, draft, truth = (torch.where(wide, p.flip(-1), p) for p in (source, draft, truth))
            condition = torch.where(flip[:, None], condition[:, self.swap], condition)
        return source, draft, truth, condition

    @torch.no_grad()
    def held_out(self, limit: int = 96) -> tuple[Tensor, ...]:
        """Of characters that were not learnt from: source, draft, truth, and what the average makes of the draft."""
        rows = np.linspace(0, len(self.held.of) - 1, min(limit, len(self.held.of))).astype(int)
        found = []
        for part in np.array_split(rows, max(len(rows) // 8, 1)):
            source, draft, truth, condition = self.batch(self.held, part, None)
            found.append((source, draft, truth, finished(self.average(draft, source, condition))))
        return tuple(torch.cat(values) for values in zip(*found, strict=True))

    def judge(self) -> dict[str, float]:
        """PSNR in dB over mid-grey of held-out crops, made and as drafts, and how sharp they are against the truth."""
        _, draft, truth, made = self.held_out()
        true = over_grey(truth)

        def psnr(x: Tensor) -> float:
            return float(
                (-10 * (over_grey(x) - true).square().mean((1, 2, 3)).clamp_min(1e-8).log10()).mean()
            )

        def slopes(x: Tensor) -> Tensor:
            return (x[..., 1:] - x[..., :-1]).square().sum() + (x[..., 1:, :] - x[..., :-1, :]).square().sum()

        sharp = {
            name: float(slopes(over_grey(x)) / slopes(true)) for name, x in (("made", made), ("draft", draft))
        }
        return {
            "psnr": psnr(made),
            "psnr_draft": psnr(draft),
            "sharp": sharp["made"],
            "sharp_draft": sharp["draft"],
        }

    def write_samples(self, path: Path, count: int = 10) -> None:
        """A PNG: sources, drafts, what is made of them, truths."""
        found = self.held_out(count)
        rows = [torch.cat(list(over_grey(x[:, :4])), -1) for x in found[:2]]
        rows += [torch.cat(list(over_grey(x)), -1) for x in (found[3], found[2])]
        picture = (torch.cat(rows, 1).permute(1, 2, 0) * 255).round().clamp(0, 255).byte().numpy()
        report.write_png(path, picture)

    def _update(self, name: str, loss: Tensor) -> None:
        self.optimizers[name].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[name].step()

    def _modules(self) -> dict[str, nn.Module]:
        return {"g": self.network, "ema": self.average, "d": self.critic}


def finished(answer: Tensor) -> Tensor:
    """A generator's answer as a picture: premultiplied, in [0, 1]."""
    alpha = answer[:, 3:].clamp(0, 1)
    return torch.cat([torch.minimum(answer[:, :3].clamp_min(0), alpha), alpha], 1)


def over_grey(picture: Tensor) -> Tensor:
    """(B, 4, h, w) premultiplied over mid-grey: (B, 3, h, w)."""
    return picture[:, :3] + 0.5 * (1 - picture[:, 3:])


def join_others() -> None:
    """Meet the processes that torchrun has started beside this one, if it has."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
