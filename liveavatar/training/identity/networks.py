"""Generators and critics, one small pair a part, and the losses between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from liveavatar.rigs.generated.network import NOISE
from liveavatar.training.identity.population import BIT

PACK = 3
"""Characters that a critic judges at once: it sees when they are too alike (PacGAN)."""
PENALTY, PENALTY_EVERY = 0.03, 4
"""Weight of R1 and R2, and steps between two."""
DEPTH = 3
VIEWS = {
    "eyes": ("face", "face.eye."),
    "brows": ("face", "face.brow."),
    "palettes": ("colour", "palette."),
}
"""Further critics, of one character at a time: each looks only at those numbers of a part whose names begin so."""
_SEEN = 0.05
"""What a view leaves out: directions that spread less than this, beside the widest."""
_WIDTH = {"colour": (192, 256), "face": (224, 256)}
"""Of generator and critic; narrower ones elsewhere."""


@dataclass(frozen=True)
class Form:
    """What goes into a network and comes out."""

    given: int
    numbers: int
    bits: int
    groups: tuple[int, ...] = ()
    """Sizes of the choices, for the network that chooses."""

    @property
    def size(self) -> int:
        """Of a row."""
        return self.numbers + self.bits + sum(self.groups)


class Network(nn.Module):
    """Noise and what is given to a row, before bits and choices are drawn: what is linear, and the rest."""

    def __init__(self, part: str, form: Form) -> None:
        super().__init__()
        inputs = NOISE[part] + form.given
        self.straight = nn.Linear(inputs, form.size)
        self.rest = _perceptron(inputs, _WIDTH.get(part, (128, 160))[0], form.size)
        nn.init.zeros_(self.rest[-1].weight)  # type: ignore[arg-type]
        nn.init.zeros_(self.rest[-1].bias)  # type: ignore[arg-type]

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, noise + given) -> (n, size)."""
        out: Tensor = self.straight(inputs) + self.rest(inputs)
        return out


@torch.no_grad()
def begin(network: Network, form: Form, given: Tensor, real: Tensor) -> None:
    """Let a network start from what is linear in a population: the Gaussian for numbers, single likelihoods for the rest."""
    weight, bias = network.straight.weight, network.straight.bias
    noise, split = weight.shape[1] - form.given, form.numbers
    if form.groups:
        weight[:, :noise] = 0.0
        weight[:, noise:], bias[:] = _likelihoods(form, given, real)
        return
    centre = given.mean(0)
    slope = torch.linalg.lstsq(given - centre, real - real.mean(0), driver="gelsd").solution.T
    weight[:, noise:] = slope
    bias[:] = real.mean(0) - slope @ centre
    left = (real - real.mean(0) - (given - centre) @ slope.T)[:, :split]
    _, strength, axes = torch.linalg.svd(left, full_matrices=False)
    count = min(noise, split)
    weight[:split, :noise] = 0.0
    weight[:split, :count] = axes[:count].T * strength[:count] / len(real) ** 0.5
    if form.bits:
        share = (real[:, split:].mean(0) / (2 * BIT) + 0.5).clamp(0.002, 0.998)
        middle = torch.special.ndtri(share)
        dense = torch.exp(-0.5 * middle**2) / (2 * torch.pi) ** 0.5
        across = slope[split:] / (2 * BIT) / dense[:, None]
        weight[split:, noise:] = 2.0 * across
        bias[split:] = 2.0 * (middle - across @ centre)
        weight[split:, :noise] = 2.0 * functional.normalize(torch.randn(form.bits, noise), dim=1)


def _likelihoods(form: Form, given: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """Weight and bias of logits that make what was chosen most likely."""
    with torch.enable_grad():
        layer = nn.Linear(form.given, form.size)
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
        for _ in range(150):
            parts = zip(layer(given).split(form.groups, 1), real.split(form.groups, 1), strict=True)
            loss = -sum((functional.log_softmax(out, 1) * truth).sum(1).mean() for out, truth in parts)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[union-attr]
            optimizer.step()
    return layer.weight.detach(), layer.bias.detach()


class Critic(nn.Module):
    """Some rows, each with what was given, to how real they are together."""

    view: Tensor
    """(numbers, seen): what it sees of a row's numbers."""

    def __init__(self, part: str, form: Form, view: Tensor | None = None) -> None:
        super().__init__()
        self.part, self.pack = part, PACK if view is None else 1
        self.register_buffer("view", torch.eye(form.size) if view is None else view, persistent=False)
        seen = self.pack * (form.given + self.view.shape[1])
        self.rest = _perceptron(seen, _WIDTH.get(part, (128, 160))[1] if view is None else 128, 1)

    def forward(self, given: Tensor, row: Tensor) -> Tensor:
        """(n, given), (n, size) -> (n / pack,)."""
        seen = torch.cat([given, row[:, : len(self.view)] @ self.view], 1)
        said: Tensor = self.rest(seen.reshape(len(row) // self.pack, -1))
        return said[:, 0]


def view(basis: Tensor, columns: Tensor, real: Tensor) -> Tensor:
    """(numbers, seen): from a row's numbers to directions of some columns, each of spread 1; `basis` (numbers, all columns)."""
    part = basis[:, columns]
    part = part[:, part.norm(dim=0) > 1e-4]
    part = part / (real @ part).std(0)
    seen = real @ part
    _, strength, axes = torch.linalg.svd(seen - seen.mean(0), full_matrices=False)
    kept = strength > _SEEN * strength[0]
    return part @ axes[kept].T / strength[kept] * len(real) ** 0.5


def _perceptron(inputs: int, width: int, outputs: int) -> nn.Sequential:
    sizes = [inputs] + [width] * DEPTH
    layers: list[nn.Module] = []
    for a, b in pairwise(sizes):
        layers += [nn.Linear(a, b), nn.SiLU()]
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def rows(form: Form, out: Tensor, random: torch.Generator) -> Tensor:
    """A network's output as a critic sees it: bits pressed, choices drawn and handed on as what was drawn."""
    if not form.groups:
        return torch.cat([out[:, : form.numbers], torch.tanh(out[:, form.numbers :])], 1)
    drawn = []
    for logits in out.split(form.groups, 1):
        noise = -torch.empty_like(logits).exponential_(generator=random).log()
        soft = functional.softmax((logits + noise) / 0.6, 1)
        hard = functional.one_hot(soft.argmax(1), logits.shape[1]).float()
        drawn.append(hard + soft - soft.detach())
    return torch.cat(drawn, 1)


def critic_loss(critic: nn.Module, given: Tensor, real: Tensor, fake: Tensor, penalise: bool) -> Tensor:
    """Relativistic, pair by pair; with R1 and R2 if penalise."""
    if penalise:
        real, fake = real.detach().requires_grad_(True), fake.detach().requires_grad_(True)
    of_real, of_fake = critic(given, real), critic(given, fake)
    loss = functional.softplus(of_fake - of_real).mean()
    if penalise:
        slopes = torch.autograd.grad(of_real.sum() + of_fake.sum(), (real, fake), create_graph=True)
        steep = sum((slope.reshape(len(of_real), -1) ** 2).sum(1).mean() for slope in slopes)
        loss = loss + 0.5 * PENALTY * PENALTY_EVERY * steep
    return loss


def generator_loss(critic: nn.Module, given: Tensor, real: Tensor, fake: Tensor) -> Tensor:
    """The other side of it."""
    return functional.softplus(critic(given, real) - critic(given, fake)).mean()


def weights(networks: Mapping[str, nn.Module]) -> dict[str, np.ndarray]:
    """Those of networks by part, by the names that the generator's file has for them."""
    found = {}
    for part, network in networks.items():
        linear = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
        for i, layer in enumerate(linear):
            found[f"{part}.w{i}"] = layer.weight.detach().numpy().T
            found[f"{part}.b{i}"] = layer.bias.detach().numpy()
    return found
