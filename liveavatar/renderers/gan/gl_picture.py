"""One avatar's layers as textured meshes in OpenGL 3.3: what the shaders of avatar/mesh.py are fed with.

Everything here is called with the context entered. The objects are made one by one (build()), so that frames can be drawn
by other means in between.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import MOST_PICTURES, PatchDictionary
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.mesh import (
    BORDER,
    CORE,
    LayerMesh,
    PatchPlace,
    in_fours,
    mesh_of,
    mode_planes,
    shaders,
    triangles,
)
from liveavatar.errors import ProviderError
from liveavatar.language import tr

NEVER = (255, 255, 255, 0)
"""A pixel that no picture holds, premultiplied as it is: where it stands after a read back, nothing was read."""
AT_ONCE = 2 << 20
"""Bytes of a dictionary that are uploaded between two frames."""


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
    pictures: Any
    mean: Any
    bounds: Any
    """Textures: see patch.frag.glsl."""
    step: float
    count: int
    """Of pictures."""


class GlPicture:
    """Draws one avatar."""

    def __init__(self, context: Any, avatar: Avatar) -> None:
        self._context, self._mesh = context, mesh_of(avatar)
        self._layers: list[_Layer] = []
        self._patches: list[_Patch] = []
        self._painted: list[np.ndarray | None] = []
        """The amounts that each patch was painted with last."""
        self._programs: dict[str, Any] = {}
        self._triangle: Any = None
        self._modes: Any = None
        self._frame: Any = None

    def build(self, drawing: LayersDrawing) -> Iterator[None]:
        """Make the objects; what is done between two yields takes a few milliseconds. drawing: any of the avatar's. Raises
        ProviderError where this GPU takes no dictionaries so large."""
        context, mesh, dictionaries = self._context, self._mesh, drawing.dictionaries
        modes = in_fours(dictionaries.modes)
        planes = len(modes) * modes.shape[1] // 2
        self._require_room(planes)
        for name, (vertex, fragment) in shaders(CORE, dictionaries.modes.shape[1]).items():
            self._programs[name] = context.program(vertex_shader=vertex, fragment_shader=fragment)
            yield
        self._triangle = context.vertex_array(self._programs["patch"], [])
        self._frame = context.framebuffer([context.texture(mesh.size, 4)])
        self._prepare_programs()
        yield
        self._modes = self._array((*mesh.cells, planes), "f2")
        yield from _fill(
            self._modes, (plane for k in range(len(modes)) for plane in mode_planes(modes[k : k + 1]))
        )
        textures = drawing.textures()
        yield
        for layer, bare in zip(mesh.layers, textures, strict=True):
            self._layers.append(self._layer(layer, bare))
            yield
        for place, patch in zip(mesh.patches, dictionaries.patches, strict=True):
            yield from self._build_patch(place, patch)
        self._require_no_error()

    def draw(self, drawing: LayersDrawing) -> np.ndarray:
        """(H, W, 4) uint8 premultiplied RGBA. Raises ContextLost."""
        context, (width, height) = self._context, self._mesh.size
        moved, shown = drawing.dictionaries.split(drawing.coefficients)
        for i, amounts in enumerate(shown):
            last = self._painted[i]
            if last is None or not np.array_equal(amounts, last):
                self._paint(self._patches[i], amounts)
                self._painted[i] = amounts
        self._frame.use()
        context.viewport = (0, 0, width, height)
        self._frame.clear()
        context.enable_only(_BLEND)
        context.blend_func = _OVER
        self._modes.use(0)
        program = self._programs["layer"]
        program["u_placement"] = drawing.placement
        of_layers = zip(self._mesh.layers, self._layers, in_fours(moved), strict=True)
        for k, (layer, made, amounts) in enumerate(of_layers):
            made.texture.use(1)
            program["u_layer"] = k
            program["u_span"] = layer.span
            program["u_reach"] = layer.reach
            program["u_texture"] = layer.texture
            program["u_amounts"].write(amounts.tobytes())
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

    def _require_room(self, planes: int) -> None:
        most = self._context.info["GL_MAX_ARRAY_TEXTURE_LAYERS"]
        if planes > most:
            raise ProviderError(
                tr(
                    f"OpenGL has room for {2 * most} modes here, the avatar has {2 * planes}",
                    f"此处的 OpenGL 最多容纳 {2 * most} 个运动模态，而该形象有 {2 * planes} 个",
                )
            )

    def _prepare_programs(self) -> None:
        """The uniforms that are the same for all layers, patches and frames."""
        mesh, program = self._mesh, self._programs["layer"]
        program["u_cells"] = mesh.cells
        program["u_size"] = mesh.size
        program["u_up"] = -1.0  # rows are read the lowest first
        program["u_modes"], program["u_texels"] = 0, 1
        program["u_detail"] = float(mesh.detail)
        program = self._programs["patch"]
        program["u_pictures"], program["u_mean"], program["u_bounds"] = 0, 1, 2

    def _array(self, size: tuple[int, int, int], kind: str) -> Any:
        """A texture array of so many texels across and down, and layers, of four numbers each."""
        made = self._context.texture_array(size, 4, dtype=kind)
        made.filter = _NEAREST
        return made

    def _layer(self, layer: LayerMesh, bare: np.ndarray) -> _Layer:
        """bare: its texture without patches, (h, w, 4) uint8."""
        pixels = np.pad(bare, ((BORDER, BORDER), (BORDER, BORDER), (0, 0)))
        texture = self._context.texture(layer.pixels, 4, pixels)
        texture.filter = _LINEAR
        texture.repeat_x = texture.repeat_y = False
        indices = triangles(self._mesh.cells, layer)
        buffer, width = self._context.buffer(indices), indices.itemsize
        array = self._context.vertex_array(self._programs["layer"], [], buffer, index_element_size=width)
        return _Layer(texture, self._context.framebuffer([texture]), array)

    def _build_patch(self, place: PatchPlace, patch: PatchDictionary) -> Iterator[None]:
        """Upload its dictionary."""
        width, height = place.size
        places = np.flatnonzero(patch.varies)
        pictures = self._array((width, height, len(patch.pictures)), "i1")
        yield
        yield from _fill(pictures, (_whole(texels, places, place.size) for texels in patch.pictures))
        mean = self._context.texture(place.size, 4, _whole(patch.mean, places, place.size), dtype="f2")
        mean.filter = _NEAREST
        bounds = self._array((width, height, 2), "f1")
        yield from _fill(bounds, (patch.low, patch.high))
        self._patches.append(_Patch(place, pictures, mean, bounds, patch.step, len(patch.pictures)))
        self._painted.append(None)

    def _paint(self, patch: _Patch, amounts: np.ndarray) -> None:
        """Decode it into its layer's texture. amounts: (K,) int32."""
        context, program = self._context, self._programs["patch"]
        context.enable_only(0)
        self._layers[patch.place.layer].canvas.use()
        context.viewport = (*patch.place.corner, *patch.place.size)
        for unit, texture in enumerate((patch.pictures, patch.mean, patch.bounds)):
            texture.use(unit)
        program["u_step"], program["u_count"] = patch.step, patch.count
        program["u_corner"] = patch.place.corner
        program["u_amounts"].write(np.pad(amounts, (0, MOST_PICTURES - patch.count)).tobytes())
        self._triangle.render(vertices=3)


def _whole(texels: np.ndarray, places: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Varying texels (V, 4) of a patch of this size -> (h * w, 4) of the same type, nothing where none varies. places: (V,)
    int, where they are, row after row."""
    whole = np.zeros((size[0] * size[1], 4), texels.dtype)
    one = np.dtype((np.void, 4 * texels.itemsize))  # a texel is one thing to move
    whole.view(one)[places] = np.ascontiguousarray(texels).view(one)
    return whole


def _fill(array: Any, planes: Iterable[np.ndarray]) -> Iterator[None]:
    """Upload the layers of a texture array, so many between two yields as make AT_ONCE bytes."""
    width, height, _ = array.size
    done = 0
    for k, plane in enumerate(planes):
        array.write(plane, viewport=(0, 0, k, width, height, 1))
        done += plane.nbytes
        if done >= AT_ONCE:
            done = 0
            yield
    yield


# OpenGL's numbers, as moderngl takes them, which is not imported before there is a context.
_NEAREST, _LINEAR = (0x2600, 0x2600), (0x2601, 0x2601)
_BLEND, _OVER = 1, (1, 0x0303)
"""moderngl.BLEND; GL_ONE, GL_ONE_MINUS_SRC_ALPHA."""
