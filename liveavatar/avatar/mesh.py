"""What any GPU needs to draw an avatar of kind "gan" as textured meshes: the shaders and, for each layer, the numbers they take.

The same GLSL serves OpenGL 3.3 (renderers/gan/gl_picture.py) and WebGL2 (assets/drawer.js). It lies in liveavatar/assets/shaders/
and explains its uniforms one by one. A frame, which is a few hundred coefficients, is drawn so:

1. Patches whose amounts changed are decoded into their layers' textures: program `patch` with the patch's part of the texture
   as the viewport, three vertices as a triangle, no blending.
2. Layers go into the picture, the lowest first: program `layer`, triangles() as indices, blending ONE, ONE_MINUS_SRC_ALPHA,
   cleared to transparent before; no depth test, no culling, no sRGB conversion.

A layer's texture is its PNG, premultiplied as it stands there, with one transparent texel more all round (WebGL2 has no border).
Dictionaries (avatar/dictionary.py) stay on the card: modes as mode_planes(), pictures as an array of integer textures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liveavatar.avatar.card import CELL, Avatar, Layer, Patch
from liveavatar.base.files import asset

CORE, ES = "core", "es"
"""Which GLSL: 3.30 core or 3.00 es; a file each, with the first lines."""
BORDER = 1
"""Transparent texels round a texture."""


@dataclass(frozen=True)
class LayerMesh:
    """The uniforms of one layer, named as in layer.vert.glsl."""

    name: str
    file: str
    """Of its texture in the package."""
    pixels: tuple[int, int]
    """Width and height of the texture with its border, texels."""
    span: tuple[float, float, float, float]
    reach: tuple[float, float, float, float]
    texture: tuple[float, float, float]


@dataclass(frozen=True)
class PatchPlace:
    """Where a patch is painted."""

    name: str
    layer: int
    """Index among the layers."""
    corner: tuple[int, int]
    """On the layer's texture, its border counted, texels."""
    size: tuple[int, int]
    """Width and height there, texels."""


@dataclass(frozen=True)
class Mesh:
    """Of a whole avatar."""

    size: tuple[int, int]
    cells: tuple[int, int]
    """Of each layer's motion, across and down."""
    detail: int
    layers: tuple[LayerMesh, ...]
    """The lowest first."""
    patches: tuple[PatchPlace, ...]


def mesh_of(avatar: Avatar) -> Mesh:
    """The numbers for an avatar whose card was checked."""
    layers, patches = avatar.gan.layers, avatar.gan.patches
    names = [layer.name for layer in layers]
    return Mesh(
        size=avatar.size,
        cells=(avatar.size[0] // CELL, avatar.size[1] // CELL),
        detail=avatar.detail,
        layers=tuple(_layer_mesh(layer, avatar.detail) for layer in layers),
        patches=tuple(_patch_place(p, layers[names.index(p.layer)], avatar.detail, names) for p in patches),
    )


def triangles(cells: tuple[int, int], layer: LayerMesh | None = None) -> np.ndarray:
    """(n, 3) uint16, or uint32 where there are more vertices: the mesh's triangles, row by row. layer: only those that touch its
    texture, which is about half of them, and the same picture."""
    columns, rows = cells[0] + 2, cells[1] + 2
    corner = np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)
    if layer is not None:
        down, across = (_touching(layer, axis, cells[axis]) for axis in (1, 0))
        corner = corner[down][:, across]
    first = corner.reshape(-1)
    both = np.stack([first, first + 1, first + columns, first + columns, first + 1, first + columns + 1])
    return both.T.reshape(-1, 3).astype(np.uint16 if columns * rows <= 1 << 16 else np.uint32)


def _touching(layer: LayerMesh, axis: int, cells: int) -> np.ndarray:
    """(cells + 1,) bool: which gaps between the mesh's columns (axis 0) or rows (1) hold any of the texture, border included."""
    start, size = layer.span[axis], layer.span[axis + 2]
    middles = start + (np.arange(cells) + 0.5) * size / cells
    places = np.array([layer.reach[axis], *middles, layer.reach[axis + 2]])
    left = layer.texture[axis]
    touching: np.ndarray = (places[1:] > left) & (places[:-1] < left + layer.pixels[axis] / layer.texture[2])
    return touching


def shaders(version: str, modes: int) -> dict[str, tuple[str, str]]:
    """Program -> sources of its vertex and fragment shader.

    version: CORE or ES. modes: how many a layer has; the shader's MODES is this in_fours()."""
    programs = {"layer": (f"MODES {modes + -modes % 4}",), "patch": ()}
    return {
        program: (_source(version, f"{program}.vert", defines), _source(version, f"{program}.frag", defines))
        for program, defines in programs.items()
    }


def in_fours(modes: np.ndarray) -> np.ndarray:
    """(L, M, ...) of each mode -> (L, M', ...) with zeros for those that make M' a multiple of 4."""
    more = -modes.shape[1] % 4
    return np.pad(modes, ((0, 0), (0, more), *[(0, 0)] * (modes.ndim - 2))) if more else modes


def mode_planes(modes: np.ndarray) -> np.ndarray:
    """(L, M, 2, rows, columns) of Dictionaries -> (planes, rows, columns, 4) float16: the layers of u_modes, two modes each."""
    rows, columns = modes.shape[3:]
    pairs = in_fours(modes).reshape(-1, 2, 2, rows, columns).transpose(0, 3, 4, 1, 2)
    return np.ascontiguousarray(pairs, np.float16).reshape(-1, rows, columns, 4)


def _source(version: str, file: str, defines: Sequence[str]) -> str:
    header, text = (asset(f"shaders/{name}.glsl").read_text(encoding="utf-8") for name in (version, file))
    return header + "".join(f"#define {name}\n" for name in defines) + text


def _layer_mesh(layer: Layer, detail: int) -> LayerMesh:
    border = BORDER / detail
    source, span = layer.source, layer.span
    # A whole pixel more than the texture, so that its border is covered too.
    reach = (
        min(span.x, source.x - 1.0),
        min(span.y, source.y - 1.0),
        max(span.right, source.right + 1.0),
        max(span.bottom, source.bottom + 1.0),
    )
    return LayerMesh(
        name=layer.name,
        file=layer.file,
        pixels=(source.w * detail + 2 * BORDER, source.h * detail + 2 * BORDER),
        span=(float(span.x), float(span.y), float(span.w), float(span.h)),
        reach=reach,
        texture=(source.x - border, source.y - border, float(detail)),
    )


def _patch_place(patch: Patch, layer: Layer, detail: int, names: Sequence[str]) -> PatchPlace:
    box = patch.box.relative_to(layer.source).scaled(detail)
    return PatchPlace(patch.name, names.index(layer.name), (box.x + BORDER, box.y + BORDER), (box.w, box.h))
