"""Layers laid into a picture block by block."""

import numpy as np
import pytest

from liveavatar.media.blend import clamp_to_alpha, stack
from liveavatar.media.mosaic import Mosaic

SIDE = 4


def layers(count: int, height: int, width: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [clamp_to_alpha(rng.integers(0, 256, (height, width, 4), np.uint8)) for _ in range(count)]


def cut(layer: np.ndarray) -> np.ndarray:
    """(h, w, 4) -> (blocks, SIDE * SIDE, 4)."""
    rows, columns = (n // SIDE for n in layer.shape[:2])
    blocks = layer.reshape(rows, SIDE, columns, SIDE, 4).swapaxes(1, 2)
    return np.ascontiguousarray(blocks).reshape(rows * columns, SIDE * SIDE, 4)


@pytest.mark.parametrize("size", [(16, 12), (13, 10)])
def test_it_stacks_as_whole_layers_are_stacked(size: tuple[int, int]) -> None:
    mosaic = Mosaic(size, SIDE)
    assert mosaic.grid == (3, 4)
    bottom, top = layers(2, 12, 16)
    top[:, 8:] = 0
    mosaic.clear()
    mosaic.lay(np.arange(12), 12, cut(bottom))
    some = np.array([8, 0, 1, 4, 5, 9])  # all the left half
    mosaic.lay(some, 0, cut(top)[some])
    expected = stack([(0, 0, bottom), (0, 0, top)], (16, 12))[: size[1], : size[0]]
    assert np.array_equal(mosaic.picture(), expected)


def test_what_hides_all_replaces_it() -> None:
    mosaic = Mosaic((8, 4), SIDE)
    below, above = layers(2, 4, 8)
    mosaic.clear()
    mosaic.lay(np.arange(2), 2, cut(below))
    mosaic.lay(np.array([1]), 1, cut(above)[1:])
    assert np.array_equal(mosaic.picture(), np.hstack([below[:, :4], above[:, 4:]]))


def test_a_picture_is_the_callers_own() -> None:
    mosaic = Mosaic((8, 4), SIDE)
    mosaic.lay(np.arange(2), 2, cut(layers(1, 4, 8)[0]))
    first = mosaic.picture()
    kept = first.copy()
    mosaic.clear()
    assert not mosaic.picture().any() and np.array_equal(first, kept)
