"""Distances of colours are those of OKLab, and pictures that differ more are more diverse."""

import numpy as np
import pytest

from liveavatar.fitting.metrics import diversity, oklab
from liveavatar.rigs.drawn.colour import Tone


def test_oklab_undoes_what_tones_are_drawn_with() -> None:
    turn = np.radians(40.0)
    argb = Tone(0.7, 0.1, 40.0).argb
    pixel = np.array([argb >> 16 & 255, argb >> 8 & 255, argb & 255], np.uint8)
    assert oklab(pixel) == pytest.approx([0.7, 0.1 * np.cos(turn), 0.1 * np.sin(turn)], abs=0.004)


def test_diversity_is_the_mean_over_all_pairs() -> None:
    black, white = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)
    assert diversity(np.stack([black, black])) == 0
    assert diversity(np.stack([black, white])) == pytest.approx(1, abs=1e-3)
    assert diversity(np.stack([black, black, white])) == pytest.approx(2 / 3, abs=1e-3)
