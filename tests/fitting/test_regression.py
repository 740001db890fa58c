"""Least squares in closed form."""

import numpy as np

from liveavatar.fitting.regression import reduced_rank, ridge


def test_a_sum_of_features_is_found_and_its_constant_is_free() -> None:
    rng = np.random.default_rng(1)
    features = np.concatenate([rng.normal(size=(300, 20)), np.ones((300, 1))], 1)
    wanted = rng.normal(size=(21, 4))
    wanted[-1] = 1000
    assert np.allclose(ridge(features, features @ wanted, 1e-9), wanted, atol=1e-3)
    assert abs(ridge(features, np.full((300, 1), 7.0), 1e3)[-1, 0] - 7) < 1e-3


def test_pictures_that_are_sums_of_three_are_made_of_three() -> None:
    rng = np.random.default_rng(2)
    features = np.concatenate([rng.uniform(-1, 1, (400, 12)), np.ones((400, 1))], 1).astype(np.float32)
    three = rng.uniform(-25, 25, (3, 6, 5, 4))
    amounts = np.tanh(features[:, :12] @ rng.normal(0, 0.2, (12, 3)))
    pictures = np.round(128 + np.tensordot(amounts, three, 1)).astype(np.uint8)
    shown = np.ones((6, 5), bool)
    shown[0] = False
    weights, found, mean = reduced_rank(features, pictures, shown, 3, 1e-6)
    again = ((features @ weights) @ found.reshape(3, -1) + mean.reshape(-1)).reshape(400, 5, 5, 4)
    miss = np.abs(again - pictures[:, 1:]).mean()
    assert miss < 0.1 * np.abs(pictures[:, 1:] - pictures[:, 1:].mean(0)).mean()
    assert np.allclose((features @ weights).std(0), 1, atol=0.1)
