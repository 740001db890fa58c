"""Puts the avatar on a background: a colour or the user's own picture, never the room."""

from pathlib import Path

import cv2
import numpy as np

from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.types import AvatarFrame

COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "green": (0, 177, 64),
    "blue": (0, 71, 187),
    "magenta": (255, 0, 255),
}
"""RGB. Green and blue are the usual chroma-key shades."""

TRANSPARENT = "transparent"
DEFAULT = "#dfe6f0"


class Background:
    """What is behind the avatar, prepared once at the output's size."""

    def __init__(self, spec: str, size: tuple[int, int]) -> None:
        """spec: "#rrggbb", a name of COLOURS, "transparent", or a picture file (cropped to cover the output).

        size: the output's (width, height) in pixels. Raises OutputError."""
        self.size = size
        self.transparent = spec == TRANSPARENT
        width, height = size
        if self.transparent:
            self.image = np.zeros((height, width, 3), np.uint8)
        elif (colour := parse_colour(spec)) is not None:
            self.image = np.full((height, width, 3), colour, np.uint8)
        else:
            self.image = _cover(_read_picture(spec), size)

    def under(self, frame: AvatarFrame) -> np.ndarray:
        """The avatar over this background: (H, W, 3) uint8 RGB at the output's size.

        Premultiplied source-over: avatar + background * (1 - alpha)."""
        avatar, left, top = _fitted(frame.image, self.size)
        height, width = avatar.shape[:2]
        picture = self.image.copy()
        part = picture[top : top + height, left : left + width]
        rest = cv2.bitwise_not(cv2.extractChannel(avatar, 3))
        behind = cv2.multiply(part, cv2.merge((rest, rest, rest)), scale=1 / 255)
        cv2.add(behind, cv2.cvtColor(avatar, cv2.COLOR_RGBA2RGB), dst=part)
        return picture

    def rgba(self, frame: AvatarFrame) -> np.ndarray:
        """With alpha: (H, W, 4) uint8 premultiplied RGBA; opaque unless the background is transparent."""
        if self.transparent:
            return place(frame.image, self.size)
        return cv2.cvtColor(self.under(frame), cv2.COLOR_RGB2RGBA)


def parse_colour(spec: str) -> tuple[int, int, int] | None:
    """RGB of "#rrggbb" or a name of COLOURS; None when `spec` is neither."""
    name = spec.strip().lower()
    if name in COLOURS:
        return COLOURS[name]
    if len(name) == 7 and name[0] == "#":
        try:
            return int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)
        except ValueError:
            return None
    return None


def place(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """An (h, w, 4) premultiplied RGBA picture, bottom centre on a transparent one of `size` (width, height).

    Busts are cut at the bottom, so that is where they stand. Shrunk to fit when too large, never enlarged."""
    image, left, top = _fitted(image, size)
    if image.shape[1::-1] == size:
        return image
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    canvas[top:, left : left + image.shape[1]] = image
    return canvas


def checkers(size: tuple[int, int], cell: int = 16) -> np.ndarray:
    """The usual picture for transparency: (H, W, 3) uint8 RGB of two greys, squares of `cell` pixels."""
    y, x = np.indices(size[::-1]) // cell
    return np.where(((x + y) % 2 == 0)[..., None], np.uint8(204), np.uint8(255)).repeat(3, axis=2)


def _fitted(image: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, int, int]:
    """The picture, shrunk where it is too large for `size`, and the left and top of its place there."""
    width, height = size
    factor = min(width / image.shape[1], height / image.shape[0], 1.0)
    if factor < 1.0:
        smaller = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    return image, (width - image.shape[1]) // 2, height - image.shape[0]


def _read_picture(spec: str) -> np.ndarray:
    path = Path(spec).expanduser()
    names = ", ".join(COLOURS)
    if not path.is_file():
        raise OutputError(
            tr(
                f"background {spec!r} is neither a colour nor a picture file. "
                f"Give #rrggbb, one of {names}, {TRANSPARENT}, or the path of a PNG or JPEG.",
                f"背景 {spec!r} 既不是颜色也不是图片文件。请给出 #rrggbb、{names} 之一、{TRANSPARENT}，"
                "或 PNG/JPEG 图片的路径。",
            )
        )
    data = np.frombuffer(path.read_bytes(), np.uint8)
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error:  # raised for an empty file
        picture = None
    if picture is None:
        raise OutputError(
            tr(
                f"background {path} cannot be read as a picture. Give a PNG or JPEG.",
                f"背景 {path} 无法作为图片读取。请使用 PNG 或 JPEG。",
            )
        )
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _cover(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scaled to cover `size` (width, height) and cropped about the middle."""
    width, height = size
    factor = max(width / picture.shape[1], height / picture.shape[0])
    scaled = (max(width, round(picture.shape[1] * factor)), max(height, round(picture.shape[0] * factor)))
    picture = cv2.resize(picture, scaled, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    left, top = (scaled[0] - width) // 2, (scaled[1] - height) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])
