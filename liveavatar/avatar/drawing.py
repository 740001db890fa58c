"""One frame of an avatar of kind "gan" as numbers: what a page, or anything else with a GPU, draws it from by itself."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import Dictionaries
from liveavatar.types import Drawing


@dataclass(frozen=True, eq=False)
class LayersDrawing(Drawing):
    """A frame's coefficients, and what they are decoded with. The arrays are not written to any more."""

    avatar: Avatar
    """Whose layers they are; the same object as long as one avatar is drawn."""
    coefficients: np.ndarray
    """(C,) float32: see avatar/dictionary.py."""
    dictionaries: Dictionaries
    """The avatar's."""
    placement: tuple[float, float, float]
    """Zoom, and the shift before it in avatar pixels: see renderers/placement.py."""
    textures: Callable[[], list[np.ndarray]]
    """Gives each layer's without patches, (h, w, 4) uint8 premultiplied RGBA; copies. From any thread."""
    composer: Callable[[], np.ndarray]
    """The renderer's way from these to a picture."""

    def compose(self) -> np.ndarray:
        """(H, W, 4) uint8 premultiplied RGBA."""
        return self.composer()
