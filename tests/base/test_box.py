import json

import numpy as np

from liveavatar.base.box import Box


def test_a_box_cuts_its_pixels_out_at_any_scale() -> None:
    picture = np.arange(24 * 32).reshape(24, 32)
    box = Box(3, 2, 5, 4)
    assert np.array_equal(picture[box.slices], picture[2:6, 3:8])
    assert np.array_equal(picture[box.scaled(2).slices], picture[4:12, 6:16])
    part = picture[box.slices]
    assert np.array_equal(part[Box(4, 3, 2, 2).relative_to(box).slices], picture[3:5, 4:6])


def test_boxes_that_touch_do_not_overlap() -> None:
    box = Box(8, 8, 32, 32)
    assert box.overlaps(Box(39, 39, 4, 4)) and box.overlaps(Box(10, 10, 1, 1)) and box.overlaps(box)
    assert not box.overlaps(Box(40, 8, 4, 4)) and not box.overlaps(Box(8, 0, 32, 8))


def test_inside_includes_the_edges() -> None:
    box = Box(0, 0, 10, 10)
    assert box.inside(box) and Box(9, 9, 1, 1).inside(box)
    assert not Box(9, 9, 2, 1).inside(box) and not Box(-1, 0, 2, 2).inside(box)


def test_a_card_holds_it_as_four_numbers() -> None:
    assert json.dumps(Box(1, 2, 3, 4)) == "[1, 2, 3, 4]"
