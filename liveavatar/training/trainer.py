"""Trains one avatar: pairs from a rig -> motion from its points -> patches -> refine -> gan.

Resumable at any moment: everything random follows from (seed, step), checkpoints hold the rest. The EMA is what ships.
"""

import ctypes
import json
import math
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from liveavatar.avatar.library import find_avatar
from liveavatar.base.files import write_whole
from liveavatar.controls import INDEX
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs import Rig, open_rig
from liveavatar.training import checkpoint, losses, report
from liveavatar.training.crops import Crops
from liveavatar.training.dataset import (
    draw_motion,
    motion_counts,
    open_dataset,
    render_missing,
    thinned,
)
from liveavatar.training.layout import layout_for
from liveavatar.training.losses import Critic, reconstruction
from liveavatar.training.motion_init import warm_start
from liveavatar.training.muon import Muon
from liveavatar.training.networks import Generator
from liveavatar.training.pretrained import take_weights
from liveavatar.training.sampling import sample
from liveavatar.training.schedule import Options, stage_at
from liveavatar.training.stills import open_stills, render_stills, with_margin
from liveavatar.training.unwarp import extremes, softened, take_back, taken_back
from liveavatar.training.warp import changed, over, pixel_grid

EMA = 0.998
SHEETS_EVERY = 4
"""Steps between two of the sheets: they begin sharp, and their 25 million numbers cost a third of a step."""
MUON_RATE = 10.0
"""Muon's learning rate over Adam's: by trying 10 and 25 (benchmarks/LOG.md, 2026-11-26)."""
MOVES, LEAST_MOVES = 6, 2000
"""Conditions for the motion, for each frame and at least: points cost a tenth of a picture (benchmarks/LOG.md, 2026-11-26)."""


def _tune_malloc() -> None:
    """Keep freed memory: large tensors on Linux otherwise page-fault at every step."""
    with suppress(OSError, AttributeError):
        if sys.platform == "linux":
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
            libc.mallopt(-1, (1 << 31) - 1)  # M_TRIM_THRESHOLD


def _liveliness(drawn: Tensor) -> Tensor:
    """How much each pixel of pictures (N, 4, h, w) uint8 changes between them, over a floor: (1, 1, h, w)."""
    spread = (drawn.float() / 255).std(0).mean(0)
    return (0.15 + 0.85 * spread / spread.mean().clamp(min=1e-6))[None, None]


def _opaque_median(drawn: Tensor) -> Tensor:
    """The median of pictures (N, 4, h, w) uint8 at each pixel, of those that are opaque there, where any are: (4, h, w) in
    [0, 1]."""
    result = np.empty(drawn.shape[1:], np.float32)
    for row in range(drawn.shape[2]):  # one row at a time: all at once would take gigabytes
        line = drawn[:, :, row].numpy().astype(np.float32) / 255
        opaque = line[:, 3:] > 0.98
        kept = np.where(opaque | ~opaque.any(0), line, np.nan)
        result[:, row] = np.nanmedian(kept, axis=0)
    return torch.from_numpy(result)


class Trainer:
    """Owns the networks, the data and one visible loop."""

    def __init__(self, options: Options, progress: "Progress") -> None:
        _tune_malloc()
        self.options, self.progress = options, progress
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.folder = options.folder()
        self.crop, self.judged = options.size // 2, options.size // 4
        self.folder.mkdir(parents=True, exist_ok=True)
        rig = open_rig(options.rig)
        start = find_avatar(options.start) if options.start is not None else None
        self._remember_options()
        self.data = open_dataset(options.rig, sample(options.frames, options.seed), options.size)
        render_missing(self.data, options.rig, options.workers, progress.rendering)
        self.layout = layout_for(rig, self.data.conditions, options.size, options.width)
        columns = [INDEX[n] for n in self.layout.controls]
        self.crops = Crops(self.data)
        self.controls = np.ascontiguousarray(self.data.conditions[:, columns])
        detail = self.layout.detail
        self.still_boxes = tuple(
            replace(patch, box=with_margin(patch.box, options.size).scaled(detail))
            for patch in self.layout.patches
        )
        boxes, large = self.still_boxes, options.size * detail
        self.stills = open_stills(options.rig, sample(options.frames, options.seed + 1), large, boxes)
        render_stills(self.stills, options.rig, large, boxes, options.workers, progress.rendering)
        self.still_controls = np.ascontiguousarray(self.stills.conditions[:, columns])
        corners = {part.name: part.box[:2] for part in boxes}

        torch.manual_seed(options.seed)
        self.generator, self.average = (Generator(self.layout).to(self.device) for _ in range(2))
        self.average.eval()
        self.critic = Critic(self.generator.unit)
        motion = list(self.generator.motion.parameters())
        matrices = self.generator.patch_matrices()
        special = {id(p) for p in (self.generator.textures, *motion, *matrices)}
        rest = [p for p in self.generator.parameters() if id(p) not in special]
        groups: list[dict[str, Any]] = [
            {"params": rest},
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
        self.path = self.folder / "checkpoint.safetensors"
        self.step = 0
        if self.path.exists():
            self.step = checkpoint.load(self.path, self.modules, self.optimizers)
        else:
            shutil.rmtree(self.folder / "targets", ignore_errors=True)  # of another run's motion
            many = sample(max(MOVES * options.frames, LEAST_MOVES), options.seed)
            points = draw_motion(options.rig, many, options.size, options.workers, progress.rendering)
            counts = motion_counts(rig, options.size)
            moved = np.ascontiguousarray(many[:, columns])
            at_rest = np.concatenate(thinned(rig.sheet_points(options.size)))
            warm_start(self.generator, moved, points, at_rest, counts, options.seed, progress.motion)
            self.generator.textures.data.copy_(self._drawn_sheets(rig))
            if start is not None:
                take_weights(self.generator, start)
        self.targets = take_back(
            self.average if self.step else self.generator,
            self.stills, self.still_controls, corners, self.folder / "targets", progress.taking_back,
        )  # fmt: skip
        some = np.arange(0, len(self.still_controls), -(-len(self.still_controls) // 400))
        if not self.step:
            for name, bare in self.generator.bare.items():
                bare.data.copy_(_opaque_median(self._target(name, some[::2])))
            self.average.load_state_dict(self.generator.state_dict())
        bounds = {
            name: tuple(bound.to(self.device) for bound in extremes(self.targets[name]))
            for name in self.generator.bare
        }
        self.generator.bounds = self.average.bounds = bounds  # type: ignore[assignment]
        self.still_weights = {
            name: _liveliness(self._target(name, some)).to(self.device) for name in self.targets
        }

    def _drawn_sheets(self, rig: Rig) -> Tensor:
        """The neutral layers as sheets (L, 4, S * detail, S * detail) in [0, 1]; of a layer that is laid out for its patches,
        what these show."""
        detail = self.layout.detail
        drawn = rig.render_layers(self.data.conditions[0], self.options.size * detail)
        sheets = softened(torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 255, detail)
        neutral = torch.from_numpy(self.controls[:1]).to(self.device) / self.generator.unit
        for name in self.layout.laid_out:
            k = self.layout.layer(name)
            sheets[k] = 0
            for i, patch in enumerate(self.layout.patches):
                if patch.layer == name:
                    self.generator.warp.part_of(sheets[k], patch.box).copy_(
                        taken_back(self.generator, i, neutral, [drawn[k]])[0]
                    )
        return sheets

    def _remember_options(self) -> None:
        """Refuse to go on with other options than the run was started with."""
        path = self.folder / "options.json"
        keep = {
            k: v
            for k, v in asdict(self.options).items()
            if k not in ("workers", "run", "stop_after") and v is not None
        }
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
        write_whole(path, json.dumps(keep, indent=1).encode())

    def _patches_loss(self, rng: np.random.Generator) -> Tensor:
        """The colour branches alone, in the face's own frame: nothing to warp, twice the pictures a step."""
        rows = np.sort(rng.integers(0, len(self.still_controls), 2 * self.options.batch))
        controls = torch.from_numpy(self.still_controls[rows]).to(self.device)
        patches = self.generator.patches(controls / self.generator.unit)
        loss = torch.zeros((), device=self.device)
        for place, patch in zip(self.layout.patches, patches, strict=True):
            texture = self.generator.textures.detach()[self.layout.layer(place.layer)]
            ours = changed(patch, self.generator.warp.part_of(texture, place.box))
            truth = self._target(place.name, rows).to(self.device)
            loss = loss + reconstruction(ours, truth.float() / 255, self.still_weights[place.name])
        return loss

    def _target(self, patch: str, rows: np.ndarray) -> Tensor:
        """What a patch's part of its layer's sheet must look like for stills: (B, 4, h, w) uint8."""
        return torch.as_tensor(self.targets[patch][rows]).permute(0, 3, 1, 2)

    def train_step(self) -> dict[str, float]:
        """One update; everything random follows from (seed, step)."""
        options = self.options
        rng = np.random.default_rng((options.seed, self.step))
        name, t, rates = stage_at(self.step, options.steps, options.stages())
        for group, rate in zip(self.adam.param_groups, rates, strict=True):
            group["lr"] = rate
        self.muon.param_groups[0]["lr"] = MUON_RATE * rates[0]
        self.generator.zero_grad(set_to_none=True)
        drawing = self.step % SHEETS_EVERY == 0
        self.generator.textures.requires_grad_(drawing)
        record: dict[str, float] = {}
        if name == "patches" or (name == "refine" and self.step % 2):  # a crop shows little of eyes and mouth
            loss = self._patches_loss(rng)
            loss.backward()
        else:
            judged = name == "gan" and losses.ADVERSARIAL > 0
            crop = self.judged if judged else self.crop
            rows, origins = self.crops.draw(rng, options.batch, crop)
            controls = torch.from_numpy(self.controls[rows]).to(self.device)
            flow, patches = self.generator(controls)
            seen = self.crops.seen(rows, origins, crop).to(self.device)
            fake = over(self.generator.layers(flow, patches, pixel_grid(origins.to(self.device), crop), seen))
            real = self.crops.truth(rows, origins, crop).to(self.device)
            weight = self.crops.weights(rows, origins, crop).to(self.device)
            if not judged:
                loss = reconstruction(fake, real, weight)
                loss.backward()
            else:
                inputs = fake.detach().requires_grad_(True)
                loss = reconstruction(inputs, real, weight)
                (slope,) = torch.autograd.grad(loss, inputs)
                place = origins.to(self.device).float() / (options.size - crop) * 2 - 1
                direction, record = self.critic.direction(self.step, fake.detach(), real, controls, place)
                fake.backward(slope + slope.norm() * direction * min(1.0, 4 * t))
        record["grad"] = float(nn.utils.clip_grad_norm_(self.generator.parameters(), 2.0))
        self.adam.step()
        self.muon.step()
        with torch.no_grad():
            self.generator.textures.clamp_(0, 1)
            keep = min(EMA, (1 + self.step) / (10 + self.step))
            for slow, fast in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                if fast is not self.generator.textures:
                    slow.lerp_(fast, 1 - keep)
                elif drawing:
                    slow.lerp_(fast, 1 - keep**SHEETS_EVERY)
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
                    self.step,
                    self.options.steps,
                    stage_at(self.step - 1, self.options.steps, self.options.stages())[0],
                )
                if self.step % 50 == 0 or self.step == self.options.steps:
                    entry: dict[str, Any] = {
                        "step": self.step, "stage": stage_at(self.step - 1, self.options.steps, self.options.stages())[0],
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
                    report.append_log(log, entry)
                    sums.clear()
                    logged, last = time.monotonic(), self.step
                if now - saved > 120:
                    self.save()
                    saved = now
        except TrainingError:
            raise  # the last good checkpoint stays
        except OSError as error:
            raise checkpoint.unwritable(log, error) from error
        except BaseException:
            self.save()
            raise
        else:
            self.save()
        finally:
            with suppress(OSError):  # it hides no other error, and the next run draws it
                report.write_curve(log, self.folder / "curve.png")


@dataclass
class Progress:
    """Callbacks the command line draws bars with."""

    rendering: Callable[[int, int], None] = lambda done, total: None
    training: Callable[[int, int, str], None] = lambda step, steps, stage: None
    say: Callable[[str], None] = print
    motion: Callable[[int, int], None] = lambda done, total: None
    taking_back: Callable[[int, int], None] = lambda done, total: None
