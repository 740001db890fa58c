"""A character from noise as a rig, by the name that its recipe has: generated-17, generated-A3KF-92XM."""

from liveavatar.rigs.drawn.rig import DrawnRig
from liveavatar.rigs.generated.recipe import draw, parse


class GeneratedRig(DrawnRig):
    """Draws the character of a seed or a seed code."""

    def __init__(self, name: str) -> None:
        super().__init__(draw(parse(name.partition("-")[2])))
