"""What all drawn characters share: numbers that a perceptron makes of the controls, of which one character's motion and
pictures are sums.

A character is then fitted by least squares alone. The perceptrons were trained once, on a population of characters
(scripts/shared_features.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from liveavatar.controls import CONTROLS, HEAD, INDEX, RANGES, SECONDARY, other_side
from liveavatar.fitting.onnx_graph import Graph
from liveavatar.fitting.products import TURN, monomials

FILE = Path(__file__).with_name("features.npz")
STILL = [INDEX[name] for name in CONTROLS if name not in (*HEAD, *SECONDARY)]
"""Controls that change what a still head shows."""
MIRRORED = [INDEX[other_side(CONTROLS[i])] for i in STILL]
TURNS = [INDEX[name] for name in TURN]
"""Positions of the head's turns."""
UNIT = np.array([max(map(abs, RANGES[name])) for name in CONTROLS], np.float32)
"""What each control is divided by, so that it lies within [-1, 1]."""
_PRODUCTS = np.array(monomials(CONTROLS))


@dataclass(frozen=True, eq=False)
class Perceptron:
    """SiLU, layers of one width, those within residual: (N, n) -> (N, F)."""

    layers: Sequence[tuple[np.ndarray, np.ndarray]]
    """(weights (n, F), bias (F,)) of each, float32."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        for i, (weights, bias) in enumerate(self.layers):
            y = _silu(x @ weights + bias)
            x = x + y if 0 < i < len(self.layers) - 1 else y
        return x

    def add_to(self, graph: Graph, x: str) -> str:
        """The same in a graph."""
        for i, (weights, bias) in enumerate(self.layers):
            y = graph.op("Add", graph.op("MatMul", x, graph.weights(weights)), graph.weights(bias))
            y = graph.op("Mul", y, graph.op("Sigmoid", y))
            x = graph.op("Add", x, y) if 0 < i < len(self.layers) - 1 else y
        return x


def _silu(x: np.ndarray) -> np.ndarray:
    return np.asarray(x / (1 + np.exp(-x)))


@cache
def perceptrons() -> dict[str, Perceptron]:
    """Those of "motion", "eye" and "mouth"."""
    with np.load(FILE) as stored:
        names = sorted({key.split(".")[0] for key in stored})
        return {
            name: Perceptron(
                [
                    (stored[f"{name}.{i}.weights"].astype(np.float32), stored[f"{name}.{i}.bias"])
                    for i in range(len([k for k in stored if k.startswith(f"{name}.")]) // 2)
                ]
            )
            for name in names
        }


def products(c: np.ndarray) -> np.ndarray:
    """`monomials` of normalised controls: (N, len(CONTROLS)) -> (N, P)."""
    return np.asarray(np.concatenate([np.ones_like(c[:, :1]), c], 1)[:, _PRODUCTS].prod(2))


def motion_features(controls: np.ndarray) -> np.ndarray:
    """Of controls (N, len(CONTROLS)), what motion is a sum of: products of controls, the perceptron's numbers, and these by each
    turn of the head, for a turned head turns what its face does. (N, D) float32, the last of them 1."""
    c = (controls / UNIT).astype(np.float32)
    one = np.ones_like(c[:, :1])
    shared = perceptrons()["motion"](c)
    turned = [shared * c[:, i : i + 1] for i in TURNS]
    return np.concatenate([products(c), shared, *turned, one], 1)


def patch_features(patch: str, controls: np.ndarray) -> np.ndarray:
    """Of controls (N, len(CONTROLS)), what a patch's picture is a sum of: (N, D) float32, the last of them 1."""
    c = (controls / UNIT).astype(np.float32)[:, _seen_by(patch)]
    shared = perceptrons()[_kind(patch)](c)
    return np.concatenate([shared, np.ones_like(c[:, :1])], 1)


def add_generator(
    graph: Graph, motion: np.ndarray, patches: dict[str, np.ndarray], controls: str, to_name: str
) -> str:
    """Controls (1, len(CONTROLS)) -> coefficients (1, C), in a graph. motion: (D, L * M), what each feature asks of each mode;
    patches: the same of each patch's pictures."""
    c = graph.op("Mul", controls, graph.constant(1 / UNIT))
    with_one = graph.op("Concat", graph.constant([[1]]), c, axis=1)
    factors = [
        graph.op("Gather", with_one, graph.constant(column, np.int64), axis=1) for column in _PRODUCTS.T
    ]
    product = factors[0]
    for factor in factors[1:]:
        product = graph.op("Mul", product, factor)
    shared = perceptrons()["motion"].add_to(graph, c)
    turned = [graph.op("Mul", shared, graph.part(c, i, i + 1)) for i in TURNS]
    parts = [_sum(graph, graph.op("Concat", product, shared, *turned, axis=1), motion)]
    for patch, amounts in patches.items():
        seen = graph.op("Gather", c, graph.constant(_seen_by(patch), np.int64), axis=1)
        parts.append(_sum(graph, perceptrons()[_kind(patch)].add_to(graph, seen), amounts))
    return graph.op("Concat", *parts, axis=1, to_name=to_name)


def _sum(graph: Graph, features: str, weights: np.ndarray) -> str:
    """Features (1, D - 1), and 1, times weights (D, K)."""
    product = graph.op("MatMul", features, graph.weights(weights[:-1]))
    return graph.op("Add", product, graph.weights(weights[-1:]))


def _kind(patch: str) -> str:
    return "eye" if patch.startswith("eye") else "mouth"


def _seen_by(patch: str) -> list[int]:
    """Which controls a patch's perceptron sees, in its order."""
    return MIRRORED if patch.startswith("eye_right") else STILL
