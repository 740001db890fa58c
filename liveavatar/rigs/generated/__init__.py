"""Characters from noise: an identity code, and a small generator that was trained against the population."""

from liveavatar.rigs.generated.code import Code, decode, encode, from_vector
from liveavatar.rigs.generated.network import Generator, coded, generated, open_generator

__all__ = ["Code", "Generator", "coded", "decode", "encode", "from_vector", "generated", "open_generator"]
