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
    assert mosaic.grid == (4, 4)
    bottom, top = layers(2, 12, 16)
    top[:, 8:] = 0
    mosaic.room(1, 13)[:] = cut(bottom)
    some = np.array([8, 0, 1, 4, 5, 9])  # all the left half
    mosaic.lay(some + 1, cut(top)[some])
    numbers = np.zeros((4, 4), int)
    numbers[:3] = np.arange(1, 13).reshape(3, 4)
    expected = stack([(0, 0, bottom), (0, 0, top)], (16, 12))[: size[1], : size[0]]
    assert np.array_equal(mosaic.picture(numbers), expected)


def test_blocks_stand_where_they_are_wanted() -> None:
    mosaic = Mosaic((8, 8), SIDE)
    layer = layers(1, 8, 8)[0]
    mosaic.room(1, 5)[:] = cut(layer)
    first = mosaic.picture(np.array([[4, 0], [1, 2]]))
    kept = first.copy()
    assert np.array_equal(first[:4, :4], layer[4:, 4:]) and np.array_equal(first[4:], layer[:4])
    assert not first[:4, 4:].any()
    assert not mosaic.picture(np.zeros((2, 2), int)).any() and np.array_equal(first, kept)
