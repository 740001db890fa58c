"""How fast could a GPU draw an avatar at best? Operations and bytes of its whole graph, and the floor in ms of three cards.

    python -m benchmarks.training.floor [NAME]

Counted on the graph that renderers/wholegraph.py builds: two operations a multiply-add in convolutions and matrix products,
twelve a sampled number (four taps and their weights), one for any other number computed; 4 bytes a number written, and weights
and sheets read once. Constants that are only cast when the session starts do not count. Unfused, every result is written once
and read once; fused, warp and compositing are one kernel.
"""

import sys
from math import prod
from typing import Any

import numpy as np
import onnx
import onnxruntime

from liveavatar.avatar.library import find_avatar
from liveavatar.renderers.gan.gpu import build

CARDS = {"GTX 1650": (3.0, 128), "RTX 3060": (12.7, 360), "RTX 4090": (82.6, 1008)}
"""Peak float32 in TFLOPS and bandwidth in GB/s, by their maker."""
LAUNCH = 5e-6
"""Seconds to start one kernel."""
FREE = ("Reshape", "Unsqueeze", "Squeeze", "Identity", "Constant", "Shape")
"""Nodes that compute nothing."""


def computed_shapes(model: Any) -> dict[str, tuple[int, ...]]:
    """The shape of every node's results, by running the graph once: shape inference loses track of some."""
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    names = [name for node in whole.graph.node for name in node.output]
    del whole.graph.output[:]
    whole.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    plain = onnxruntime.SessionOptions()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(whole.SerializeToString(), plain, ["CPUExecutionProvider"])
    fed = {"placement": np.array([1, 0, 0], np.float32)}
    fed["controls"] = np.zeros(session.get_inputs()[0].shape, np.float32)
    return {name: value.shape for name, value in zip(names, session.run(names, fed), strict=True)}


def operations(node: Any, shapes: dict[str, tuple[int, ...]]) -> float:
    """For each number that the node makes."""
    if node.op_type == "Conv":
        return 2.0 * prod(shapes[node.input[1]][1:])
    if node.op_type in ("Gemm", "MatMul"):
        turned = any(a.name == "transA" and a.i for a in node.attribute)
        return 2.0 * shapes[node.input[0]][0 if turned else -1]
    return 12.0 if node.op_type in ("GridSample", "Resize") else 1.0


def count(model: Any) -> dict[str, dict[str, float]]:
    """Operations, bytes written, bytes read once, and nodes: of the network and of warp and compositing."""
    graph, shapes = model.graph, computed_shapes(model)
    constants = {t.name: prod(t.dims) for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in constants:
            constants[node.output[0]] = constants[node.input[0]]
    shapes |= {t.name: tuple(t.dims) for t in graph.initializer}
    result = {
        part: dict.fromkeys(("operations", "written", "read", "nodes"), 0.0)
        for part in ("network", "picture")
    }
    read: set[str] = set()
    for node in graph.node:
        if node.output[0] in constants or node.op_type in FREE:
            continue
        found = result["picture" if node.output[0].startswith(("whole.", "picture")) else "network"]
        made = sum(prod(shapes[name]) for name in node.output)
        found["operations"] += made * operations(node, shapes)
        found["written"] += 4 * made
        found["nodes"] += 1
        fresh = {name for name in node.input if name in constants} - read
        found["read"] += 4 * sum(constants[name] for name in fresh)
        read |= fresh
    return result


def main() -> None:
    avatar = find_avatar(sys.argv[1] if len(sys.argv) > 1 else "hoshi")
    parts = count(build(avatar))
    both = {key: sum(part[key] for part in parts.values()) for key in parts["network"]}
    for name, part in (*parts.items(), ("all", both)):
        print(
            f"{name:8} {part['operations'] / 1e9:6.2f} GFLOP  written {part['written'] / 1e6:4.0f} MB  "
            f"read once {part['read'] / 1e6:4.0f} MB  {part['nodes']:4.0f} nodes"
        )
    moved = both["read"] + 2 * both["written"]
    fused = both["read"] + 2 * parts["network"]["written"] + 4 * prod(avatar.size)
    for card, (peak, width) in CARDS.items():
        print(
            f"{card}: operations {both['operations'] / peak / 1e9:.2f} ms, bytes {moved / width / 1e6:.1f} ms unfused and "
            f"{fused / width / 1e6:.2f} fused, launches {both['nodes'] * LAUNCH * 1e3:.1f} ms"
        )


if __name__ == "__main__":
    main()
