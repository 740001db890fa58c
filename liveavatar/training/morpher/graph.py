"""A trained morpher as the ONNX file that draws."""

from pathlib import Path

import torch
from torch import Tensor, nn

from liveavatar.training.morpher.networks import Morpher
from liveavatar.training.morpher.trainer import finished
from liveavatar.training.onnx_export import write_graph


class _Finished(nn.Module):
    def __init__(self, network: Morpher) -> None:
        super().__init__()
        self.network = network

    def forward(self, draft: Tensor, source: Tensor, condition: Tensor) -> Tensor:
        return finished(self.network(draft, source, condition))


def write(network: Morpher, source: int, condition: int, path: Path) -> None:
    """Write the graph: draft (1, 4, h, w), source (1, s, h, w), condition (1, k) -> made (1, 4, h, w), with h and w any multiples
    of 8. source: its channels; condition: its numbers."""
    example = torch.rand(1, 4, 64, 72), torch.rand(1, source, 64, 72), torch.zeros(1, condition)
    sizes = {2: "h", 3: "w"}
    axes = {"draft": sizes, "source": sizes, "made": sizes}
    write_graph(_Finished(network), example, ["draft", "source", "condition"], ["made"], path, axes)
