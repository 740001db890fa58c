"""Pairs that a morpher learns from: what was seen of a character, a draft of another expression, and the expression as it is."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveavatar.base.files import write_whole

ARRAYS = ("source", "of", "draft", "truth", "condition")


@dataclass(frozen=True)
class Pairs:
    """Crops of one feature, h and w pixels each, multiples of 8. Pictures are uint8, RGBA premultiplied."""

    names: tuple[str, ...]
    """Controls of a condition (k); where both sides of each are among them, pairs are mirrored by chance."""
    source: np.ndarray
    """(C, h, w, s): what each character's first picture shows; the first four channels are a picture."""
    of: np.ndarray
    """(N,) which source belongs to each pair."""
    draft: np.ndarray
    """(N, h, w, 4)."""
    truth: np.ndarray
    """(N, h, w, 4)."""
    condition: np.ndarray
    """(N, k) float32."""

    def part(self, first: int, last: int) -> "Pairs":
        """Pairs whose source is among those from first to before last."""
        rows = (self.of >= first) & (self.of < last)
        chosen = (values[rows] for values in (self.of - first, self.draft, self.truth, self.condition))
        return Pairs(self.names, self.source[first:last], *chosen)

    def save(self, folder: Path) -> None:
        """Write a folder of arrays. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        write_whole(folder / "names.json", json.dumps(self.names).encode())


def load(folder: Path) -> Pairs:
    """What save() wrote; arrays are read as they are used. Raises OSError or ValueError."""
    names = tuple(json.loads((folder / "names.json").read_text(encoding="utf-8")))
    arrays = (np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS)
    return Pairs(names, *arrays)
