"""Training that begins where another avatar's ended: the weights in a package's graph, put back into a generator.

The six sheets are the character's own and are not taken; motion and the changes of eyes and mouth are what is alike."""

from collections.abc import Iterable

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from liveavatar.avatar import Avatar
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.training.model import Generator

_OWN = ("sheets", "motion.factors", "centres", "coarse_centres")
"""What a generator has from its rig or its layout."""


def stored_weights(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    """Name in Generator.state_dict() -> float32 array, from a graph as export.write_onnx leaves it."""
    arrays = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    arrays |= {
        n.output[0]: arrays[n.input[0]] for n in graph.node if n.op_type == "Cast" and n.input[0] in arrays
    }
    found = {k.removeprefix("generator."): v for k, v in arrays.items() if k.startswith("generator.")}
    return {k: v.astype(np.float32) for k, v in found.items() if not k.endswith(".half")}


def take_weights(generator: Generator, avatar: Avatar) -> None:
    """Copy the network of a trained avatar into `generator`, all but the sheets.

    Raises TrainingError, with the generator as it was, if the avatar's network is of another design."""
    layout = generator.layout
    if avatar.kind != "gan" or avatar.generator is None:
        _refuse(avatar, tr("it has no network", "它没有网络"))
    _same(avatar, tr("controls", "控制量"), [c.name for c in avatar.controls], layout.controls)
    _same(avatar, tr("layers", "图层"), [layer.name for layer in avatar.layers], layout.layers)
    _same(
        avatar, tr("patches", "局部贴图"),
        [f"{p.name} {p.box[2]}x{p.box[3]}" for p in avatar.patches],
        [f"{name} {w}x{h}" for name, _, (_, _, w, h) in layout.patches],
    )  # fmt: skip
    stored = stored_weights(onnx.load(str(avatar.folder / avatar.generator)).graph)
    state = generator.state_dict()
    wanted = {k: tuple(v.shape) for k, v in state.items() if k not in _OWN}
    wrong = [k for k, shape in wanted.items() if k not in stored or stored[k].shape != shape]
    if wrong:
        has = stored[wrong[0]].shape if wrong[0] in stored else None
        _refuse(
            avatar,
            tr(
                f"{wrong[0]} should be {wanted[wrong[0]]}, is {has or '-'}",
                f"{wrong[0]} 应为 {wanted[wrong[0]]}，实为 {has or '-'}",
            ),
        )
    with torch.no_grad():
        for name in wanted:
            state[name].copy_(torch.from_numpy(np.ascontiguousarray(stored[name])))


def _same(avatar: Avatar, what: str, has: Iterable[str], wanted: Iterable[str]) -> None:
    has, wanted = list(has), list(wanted)
    if has != wanted:
        odd = [name for name in (*wanted, *has) if (name in wanted) != (name in has)] or ["order"]
        _refuse(avatar, tr(f"its {what} differ: {', '.join(odd[:4])}", f"{what}不同：{', '.join(odd[:4])}"))


def _refuse(avatar: Avatar, reason: str) -> None:
    raise TrainingError(
        tr(
            f"training cannot start from avatar {avatar.name!r}: {reason}. Give an avatar of a rig with the same controls, "
            "layers and size, or leave --start out.",
            f"无法以形象 {avatar.name!r} 为起点训练：{reason}。请指定控制量、图层和尺寸相同的形象，或不使用 --start。",
        )
    )
