"""Which outfits and accessories there are, by the names that identity records use."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import skia

from liveavatar.rigs.drawn.accessories import CatEars
from liveavatar.rigs.drawn.body import BodyPainter
from liveavatar.rigs.drawn.geometry import HeadPose
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.outfits.garment import GarmentPainter
from liveavatar.rigs.drawn.outfits.jacket import Jacket
from liveavatar.rigs.drawn.outfits.raincoat import Raincoat
from liveavatar.rigs.drawn.outfits.shawl import Shawl
from liveavatar.rigs.drawn.spectacles import Spectacles
from liveavatar.rigs.drawn.tailor import Outfit


class Worn(Protocol):
    """An accessory on the head."""

    def pose(self, head: HeadPose, v: dict[str, float]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Take this frame's pose. Returns the points on the canvas of what lies over the hair, and of what lies with it."""
        ...

    def draw_over(self, canvas: skia.Canvas) -> None:
        """What lies over the hair, under lashes and brows."""
        ...

    def draw_front(self, canvas: skia.Canvas) -> None:
        """What lies with the hair: lashes move, and would bend what shares their layer."""
        ...


OUTFITS: dict[str, Callable[[Identity], Outfit]] = {
    "sailor": lambda identity: BodyPainter(identity.palette),
    "jacket": Jacket,
    "shawl": Shawl,
    "raincoat": Raincoat,
}
WORN: dict[str, Callable[[Identity], Worn]] = {
    "cat_ears": lambda identity: CatEars(identity.palette),
    "spectacles": Spectacles,
}


class _All:
    """Several accessories as one."""

    def __init__(self, worn: list[Worn]) -> None:
        self._worn = worn

    def pose(self, head: HeadPose, v: dict[str, float]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Take this frame's pose."""
        both = [one.pose(head, v) for one in self._worn]
        return [p for over, _ in both for p in over], [p for _, front in both for p in front]

    def draw_over(self, canvas: skia.Canvas) -> None:
        """What lies over the hair."""
        for one in self._worn:
            one.draw_over(canvas)

    def draw_front(self, canvas: skia.Canvas) -> None:
        """What lies with the hair."""
        for one in self._worn:
            one.draw_front(canvas)


def outfit(identity: Identity) -> Outfit:
    """What a character wears."""
    if isinstance(identity.outfit, str):
        return OUTFITS[identity.outfit](identity)
    return GarmentPainter(identity, identity.outfit)


def accessories(identity: Identity) -> Worn:
    """What a character wears on the head."""
    return _All([WORN[name](identity) for name in identity.worn])
