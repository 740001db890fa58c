"""What a training shows while it runs: sample grids (teacher above, generator below), a curve, quick PSNR."""

import io
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from liveavatar.base.files import append_whole, write_whole
from liveavatar.fitting import metrics
from liveavatar.media.png import encode_png
from liveavatar.training.dataset import BOXES, Dataset
from liveavatar.training.networks import Generator
from liveavatar.training.warp import over, pixel_grid


def draw(generator: Generator, controls: np.ndarray) -> np.ndarray:
    """Whole frames from the torch model: controls (B, n) float32 -> (B, S, S, 4) uint8 premultiplied RGBA."""
    size, device = generator.layout.size, generator.unit.device
    with torch.no_grad():
        flow, patches = generator(torch.from_numpy(controls).to(device))
        frames = [
            over(
                generator.layers(
                    flow[i : i + 1],
                    [p[i : i + 1] for p in patches],
                    pixel_grid(torch.zeros(1, 2, device=device), size),
                )
            )
            for i in range(len(controls))
        ]
    return (torch.cat(frames) * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()


def quick_quality(
    generator: Generator, data: Dataset, controls: np.ndarray, count: int = 12
) -> dict[str, float]:
    """PSNR in dB of a few *training* frames: whole, head box, mouth box. To watch progress, not to report."""
    rows = np.linspace(1, len(data) - 1, count).astype(int)
    ours = draw(generator, controls[rows])
    values: dict[str, list[float]] = {"psnr_frame": [], "psnr_head": [], "psnr_mouth": []}
    for row, image in zip(rows, ours, strict=True):
        a, b = metrics.over_grey(image), metrics.over_grey(data.frames[row])
        values["psnr_frame"].append(metrics.psnr(a, b))
        for name in ("head", "mouth"):
            box = data.boxes[row, BOXES.index(name)]
            values[f"psnr_{name}"].append(metrics.psnr(metrics.crop(a, box), metrics.crop(b, box)))
    return {k: float(np.mean(v)) for k, v in values.items()}


def write_samples(
    path: Path, generator: Generator, data: Dataset, controls: np.ndarray, count: int = 6
) -> None:
    """A PNG: teacher frames above, the generator's below."""
    rows = np.linspace(1, len(data) - 1, count).astype(int)
    ours = draw(generator, controls[rows])
    top = np.hstack([metrics.over_grey(data.frames[r]) for r in rows])
    bottom = np.hstack([metrics.over_grey(image) for image in ours])
    write_png(path, np.vstack([top, bottom]).clip(0, 255).astype(np.uint8))


def write_png(path: Path, image: np.ndarray) -> None:
    """(h, w, 3) or (h, w, 4) uint8, RGB or RGBA, to a PNG; the old one stays until the new one is complete. Raises OSError."""
    write_whole(path, encode_png(image))


class Log:
    """The course of a training, log.jsonl: a line for some steps, with the means of what they told."""

    def __init__(self, path: Path, step: int) -> None:
        """step: how many are done."""
        self.path = path
        self._values: dict[str, list[float]] = {}
        self._step, self._time = step, time.monotonic()

    def add(self, record: dict[str, float]) -> None:
        """What one step told."""
        for key, value in record.items():
            self._values.setdefault(key, []).append(value)

    def write(self, step: int, stage: str, now: float, more: dict[str, float]) -> None:
        """One line for all since the last. now: when the last step ended, seconds of the monotonic clock. Raises OSError."""
        seconds = now - self._time
        means = {key: sum(values) / len(values) for key, values in self._values.items()}
        each = {"ms": 1e3 * seconds / (step - self._step), "seconds": seconds}
        append_log(self.path, {"step": step, "stage": stage, **each, **means, **more})
        self._values.clear()
        self._step, self._time = step, time.monotonic()


def append_log(path: Path, entry: dict[str, Any]) -> None:
    """One JSON line more. Raises OSError; the log is then as it was."""
    rounded = {k: round(v, 6) if isinstance(v, float) else v for k, v in entry.items()}
    append_whole(path, (json.dumps(rounded) + "\n").encode())


def read_log(path: Path) -> list[dict[str, Any]]:
    """The entries; a last line that a crash cut short is left out."""
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        with suppress(ValueError):
            entries.append(json.loads(line))
    return entries


def write_curve(log: Path, path: Path) -> None:
    """Loss and quick PSNR against the step, from log.jsonl."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = read_log(log)
    if not rows:
        return
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    for stage in dict.fromkeys(r["stage"] for r in rows):
        part = [r for r in rows if r["stage"] == stage]
        left.plot([r["step"] for r in part], [r["loss"] for r in part], label=stage)
    for key in ("psnr_frame", "psnr_head", "psnr_mouth"):
        part = [r for r in rows if key in r]
        right.plot([r["step"] for r in part], [r[key] for r in part], label=key)
    left.set(xlabel="step", ylabel="loss", yscale="log")
    right.set(xlabel="step", ylabel="dB (training frames)")
    left.legend()
    right.legend()
    figure.tight_layout()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110)
    plt.close(figure)
    write_whole(path, picture.getvalue())
