"""The data set: what is learned of many characters of the population, as numbers of about one size."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveavatar.base.files import write_whole
from liveavatar.rigs.generated.code import outline
from liveavatar.rigs.generated.network import columns, describe
from liveavatar.rigs.generated.numbers import PARTS, leaves
from liveavatar.rigs.generated.scale import Scale, folded, polar, turned
from liveavatar.rigs.population.haircuts import HAIRCUTS
from liveavatar.rigs.population.outfits import CUTS
from liveavatar.rigs.population.styles import STYLES, nearest

FIRST = 100_000
"""Seeds from here on are trained with, lower ones never."""
BIT = 0.96
"""What a set bit is for a critic; one that is not set is as far below 0."""
_KEPT, _LEAST = 0.998, 0.25
"""The share of the spread that a basis keeps; and, beside the largest, how small its numbers may be before they count less."""
_RIDGE = 300.0
"""Weight of the penalty where absent things are guessed, in characters."""
KNOTS = 65
"""Quantiles by which numbers are matched."""


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
        scales[part], numbers = _scaled(part, rows[f"{part}.numbers"].astype(np.float64), rows["given"])
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


def _scaled(part: str, numbers: np.ndarray, given: np.ndarray) -> tuple[Scale, np.ndarray]:
    """A scale for numbers (n, m), NaN where one is absent, and what they are on it (n, k)."""
    tones = _tones(part)
    lab = np.nan_to_num(numbers)
    hues = np.array([np.arctan2(lab[:, t + 2].sum(), lab[:, t + 1].sum()) for t in tones])
    own = turned(polar(numbers, tones, hues), tones)
    own = _filled(np.where(np.isfinite(own).any(0), own, 0.0), given)
    mean, spread = own.mean(0), own.std(0)
    size = np.where(spread > 1e-5, spread, np.inf)
    even = (own - mean) / size
    _, strength, axes = np.linalg.svd(even, full_matrices=False)
    strength = strength / np.sqrt(len(own))
    kept = int(np.searchsorted(np.cumsum(strength**2) / (strength**2).sum(), _KEPT)) + 1
    unit = np.maximum(strength[:kept], _LEAST * strength[0])
    basis = np.where(np.isfinite(size), size, 0.0) * axes[:kept] * unit[:, None]
    same = quantiles(folded(own, tones))
    return Scale(mean, basis, tones, hues, same, same), even @ axes[:kept].T / unit


def quantiles(numbers: np.ndarray) -> np.ndarray:
    """(n, m) -> (KNOTS, m), from one in a thousand to all but one."""
    found: np.ndarray = np.quantile(numbers, np.linspace(0.001, 0.999, KNOTS), axis=0)
    return found


def _tones(part: str) -> np.ndarray:
    """Where each colour begins among the numbers of a part."""
    places, at = [], 0
    for leaf in (leaf for leaf in leaves() if leaf.part == part):
        places += list(range(at, at + leaf.size, 4)) if leaf.kind == "tone" else []
        at += leaf.size
    return np.array(places, np.int64)


def _filled(rows: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Rows (n, m) with what absent things (NaN) would have been: what follows from all else where they are present, and a
    chance remainder of one that is."""
    random, present = np.random.default_rng(0), np.isfinite(rows)
    always = present.all(0)
    others = np.concatenate([rows[:, always], given], 1)
    others = (others - others.mean(0)) / np.maximum(others.std(0), 1e-5)
    out = rows.copy()
    for pattern in np.unique(present[:, ~always].T, axis=0):
        columns = np.flatnonzero((pattern == present.T).all(1) & ~always)
        centre, known = rows[pattern][:, columns].mean(0), others[pattern]
        ridge = known.T @ known + _RIDGE * np.eye(known.shape[1])
        slope = np.linalg.solve(ridge, known.T @ (rows[pattern][:, columns] - centre))
        left = rows[pattern][:, columns] - centre - known @ slope
        lacking = np.flatnonzero(~pattern)
        out[np.ix_(lacking, columns)] = (
            centre + others[lacking] @ slope + left[random.integers(len(left), size=len(lacking))]
        )
    return out
