"""Locks of hair as points: every strand's outline, shades, lines and lights, placed once for a head of hair."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from liveavatar.rigs.drawn.geometry import Batch, curve, hair_depth, normals, ribbon, smoothstep, stroke
from liveavatar.rigs.drawn.identity import GroupedHair, Mass, Strand

_RAGGED = ((0.06, 0.30), (0.00, 0.46), (0.10, 0.24), (-0.05, 0.42), (0.03, 0.34), (0.08, 0.40), (-0.02, 0.26))
"""Where a hair's light begins and how long it is, in shares of the band's reach."""


@dataclass(frozen=True)
class Built:
    """Where one mass lies in the batch."""

    outlines: list[slice]
    wedges: list[slice]
    halves: list[slice]
    """Half-tones: a little wider than the wedges."""
    lines: list[slice]
    gleams: list[slice]
    spines: list[slice]
    record: Mass


class Geometry(NamedTuple):
    """Where all of a character's hair lies, whatever its colours."""

    batch: Batch
    back: list[Built]
    front: list[Built]
    cap: slice
    seams: list[slice]
    ring: list[slice]
    before: slice
    """All that lies in front."""


class Builder:
    """Puts masses into a batch; `weight` is that of their lines."""

    def __init__(self, batch: Batch, weight: float) -> None:
        self.batch, self._weight = batch, weight

    def build(self, mass: Mass) -> list[Built]:
        """The mass as one body, or as one for each lock."""
        bodies = [(strand,) for strand in mass.strands] if mass.apart else [mass.strands]
        result = []
        for strands in bodies:
            built = Built([], [], [], [], [], [], mass)
            for strand in strands:
                self._add(built, mass, strand)
            result.append(built)
        return result

    @staticmethod
    def _swing(mass: Mass, points: np.ndarray, along: np.ndarray) -> np.ndarray:
        if mass.hang:
            return mass.swing * smoothstep(mass.hang, mass.hang + 420.0, points[:, 1])
        return mass.swing * along**2.2

    def _add(self, built: Built, mass: Mass, strand: Strand) -> None:
        dense = curve(np.array(strand.spine, float), 12)
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(dense, axis=0).T))])
        count = int(np.clip(length[-1] / 9.0, 20, 72))
        t = np.linspace(0, 1, count)
        spine = np.stack([np.interp(t * length[-1], length, dense[:, k]) for k in (0, 1)], 1)

        def run(low: float, high: float = 1.0) -> slice:
            return slice(round(low * (count - 1)), round(high * (count - 1)) + 1)

        rise = strand.start + (1 - strand.start) * smoothstep(0.0, strand.swell, t)
        width = strand.width * rise * np.maximum(1 - t**strand.blunt, 0.0) ** strand.round
        side = normals(spine)
        away = spine[-1] - (0.0, 40.0)
        outward = away / np.hypot(*away)

        def add(points: np.ndarray, along: np.ndarray, lift: float = 0.0) -> slice:
            z = hair_depth(points, mass.lift + lift) if mass.depth is None else mass.depth + lift
            perk = mass.perk * (along**1.6)[:, None] * outward
            return self.batch.add(points, z, self._swing(mass, points, along), perk)

        def edge(share: np.ndarray | float, part: slice = slice(None)) -> np.ndarray:
            return (spine + side * (width * share)[:, None])[part]

        both = np.concatenate([t, t[::-1]])
        built.outlines.append(add(np.concatenate([edge(1.0), edge(-1.0)[::-1]]), both))
        built.spines.append(add(spine, t))
        sign = strand.shade
        if sign:
            part = run(0.12)
            for kept, depth in (
                (built.wedges, (0.96, 0.80, 0.30, 0.05, -0.3)),
                (built.halves, (0.9, 0.55, -0.05, -0.3, -0.6)),
            ):
                inner = sign * np.interp(t, [0, 0.25, 0.6, 0.9, 1], depth)
                wedge = np.concatenate([edge(float(sign), part), edge(inner, part)[::-1]])
                kept.append(add(wedge, np.concatenate([t[part], t[part][::-1]])))
        if strand.line:
            for share, start, weight in ((float(sign or 1), 0.24, 1.5), (float(-(sign or 1)), 0.56, 1.1)):
                part = run(start)
                half = (
                    self._weight * strand.line * weight * np.sin(np.linspace(0.0, np.pi, len(t[part]))) ** 0.7
                )
                outline = ribbon(edge(share * 0.99, part), half)
                built.lines.append(add(outline, np.concatenate([t[part], t[part][::-1]]), 1.0))
            # hairs inside: the wider the lock the more of them, none alike
            for i in range(round(strand.width / 20.0 - 0.3)):
                share = (-0.30, 0.12, -0.62, 0.44)[i % 4] * (sign or 1)
                low = 0.16 + 0.09 * ((3 * i) % 4)
                part = run(low, min(low + 0.42 + 0.08 * (i % 2), 0.94))
                half = (
                    (1.15, 0.85, 0.7, 0.8)[i % 4]
                    * self._weight
                    * strand.line
                    * np.sin(np.linspace(0.0, np.pi, len(t[part])))
                )
                outline = ribbon(edge(share, part), half)
                built.lines.append(add(outline, np.concatenate([t[part], t[part][::-1]]), 1.0))
        if strand.width > 18 and mass.depth is None and mass.gloss:
            # a band of light across the lock, broken into hairs, none alike
            reach = min(0.2 + 150.0 / length[-1], 0.5)
            count = max(round(strand.width / 9.0), 2)
            for i in range(count):
                share = (0.30 - 1.06 * (i + 0.5) / count) * (sign or 1)
                late, long = _RAGGED[i % len(_RAGGED)]
                at = reach * np.linspace(0.56 + late, 0.56 + late + long, 9)
                middle = edge(share)
                line = np.stack([np.interp(at, t, middle[:, k]) for k in (0, 1)], 1)
                half = 0.42 * strand.width / count * np.sin(np.linspace(0.0, np.pi, 9)) ** 1.2
                built.gleams.append(add(ribbon(line, half), np.concatenate([at, at[::-1]]), 2.0))


@lru_cache(maxsize=8)
def geometry(hair: GroupedHair, weight: float, exact: bool) -> Geometry:
    """Kept, as a character whose face or colours are tried out is made anew again and again."""
    batch = Batch(exact)
    builder = Builder(batch, weight)
    back = [built for mass in hair.back for built in builder.build(mass)]
    batch.settle()
    behind = batch.length
    front = [built for mass in hair.front for built in builder.build(mass)]
    dense = curve(np.array(hair.cap, float), 6, closed=True)
    cap = batch.add(dense, hair_depth(dense, -4.0))
    seams, ring = [], []
    for points in hair.seams:
        seam = stroke(np.array(points, float), 4.2, 7, 0.35)
        seams.append(batch.add(seam, hair_depth(seam, 20.0)))
    for x0, y0, x1, y1, half in hair.ring:
        line = np.linspace((x0, y0), (x1, y1), 9)
        spindle = ribbon(line, half * np.sin(np.linspace(0.0, np.pi, 9)))
        ring.append(batch.add(spindle, 0.8 * hair_depth(spindle) + 10.0))
    batch.settle()
    batch.freeze()
    return Geometry(batch, back, front, cap, seams, ring, slice(behind, batch.length))
