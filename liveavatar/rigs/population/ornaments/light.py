"""What hovers round a head: halos and spirits' flames."""

from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.ornament import Joint, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.axes import leafed, spine
from liveavatar.rigs.population.ornaments.pieces import at, corners, ellipse, laid, panel, solid


def halo(
    y: float, radius: float, thick: float, tilt: float, rays: int, broken: float, tone: Shade
) -> Ornament:
    """A ring over the head, seen in space. tilt: how far its front hangs; rays: points on its rim; broken: the share left out."""
    pale, deep = (
        replace(tone, light=tone.light + 0.12, chroma=0.7),
        replace(tone, light=tone.light - 0.20, hue=tone.hue - 16),
    )
    span = np.linspace(broken * np.pi, (2 - broken) * np.pi, 33) - 0.5 * np.pi + 0.9 * broken
    arc = span if broken else span[:-1]
    rim = radius + (thick * 0.9 * np.maximum(np.cos(rays * arc), 0.0) ** 6 if rays else 0.0)

    def ring(reach: np.ndarray | float, deep: float = 1.0) -> np.ndarray:
        x, z = reach * np.cos(arc), deep * reach * np.sin(arc)
        return np.column_stack([x, y + tilt * z, z - 20.0])

    outer, inner = ring(rim), ring(radius - thick, 1.0 - 1.5 * thick / radius)
    ends = ((-radius, y, 0.0), (radius, y, 0.0))
    fill = (tone, pale, tone, replace(tone, light=tone.light - 0.07))
    if broken:
        edge = solid(np.concatenate([outer, inner[::-1]]))
        bodies = [Panel(edge, fill, ends, deep, 3.0)]
    else:
        edge = solid(outer)
        bodies = [Panel(edge, fill, ends, deep, 3.0, solid(inner))]
    glow = Panel(edge, (replace(pale, alpha=0.75),), hole=() if broken else solid(inner), blur=13.0)
    return Ornament("halo", "over", (glow, *bodies), Joint((0.0, y), shift=-0.12, bob=4.0, keep=0.4))


def nimbus(radius: float, rays: int, tone: Shade) -> Ornament:
    """A disc of rays behind the head."""
    turn = np.linspace(0, 2 * np.pi, rays + 1)[:-1]
    panels = []
    ring, within = ellipse(0, -40, radius, radius, 24), ellipse(0, -40, radius - 13, radius - 13, 24)
    deep = replace(tone, light=tone.light - 0.22, hue=tone.hue - 14)
    panels.append(panel(ring, (replace(tone, alpha=0.7),), hole=within, blur=14.0))
    for i, angle in enumerate(turn):
        long, half = (64.0, 13.0) if i % 2 == 0 else (36.0, 9.0)
        ray = np.array([(-half, 0.0), (0.0, -long), (half, 0.0), (0.0, 12.0)])
        placed = laid(
            [panel(corners(ray), (tone, replace(tone, light=tone.light + 0.1)), line=deep)],
            at(
                radius * float(np.sin(angle)),
                -40 - radius * float(np.cos(angle)) - 0.0,
                0.0,
                angle=float(angle),
            ),
        )
        panels += placed
    panels.append(panel(ring, (replace(tone, light=tone.light + 0.08), tone), line=deep, hole=within))
    return Ornament(
        "nimbus",
        "back",
        laid(panels, at(0.0, 0.0, -80.0)),
        Joint((0.0, -40.0), shift=-0.05, bob=2.0, keep=0.6),
    )


def flame(x: float, y: float, size: float, lean: float, tones: tuple[Shade, Shade, Shade]) -> Ornament:
    """A will-o'-the-wisp: tones from its edge to its heart."""
    edge, body, heart = tones
    panels = []
    for scale, low, shades in (
        (1.0, 0.0, (replace(edge, alpha=0.25), replace(edge, alpha=0.8), edge)),
        (0.70, -6.0, (replace(body, alpha=0.3), body, body)),
        (0.40, -9.0, (replace(heart, alpha=0.3), heart, heart)),
    ):
        axis = np.add(spine(lean, -2.2 * lean, 132.0 * scale, 9), (0.0, low + 2.0))
        axis = np.concatenate([[(0.0, 30.0 * scale + low)], axis])
        outline = leafed(axis, 38.0 * scale, 0.30)
        panels.append(panel(outline, shades, (tuple(axis[-1].tolist()), tuple(axis[0].tolist()))))
    glow = panel(ellipse(0, -20, 52, 66), (replace(edge, alpha=0.5),), blur=20.0)
    lick = panel(
        leafed(np.add(spine(-1.6 * lean, 2.6 * lean, 62.0, 7), (-22.0 * np.sign(lean), -38.0)), 9.0, 0.35),
        (replace(edge, alpha=0.85),),
    )
    placed = laid([glow, *panels, lick], at(x, y, -60.0, size))
    joint = Joint(
        (x, y),
        (0.0, -1.0),
        120.0 * size,
        swing=0.35,
        hang=0.8,
        shift=-0.3,
        bob=11.0,
        droop=0.0,
        grow=0.22,
        keep=0.5,
    )
    return Ornament("flame", "back", placed, joint)
