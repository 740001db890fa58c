"""Puts the avatar on a background: a colour or the user's own picture, never the room."""

import math
import os
from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.base.files import expanded
from liveavatar.errors import OutputError, PictureError
from liveavatar.language import tr
from liveavatar.media.blend import clamp_to_alpha, over
from liveavatar.media.picture import read_picture
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


SIZES = {"512p": (512, 512), "720p": (1280, 720), "1080p": (1920, 1080)}
"""Names of output sizes: (width, height) in pixels."""
ZOOM = (0.3, 4.0)
WHITE = 255, 255, 255, 255
"""The tint of an avatar as it is."""
_FACE = 0.42
"""Height of the face in an avatar's picture, from the top: what a zoom keeps in place."""


@dataclass(frozen=True)
class Framing:
    """Where the avatar is in the output, and in what light. At 1, 0, 0 it is as large as fits, bottom centre."""

    zoom: float = 1.0
    """About the face; in ZOOM."""
    x: float = 0.0
    """To the right, in widths of the output; -1 to 1."""
    y: float = 0.0
    """Down, in heights of the output; -1 to 1. Busts are cut at the bottom, so the cut never rises into view."""
    mirror: bool = False
    """The avatar's picture flipped; the background is not."""
    rotation: float = 0.0
    """Degrees clockwise about the middle of its picture; -720 to 720."""
    tint: tuple[int, int, int, int] = WHITE
    """RGBA, 0 to 255, that its colours and its opacity are multiplied with."""

    @property
    def plain(self) -> bool:
        """Neither turned nor tinted."""
        return self.rotation == 0 and self.tint == WHITE

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("zoom", self.zoom, *ZOOM),
            ("x", self.x, -1, 1),
            ("y", self.y, -1, 1),
            ("rotation", self.rotation, -720, 720),
            *(("tint", part, 0, 255) for part in self.tint),
        ):
            if not low <= value <= high:  # also refuses NaN
                raise OutputError(
                    tr(
                        f"{name} must be from {low:g} to {high:g}, got {value}",
                        f"{name} 应在 {low:g} 到 {high:g} 之间，实际为 {value}",
                    )
                )


def parse_size(spec: str) -> tuple[int, int]:
    """(width, height) of "1280x720" or a name of SIZES. Raises OutputError."""
    if spec.lower() in SIZES:
        return SIZES[spec.lower()]
    width, _, height = spec.lower().partition("x")
    if width.isdecimal() and height.isdecimal() and len(spec) < 12:
        size = int(width), int(height)
        if all(64 <= side <= 3840 and side % 2 == 0 for side in size):
            return size
    raise OutputError(
        tr(
            f"unknown size {spec!r}. Give {', '.join(SIZES)}, or WIDTHxHEIGHT in even numbers from 64 to 3840.",
            f"未知的尺寸 {spec!r}。请给出 {'、'.join(SIZES)}，或“宽x高”（64 到 3840 的偶数）。",
        )
    )


class Background:
    """What is behind the avatar, prepared once at the output's size."""

    def __init__(self, spec: str, size: tuple[int, int], framing: Framing | None = None) -> None:
        """spec: "#rrggbb", a name of COLOURS, "transparent", or a picture file (cropped to cover the output).

        size: the output's (width, height) in pixels. Raises OutputError."""
        self.size = size
        self.framing = framing or Framing()
        """May be changed at any time, from any thread."""
        self.transparent = spec == TRANSPARENT
        width, height = size
        if self.transparent:
            self.image = np.zeros((height, width, 3), np.uint8)
        elif (colour := parse_colour(spec)) is not None:
            self.image = np.full((height, width, 3), colour, np.uint8)
        else:
            self.image = _read_picture(spec, size)

    def show(self, picture: np.ndarray | None) -> None:
        """From now on this picture (h, w, 3) uint8 RGB, cut about its middle to cover the output; None: the usual colour. May be
        called from any thread."""
        if picture is None:
            picture = np.array([[parse_colour(DEFAULT)]], np.uint8)
        self.image = _covering(picture, self.size)

    def composite(self, frame: AvatarFrame) -> np.ndarray:
        """The avatar over this background: (H, W, 3) uint8 RGB at the output's size.

        Premultiplied source-over: avatar + background * (1 - alpha)."""
        avatar, left, top = _fitted(frame.image, self.size, self._framing_of(frame))
        height, width = avatar.shape[:2]
        picture = self.image.copy()
        if not avatar.size:
            return picture
        over(picture[top : top + height, left : left + width], avatar)
        return picture

    def composite_rgba(self, frame: AvatarFrame) -> np.ndarray:
        """With alpha: (H, W, 4) uint8 premultiplied RGBA; opaque unless the background is transparent."""
        if self.transparent:
            return framed(frame.image, self.size, self._framing_of(frame))
        return cv2.cvtColor(self.composite(frame), cv2.COLOR_RGB2RGBA)

    def _framing_of(self, frame: AvatarFrame) -> Framing:
        return Framing() if frame.whole else self.framing


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


def placed(picture: tuple[int, int], size: tuple[int, int], framing: Framing) -> tuple[float, float, float]:
    """Where a picture lies in an output, both (width, height) in pixels: output pixels per pixel, left, top; mirrored or not."""
    (w, h), (width, height) = picture, size
    fit = min(width / w, height / h)
    factor = fit * framing.zoom
    left = (width - w * factor) / 2 + framing.x * width
    top = height - h * fit + _FACE * h * fit * (1 - framing.zoom) + framing.y * height
    return factor, left, max(top, height - h * factor)


def framed(image: np.ndarray, size: tuple[int, int], framing: Framing | None = None) -> np.ndarray:
    """A picture (h, w, 4) uint8 premultiplied RGBA, framed, on a transparent one of `size` (width, height): the same kind."""
    image, left, top = _fitted(image, size, framing or Framing())
    if image.shape[1::-1] == size:
        return image
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas


def checkerboard(size: tuple[int, int], cell: int = 16) -> np.ndarray:
    """The usual picture for transparency: (H, W, 3) uint8 RGB of two greys, squares of `cell` pixels."""
    y, x = np.indices(size[::-1]) // cell
    return np.where(((x + y) % 2 == 0)[..., None], np.uint8(204), np.uint8(255)).repeat(3, axis=2)


def _fitted(image: np.ndarray, size: tuple[int, int], framing: Framing) -> tuple[np.ndarray, int, int]:
    """The visible part of a picture (h, w, 4) uint8 premultiplied RGBA in an output of `size` (width, height), scaled,
    and where its left and top are there. No pixels, (0, 0, 4), when the framing puts it outside."""
    width, height = size
    h, w = image.shape[:2]
    factor, left, top = placed((w, h), size, framing)
    if framing.mirror:
        image = cv2.flip(image, 1)
    if framing.tint != WHITE:
        image = _tinted(image, framing.tint)
    if framing.rotation:
        return _turned(image, size, (factor, left, top), framing.rotation), 0, 0
    # The part of the picture that lands inside, whole pixels of it.
    x0, y0 = max(0, math.floor(-left / factor)), max(0, math.floor(-top / factor))
    x1, y1 = min(w, math.ceil((width - left) / factor)), min(h, math.ceil((height - top) / factor))
    if x0 >= x1 or y0 >= y1:
        return np.zeros((0, 0, 4), np.uint8), 0, 0
    left, top = round(left + x0 * factor), round(top + y0 * factor)
    if factor != 1.0:
        part = np.ascontiguousarray(image[y0:y1, x0:x1])
        scaled = (max(1, round((x1 - x0) * factor)), max(1, round((y1 - y0) * factor)))
        image = cv2.resize(part, scaled, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
        if factor > 1:  # cubic overshoots: no colour above alpha
            clamp_to_alpha(image)
    else:
        image = image[y0:y1, x0:x1]
    # Whole source pixels reach beyond the border by less than one of them.
    cut_x, cut_y = max(0, -left), max(0, -top)
    image = image[cut_y : height - top, cut_x : width - left]
    return image, left + cut_x, top + cut_y


def _tinted(image: np.ndarray, tint: tuple[int, int, int, int]) -> np.ndarray:
    """A picture (h, w, 4) uint8 premultiplied RGBA in that light: the same kind."""
    *colour, alpha = (part / 255 for part in tint)
    shares = np.array([*(part * alpha for part in colour), alpha])
    return cv2.LUT(image, np.rint(np.arange(256)[:, None, None] * shares).astype(np.uint8))


def _turned(
    image: np.ndarray, size: tuple[int, int], place: tuple[float, float, float], degrees: float
) -> np.ndarray:
    """A picture (h, w, 4) uint8 premultiplied RGBA that lies at `place`, see placed(), turned about its middle: in the whole
    output of `size` (width, height)."""
    factor, left, top = place
    h, w = image.shape[:2]
    middle_x, middle_y = left + w * factor / 2, top + h * factor / 2
    if factor < 1:
        image = cv2.resize(
            image, (max(1, round(w * factor)), max(1, round(h * factor))), interpolation=cv2.INTER_AREA
        )
        factor = 1.0
    h, w = image.shape[:2]
    move = cv2.getRotationMatrix2D((w / 2 - 0.5, h / 2 - 0.5), -degrees, factor)
    move[:, 2] += middle_x - w / 2, middle_y - h / 2
    return cv2.warpAffine(image, move, size, flags=cv2.INTER_LINEAR)


def _covering(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture (h, w, 3) as one of `size` (width, height), cut about its middle."""
    height, width = picture.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    across, down = min(width, round(size[0] / scale)), min(height, round(size[1] / scale))
    left, top = (width - across) // 2, (height - down) // 2
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture[top : top + down, left : left + across], size, interpolation=how)


def _read_picture(spec: str, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8 RGB of `size` (width, height): the picture covers it, cut about its middle."""
    path = expanded(spec)
    names = ", ".join(COLOURS)
    if not os.path.exists(path):  # unlike Path's own, False for a name that is too long, too
        raise OutputError(
            tr(
                f"background {spec!r} is neither a colour nor a picture file. "
                f"Give #rrggbb, one of {names}, {TRANSPARENT}, or the path of a PNG or JPEG.",
                f"背景 {spec!r} 既不是颜色也不是图片文件。请给出 #rrggbb、{names} 之一、{TRANSPARENT}，"
                "或 PNG/JPEG 图片的路径。",
            )
        )
    try:
        # What is transparent in it shows the usual background, never the colours that lie hidden there.
        picture = read_picture(path, cover=size).over(parse_colour(DEFAULT) or COLOURS["white"])
    except PictureError as error:
        raise OutputError(tr(f"background: {error}", f"背景：{error}")) from error
    method = cv2.INTER_AREA if picture.shape[1] > size[0] else cv2.INTER_CUBIC
    return cv2.resize(picture, size, interpolation=method) if picture.shape[1::-1] != size else picture
