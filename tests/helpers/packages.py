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
    """The tiny avatar with no patches and this graph: controls (1, 7) -> motion (2, 2, 16, 16)."""
    (folder / "generator.onnx").write_bytes(content)
    return rewrite(folder, patches=[], golden={"controls": {}, "file": "golden.png", "tolerance": 16})


def generator(nodes: list[bytes], *tensors: bytes) -> bytes:
    """A graph of the tiny avatar's shape; `nodes` make "extra", which is added to a motion of nothing and must fit it."""
    still = tensor("still", np.zeros((2, 2, 16, 16), np.float32))
    return model(
        graph(
            [*nodes, node("Add", ["still", "extra"], ["motion"])],
            [still, *tensors],
            [told("controls", FLOAT, (1, 7))],
            [told("motion", FLOAT, (2, 2, 16, 16))],
        )
    )
