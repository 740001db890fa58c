"""The points of a drawn face: their names in order, and what mirrors what.

Right and left are the subject's own: the right eye is on the picture's left. "Outer" is away from the nose. docs/portraits.md
says what each means; those of portrait/points.py, which a user may set by hand, are all among them.
"""

_EYE = (
    "EyeOuter", "EyeUpperOuter", "EyeUpper", "EyeUpperInner", "EyeInner", "EyeLowerInner", "EyeLower", "EyeLowerOuter",
    "Iris", "IrisOuter", "IrisBottom",
)  # fmt: skip
_BROW = ("BrowOuter", "Brow", "BrowInner")
NAMES: tuple[str, ...] = (
    *("right" + name for name in _EYE),
    *("left" + name for name in _EYE),
    *("right" + name for name in _BROW),
    *("left" + name for name in _BROW),
    "nose",
    "mouthRight", "mouthLeft", "mouthTop", "mouthBottom",
    "mouthTopRight", "mouthTopLeft", "mouthBottomRight", "mouthBottomLeft", "lipTop", "lipBottom",
    "chin", "rightJaw", "leftJaw", "rightCheek", "leftCheek", "forehead", "crown",
)  # fmt: skip
"""Of the rows of an array of points, (46, 2)."""
INDEX: dict[str, int] = {name: row for row, name in enumerate(NAMES)}


def _other(name: str) -> str:
    swap = {"right": "left", "left": "right", "Right": "Left", "Left": "Right"}
    return next((name.replace(a, b) for a, b in swap.items() if a in name), name)


MIRRORED: tuple[int, ...] = tuple(INDEX[_other(name)] for name in NAMES)
"""Which row each one is in the mirrored picture."""
EYES = {"right": slice(0, 11), "left": slice(11, 22)}
BROWS = {"right": slice(22, 25), "left": slice(25, 28)}
MOUTH = slice(29, 39)
CORNERS = {side: [INDEX[f"{side}Eye{end}"] for end in ("Outer", "Inner")] for side in EYES}
"""Rows of the corners of each eye; half way between them is its middle."""
