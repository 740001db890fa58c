import numpy as np

from benchmarks.people.turned import SIZE, tears


def _figure() -> np.ndarray:
    """(SIZE, SIZE, 4) uint8: a square of many colours."""
    picture = np.zeros((SIZE, SIZE, 4), np.uint8)
    colours = np.random.default_rng(3).integers(0, 256, (24, 24, 3)).astype(np.uint8)
    picture[150:342, 150:342, :3] = colours.repeat(8, 0).repeat(8, 1)
    picture[150:342, 150:342, 3] = 255
    return picture


def test_what_only_moves_is_not_torn() -> None:
    rest = _figure()
    assert tears(rest, np.roll(rest, 20, axis=1)) == 0


def test_what_is_nowhere_at_rest_is_torn() -> None:
    rest = _figure()
    turned = rest.copy()
    turned[150:246, 150:342, :3] = turned[150:246, 150:342, 2::-1][::-1, ::-1]
    assert 0.4 < tears(rest, turned) < 0.6
