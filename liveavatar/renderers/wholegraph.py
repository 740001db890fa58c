"""The whole avatar as one ONNX graph for a GPU: network, warp and compositing, so that one picture crosses the bus.

On the CPU the warp is cv2's (renderers/gan.py), since GridSample in ONNX Runtime takes 9 ms there; a GPU has texture units for
it. The graph is built from the package when it is first needed, and kept in the user's cache. Needs the package `onnx`, which the
gpu and directml extras bring.

Inputs   controls (1, n) float32; placement (3,) float32: zoom, and the shift in avatar pixels before it (gan.placement)
Output   picture (H, W, 4) uint8, premultiplied RGBA
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from liveavatar.avatar import Avatar
from liveavatar.errors import ProviderError
from liveavatar.files import write_whole
from liveavatar.language import tr
from liveavatar.providers import open_session
from liveavatar.renderers.package import check_golden, placement, read_rgba
from liveavatar.types import AvatarFrame, Expression

VERSION = 3
"""Of what build() makes: part of the cached file's name."""


class GraphRenderer:
    """Renders a package of kind "gan" on a GPU. Not safe to share between threads.

    A frame copies the controls in and the picture out; its buffers keep their addresses, on an NVIDIA card in the card's memory,
    so that CUDA replays one captured launch instead of some hundreds. Raises AvatarError, ProviderError."""

    def __init__(self, avatar: Avatar, provider: str, threads: int = 2) -> None:
        self.avatar = avatar
        self.size = avatar.size
        self._indices = avatar.indices
        self._low, self._high = avatar.limits
        path = cached_graph(avatar)
        self._session, self.provider = open_session(path, provider, threads, cache=path.parent, replay=True)
        from onnxruntime import OrtValue

        place = "cuda" if self.provider == "cuda" else "cpu"
        self._controls = np.zeros((1, len(self._indices)), np.float32)
        self._placement = np.zeros(3, np.float32)
        self._inputs = {
            name: OrtValue.ortvalue_from_numpy(value, place)
            for name, value in (("controls", self._controls), ("placement", self._placement))
        }
        width, height = self.size
        self._picture = OrtValue.ortvalue_from_shape_and_type((height, width, 4), np.uint8, place)
        self._binding = self._session.io_binding()
        self._binding.bind_ortvalue_output("picture", self._picture)
        check_golden(self)

    def render(self, expression: Expression) -> AvatarFrame:
        """Draw one frame: (H, W, 4) uint8 premultiplied RGBA."""
        np.clip(expression.controls[self._indices], self._low, self._high, out=self._controls[0])
        self._placement[:] = placement(expression, *self.size)
        for name, values in (("controls", self._controls), ("placement", self._placement)):
            self._inputs[name].update_inplace(values)
            # Where the buffer is not the card's, a card's copy of it is only taken when it is bound.
            self._binding.bind_ortvalue_input(name, self._inputs[name])
        self._session.run_with_iobinding(self._binding)
        return AvatarFrame(np.array(self._picture.numpy()), expression.time)

    def close(self) -> None:
        """Release the session."""
        self._binding = self._session = self._picture = None
        self._inputs.clear()


def cached_graph(avatar: Avatar) -> Path:
    """The avatar's graph in the user's cache, built where it is missing. Raises ProviderError without `onnx`."""
    key = "-".join(sorted(digest[:8] for digest in avatar.files.values()))
    folder = Path(platformdirs.user_cache_dir("liveavatar", appauthor=False)) / "graphs"
    path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}-{VERSION}.onnx"
    if path.is_file():
        return path
    try:
        import onnx  # noqa: F401  build() needs it
    except ImportError as error:
        raise ProviderError(
            tr(
                f'a GPU needs the package onnx ({error}). Run: pip install "liveavatar[gpu]" (or [directml]), '
                "or use --provider cpu",
                f'使用 GPU 需要 onnx 包（{error}）。请运行：pip install "liveavatar[gpu]"（或 [directml]），'
                "或使用 --provider cpu",
            )
        ) from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, build(avatar).SerializeToString())
    except OSError as error:
        raise ProviderError(
            tr(f"cannot write {path}: {error.strerror}", f"无法写入 {path}：{error.strerror}")
        ) from error
    return path


def build(avatar: Avatar) -> Any:
    """The onnx.ModelProto described above, from a checked package."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    network = onnx.load(str(avatar.folder / avatar.generator))
    opset = next(entry.version for entry in network.opset_import if entry.domain in ("", "ai.onnx"))
    width, height = avatar.size
    layers, detail = len(avatar.layers), avatar.detail
    shapes = {o.name: tuple(d.dim_value for d in o.type.tensor_type.shape.dim) for o in network.graph.output}
    nodes: list[Any] = []
    constants: list[Any] = []

    def const(name: str, value: Any, dtype: Any = np.float32) -> str:
        constants.append(numpy_helper.from_array(np.asarray(value, dtype), f"whole.{name}"))
        return f"whole.{name}"

    def op(kind: str, *inputs: str, name: str, **attributes: Any) -> str:
        nodes.append(
            helper.make_node(kind, list(inputs), [f"whole.{name}"], name=f"whole.{name}", **attributes)
        )
        return f"whole.{name}"

    # Each layer's sheet on a canvas of its own, 0 to 255, with this frame's patches added in texture space, as gan.py does.
    sheets = []
    low, high = const("low", 0.0), const("high", 255.0)
    scale255 = const("scale255", 255.0)
    for layer in avatar.layers:
        canvas = np.zeros((height * detail, width * detail, 4), np.float32)
        x, y, w, h = (v * detail for v in layer.source)
        canvas[y : y + h, x : x + w] = read_rgba(avatar, layer.file)
        sheet = const(f"sheet.{layer.name}", canvas.transpose(2, 0, 1)[None])
        for patch in (p for p in avatar.patches if p.layer == layer.name):
            px, py, pw, ph = (v * detail for v in patch.box)
            scaled = op("Mul", f"patch.{patch.name}", scale255, name=f"scaled.{patch.name}")
            if shapes[f"patch.{patch.name}"] != (4, ph, pw):
                sizes = const(f"sizes.{patch.name}", [1, 4, ph, pw], np.int64)
                batch = op(
                    "Unsqueeze",
                    scaled,
                    const(f"first.{patch.name}", [0], np.int64),
                    name=f"batch.{patch.name}",
                )
                large = op(
                    "Resize",
                    batch,
                    "",
                    "",
                    sizes,
                    name=f"large.{patch.name}",
                    mode="linear",
                    coordinate_transformation_mode="half_pixel",
                )
                scaled = op(
                    "Squeeze",
                    large,
                    const(f"none.{patch.name}", [0], np.int64),
                    name=f"enlarged.{patch.name}",
                )
            pads = const(
                f"pads.{patch.name}",
                [0, py, px, 0, detail * height - py - ph, detail * width - px - pw],
                np.int64,
            )
            padded = op("Pad", scaled, pads, name=f"padded.{patch.name}", mode="constant")
            sheet = op("Add", sheet, padded, name=f"added.{patch.name}")
            sheet = op("Clip", sheet, low, high, name=f"clipped.{patch.name}")
            sheet = op("Round", sheet, name=f"rounded.{patch.name}")
        sheets.append(sheet)
    stack = op("Concat", *sheets, name="sheets", axis=0)

    # Picture pixel p shows avatar pixel q = p / zoom - shift, moved by the flow at q.
    zoom = op("Slice", "placement", const("i0", [0], np.int64), const("i1", [1], np.int64), name="zoom")
    shift = op("Slice", "placement", const("j1", [1], np.int64), const("j3", [3], np.int64), name="shift")
    pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)[None]
    q = op("Sub", op("Div", const("pixels", pixels), zoom, name="unzoomed"), shift, name="q")
    half = const("half", [2.0 / width, 2.0 / height])
    # Normalised as GridSample wants it without align_corners: the middle of pixel i is (2 i + 1) / size - 1.
    bias = const("bias", [1.0 / width - 1.0, 1.0 / height - 1.0])

    def normalised(at: str, half: str, bias: str, name: str) -> str:
        return op("Add", op("Mul", at, half, name=f"{name}.scaled"), bias, name=name)

    each = const("each", [layers, 1, 1, 1], np.int64)
    grid = op("Tile", normalised(q, half, bias, "q.normal"), each, name="grid")
    spans = np.array([layer.span for layer in avatar.layers], np.float32)[:, None, None]
    cells = const("spans.half", 2 / spans[..., 2:])
    begin = const("spans.bias", (1 - 2 * spans[..., :2]) / spans[..., 2:] - 1)
    sample = {"mode": "bilinear", "align_corners": 0}
    on_span = normalised(q, cells, begin, "q.spans")
    flow = op("GridSample", "flow", on_span, name="flow.full", padding_mode="border", **sample)
    moved_to = op("Add", op("Transpose", flow, name="flow.last", perm=[0, 2, 3, 1]), q, name="source")
    warped = op(
        "GridSample",
        stack,
        normalised(moved_to, half, bias, "source.normal"),
        name="warped",
        padding_mode="zeros",
        **sample,
    )
    # What lies outside a layer's target box is not drawn.
    inside = np.zeros((layers, 1, height, width), np.float32)
    for k, layer in enumerate(avatar.layers):
        x, y, w, h = layer.target
        inside[k, :, y : y + h, x : x + w] = 1
    seen = op(
        "GridSample",
        const("targets", inside),
        grid,
        name="seen",
        padding_mode="zeros",
        mode="nearest",
        align_corners=0,
    )
    warped = op("Mul", warped, seen, name="visible")

    parts = [f"whole.layer{k}" for k in range(layers)]
    nodes.append(helper.make_node("Split", [warped, const("ones", [1] * layers, np.int64)], parts, axis=0))
    picture = parts[0]
    alphas = const("a0", [3], np.int64), const("a1", [4], np.int64), const("a2", [1], np.int64)
    for k, part in enumerate(parts[1:], 1):
        alpha = op("Slice", part, *alphas, name=f"alpha{k}")
        rest = op("Sub", const(f"one{k}", 1.0), op("Div", alpha, scale255, name=f"share{k}"), name=f"rest{k}")
        picture = op("Add", op("Mul", picture, rest, name=f"under{k}"), part, name=f"over{k}")
    picture = op("Min", picture, op("Slice", picture, *alphas, name="alpha"), name="within")
    picture = op("Clip", op("Round", picture, name="levels"), low, high, name="bytes.float")
    picture = op("Cast", picture, name="bytes", to=TensorProto.UINT8)
    picture = op("Transpose", picture, name="last", perm=[0, 2, 3, 1])
    nodes.append(helper.make_node("Squeeze", [picture, const("s0", [0], np.int64)], ["picture"]))

    graph = helper.make_graph(
        [*network.graph.node, *nodes],
        "avatar",
        [*network.graph.input, helper.make_tensor_value_info("placement", TensorProto.FLOAT, [3])],
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, [height, width, 4])],
        [*network.graph.initializer, *constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = network.ir_version
    onnx.checker.check_model(model)
    return model
