"""Pairs of mouths: drafts made of one picture lie near what the character truly does."""

import numpy as np

from liveavatar.training.morpher.mouths import EACH, SIDE, mouth_pairs


def test_drafts_are_near_the_truth() -> None:
    told: list[int] = []
    pairs = mouth_pairs(2, 5, lambda done, _: told.append(done))
    assert told == [1, 2]
    assert pairs.source.shape == (2, SIDE, SIDE, 8)
    assert len(pairs.of) == 2 * EACH

    def over_grey(crops: np.ndarray) -> np.ndarray:
        return np.asarray(crops[..., :3] + 0.5 * (255.0 - crops[..., 3:]))

    error = ((over_grey(pairs.draft) - over_grey(pairs.truth)) ** 2).mean((1, 2, 3))
    assert np.median(10 * np.log10(255**2 / np.maximum(error, 1e-3))) > 24
