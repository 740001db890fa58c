"""The word in the picture's corner that says what the viewer sees is synthetic."""

from contextlib import suppress
from typing import Any

import numpy as np

_FONTS = (
    "msyh.ttc",
    "PingFang.ttc",
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf",
)
"""Where Windows, macOS and Linux keep Chinese letters; Pillow's own font has none."""


def label_picture(text: str) -> np.ndarray:
    """The label for the picture's corner: (h, w, 4) uint8 premultiplied RGBA, white on a dark plate."""
    from PIL import Image, ImageDraw, ImageFont

    font: Any = ImageFont.load_default(15)
    if not text.isascii():
        for name in _FONTS:
            with suppress(OSError):
                font = ImageFont.truetype(name, 15)
                break
        else:
            text = "synthetic"
    left, top, right, bottom = font.getbbox(text)
    plate = Image.new("RGBA", (round(right - left) + 20, round(bottom - top) + 14), (20, 22, 28, 150))
    ImageDraw.Draw(plate).text((10 - left, 7 - top), text, font=font, fill=(255, 255, 255, 255))
    pixels = np.array(plate).astype(np.float32)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return np.round(pixels).astype(np.uint8)
