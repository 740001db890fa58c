"""How a refiner learns: from pairs, by reconstruction first, then by a critic's opinion too; and how it is judged."""

import copy
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.controls import other_side
from liveavatar.renderers.portrait import crops
from liveavatar.renderers.portrait.crops import EYE, EYE_CONTROLS, MAPS, MOUTH, MOUTH_CONTROLS
from liveavatar.training.losses import Critic, reconstruction
from liveavatar.training.refiner.networks import Branch, Refiner, compose
from liveavatar.training.refiner.pairs import Pairs, Part

AVERAGE = 0.995
"""Decay of the weights' moving average, which is what is kept."""
JUDGED = 4
"""Crops of a batch that the critic sees: it costs several times the generator."""


class _Student:
    """One branch with its data and critic."""

    def __init__(self, branch: Branch, part: Part, size: tuple[int, int], names: tuple[str, ...]) -> None:
        self.branch, self.part = branch, part
        self.window = torch.from_numpy(crops.feather(size))[None, None]
        self.critic = Critic(torch.ones(len(names)))
        mirrored = size == MOUTH
        swap = [names.index(other_side(n)) for n in names] if mirrored else []
        self.swap = torch.tensor(swap)
        self.sign = torch.tensor([-1.0 if n in ("headYaw", "headRoll") else 1.0 for n in names])

    def batch(self, rows: np.ndarray, rng: np.random.Generator | None) -> tuple[Tensor, ...]:
        """warped, source, maps, condition, true. rng: for chance changes of colour, sharpness and side."""
        p = self.part

        def picture(values: np.ndarray) -> Tensor:
            return torch.from_numpy(values.transpose(0, 3, 1, 2).astype(np.float32) / 255)

        pictures = torch.stack(
            [picture(p.warped[rows]), picture(p.source[p.of[rows]]), picture(p.true[rows])]
        )
        maps = torch.from_numpy(p.maps[rows].astype(np.float32))
        condition = torch.from_numpy(p.condition[rows])
        if rng is not None:
            n = len(rows)
            gamma = torch.from_numpy(np.exp(rng.normal(0, 0.2, (n, 1, 1, 1))).astype(np.float32))
            gain = torch.from_numpy(np.exp(rng.normal(0, 0.15, (n, 3, 1, 1))).astype(np.float32))
            pictures = (pictures.clamp_min(1e-4) ** gamma * gain).clamp(0, 1)
            soft = F.avg_pool2d(F.pad(pictures.flatten(0, 1), (1, 1, 1, 1), mode="replicate"), 3, 1).view_as(
                pictures
            )
            blur = torch.from_numpy(rng.uniform(-0.4, 0.8, (n, 1, 1, 1)).astype(np.float32)).clamp_min(0)
            pictures = pictures + blur * (soft - pictures)
            if len(self.swap):
                flip = torch.from_numpy(rng.random(n) < 0.5)
                pictures = torch.where(flip[:, None, None, None], pictures.flip(-1), pictures)
                turned = maps.flip(-1) * torch.tensor([-1.0, *[1.0] * (MAPS - 1)])[:, None, None]
                maps = torch.where(flip[:, None, None, None], turned, maps)
                condition = torch.where(flip[:, None], condition[:, self.swap] * self.sign, condition)
        return pictures[0], pictures[1], maps, condition, pictures[2]

    def learn(
        self, step: int, rows: np.ndarray, rng: np.random.Generator | None, adversarial: float
    ) -> dict[str, float]:
        """Gradients of one batch. adversarial: 0..1, how much the critic's opinion counts."""
        warped, source, maps, condition, true = self.batch(rows, rng)
        paint, shift = self.branch(warped, source, maps, condition)
        fake = compose(warped, source, paint, shift, self.window)
        out = fake.detach().requires_grad_(True)
        loss = reconstruction(out, true, 0.1 + self.window.expand(len(rows), -1, -1, -1))
        (slope,) = torch.autograd.grad(loss, out)
        record = {"loss": loss.item()}
        if adversarial:
            n = min(JUDGED, len(rows))
            solid = torch.ones_like(fake[:n, :1])  # the critic knows RGBA
            direction, opinion = self.critic.direction(
                step, torch.cat([fake[:n].detach(), solid], 1), torch.cat([true[:n], solid], 1), condition[:n],
                torch.zeros(n, 2),
            )  # fmt: skip
            slope[:n] += adversarial * slope[:n].norm() * direction[:, :3]
            record |= opinion
        # A shift and new paint must earn their keep.
        torch.autograd.backward(
            [fake, 0.002 * shift[:, :2].square().mean() + 0.01 * paint[:, 3:].mean()], [slope, None]
        )
        return record


class Lesson:
    """Trains a refiner on pairs."""

    def __init__(self, network: Refiner, pairs: Pairs, *, steps: int, batch: int = 12, rate: float = 2e-3,
                 adversarial: float = 0.3, change: bool = True, seed: int = 1) -> None:  # fmt: skip
        """steps: how many there will be; the critic takes part in the last `adversarial` of them. change: vary the crops'
        colours and sides by chance."""
        torch.manual_seed(seed)
        self.network, self.steps, self.size, self.late = network, steps, batch, 1 - adversarial
        self.change, self.rng = change, np.random.default_rng(seed)
        self.average = copy.deepcopy(network).eval()
        self.adam = torch.optim.Adam(network.parameters(), lr=rate, betas=(0.9, 0.99))
        self.rate, self.step = rate, 0
        self.students = [
            _Student(network.mouth, pairs.mouth, MOUTH, MOUTH_CONTROLS),
            _Student(network.eye, pairs.eye, EYE, EYE_CONTROLS),
        ]

    def train_step(self) -> dict[str, float]:
        """One optimizer step on both branches. Returns what to log."""
        t = self.step / self.steps
        for group in self.adam.param_groups:
            group["lr"] = self.rate * min(1.0, (self.step + 1) / 30) * (1.0 if t < 0.5 else 1.8 - 1.6 * t)
        critic = 0.0 if t < self.late else min(1.0, 5 * (t - self.late) / (1 - self.late) + 0.05)
        self.network.train()
        self.adam.zero_grad(set_to_none=True)
        record: dict[str, float] = {}
        for name, student in zip(("mouth", "eye"), self.students, strict=True):
            rows = self.rng.integers(0, len(student.part.of), self.size)
            told = student.learn(self.step, rows, self.rng if self.change else None, critic)
            record |= {f"{name}.{key}": value for key, value in told.items()}
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.adam.step()
        self.step += 1
        decay = min(AVERAGE, self.step / (self.step + 10))
        with torch.no_grad():
            for kept, now in zip(self.average.parameters(), self.network.parameters(), strict=True):
                kept.lerp_(now, 1 - decay)
        return record

    def run(self, progress: Callable[[int, int, dict[str, float]], None]) -> Refiner:
        """All remaining steps. Returns the averaged network."""
        while self.step < self.steps:
            progress(self.step, self.steps, self.train_step())
        return self.average


def judge(network: Refiner, pairs: Pairs) -> dict[str, float]:
    """PSNR in dB of the crops, refined and as they were warped; higher is better."""
    result = {}
    for name, size, names in (("mouth", MOUTH, MOUTH_CONTROLS), ("eye", EYE, EYE_CONTROLS)):
        student = _Student(getattr(network, name), getattr(pairs, name), size, names)
        after, before = [], []
        student.branch.eval()
        with torch.no_grad():
            for start in range(0, len(student.part.of), 32):
                rows = np.arange(start, min(start + 32, len(student.part.of)))
                warped, source, maps, condition, true = student.batch(rows, None)
                paint, shift = student.branch(warped, source, maps, condition)
                fake = compose(warped, source, paint, shift, student.window)
                after.append(((fake - true) ** 2).mean((1, 2, 3)))
                before.append(((warped - true) ** 2).mean((1, 2, 3)))
        for key, errors in ((name, after), (f"{name}_warped", before)):
            result[key] = float((-10 * torch.cat(errors).clamp_min(1e-9).log10()).mean())
    return result
