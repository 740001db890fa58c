"""The data set: what is learned of many characters of the population, as numbers of about one size."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveavatar.base.files import write_whole
from liveavatar.rigs.generated.code import outline
from liveavatar.rigs.generated.network import Scale, columns, describe
from liveavatar.rigs.generated.numbers import PARTS
from liveavatar.rigs.population.haircuts import HAIRCUTS
from liveavatar.rigs.population.outfits import CUTS
from liveavatar.rigs.population.styles import STYLES, nearest

FIRST = 100_000
"""Seeds from here on are trained with, lower ones never."""
BIT = 0.96
"""What a set bit is for a critic; one that is not set is as far below 0."""
_KEPT, _LEAST = 0.998, 0.25
"""The share of the spread that a basis keeps; and, beside the largest, how small its numbers may be before they count less."""


@dataclass(frozen=True)
class Population:
    """A row for each character."""

    given: np.ndarray
    """(n, 23) float32: its cast."""
    choices: np.ndarray
    """(n, 3) int64: its style, haircut and garment."""
    parts: dict[str, np.ndarray]
    """(n, k) float32: what a network gives for it, numbers, then bits."""
    scales: dict[str, Scale]


def kinds() -> dict[str, list[str]]:
    """Names of what is chosen."""
    return {"style": list(STYLES), "haircut": list(HAIRCUTS), "garment": list(CUTS)}


def population(count: int, path: Path, tell: Callable[[int, int], None]) -> Population:
    """`count` characters; once drawn they are kept in a file. Raises OSError."""
    form = json.dumps([count, kinds(), {part: columns(part) for part in PARTS}])
    rows = _read(path, form) or _drawn(count, path, form, tell)
    parts, scales = {}, {}
    for part in PARTS:
        scales[part], numbers = _scaled(rows[f"{part}.numbers"])
        bits = np.where(rows[f"{part}.bits"] > 0.5, BIT, -BIT)
        parts[part] = np.concatenate([numbers, bits], 1).astype(np.float32)
    return Population(rows["given"], rows["choices"], parts, scales)


def _read(path: Path, form: str) -> dict[str, np.ndarray] | None:
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        rows = {key: file[key] for key in file.files}
    return rows if str(rows["form"]) == form else None


def _drawn(count: int, path: Path, form: str, tell: Callable[[int, int], None]) -> dict[str, np.ndarray]:
    names = list(kinds().values())
    lists: dict[str, list[np.ndarray]] = {}
    for done in range(count):
        code, record = outline(FIRST + done)
        chosen = zip(names, (nearest(record.style), code.haircut, code.garment), strict=True)
        row = {"given": describe(code.who), "choices": np.array([own.index(name) for own, name in chosen])}
        for part in PARTS:
            row |= {f"{part}.numbers": code.numbers[part], f"{part}.bits": code.bits[part]}
        for key, value in row.items():
            lists.setdefault(key, []).append(value)
        tell(done + 1, count)
    rows = {key: np.stack(values) for key, values in lists.items()}
    rows = {key: value if key == "choices" else value.astype(np.float32) for key, value in rows.items()}
    memory = io.BytesIO()
    np.savez(memory, form=np.array(form), **rows)  # type: ignore[arg-type]
    write_whole(path, memory.getvalue())
    return rows


def _scaled(numbers: np.ndarray) -> tuple[Scale, np.ndarray]:
    """A scale for numbers (n, m), NaN where one is absent, and what they are on it (n, k)."""
    seen = np.isfinite(numbers).any(0)
    numbers = np.where(seen, numbers, 0.0)
    mean, spread = np.nanmean(numbers, 0), np.nanstd(numbers, 0)
    size = np.where(spread > 1e-5, spread, np.inf)
    even = np.nan_to_num((numbers - mean) / size)
    _, strength, axes = np.linalg.svd(even, full_matrices=False)
    strength = strength / np.sqrt(len(numbers))
    kept = int(np.searchsorted(np.cumsum(strength**2) / (strength**2).sum(), _KEPT)) + 1
    unit = np.maximum(strength[:kept], _LEAST * strength[0])
    basis = np.where(np.isfinite(size), size, 0.0) * axes[:kept] * unit[:, None]
    low, high = np.nanquantile(numbers, (0.001, 0.999), axis=0)
    return Scale(mean, basis, low, high), even @ axes[:kept].T / unit
