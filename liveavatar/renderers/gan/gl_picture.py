"""One avatar's layers as textured meshes in OpenGL 3.3: what the shaders of avatar/mesh.py are fed with.

Everything here is called with the context entered. The objects are made one by one (build()), so that frames can be drawn
by other means in between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.mesh import BORDER, CORE, PatchPlace, mesh_of, shaders, triangles
from liveavatar.language import tr

NEVER = (255, 255, 255, 0)
"""A pixel that no picture holds, premultiplied as it is: where it stands after a read back, nothing was read."""


class ContextLost(RuntimeError):
    """OpenGL draws no more: the driver was restarted, the card is gone, or an error is pending."""


@dataclass(frozen=True)
class _Layer:
    texture: Any
    canvas: Any
    """Frame buffer of the texture, for patches."""
    mesh: Any
    """Vertex array."""


@dataclass(frozen=True)
class _Patch:
    place: PatchPlace
    blocks: Any
    """The texture that the network's output is uploaded to."""
    bare: Any
    """For a residual, the layer's texture without it; else None."""
    uniforms: dict[str, Any]


class GlPicture:
    """Draws one avatar."""

    def __init__(self, context: Any, avatar: Avatar) -> None:
        self._context, self._mesh = context, mesh_of(avatar)
        self._layers: list[_Layer] = []
        self._patches: list[_Patch] = []
        self._programs: dict[str, Any] = {}
        self._arrays: dict[str, Any] = {}
        self._motion: Any = None
        self._frame: Any = None

    def build(self, drawing: LayersDrawing) -> Iterator[None]:
        """Make the objects; what is done between two yields takes a few milliseconds. drawing: any of the avatar's."""
        context, mesh = self._context, self._mesh
        for name, (vertex, fragment) in shaders(CORE).items():
            self._programs[name] = context.program(vertex_shader=vertex, fragment_shader=fragment)
            yield
        indices = triangles(mesh.cells)
        self._arrays = {
            name: context.vertex_array(self._programs[name], []) for name in ("patch", "residual")
        }
        self._motion = context.texture_array((*mesh.cells, 2 * len(mesh.layers)), 1, dtype="f4")
        self._motion.filter = _NEAREST
        self._frame = context.framebuffer([context.texture(mesh.size, 4)])
        self._prepare_layer_program()
        yield
        textures = [_bordered(pixels) for pixels in drawing.textures()]
        yield
        for layer, pixels in zip(mesh.layers, textures, strict=True):
            texture = context.texture(pixels.shape[1::-1], 4, pixels)
            texture.filter = _LINEAR
            texture.repeat_x = texture.repeat_y = False
            indices = triangles(mesh.cells, layer)
            array = context.vertex_array(
                self._programs["layer"], [], context.buffer(indices), index_element_size=indices.itemsize
            )
            self._layers.append(_Layer(texture, context.framebuffer([texture]), array))
            yield
        for place, blocks in zip(mesh.patches, drawing.patches, strict=True):
            self._patches.append(self._patch(place, blocks, textures[place.layer]))
            yield
        self._require_no_error()

    def draw(self, drawing: LayersDrawing) -> np.ndarray:
        """(H, W, 4) uint8 premultiplied RGBA. Raises ContextLost."""
        context, (width, height) = self._context, self._mesh.size
        self._motion.write(np.ascontiguousarray(drawing.motion))
        self._paint(drawing.patches)
        self._frame.use()
        context.viewport = (0, 0, width, height)
        self._frame.clear()
        context.enable_only(_BLEND)
        context.blend_func = _OVER
        self._motion.use(0)
        program = self._programs["layer"]
        program["u_placement"] = drawing.placement
        for k, (layer, made) in enumerate(zip(self._mesh.layers, self._layers, strict=True)):
            made.texture.use(1)
            program["u_layer"] = k
            program["u_span"] = layer.span
            program["u_reach"] = layer.reach
            program["u_texture"] = layer.texture
            made.mesh.render()
        return self._read()

    def _read(self) -> np.ndarray:
        width, height = self._mesh.size
        image = np.empty((height, width, 4), np.uint8)
        image[0, 0] = image[-1, -1] = NEVER
        self._frame.read_into(image, components=4)
        self._require_no_error()
        if (image[0, 0] == NEVER).all() or (image[-1, -1] == NEVER).all():
            raise ContextLost(tr("nothing was read back", "没有读回任何内容"))
        return image

    def _require_no_error(self) -> None:
        if (error := self._context.error) != "GL_NO_ERROR":
            raise ContextLost(error)

    def _prepare_layer_program(self) -> None:
        """The uniforms that are the same for all layers and frames."""
        mesh, program = self._mesh, self._programs["layer"]
        program["u_cells"] = mesh.cells
        program["u_size"] = mesh.size
        program["u_up"] = -1.0  # rows are read the lowest first
        program["u_motion"], program["u_texels"] = 0, 1
        program["u_layers"] = len(mesh.layers)
        program["u_detail"] = float(mesh.detail)

    def _patch(self, place: PatchPlace, blocks: np.ndarray, pixels: np.ndarray) -> _Patch:
        """pixels: of its layer's texture."""
        rows, columns, side, _ = blocks.shape
        residual = blocks.dtype != np.uint8
        texture = self._context.texture((columns * side, rows * side), 4, dtype="f4" if residual else "f1")
        texture.filter = _NEAREST
        uniforms = {"u_blocks": 0, "u_columns": columns, "u_side": side, "u_corner": place.corner}
        if not residual:
            return _Patch(place, texture, None, uniforms)
        (x, y), (width, height) = place.corner, place.size
        part = pixels[y : y + height, x : x + width]
        bare = self._context.texture(place.size, 4, np.ascontiguousarray(part))
        bare.filter = _NEAREST
        last = (columns * side - 1, rows * side - 1)
        more = {"u_bare": 1, "u_scale": (1.0, 0.0), "u_enlarged": width / (columns * side), "u_last": last}
        return _Patch(place, texture, bare, uniforms | more)

    def _paint(self, patches: Sequence[np.ndarray]) -> None:
        """This frame's patches, into their layers' textures."""
        context = self._context
        context.enable_only(0)
        for patch, blocks in zip(self._patches, patches, strict=True):
            name = "patch" if patch.bare is None else "residual"
            patch.blocks.write(np.ascontiguousarray(blocks))
            self._layers[patch.place.layer].canvas.use()
            context.viewport = (*patch.place.corner, *patch.place.size)
            patch.blocks.use(0)
            if patch.bare is not None:
                patch.bare.use(1)
            for uniform, value in patch.uniforms.items():
                self._programs[name][uniform] = value
            self._arrays[name].render(vertices=3)


def _bordered(pixels: np.ndarray) -> np.ndarray:
    """(h, w, 4) uint8 with its transparent border."""
    return np.pad(pixels, ((BORDER, BORDER), (BORDER, BORDER), (0, 0)))


# OpenGL's numbers, as moderngl takes them, which is not imported before there is a context.
_NEAREST, _LINEAR = (0x2600, 0x2600), (0x2601, 0x2601)
_BLEND, _OVER = 1, (1, 0x0303)
"""moderngl.BLEND; GL_ONE, GL_ONE_MINUS_SRC_ALPHA."""
