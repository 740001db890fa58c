"""Soft textures become as sharp as the teacher's pictures, and no sharper."""

import numpy as np

from liveavatar.fitting.textures import unsharp


def test_an_edge_gets_steeper_and_flat_colours_stay() -> None:
    texture = np.zeros((8, 12, 4), np.float32)
    texture[:, 6:] = 0.4, 0.2, 0.1, 0.8
    texture[:, 5] = texture[:, 6] / 2
    sharp = unsharp(texture, 0.5)
    assert np.array_equal(unsharp(texture, 0.0), texture)
    assert np.allclose(sharp[:, :4], texture[:, :4]) and np.allclose(sharp[:, 8:], texture[:, 8:])
    steep = [np.square(np.diff(x[4, :, 3])).sum() for x in (texture, sharp)]
    assert steep[1] > 1.1 * steep[0]
    assert (sharp[..., :3] <= sharp[..., 3:]).all() and sharp.min() >= 0 and sharp.max() <= 1
