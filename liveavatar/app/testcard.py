"""A picture to find faults with: colours, a clock, the rate, a moving mark, and the frame's number in black and white."""

from contextlib import closing
from datetime import datetime

import cv2
import numpy as np

from liveavatar.app.console import announce, ending_politely
from liveavatar.app.sink import Sink
from liveavatar.base.mailbox import Closed
from liveavatar.base.timing import Pacer, Rate, now, wall_clock
from liveavatar.language import tr
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

BARS = ((191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191))
"""RGB of the bars, 75 % of full: where these change, the colour matrix is wrong."""
BITS = 24
"""Blocks along the lower edge: the frame's number, highest bit first, white is 1."""
_DARK, _LIGHT, _ACCENT = (24, 22, 38), (244, 241, 250), (255, 122, 150)


class TestCard:
    """Draws test cards of one size."""

    __test__ = False  # not pytest's

    def __init__(self, size: tuple[int, int]) -> None:
        """size: (width, height) in pixels, at least 96 each."""
        self.width, self.height = size
        self._ground = np.empty((self.height, self.width, 3), np.uint8)
        self._ground[:] = _DARK
        for i, colour in enumerate(BARS):
            left, right = (self.width * j // len(BARS) for j in (i, i + 1))
            self._ground[: self.height * 2 // 5, left:right] = colour
        ramp = np.linspace(0, 255, self.width).astype(np.uint8)
        self._ground[self.height * 2 // 5 : self.height // 2] = ramp[None, :, None]
        middle, radius = (self.width // 2, self.height // 4), round(0.23 * min(size))
        cv2.circle(self._ground, middle, radius, _LIGHT, max(1, radius // 90), cv2.LINE_AA)

    def draw(self, number: int, clock: datetime, fps: float) -> np.ndarray:
        """One card: (H, W, 4) uint8 RGBA, opaque."""
        card, width, height = self._ground.copy(), self.width, self.height
        self._text(card, clock.strftime("%H:%M:%S.%f")[:-3], 0.68, 0.115)
        self._text(card, f"liveavatar  {width}x{height}  {fps:4.1f} fps  #{number}", 0.76, 0.045)
        # The mark runs once across in two seconds of the clock, whatever the rate: a jerk in it is a jerk in time.
        share = (clock.second % 2 + clock.microsecond / 1e6) / 2
        at, track = round(0.06 * width + share * 0.88 * width), round(0.83 * height)
        cv2.line(card, (round(0.06 * width), track), (round(0.94 * width), track), _LIGHT, 1, cv2.LINE_AA)
        cv2.circle(card, (at, track), max(3, height // 40), _ACCENT, -1, cv2.LINE_AA)
        write_number(card, number)
        return cv2.cvtColor(card, cv2.COLOR_RGB2RGBA)

    def _text(self, card: np.ndarray, text: str, y: float, tall: float) -> None:
        """Centred at a share of the height, as tall as a share of it, never wider than the card."""
        font, scale = cv2.FONT_HERSHEY_DUPLEX, tall * self.height / 30
        (wide, _), _ = cv2.getTextSize(text, font, scale, 1)
        scale *= min(1.0, 0.94 * self.width / max(wide, 1))
        thick = max(1, round(scale))
        (wide, _), _ = cv2.getTextSize(text, font, scale, thick)
        at = ((self.width - wide) // 2, round(y * self.height))
        cv2.putText(card, text, at, font, scale, _LIGHT, thick, cv2.LINE_AA)


def write_number(picture: np.ndarray, number: int) -> None:
    """Write a number of BITS bits as blocks along the lower edge, in place: (H, W, 3 or 4) uint8; alpha becomes opaque."""
    height, width = picture.shape[:2]
    top = height - height // 12
    picture[top:] = 255
    for i in range(BITS):
        if not number >> (BITS - 1 - i) & 1:
            left, right = (width * j // BITS for j in (i, i + 1))
            picture[top:, left:right, :3] = 0


def read_number(picture: np.ndarray) -> int:
    """What write_number wrote: (H, W, 3 or 4) or (H, W) uint8, of any size and not mirrored."""
    height, width = picture.shape[:2]
    row = picture[height - height // 24]
    if row.ndim == 2:
        row = row[:, :3].mean(1)
    return int("".join("1" if row[int((i + 0.5) * width / BITS)] > 127 else "0" for i in range(BITS)), 2)


def play_test_card(sink: Sink, fps: float) -> str:
    """Cards until Ctrl-C, 512 pixels a side where no size was asked for; returns what was done, for the user."""
    size = sink.size or (512, 512)
    sink.check(size, {})
    with ending_politely(), closing(sink.open(sink.backdrop(size), fps)) as output:
        announce(tr("test card", "测试卡"), output)
        count = play(output, size, fps)
    return tr(f"{count} cards sent", f"共发送 {count} 帧测试卡")


def play(output: Output, size: tuple[int, int], fps: float) -> int:
    """Send cards until Ctrl-C or until the output's window is closed. Returns how many."""
    card, pacer, rate, number = TestCard(size), Pacer(fps), Rate(), 0
    began: float | None = None
    try:
        while True:
            due = pacer.wait()
            began = due if began is None else began
            at = now()
            rate.add(at)
            output.send(AvatarFrame(card.draw(number, wall_clock(), rate.fps), at), due - began)
            number += 1
    except (Closed, KeyboardInterrupt):
        return number
