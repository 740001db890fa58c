"""A refiner as the ONNX file that draws live, and back again to train on."""

import copy
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liveavatar.renderers.portrait.crops import EYE, EYE_CONTROLS, MAPS, MOUTH, MOUTH_CONTROLS
from liveavatar.training.onnx_export import write_graph
from liveavatar.training.refiner.networks import Branch, Refiner

PICTURES = 12
"""Channels of a picture of which 2x2 pixels are folded into one."""


class _Graph(nn.Module):
    """What goes into ONNX: uint8 pictures with the channels last, as cv2 has them."""

    def __init__(self, network: Refiner) -> None:
        super().__init__()
        self.mouth, self.eye = _Live(network.mouth), _Live(network.eye)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return (*self.mouth(*inputs[:4]), *self.eye(*inputs[4:]))


class _Live(nn.Module):
    """A branch's same numbers without folding: its first kernels, of 3x3 places, become ones of 6x6 pixels that go two a step."""

    def __init__(self, branch: Branch) -> None:
        super().__init__()
        self.branch = branch
        kernels = branch.enter.conv.weight.detach()
        self.of_warped, self.of_source = (
            nn.Parameter(_unfolded(kernels[:, i * PICTURES : (i + 1) * PICTURES])) for i in range(2)
        )
        self.of_known = nn.Parameter(kernels[:, 2 * PICTURES :])

    def forward(
        self, warped: Tensor, source: Tensor, maps: Tensor, condition: Tensor
    ) -> tuple[Tensor, Tensor]:
        branch = self.branch
        style, x = (
            branch.style(condition),
            F.conv2d(branch.with_places(maps), self.of_known, branch.enter.conv.bias, padding=1),
        )
        for picture, kernel in ((warped, self.of_warped), (source, self.of_source)):
            x = x + F.conv2d(picture.float().permute(0, 3, 1, 2) / 255 - 0.5, kernel, stride=2, padding=2)
        return branch.answer(branch.within(branch.enter.styled(x, style), style))


def _unfolded(kernels: Tensor) -> Tensor:
    """(outputs, 12, 3, 3) on folded pixels -> (outputs, 3, 6, 6) on whole ones."""
    return kernels.view(-1, 3, 2, 2, 3, 3).permute(0, 1, 4, 2, 5, 3).reshape(-1, 3, 6, 6)


def _folded(kernels: Tensor) -> Tensor:
    """The other way."""
    return kernels.view(-1, 3, 3, 2, 3, 2).permute(0, 1, 3, 5, 2, 4).reshape(-1, PICTURES, 3, 3)


def write_onnx(network: Refiner, path: Path) -> None:
    """Export with fp16 weights. Inputs and outputs: see liveavatar.renderers.portrait.refiner."""
    inputs: list[Tensor] = []
    for count, (w, h), names in ((1, MOUTH, MOUTH_CONTROLS), (2, EYE, EYE_CONTROLS)):
        picture = torch.zeros(count, h, w, 3, dtype=torch.uint8)
        inputs += [picture, picture, torch.zeros(count, MAPS, h // 2, w // 2), torch.zeros(count, len(names))]
    kinds = ("warped", "source", "maps", "condition")
    parts = ("mouth", "eye")
    write_graph(
        _Graph(copy.deepcopy(network)), tuple(inputs), [f"{part}.{kind}" for part in parts for kind in kinds],
        [f"{part}.{kind}" for part in parts for kind in ("paint", "shift")], path,
    )  # fmt: skip


def read_onnx(path: Path) -> Refiner:
    """The network whose graph write_onnx() wrote, to train on."""
    stored = {
        t.name.removesuffix(".half"): torch.from_numpy(onnx.numpy_helper.to_array(t).astype(np.float32))
        for t in onnx.load(str(path)).graph.initializer
    }
    network = Refiner()
    state = {k: stored.get(k.replace(".", ".branch.", 1)) for k in network.state_dict()}
    for part in ("mouth", "eye"):
        pictures = (_folded(stored[f"{part}.of_{name}"]) for name in ("warped", "source"))
        state[f"{part}.enter.conv.weight"] = torch.cat([*pictures, stored[f"{part}.of_known"]], 1)
    network.load_state_dict(state)
    return network
