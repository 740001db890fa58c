"""Pictures of gestures: motion of a person, a manner and the rules beside one speech, and the course of a training."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.base.files import write_whole
from liveavatar.retargeting.gestures import Gestures
from liveavatar.retargeting.manner import CHANNELS, FPS, Manner
from liveavatar.retargeting.own_gestures import OwnGestures
from liveavatar.training import report
from liveavatar.training.gestures.judge import Performance, performed
from liveavatar.training.gestures.recording import Recording

SHOWN = "headYaw", "headPitch", "headRoll", "browOuterUp", "gazeAcross", "mouthSmile"
WHO = {"person": "0.65", "manner, two seeds": "C0", "": "C3", "rules": "C2"}
"""Performer -> colour."""


def write_motion(path: Path, recording: Recording, manner: Manner) -> None:
    """A PNG: a row for each of SHOWN, lids and loudness; the person, the manner with two seeds, the rules. Raises OSError."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    made = [
        Performance(recording.motion, recording.lids),
        *(performed(recording, OwnGestures(manner, seed=seed)) for seed in (0, 1)),
        performed(recording, Gestures()),
    ]
    time = np.arange(len(recording)) / FPS
    figure, axes = plt.subplots(len(SHOWN) + 2, 1, figsize=(11, 11), sharex=True)
    for (name, colour), by in zip(WHO.items(), made, strict=True):
        for ax, channel in zip(axes, SHOWN, strict=False):
            ax.plot(time, by.motion[:, CHANNELS.index(channel)], color=colour, lw=1.1, label=name or None)
        axes[-2].plot(time, by.lids, color=colour, lw=1.1)
    axes[-1].plot(time, recording.speech[:, 0], color="0.3", lw=1)
    for ax, title in zip(axes, (*SHOWN, "eyeBlink", "loudness"), strict=True):
        ax.set_ylabel(title, fontsize=8)
        ax.tick_params(labelsize=7)
    axes[0].legend(fontsize=8, ncols=4, frameon=False)
    axes[-1].set_xlabel("s")
    figure.tight_layout()
    _write(figure, path)


def write_curve(log: Path, path: Path) -> None:
    """Losses against the step, from log.jsonl. Raises OSError."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = report.read_log(log)
    figure, axes = plt.subplots(1, 2, figsize=(9, 4))
    for ax, names in zip(axes, (("critics", "fooled"), ("alike", "same")), strict=True):
        for name in names:
            ax.plot([row["step"] for row in rows], [row[name] for row in rows], label=name)
        ax.set(xlabel="step")
        ax.legend()
    figure.tight_layout()
    _write(figure, path)


def _write(figure: Any, path: Path) -> None:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=90)
    figure.clear()
    write_whole(path, data.getvalue())
