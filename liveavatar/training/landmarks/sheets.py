"""What the training of landmarks shows while it runs: faces with what is found in them, and a curve."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch

from liveavatar.base.files import write_whole
from liveavatar.training.report import read_log, write_png

if TYPE_CHECKING:
    from liveavatar.training.landmarks.trainer import Trainer

_TRUE, _SEEN, _BEHIND = (0, 200, 0), (255, 0, 0), (0, 120, 255)


def write(trainer: "Trainer", path: Path) -> None:
    """A PNG: true points green, found ones red, blue where the network takes them for hidden."""
    batch = trainer.batch(np.random.default_rng(7))
    with torch.no_grad():
        found = trainer.averages["points"](batch.squares)
    cells = []
    for square, true, at, hidden in zip(batch.squares, batch.points, found.points, found.hidden, strict=True):
        picture = ((square.permute(1, 2, 0).numpy() + 1) * 127.5).astype(np.uint8)
        cell = cv2.resize(np.ascontiguousarray(picture), (256, 256))
        for place in true[true.isfinite().all(-1)].numpy():
            cv2.circle(cell, tuple(int(v) for v in 256 * place), 2, _TRUE, -1)
        for place, behind in zip(at.numpy(), hidden.numpy(), strict=True):
            cv2.circle(cell, tuple(int(v) for v in 256 * place), 2, _BEHIND if behind > 0 else _SEEN, -1)
        cells.append(cell)
    across = 6
    cells = cells[: len(cells) // across * across] or cells
    rows = [np.hstack(cells[k : k + across]) for k in range(0, len(cells), across)]
    write_png(path, np.vstack([row for row in rows if row.shape == rows[0].shape]))


def write_curve(log: Path, path: Path) -> None:
    """Losses against the step, from log.jsonl."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = read_log(log)
    if not rows:
        return
    figure, axes = plt.subplots(figsize=(7, 4))
    for key in ("points", "detail_points", "maps", "hidden", "middles", "places"):
        axes.plot([r["step"] for r in rows], [r[key] for r in rows], label=key)
    axes.set(xlabel="step", yscale="log")
    axes.legend()
    figure.tight_layout()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110)
    plt.close(figure)
    write_whole(path, picture.getvalue())
