"""The refiner's networks: small conditional generators that repaint mouth and eyes of a warped portrait.

They work at half the crop's resolution (pixels folded into channels); their answer is a shift of the warped pixels, a new picture
and how much of it is taken. One network for mouths, one for eyes; the right eye comes mirrored.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.renderers.portrait.crops import EYE, EYE_CONTROLS, MAPS, MOUTH, MOUTH_CONTROLS
from liveavatar.training.precision import bfloat16_is_quick

REACH = (6.0, 6.0, 12.0, 12.0)
"""Pixels that the shifts on the warped and on the picture's crop can be at most."""
OUTPUTS = 24
"""Channels: twelve of colour, four of its share and four of the picture's, for 2x2 pixels; four of shifts."""


class Film(nn.Module):
    """3x3 convolution, gain and bias from the style (Perez et al. 2018), SiLU."""

    def __init__(self, inputs: int, outputs: int, style: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.film = nn.Linear(style, 2 * outputs)
        nn.init.normal_(self.film.weight, std=0.02)
        torch.nn.init.zeros_(self.film.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        return self.styled(self.conv(x), style)

    def styled(self, x: Tensor, style: Tensor) -> Tensor:
        """What follows the convolution."""
        gain, bias = self.film(style).view(len(style), -1, 1, 1).chunk(2, 1)
        return F.silu((1 + gain) * x + bias)


class Branch(nn.Module):
    """Crops of one kind. n: numbers of the condition; size: their width and height."""

    def __init__(
        self, n: int, size: tuple[int, int], narrow: int = 16, wide: int = 48, blocks: int = 2
    ) -> None:
        super().__init__()
        w, h = size[0] // 2, size[1] // 2
        x, y = (torch.linspace(-1, 1, count) for count in (w, h))
        # Where a pixel lies: three channels more, which make 32. Counts that are no multiple of eight run at half the speed.
        places = torch.stack([x.expand(h, w), y[:, None].expand(h, w), (x**2 + y[:, None] ** 2) / 2])
        self.places: Tensor
        self.register_buffer("places", places[None], persistent=False)
        self.style = nn.Sequential(nn.Linear(n, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.enter = Film(24 + MAPS + 3, narrow, 64)
        self.down = Film(narrow, wide, 64, stride=2)
        self.films = nn.ModuleList(Film(wide, wide, 64) for _ in range(blocks))
        self.convs = nn.ModuleList(nn.Conv2d(wide, wide, 3, padding=1) for _ in range(blocks))
        self.up = nn.Conv2d(wide, 4 * narrow, 1)
        self.merge = Film(narrow, narrow, 64)
        self.leave = nn.Conv2d(narrow, OUTPUTS, 3, padding=1)
        nn.init.normal_(self.leave.weight, std=0.01)
        bias = torch.zeros(OUTPUTS)
        bias[12:20] = -2.0  # take little of what is new at first
        self.leave.bias = nn.Parameter(bias)

    def forward(
        self, warped: Tensor, source: Tensor, maps: Tensor, condition: Tensor
    ) -> tuple[Tensor, Tensor]:
        """warped, source: (B, 3, h, w) in [0, 1]; maps (B, MAPS, h/2, w/2); condition (B, n).

        Returns paint (B, 5, h, w): colour times its share, the share, the picture's share of the rest; and shifts
        (B, 4, h/2, w/2) on both crops, in pixels."""
        style = self.style(condition)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and bfloat16_is_quick()):
            folded = [F.pixel_unshuffle(x - 0.5, 2) for x in (warped, source)]
            first = self.enter(torch.cat([*folded, self.with_places(maps)], 1), style)
            x = self.within(first, style)
        return self.answer(x.float())

    def with_places(self, maps: Tensor) -> Tensor:
        """The maps, and where each pixel lies."""
        return torch.cat([maps, self.places.expand(len(maps), -1, -1, -1)], 1)

    def within(self, first: Tensor, style: Tensor) -> Tensor:
        """From the first layer's result to what the last one sees."""
        x = self.down(first, style)
        for film, conv in zip(self.films, self.convs, strict=True):
            x = x + conv(film(x, style))
        return self.merge(first + F.pixel_shuffle(self.up(x), 2), style)

    def answer(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """forward()'s, of the last layer."""
        x = self.leave(x)
        shares = torch.sigmoid(F.pixel_shuffle(x[:, 12:20], 2))
        colour = torch.sigmoid(4 * F.pixel_shuffle(x[:, :12], 2))
        reach = torch.tensor(REACH)[:, None, None]
        return torch.cat([colour * shares[:, :1], shares], 1), reach * torch.tanh(x[:, 20:] / reach)


class Refiner(nn.Module):
    """Both networks."""

    def __init__(self) -> None:
        super().__init__()
        self.mouth = Branch(len(MOUTH_CONTROLS), MOUTH)
        self.eye = Branch(len(EYE_CONTROLS), EYE)


def compose(warped: Tensor, source: Tensor, paint: Tensor, shift: Tensor, window: Tensor) -> Tensor:
    """The refined crops: differentiable twin of liveavatar.renderers.portrait.crops.residual. (B, 3, h, w) in [0, 1]."""
    h, w = warped.shape[2:]
    moved = F.interpolate(shift, size=(h, w), mode="bilinear", align_corners=False).permute(0, 2, 3, 1)
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    here = torch.stack([x, y], -1) + 0.5
    carried, kept = (
        F.grid_sample(
            picture,
            (here + by) * torch.tensor([2 / w, 2 / h]) - 1,
            padding_mode="border",
            align_corners=False,
        )
        for picture, by in ((warped, moved[..., :2]), (source, moved[..., 2:]))
    )
    carried = carried + (kept - carried) * paint[:, 4:]
    refined = carried * (1 - paint[:, 3:4]) + paint[:, :3]
    return warped + window * (refined - warped)
