"""What renderers read from an avatar's package."""

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.limits import MAX_DETAIL, MAX_SIDE
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.media.png import PngError, decode_png, size_of


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
