"""The layers' textures, with the patches that the network paints into them for each frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liveavatar.avatar.card import Avatar, Layer, Patch
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
        self._bounds = [_bounds(avatar, patch) for patch in avatar.gan.patches]
        self._layers = [_LayerTexture(avatar, layer, self._bounds) for layer in avatar.gan.layers]
        self.painted = [layer.painted for layer in self._layers]
        """Of each layer, whether patches are painted into it: colours may be above alpha there."""

    def bounds(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """What each patch's texels are at least and at most: (h, w, 4) uint8."""
        return self._bounds

    def patched(self, patches: Sequence[np.ndarray]) -> list[np.ndarray]:
        """This frame's, (h, w, 4) uint8 premultiplied RGBA each; the same arrays at each call.

        patches: the varying texels of each, (V, 4) uint8, as the decoder gives them."""
        return [layer.patched(patches) for layer in self._layers]

    def bare(self) -> list[np.ndarray]:
        """Without patches: copies of the same kind. From any thread."""
        return [layer.bare() for layer in self._layers]

    def presence(self) -> Presence:
        """Where they may hold anything, whatever the patches."""
        return Presence([layer.held for layer in self._layers], [layer.opaque for layer in self._layers])


class _LayerTexture:
    """(h, w, 4) uint8 premultiplied RGBA, as large as the layer's source box times the avatar's detail."""

    def __init__(self, avatar: Avatar, layer: Layer, bounds: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
        size = layer.source.scaled(avatar.detail)
        self._pixels = read_rgba(avatar, layer.file, (size.w, size.h))
        _settle(self._pixels)
        self.held, self.opaque = self._pixels[..., 3] > 0, self._pixels[..., 3] == 255
        """(h, w) bool: which texels may be other than transparent, and which are opaque whatever the patches."""
        self._bare = self._pixels.copy()
        self._texels = self._pixels.view(np.uint32).reshape(-1)
        self._patches: list[_Painted] = []
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
            low, high = bounds[i]
            self.held[part], self.opaque[part] = high[..., 3] > 0, low[..., 3] == 255
            self._pixels[part] = low
            varies = np.zeros(self.held.shape, bool)
            varies[part] = (low != high).any(-1)
            at = varies[part]
            self._patches.append(_Painted(i, np.flatnonzero(varies), low[at], high[at]))

    @property
    def painted(self) -> bool:
        """Whether any patch is painted into it."""
        return bool(self._patches)

    def patched(self, patches: Sequence[np.ndarray]) -> np.ndarray:
        """As Textures.patched says."""
        for patch in self._patches:
            texels = np.maximum(patches[patch.index], patch.low)
            np.minimum(texels, patch.high, out=texels)
            self._texels[patch.places] = texels.view(np.uint32)[:, 0]
        return self._pixels

    def bare(self) -> np.ndarray:
        """As Textures.bare says."""
        return self._bare.copy()


@dataclass(frozen=True)
class _Painted:
    """A patch on its layer's texture."""

    index: int
    """Among the avatar's patches."""
    places: np.ndarray
    """(V,) int: where its varying texels are, counted row after row on the texture."""
    low: np.ndarray
    high: np.ndarray
    """(V, 4) uint8."""


def _bounds(avatar: Avatar, patch: Patch) -> tuple[np.ndarray, np.ndarray]:
    box = patch.box.scaled(avatar.detail)
    low, high = (read_rgba(avatar, name, (box.w, box.h)) for name in (patch.low, patch.high))
    return np.minimum(low, high), high


def _settle(pixels: np.ndarray) -> None:
    """Make premultiplied texels (h, w, 4) uint8 opaque or transparent, in place, where they nearly are; and lower colours above
    alpha."""
    alpha = pixels[..., 3]
    pixels[alpha <= CLEAR] = 0
    clamp_to_alpha(pixels)
    nearly = (alpha >= SOLID) & (alpha < 255)
    texels = pixels[nearly].astype(np.float32)
    pixels[nearly] = np.minimum(np.rint(texels * (255 / texels[:, 3:])), 255)
