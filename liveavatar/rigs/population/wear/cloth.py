"""Cutting: the lines of the body, torsos and sleeves with their folds.

Canvas units on the body that shapes are drafted for."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.garment import Dye, Fold, Panel, Patch, Studs, Trim
from liveavatar.rigs.drawn.geometry import Points, cornered
from liveavatar.rigs.drawn.tailor import Corner, cut
from liveavatar.rigs.population.wear.wearer import Wearer

_OUT, _TOP = (50, 62, 80, 104, 132, 160, 190, 214, 244), (742, 762, 778, 789, 797, 804, 813, 826, 858)


def shoulder(out: float) -> float:
    """y of the shoulder's line so far out from the middle."""
    return float(np.interp(out, _OUT, _TOP))


def mirrored(points: Points) -> Points:
    """On the other side of the body."""
    return tuple((1024.0 - x, y) for x, y in points)


def on_side(points: Points, side: int) -> Points:
    """Points drafted on the picture's left, there (-1) or on the right (1)."""
    return points if side < 0 else mirrored(points)


def moved(points: Points, x: float, y: float) -> Points:
    """Shifted."""
    return tuple((px + x, py + y) for px, py in points)


def jogged(points: Points, random: np.random.Generator, far: float = 4.0) -> Points:
    """Drawn by another hand: each point up to `far` elsewhere, corners as one."""
    result: list[tuple[float, float]] = []
    last: tuple[float, float] | None = None
    for x, y in points:
        if last == (x, y):
            result.append(result[-1])
            continue
        last = (x, y)
        dx, dy = random.uniform(-far, far, 2)
        result.append((round(x + dx, 1), round(y + dy, 1)))
    return tuple(result)


def along(points: Points, at: Sequence[float], aside: float = 0.0) -> Points:
    """Points at shares of a line's length, `aside` to the right of its way."""
    p = cornered(np.array(points, float), 8)
    step = np.hypot(*np.diff(p, axis=0).T)
    keep = np.r_[True, step > 1e-9]
    p, length = p[keep], np.r_[0.0, np.cumsum(step[step > 1e-9])]
    where = np.array(at) * length[-1]
    found = np.stack([np.interp(where, length, p[:, i]) for i in (0, 1)], 1)
    ahead = np.stack(
        [np.interp(where + 2, length, p[:, i]) - np.interp(where - 2, length, p[:, i]) for i in (0, 1)], 1
    )
    across = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / np.maximum(np.hypot(*ahead.T), 1e-6)[:, None]
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in found + aside * across)


def alone(*trims: Trim, studs: tuple[Studs, ...] = ()) -> Panel:
    """Trims and studs that lie on what is there."""
    return Panel((), Dye("gold"), trims=trims, studs=studs)


def fallen(w: Wearer, fold: Fold, side: int, far: float) -> Fold:
    """The fold as it falls this time."""
    spine = jogged(on_side(fold.spine, side), w.random, far)
    return replace(fold, spine=spine, wedge=fold.wedge * w.between(0.8, 1.25))


def neckline(width: float, deep: float, round_: float, aside: float = 0.0) -> Points:
    """From the picture's left shoulder down and up again: `width` from the middle, down to y `deep`; V at 0, U at 1."""
    top = shoulder(width)
    tall = deep - top

    def point(share_x: float, share_y: float) -> tuple[float, float]:
        return (512.0 + share_x * width + aside * share_y, top + tall * share_y)

    a, b = 0.26 + 0.34 * round_, 0.58 + 0.30 * round_
    left = [point(-0.86, a - 0.06), point(-0.56, b)]
    right = [point(0.56, b), point(0.86, a - 0.06)]
    if round_ < 0.3:
        return cut((512 - width, top, 1), *left, (*point(0, 1), 1), *right, (512 + width, top, 1))
    low = [point(-0.3, 0.90 + 0.07 * round_), point(0, 1), point(0.3, 0.90 + 0.07 * round_)]
    return cut((512 - width, top, 1), *left, *low, *right, (512 + width, top, 1))


def torso(
    w: Wearer,
    dye: Dye,
    neck: Points,
    *,
    loose: float = 0.3,
    folds: float = 1.0,
    bands: tuple[Trim, ...] = (),
    prints: tuple[Patch, ...] = (),
    trims: tuple[Trim, ...] = (),
    studs: tuple[Studs, ...] = (),
    armhole: float = 208.0,
    cast: float = 0.0,
) -> Panel:
    """The body of a top: `neck` is its neckline, `armhole` how far out the shoulder seam lies, `loose` 0 close .. 1 wide."""
    width = 512.0 - neck[0][0]
    seam = max(armhole, width + 12.0)
    side = on_side
    left: list[Corner] = [
        (512 - seam, shoulder(seam) - 2, 1),
        (512 - seam + 3, 862),
        (512 - seam + 8 - 3 * loose, 910),
        (313 - 5 * loose, 960),
        (308 - 10 * loose, 1012),
        (304 - 14 * loose, 1064, 1),
    ]
    over = [(512 - out, shoulder(out) - 3) for out in (100.0, 150.0, 190.0) if width + 14 < out < seam - 12]
    half = cut(*over, *left)
    outline = half + mirrored(half)[::-1] + neck[::-1]
    shades = [
        cut((320, 900), (346, 950), (340, 1064, 1), (300, 1064, 1), (306, 960)),
        side(cut((322, 890), (338, 950), (326, 1010), (342, 1064, 1), (290, 1064, 1), (300, 930)), 1),
    ]
    shades += bust(w, loose)
    creases = [
        Fold(((330, 938), (362, 966), (408, 968), (436, 956)), 14, 2.6),
        Fold(((326, 970), (356, 996), (396, 1002)), 11, 2.2),
        Fold(mirrored(((328, 930), (366, 954), (414, 950))), 17, 2.8),
        Fold(mirrored(((326, 962), (358, 984), (390, 984), (420, 970))), 12, 2.4),
        Fold(mirrored(((324, 1000), (352, 1022), (384, 1026))), 12, 2.2),
        Fold(((352, 822), (372, 866), (380, 918)), 12, 2.2, 0.4),
        Fold(mirrored(((340, 836), (366, 872), (376, 912))), 14, 2.4, 0.4),
        Fold(((470, 1064), (462, 1020), (448, 986)), 12, 0),
        Fold(((560, 1064), (572, 1024), (590, 990)), 14, 2.0),
    ]
    count = round(len(creases) * min(0.25 + 0.32 * folds, 1.0))
    chosen = sorted(w.random.permutation(len(creases))[:count].tolist())
    return Panel(
        outline,
        dye,
        prints=prints,
        bands=bands,
        trims=trims,
        studs=studs,
        cast=cast,
        shades=tuple(shades),
        glow=(cut((406, 803, 1), (358, 816), (318, 846, 1), (352, 830)),),
        folds=tuple(fallen(w, creases[i], -1, 6) for i in chosen),
    )


def bust(w: Wearer, loose: float) -> list[Points]:
    """Shade beside and between the forms of a chest."""
    form = w.bust * (1 - 0.5 * loose)
    if form < 0.25:
        return []
    deep = 12 + 22 * form
    return [
        cut((500, 940), (508, 986), (504, 1064, 1), (518 + deep * 0.5, 1064, 1), (520, 1000), (510, 950)),
        cut(
            (652, 930),
            (672 - deep * 0.3, 976),
            (664 - deep * 0.5, 1030),
            (640, 1064, 1),
            (672, 1064, 1),
            (690, 1000),
            (684, 950),
        ),
    ]


def front(
    w: Wearer,
    dye: Dye,
    side: int,
    opening: Points,
    *,
    loose: float = 0.3,
    folds: float = 1.0,
    seam: float = 208.0,
    bands: tuple[Trim, ...] = (),
    prints: tuple[Patch, ...] = (),
    trims: tuple[Trim, ...] = (),
    studs: tuple[Studs, ...] = (),
    cast: float = 0.9,
) -> Panel:
    """One half of a coat or jacket, drafted on the picture's left; `opening` is its free edge from the neck down."""
    inner = 512.0 - opening[0][0]
    over = [(512 - out, shoulder(out) - 5) for out in (100.0, 150.0, 190.0) if inner + 12 < out < seam - 12]
    outline = (
        cut(
            (*opening[0], 1),
            *over,
            (512 - seam, shoulder(seam) - 4, 1),
            (512 - seam + 3, 862),
            (512 - seam + 8 - 3 * loose, 910),
            (312 - 6 * loose, 960),
            (306 - 12 * loose, 1012),
            (300 - 18 * loose, 1064, 1),
            (opening[-1][0], 1064, 1),
        )
        + opening[-1:0:-1]
    )
    edge = along(opening, (0.25, 0.5, 0.75, 1.0))
    x, y = edge[2]
    creases = [
        Fold(((324, 930), (356, 958), (404, 958), (440, 940)), 16, 2.8),
        Fold(((322, 966), (352, 990), (398, 996)), 13, 2.4),
        Fold(((356, 822), (378, 872), (384, 930)), 13, 2.4, 0.4),
        Fold(((320, 1004), (350, 1024), (392, 1024)), 12, 2.2),
        Fold(((x - 6, y - 10), (x - 40, y + 16), (x - 70, y + 18)), 12, 2.2, 0.3),
        Fold(((336, 846), (350, 900), (344, 960)), 12, 2.2, 0.5),
    ]
    count = round(len(creases) * min(0.3 + 0.34 * folds, 1.0))
    chosen = sorted(w.random.permutation(len(creases))[:count].tolist())
    shades = [cut((316, 890), (340, 950), (334, 1064, 1), (296, 1064, 1), (300, 950))]
    if side > 0:
        shades.append(edge + along(opening, (1.0, 0.7, 0.4, 0.25), 16.0))
    return Panel(
        on_side(outline, side),
        dye,
        axis=((380.0, 800.0), (480.0, 1060.0)) if side < 0 else ((560.0, 820.0), (690.0, 1060.0)),
        bands=bands,
        prints=prints,
        studs=studs,
        trims=trims,
        cast=cast,
        drop=(4, 9),
        shades=tuple(on_side(p, side) for p in shades),
        glow=(cut((404, 801, 1), (358, 814), (318, 844, 1), (352, 828)),) if side < 0 else (),
        folds=tuple(fallen(w, creases[i], side, 6) for i in chosen),
    )
