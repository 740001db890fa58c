"""Trains one avatar: pairs from a rig -> motion from its points -> patches -> refine -> gan.

Resumable at any moment: everything random follows from (seed, step), checkpoints hold the rest. The EMA is what ships.
"""

import math
import time

import numpy as np
import torch
from torch import Tensor

from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.training import ending, losses, report
from liveavatar.training.crops import Crops
from liveavatar.training.losses import reconstruction
from liveavatar.training.prepared import CHECKPOINT, Prepared
from liveavatar.training.progress import Progress
from liveavatar.training.schedule import Stage, stage_at
from liveavatar.training.warp import over, pixel_grid

LOG_EVERY, SAMPLES_EVERY = 50, 500
"""Steps between two lines of the log, and between two that tell the quality and come with a picture of samples."""
SAVE_EVERY = 120.0
"""Seconds between two checkpoints."""


class Trainer:
    """One loop over what was prepared."""

    def __init__(self, prepared: Prepared, progress: Progress | None = None) -> None:
        self.prepared, self.progress = prepared, progress or Progress()
        self.options, self.folder = prepared.options, prepared.folder
        self.state, self.layout, self.device = prepared.state, prepared.layout, prepared.device
        self.path = self.folder / CHECKPOINT
        self.crops = Crops(prepared.data)

    @property
    def step(self) -> int:
        """How many steps are done."""
        return self.state.step

    def run(self) -> None:
        """Train to the last step, logging as it goes; on Ctrl-C save and re-raise."""
        # Setup: where it ends, and where its course is kept.
        options, prepared = self.options, self.prepared
        last = options.steps
        if options.stop_after is not None:
            last = min(last, self.step + options.stop_after)
        log = report.Log(self.folder / "log.jsonl", self.step)
        saved = time.monotonic()
        with ending.kept(self.save, log.path):
            while self.step < last:
                # One step.
                stage = stage_at(self.step, options.steps)
                record = self.train_step(stage)
                _require_finite(record["loss"], self.step)
                log.add(record)
                self.progress.training(self.step, options.steps, stage.name)
                # Now and then a line of the log, with it rarer samples, and a checkpoint.
                now, ends = time.monotonic(), self.step == options.steps
                if self.step % LOG_EVERY == 0 or ends:
                    quality: dict[str, float] = {}
                    if self.step % SAMPLES_EVERY == 0 or ends:
                        shown = self.state.average, prepared.data, prepared.controls
                        quality = report.quick_quality(*shown)
                        report.write_samples(self.folder / f"samples-{self.step:06d}.png", *shown)
                    log.write(self.step, stage.name, now, quality)
                if now - saved > SAVE_EVERY:
                    self.save()
                    saved = now

    def train_step(self, stage: Stage) -> dict[str, float]:
        """One update; everything random follows from (seed, step). Returns what to log."""
        rng = np.random.default_rng((self.options.seed, self.step))
        self.state.begin_step(stage.rates)
        record: dict[str, float] = {}
        if stage.name == "patches" or (stage.name == "refine" and self.step % 2):
            loss = self._learn_patches(rng)  # a crop of the picture shows little of eyes and mouth
        else:
            loss, record = self._learn_pictures(rng, stage)
        record["grad"] = self.state.end_step()
        return {"loss": loss, "lr": stage.rates[0], **record}

    def save(self) -> None:
        """Write a checkpoint now."""
        self.state.save(self.path)

    def _learn_patches(self, rng: np.random.Generator) -> float:
        """Gradients of the colour branches alone, in the face's own frame: nothing to warp, twice the pictures a step. Returns
        the loss."""
        prepared, generator = self.prepared, self.state.generator
        rows = np.sort(rng.integers(0, len(prepared.still_controls), 2 * self.options.batch))
        controls = torch.from_numpy(prepared.still_controls[rows]).to(self.device)
        patches = generator.patches(controls / generator.unit)
        loss = torch.zeros((), device=self.device)
        for place, patch in zip(self.layout.patches, patches, strict=True):
            truth = prepared.target(place.name, rows).to(self.device)
            loss = loss + reconstruction(patch, truth.float() / 255, prepared.still_weights[place.name])
        loss.backward()
        return loss.item()

    def _learn_pictures(self, rng: np.random.Generator, stage: Stage) -> tuple[float, dict[str, float]]:
        """Gradients of all of it, from crops of the pictures; in the last stage the critic judges smaller ones too. Returns the
        loss and what else to log."""
        judged = stage.name == "gan" and losses.ADVERSARIAL > 0
        size = self.options.size
        crop = size // 4 if judged else size // 2
        rows, origins = self.crops.draw(rng, self.options.batch, crop)
        visible = self.crops.visible(rows, origins, crop).to(self.device)
        real = self.crops.truth(rows, origins, crop).to(self.device)
        weight = self.crops.weights(rows, origins, crop).to(self.device)
        origins = origins.to(self.device)
        controls = torch.from_numpy(self.prepared.controls[rows]).to(self.device)
        flow, patches = self.state.generator(controls)
        fake = over(self.state.generator.layers(flow, patches, pixel_grid(origins, crop), visible))
        if not judged:
            loss = reconstruction(fake, real, weight)
            loss.backward()
            return loss.item(), {}
        output = fake.detach().requires_grad_(True)
        loss = reconstruction(output, real, weight)
        slope: Tensor
        (slope,) = torch.autograd.grad(loss, output)
        place = origins.float() / (size - crop) * 2 - 1
        direction, record = self.state.critic.direction(self.step, fake.detach(), real, controls, place)
        fake.backward(slope + slope.norm() * direction * min(1.0, 4 * stage.progress))  # type: ignore[no-untyped-call]
        return loss.item(), record


def _require_finite(loss: float, step: int) -> None:
    if not math.isfinite(loss):
        raise TrainingError(
            tr(
                f"the loss became {loss} at step {step}. Start again from the last checkpoint with another --seed.",
                f"第 {step} 步损失变为 {loss}。请换一个 --seed 从头训练。",
            )
        )
