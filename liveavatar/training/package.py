"""From a trainer's state to an avatar package: the card's words and figures."""

import copy
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import avatar_folders
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.training.onnx_export import export, made_with
from liveavatar.training.report import read_log
from liveavatar.training.sharpness import sharpen
from liveavatar.training.trainer import Trainer


def write_package(trainer: Trainer, name: str, output: Path | None = None) -> tuple[Avatar, float]:
    """Export the EMA generator, its textures sharpened, to `output` (a folder), or the user's avatars; returns it and the parity
    in dB."""
    generator, prepared = copy.deepcopy(trainer.state.average).cpu(), trainer.prepared
    sharpened = sharpen(generator, prepared.data, prepared.controls)
    folder = output or avatar_folders()[0] / name
    drawn = np.asarray(prepared.data.extents)
    extents = np.concatenate([drawn[..., :2].min(0), drawn[..., 2:].max(0)], 1)
    rows = read_log(trainer.folder / "log.jsonl")
    left_out = ("run", "workers", "stop_after")
    device = torch.cuda.get_device_name() if trainer.device.type == "cuda" else "cpu"
    options = {k: v for k, v in asdict(trainer.options).items() if k not in left_out and v is not None}
    about = {
        "licence": "MIT",
        "credits": f"Drawn in code (rig {trainer.options.rig!r}) and trained by the liveavatar authors.",
        "consent": "An invented character; nobody is shown.",
        "made_with": made_with(
            options,
            step=trainer.step,
            sharpened=round(sharpened, 3),
            training_seconds=round(sum(r.get("seconds", 0) for r in rows)),
            cores=os.cpu_count(),
            device=device,
            precision="int8 pictures, fp16 weights, fp32 arithmetic",
        ),
    }
    try:
        return export(generator, folder, name, extents, prepared.controls, about)
    except OSError as error:
        raise TrainingError(
            tr(
                f"the package cannot be written to {folder}: {error.strerror or error}. What was trained is kept in "
                f"{trainer.folder}: free some space, then `liveavatar export` writes it.",
                f"无法把形象包写入 {folder}：{error.strerror or error}。训练结果保存在 "
                f"{trainer.folder}：请释放磁盘空间，再用 `liveavatar export` 写出。",
            )
        ) from error
