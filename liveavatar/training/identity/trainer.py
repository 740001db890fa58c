"""The loop: every part's critic and generator once a step. Resumable at any moment; the moving average is what ships."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from liveavatar.rigs.generated.network import NOISE, STYLED, columns
from liveavatar.rigs.generated.scale import Scale
from liveavatar.training import checkpoint, loop
from liveavatar.training.dataset import cache_folder
from liveavatar.training.identity import networks, sheets
from liveavatar.training.identity.networks import Form
from liveavatar.training.identity.population import Population, kinds, population

RHYTHM = loop.Rhythm("gan", log=50, samples=2000, save=60.0)
NOISE_ON_REAL = 0.02
RATE, STEADY, LEAST = 1e-3, 0.3, 0.05
"""Learning rate; the share of all steps that it stays; what share of it is left at the end."""
EMA = 0.998


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    steps: int = 4000
    characters: int = 10_000
    batch: int = 96
    seed: int = 1
    run: Path | None = None

    def folder(self) -> Path:
        """Where checkpoints, logs and samples go."""
        return self.run or cache_folder() / "runs" / "identity"


class Trainer:
    """Networks by part, and what they learn from."""

    def __init__(self, options: Options, tell: Callable[[int, int], None]) -> None:
        self.options, self.folder = options, options.folder()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.population = population(options.characters, self.folder / "population.npz", tell)
        except OSError as error:
            raise checkpoint.unwritable(self.folder, error) from error
        torch.manual_seed(options.seed)
        self.step = 0
        self.real = _tensors(self.population)
        self.forms = _forms(self.population)
        self.generators, self.averages, self.critics = (
            nn.ModuleDict({part: make(part, form) for part, form in self.forms.items()})
            for make in (networks.Network, networks.Network, networks.Critic)
        )
        for name, (part, beginning) in networks.VIEWS.items():
            shown = _view(self.population.scales[part], part, beginning, self.real[part])
            self.critics[name] = networks.Critic(part, self.forms[part], shown)
        for part, form in self.forms.items():
            network = self.generators[part]
            assert isinstance(network, networks.Network)
            networks.begin(network, form, self.real[f"{part}.given"], self.real[part])
        self.averages.load_state_dict(self.generators.state_dict())
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            name: torch.optim.Adam(module.parameters(), lr=RATE, betas=(0.0, 0.99))
            for name, module in (("g_adam", self.generators), ("d_adam", self.critics))
        }
        self.path = self.folder / "checkpoint.safetensors"
        if self.path.is_file():
            self.step = checkpoint.load(self.path, self._modules(), self.optimizers)

    def run(self, tell: Callable[[int, int], None]) -> None:
        """Train to the last step; on Ctrl-C save and re-raise. Raises TrainingError."""
        loop.run(
            self,
            self.options.steps,
            self.folder,
            RHYTHM,
            tell,
            lambda sampled: self.gaps(),
            sheets.write_curve,
        )

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self.path, self.step, self._modules(), self.optimizers)

    def write_samples(self, path: Path) -> None:
        """Write a PNG of what it does by now."""
        sheets.write(self, path)

    def train_step(self) -> dict[str, float]:
        """One update of each part; everything random follows from (seed, step). Returns the losses."""
        random = torch.Generator().manual_seed(self.options.seed * 1_000_003 + self.step)
        at = self.step / self.options.steps
        rate = RATE * (1 - (1 - LEAST) * min(max(at - STEADY, 0.0) / (1 - STEADY), 1.0))
        for optimizer in self.optimizers.values():
            optimizer.param_groups[0]["lr"] = rate
        chosen = torch.randint(len(self.population.given), (self.options.batch,), generator=random)
        losses = {}
        fakes: dict[str, Tensor] = {}
        reals: dict[str, Tensor] = {}
        penalise = self.step % networks.PENALTY_EVERY == 0
        total = torch.zeros(())
        for part, form in self.forms.items():
            given = self.real[f"{part}.given"][chosen]
            real = self.real[part][chosen]
            noisy = torch.randn(real[:, : form.numbers].shape, generator=random) * NOISE_ON_REAL
            reals[part] = torch.cat([real[:, : form.numbers] + noisy, real[:, form.numbers :]], 1)
            fakes[part] = self.draw(self.generators[part], part, given, random)
        for name, critic in self._critics():
            sides = self.real[f"{critic.part}.given"][chosen], reals[critic.part], fakes[critic.part].detach()
            loss = networks.critic_loss(critic, *sides, penalise)
            losses[f"d_{name}"] = loss.item()
            total = total + loss
        self._update("d_adam", total)
        total = torch.zeros(())
        for name, critic in self._critics():
            sides = self.real[f"{critic.part}.given"][chosen], reals[critic.part], fakes[critic.part]
            loss = networks.generator_loss(critic, *sides)
            losses[f"g_{name}"] = loss.item()
            total = total + loss
        self._update("g_adam", total)
        keep = min(EMA, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for slow, fast in zip(self.averages.parameters(), self.generators.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        self.step += 1
        return losses

    def draw(self, network: nn.Module, part: str, given: Tensor, random: torch.Generator) -> Tensor:
        """Rows of a part as a critic sees them."""
        noise = torch.randn(len(given), NOISE[part], generator=random)
        return networks.rows(self.forms[part], network(torch.cat([noise, given], 1)), random)

    @torch.no_grad()
    def gaps(self, count: int = 1536) -> dict[str, float]:
        """How far the moving average's rows lie from the population's: by part, the mean difference of the means and of the
        spreads of numbers, in spreads, and of the shares of bits and choices."""
        random, found = torch.Generator().manual_seed(7), {}
        for part, form in self.forms.items():
            chosen = torch.randint(len(self.population.given), (count,), generator=random)
            real = self.real[part][chosen]
            fake = self.draw(self.averages[part], part, self.real[f"{part}.given"][chosen], random)
            split = form.numbers
            apart = [(real.mean(0) - fake.mean(0)).abs(), (real.std(0) - fake.std(0)).abs()]
            if split:
                found[f"gap_{part}"] = float(torch.cat([a[:split] for a in apart]).mean())
            if split < form.size:
                shares = (real[:, split:] > 0.5).float().mean(0) - (fake[:, split:] > 0.0).float().mean(0) \
                    if not form.groups else real.mean(0) - fake.mean(0)  # fmt: skip
                found[f"share_{part}"] = float(shares.abs().max())
        return found

    def _update(self, name: str, loss: Tensor) -> None:
        optimizer = self.optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def _critics(self) -> Iterator[tuple[str, networks.Critic]]:
        for name, critic in self.critics.items():
            assert isinstance(critic, networks.Critic)
            yield name, critic

    def _modules(self) -> dict[str, nn.Module]:
        return {"g": self.generators, "ema": self.averages, "d": self.critics}


def _forms(rows: Population) -> dict[str, Form]:
    given = rows.given.shape[1]
    groups = tuple(len(names) for names in kinds().values())
    forms = {"choice": Form(given, 0, 0, groups)}
    for part, values in rows.parts.items():
        numbers = len(rows.scales[part].basis)
        more = groups[0] if part in STYLED else 0
        forms[part] = Form(given + more, numbers, values.shape[1] - numbers)
    return forms


def _view(scale: Scale, part: str, beginning: str, real: Tensor) -> Tensor:
    """What a critic of some numbers sees of a part's rows."""
    names = columns(part)[0]
    names += [names[tone] for tone in scale.tones]
    chosen = torch.tensor([name.startswith(beginning) for name in names])
    basis = torch.from_numpy(scale.basis).float()
    return networks.view(basis, chosen, real[:, : len(basis)])


def _tensors(rows: Population) -> dict[str, Tensor]:
    """By part, its rows and, as PART.given, what is given with each."""
    given = torch.from_numpy(rows.given)
    chosen = [
        functional.one_hot(torch.from_numpy(rows.choices[:, i]), len(names)).float()
        for i, names in enumerate(kinds().values())
    ]
    tensors = {"choice": torch.cat(chosen, 1), "choice.given": given}
    for part, values in rows.parts.items():
        tensors[part] = torch.from_numpy(values)
        tensors[f"{part}.given"] = torch.cat([given, chosen[0]], 1) if part in STYLED else given
    return tensors
