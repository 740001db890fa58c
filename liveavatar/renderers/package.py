"""What renderers read from an avatar's package."""

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.limits import MAX_DETAIL, MAX_SIDE
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.media.blend import over
from liveavatar.media.png import PngError, decode_png, size_of


def read_rgba(avatar: Avatar, name: str, size: tuple[int, int] | None = None) -> np.ndarray:
    """A PNG of the package: (h, w, 4) uint8 RGBA, as stored. size: (width, height) it must have. Raises AvatarError."""
    data = avatar.read(name)
    try:
        actual = size_of(data)
        if size is not None and actual != size:
            shown, expected = (f"{w}x{h}" for w, h in (actual, size))
            what = tr(
                f"{name} is {shown} pixels, expected {expected}", f"{name} 为 {shown} 像素，应为 {expected}"
            )
            raise unfit(avatar, what)
        if not 0 < min(actual) <= max(actual) <= MAX_DETAIL * MAX_SIDE:
            raise PngError(tr(f"{actual[0]}x{actual[1]} pixels", f"{actual[0]}x{actual[1]} 像素"))
        return decode_png(data)
    except PngError as error:
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r}: {name} is not an RGBA PNG ({error}). Install the avatar again.",
                f"形象 {avatar.name!r}：{name} 不是 RGBA PNG（{error}）。请重新安装该形象。",
            )
        ) from error


def read_label(avatar: Avatar, name: str) -> np.ndarray | None:
    """What is shown in the corner of the avatar's every picture, as read_rgba; None where `name` is empty. Raises AvatarError."""
    if not name:
        return None
    label = read_rgba(avatar, name)
    if label.shape[0] > avatar.size[1] // 2 or label.shape[1] > avatar.size[0] // 2:
        raise unfit(avatar, f"{name}: {label.shape[1]}x{label.shape[0]}")
    return label


def read_background(avatar: Avatar) -> np.ndarray | None:
    """What stands behind the avatar where the user says nothing else, (h, w, 3) uint8 RGB; None for none of its own. Raises
    AvatarError."""
    return np.ascontiguousarray(read_rgba(avatar, avatar.background)[..., :3]) if avatar.background else None


def lay_label(image: np.ndarray, label: np.ndarray) -> None:
    """Over the lower left corner of a picture (H, W, 4) uint8 premultiplied RGBA, in place."""
    height, width = label.shape[:2]
    over(image[len(image) - height :, :width], label)


def unfit(avatar: Avatar, what: str) -> AvatarError:
    """The error for a package whose parts do not fit its card."""
    return AvatarError(
        tr(
            f"avatar {avatar.name!r} does not fit its card: {what}. Install the avatar again.",
            f"形象 {avatar.name!r} 与说明文件不符：{what}。请重新安装该形象。",
        )
    )
