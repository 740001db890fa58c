"""Characters from noise: an identity code, and a small generator that was trained against the population."""

from liveavatar.rigs.generated.code import Code, decode, encode, from_vector
from liveavatar.rigs.generated.network import Generator, coded, generated, open_generator
from liveavatar.rigs.generated.recipe import Recipe, draw, parse, rig_name
from liveavatar.rigs.generated.recipe import code as seed_code

__all__ = [
    "Code",
    "Generator",
    "Recipe",
    "coded",
    "decode",
    "draw",
    "encode",
    "from_vector",
    "generated",
    "open_generator",
    "parse",
    "rig_name",
    "seed_code",
]
