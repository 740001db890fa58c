"""The layers' textures, with the patches that the network paints into them for each frame."""

from collections.abc import Sequence

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar, Layer
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.renderers.package import read_rgba


class Textures:
    """Of an avatar, in the card's order."""

    def __init__(self, avatar: Avatar) -> None:
        """Read from the package. Raises AvatarError where they do not fit the card."""
        self._layers = [_LayerTexture(avatar, layer) for layer in avatar.gan.layers]

    def patched(self, patches: Sequence[np.ndarray]) -> list[np.ndarray]:
        """This frame's, (h, w, 4) uint8 premultiplied RGBA each; the same arrays at each call.

        patches: the network's, in blocks: see gan/renderer.py."""
        return [layer.patched(patches) for layer in self._layers]

    def bare(self) -> list[np.ndarray]:
        """Without patches: copies of the same kind. From any thread."""
        return [layer.bare() for layer in self._layers]


class _LayerTexture:
    """(h, w, 4) uint8 premultiplied RGBA, as large as the layer's source box times the avatar's detail."""

    def __init__(self, avatar: Avatar, layer: Layer) -> None:
        size = layer.source.scaled(avatar.detail)
        self._pixels = read_rgba(avatar, layer.file, (size.w, size.h))
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
            self._patches.append((i, part, self._pixels[part].copy()))

    def patched(self, patches: Sequence[np.ndarray]) -> np.ndarray:
        for i, where, bare in self._patches:
            part, patch = self._pixels[where], unblocked(patches[i])
            if patch.dtype == np.uint8:
                part[:] = patch
            else:
                residual = cv2.resize(patch, part.shape[1::-1])
                part[:] = cv2.addWeighted(bare, 1.0, residual, 255.0, 0.0, dtype=cv2.CV_8U)
        return self._pixels

    def bare(self) -> np.ndarray:
        pixels = self._pixels.copy()
        for _, part, bare in self._patches:
            pixels[part] = bare
        return pixels


def unblocked(blocks: np.ndarray) -> np.ndarray:
    """Depth to space: blocks (rows, columns, side, side * 4) -> a picture (rows * side, columns * side, 4) of the same type."""
    rows, columns, side, width = blocks.shape
    lines = blocks.view(f"V{width * blocks.itemsize}")[..., 0]  # one line of a block is one thing to move
    ordered = np.ascontiguousarray(lines.transpose(0, 2, 1)).view(blocks.dtype)
    return ordered.reshape(rows * side, columns * side, 4)
