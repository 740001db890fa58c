from datetime import datetime
from typing import Any

import cv2
import numpy as np
import pytest

from liveavatar.app.testcard import BARS, TestCard, play, read_number, write_number
from liveavatar.base.mailbox import Closed
from liveavatar.cli import main
from liveavatar.outputs import open_output
from liveavatar.types import AvatarFrame

NOON = datetime(2026, 1, 1, 12, 0, 1, 250_000)


@pytest.mark.parametrize("size", [(512, 512), (1280, 720), (96, 96)])
def test_the_number_can_be_read_back_also_when_scaled(size: tuple[int, int]) -> None:
    card = TestCard(size)
    for number in (0, 1, 12345, 2**24 - 1):
        picture = card.draw(number, NOON, 30.0)
        assert picture.shape == (size[1], size[0], 4) and picture[..., 3].min() == 255
        assert read_number(picture[..., :3]) == number
        assert read_number(cv2.resize(picture[..., :3], (320, 180), interpolation=cv2.INTER_AREA)) == number


def test_a_number_is_written_over_any_picture_and_nowhere_else() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (120, 200, 4), np.uint8)
    before = picture.copy()
    write_number(picture, 0b1010)
    assert read_number(picture) == read_number(picture[..., :3]) == read_number(picture[..., 0]) == 0b1010
    assert (picture[:110] == before[:110]).all() and picture[110:, :, 3].min() == 255


def test_it_moves_and_shows_its_bars() -> None:
    card = TestCard((512, 512))
    first, second = (card.draw(7, NOON.replace(microsecond=us), 30.0) for us in (0, 500_000))
    assert (first != second).any()
    for i, colour in enumerate(BARS):
        assert tuple(first[4, (2 * i + 1) * 512 // 14, :3]) == colour


def test_play_sends_numbered_cards_at_the_rate_until_the_window_is_closed() -> None:
    output: Any = open_output("memory", size=(96, 96), fps=50)
    send = output.send

    def five(frame: AvatarFrame, at: float | None = None) -> None:
        if len(output.frames) == 5:
            raise Closed
        send(frame, at)

    output.send = five
    assert play(output, (96, 96), 50) == 5
    assert [read_number(p[..., :3]) for p in output.pictures] == list(range(5))
    gaps = np.diff([frame.time for frame in output.frames])
    assert gaps.min() > 0.01


def test_an_unknown_matrix_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--test-card", "--colour-matrix", "bt2020", "--output", "null"]) == 2
    assert "bt2020" in capsys.readouterr().err
