"""What the generator is told: how far it is from the teacher's picture, and what a discriminator thinks of it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ADVERSARIAL = 0.42
"""Norm of the adversarial and of the feature-matching gradient, against the reconstruction's, at the output."""
R1_EVERY = 8


def reconstruction(fake: Tensor, real: Tensor, weight: Tensor) -> Tensor:
    """Weighted L1 of pixels and of their differences, and L1 at quarter size. (B, 4, h, w); weight (B or 1, 1, h, w)."""

    def slopes(x: Tensor) -> tuple[Tensor, Tensor]:
        return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]

    (fx, fy), (rx, ry) = slopes(fake), slopes(real)
    mean = weight.mean()
    plain = ((fake - real).abs() * weight).mean() / mean
    edges = (
        ((fx - rx).abs() * weight[..., 1:]).mean() + ((fy - ry).abs() * weight[..., 1:, :]).mean()
    ) / mean
    coarse = F.l1_loss(F.avg_pool2d(fake, 4), F.avg_pool2d(real, 4))
    return 10 * plain + 10 * edges + 5 * coarse


class Discriminator(nn.Module):
    """Judges square RGBA crops (128x128 at size 512) and their high-pass, knowing the condition and where the crop was taken.

    Projection discriminator (Miyato and Koyama 2018). Returns scores (B,) and the features of each layer."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.unit: Tensor
        self.register_buffer("unit", torch.ones(n))
        widths = (32, 64, 96, 128)
        convs, last = [], 8
        for i, w in enumerate(widths):
            convs.append(nn.Conv2d(last, w, 3 if i == 0 else 4, stride=1 if i == 0 else 2, padding=1))
            last = w
        self.convs = nn.ModuleList(convs)
        self.score = nn.Conv2d(last, 1, 3, padding=1)
        self.project = nn.Sequential(nn.Linear(n + 2, 128), nn.SiLU(), nn.Linear(128, last))

    def forward(self, crops: Tensor, controls: Tensor, position: Tensor) -> tuple[Tensor, list[Tensor]]:
        """crops (B, 4, h, h) in [0, 1]; controls (B, n); position (B, 2) in [-1, 1]."""
        soft = F.avg_pool2d(F.pad(crops, (2, 2, 2, 2), mode="replicate"), 5, stride=1)
        x, features = torch.cat([crops * 2 - 1, 6 * (crops - soft)], 1), []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
            features.append(x)
        code = self.project(torch.cat([controls / self.unit, position], 1))
        match = (x * code[:, :, None, None]).sum(1) / x.shape[1] ** 0.5
        return self.score(x).mean((1, 2, 3)) + match.mean((1, 2)), features


class Critic:
    """The discriminator with its optimizer."""

    def __init__(self, unit: Tensor) -> None:
        """unit: (n,) what the controls are divided by."""
        self.network = Discriminator(len(unit)).to(unit.device)
        self.network.unit.copy_(unit)
        self.adam = torch.optim.Adam(self.network.parameters(), lr=1e-3, betas=(0.0, 0.99))

    def direction(
        self, step: int, fake: Tensor, real: Tensor, controls: Tensor, place: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """Train the discriminator once, then return the gradient at the generator's output from both of its terms,
        each of norm ADVERSARIAL, and what to log. place: (B, 2) of the crops in [-1, 1]."""
        detached = fake.detach()
        score_real, _ = self.network(real, controls, place)
        score_fake, _ = self.network(detached, controls, place)
        loss_d = F.softplus(score_fake - score_real).mean()  # relativistic paired (Jolicoeur-Martineau 2018)
        total = loss_d
        if step % R1_EVERY == 0:  # lazy R1 (Mescheder et al. 2018), gamma .01
            inputs = real.clone().requires_grad_(True)
            (slope,) = torch.autograd.grad(
                self.network(inputs, controls, place)[0].sum(), inputs, create_graph=True
            )
            total = total + R1_EVERY * 0.005 * slope.square().sum((1, 2, 3)).mean()
        self.adam.zero_grad(set_to_none=True)
        total.backward()
        self.adam.step()

        inputs = detached.clone().requires_grad_(True)
        score_fake, features = self.network(inputs, controls, place)
        with torch.no_grad():
            score_real, wanted = self.network(real, controls, place)
            shuffled = self.network(real, controls.roll(1, 0), place)[0]
            gap = F.softplus(score_fake - shuffled).mean() - F.softplus(score_fake - score_real).mean()
        loss_g = F.softplus(score_real - score_fake).mean()
        matching = torch.stack([F.l1_loss(a, b) for a, b in zip(features, wanted, strict=True)]).sum()
        (by_score,) = torch.autograd.grad(loss_g, inputs, retain_graph=True)
        (by_features,) = torch.autograd.grad(matching, inputs)
        directions = by_score / (by_score.norm() + 1e-12) + by_features / (by_features.norm() + 1e-12)
        return ADVERSARIAL * directions, {"d": loss_d.item(), "g": loss_g.item(), "shuffle_gap": gap.item()}
