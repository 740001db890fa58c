"""How far a drawing is worked out in light and depth, all as numbers. The defaults leave it as the painters of hair, eyes and
clothes have it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finish:
    """Light and depth beyond a style's, each 0..1 but the clearness."""

    clear: float | None = None
    """How clearly eyes are seen through the fringe, which is else thinned all over the brows and eyes."""
    iris: float = 0.0
    """Layers in an iris: fine fibres, a darker crown, light that gathers below, sky above."""
    lid: float = 0.0
    """How far the lid's shade on the eyeball is dark rather than grey."""
    flush: float = 0.0
    """Warmth of the skin that shines through the fringe's tips."""
    rim: float = 0.0
    """Light along the hair's edge, from above."""
    mass: float = 0.0
    """How far the hair on the side away from the light and below lies in the shade."""
    throat: float = 0.0
    """How far an open mouth goes with skin and lips, and is dark in its depth."""
    cloth: float = 0.0
    """How far clothes are light above and darken downward and away from the light."""


ROUGH = Finish()
