"""The loop of trainings that learn from the drawn population: step, log, samples, checkpoint, until the last step."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.training import ending, report


class Training(Protocol):
    """What is trained."""

    step: int
    """Steps done."""

    def train_step(self) -> dict[str, float]:
        """One update. Returns the losses."""
        ...

    def save(self) -> None:
        """Write a checkpoint now."""
        ...

    def write_samples(self, path: Path) -> None:
        """Write a PNG of what it does by now."""
        ...


@dataclass(frozen=True)
class Rhythm:
    """How often what is told and kept."""

    stage: str
    """What the log calls it."""
    log: int
    samples: int
    """Steps."""
    save: float
    """Seconds between two checkpoints."""


def advance(training: Training) -> dict[str, float]:
    """One update. Raises TrainingError where a loss is no number."""
    losses = training.train_step()
    if not all(map(math.isfinite, losses.values())):
        raise TrainingError(
            tr(
                f"the loss is no number at step {training.step}. Start in another --run folder with another --seed.",
                f"第 {training.step} 步损失不是数字。请用另一个 --run 文件夹和 --seed 重新开始。",
            )
        )
    return losses


def run(
    training: Training,
    steps: int,
    folder: Path,
    rhythm: Rhythm,
    tell: Callable[[int, int], None] = lambda done, total: None,
    figures: Callable[[bool], dict[str, float]] = lambda sampled: {},
    draw: Callable[[Path, Path], None] = report.write_curve,
) -> None:
    """Train to the last of `steps`; on Ctrl-C save and re-raise. Raises TrainingError.

    folder: of log, samples and curve. figures: what the log tells beside the losses, given whether samples are written at this
    step. draw: see ending.kept."""
    log, saved = report.Log(folder / "log.jsonl", training.step), time.monotonic()
    with ending.kept(training.save, log.path, draw):
        while training.step < steps:
            log.add(advance(training))
            tell(training.step, steps)
            ends = training.step == steps
            sampled = training.step % rhythm.samples == 0 or ends
            if training.step % rhythm.log == 0 or ends:
                log.write(training.step, rhythm.stage, time.monotonic(), figures(sampled))
            if sampled:
                training.write_samples(folder / f"samples-{training.step:06d}.png")
            if time.monotonic() - saved > rhythm.save:
                training.save()
                saved = time.monotonic()
