"""Checkpoints without pickle: one safetensors file with everything that training needs to go on, replaced atomically."""

import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from liveavatar.errors import TrainingError
from liveavatar.language import tr

FORMER = {"sheets": "textures", "centres": None, "coarse_centres": None}
"""Tensors that checkpoints of before 2026-12 call otherwise, or hold although they follow from the layout."""


def save(
    path: Path, step: int, modules: dict[str, nn.Module], optimizers: dict[str, torch.optim.Optimizer]
) -> None:
    """Write weights, optimizer moments and the step. Raises TrainingError; the old file stays until the new one is complete."""
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        tensors.update(
            {f"{name}.{k}": v.detach().clone().contiguous() for k, v in module.state_dict().items()}
        )
    for name, optimizer in optimizers.items():
        for i, state in optimizer.state_dict()["state"].items():
            tensors.update(
                {f"{name}.{i}.{k}": torch.as_tensor(v).clone().contiguous() for k, v in state.items()}
            )
    temporary = path.with_suffix(".new")
    try:
        save_file(tensors, str(temporary), {"step": str(step)})
        os.replace(temporary, path)
    except (OSError, SafetensorError) as error:
        temporary.unlink(missing_ok=True)
        raise unwritable(path, error) from error


def unwritable(path: Path, error: Exception) -> TrainingError:
    """The error for a run's file that cannot be written: most often a full disk."""
    reason = getattr(error, "strerror", None) or error
    return TrainingError(
        tr(
            f"cannot write {path}: {reason}. The last checkpoint is kept: free some space, then the same command goes on "
            "from there.",
            f"无法写入 {path}：{reason}。已保留最近的检查点：请释放磁盘空间，再运行同一命令即可从该处继续。",
        )
    )


def load(path: Path, modules: dict[str, nn.Module], optimizers: dict[str, torch.optim.Optimizer]) -> int:
    """Restore what save() wrote, in place. Returns the step. Raises TrainingError if the file does not fit."""
    try:
        with safe_open(str(path), framework="pt") as file:
            step = int((file.metadata() or {})["step"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        for name, module in modules.items():
            prefix = f"{name}."
            stored = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            named = {FORMER.get(k, k): v for k, v in stored.items()}
            module.load_state_dict({k: v for k, v in named.items() if k is not None})
        for name, optimizer in optimizers.items():
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in tensors.items():
                if key.startswith(f"{name}."):
                    _, i, field = key.split(".")
                    state.setdefault(int(i), {})[field] = value
            optimizer.load_state_dict(
                {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
            )
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise TrainingError(
            tr(
                f"the checkpoint {path} does not fit this training ({error}). Give another --run folder, or delete it.",
                f"检查点 {path} 与本次训练不符（{error}）。请换一个 --run 文件夹，或将其删除。",
            )
        ) from error
    return step
