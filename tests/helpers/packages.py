"""Packages of strangers, made of the tiny avatar: another graph, other files, a card that agrees with them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.avatar.card import CARD
from liveavatar.avatar.library import sha256
from tests.helpers.onnx_bytes import graph, model, node, tensor, told

FLOAT = np.dtype(np.float32)


def rewrite(folder: Path, **fields: Any) -> Path:
    """Make the card agree with changed files and fields, as an attacker would."""
    card = json.loads((folder / CARD).read_text(encoding="utf-8")) | fields
    card["files"] = {name: sha256(folder / name) for name in card["files"]}
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")
    return folder


def with_graph(folder: Path, content: bytes) -> Path:
    """The tiny avatar with no patches and this generator: controls (1, 7) -> coefficients (1, 2)."""
    (folder / "generator.onnx").write_bytes(content)
    (folder / "decoder.onnx").write_bytes(decoder())
    return rewrite(folder, patches=[], golden={"controls": {}, "file": "golden.png", "tolerance": 16})


def generator(nodes: list[bytes], *tensors: bytes) -> bytes:
    """A generator of a mode for each of two layers; `nodes` make "extra", which is added to two coefficients of 0."""
    still = tensor("still", np.zeros((1, 2), np.float32))
    return model(
        graph(
            [*nodes, node("Add", ["still", "extra"], ["coefficients"])],
            [still, *tensors],
            [told("controls", FLOAT, (1, 7))],
            [told("coefficients", FLOAT, (1, 2))],
        )
    )


def decoder() -> bytes:
    """A decoder of that generator's coefficients: a layer goes as far as its mode does, everywhere."""
    tensors = [
        tensor("modes", np.ones((2, 1, 512), np.float16)),
        tensor("shape", np.array([1, 2, 1, 1], np.int64)),
        tensor("still", np.zeros((2, 2, 16, 16), np.float32)),
    ]
    nodes = [
        node("Reshape", ["coefficients", "shape"], ["far"]),
        node("Add", ["still", "far"], ["motion"]),
    ]
    outputs = [told("motion", FLOAT, (2, 2, 16, 16))]
    return model(graph(nodes, tensors, [told("coefficients", FLOAT, (1, 2))], outputs))
