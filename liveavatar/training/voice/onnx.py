"""The generator of a voice as an ONNX graph that goes on from frame to frame, compared with torch before it is kept."""

from pathlib import Path

import numpy as np
import torch

from liveavatar.audio.vocoder import GRAPH
from liveavatar.base.files import write_whole
from liveavatar.base.folders import workspace
from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.renderers.sessions import open_session
from liveavatar.training.onnx_export import write_graph
from liveavatar.training.voice.networks import FEATURES, VoiceNet

_FAR = 0.05
"""By how much the graph's answers may differ from torch's: weights are halves."""
_MEANT = 0.005
"""The same in the mean."""


def write_network(net: VoiceNet, path: Path) -> None:
    """features (1, T, FEATURES), pulses (1, T, 2 BINS), memory -> parts (1, T, 5 BINS), kept. Raises TrainingError where the
    graph answers otherwise than torch."""
    random = np.random.default_rng(1)
    features = random.normal(0, 1, (1, 40, FEATURES)).astype(np.float32)
    features[..., 2:-4] = features[..., 2:-4] * 2 - 7
    pulses = random.normal(0, 15, (1, 40, net.body.first.in_features - FEATURES)).astype(np.float32)
    names = ["features", "pulses", "memory"]
    given = (torch.from_numpy(features), torch.from_numpy(pulses), net.body.start(1))
    axes = {"features": {1: "frames"}, "pulses": {1: "frames"}, "parts": {1: "frames"}}
    with workspace(path.parent) as work:
        write_graph(net, given, names, ["parts", "kept"], work / GRAPH, axes)
        graph = (work / GRAPH).read_bytes()
    with torch.no_grad():
        truth = net(*given)[0].numpy()
    answer = open_session(graph, "cpu", 1)[0].run(
        None, {n: v.numpy() for n, v in zip(names, given, strict=True)}
    )[0]
    wrong = np.abs(answer - truth)
    if not (wrong.max() < _FAR and wrong.mean() < _MEANT):
        raise TrainingError(
            tr(
                f"the graph answers otherwise than torch, by {wrong.max():.3g}",
                f"导出的模型与 torch 的结果相差 {wrong.max():.3g}",
            )
        )
    write_whole(path, graph)
