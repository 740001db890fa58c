"""The lash of an eye that shuts, as one stroke of the pen: along the lid, tapered, coloured and as heavy as the picture's."""

from dataclasses import dataclass, fields

import numpy as np

from liveavatar.rigs.drawn.geometry import normals, smoothstep
from liveavatar.rigs.picture.eyelines import Lines
from liveavatar.rigs.picture.eyeplace import Place

_STATIONS = 16
"""Places along a lash at which its colour is looked at, from the inner corner to the tip."""
_DARK = 0.35
"""Share of a lash that is as dark as its stroke, or darker: lights on it and its soft edges are not."""
_ALIKE = 0.25
"""How far along a lash its colour stays much the same, as a share of its length."""
_INK = 0.16
"""How far the colour of what belongs to the stroke is from the stroke's: a standard deviation."""
_PEAK = 1.2
"""A stroke's thickest place, in its mean thicknesses."""
_THICK = 3.0, 16.0
"""Units that a stroke is thick at least and at most."""
_FALLS, _LIES = 0.1, 0.45
"""Shut by so much, a lash begins to be drawn as a stroke; and from here on it is nothing else."""


@dataclass(frozen=True)
class LashStroke:
    """A lash, simplified."""

    colours: np.ndarray
    """(_STATIONS, 3) float64, from the inner corner to the tip."""
    thick: float
    """Where it is thickest, in units, at rest."""
    slant: float
    """How much thicker it is outside the middle than inside, as a share."""

    @classmethod
    def of(cls, place: Place, lash: np.ndarray, rest: Lines) -> "LashStroke":
        """lash (h, w, 4) float32 premultiplied, as it is at rest."""
        colours = _colours(place, lash, rest.lash)
        alpha = lash[..., 3]
        own = lash[..., :3] / np.maximum(alpha, 0.05)[..., None]
        # soft shadows and lights count for little
        ink = alpha * np.exp(-((own - colours.mean(0)) ** 2).sum(-1) / (2 * _INK**2))
        u = place.units()[0]
        inner, middle, outer = rest.upper[[0, len(rest.upper) // 2, -1], 0]
        halves = [
            float((ink * ((u > a) & (u < b))).sum()) / place.unit**2 / (b - a)
            for a, b in ((inner, middle), (middle, outer))
        ]
        thick = sum(halves) / 2
        slant = float(np.clip((halves[1] - halves[0]) / max(thick, 1.0), -0.2, 0.6))
        return cls(colours, float(np.clip(_PEAK * thick, *_THICK)), slant)

    @classmethod
    def common(cls, strokes: list["LashStroke"]) -> "LashStroke":
        """One for both eyes."""
        return cls(*(np.mean([getattr(s, f.name) for s in strokes], 0) for f in fields(cls)))

    def drawn(self, place: Place, now: Lines, weight: float) -> np.ndarray:
        """(h, w, 4) float32 premultiplied: the stroke in an expression. weight: a share of its thickness at rest."""
        line = now.lash
        steps = np.hypot(*np.diff(line, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-6)
        thick = weight * self.thick * (1 + self.slant * (along - 0.5))
        thick *= 0.15 + 0.85 * np.sin(0.5 * np.pi * np.clip(along / 0.45, 0, 1))
        thick *= np.clip((1 - along) / 0.3, 0, 1) ** 0.75
        up = normals(line)
        up *= np.where(up[:, 1:] > 0, -1.0, 1.0)
        outline = np.concatenate(
            [line - 0.15 * up * thick[:, None], (line + 0.85 * up * thick[:, None])[::-1]]
        )
        alpha = place.filled(outline)
        order = np.argsort(line[:, 0], kind="stable")
        at = np.interp(place.units()[0], line[order, 0], along[order])
        stations = np.linspace(0, 1, _STATIONS)
        colour = np.stack([np.interp(at, stations, channel) for channel in self.colours.T], -1)
        return np.concatenate([colour * alpha[..., None], alpha[..., None]], 2).astype(np.float32)


def share(shut: float) -> float:
    """How far a lash is a stroke, 0 .. 1, of an eye that is shut so far."""
    return float(smoothstep(_FALLS, _LIES, shut))


def _colours(place: Place, lash: np.ndarray, line: np.ndarray) -> np.ndarray:
    """(_STATIONS, 3) a lash's colour along its line."""
    alpha = lash[..., 3]
    there = alpha > 0.5 * max(float(alpha.max()), 1e-3)
    own = lash[there][:, :3] / lash[there][:, 3:]
    if len(own) < 8:
        return np.full((_STATIONS, 3), 0.12)
    u = place.units()[0][there]
    order = np.argsort(line[:, 0], kind="stable")
    at = np.interp(u, line[order, 0], np.linspace(0, 1, len(line))[order])
    light = own.mean(-1)
    dark = own[light <= np.quantile(light, _DARK)].mean(0)
    stations = np.linspace(0, 1, _STATIONS)
    near = np.exp(-0.5 * ((at[None] - stations[:, None]) / (0.5 * _ALIKE)) ** 2)
    near *= np.exp(-((own - dark) ** 2).sum(-1) / 0.02)
    # where little of it is seen, it is as everywhere
    return np.asarray((near @ own + 3.0 * dark) / (near.sum(1, keepdims=True) + 3.0))
