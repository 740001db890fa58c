"""Blocks of the picture: which layers show something in them, and where their corners stand."""

import numpy as np
import pytest

from liveavatar.avatar.card import Avatar
from liveavatar.controls import neutral, vector
from liveavatar.renderers.gan.bends import Bends
from liveavatar.renderers.gan.corners import Corners, Reach
from liveavatar.renderers.gan.inverse_flow import WIDTH
from liveavatar.renderers.gan.presence import GRAIN, Presence
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.renderers.gan.sample_map import SampleMaps
from liveavatar.renderers.gan.seen import Sight
from liveavatar.renderers.gan.texture import Textures
from liveavatar.renderers.placement import AT_REST, Placement
from liveavatar.types import Expression


def test_presence_never_misses_a_texel_nor_calls_a_hole_opaque() -> None:
    rng = np.random.default_rng(1)
    held = [rng.random((37, 50)) < 0.01, np.zeros((20, 23), bool)]
    opaque = [np.ones((37, 50), bool), np.ones((20, 23), bool)]
    opaque[0][11, 30] = False
    held[0][10:20, 20:40] = True
    presence = Presence(held, opaque)
    least = rng.uniform(-10, 55, (2, 400)).astype(np.float32)
    most = least + rng.uniform(0, 20, (2, 400)).astype(np.float32)
    found, covering = presence.of(np.zeros(least.shape[1], int), least, most)
    assert 40 < found.sum() < 390 and 5 < covering.sum() < 100
    assert not presence.of(np.ones(400, int), least, most)[0].any()
    for k in range(400):
        # Texels that a bilinear look-up in the box can touch.
        left, top = np.floor(least[:, k]).astype(int)
        right, bottom = np.ceil(most[:, k]).astype(int)
        inside = held[0][max(top, 0) : max(bottom + 1, 0), max(left, 0) : max(right + 1, 0)]
        assert found[k] or not inside.any()
        if covering[k]:
            assert left >= 0 and top >= 0
            assert opaque[0][top : bottom + 1, left : right + 1].all()


def test_presence_is_near() -> None:
    held = np.zeros((64, 64), bool)
    held[32, 32] = True
    presence = Presence([held], [held])
    least = np.array([[32 + 2 * GRAIN, 32 - 9 * GRAIN], [30, 30]], np.float32)
    most = least + GRAIN
    assert presence.of(np.zeros(least.shape[1], int), least, most)[0].tolist() == [False, False]


def test_corners_stand_layer_by_layer_row_by_row() -> None:
    corners = Corners((Reach(1, 2, 4, 4), Reach(5, 5, 5, 9), Reach(0, 2, 4, 4)), (1, 1, 2))
    assert corners.at.shape[1] % WIDTH == 0 and sum(corners.counts) == corners.at.shape[1]
    assert corners.counts[:2] == [12, 0] and corners.every_first == [0, 12, 12, 27]
    x, y = corners.of(0, corners.at)
    assert x.tolist() == [[1, 2, 3, 4]] * 3 and y[:, 0].tolist() == [2, 3, 4]
    assert corners.of(1, corners.at).shape == (2, 0, 0)
    assert corners.of(2, corners.at).tolist() == [[[0, 2, 4]] * 2, [[2] * 3, [4] * 3]]
    every = corners.spread(corners.at)
    assert np.array_equal(corners.every_of(0, every), (x, y))
    assert np.array_equal(corners.every_of(2, every), np.mgrid[2:5, :5][::-1])


def test_a_reach_is_kept_while_it_will_do() -> None:
    reach = Reach(2, 2, 10, 8)
    assert reach.will_do(Reach(4, 4, 10, 8), 2) and reach.will_do(reach, 0)
    assert not reach.will_do(Reach(4, 6, 10, 8), 2)  # too large
    assert not reach.will_do(Reach(2, 2, 12, 8), 2)  # too small
    assert not reach.will_do(Reach(0, 0, 0, 0), 9)


def test_a_layer_is_looked_up_again_when_it_moved() -> None:
    """What is seen may have some texels to spare, but never lacks any."""
    whole = np.zeros((64, 64), bool)
    whole[20:44, 20:44] = True
    presence, grid = Presence([whole, whole], [whole, whole]), (8, 8)
    corners = Corners((Reach(0, 0, 8, 8),) * 2, (1, 1))
    sight = Sight(presence, grid, np.array([3.0, 3.0]))
    texels = np.concatenate([corners.at[:, :81]] * 2, axis=1) * 8 - 0.5
    assert sight.look(corners, texels) and not sight.look(corners, texels + 2)
    first = sight.numbers
    assert first[2:6, 2:6].all() and not first[0].any() and not first[:, 0].any() and not first[7].any()
    lower, upper = sight.layers
    assert len(lower.over.numbers) == 0 and len(upper.over.numbers) > 10
    # One hides the other in the middle.
    assert len(upper.fresh.numbers) > 0
    assert len(lower.fresh.numbers) + len(upper.fresh.numbers) == np.count_nonzero(first)
    assert np.array_equal(upper.over.numbers, first[upper.over.rows, upper.over.columns])
    assert sight.look(corners, texels + 12) and sight.numbers is not first


def test_bends_are_of_each_layer() -> None:
    x, y = np.meshgrid(np.arange(6.0), np.arange(5.0))
    straight, bent = np.stack([3 * x - y, y]), np.stack([x * x, y + 0 * x])
    bends = Bends([(5, 6), (5, 6)])
    line = np.concatenate([straight.reshape(2, -1), bent.reshape(2, -1)], axis=1)
    assert bends.of(line) == pytest.approx([0, 2**0.5 / 2])
    assert bends.of(line, np.zeros(24, bool)).tolist() == [0, 0]


def maps_of(avatar: Avatar) -> SampleMaps:
    return SampleMaps(avatar, Textures(avatar).presence(), 8, (16, 16))


def test_blocks_are_given_once_and_hold_where_texels_are(tiny: Avatar) -> None:
    """With no motion a texel of the texture is seen where it lies."""
    still = np.zeros((2, len(tiny.gan.layers), 16, 16), np.float32)
    maps, drawn = maps_of(tiny), set()
    for part in maps.parts(still, AT_REST):
        layer = tiny.gan.layers[part.layer]
        blocks = part.blocks.tolist()
        assert len(set(blocks)) == len(blocks) and drawn.isdisjoint(blocks) == part.fresh
        drawn |= set(blocks)
        for block, texels in zip(blocks, part.texels, strict=True):
            (row,), (column,) = np.nonzero(maps.numbers == block)
            top, left = 8 * row, 8 * column
            pixels = np.mgrid[top : top + 8, left : left + 8][::-1].reshape(2, -1).T + 0.5
            there = (pixels - layer.source[:2]) * tiny.detail - 0.5
            assert np.abs(texels - there).max() < 0.01


def test_what_was_drawn_before_changes_nothing(tiny: Avatar) -> None:
    """Buffers and reaches are kept from frame to frame."""
    near = Expression(vector(headYaw=0.4, jawOpen=1.0), 0.0, x=0.1, scale=1.3)
    fresh = GanRenderer(tiny, "cpu").render(near).image
    used = GanRenderer(tiny, "cpu")
    for scale in (0.7, 1.5, 1.0):
        used.render(Expression(neutral(), 0.0, x=-0.3, scale=scale))
    assert np.array_equal(used.render(near).image, fresh)


def test_leaving_out_what_is_not_seen_changes_nothing(tiny: Avatar) -> None:
    """As though every block of every layer were seen."""
    renderer = GanRenderer(tiny, "cpu")
    maps = renderer.maps(vector(headYaw=0.5, jawOpen=1.0, eyeBlinkLeft=1.0))
    expression = Expression(neutral(), 0.0, y=0.1, scale=1.2)
    drawn = renderer.compose(*maps, expression)

    class Everywhere(Presence):
        def of(
            self, layers: np.ndarray, least: np.ndarray, most: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray]:
            every = np.ones(least.shape[1:], bool)
            return every, ~every

    textures = Textures(tiny)
    renderer._maps = SampleMaps(
        tiny,
        Everywhere([x.held for x in textures._layers], [x.opaque for x in textures._layers]),
        8,
        (16, 16),
    )
    whole = renderer.compose(*maps, expression)
    assert np.abs(whole.astype(int) - drawn).max() <= 1


def test_a_zoomed_picture_shows_the_same_place(tiny: Avatar) -> None:
    still = np.zeros((2, len(tiny.gan.layers), 16, 16), np.float32)
    layer = tiny.gan.layers[0]
    maps = maps_of(tiny)
    part = next(iter(maps.parts(still, Placement(1.25, -3.0, 2.0))))
    for block, texels in zip(part.blocks.tolist(), part.texels, strict=True):
        (row,), (column,) = np.nonzero(maps.numbers == block)
        top, left = 8 * row, 8 * column
        pixels = np.mgrid[top : top + 8, left : left + 8][::-1].reshape(2, -1).T + 0.5
        there = (pixels / 1.25 - [-3.0, 2.0] - layer.source[:2]) * tiny.detail - 0.5
        assert np.abs(texels - there).max() < 0.01


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e30])
def test_a_network_gone_wrong_draws_something(tiny: Avatar, wrong: float) -> None:
    renderer = GanRenderer(tiny, "cpu")
    motion, patches = renderer.maps(neutral())
    for everywhere in (False, True):
        broken = motion.copy()
        broken[:, :, ... if everywhere else 5, 3:9] = wrong
        picture = renderer.compose(broken, patches, Expression(neutral(), 0.0))
        assert picture.shape == (128, 128, 4)
