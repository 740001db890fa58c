"""The curve by which things begin and end softly."""

from typing import overload

import numpy as np


@overload
def smoothstep(x: float) -> float: ...
@overload
def smoothstep(x: np.ndarray) -> np.ndarray: ...
def smoothstep(x: float | np.ndarray) -> float | np.ndarray:
    """0 up to 0, 1 from 1 on, between them 3x² - 2x³, flat at both ends; of a number, or of each of an array (its dtype)."""
    x = x.clip(0, 1) if isinstance(x, np.ndarray) else min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)
