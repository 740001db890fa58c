"""Trains one avatar: pairs from a rig -> warm start -> layers -> joint -> refine -> adversarial.

Resumable at any moment: everything random follows from (seed, step), checkpoints hold the rest. The EMA is what ships.
"""

import ctypes
import json
import math
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.controls import HEAD, INDEX, RANGES, SECONDARY
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs import open_rig
from liveavatar.training import checkpoint, report
from liveavatar.training.dataset import (
    BOXES,
    cache_folder,
    open_dataset,
    open_stills,
    render_missing,
    render_stills,
)
from liveavatar.training.model import Discriminator, Generator, Layout, over, pixel_grid
from liveavatar.training.sampling import sample
from liveavatar.training.warmstart import warm_start

EMA = 0.998
ADVERSARIAL = 0.42
"""Norm of the adversarial and of the feature-matching gradient, against the reconstruction's, at the output."""

# (name, share of all steps, learning rate at start and end, of the sheets, of the linear flow basis, which is in pixels)
STAGES = (
    ("patches", 0.40, 2.0e-3, 6.0e-4, 0.0, 0.0),
    ("layers", 0.14, 2.0e-3, 1.5e-3, 0.0, 8e-3),
    ("joint", 0.10, 1.5e-3, 1.0e-3, 5e-4, 4e-3),
    ("refine", 0.24, 1.2e-3, 4.0e-4, 3e-4, 2e-3),
    ("gan", 0.12, 5.0e-4, 1.0e-4, 1e-4, 3e-4),
)


@dataclass(frozen=True)
class Options:
    """What the user decides."""

    rig: str = "hoshi"
    frames: int = 3000
    steps: int = 8000
    batch: int = 8
    size: int = 512
    seed: int = 1
    width: float = 1.0
    workers: int = 2
    run: Path | None = None
    stop_after: int | None = None
    """Stop (with a checkpoint) after this many steps of this call; for tests and rehearsals."""

    def folder(self) -> Path:
        """Where checkpoints, logs and sample sheets go."""
        return self.run or cache_folder() / "runs" / self.rig.replace(":", "-")


def stage_at(step: int, steps: int) -> tuple[str, float, tuple[float, float, float]]:
    """Stage name, progress in it [0, 1), and the learning rates (network, sheets, basis) at a step."""
    at, begin = step / steps, 0.0
    for name, share, first, last, sheets, basis in STAGES:
        if at < begin + share or name == STAGES[-1][0]:
            t = min((at - begin) / share, 1.0)
            fall = 0.5 + 0.5 * math.cos(math.pi * t)
            scale = fall + (1 - fall) * last / first
            return name, t, (last + (first - last) * fall, sheets * scale, basis * scale)
        begin += share
    raise AssertionError


def layout_for(rig: Any, conditions: np.ndarray, size: int, width: float = 1.0) -> Layout:
    """Decide the network's shape: the rig's controls and layers, patches where eyes and mouth can be in a still head."""
    low = [RANGES[n][0] for n in rig.controls]
    high = [RANGES[n][1] for n in rig.controls]
    still = conditions[:200].copy()
    still[:, [INDEX[n] for n in (*HEAD, *SECONDARY)]] = 0
    reach = [rig.boxes(c, size) for c in still]
    pads = {"eyes": (10, 8, 10, 24), "mouth": (12, 10, 12, 10)}  # below the eyes: the blush
    spans = {
        name: [min(r[name][i] for r in reach) - pad[i] for i in (0, 1)]
        + [max(r[name][i] for r in reach) + pad[i] for i in (2, 3)]
        for name, pad in pads.items()
    }
    if spans["eyes"][3] > spans["mouth"][1]:  # patches must not overlap: meet half-way
        meet = (spans["eyes"][3] - pads["eyes"][3] + spans["mouth"][1] + pads["mouth"][1]) / 2
        spans["eyes"][3] = spans["mouth"][1] = round(meet)
    boxes = {}
    for name, (x0, y0, x1, y1) in spans.items():
        w, h = (min(size, int(32 * math.ceil(v / 32))) for v in (x1 - x0, y1 - y0))
        y = y1 - h if name == "eyes" else y0  # grow away from each other
        boxes[name] = (max(0, min(round((x0 + x1 - w) / 2), size - w)), max(0, min(round(y), size - h)), w, h)
    # What is drawn over the hair near the eyes (see-through lashes and brows) changes with the expression too.
    above = rig.LAYERS[rig.LAYERS.index("face") + 1 :]
    patches = [("eyes", "face", boxes["eyes"])]
    patches += [(f"eyes_{layer}", layer, boxes["eyes"]) for layer in above]
    patches += [("mouth", "face", boxes["mouth"])]
    return Layout(
        size, tuple(rig.controls), tuple(low), tuple(high), tuple(rig.LAYERS), tuple(patches), width
    )


def _tune_malloc() -> None:
    """Keep freed memory: large tensors on Linux otherwise page-fault at every step."""
    with suppress(OSError, AttributeError):
        if sys.platform == "linux":
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
            libc.mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD


class Trainer:
    """Owns the networks, the data and one visible loop."""

    def __init__(self, options: Options, progress: "Progress") -> None:
        _tune_malloc()
        self.options, self.progress = options, progress
        self.folder = options.folder()
        self.crop, self.judged = options.size // 2, options.size // 4
        self.folder.mkdir(parents=True, exist_ok=True)
        rig = open_rig(options.rig)
        self._remember_options()
        self.data = open_dataset(options.rig, sample(options.frames, options.seed), options.size)
        render_missing(self.data, options.rig, options.workers, progress.rendering)
        self.layout = layout_for(rig, self.data.conditions, options.size, options.width)
        columns = [INDEX[n] for n in self.layout.controls]
        self.controls = np.ascontiguousarray(self.data.conditions[:, columns])
        boxes = self.layout.patches
        self.stills = open_stills(
            options.rig, sample(options.frames // 2, options.seed + 1), options.size, boxes
        )
        render_stills(self.stills, options.rig, options.size, boxes, options.workers, progress.rendering)
        self.still_controls = np.ascontiguousarray(self.stills.conditions[:, columns])

        torch.manual_seed(options.seed)
        self.generator, self.average = Generator(self.layout), Generator(self.layout).eval()
        self.judge = Discriminator(len(columns))
        self.judge.unit.copy_(self.generator.unit)
        special = {id(self.generator.sheets), id(self.generator.basis.weight)}
        rest = [p for p in self.generator.parameters() if id(p) not in special]
        groups: list[dict[str, Any]] = [
            {"params": rest},
            {"params": [self.generator.sheets]},
            {"params": [self.generator.basis.weight]},
        ]
        self.adam = torch.optim.Adam(groups, lr=1e-3, betas=(0.9, 0.99))
        self.judge_adam = torch.optim.Adam(self.judge.parameters(), lr=1e-3, betas=(0.0, 0.99))
        self.modules: dict[str, nn.Module] = {"g": self.generator, "ema": self.average, "d": self.judge}
        self.optimizers: dict[str, torch.optim.Optimizer] = {"g_adam": self.adam, "d_adam": self.judge_adam}
        self.path = self.folder / "checkpoint.safetensors"
        self.step = 0
        if self.path.exists():
            self.step = checkpoint.load(self.path, self.modules, self.optimizers)
        else:
            progress.say(tr("optical flow warm start", "光流热启动"))
            neutral = torch.stack([_image(self._layer_full(k)) for k in range(len(self.layout.layers))])
            self.generator.sheets.data.copy_(neutral)
            warm_start(self.generator, self.data, self.controls)
            self.average.load_state_dict(self.generator.state_dict())

    def _layer_full(self, k: int) -> np.ndarray:
        if not hasattr(self, "_neutral"):
            rig = open_rig(self.options.rig)
            self._neutral = rig.render_layers(self.data.conditions[0], self.options.size)
        return self._neutral[k]

    def _remember_options(self) -> None:
        """Refuse to go on with other options than the run was started with."""
        path = self.folder / "options.json"
        keep = {k: v for k, v in asdict(self.options).items() if k not in ("workers", "run", "stop_after")}
        if path.exists() and (self.folder / "checkpoint.safetensors").exists():
            before = json.loads(path.read_text(encoding="utf-8"))
            if before != keep:
                raise TrainingError(
                    tr(
                        f"{self.folder} was started with {before}, now asked for {keep}. Use the same options, another "
                        "--run folder, or delete it.",
                        f"{self.folder} 起初使用 {before}，现在要求 {keep}。请使用相同选项、换一个 --run 文件夹，或将其删除。",
                    )
                )
        path.write_text(json.dumps(keep, indent=1), encoding="utf-8")

    # ---- one step ----

    def _batch(self, rng: np.random.Generator, judged: bool) -> tuple[np.ndarray, Tensor, Tensor]:
        """Rows, controls (B, n) and the crops' origins (B, 2): two thirds on the head, half of those on eyes or mouth."""
        rows = rng.integers(0, len(self.data), self.options.batch)
        origins = np.zeros((len(rows), 2), np.int64)
        crop = self.judged if judged else self.crop
        for i, row in enumerate(rows):
            pick = rng.uniform()
            name = "mouth" if pick < 0.25 else "eyes" if pick < 0.45 else "head"
            x0, y0, x1, y1 = self.data.boxes[row, BOXES.index(name)]
            centre = rng.uniform([x0, y0], [x1, y1]) if pick < 0.75 else rng.uniform(0, self.options.size, 2)
            origins[i] = np.clip(np.round(centre - crop / 2), 0, self.options.size - crop)
        return rows, torch.from_numpy(self.controls[rows]), torch.from_numpy(origins)

    def _truth(self, rows: np.ndarray, origins: Tensor, crop: int) -> Tensor:
        cuts = [
            np.asarray(self.data.frames[r, y : y + crop, x : x + crop])
            for r, (x, y) in zip(rows, origins.tolist(), strict=True)
        ]
        return torch.from_numpy(np.stack(cuts)).permute(0, 3, 1, 2).float() / 255

    def _weights(self, rows: np.ndarray, origins: Tensor, crop: int) -> Tensor:
        """x3 on the eyes and brows, x8 on the mouth: plain L1 gives an average mouth. (B, 1, crop, crop)."""
        weight = np.ones((len(rows), 1, crop, crop), np.float32)
        for i, (row, (x, y)) in enumerate(zip(rows, origins.tolist(), strict=True)):
            for name, gain in (("eyes", 3.0), ("mouth", 8.0)):
                x0, y0, x1, y1 = np.round(self.data.boxes[row, BOXES.index(name)]).astype(int) - (x, y, x, y)
                weight[i, 0, max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = gain
        return torch.from_numpy(weight)

    def _patches_loss(self, rng: np.random.Generator) -> Tensor:
        """The colour branches alone, in the face's own frame: nothing to warp, twice the pictures a step."""
        rows = np.sort(rng.integers(0, len(self.still_controls), 2 * self.options.batch))
        patches = self.generator.patches(torch.from_numpy(self.still_controls[rows]) / self.generator.unit)
        loss = torch.zeros(())
        for (name, layer, (x, y, w, h)), patch in zip(self.layout.patches, patches, strict=True):
            sheet = self.generator.sheets.detach()[self.layout.layer(layer), :, y : y + h, x : x + w]
            truth = torch.from_numpy(self.stills.patches[name][rows]).permute(0, 3, 1, 2).float() / 255
            loss = loss + self._reconstruction(
                (sheet + patch).clamp(0, 1), truth, torch.ones_like(truth[:, :1])
            )
        return loss

    def _layers_loss(self, rng: np.random.Generator) -> Tensor:
        rows = rng.integers(0, len(self.data), max(1, self.options.batch // 2))
        flow, patches = self.generator(torch.from_numpy(self.controls[rows]))
        half = self.options.size // 2
        layers = self.generator.warp(flow, patches, pixel_grid(torch.zeros(len(rows), 2), half, 2.0))
        truth = (
            torch.from_numpy(np.stack([self.data.layers[r] for r in rows])).permute(0, 1, 4, 2, 3).float()
            / 255
        )
        flat, target = layers.flatten(0, 1), truth.flatten(0, 1)
        loss = 10 * F.l1_loss(flat, target)
        for scale in (2, 4, 8):  # fine lines attract each other only from near; blurred ones from afar
            loss = loss + 5 * F.l1_loss(F.avg_pool2d(flat, scale), F.avg_pool2d(target, scale))
        return loss

    def _reconstruction(self, fake: Tensor, real: Tensor, weight: Tensor) -> Tensor:
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

    def _adversarial(
        self, step: int, fake: Tensor, real: Tensor, controls: Tensor, origins: Tensor
    ) -> tuple[Tensor, dict]:
        """One step of the discriminator, then the gradient at the generator's output from both of its terms."""
        place = origins.float() / (self.options.size - self.judged) * 2 - 1
        detached = fake.detach()
        score_real, _ = self.judge(real, controls, place)
        score_fake, _ = self.judge(detached, controls, place)
        loss_d = F.softplus(score_fake - score_real).mean()  # relativistic paired (Jolicoeur-Martineau 2018)
        total = loss_d
        if step % 8 == 0:  # lazy R1 (Mescheder et al. 2018), gamma .01
            inputs = real.clone().requires_grad_(True)
            (slope,) = torch.autograd.grad(
                self.judge(inputs, controls, place)[0].sum(), inputs, create_graph=True
            )
            total = total + 8 * 0.005 * slope.square().sum((1, 2, 3)).mean()
        self.judge_adam.zero_grad(set_to_none=True)
        total.backward()
        self.judge_adam.step()

        inputs = detached.clone().requires_grad_(True)
        score_fake, features = self.judge(inputs, controls, place)
        with torch.no_grad():
            score_real, wanted = self.judge(real, controls, place)
            shuffled = self.judge(real, controls.roll(1, 0), place)[0]
            gap = F.softplus(score_fake - shuffled).mean() - F.softplus(score_fake - score_real).mean()
        loss_g = F.softplus(score_real - score_fake).mean()
        matching = torch.stack([F.l1_loss(a, b) for a, b in zip(features, wanted, strict=True)]).sum()
        (by_score,) = torch.autograd.grad(loss_g, inputs, retain_graph=True)
        (by_features,) = torch.autograd.grad(matching, inputs)
        directions = by_score / (by_score.norm() + 1e-12) + by_features / (by_features.norm() + 1e-12)
        return ADVERSARIAL * directions, {"d": loss_d.item(), "g": loss_g.item(), "shuffle_gap": gap.item()}

    def train_step(self) -> dict[str, float]:
        """One update; everything random follows from (seed, step)."""
        options = self.options
        rng = np.random.default_rng((options.seed, self.step))
        name, t, rates = stage_at(self.step, options.steps)
        for group, rate in zip(self.adam.param_groups, rates, strict=True):
            group["lr"] = rate
        self.adam.zero_grad(set_to_none=True)
        record: dict[str, float] = {}
        if name in ("patches", "layers"):
            loss = self._patches_loss(rng) if name == "patches" else self._layers_loss(rng)
            loss.backward()
        else:
            judged = name == "gan"
            crop = self.judged if judged else self.crop
            rows, controls, origins = self._batch(rng, judged)
            flow, patches = self.generator(controls)
            fake = over(self.generator.warp(flow, patches, pixel_grid(origins, crop)))
            real = self._truth(rows, origins, crop)
            weight = self._weights(rows, origins, crop) if name != "joint" else torch.ones_like(real[:, :1])
            if not judged:
                loss = self._reconstruction(fake, real, weight)
                loss.backward()
            else:
                inputs = fake.detach().requires_grad_(True)
                loss = self._reconstruction(inputs, real, weight)
                (slope,) = torch.autograd.grad(loss, inputs)
                direction, record = self._adversarial(self.step, fake, real, controls, origins)
                fake.backward(slope + slope.norm() * direction * min(1.0, 4 * t))
        record["grad"] = float(nn.utils.clip_grad_norm_(self.generator.parameters(), 2.0))
        self.adam.step()
        with torch.no_grad():
            self.generator.sheets.clamp_(0, 1)
            keep = min(EMA, (1 + self.step) / (10 + self.step))
            for slow, fast in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        self.step += 1
        return {"loss": loss.item(), "lr": rates[0], **record}

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self.path, self.step, self.modules, self.optimizers)

    def run(self) -> None:
        """Train to the last step, logging as it goes; on Ctrl-C save and re-raise."""
        log = self.folder / "log.jsonl"
        logged = saved = time.monotonic()
        first = last = self.step
        sums: dict[str, list[float]] = {}
        before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            while self.step < self.options.steps:
                if self.options.stop_after is not None and self.step - first >= self.options.stop_after:
                    break
                record = self.train_step()
                if not math.isfinite(record["loss"]):
                    raise TrainingError(
                        tr(
                            f"the loss became {record['loss']} at step {self.step}. Start again from the last checkpoint "
                            "with another --seed.",
                            f"第 {self.step} 步损失变为 {record['loss']}。请换一个 --seed 从头训练。",
                        )
                    )
                for key, value in record.items():
                    sums.setdefault(key, []).append(value)
                now = time.monotonic()
                self.progress.training(
                    self.step, self.options.steps, stage_at(self.step - 1, self.options.steps)[0]
                )
                if self.step % 50 == 0 or self.step == self.options.steps:
                    entry: dict[str, Any] = {
                        "step": self.step, "stage": stage_at(self.step - 1, self.options.steps)[0],
                        "ms": 1e3 * (now - logged) / (self.step - last), "seconds": now - logged,
                        **{k: sum(v) / len(v) for k, v in sums.items()},
                    }  # fmt: skip
                    if self.step % 500 == 0 or self.step == self.options.steps:
                        entry.update(report.quick_quality(self.average, self.data, self.controls))
                        report.write_samples(
                            self.folder / f"samples-{self.step:06d}.png",
                            self.average,
                            self.data,
                            self.controls,
                        )
                    with log.open("a", encoding="utf-8") as file:
                        file.write(
                            json.dumps(
                                {k: round(v, 6) if isinstance(v, float) else v for k, v in entry.items()}
                            )
                            + "\n"
                        )
                    sums.clear()
                    logged, last = time.monotonic(), self.step
                if now - saved > 120:
                    self.save()
                    saved = now
        finally:
            self.save()
            signal.signal(signal.SIGTERM, before)
            if log.exists():
                report.write_curve(log, self.folder / "curve.png")


@dataclass
class Progress:
    """Callbacks the command line draws bars with."""

    rendering: Callable[[int, int], None] = lambda done, total: None
    training: Callable[[int, int, str], None] = lambda step, steps, stage: None
    say: Callable[[str], None] = print


def _interrupt(number: int, frame: object) -> None:
    """A polite kill ends like Ctrl-C: with a checkpoint."""
    raise KeyboardInterrupt


def _image(layer: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(layer)).permute(2, 0, 1).float() / 255
