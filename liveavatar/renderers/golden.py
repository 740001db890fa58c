"""A renderer proves itself on the package's golden picture before it is used."""

from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.golden import expression_of, reduced
from liveavatar.errors import AvatarError, ProviderError
from liveavatar.language import tr
from liveavatar.renderers.package import read_rgba


def check_golden(renderer: Any) -> None:
    """Draw the package's golden expression and compare. renderer: with avatar, size, provider, render(). Raises ProviderError
    when the pictures differ by more than the card allows: a provider that computes wrongly is refused, not shown. On the CPU it
    is the package that is wrong: AvatarError."""
    avatar = renderer.avatar
    golden = avatar.golden
    error = golden_error(avatar, renderer.render(expression_of(golden)).image)
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


def golden_error(avatar: Avatar, image: np.ndarray) -> float:
    """By how much a picture of the golden expression, (H, W, 4) uint8 RGBA, differs from the package's: mean levels of 255."""
    drawn = reduced(image)
    expected = read_rgba(avatar, avatar.golden.file, (drawn.shape[1], drawn.shape[0]))
    return float(cv2.absdiff(drawn, expected).mean())
