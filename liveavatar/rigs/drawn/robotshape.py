"""Records of a robot's head: its shell, its screen, its pods."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Squircle:
    """A superellipse in head units."""

    y: float
    """Of its middle."""
    half: tuple[float, float]
    """Half-width and half-height."""
    power: float
    """2 an ellipse, larger ones nearer to a rectangle."""
    taper: float = 0.0
    """How much wider it is below than above, as a share; negative for wider above."""


@dataclass(frozen=True)
class RobotShape:
    """One design. The defaults are a garden robot's."""

    shell: Squircle = Squircle(2.0, (240.0, 226.0), 2.75)
    screen: Squircle = Squircle(36.0, (186.0, 138.0), 3.6)
    bezel: Squircle = Squircle(36.0, (200.0, 152.0), 3.4)
    pod: Squircle = Squircle(20.0, (46.0, 74.0), 2.4)
    """On either side."""
    pod_rings: int = 4
    """How many of disc, rim, cap and bolt a pod has; 0 for no pods."""
    sprout: bool = True
    """Whether a seedling grows on top."""
    stripes: tuple[float, ...] = (104.0, 134.0)
    """x of the painted stripes."""
    bolts: bool = True
    seams: bool = True
    cheek: tuple[float, float] = (128.0, 102.0)
    """x and y of the three bars of a cheek."""
    split: float = 0.0
    """y below which the shell takes the pods' colour; 0 for nowhere."""
