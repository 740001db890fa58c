"""The character of a seed as a rig, by the name that its record has: seed-17."""

from liveavatar.rigs.drawn.rig import DrawnRig
from liveavatar.rigs.population.character import character


class SeedRig(DrawnRig):
    """Draws the character of a seed."""

    def __init__(self, name: str) -> None:
        super().__init__(character(int(name.rpartition("-")[2])))
