"""The layers' textures, with the patches that the network paints into them for each frame."""

from collections.abc import Sequence

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar, Layer
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.media.blend import clamp_to_alpha
from liveavatar.renderers.gan.presence import Presence
from liveavatar.renderers.package import read_rgba

SOLID, CLEAR = 250, 2
"""Alpha from which a texel counts as opaque, and up to which as transparent. Learned textures are a level or two off, and where
one hides the others, or shows nothing, need not be drawn."""


class Textures:
    """Of an avatar, in the card's order."""

    def __init__(self, avatar: Avatar) -> None:
        """Read from the package. Raises AvatarError where they do not fit the card."""
        self._layers = [_LayerTexture(avatar, layer) for layer in avatar.gan.layers]
        self.painted = [layer.painted for layer in self._layers]
        """Of each layer, whether patches are painted into it: colours may be above alpha there."""

    def patched(self, patches: Sequence[np.ndarray]) -> list[np.ndarray]:
        """This frame's, (h, w, 4) uint8 premultiplied RGBA each; the same arrays at each call.

        patches: the network's, in blocks (see gan/renderer.py) or as pictures (h, w, 4)."""
        return [layer.patched(patches) for layer in self._layers]

    def bare(self) -> list[np.ndarray]:
        """Without patches: copies of the same kind. From any thread."""
        return [layer.bare() for layer in self._layers]

    def presence(self) -> Presence:
        """Where they may hold anything, whatever the patches."""
        return Presence([layer.held for layer in self._layers], [layer.opaque for layer in self._layers])


class _LayerTexture:
    """(h, w, 4) uint8 premultiplied RGBA, as large as the layer's source box times the avatar's detail."""

    def __init__(self, avatar: Avatar, layer: Layer) -> None:
        size = layer.source.scaled(avatar.detail)
        self._pixels = read_rgba(avatar, layer.file, (size.w, size.h))
        _settle(self._pixels)
        self.held, self.opaque = self._pixels[..., 3] > 0, self._pixels[..., 3] == 255
        """(h, w) bool: which texels may be other than transparent, and which are opaque whatever the patches."""
        self._patches: list[tuple[int, tuple[slice, slice], np.ndarray]] = []
        """Index among the avatar's patches, the part of the texture, and what it holds without the patch."""
        for i, patch in enumerate(avatar.gan.patches):
            if patch.layer != layer.name:
                continue
            if not patch.box.inside(layer.source):
                raise AvatarError(
                    tr(
                        f"avatar {avatar.name!r}: patch {patch.name!r} lies outside layer {layer.name!r}.",
                        f"形象 {avatar.name!r}：补丁 {patch.name!r} 超出图层 {layer.name!r}。",
                    )
                )
            part = patch.box.relative_to(layer.source).scaled(avatar.detail).slices
            self.held[part], self.opaque[part] = True, False
            self._patches.append((i, part, self._pixels[part].copy()))

    @property
    def painted(self) -> bool:
        """Whether any patch is painted into it."""
        return bool(self._patches)

    def patched(self, patches: Sequence[np.ndarray]) -> np.ndarray:
        """As Textures.patched says."""
        for i, where, bare in self._patches:
            part, patch = self._pixels[where], unblocked(patches[i])
            if patch.dtype == np.uint8:
                part[:] = patch
            else:
                residual = cv2.resize(patch, part.shape[1::-1])
                part[:] = cv2.addWeighted(bare, 1.0, residual, 255.0, 0.0, dtype=cv2.CV_8U)
        return self._pixels

    def bare(self) -> np.ndarray:
        """As Textures.bare says."""
        pixels = self._pixels.copy()
        for _, part, bare in self._patches:
            pixels[part] = bare
        return pixels


def _settle(pixels: np.ndarray) -> None:
    """Make premultiplied texels (h, w, 4) uint8 opaque or transparent, in place, where they nearly are; and lower colours above
    alpha."""
    alpha = pixels[..., 3]
    pixels[alpha <= CLEAR] = 0
    clamp_to_alpha(pixels)
    nearly = (alpha >= SOLID) & (alpha < 255)
    texels = pixels[nearly].astype(np.float32)
    pixels[nearly] = np.minimum(np.rint(texels * (255 / texels[:, 3:])), 255)


def unblocked(blocks: np.ndarray) -> np.ndarray:
    """Depth to space: blocks (rows, columns, side, side * 4) -> a picture (rows * side, columns * side, 4) of the same type. A
    picture stays what it is."""
    if blocks.ndim == 3:
        return blocks
    rows, columns, side, width = blocks.shape
    lines = blocks.view(f"V{width * blocks.itemsize}")[..., 0]  # one line of a block is one thing to move
    ordered = np.ascontiguousarray(lines.transpose(0, 2, 1)).view(blocks.dtype)
    return ordered.reshape(rows * side, columns * side, 4)
