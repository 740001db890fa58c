"""Products of controls: turning points in space and swinging hair are almost sums of them."""

from collections.abc import Sequence
from itertools import combinations_with_replacement, product

TURN = ("headYaw", "headPitch", "headRoll")
SWING = ("breath", "sway", "hairX", "hairY", "ears")
"""Controls whose products the motion takes: they move large parts together."""


def monomials(controls: Sequence[str]) -> list[tuple[int, ...]]:
    """Products of at most five controls, as positions in [1, *controls]: all single ones; up to the fifth degree of what turns;
    pairs and cubes of what swings, and these with two turns; each turn with every other control."""
    at = {name: i + 1 for i, name in enumerate(controls)}
    turn, swing = ([at[n] for n in names if n in at] for names in (TURN, SWING))
    others = [i for i in at.values() if i not in turn]
    products: list[tuple[int, ...]] = [
        *((i,) for i in at.values()),
        *(p for degree in range(2, 6) for p in combinations_with_replacement(turn, degree)),
        *combinations_with_replacement(swing, 2),
        *((i, i, i) for i in swing),
        *((a, b, c) for (a, b), c in product(combinations_with_replacement(turn, 2), swing)),
        *product(turn, others),
    ]
    return [p + (0,) * (5 - len(p)) for p in products]
