"""How much room a character's hair takes: what ornaments are fitted to."""

from dataclasses import dataclass

import numpy as np

from liveavatar.rigs.drawn.geometry import bezier, curve, normals
from liveavatar.rigs.drawn.identity import GroupedHair, Identity

_THIN = 17.0
"""Half-width of hair too thin to rest anything on: flyaways."""


@dataclass(frozen=True)
class Fit:
    """Sizes of the hair, in head units."""

    edges: np.ndarray
    """Points (n, 2) along the edges of the hair in front."""
    behind: np.ndarray
    """The same of the hair behind."""

    def crest(self, x: float) -> float:
        """y of the hair's upper edge above x."""
        near = self.edges[np.abs(self.edges[:, 0] - x) < 14.0]
        return float(near[:, 1].min()) if len(near) else -230.0

    def half(self, y: float) -> float:
        """Half-width of the hair in front at a height."""
        near = self.edges[np.abs(self.edges[:, 1] - y) < 14.0]
        return float(np.percentile(np.abs(near[:, 0]), 96)) if len(near) else 180.0

    def covers(self, x: float, y: float, radius: float) -> float:
        """How many points of the hair in front lie round (x, y)."""
        return float((np.hypot(self.edges[:, 0] - x, self.edges[:, 1] - y) < radius).sum())

    @property
    def stands_out(self) -> float:
        """How far anything leaves the skull's round above the eyes, in head units: tails and buns tied high."""
        both = np.concatenate([self.edges, self.behind])
        high = both[both[:, 1] < -60.0]
        if not len(high):
            return 0.0
        out = np.hypot(high[:, 0], high[:, 1] + 20.0) - 262.0
        return float(np.percentile(out, 97))


def fit(record: Identity) -> Fit:
    """Measure a character's hair."""
    hair = record.hair
    if isinstance(hair, GroupedHair):
        front = [
            (curve(np.array(s.spine, float), 8), s.width, s.start) for m in hair.front for s in m.strands
        ]
        back = [(curve(np.array(s.spine, float), 8), s.width, s.start) for m in hair.back for s in m.strands]
        cap = [curve(np.array(hair.cap, float), 6, closed=True)] if hair.cap else []
    else:
        lay = [(*hair.sides, *hair.fringe), (*hair.back, *hair.nape)]
        front, back = (
            [(bezier(np.array([k.root, k.first, k.second, k.tip]), 24), k.width, k.start) for k in locks]
            for locks in lay
        )
        cap = [_LAYERED_CAP]
    return Fit(np.concatenate([*_edges(front), *cap]), np.concatenate(_edges(back)))


_LAYERED_CAP = curve(
    np.array(
        [
            (-228.0, -30.0),
            (-214.0, -146.0),
            (-170.0, -226.0),
            (-104.0, -266.0),
            (-40.0, -280.0),
            (20.0, -286.0),
            (96.0, -270.0),
            (170.0, -226.0),
            (214.0, -146.0),
            (228.0, -30.0),
        ]
    ),
    6,
)
"""The upper edge of layered hair's cap."""


def _edges(strands: list[tuple[np.ndarray, float, float]]) -> list[np.ndarray]:
    result = [np.empty((0, 2))]
    for spine, width, start in strands:
        if width < _THIN:
            continue
        t = np.linspace(0.0, 1.0, len(spine))
        wide = width * (start + (1 - start) * np.clip(2 * t, 0, 1)) * np.maximum(1 - t**2.6, 0.0)
        away = normals(spine) * wide[:, None]
        result += [spine + away, spine - away]
    return result
