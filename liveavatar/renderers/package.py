"""What renderers share: a package's pictures, its test picture, and where the bust stands."""

from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.golden import expression_of, reduced
from liveavatar.avatar.limits import MAX_DETAIL, MAX_SIDE
from liveavatar.errors import AvatarError, ProviderError
from liveavatar.language import tr
from liveavatar.media.png import PngError, decode_png, size_of
from liveavatar.types import Expression


def check_golden(renderer: Any) -> None:
    """Draw the package's golden expression and compare. renderer: with avatar, size, provider, render(). Raises ProviderError
    when the pictures differ by more than the card allows: a provider that computes wrongly is refused, not shown. On the CPU it
    is the package that is wrong: AvatarError."""
    avatar = renderer.avatar
    golden = avatar.golden
    drawn = reduced(renderer.render(expression_of(golden)).image)
    expected = read_rgba(avatar, golden.file, (drawn.shape[1], drawn.shape[0]))
    error = float(cv2.absdiff(drawn, expected).mean())
    if not error <= golden.tolerance:
        raise (AvatarError if renderer.provider == "cpu" else ProviderError)(
            tr(
                f"avatar {avatar.name!r}: the test picture drawn with provider {renderer.provider!r} differs from the "
                f"one in the package by {error:.2f} levels (allowed {golden.tolerance}). Use --provider cpu, "
                "or install the avatar again.",
                f"形象 {avatar.name!r}：用 provider {renderer.provider!r} 画出的测试画面与包中的相差 {error:.2f} 级"
                f"（允许 {golden.tolerance}）。请使用 --provider cpu，或重新安装该形象。",
            )
        )


def read_rgba(avatar: Avatar, name: str, size: tuple[int, int] | None = None) -> np.ndarray:
    """A PNG of the package: (h, w, 4) uint8 RGBA, as stored. size: (width, height) it must have. Raises AvatarError."""
    data = avatar.read(name)
    try:
        found = size_of(data)
        if size is not None and found != size:
            came, wanted = (f"{w}x{h}" for w, h in (found, size))
            what = tr(f"{name} is {came} pixels, expected {wanted}", f"{name} 为 {came} 像素，应为 {wanted}")
            raise unfit(avatar, what)
        if not 0 < min(found) <= max(found) <= MAX_DETAIL * MAX_SIDE:
            raise PngError(tr(f"{found[0]}x{found[1]} pixels", f"{found[0]}x{found[1]} 像素"))
        return decode_png(data)
    except PngError as error:
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r}: {name} is not an RGBA PNG ({error}). Install the avatar again.",
                f"形象 {avatar.name!r}：{name} 不是 RGBA PNG（{error}）。请重新安装该形象。",
            )
        ) from error


def unfit(avatar: Avatar, what: str) -> AvatarError:
    """The error for a package whose parts do not fit its card."""
    return AvatarError(
        tr(
            f"avatar {avatar.name!r} does not fit its card: {what}. Install the avatar again.",
            f"形象 {avatar.name!r} 与说明文件不符：{what}。请重新安装该形象。",
        )
    )
