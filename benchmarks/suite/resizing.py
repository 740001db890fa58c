"""An avatar of another size, made from one that ships: the same network with sheets of another size.

The sheets are resampled, the card's boxes scaled, and the network's maps enlarged or reduced by nodes appended to its graph,
so that its cost stays what it is and only the pixels grow. Not a trained avatar: it holds no more detail than its source,
and serves to measure time. Needs the onnx package (the `train` extra).
"""

from dataclasses import replace
from math import ceil, floor
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import CELL, Avatar, Layer
from liveavatar.avatar.library import load_avatar, sha256, write_card
from liveavatar.base.box import Box
from liveavatar.media.png import encode_png
from liveavatar.renderers.gan.gpu_flow import Nodes
from liveavatar.renderers.package import read_rgba

TOLERANCE = 4.0
"""Of the golden picture, levels of 255: resampling moves edges by fractions of a pixel."""


def resize(avatar: Avatar, side: int, folder: Path) -> Avatar:
    """Write the package at `side` pixels' width into `folder` and load it. avatar: of kind "gan"."""
    parts = avatar.gan
    factor = side / avatar.size[0]
    size = (side, _grow(Box(0, 0, side, round(avatar.size[1] * factor)), 1.0, 2 * CELL)[3])
    folder.mkdir(parents=True, exist_ok=True)
    patches = tuple(replace(patch, box=_scaled(patch.box, factor)) for patch in parts.patches)
    layers = tuple(_resize_layer(avatar, layer, factor, size, folder) for layer in parts.layers)
    grids = {"motion": (size[1] // CELL, size[0] // CELL)}
    grids |= {f"patch.{patch.name}": patch.box[:1:-1] for patch in patches}
    _resize_graph(avatar.folder / parts.generator, grids, avatar.detail, factor, folder / parts.generator)
    (folder / avatar.golden.file).write_bytes((avatar.folder / avatar.golden.file).read_bytes())
    names = [parts.generator, avatar.golden.file, *(layer.file for layer in layers)]
    derived = replace(
        avatar, name=f"{avatar.name}-{side}", size=size, parts=replace(parts, layers=layers, patches=patches),
        golden=replace(avatar.golden, tolerance=TOLERANCE), files={name: sha256(folder / name) for name in names},
    )  # fmt: skip
    write_card(derived, folder)
    return load_avatar(folder)


def _grow(box: Box, factor: float, step: int = 1) -> Box:
    """The scaled box, its edges rounded outwards to multiples of `step`."""
    left, top = (floor(v * factor / step) * step for v in box[:2])
    right, bottom = (ceil(v * factor / step) * step for v in (box.right, box.bottom))
    return Box.between(left, top, right, bottom)


def _scaled(box: Box, factor: float) -> Box:
    """The scaled box, its edges rounded: neighbours stay neighbours."""
    left, top, right, bottom = (round(v * factor) for v in (box.x, box.y, box.right, box.bottom))
    return Box.between(left, top, right, bottom)


def _resize_layer(avatar: Avatar, layer: Layer, factor: float, size: tuple[int, int], folder: Path) -> Layer:
    detail = avatar.detail
    canvas = np.zeros((avatar.size[1] * detail, avatar.size[0] * detail, 4), np.uint8)
    canvas[layer.source.scaled(detail).slices] = read_rgba(avatar, layer.file)
    scale = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(canvas, (size[0] * detail, size[1] * detail), interpolation=scale)
    source = _grow(layer.source, factor)
    (folder / layer.file).write_bytes(encode_png(scaled[source.scaled(detail).slices]))
    target, span = _grow(layer.target, factor, CELL), _grow(layer.span, factor)
    return replace(layer, source=source, target=target, span=span)


def _resize_graph(
    source: Path, grids: dict[str, tuple[int, int]], detail: int, factor: float, target: Path
) -> None:
    """Append to each output a bilinear Resize to its new rows and columns, in pixels of the picture for patches, which become
    blocks of a single pixel; the motion counts cells, of which there are more, so it is multiplied too."""
    import onnx
    from onnx import TensorProto, helper

    model: Any = onnx.load(str(source))
    graph, nodes = model.graph, Nodes()
    op = nodes.op
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [f"{name}.native" if name in grids else name for name in names]
    for output in graph.output:
        name, (high, wide) = output.name, grids[output.name]
        kind = output.type.tensor_type.elem_type
        native = [d.dim_value for d in output.type.tensor_type.shape.dim]
        if name == "motion":
            made = op("Mul", nodes.enlarged(f"{name}.native", [*native[:2], high, wide]), float(factor))
            shape = [*native[:2], high, wide]
        else:
            if kind == TensorProto.UINT8:
                high, wide = high * detail, wide * detail
            rows, columns, side, _ = native
            blocks = op("Reshape", f"{name}.native", [rows, columns, side, side, 4])
            planes = op(
                "Reshape", op("Transpose", blocks, perm=[4, 0, 2, 1, 3]), [1, 4, rows * side, columns * side]
            )
            scaled = nodes.enlarged(op("Cast", planes, to=TensorProto.FLOAT), [1, 4, high, wide])
            shape = [high, wide, 1, 4]
            made = op("Cast", op("Reshape", op("Transpose", scaled, perm=[0, 2, 3, 1]), shape), to=kind)
        nodes.nodes.append(helper.make_node("Identity", [made], [name]))
        output.CopyFrom(helper.make_tensor_value_info(name, kind, shape))
    graph.node.extend(nodes.nodes)
    graph.initializer.extend(nodes.constants)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
