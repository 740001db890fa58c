"""The numbers and shaders that any GPU draws an avatar with."""

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.mesh import BORDER, CORE, ES, mesh_of, shaders, triangles


def test_triangles_cover_the_mesh_once_and_turn_the_same_way() -> None:
    columns, rows = 5, 3
    found = triangles((columns, rows))
    assert found.dtype == np.uint16 and found.max() == (columns + 2) * (rows + 2) - 1
    at = np.stack([found % (columns + 2), found // (columns + 2)], -1).astype(float)
    (ax, ay), (bx, by) = (at[:, 1] - at[:, 0]).T, (at[:, 2] - at[:, 0]).T
    assert (ax * by - ay * bx == 1).all()
    assert len(found) == 2 * (columns + 1) * (rows + 1) == len(np.unique(np.sort(found, 1), axis=0))


def test_a_mesh_with_many_cells_has_wider_indices() -> None:
    assert triangles((256, 256)).dtype == np.uint32


def test_triangles_without_texture_are_left_out(tiny: Avatar) -> None:
    mesh = mesh_of(tiny)
    for layer in mesh.layers:
        every, kept = triangles(mesh.cells), triangles(mesh.cells, layer)
        left, top, right, bottom = layer.span[0], layer.span[1], *np.add(layer.span[:2], layer.span[2:])
        x = np.array([layer.reach[0], *(left + (np.arange(16) + 0.5) * (right - left) / 16), layer.reach[2]])
        y = np.array([layer.reach[1], *(top + (np.arange(16) + 0.5) * (bottom - top) / 16), layer.reach[3]])
        dropped = every[~(every[:, None] == kept).all(-1).any(1)]
        begin = np.array(layer.texture[:2])
        end = begin + np.array(layer.pixels) / layer.texture[2]
        for triangle in dropped:
            corners = np.stack([x[triangle % 18], y[triangle // 18]], 1)
            assert (corners.max(0) <= begin).any() or (corners.min(0) >= end).any()


def test_the_mesh_reaches_beyond_the_texture_and_patches_lie_in_it(tiny: Avatar) -> None:
    mesh = mesh_of(tiny)
    assert mesh.size == tiny.size and mesh.cells == (16, 16)
    for layer, card in zip(mesh.layers, tiny.gan.layers, strict=True):
        left, top, right, bottom = layer.reach
        assert left < card.source.x and top < card.source.y
        assert right > card.source.right and bottom > card.source.bottom
        assert layer.pixels == (2 * card.source.w + 2 * BORDER, 2 * card.source.h + 2 * BORDER)
    for patch in mesh.patches:
        width, height = mesh.layers[patch.layer].pixels
        assert min(patch.corner) >= BORDER
        assert patch.corner[0] + patch.size[0] <= width - BORDER
        assert patch.corner[1] + patch.size[1] <= height - BORDER


@pytest.mark.parametrize("version", [CORE, ES])
def test_the_shaders_compile(version: str) -> None:
    """Desktop drivers take those of OpenGL ES too, by ARB_ES3_compatibility."""
    moderngl = pytest.importorskip("moderngl")
    try:
        context = moderngl.create_context(standalone=True, require=330, backend="egl")
    except Exception as error:  # of many private types
        pytest.skip(f"no EGL: {error}")
    with context:
        for vertex, fragment in shaders(version, modes=32).values():
            context.program(vertex_shader=vertex, fragment_shader=fragment).release()
    context.release()
