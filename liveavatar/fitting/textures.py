"""A character's textures: its layers as they are drawn at rest."""

import cv2
import numpy as np

from liveavatar.controls import neutral
from liveavatar.fitting.layout import Layout
from liveavatar.fitting.unwarp import softened, unwarp
from liveavatar.rigs import Rig

_BLUR = np.array([0.25, 0.5, 0.25])


def neutral_textures(rig: Rig, layout: Layout, motion: np.ndarray) -> np.ndarray:
    """The neutral layers as textures (L, S * detail, S * detail, 4) uint8; of a layer that is unwrapped for its patches, what
    these show. motion: (L, 2, g, g) float32 pixels, at rest."""
    drawn = rig.render_layers(neutral(), layout.size * layout.detail)
    textures = np.stack([softened(layer, layout.detail) for layer in drawn])
    for name in layout.laid_out:
        k = layout.layer(name)
        textures[k] = 0
        for patch in layout.patches:
            if patch.layer == name:
                part = patch.box.scaled(layout.detail).slices
                textures[k][part] = unwarp(drawn[k], motion[k], patch.box, layout.spans[k], layout.detail)
    return textures


def unsharp(texture: np.ndarray, amount: float) -> np.ndarray:
    """A texture (h, w, 4) float32 in [0, 1], premultiplied, with `amount` of what a blur of three texels takes away added."""
    blurred = cv2.sepFilter2D(texture, -1, _BLUR, _BLUR, borderType=cv2.BORDER_REPLICATE)
    sharp = np.clip(texture + np.float32(amount) * (texture - blurred), 0, 1)
    return np.minimum(sharp, sharp[..., 3:])
