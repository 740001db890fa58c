"""How far two colours lie apart."""

import numpy as np

from liveavatar.rigs.drawn.colour import Tone


def distance(a: Tone, b: Tone) -> float:
    """In OKLab; 0.2 can be told at a glance."""
    turn = np.radians(a.hue - b.hue)
    across = a.chroma**2 + b.chroma**2 - 2 * a.chroma * b.chroma * np.cos(turn)
    return float(np.sqrt((a.light - b.light) ** 2 + max(across, 0.0)))
