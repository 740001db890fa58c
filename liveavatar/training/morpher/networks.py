"""The morpher's networks: a generator that mends a draft, knowing the picture it is meant for, and the critic that compares."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.training.precision import bfloat16_is_quick

STYLE = 64


class Film(nn.Module):
    """3x3 convolution, gain and bias from the style (Perez et al. 2018), SiLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.film = nn.Linear(STYLE, 2 * outputs)
        nn.init.normal_(self.film.weight, std=0.02)
        torch.nn.init.zeros_(self.film.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        gain, bias = self.film(style).view(len(style), -1, 1, 1).chunk(2, 1)
        return F.silu((1 + gain) * self.conv(x) + bias)


class Morpher(nn.Module):
    """A U-Net (Ronneberger et al. 2015) at half resolution, pixels folded into channels; its answer is added to the draft."""

    def __init__(self, source: int, condition: int, widths: tuple[int, int, int] = (32, 48, 64)) -> None:
        """source: channels of what is seen; condition: its numbers."""
        super().__init__()
        a, b, c = widths
        self.style = nn.Sequential(nn.Linear(condition, STYLE), nn.SiLU(), nn.Linear(STYLE, STYLE), nn.SiLU())
        self.enter = Film(4 * (4 + source), a)
        self.first = Film(a, a)
        self.down = nn.ModuleList([Film(a, b, 2), Film(b, b), Film(b, c, 2), Film(c, c)])
        self.deep = Film(c, c)
        self.up = nn.ModuleList([nn.Conv2d(c, 4 * b, 1), nn.Conv2d(b, 4 * a, 1)])
        self.merge = nn.ModuleList([Film(b, b), Film(a, a)])
        self.leave = nn.Conv2d(a, 16, 3, padding=1)
        nn.init.normal_(self.leave.weight, std=0.003)
        torch.nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, draft: Tensor, source: Tensor, condition: Tensor) -> Tensor:
        """draft (B, 4, h, w) premultiplied in [0, 1], source (B, s, h, w), condition (B, k) -> (B, 4, h, w)."""
        style = self.style(condition)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and bfloat16_is_quick()):
            x = self.first(
                self.enter(F.pixel_unshuffle(torch.cat([draft, source], 1) - 0.5, 2), style), style
            )
            kept = [x]
            for i, layer in enumerate(self.down):
                x = layer(x, style)
                if i == 1:
                    kept.append(x)
            x = x + self.deep(x, style)
            for up, merge in zip(self.up, self.merge, strict=True):
                x = merge(kept.pop() + F.pixel_shuffle(up(x), 2), style)
            more = F.pixel_shuffle(self.leave(x), 2)
        return draft + more.float()


class Critic(nn.Module):
    """Compares a true crop with a made one, seeing the picture they are meant for and the condition."""

    def __init__(self, source: int, condition: int) -> None:
        super().__init__()
        widths = (24, 48, 64, 96)
        last = 8 + source
        convs = []
        for w in widths:
            convs.append(nn.Conv2d(last, w, 4, stride=2, padding=1))
            last = w
        self.convs = nn.ModuleList(convs)
        self.score = nn.Conv2d(last, 1, 3, padding=1)
        self.project = nn.Sequential(nn.Linear(condition, STYLE), nn.SiLU(), nn.Linear(STYLE, last))

    def judge(self, crops: Tensor, source: Tensor, condition: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Scores (B,) of crops (B, 4, h, w), by patches and by how they go with the condition (Miyato and Koyama 2018), and the
        features of each layer."""
        soft = F.avg_pool2d(F.pad(crops, (2, 2, 2, 2), mode="replicate"), 5, stride=1)
        x, features = torch.cat([crops * 2 - 1, 6 * (crops - soft), source * 2 - 1], 1), []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
            features.append(x)
        match = (x * self.project(condition)[:, :, None, None]).mean((2, 3)).sum(1) / x.shape[1] ** 0.5
        return self.score(x).mean((1, 2, 3)) + match, features

    def forward(
        self, real: Tensor, fake: Tensor, source: Tensor, condition: Tensor, penalty: float
    ) -> Tensor:
        """What to lessen: the relativistic paired loss (Jolicoeur-Martineau 2018), and `penalty` times R1
        (Mescheder et al. 2018)."""
        if penalty:
            real = real.clone().requires_grad_(True)
        score, _ = self.judge(real, source, condition)
        loss = F.softplus(self.judge(fake, source, condition)[0] - score).mean()
        if penalty:
            (slope,) = torch.autograd.grad(score.sum(), real, create_graph=True)
            loss = loss + penalty * slope.square().sum((1, 2, 3)).mean()
        return loss
