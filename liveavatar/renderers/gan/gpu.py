"""The whole avatar as one ONNX graph for a GPU: network, warp and compositing, so that one picture crosses the bus.

On the CPU the warp is cv2's (renderer.py), since GridSample in ONNX Runtime takes 9 ms there; a GPU has texture units for
it. The graph is built from the package when it is first needed, and kept in the user's cache. Needs the package `onnx`, which the
gpu and directml extras bring.

Inputs   controls (1, n) float32; placement (3,) float32: zoom, and the shift in avatar pixels before it (renderers/placement.py)
Output   picture (H, W, 4) uint8, premultiplied RGBA
"""

from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.avatar.card import CELL, Avatar, Patch
from liveavatar.base.files import keep_whole, user_folder
from liveavatar.base.messages import say
from liveavatar.errors import ProviderError
from liveavatar.language import tr
from liveavatar.renderers.gan.gpu_flow import Nodes, flow
from liveavatar.renderers.golden import check_golden
from liveavatar.renderers.package import read_rgba
from liveavatar.renderers.placement import placement
from liveavatar.renderers.sessions import open_session, run_options
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression

VERSION = 6
"""Of what build() makes: part of the cached file's name."""
MAX_TEXELS = 64 << 20
"""Of all textures, each as large as the picture: 16 bytes each."""


class GraphRenderer(Renderer):
    """Renders a package of kind "gan" on a GPU. Not safe to share between threads.

    A frame copies the controls in and the picture out; its buffers keep their addresses, on an NVIDIA card in the card's memory,
    so that CUDA replays one captured launch instead of some hundreds. Raises AvatarError, ProviderError."""

    def __init__(self, avatar: Avatar, provider: str, threads: int = 2) -> None:
        self.avatar = avatar
        self.size = avatar.size
        self.draw = "gpu"
        self._indices = avatar.indices
        self._low, self._high = avatar.limits
        path = cached_graph(avatar)
        self._session, self.provider = open_session(path, provider, threads, cache=path.parent, replay=True)
        from onnxruntime import OrtValue

        self._run = run_options()

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
        self._session.run_with_iobinding(self._binding, self._run)
        return AvatarFrame(np.array(self._picture.numpy()), expression.time)

    def close(self) -> None:
        """Release the session. From any thread: a run that goes on and on fails then."""
        self._run.terminate = True
        self._binding = self._session = self._picture = None
        self._inputs.clear()


def cached_graph(avatar: Avatar) -> Path:
    """The avatar's graph in the user's cache, built where it is missing. Raises ProviderError without `onnx`."""
    folder = user_folder("cache") / "graphs"
    path = folder / f"{avatar.digest[:32]}-{VERSION}.onnx"
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
        return keep_whole(path, build(avatar).SerializeToString(), say)
    except OSError as error:
        raise ProviderError(
            tr(f"cannot write {path}: {error.strerror}", f"无法写入 {path}：{error.strerror}")
        ) from error


def build(avatar: Avatar) -> Any:
    """The onnx.ModelProto described above, from a checked package. Raises ProviderError for one that is too large."""
    import onnx
    from onnx import TensorProto, helper

    network = onnx.load_model_from_string(avatar.read(avatar.gan.generator))
    opset = next(entry.version for entry in network.opset_import if entry.domain in ("", "ai.onnx"))
    width, height = avatar.size
    if len(avatar.gan.layers) * width * height * avatar.detail**2 > MAX_TEXELS:
        raise ProviderError(
            tr(
                "it is too large to be drawn on a GPU; use --provider cpu",
                "尺寸过大，无法用 GPU 绘制；请使用 --provider cpu",
            )
        )
    shapes = {o.name: [d.dim_value for d in o.type.tensor_type.shape.dim] for o in network.graph.output}
    nodes = Nodes()
    textures = _textures(avatar, shapes, nodes)
    layers = _warped(avatar, textures, nodes)
    nodes.nodes.append(helper.make_node("Identity", [_stacked(layers, nodes)], ["picture"]))

    graph = helper.make_graph(
        [*network.graph.node, *nodes.nodes],
        "avatar",
        [*network.graph.input, helper.make_tensor_value_info("placement", TensorProto.FLOAT, [3])],
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, [height, width, 4])],
        [*network.graph.initializer, *nodes.constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = network.ir_version
    onnx.checker.check_model(model)
    return model


def _textures(avatar: Avatar, shapes: dict[str, list[int]], nodes: Nodes) -> str:
    """(L, 4, H * detail, W * detail), 0 to 255: each layer's texture on a canvas of its own, with this frame's patches in texture
    space, as texture.py puts them. shapes: of the network's outputs, by name."""
    width, height = (side * avatar.detail for side in avatar.size)
    textures = []
    for layer in avatar.gan.layers:
        canvas = np.zeros((height, width, 4), np.float32)
        canvas[layer.source.scaled(avatar.detail).slices] = read_rgba(avatar, layer.file)
        texture: Any = canvas.transpose(2, 0, 1)[None]
        for patch in (p for p in avatar.gan.patches if p.layer == layer.name):
            texture = _patched(avatar, texture, patch, shapes[f"patch.{patch.name}"], nodes)
        textures.append(texture)
    stack: str = nodes.op("Concat", *textures, axis=0)
    return stack


def _warped(avatar: Avatar, textures: str, nodes: Nodes) -> list[str]:
    """(1, 4, H, W) each, 0 to 255: what the picture shows of each layer.

    Picture place p shows avatar place q = p / zoom - shift, moved by the flow at q; both count from the picture's corner."""
    op, (width, height), count = nodes.op, avatar.size, len(avatar.gan.layers)
    zoom, shift = op("Slice", "placement", [0], [1], [0]), op("Slice", "placement", [1], [3], [0])
    pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)[None]
    q = op("Sub", op("Sub", op("Div", pixels + np.float32(0.5), zoom), shift), 0.5)

    def normalised(at: str, start: Any, size: Any) -> Any:
        """As GridSample wants it without align_corners: the middle of pixel i is (2 i + 1) / size - 1."""
        return op("Add", op("Mul", at, np.divide(2.0, size)), (1.0 - 2.0 * start) / size - 1.0)

    spans = np.array([layer.span for layer in avatar.gan.layers], np.float32)[:, None, None]
    backward = nodes.sample(flow(avatar, nodes), normalised(q, spans[..., :2], spans[..., 2:]), "border")
    cell = spans[..., 2:] * CELL / (width, height)
    source = op("Add", op("Mul", op("Transpose", backward, perm=[0, 2, 3, 1]), cell), q)
    whole = np.array([width, height])
    warped = nodes.sample(textures, normalised(source, np.zeros(2), whole), "zeros")
    # What lies outside a layer's target box is not drawn.
    inside = np.zeros((count, 1, height, width), np.float32)
    for k, layer in enumerate(avatar.gan.layers):
        inside[(k, 0, *layer.target.slices)] = 1
    grid = op("Tile", normalised(q, np.zeros(2), whole), [count, 1, 1, 1])
    mask = op("GridSample", inside, grid, padding_mode="zeros", mode="nearest", align_corners=0)
    return nodes.split(op("Mul", warped, mask), count, axis=0)


def _stacked(layers: list[str], nodes: Nodes) -> str:
    """(H, W, 4) uint8: the layers by premultiplied source-over, the lowest first; no colour above alpha."""
    from onnx import TensorProto

    op, (picture, *above) = nodes.op, layers
    for layer in above:
        alpha = op("Slice", layer, [3], [4], [1])
        transparency = op("Sub", 1.0, op("Div", alpha, 255.0))
        picture = op("Add", op("Mul", picture, transparency), layer)
    picture = op("Min", picture, op("Slice", picture, [3], [4], [1]))
    picture = op("Cast", op("Clip", op("Round", picture), 0.0, 255.0), to=TensorProto.UINT8)
    picture = op("Transpose", picture, perm=[0, 2, 3, 1])
    squeezed: str = op("Squeeze", picture, [0])
    return squeezed


def _patched(avatar: Avatar, texture: Any, patch: Patch, shape: list[int], nodes: Nodes) -> Any:
    """A texture (1, 4, H * detail, W * detail), 0 to 255, with a patch in it. shape: the patch's, see gan/renderer.py."""
    op, (rows, columns, side, _) = nodes.op, shape
    wide, high = (n * avatar.detail for n in avatar.size)
    x, y, w, h = (n * avatar.detail for n in patch.box)
    blocks = op("Reshape", f"patch.{patch.name}", [rows, columns, side, side, 4])
    planes = op("Transpose", blocks, perm=[4, 0, 2, 1, 3])
    painted = op("Cast", op("Reshape", planes, [1, 4, rows * side, columns * side]), to=1)
    around = [0, 0, y, x, 0, 0, high - y - h, wide - x - w]
    if columns * side == w:
        kept = np.ones((1, 1, high, wide), np.float32)
        kept[..., y : y + h, x : x + w] = 0
        return op("Add", op("Mul", texture, kept), op("Pad", painted, around))
    added = op("Pad", op("Mul", nodes.enlarged(painted, [1, 4, h, w]), 255.0), around)
    return op("Round", op("Clip", op("Add", texture, added), 0.0, 255.0))
