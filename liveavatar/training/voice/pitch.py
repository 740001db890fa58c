"""Teaches the network of liveavatar.audio.pitch: `python -m liveavatar.training.voice.pitch --data FOLDER [--steps N]`.

The folder is one of speech (see speech); --seconds of each speaker's are used, and --made pieces by numbers. One thread; a run
that was stopped goes on. Writes pitch.onnx into the run's folder.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveavatar.audio.pitch import GRAPH, PITCHES, SEEN
from liveavatar.training import checkpoint, loop, report
from liveavatar.training.dataset import cache_folder
from liveavatar.training.lips.voices import RATE
from liveavatar.training.onnx_export import write_graph
from liveavatar.training.precision import bfloat16_is_quick
from liveavatar.training.voice.causal import Causal
from liveavatar.training.voice.intonation import FRAMES, Lesson, lesson, real
from liveavatar.training.voice.speech import read_speech

RHYTHM = loop.Rhythm("pitch", log=50, samples=500, save=180.0)
DILATIONS = (1, 2, 4, 8, 1)
BATCH, CROP = 8, 200
"""Pieces a step, and frames of each."""
RATE_MOST, EMA = 2e-3, 0.998
WIDE = 1.0
"""Deviation of the pitch that is asked for, in places."""
HELD = 0.05
"""How much the pitch counts where nothing is voiced."""


class PitchNet(nn.Module):
    """What is seen of frames -> scores of pitches, and of voicing."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Causal(SEEN, 192, 1, DILATIONS)
        self.out = nn.Linear(192, PITCHES + 1)
        self.direct = nn.Parameter(torch.tensor([4.0, 2.0]))
        """How much the autocorrelations themselves say."""

    def forward(self, seen: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """seen: (B, T, SEEN), memory of body.start(). Returns (B, T, PITCHES + 1), and what to remember."""
        found, memory = self.body(seen, memory)
        scores = self.out(found)
        likeness = self.direct[0] * seen[..., :PITCHES] + self.direct[1] * seen[..., PITCHES : 2 * PITCHES]
        return torch.cat([scores[..., :PITCHES] + likeness, scores[..., PITCHES:]], -1), memory


@dataclass(frozen=True)
class Course:
    """What is decided before."""

    data: Path
    steps: int
    run: Path
    seconds: float
    """Of each speaker."""
    made: int
    """Pieces by numbers."""


class Trainer:
    """The network and what it learns from; see loop.Training."""

    def __init__(self, course: Course) -> None:
        self.course, self.step = course, 0
        course.run.mkdir(parents=True, exist_ok=True)
        self.lesson = _lesson(course)
        torch.manual_seed(1)
        self.net, self.average = PitchNet(), PitchNet().eval()
        self.average.load_state_dict(self.net.state_dict())
        self.optimizer = torch.optim.AdamW(self.net.parameters(), RATE_MOST, weight_decay=1e-2)
        self.path = course.run / "checkpoint.safetensors"
        if self.path.is_file():
            self.step = checkpoint.load(self.path, self._modules(), {"adam": self.optimizer})

    def _modules(self) -> dict[str, nn.Module]:
        return {"net": self.net, "average": self.average}

    def save(self) -> None:
        """Write a checkpoint now."""
        checkpoint.save(self.path, self.step, self._modules(), {"adam": self.optimizer})

    def train_step(self) -> dict[str, float]:
        """One update. Returns the losses."""
        rng = np.random.default_rng((1, self.step))
        rows = rng.integers(len(self.lesson.seen), size=BATCH)
        starts = rng.integers(FRAMES - CROP + 1, size=BATCH)
        seen, place, voiced = (
            torch.from_numpy(
                np.stack([a[r, s : s + CROP] for r, s in zip(rows, starts, strict=True)])
            ).float()
            for a in self.lesson
        )
        warm, at = min((self.step + 1) / 100, 1.0), self.step / self.course.steps
        self.optimizer.param_groups[0]["lr"] = RATE_MOST * warm * (0.02 + 0.98 * (1 + np.cos(np.pi * at)) / 2)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_is_quick()):
            scores, _ = self.net(seen, self.net.body.start(BATCH))
        losses = _losses(scores.float(), place, voiced)
        total = losses["pitch"] + 0.5 * losses["voicing"]
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        keep = min(EMA, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.net.parameters(), strict=True):
                mean.lerp_(value, 1 - keep)
        self.step += 1
        return {name: value.item() for name, value in losses.items()} | {"loss": total.item()}

    def write_samples(self, path: Path) -> None:
        """A PNG: what is said of pitches over time, high ones above; white the truth."""
        rows = np.linspace(0, len(self.lesson.seen) - 1, 4).astype(int)
        with torch.no_grad():
            scores, _ = self.average(
                torch.from_numpy(self.lesson.seen[rows]).float(), self.average.body.start(4)
            )
        shares = (scores[..., :PITCHES].softmax(-1) * scores[..., PITCHES:].sigmoid()).numpy()
        pictures = np.repeat(255 * np.sqrt(shares)[..., None], 3, -1).clip(0, 255).astype(np.uint8)
        for picture, row in zip(pictures, rows, strict=True):
            times = np.flatnonzero(self.lesson.voiced[row])
            places = np.round(self.lesson.place[row, times]).astype(int).clip(0, PITCHES - 1)
            picture[times, places] = (60, 220, 90)
        report.write_png(path, np.concatenate([p.transpose(1, 0, 2)[::-1] for p in pictures]))


def _losses(scores: Tensor, place: Tensor, voiced: Tensor) -> dict[str, Tensor]:
    distance = torch.arange(PITCHES) - place[..., None]
    asked = (-0.5 * (distance / WIDE) ** 2).softmax(-1)
    each = -(asked * scores[..., :PITCHES].log_softmax(-1)).sum(-1)
    weight = HELD + (1 - HELD) * voiced
    return {
        "pitch": (each * weight).sum() / weight.sum(),
        "voicing": F.binary_cross_entropy_with_logits(scores[..., PITCHES], voiced),
    }


def _lesson(course: Course) -> Lesson:
    """Made, or read from the run's folder."""
    files = [course.run / f"lesson-{name}.npy" for name in Lesson._fields]
    if not all(file.is_file() for file in files):
        speech = read_speech(course.data, RATE, course.run)
        pieces = real(speech, course.seconds, course.run, _tell("Harvest"))
        for file, array in zip(
            files, lesson(np.random.default_rng(7), pieces, course.made, 3, _tell("sounds")), strict=True
        ):
            np.save(file, array)
    return Lesson(*(np.load(file) for file in files))


def _tell(what: str) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if done % 50 == 0 or done == total:
            print(what, done, "/", total, flush=True)

    return tell


def write_network(net: PitchNet, path: Path) -> None:
    """The graph of the network: seen (1, T, SEEN), memory -> scores (1, T, PITCHES + 1), memory."""
    example = torch.zeros(1, 3, SEEN), net.body.start(1)
    axes = {"seen": {1: "frames"}, "scores": {1: "frames"}}
    write_graph(net, example, ["seen", "memory"], ["scores", "kept"], path, axes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--seconds", type=float, default=420.0)
    parser.add_argument("--made", type=int, default=600)
    parser.add_argument("--run", type=Path, default=cache_folder() / "runs" / "pitch")
    options = parser.parse_args()
    torch.set_num_threads(1)
    trainer = Trainer(Course(options.data, options.steps, options.run, options.seconds, options.made))
    loop.run(trainer, options.steps, options.run, RHYTHM, _tell("steps"), draw=_curve)
    write_network(trainer.average, options.run / GRAPH)


def _curve(log: Path, path: Path) -> None:
    """Losses against steps."""
    import io

    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from liveavatar.base.files import write_whole

    rows = report.read_log(log)
    figure, axes = plt.subplots(figsize=(8, 4))
    for name in ("pitch", "voicing"):
        axes.plot([row["step"] for row in rows], [row[name] for row in rows], label=name)
    axes.set(xlabel="step", yscale="log")
    axes.legend()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=100)
    plt.close(figure)
    write_whole(path, picture.getvalue())


if __name__ == "__main__":
    main()
