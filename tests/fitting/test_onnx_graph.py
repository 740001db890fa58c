"""Graphs written byte by byte: ONNX Runtime takes them and computes what was meant, and they pass for an avatar's."""

import numpy as np
import onnxruntime

from liveavatar.avatar.graph import check_graph
from liveavatar.avatar.graph_part import read_tensors
from liveavatar.fitting.onnx_graph import MIN_HALF, Graph


def test_onnx_runtime_computes_what_was_written() -> None:
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(5, MIN_HALF)).astype(np.float32)
    graph = Graph()
    picked = graph.op("Gather", "x", graph.constant([4, 0, 2], np.int64), axis=1)
    part = graph.part(graph.op("Concat", picked, "x", axis=1), 3, 8)
    product = graph.op("MatMul", part, graph.weights(weights))
    graph.op("Transpose", graph.shaped(product, (2, MIN_HALF // 2)), perm=[1, 0], to_name="y")
    file = graph.model("g", {"x": (np.float32, (1, 5))}, {"y": (np.float32, (MIN_HALF // 2, 2))})
    check_graph(file)
    x = rng.normal(size=(1, 5)).astype(np.float32)
    (y,) = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(["y"], {"x": x})
    halved = weights.astype(np.float16).astype(np.float32)
    assert np.allclose(y.T.ravel(), (x @ halved)[0], atol=1e-4)


def test_initializers_are_read_back() -> None:
    kept = {"a": np.float32(3.5), "b": np.arange(-3, 3, dtype=np.int8).reshape(2, 3)}
    graph = Graph()
    for name, array in kept.items():
        graph.keep(name, array)
    graph.op("Identity", "x", to_name="y")
    read = read_tensors(graph.model("g", {"x": (np.float32, (1,))}, {"y": (np.float32, (1,))}), kept)
    assert all(
        np.array_equal(read[name], array) and read[name].shape == np.shape(array)
        for name, array in kept.items()
    )
