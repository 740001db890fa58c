"""Ears of animals, elves and dragons."""

from dataclasses import dataclass, replace

import numpy as np

from liveavatar.rigs.drawn.geometry import curve
from liveavatar.rigs.drawn.ornament import Joint, Mark, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.axes import leafed
from liveavatar.rigs.population.ornaments.pieces import at, corners, laid, panel, patch, pen

FUR_LINE = Shade("hair", -0.24, 0.8, 14)


@dataclass(frozen=True)
class EarShape:
    """An animal's ear, root at (0, 0), x away from the middle of the head, y down."""

    outline: tuple[tuple[float, float], ...]
    """Nine points from the inner root over the tip to the outer root."""
    tuft: float
    """Length of the hair inside, as a share of the ear's."""
    dark: float
    """How much darker its tip is than the hair, in lightness."""
    limp: float
    """0 stiff .. 1 turns over all its length."""


CAT = EarShape(
    ((-62, 26), (-66, -20), (-56, -70), (-34, -116), (-8, -142), (22, -118), (50, -78), (70, -34), (78, 14)),
    0.45,
    0.0,
    0.0,
)


FOX = EarShape(
    ((-64, 30), (-72, -26), (-62, -96), (-36, -156), (4, -204), (36, -156), (66, -96), (86, -34), (88, 18)),
    0.62,
    0.20,
    0.0,
)


WOLF = EarShape(
    ((-66, 30), (-74, -24), (-64, -78), (-30, -128), (20, -162), (42, -112), (66, -72), (90, -30), (92, 20)),
    0.66,
    0.08,
    0.0,
)


RABBIT = EarShape(
    (
        (-30, 26),
        (-42, -36),
        (-50, -104),
        (-40, -172),
        (-6, -216),
        (28, -176),
        (42, -108),
        (40, -38),
        (34, 24),
    ),
    0.25,
    0.0,
    1.0,
)


def blended(first: EarShape, second: EarShape, amount: float) -> EarShape:
    """What lies between two ears."""

    def between(a: float, b: float) -> float:
        return a + (b - a) * amount

    outline = np.array(first.outline) * (1 - amount) + np.array(second.outline) * amount
    return EarShape(
        tuple(map(tuple, outline.tolist())),
        between(first.tuft, second.tuft),
        between(first.dark, second.dark),
        between(first.limp, second.limp),
    )


def animal_ear(
    kind: str,
    shape: EarShape,
    side: int,
    root: tuple[float, float],
    wide: float,
    tall: float,
    lean: float,
    fold: float,
    inside: Shade,
) -> Ornament:
    """An ear at `root` (side +1 is right in the picture): stretched, leaning outward by `lean` radians, folded over by `fold`."""
    local = np.array(shape.outline) * (wide, tall)
    long = float(-local[:, 1].min())
    bend = fold * np.clip((-local[:, 1] - 0.45 * long) / (0.55 * long), 0.0, 1.0)
    knee = np.array([local[:, 0].mean(), -0.45 * long])
    c, s = np.cos(bend), np.sin(bend)
    away = local - knee
    local = knee + np.stack([away[:, 0] * c - away[:, 1] * s, away[:, 0] * s + away[:, 1] * c], 1)
    base, tip = (local[0] + local[-1]) / 2, local[4]

    heart = base + 0.42 * (tip - base)
    inner = heart + (local - heart) * (0.60, 0.76) + (0.0, 6.0)
    inner = inner[1:-1] if shape.limp > 0.6 else inner
    ends = (tuple(base.tolist()), tuple(tip.tolist()))
    fur = (
        Shade("hair", -0.02, alpha=0.0),
        Shade("hair", -0.03, alpha=0.25),
        Shade("hair", -0.04, alpha=0.9),
        Shade("hair", 0.0),
        Shade("hair", 0.03, 1.0, 4),
        Shade("hair", 0.06 - shape.dark, 1.0, 8),
        Shade("hair", 0.07 - 1.3 * shape.dark, 1.0, 10),
    )
    pink = (
        replace(inside, light=inside.light - 0.20, hue=-8.0, alpha=0.0),
        replace(inside, light=inside.light - 0.16, hue=-8.0, alpha=0.25),
        replace(inside, light=inside.light - 0.07),
        replace(inside, light=inside.light + 0.03),
        replace(inside, light=inside.light + 0.06, chroma=0.9),
    )
    # the side that faces away from the light, and the fold that throws a shadow into the ear
    dim = np.concatenate([local[4:], (local[4:] + (heart - local[4:]) * 0.36)[::-1]])
    fold_shade = np.concatenate(
        [inner[: len(inner) // 2 + 1], np.add(inner[: len(inner) // 2 + 1], (15.0 * wide, 10.0))[::-1]]
    )
    marks = [patch(dim, Shade("hair", -0.13, 1.0, 8, 0.55)), pen(_above(local), FUR_LINE, 4.2, 0.5)]
    tufts = [
        _tuft(local, tip, share, bow, width * np.ptp(local[:, 0]) / 140.0, shape.tuft)
        for share, bow, width in (
            (0.86, 0.30, 14.0),
            (0.60, 0.16, 15.0),
            (0.34, 0.04, 14.0),
            (0.14, -0.2, 10.0),
        )
    ]
    panels = (
        panel(local, fur, ends, marks=marks[:1]),
        panel(
            inner,
            pink,
            ends,
            marks=(patch(fold_shade, replace(inside, light=inside.light - 0.2, hue=-10.0, alpha=0.45)),),
        ),
        *tufts,
        panel(local, (), ends, marks=marks[1:]),
    )
    x, y = root
    placed = laid(panels, at(side * x, y, 0.0, angle=side * lean, mirror=side < 0))
    limp = shape.limp
    joint = Joint(
        pivot=(side * x, y),
        axis=(side * float(np.sin(lean)), -float(np.cos(lean))),
        reach=60.0 + 110.0 * limp,
        droop=side * (0.95 + 0.5 * limp),
        perk=side * (-0.16 - 0.5 * lean * limp),
        grow=0.10,
        swing=0.02 + 0.10 * limp,
        keep=0.3,
    )
    return Ornament(kind, "over", placed, joint)


def _above(ear: np.ndarray) -> np.ndarray:
    """An ear's edge from a third of the way up on either side, which leaves the hair softly."""
    first, last = (ear[a] + (ear[b] - ear[a]) * 0.9 for a, b in ((0, 1), (-1, -2)))
    return np.concatenate([first[None], ear[1:-1], last[None]])


def _tuft(ear: np.ndarray, tip: np.ndarray, share: float, bow: float, half: float, tall: float) -> Panel:
    """A lock of the hair in an ear, from a `share` of the way along its root; it fades in."""
    start = ear[0] + (ear[-1] - ear[0]) * share + (0.0, -2.0)
    reach = (tip - start) * tall * (0.62 + share * (1 - share) + 0.1 * share)
    middle = start + 0.5 * reach + (bow * 2.4 * half, 0.0)
    axis = curve(np.array([start, middle, start + reach]), 4)
    tone = Shade("hair", 0.08, 0.85, 8)
    low = Shade("hair", 0.02, 0.95, 4)
    tones = (
        replace(low, alpha=0.0),
        replace(low, alpha=0.0),
        replace(low, alpha=0.35),
        replace(low, alpha=0.9),
        tone,
        Shade("hair", 0.15, 0.7, 10),
    )
    return panel(
        leafed(axis, half, 0.3), tones, (tuple(start.tolist()), tuple((start + 0.8 * reach).tolist()))
    )


def elf_ear(
    side: int, root: tuple[float, float], long: float, tall: float, lift: float, through: bool
) -> Ornament:
    """A pointed ear. long: from root to tip in head units; lift: how far it points up, radians; through: it comes out of the
    hair in front, its root is not seen."""
    k = long / 150.0
    outline = np.array(
        [
            (-14, -16),
            (14, -34),
            (56, -44),
            (104, -46),
            (150, -50),
            (150, -50),
            (112, -14),
            (76, 14),
            (44, 38),
            (18, 56),
            (-6, 60),
            (-16, 40),
        ],
        float,
    ) * (k, tall)
    hollow = np.array(
        [(8, -12), (44, -24), (84, -26), (118, -36), (88, -10), (58, 8), (30, 26), (12, 34), (2, 14)], float
    ) * (k, tall)
    fold = np.array([(6, -8), (36, -20), (78, -28), (112, -38)], float) * (k, tall)
    lobe = np.array([(4, 40), (16, 26), (18, 8), (8, 0)], float) * (k, tall)
    root_tone = Shade("skin", -0.03, alpha=0.0 if through else 1.0)
    line = Shade("skin_line", alpha=0.9)
    rim = outline[1:-2] if through else outline
    pieces = (
        panel(
            outline,
            (root_tone, Shade("skin", -0.02), Shade("skin"), Shade("skin"), Shade("skin", -0.03, 1.4, -10)),
            ((-14.0, 20.0), (150.0 * k, -50.0 * tall)),
            marks=(
                patch(hollow, Shade("skin_shadow", alpha=0.8)),
                patch(outline[4:], Shade("blush", alpha=0.28), 8.0),
                pen(fold, line, 2.4, 0.4),
                pen(lobe, Shade("skin_line", alpha=0.6), 2.2, 0.5),
                pen(rim, line, 3.0, 0.5),
            ),
        ),
    )
    placed = laid(pieces, at(side * root[0], root[1], -14.0, angle=-side * lift, mirror=side < 0))
    joint = Joint(root, (float(side), 0.0), 70.0, side * 0.42, -side * 0.22)
    joint = Joint((side * root[0], root[1]), joint.axis, joint.reach, joint.droop, joint.perk, 0.03, 0.0)
    return Ornament("elf_ears", "front" if through else "side", placed, joint)


def fin(
    side: int, root: tuple[float, float], long: float, spread: float, rays: int, main: Shade, dark: Shade
) -> Ornament:
    """A dragon's ear: a web between rays."""
    angles = 1.25 + spread * (np.linspace(-0.5, 0.5, rays))
    lengths = long * (1.0 - 0.38 * np.abs(np.linspace(-0.7, 1, rays)) ** 1.4)
    tips = np.stack([np.sin(angles), -np.cos(angles)], 1) * lengths[:, None]
    edge: list[np.ndarray] = []
    for i, tip in enumerate(tips):
        if i:
            edge.append(0.5 * (tips[i - 1] + tip)[None] * 0.74)
        edge.append(corners(tip[None]))
    outline = np.concatenate([[(-12.0, -24.0)], *edge, [(-12.0, 30.0)]])
    marks: list[Mark] = [
        patch(
            [(-12, -24), *(tips * 0.5).tolist(), (-12, 30)],
            Shade(main.of, main.light - 0.14, 1.05, main.hue, 0.7),
            5.0,
        )
    ]
    marks += [pen([(0.0, 2.0), *(tip * s for s in (0.5, 0.97))], dark, 4.2, 0.2) for tip in tips]
    tones = (
        Shade(main.of, main.light - 0.06, 1.0, main.hue),
        main,
        Shade(main.of, main.light + 0.1, 0.9, main.hue + 16),
    )
    pieces = [panel(outline, tones, ((0.0, 0.0), tuple(tips[rays // 2].tolist())), dark, 3.2, marks)]
    placed = laid(pieces, at(side * root[0], root[1], -18.0, mirror=side < 0))
    return Ornament(
        "fins",
        "side",
        placed,
        Joint((side * root[0], root[1]), (float(side), 0.0), 80.0, side * 0.4, -side * 0.25, 0.05),
    )
