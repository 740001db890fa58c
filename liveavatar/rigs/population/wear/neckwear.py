"""What is tied round a neck: ties, bows, scarves, falls of lace, a rose for a lapel."""

import numpy as np

from liveavatar.rigs.drawn.garment import Dye, Fold, Panel, Trim
from liveavatar.rigs.drawn.geometry import Points
from liveavatar.rigs.population.wear.cloth import cut
from liveavatar.rigs.population.wear.collars import ruffle
from liveavatar.rigs.population.wear.trimmings import gem, motif
from liveavatar.rigs.population.wear.wearer import ACCENT, METAL, Wearer

# fmt: off
CHOKER = ((436, 712), (470, 733), (512, 741), (552, 734), (590, 714))
"""Round the middle of the neck."""


def tie(w: Wearer, dye: Dye, stripe: Dye | None = None, top: float = 804.0, bar: Dye | None = None) -> tuple[Panel,
    ...]:
    """A tie, knotted a little askew."""
    lean, wide = w.between(-14, 14), w.between(0, 8)
    blade = cut((500, top + 30, 1), (524, top + 30, 1), (540 + wide + 0.5 * lean, 960), (550 + wide + lean, 1064, 1),
        (484 - wide + lean, 1064, 1), (490 - wide + 0.5 * lean, 960))
    knot = cut((490, top - 3, 1), (512, top + 3), (535, top - 3, 1), (530, top + 20), (524, top + 36, 1),
        (512, top + 38), (500, top + 36, 1), (494, top + 18))
    prints = (tuple(Trim(cut((460 + lean * i / 6, top + 96 + 42 * i), (570 + lean * i / 6, top + 48 + 42 * i)),
        stripe, 9) for i in range(-1, 6)) if stripe else ())
    folds = (Fold(cut((512, top + 40), (510, top + 80), (514 + 0.4 * lean, top + 130)), 12, 2.2),
        Fold(cut((534, 930), (538 + wide, 990), (540 + wide + lean, 1064)), 12, 0))
    return (Panel(blade, dye, axis=((490, 840), (545, 870)), bands=prints, folds=folds, cast=0.9, drop=(6, 6),
        trims=(Trim(cut((494 + 0.6 * lean, 962), (546 + 0.6 * lean, 956)), bar, 7, True),) if bar else ()),
        Panel(knot, dye, axis=((494, top), (534, top + 30)), cast=0.6,
            folds=(Fold(cut((496, top), (506, top + 16), (508, top + 34)), 7, 1.8),)))


def bow(w: Wearer, dye: Dye, x: float, y: float, size: float = 1.0, *, tails: float = 1.0, knot: Dye | None = None,
    edge: Dye | None = None, flat: float = 0.0) -> tuple[Panel, ...]:
    """A tied bow with its knot at (x, y); `flat` 0 a full one .. 1 a flat ribbon tie."""
    panels = []
    for side in (-1, 1):
        lift, full = w.between(-8, 8), w.between(0.9, 1.12) * (1 - 0.35 * flat)
        long = tails * w.between(0.85, 1.2)
        tail = np.array([(0, 6), (side * 15, 40), (side * 34, 98), (side * 34, 98), (side * 20, 90), (side * 8, 104),
            (side * 8, 104), (side * 2, 50)]) * (1.0, long)
        loop = np.array([(0, 0), (side * 24, -24 * full), (side * 64, -32 * full + lift), (side * 80, -6 + lift),
            (side * 66, 26 * full + lift), (side * 24, 17)])
        for part, is_loop in ((tail, False), (loop, True)):
            if not is_loop and tails <= 0:
                continue
            outline = _placed(part, x, y, size)
            rim = _placed(part[1:4] * (0.97, 0.97) if not is_loop else part[1:5] * (0.88, 0.84), x, y, size)
            inside = np.array([(side * 20, -12), (side * 50, -14 * full + lift), (side * 58, 0 + lift),
                (side * 30, 8)])
            panels.append(Panel(outline, dye, toward=Dye(dye.base, dye.light + 0.04, dye.chroma, dye.hue),
                axis=_placed(np.array([(0, 0), (side * 60, 10)] if is_loop else [(0, 0), (side * 20, 90)]), x, y,
                    size), bands=(Trim(rim, edge, 3.2 * size),) if edge else (),
                    shades=(_placed(inside, x, y, size),) if is_loop and flat < 0.5 else (),
                    folds=(Fold(_placed(np.array([(side * 8, -2), (side * 28, -6), (side * 48, -14)]), x, y, size),
                        7, 2.0, 0.2), Fold(_placed(np.array([(side * 8, 5), (side * 26, 9), (side * 46, 10)]), x, y,
                            size), 6, 2.0, 0.2)) if is_loop
                            else (Fold(_placed(np.array([(side * 3, 14), (side * 12, 50), (side * 18, 84 * long)]),
                                x, y, size), 8, 1.8, 0.3),), cast=0.8, drop=(3, 7), line=2.2))
    middle = np.array([(-14, -13), (0, -16), (14, -13), (16, 2), (13, 15), (0, 18), (-13, 15), (-16, 2)])
    panels.append(Panel(_placed(middle, x, y, size), knot or dye,
        axis=_placed(np.array([(-10, -12), (12, 14)]), x, y, size), cast=0.5,
        folds=(Fold(_placed(np.array([(-6, -12), (-3, 2), (-5, 14)]), x, y, size), 5, 1.6),), line=2.2))
    return tuple(panels)


def _placed(points: np.ndarray, x: float, y: float, size: float) -> Points:
    return tuple((round(float(px * size + x), 1), round(float(py * size + y), 1)) for px, py in points)


def scarf(w: Wearer, dye: Dye, y: float) -> tuple[Panel, ...]:
    """A neckerchief pulled through a knot, its ends of unlike length."""
    long, lean = w.between(70, 120), w.between(-10, 10)
    left = cut((500, y - 6, 1), (516, y + 10), (506 + lean, y + 0.6 * long), (470 + lean, y + long, 1),
        (462 + lean, y + 0.7 * long), (484, y + 26))
    right = cut((510, y - 4, 1), (530, y + 12), (556 + lean, y + 0.5 * long), (566 + lean, y + 0.85 * long, 1),
        (536 + lean, y + 0.8 * long), (512, y + 24))
    knot = cut((496, y - 12, 1), (512, y - 8), (530, y - 12, 1), (534, y + 6), (526, y + 22, 1), (511, y + 25),
        (498, y + 22, 1), (491, y + 6))
    return (Panel(left, dye, axis=((500, y), (470, y + long)), cast=0.8,
        folds=(Fold(cut((504, y + 14), (494, y + 50), (478 + lean, y + 0.9 * long)), 10, 2.0),)),
        Panel(right, dye, axis=((520, y), (560, y + long)), cast=0.8,
            folds=(Fold(cut((520, y + 14), (536, y + 46), (556 + lean, y + 0.78 * long)), 10, 2.0),)),
            Panel(knot, dye, axis=((498, y - 10), (530, y + 20)), cast=0.5,
                folds=(Fold(cut((504, y - 8), (508, y + 6), (504, y + 20)), 6, 1.8),)))


def neckwear(w: Wearer, dye: Dye, stripe: Dye | None = None) -> tuple[tuple[Panel, ...], tuple[Panel, ...]]:
    """A tie or a bow under a shirt's collar: what lies under a waistcoat, and the knot above the collar."""
    feminine = w.cast.femininity
    if w.luck(0.25 + 0.5 * feminine):
        return (), bow(w, dye, 512, 836, w.between(0.62, 0.9), tails=w.pick(0.0, w.between(0.5, 1.0)),
            flat=w.between(0, 1) * (feminine < 0.6), edge=w.pick(None, stripe))
    blade, knot = tie(w, dye, stripe, bar=w.pick(None, METAL))
    return (blade,), (knot,)


def neck_scarf(w: Wearer, dye: Dye, stripe: Dye | None = None) -> tuple[Panel, ...]:
    """A scarf wound twice about the neck, one end hanging."""
    high, end_x = w.between(716, 734), w.pick(450, 570)
    lower = cut((410, 786), (436, 776), (512, 800), (588, 774), (616, 788), (612, 826), (560, 858), (496, 866),
        (434, 846), (404, 816))
    upper = cut((440, high), (470, high + 24), (520, high + 34), (570, high + 20), (588, high - 2), (606, high + 30),
        (594, 788), (540, 818), (480, 816), (432, 790), (424, high + 32))
    tail = cut((end_x - 34, 836, 1), (end_x + 32, 832, 1), (end_x + 42, 940), (end_x + 34, 1064, 1),
        (end_x - 44, 1064, 1), (end_x - 38, 940))
    lines = (tuple(Trim(((end_x - 60, y), (end_x, y + 6), (end_x + 60, y)), stripe, 12) for y in (960, 986, 1040))
        if stripe else ())
    return (Panel(tail, dye, axis=((end_x - 30, 850), (end_x + 40, 1000)), cast=1.0, bands=lines,
        folds=(Fold(((end_x - 14, 860), (end_x - 18, 940), (end_x - 12, 1064)), 14, 2.4),
            Fold(((end_x + 18, 850), (end_x + 20, 930), (end_x + 16, 1030)), 10, 2.2))),
            Panel(lower, dye, axis=((420, 780), (600, 850)), cast=1.0, drop=(2, 12),
                folds=(Fold(cut((410, 806), (460, 836), (520, 842), (580, 824)), 16, 2.6),
                    Fold(cut((606, 800), (570, 830), (520, 846)), 12, 2.4))),
                    Panel(upper, dye, axis=((430, 730), (600, 800)), cast=0.9, drop=(2, 9),
                        folds=(Fold(cut((428, high + 26), (470, high + 56), (530, high + 62), (590, high + 40)), 16,
                            2.6), Fold(cut((434, 778), (480, 800), (540, 800)), 12, 2.4),
                            Fold(cut((602, high + 34), (570, 790), (530, 808)), 12, 2.4))))


def rose(w: Wearer, x: float, y: float) -> tuple[Panel, ...]:
    """A rose with two leaves."""
    leafs = tuple(Panel(motif("leaf", x + s * 16, y + 12, 15, s * 2.0), Dye("dress", 0.02, 1.0), line=1.8,
        cast=0.5, drop=(1, 4)) for s in (-1, 1))
    whorl = tuple(Trim(tuple((x + r * 1.0 * a, y + r * b) for a,
        b in ((-0.8, 0.2), (0.0, 0.9), (0.8, 0.1), (0.2, -0.7))), Dye("ribbon", -0.12), 2.0)
        for r in (5.0, 9.5, 13.0))
    return (*leafs, Panel(motif("flower", x, y, 21, 0.3), ACCENT,
        axis=((x - 14, y - 14), (x + 14, y + 14)), trims=whorl, cast=0.7, drop=(2, 5), line=2.0))


def jabot(w: Wearer, dye: Dye) -> tuple[Panel, ...]:
    """Falls of lace under the throat, with a stone."""
    falls = []
    for i, y in enumerate((884, 852, 820)):
        wide = 50 - 7 * i
        seam = cut((512 + wide, y - 6), (512, y), (512 - wide, y - 6))[::-1]
        falls.append(ruffle(w, dye, seam, 46 - 3 * i, 4, edge=w.pick(None, METAL), taper=0.5))
    return (*falls, *gem(512, 818, 14, ACCENT, METAL))
