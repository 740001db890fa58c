"""The numbers and shaders that any GPU draws an avatar with."""

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import MOST_PICTURES
from liveavatar.avatar.mesh import (
    BORDER,
    CORE,
    ES,
    in_fours,
    mesh_of,
    mode_planes,
    shaders,
    triangles,
)
from liveavatar.base.files import asset


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


def test_planes_hold_two_modes_each_and_nothing_beyond_the_last() -> None:
    modes = np.random.default_rng(0).normal(0, 1, (3, 6, 2, 4, 5)).astype(np.float16)
    planes = mode_planes(modes)
    assert planes.shape == (3 * 4, 4, 5, 4) and planes.dtype == np.float16
    for layer, mode, axis in np.ndindex(3, 6, 2):
        np.testing.assert_array_equal(
            planes[4 * layer + mode // 2, ..., 2 * (mode % 2) + axis], modes[layer, mode, axis]
        )
    assert not planes.reshape(3, 4, 4, 5, 4)[:, 3].any()


def test_amounts_are_filled_up_to_fours() -> None:
    amounts = np.ones((3, 6), np.float32)
    assert in_fours(amounts).tolist() == [[1] * 6 + [0] * 2] * 3
    assert in_fours(amounts[:, :4]).shape == (3, 4)


def test_both_glsls_have_the_same_programs() -> None:
    core, es = (shaders(version, 30) for version in (CORE, ES))
    assert set(core) == set(es) == {"layer", "patch"}
    assert "#define MODES 32\n" in core["layer"][0] and f"MOST = {MOST_PICTURES};" in es["patch"][1]
    assert asset("drawer.js").read_text(encoding="utf-8").count(f"MOST = {MOST_PICTURES};") == 1


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
