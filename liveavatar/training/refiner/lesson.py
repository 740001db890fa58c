"""The refiner: a small conditional generator that repaints mouth and eyes of a warped portrait, and how it learns.

Works at half the crop's resolution (pixels folded into channels); its answer is a shift of the warped pixels, a new picture
and how much of it is taken. One network for mouths, one for eyes; the right eye comes mirrored.
"""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.controls import other_side
from liveavatar.renderers.portrait import crops
from liveavatar.renderers.portrait.crops import EYE, EYE_CONTROLS, MAPS, MOUTH, MOUTH_CONTROLS
from liveavatar.training.losses import Critic, reconstruction
from liveavatar.training.networks import bfloat16_is_quick
from liveavatar.training.onnx_export import write_graph
from liveavatar.training.refiner.pairs import Pairs, Part

AVERAGE = 0.995
"""Decay of the weights' moving average, which is what is kept."""
JUDGED = 4
"""Crops of a batch that the critic sees: it costs several times the generator."""
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
            first = self.enter(torch.cat([*folded, self.known(maps)], 1), style)
            x = self.within(first, style)
        return self.answer(x.float())

    def known(self, maps: Tensor) -> Tensor:
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
            direction, seen = self.critic.direction(
                step, torch.cat([fake[:n].detach(), solid], 1), torch.cat([true[:n], solid], 1), condition[:n],
                torch.zeros(n, 2),
            )  # fmt: skip
            slope[:n] += adversarial * slope[:n].norm() * direction[:, :3]
            record |= seen
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
            seen = student.learn(self.step, rows, self.rng if self.change else None, critic)
            record |= {f"{name}.{key}": value for key, value in seen.items()}
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
        wrong, before = [], []
        student.branch.eval()
        with torch.no_grad():
            for start in range(0, len(student.part.of), 32):
                rows = np.arange(start, min(start + 32, len(student.part.of)))
                warped, source, maps, condition, true = student.batch(rows, None)
                paint, shift = student.branch(warped, source, maps, condition)
                fake = compose(warped, source, paint, shift, student.window)
                wrong.append(((fake - true) ** 2).mean((1, 2, 3)))
                before.append(((warped - true) ** 2).mean((1, 2, 3)))
        for key, errors in ((name, wrong), (f"{name}_warped", before)):
            result[key] = float((-10 * torch.cat(errors).clamp_min(1e-9).log10()).mean())
    return result


PICTURES = 12
"""Channels of a picture of which 2x2 pixels are folded into one."""


class _Graph(nn.Module):
    """What goes into ONNX: uint8 pictures with the channels last, as cv2 has them."""

    def __init__(self, network: Refiner) -> None:
        super().__init__()
        self.mouth, self.eye = _Live(network.mouth), _Live(network.eye)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return (*self.mouth(*inputs[:4]), *self.eye(*inputs[4:]))


class _Live(nn.Module):
    """A branch's same numbers without folding: its first kernels, of 3x3 places, become ones of 6x6 pixels that go two a step."""

    def __init__(self, branch: Branch) -> None:
        super().__init__()
        self.branch = branch
        kernels = branch.enter.conv.weight.detach()
        self.of_warped, self.of_source = (
            nn.Parameter(_unfolded(kernels[:, i * PICTURES : (i + 1) * PICTURES])) for i in range(2)
        )
        self.of_known = nn.Parameter(kernels[:, 2 * PICTURES :])

    def forward(
        self, warped: Tensor, source: Tensor, maps: Tensor, condition: Tensor
    ) -> tuple[Tensor, Tensor]:
        branch = self.branch
        style, x = (
            branch.style(condition),
            F.conv2d(branch.known(maps), self.of_known, branch.enter.conv.bias, padding=1),
        )
        for picture, kernel in ((warped, self.of_warped), (source, self.of_source)):
            x = x + F.conv2d(picture.float().permute(0, 3, 1, 2) / 255 - 0.5, kernel, stride=2, padding=2)
        return branch.answer(branch.within(branch.enter.styled(x, style), style))


def _unfolded(kernels: Tensor) -> Tensor:
    """(outputs, 12, 3, 3) on folded pixels -> (outputs, 3, 6, 6) on whole ones."""
    return kernels.view(-1, 3, 2, 2, 3, 3).permute(0, 1, 4, 2, 5, 3).reshape(-1, 3, 6, 6)


def _folded(kernels: Tensor) -> Tensor:
    """The other way."""
    return kernels.view(-1, 3, 3, 2, 3, 2).permute(0, 1, 3, 5, 2, 4).reshape(-1, PICTURES, 3, 3)


def write_onnx(network: Refiner, path: Path) -> None:
    """Export with fp16 weights. Inputs and outputs: see liveavatar.renderers.portrait.refiner."""
    inputs: list[Tensor] = []
    for count, (w, h), names in ((1, MOUTH, MOUTH_CONTROLS), (2, EYE, EYE_CONTROLS)):
        picture = torch.zeros(count, h, w, 3, dtype=torch.uint8)
        inputs += [picture, picture, torch.zeros(count, MAPS, h // 2, w // 2), torch.zeros(count, len(names))]
    kinds = ("warped", "source", "maps", "condition")
    parts = ("mouth", "eye")
    write_graph(
        _Graph(copy.deepcopy(network)), tuple(inputs), [f"{part}.{kind}" for part in parts for kind in kinds],
        [f"{part}.{kind}" for part in parts for kind in ("paint", "shift")], path,
    )  # fmt: skip


def read_onnx(path: Path) -> Refiner:
    """The network whose graph write_onnx() wrote, to train on."""
    found = {
        t.name.removesuffix(".half"): torch.from_numpy(onnx.numpy_helper.to_array(t).astype(np.float32))
        for t in onnx.load(str(path)).graph.initializer
    }
    network = Refiner()
    state = {k: found.get(k.replace(".", ".branch.", 1)) for k in network.state_dict()}
    for part in ("mouth", "eye"):
        pictures = (_folded(found[f"{part}.of_{name}"]) for name in ("warped", "source"))
        state[f"{part}.enter.conv.weight"] = torch.cat([*pictures, found[f"{part}.of_known"]], 1)
    network.load_state_dict(state)
    return network
