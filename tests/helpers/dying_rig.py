"""A rig whose process ends without a word, as one that the system kills for its memory does."""

import os
from collections.abc import Collection

import numpy as np

from tests.helpers.tiny_rig import TinyRig


class DyingRig(TinyRig):
    """Draws neutral, nothing else."""

    name = "dying"

    def render_layers(
        self, controls: np.ndarray, size: int = 128, only: Collection[str] | None = None
    ) -> np.ndarray:
        """As TinyRig's; ends the process where a control is not zero."""
        if np.any(controls):
            os._exit(9)
        return super().render_layers(controls, size, only)
