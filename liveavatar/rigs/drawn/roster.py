"""The characters by name."""

from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs.drawn.characters.hoshi import HOSHI, YUKI
from liveavatar.rigs.drawn.characters.liora import LIORA
from liveavatar.rigs.drawn.characters.pico import PICO
from liveavatar.rigs.drawn.characters.ren import REN
from liveavatar.rigs.drawn.identity import Identity

IDENTITIES: dict[str, Identity] = {record.name: record for record in (HOSHI, YUKI, REN, LIORA, PICO)}


def identity(name: str) -> Identity:
    """The record of a character by name. Raises TrainingError for an unknown one."""
    if name not in IDENTITIES:
        known = ", ".join(IDENTITIES)
        raise TrainingError(
            tr(
                f"no drawn character {name!r}; known characters: {known}",
                f"没有名为 {name!r} 的绘制角色；现有角色：{known}",
            )
        )
    return IDENTITIES[name]
