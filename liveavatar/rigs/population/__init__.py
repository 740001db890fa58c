"""A population of drawn characters: a seed in, the record of a character that nobody drew by hand out."""

from liveavatar.rigs.population.character import character

__all__ = ["character"]
