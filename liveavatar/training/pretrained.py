"""Training that begins where another avatar's ended: how eyelids and mouth change, from the weights in a package's graph.

Textures and motion are the character's own: the one is drawn, the other comes from the rig's points in a minute."""

import re
from collections.abc import Iterable
from typing import NoReturn

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from liveavatar.avatar.card import Avatar, GanParts
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.training.networks import GATE, Generator


def stored_weights(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    """Of the patches' networks: name in Generator.state_dict() -> float32 array, from a graph as export.write_onnx leaves it."""
    arrays = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    arrays |= {
        n.output[0]: arrays[n.input[0]] for n in graph.node if n.op_type == "Cast" and n.input[0] in arrays
    }
    weights = {}
    for name in (n for n in arrays if not n.endswith(".half")):
        if trunk := re.fullmatch(r"patches\.(\d+)\.trunk\.(.+)", name):
            weights["trunks.{}.{}".format(*trunk.groups())] = arrays[name]
        elif last := re.fullmatch(r"patches\.(\d+)\.colours\.(weight|bias)", name):
            rows = _in_planes(arrays[name], arrays.get(name.replace("colours", "gates")))
            weights["trunks.{}.head.1.{}".format(*last.groups())] = rows
    return {name: array.astype(np.float32) for name, array in weights.items()}


def _in_planes(colours: np.ndarray, gates: np.ndarray | None) -> np.ndarray:
    """The last layer's weights or biases as it was trained, plane after plane, from export's order: pixel after pixel, and the
    gates, where there are any, by themselves."""
    inputs = colours.shape[1:]
    planes = colours.reshape(-1, 4, *inputs).swapaxes(0, 1)
    if gates is not None:
        gate = gates[None] + (0 if inputs else GATE)
        planes = np.concatenate([planes, gate])
    return planes.reshape(-1, *inputs, *([1, 1] if inputs else []))


def take_weights(generator: Generator, avatar: Avatar) -> None:
    """Copy what fits of the patches' networks of a trained avatar into `generator`: all of a patch of the same size, all
    but what belongs to a place where the size differs.

    Raises TrainingError, with the generator as it was, if the avatar's network is of another design."""
    layout = generator.layout
    if not isinstance(avatar.parts, GanParts):
        _refuse(avatar, tr("it has no network", "它没有网络"))
    _same(avatar, tr("controls", "控制量"), [c.name for c in avatar.controls], layout.controls)
    _same(
        avatar,
        tr("patches", "局部贴图"),
        [p.name for p in avatar.parts.patches],
        [p.name for p in layout.patches],
    )
    state = {k: v for k, v in generator.state_dict().items() if k.startswith("trunks.")}
    stored = stored_weights(onnx.load_model_from_string(avatar.read(avatar.parts.generator)).graph)
    _require_fit(avatar, stored, state)
    with torch.no_grad():
        for name, parameter in state.items():
            if name in stored and stored[name].shape == parameter.shape:
                parameter.copy_(torch.from_numpy(np.ascontiguousarray(stored[name])))


def _require_fit(avatar: Avatar, stored: dict[str, np.ndarray], state: dict[str, torch.Tensor]) -> None:
    """Refuse a network that lacks a parameter, or has one whose shape no other size of a patch explains."""
    for name, parameter in state.items():
        if _in_last_layer(name):
            continue
        has, wanted = stored[name].shape if name in stored else None, tuple(parameter.shape)
        if has is None or (has != wanted and not _follows_size(name)):
            _refuse(
                avatar,
                tr(f"{name} should be {wanted}, is {has or '-'}", f"{name} 应为 {wanted}，实为 {has or '-'}"),
            )


def _in_last_layer(name: str) -> bool:
    """Whether a parameter belongs to what is quickly learned anew: avatars of before 2026-11-26 have another last layer."""
    return ".head." in name


def _follows_size(name: str) -> bool:
    """Whether a parameter's shape depends on the patch's size."""
    return name.endswith(".place") or ".seed." in name


def _same(avatar: Avatar, what: str, has: Iterable[str], wanted: Iterable[str]) -> None:
    has, wanted = list(has), list(wanted)
    if has != wanted:
        odd = [name for name in (*wanted, *has) if (name in wanted) != (name in has)] or ["order"]
        _refuse(avatar, tr(f"its {what} differ: {', '.join(odd[:4])}", f"{what}不同：{', '.join(odd[:4])}"))


def _refuse(avatar: Avatar, reason: str) -> NoReturn:
    raise TrainingError(
        tr(
            f"training cannot start from avatar {avatar.name!r}: {reason}. Give an avatar of a rig with the same controls and "
            "patches, or leave --start out.",
            f"无法以形象 {avatar.name!r} 为起点训练：{reason}。请指定控制量和局部贴图相同的形象，或不使用 --start。",
        )
    )
