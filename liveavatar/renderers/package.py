"""What renderers share: a package's pictures, its test picture, and where the bust stands."""

from typing import Any

import cv2
import numpy as np

from liveavatar.avatar import MAX_SIDE, Avatar
from liveavatar.controls import INDEX, neutral
from liveavatar.errors import AvatarError, ProviderError
from liveavatar.language import tr
from liveavatar.types import Expression


def check_golden(renderer: Any) -> None:
    """Draw the package's golden expression and compare. renderer: with avatar, size, provider, render(). Raises ProviderError
    when the pictures differ by more than the card allows: a provider that computes wrongly is refused, not shown."""
    avatar = renderer.avatar
    golden = avatar.golden
    controls = neutral()
    for name, value in golden.controls.items():
        if name in INDEX:
            controls[INDEX[name]] = value
    frame = renderer.render(Expression(controls, 0.0)).image
    small = cv2.resize(frame, (128, 128 * renderer.size[1] // renderer.size[0]), interpolation=cv2.INTER_AREA)
    expected = read_rgba(avatar, golden.file)
    error = float(cv2.absdiff(small, expected).mean()) if small.shape == expected.shape else 255.0
    if error > golden.tolerance:
        raise ProviderError(
            tr(
                f"avatar {avatar.name!r}: the test picture drawn with provider {renderer.provider!r} differs from the "
                f"one in the package by {error:.2f} levels (allowed {golden.tolerance}). Use --provider cpu, "
                "or install the avatar again.",
                f"形象 {avatar.name!r}：用 provider {renderer.provider!r} 画出的测试画面与包中的相差 {error:.2f} 级"
                f"（允许 {golden.tolerance}）。请使用 --provider cpu，或重新安装该形象。",
            )
        )


def read_rgba(avatar: Avatar, name: str) -> np.ndarray:
    """A PNG of the package: (h, w, 4) uint8 RGBA, as stored. Raises AvatarError."""
    content = (avatar.folder / name).read_bytes()
    # Width and height stand in the header: nothing larger than a card may name is unpacked.
    sides = [int.from_bytes(content[i : i + 4], "big") for i in (16, 20)]
    data = np.frombuffer(content, np.uint8)
    sensible = min(sides) > 0 and max(sides) <= 4 * MAX_SIDE
    image: Any = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if sensible else None
    if image is None or image.ndim != 3 or image.shape[2] != 4 or image.dtype != np.uint8:
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r}: {name} is not an RGBA PNG. Install the avatar again.",
                f"形象 {avatar.name!r}：{name} 不是 RGBA PNG。请重新安装该形象。",
            )
        )
    return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA)


def placement(expression: Expression, width: int, height: int) -> tuple[float, float, float]:
    """Zoom about the bottom centre, and the shift in avatar pixels (x, y) before it.

    The bust is cut at the bottom, so it never rises: lifting the head only lowers a bust that was pushed down."""
    zoom = float(np.clip(expression.scale, 0.7, 1.5))
    shift_x = float(np.clip(expression.x, -0.3, 0.3)) * width / zoom
    shift_y = max(0.0, float(np.clip(expression.y, -0.2, 0.2))) * height / zoom
    return zoom, shift_x + width / 2 * (1 / zoom - 1), shift_y + height * (1 / zoom - 1)
