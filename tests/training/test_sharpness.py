"""Soft textures become as sharp as the teacher's pictures, and no sharper."""

import pytest

pytest.importorskip("torch")

import torch

from liveavatar.training.sharpness import unsharp


def test_an_edge_gets_steeper_and_flat_colours_stay() -> None:
    texture = torch.zeros(1, 4, 8, 12)
    texture[:, :, :, 6:] = torch.tensor([0.4, 0.2, 0.1, 0.8])[:, None, None]
    texture[:, :, :, 5] = texture[:, :, :, 6] / 2
    sharp = unsharp(texture, 0.5)
    assert torch.equal(unsharp(texture, 0.0), texture)
    assert torch.allclose(sharp[..., :4], texture[..., :4]) and torch.allclose(
        sharp[..., 8:], texture[..., 8:]
    )
    steep = [(x[0, 3, 4, 1:] - x[0, 3, 4, :-1]).square().sum() for x in (texture, sharp)]
    assert steep[1] > 1.1 * steep[0]
    assert (sharp[:, :3] <= sharp[:, 3:]).all() and sharp.min() >= 0 and sharp.max() <= 1
