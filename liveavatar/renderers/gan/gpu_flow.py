"""inverse_flow.Inversion as ONNX nodes, for the graph that draws a whole avatar on a GPU. Needs the package `onnx`.

training/warp.py is the reference; tests/training/test_warp.py holds these nodes to it.
"""

from typing import Any

import numpy as np

from liveavatar.avatar.card import CELL, Avatar
from liveavatar.renderers.gan.inverse_flow import STEPS, limits


class Nodes:
    """Nodes and constants to be added to a graph, named in the order they come."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def op(self, kind: str, *inputs: Any, count: int = 1, **attributes: Any) -> Any:
        """Add a node. inputs: names of results; anything else is a constant: whole numbers int64, others float32. Returns the
        name of its result, or a list of `count` of them."""
        from onnx import helper

        names = [x if isinstance(x, str) else self._constant(x) for x in inputs]
        names_out = [f"whole.{len(self.nodes)}.{i}" for i in range(count)]
        self.nodes.append(helper.make_node(kind, names, names_out, **attributes))
        return names_out if count > 1 else names_out[0]

    def split(self, x: str, count: int, axis: int) -> list[str]:
        """Its `count` parts of one along an axis, which stays."""
        parts: list[str] = self.op("Split", x, [1] * count, count=count, axis=axis)
        return parts

    def enlarged(self, x: str, shape: list[int]) -> str:
        """Bilinearly, (n, channels, h, w) to `shape`."""
        half = "half_pixel"
        result: str = self.op("Resize", x, "", "", shape, mode="linear", coordinate_transformation_mode=half)
        return result

    def sample(self, field: str, at: str, beyond: str) -> str:
        """Bilinearly at positions (n, h, w, 2) from -1 to 1. beyond: ONNX's padding_mode."""
        result: str = self.op("GridSample", field, at, mode="bilinear", align_corners=0, padding_mode=beyond)
        return result

    def _constant(self, value: Any) -> str:
        from onnx import numpy_helper

        array = np.asarray(value)
        array = array.astype(np.int64 if array.dtype.kind == "i" else np.float32)
        self.constants.append(numpy_helper.from_array(array, f"whole.c{len(self.constants)}"))
        name: str = self.constants[-1].name
        return name


def flow(avatar: Avatar, nodes: Nodes) -> str:
    """From the network's motion, (2, L, H/8, W/8) in cells, to the backward flow, (L, 2, H/8, W/8) in cells; float32 both.
    Returns the result's name."""
    op = nodes.op
    columns, rows = fine = tuple(side // CELL for side in avatar.size)
    coarse = (columns // 2, rows // 2)
    cells = np.array(fine) / np.array([layer.span[2:] for layer in avatar.gan.layers])
    stride, least = np.array([limits(layer.laid_out) for layer in avatar.gan.layers]).T.reshape(
        2, -1, 1, 1, 1
    )

    def sample_at(field: str, at: str, size: tuple[int, ...]) -> str:
        """A field where a flow, in cells of a grid of this size (columns, rows), leads."""
        halves = np.reshape([2 / n for n in size], (1, 2, 1, 1))
        middles = np.stack(np.meshgrid(*((np.arange(n) * 2 + 1.0) / n - 1 for n in size)), -1)[None]
        moved = op("Transpose", op("Mul", at, halves), perm=[0, 2, 3, 1])
        return nodes.sample(field, op("Add", moved, middles), "border")

    def step(start: str, moved: str, inverse: list[str], scale: float) -> str:
        """One of Newton's. inverse: the matrix, row by row; scale: fine cells to cells of this grid."""
        x, y = nodes.split(op("Add", start, moved), 2, axis=1)
        steps = []
        for axis, (a, b) in enumerate((inverse[:2], inverse[2:])):
            limit = stride * cells[:, axis].reshape(-1, 1, 1, 1) * scale
            full = op("Add", op("Mul", a, x), op("Mul", b, y))
            steps.append(op("Min", op("Max", full, -limit), limit))
        result: str = op("Sub", start, op("Concat", *steps, axis=1))
        return result

    motion = op("Transpose", "motion", perm=[1, 0, 2, 3])
    moved = op("Mul", op("AveragePool", motion, kernel_shape=[2, 2], strides=[2, 2]), 0.5)
    slopes = []
    for k, axis in enumerate((3, 2)):
        # Half of what is between a cell's two neighbours; beyond the edge it goes on as at it.
        edges = [int(side in (axis, axis + 4)) for side in range(8)]
        wide, size = op("Pad", moved, edges, mode="edge"), coarse[k]
        later, earlier = (op("Slice", wide, [n], [size + n], [axis]) for n in (2, 0))
        rise = op("Mul", op("Sub", later, earlier), 0.5)
        slopes.append(op("Add", rise, np.eye(2)[k].reshape(1, 2, 1, 1)))
    both, at = op("Concat", moved, *slopes, axis=1), op("Neg", moved)
    for _ in range(STEPS):
        dx, dy, xx, yx, xy, yy = nodes.split(sample_at(both, at, coarse), 6, axis=1)
        area = op("Max", op("Sub", op("Mul", xx, yy), op("Mul", xy, yx)), least)
        inverse = [op("Div", part, area) for part in (yy, op("Neg", xy), op("Neg", yx), xx)]
        at = step(at, op("Concat", dx, dy, axis=1), inverse, 0.5)
    whole = op("Concat", op("Add", at, at), *inverse, axis=1)
    x, y, *inverse = nodes.split(nodes.enlarged(whole, [len(avatar.gan.layers), 6, rows, columns]), 6, axis=1)
    at = op("Concat", x, y, axis=1)
    return step(at, sample_at(motion, at, fine), inverse, 1.0)
