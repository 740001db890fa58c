"""Stills: what the patches must paint for a head that holds still, straight from the rig, unwarped into the textures, in pixels
of these."""

from dataclasses import dataclass, field

import numpy as np

from liveavatar.base.box import Box
from liveavatar.controls import HEAD, INDEX, SECONDARY
from liveavatar.fitting.layout import Layout, narrowed
from liveavatar.fitting.unwarp import extremes, unwarp, varying
from liveavatar.rigs import Rig, open_rig


def still(conditions: np.ndarray) -> np.ndarray:
    """The same conditions with the head at rest: (N, len(CONTROLS)) float32."""
    result = conditions.copy()
    result[:, [INDEX[n] for n in (*HEAD, *SECONDARY)]] = 0
    return result


@dataclass
class StillJob:
    """Draws stills, a row of the conditions at a time."""

    rig_name: str
    conditions: np.ndarray
    layout: Layout
    modes: np.ndarray
    """(L, M, 2, g, g) float32 pixels: of each layer's motion."""
    amounts: np.ndarray
    """(N, L, M) float32: how much of each, for every row."""
    rig: Rig = field(init=False)

    def open(self) -> None:
        """Load the rig."""
        self.rig = open_rig(self.rig_name)

    def do(self, row: int) -> dict[str, np.ndarray]:
        """What each patch must paint for a row's condition, by its name: (h, w, 4) uint8."""
        layout = self.layout
        wanted = {patch.layer: layout.layer(patch.layer) for patch in layout.patches}
        drawn = self.rig.render_layers(self.conditions[row], layout.size * layout.detail, set(wanted))
        motion = {n: np.tensordot(self.amounts[row, k], self.modes[k], 1) for n, k in wanted.items()}
        return {
            patch.name: unwarp(
                drawn[wanted[patch.layer]],
                motion[patch.layer],
                patch.box,
                layout.spans[wanted[patch.layer]],
                layout.detail,
            )
            for patch in layout.patches
        }


Bounds = dict[str, tuple[np.ndarray, np.ndarray]]
"""Patch name -> the least and the most of each texel, (h, w, 4) uint8."""


def narrow(layout: Layout, stills: dict[str, np.ndarray]) -> tuple[Layout, Bounds]:
    """The layout with patches only where the stills differ, and the extremes there."""
    boxes, bounds = {}, {}
    for patch in layout.patches:
        low, high = extremes(stills[patch.name])
        differs = varying(low, high)
        rows, columns = (np.flatnonzero(differs.any(axis)) // layout.detail for axis in (1, 0))
        if len(rows):
            left, top = patch.box.x + int(columns[0]), patch.box.y + int(rows[0])
            box = Box.between(left, top, patch.box.x + int(columns[-1]) + 1, patch.box.y + int(rows[-1]) + 1)
        else:
            box = Box(patch.box.x, patch.box.y, 1, 1)
        boxes[patch.name] = box
        part = box.relative_to(patch.box).scaled(layout.detail).slices
        bounds[patch.name] = low[part], high[part]
    return narrowed(layout, boxes), bounds


def within(name: str, wide: Layout, layout: Layout) -> tuple[slice, slice]:
    """Where a narrowed patch lies in the pictures of what it was."""
    before, after = (next(p for p in x.patches if p.name == name) for x in (wide, layout))
    return after.box.relative_to(before.box).scaled(layout.detail).slices
