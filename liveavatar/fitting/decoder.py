"""A package's decoder: dictionaries as an ONNX graph from a frame's coefficients to motion and patches.

A patch's amounts are whole numbers of 16 bits, in two bytes, so that one product of bytes gives both halves.
"""

from pathlib import Path

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import AMOUNT, MEAN, MODES, PICTURES, STEP, Dictionaries, PatchDictionary
from liveavatar.fitting.onnx_graph import FLOAT, UINT8, Graph, Shape


def write_decoder(path: Path, avatar: Avatar, dictionaries: Dictionaries) -> None:
    """Write the graph that avatar/dictionary.py reads and renderers/gan/renderer.py runs."""
    graph = Graph()
    layers, modes, _, rows, columns = dictionaries.modes.shape
    graph.keep(MODES, dictionaries.modes.reshape(layers, modes, -1))
    start = layers * modes
    outputs: dict[str, tuple[type, Shape]] = {"motion": (np.float32, (2, layers, rows, columns))}
    how_far = graph.shaped(graph.part("coefficients", 0, start), (layers, 1, modes))
    moved = graph.op("MatMul", how_far, graph.op("Cast", MODES, to=FLOAT))
    graph.op(
        "Transpose", graph.shaped(moved, (layers, 2, rows, columns)), perm=[1, 0, 2, 3], to_name="motion"
    )
    for patch, dictionary in zip(avatar.gan.patches, dictionaries.patches, strict=True):
        end = start + len(dictionary.pictures)
        _add_patch(graph, patch.name, dictionary, start, end)
        outputs[f"patch.{patch.name}"] = (np.uint8, dictionary.mean.shape)
        start = end
    path.write_bytes(graph.model("decoder", {"coefficients": (np.float32, (1, start))}, outputs))


def _add_patch(graph: Graph, name: str, dictionary: PatchDictionary, start: int, end: int) -> None:
    """From coefficients start to end to the output patch.<name>."""
    pictures = graph.keep(PICTURES.format(name), dictionary.pictures.reshape(len(dictionary.pictures), -1))
    mean = graph.keep(MEAN.format(name), dictionary.mean.reshape(-1))
    step = graph.keep(STEP.format(name), np.array(dictionary.step, np.float32))
    one, byte = graph.constant(1), graph.constant(256)
    share = graph.op("Clip", graph.part("coefficients", start, end), graph.constant(-1), one)
    amounts = graph.op("Round", graph.op("Mul", share, graph.constant(AMOUNT)))
    high = graph.op("Round", graph.op("Div", amounts, byte))
    low = graph.op("Sub", amounts, graph.op("Mul", high, byte))
    low = graph.op("Min", low, graph.constant(127))  # 128 of 256 is rounded to the even neighbour
    # Unsigned from 128: ONNX Runtime takes fifteen times as long for two signed factors.
    halves = graph.op("Add", graph.op("Concat", high, low, axis=0), graph.constant(128))
    halves = graph.op("Cast", halves, to=UINT8)
    sums = graph.op("MatMulInteger", halves, pictures, graph.constant(128, np.uint8))
    weights = graph.op("Mul", graph.constant([[256, 1]]), step)
    shown = graph.op("MatMul", weights, graph.op("Cast", sums, to=FLOAT))
    shown = graph.op("Add", shown, graph.op("Cast", mean, to=FLOAT))
    texels = graph.op("QuantizeLinear", shown, one, graph.constant(0, np.uint8))
    graph.shaped(texels, dictionary.mean.shape, to_name=f"patch.{name}")
