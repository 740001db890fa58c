"""Whether what was sampled over a long run stays flat. A sample: see show.Show; a process's samples are judged by themselves."""

from collections.abc import Callable
from typing import Any

import numpy as np

WARM = 0.2
"""Share of a process's samples before it counts: arenas fill, caches grow, models load."""
ENOUGH = 12
"""Samples after it, or nothing can be said."""
LIMITS: dict[str, tuple[float, float]] = {
    "resident_mb": (0.05, 0.0), "threads": (0.0, 1.0), "handles": (0.0, 2.0), "age_p50_ms": (0.25, 3.0),
    "age_p95_ms": (0.25, 8.0),
}  # fmt: skip
"""How far the last quarter may lie above the first: share of it, or so much, whichever is more. The same for the trend."""
_VALUES: dict[str, Callable[[dict[str, Any]], float | None]] = {
    "resident_mb": lambda sample: sample["resident_mb"],
    "threads": lambda sample: sample["threads"],
    "handles": lambda sample: sample["handles"],
    "age_p50_ms": lambda sample: sample["age_ms"] and sample["age_ms"]["p50"],
    "age_p95_ms": lambda sample: sample["age_ms"] and sample["age_ms"]["p95"],
}


def series(samples: list[dict[str, Any]], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Seconds and values of one of LIMITS, where there are any."""
    found = [(s["at"], value) for s in samples if (value := _VALUES[name](s)) is not None]
    return np.array([at for at, _ in found]), np.array([value for _, value in found], float)


def judge(samples: list[dict[str, Any]]) -> dict[str, Any]:
    """{name of LIMITS: {"first", "last", "trend", "flat"}} of one process; empty when it was too short to say.

    first, last: medians of the first and the last quarter after warming up. trend: the rise over all of it at the usual slope.
    What the system does not tell is left out."""
    result: dict[str, Any] = {}
    kept = samples[round(WARM * len(samples)) :]
    for name, (share, more) in LIMITS.items():
        at, values = series(kept, name)
        if len(values) < ENOUGH:
            continue
        quarter = len(values) // 4
        first, last = float(np.median(values[:quarter])), float(np.median(values[-quarter:]))
        room = max(share * first, more)
        trend = _slope(at, values) * float(at[-1] - at[0])
        flat = max(last - first, trend) <= room
        result[name] = {
            "first": round(first, 2), "last": round(last, 2), "trend": round(trend, 2), "flat": bool(flat),
        }  # fmt: skip
    return result


def _slope(at: np.ndarray, values: np.ndarray) -> float:
    """The median slope between medians of 24 windows (Theil, Sen): what rises all the time shows, a busy minute does not."""
    parts = [i for i in np.array_split(np.arange(len(values)), 24) if len(i)]
    x, y = (np.array([np.median(v[i]) for i in parts]) for v in (at, values))
    first, second = np.triu_indices(len(x), 1)
    return float(np.median((y[second] - y[first]) / (x[second] - x[first])))
