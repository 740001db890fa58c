"""Reads a picture of any kind that people have: upright, in colour, with its alpha. Pictures are untrusted input."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.errors import PictureError
from liveavatar.language import tr

MAX_BYTES = 128 << 20
MAX_PIXELS = 120_000_000
MAX_SIDE = 2600
"""Larger pictures are reduced to this: no sheet needs more."""
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "MPO", "AVIF")


@dataclass(frozen=True)
class Picture:
    """What was read."""

    rgba: np.ndarray
    """(H, W, 4) uint8 RGBA, not premultiplied, upright."""
    has_alpha: bool
    """Whether the picture says itself what is background."""
    notes: tuple[str, ...] = ()
    """What the user should know: reduced, first frame of several."""

    def over(self, level: int = 255) -> np.ndarray:
        """(H, W, 3) uint8 RGB over a grey level."""
        if not self.has_alpha:
            return np.ascontiguousarray(self.rgba[..., :3])
        alpha = self.rgba[..., 3:].astype(np.float32) / 255
        return (self.rgba[..., :3] * alpha + level * (1 - alpha) + 0.5).astype(np.uint8)


def read_picture(path: Path) -> Picture:
    """Read a picture file. Raises PictureError that says what was expected and what came."""
    from PIL import Image, ImageOps

    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _refused(path, f"{size >> 20} MB > {MAX_BYTES >> 20} MB")
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise PictureError(
            tr(
                f"cannot read the picture {path}: {reason}. Give a PNG, JPEG or WebP file.",
                f"无法读取图片 {path}：{reason}。请给出 PNG、JPEG 或 WebP 文件。",
            )
        ) from error
    notes = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is checked here
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                width, height = opened.size
                if width * height > MAX_PIXELS:
                    raise _refused(path, f"{width}x{height}")
                if getattr(opened, "n_frames", 1) > 1:
                    notes.append(tr("animated: the first frame is used", "动图：使用第一帧"))
                if opened.format in ("JPEG", "MPO"):
                    opened.draft("RGB", (MAX_SIDE, MAX_SIDE))  # decodes large photos smaller
                opened.load()
                image: Any = ImageOps.exif_transpose(opened)
                has_alpha = "A" in image.getbands() or "transparency" in image.info
                if image.mode.startswith("I") or image.mode == "F":  # 16 bits: Pillow would cut, not scale
                    image = _eight_bits(image)
                rgba = np.array(image.convert("RGBA"))
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise _refused(path, str(error)) from error
    except Exception as error:  # Pillow's decoders raise many kinds for damaged files
        raise PictureError(
            tr(
                f"{path} cannot be read as a picture: {error}. Give a PNG, JPEG or WebP file that other programs open.",
                f"{path} 无法作为图片读取：{error}。请给出其他程序能打开的 PNG、JPEG 或 WebP 文件。",
            )
        ) from error
    has_alpha = has_alpha and bool((rgba[..., 3] < 250).mean() > 0.005)
    if not has_alpha:
        rgba[..., 3] = 255
    factor = MAX_SIDE / max(rgba.shape[:2])
    if factor < 1:
        import cv2

        smaller = (max(1, round(rgba.shape[1] * factor)), max(1, round(rgba.shape[0] * factor)))
        rgba = cv2.resize(rgba, smaller, interpolation=cv2.INTER_AREA)
        notes.append(tr(f"reduced to {smaller[0]}x{smaller[1]}", f"已缩小到 {smaller[0]}x{smaller[1]}"))
    return Picture(rgba, has_alpha, tuple(notes))


def _eight_bits(image: Any) -> Any:
    from PIL import Image

    values = np.asarray(image, np.float64)
    top = 65535.0 if values.max() > 255 else 255.0
    return Image.fromarray((values.clip(0, top) * (255 / top)).astype(np.uint8))


def _refused(path: Path, what: str) -> PictureError:
    limit = MAX_PIXELS // 10**6
    return PictureError(
        tr(
            f"{path} is too large ({what}). Give one of at most {limit} megapixels.",
            f"{path} 过大（{what}）。请给出不超过 {limit} 百万像素的图片。",
        )
    )
