"""The compositor of drawn avatars: a layer's flow has its cells on the layer's own part of the picture."""

from pathlib import Path

import numpy as np
import pytest

from liveavatar.avatar import load_avatar
from liveavatar.controls import neutral
from liveavatar.renderers.gan import GanRenderer, _cut
from liveavatar.types import Expression

TINY = Path(__file__).parent.parent / "data" / "tiny"


def bent(span: tuple[int, int, int, int], cells: int) -> np.ndarray:
    """(2, cells, cells): one smooth flow, in pixels, at the middles of cells on a span (x, y, w, h)."""
    x, y, w, h = span
    at_x, at_y = np.meshgrid(
        x + (np.arange(cells) + 0.5) * w / cells, y + (np.arange(cells) + 0.5) * h / cells
    )
    return np.stack([4 * np.sin(at_y / 30) + 0.03 * at_x, 3 * np.cos(at_x / 40) - 0.02 * at_y])


@pytest.mark.parametrize("scale, shift", [(1.0, 0.0), (0.8, 0.05), (1.25, -0.06)])
def test_cells_on_a_span_say_the_same_as_cells_on_the_picture(scale: float, shift: float) -> None:
    renderer = GanRenderer(load_avatar(TINY), "cpu")
    size, count = renderer.size[0], len(renderer.avatar.layers)
    expression = Expression(neutral(), 0.0, x=shift, y=shift, scale=scale)
    _, deltas = renderer.maps(neutral())
    whole = np.stack([bent((0, 0, size, size), size // 8)] * count).astype(np.float32)
    expected = renderer.compose(whole, deltas, expression).astype(int)
    for sheet in renderer._sheets:
        x, y, w, h = sheet.target
        sheet.span = (max(x - 5, 0), max(y - 3, 0), min(w + 9, size - x), min(h + 6, size - y))
    own = np.stack([bent(sheet.span, size // 8) for sheet in renderer._sheets]).astype(np.float32)
    found = renderer.compose(own, deltas, expression)
    assert np.ptp(expected, (0, 1)).max() > 100
    assert np.abs(found - expected).mean() < 1.0
    still = renderer.compose(0 * own, deltas, expression)
    assert np.abs(still - expected).mean() > 4.0


def test_a_field_goes_on_as_at_its_edges() -> None:
    field = np.arange(24, dtype=np.float32).reshape(4, 6, 1)[..., [0, 0]] * (1, 10)
    field = field.astype(np.float32)
    for left, top, w, h in ((1, 1, 3, 2), (-2, -1, 9, 7), (7, 1, 2, 2), (-5, -6, 3, 2), (4, 3, 5, 4)):
        columns, rows = np.clip(np.arange(left, left + w), 0, 5), np.clip(np.arange(top, top + h), 0, 3)
        assert np.array_equal(_cut(field, left, top, w, h), field[np.ix_(rows, columns)])
