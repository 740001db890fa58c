"""The networks of landmarks as ONNX graphs, whose answers are compared with torch's before they are kept."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from liveavatar.base.files import write_whole
from liveavatar.base.folders import workspace
from liveavatar.errors import TrainingError
from liveavatar.landmarks.frame import DETAIL_SIDE, POINTS_SIDE
from liveavatar.language import tr
from liveavatar.renderers.sessions import open_session
from liveavatar.training.onnx_export import write_graph

FILES = ("landmarks-faces.onnx", "landmarks-points.onnx", "landmarks-details.onnx")
_FAR = 0.02
"""By how much the graph's answers may differ from torch's: weights are halves."""


class _Bytes(nn.Module):
    """A network on pictures (n, H, W, 3) uint8."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        """cells or points: see landmarks.finder."""
        found = self.network(pictures.permute(0, 3, 1, 2).float() / 127.5 - 1)
        if isinstance(found, Tensor):
            return found
        return torch.cat([found.points, found.error[..., None], found.hidden[..., None]], -1)


def write_onnx(networks: nn.ModuleDict, folder: Path) -> list[Path]:
    """Write all graphs. Raises TrainingError where one does not answer as torch does."""
    random = np.random.default_rng(1)
    paths = []
    for name, part, inputs, output, axes in (
        (
            FILES[0],
            "faces",
            "picture",
            "cells",
            {"picture": {1: "height", 2: "width"}, "cells": {2: "rows", 3: "columns"}},
        ),
        (FILES[1], "points", "squares", "points", {"squares": {0: "count"}, "points": {0: "count"}}),
        (FILES[2], "details", "squares", "points", {"squares": {0: "count"}, "points": {0: "count"}}),
    ):
        side = DETAIL_SIDE if part == "details" else POINTS_SIDE
        pictures = random.integers(0, 256, (1, side, side, 3)).astype(np.uint8)
        module = _Bytes(networks[part]).eval()
        with workspace(folder) as work:
            write_graph(module, (torch.from_numpy(pictures),), [inputs], [output], work / name, axes)
            graph = (work / name).read_bytes()
        answer = open_session(graph, "cpu", 1)[0].run(None, {inputs: pictures})[0]
        with torch.no_grad():
            wrong = float(np.abs(answer - module(torch.from_numpy(pictures)).numpy()).max())
        if not wrong < _FAR:
            raise TrainingError(
                tr(
                    f"{name} answers otherwise than torch, by {wrong:.3g}",
                    f"{name} 与 torch 的结果相差 {wrong:.3g}",
                )
            )
        write_whole(folder / name, graph)
        paths.append(folder / name)
    return paths
