"""Collars and what is tied under them. Canvas units on the body that shapes are drafted for."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from liveavatar.rigs.drawn.garment import Dye, Fold, Panel, Trim
from liveavatar.rigs.drawn.geometry import Points
from liveavatar.rigs.population.wear.cloth import along, cut, jogged, on_side
from liveavatar.rigs.population.wear.wearer import Wearer

# fmt: off


@dataclass(frozen=True)
class Collar:
    """What of a collar lies behind the neck, and what before it."""

    behind: tuple[Panel, ...] = ()
    over: tuple[Panel, ...] = ()


def back(dye: Dye, tall: float, wide: float = 0.0) -> Panel:
    """The inside of a collar seen behind the neck."""
    deep = Dye(dye.base, dye.light - 0.07, dye.chroma * 1.1, dye.hue)
    return Panel(cut((441 - wide, 762, 1), (452 - wide, 744 - tall), (480, 738 - tall), (544, 738 - tall),
        (572 + wide, 744 - tall), (583 + wide, 762, 1), (560, 806), (512, 822), (464, 806)), deep)


def shirt(w: Wearer, dye: Dye, gap: float = 0.0, piping: Dye | None = None) -> Collar:
    """A folded collar with points; `gap` 0 buttoned up .. 1 wide open."""
    long, spread = w.between(0, 16), w.between(-10, 16) + 14 * gap
    meet = 800 + 58 * gap
    leaf = cut((452, 738, 1), (433, 762), (416, 798), (426 - spread, 850 + long, 1),
        (462 - 0.5 * spread, 842 + 0.6 * long), (511, meet + 8, 1), (486, 780 + 0.5 * (meet - 800)), (464, 760))
    edge = cut((423, 798), (432 - spread, 840 + long, 1), (464 - 0.5 * spread, 833 + 0.6 * long), (504, meet + 4))
    panels = []
    for side in (-1, 1):
        shade = cut((452, 740), (440, 772), (424, 806), (444, 800), (466, 776))
        panels.append(Panel(on_side(leaf, side), dye, axis=((420, 760), (500, 850)), cast=0.8, drop=(2, 9),
            shades=(on_side(shade, side),), bands=(Trim(on_side(edge, side), piping, 3.2),) if piping else (),
            folds=(Fold(on_side(cut((455, 748), (436, 778), (424, 812)), side), 0, 2.0),)))
    return Collar((back(dye, 6),), tuple(panels))


def sailor(w: Wearer, dye: Dye, stripe: Dye, deep: float, lines: int = 2) -> Collar:
    """The two leaves of a sailor's collar, which meet at y `deep`, with `lines` of braid."""
    wide, square = w.between(0, 22), w.between(-10, 14)
    leaf = cut((448, 744, 1), (416, 770), (372 - wide, 796), (338 - wide, 818, 1), (336 - wide, 858),
        (350 - wide, 906 + square, 1), (420 - 0.6 * wide, 908 + square), (470, 912 + 0.4 * square), (512, deep, 1),
        (482, 850), (462, 790))
    panels = []
    for side in (-1, 1):
        bands = []
        for i in range(lines):
            up = 11 + 9.5 * i
            line = cut((338 - wide + up * 0.9, 818), (337 - wide + up, 856), (350 - wide + up, 905 + square - up, 1),
                (420 - 0.6 * wide, 907 + square - up), (470, 911 + 0.4 * square - up), (516, deep - 0.8 * up))
            bands.append(Trim(on_side(line, side), stripe, 4.6 if i == 0 else 3.0))
        panels.append(Panel(on_side(leaf, side), dye, axis=((380, 790), (500, 910)), cast=0.9, drop=(3, 9),
            bands=tuple(bands), shades=(
                on_side(cut((449, 746), (440, 790), (462, 850), (510, deep), (486, 850), (466, 788)), side),),
                folds=(Fold(on_side(cut((420, 776), (406, 830), (412, 884)), side), 12, 0, 0.3),)))
    return Collar((back(dye, 2),), tuple(panels))


def round_leaf(w: Wearer, dye: Dye, edge: Dye | None = None) -> Collar:
    """A flat collar with round ends."""
    wide = w.between(0, 18)
    leaf = cut((454, 740, 1), (424, 766), (392 - wide, 796), (390 - wide, 838), (424 - 0.5 * wide, 866), (474, 856),
        (506, 826), (511, 802, 1), (482, 782))
    rim = cut((400 - wide, 796), (398 - wide, 834), (427 - 0.5 * wide, 857), (472, 848), (500, 820))
    panels = tuple(Panel(on_side(leaf, side), dye, axis=((400, 760), (500, 860)), cast=0.8,
        bands=(Trim(on_side(rim, side), edge, 3.4),) if edge else (),
        shades=(on_side(cut((454, 742), (436, 772), (440, 796), (474, 790), (500, 800), (476, 776)), side),))
        for side in (-1, 1))
    return Collar((back(dye, 3),), panels)


def standing(w: Wearer, dye: Dye, edge: Dye | None, tall: float, gap: float = 0.0) -> Collar:
    """A collar that stands round the neck; `gap` how far it opens at the throat, 0..1."""
    open_ = 4 + 40 * gap
    left = cut((446 - 6 * gap, 752 - tall, 1), (470 - 8 * gap, 764 - 0.85 * tall),
        (511 - open_, 782 - 0.6 * tall, 1), (511 - 0.4 * open_, 816, 1), (470, 806), (434, 778, 1), (438, 764))
    rim = cut((447 - 6 * gap, 756 - tall), (470 - 8 * gap, 768 - 0.85 * tall), (508 - open_, 786 - 0.6 * tall, 1),
        (509 - 0.4 * open_, 812))
    panels = tuple(Panel(on_side(left, side), dye, axis=((440, 760), (520, 790)) if side < 0
        else ((560, 760), (600, 790)), trims=(Trim(on_side(rim, side), edge, 3.6),) if edge else (),
        shades=(on_side(cut((440, 758), (446, 776), (480, 800), (510, 812), (480, 810), (436, 784)), side),),
        cast=0.5) for side in (-1, 1))
    return Collar((back(dye, tall + 2),), panels)


def roll(w: Wearer, dye: Dye, tall: float = 1.0, ribs: bool = True) -> Collar:
    """A turtleneck: a rolled tube round the neck."""
    top = 748 - 26 * tall
    tube = cut((448, top + 2), (480, top + 14), (512, top + 18), (544, top + 14), (576, top + 2), (588, top + 24),
        (592, 782), (556, 806), (512, 816), (468, 806), (432, 782), (436, top + 24))
    rows: list[Trim] = []
    deep = Dye(dye.base, dye.light - 0.085, dye.chroma * 1.15, dye.hue)
    if ribs:
        for x in np.linspace(-62, 62, 12):
            bend = x * 1.13
            rows.append(Trim(cut((512 + x, top + 8), (512 + bend, top + 40), (512 + 1.1 * x, 812)), deep, 2.4))
    folds = (Fold(cut((440, 764), (476, 782), (520, 788), (560, 778)), 13, 2.4),
        Fold(cut((590, 768), (556, 786), (520, 794)), 10, 2.0))
    return Collar((back(dye, 16),),
        (Panel(tube, dye, axis=((440, 740), (600, 790)), bands=tuple(rows), folds=folds, cast=0.7),))


def band(w: Wearer, dye: Dye, line: Points, width: float = 13.0) -> Panel:
    """A ribbed band along a neckline."""
    share = np.linspace(0.02, 0.98, 34).tolist()
    deep = Dye(dye.base, dye.light - 0.10, dye.chroma * 1.2, dye.hue)
    inner = along(line, np.linspace(0, 1, 18).tolist(), -0.6 * width)
    outer = along(line, np.linspace(0, 1, 18).tolist(), 0.6 * width)
    ticks = tuple(Trim((a, b), deep, 2.0) for a,
        b in zip(along(line, share, -0.6 * width), along(line, share, 0.6 * width), strict=True))
    return Panel(cut((*inner[0], 1), *inner[1:-1], (*inner[-1], 1), (*outer[-1], 1), *outer[-2:0:-1],
        (*outer[0], 1)), dye, bands=ticks, cast=0.5, drop=(1, 5))


def lapels(w: Wearer, dye: Dye, kind: str, deep: float, facing: Dye | None = None,
    edge: Dye | None = None) -> tuple[Panel, ...]:
    """Both lapels with the collar above them, down to y `deep`; kind: notch, peak or shawl."""
    wide, drop = w.between(-6, 14), w.between(-6, 8)
    lapel_dye = facing or dye
    if kind == "shawl":
        leaf = cut((450, 736, 1), (418, 768), (390 - wide, 816), (388 - wide, 872), (440, 940), (513, deep, 1),
            (478, 910), (452, 830), (444, 780))
        collar: Points = ()
    else:
        tip = (364 - wide, 822 + drop, 1) if kind == "peak" else (378 - wide, 846 + drop, 1)
        leaf = cut((428, 806, 1), tip, (406 - 0.7 * wide, 888), (456 - 0.3 * wide, 0.30 * 870 + 0.70 * deep - 8),
            (513, deep, 1), (480, 910), (452, 836), (444, 790))
        notch = (398 - wide, 828 + drop, 1) if kind == "peak" else (384 - wide, 818 + drop, 1)
        collar = cut((450, 734, 1), (418, 764), (390 - 0.6 * wide, 800, 1), notch, (430, 818, 1), (448, 800),
            (450, 768))
    panels = []
    for side in (-1, 1):
        rim = (Trim(on_side(leaf[1:10] if kind != "shawl" else leaf[2:8], side), edge, 3.4),) if edge else ()
        panels.append(Panel(on_side(leaf, side), lapel_dye, axis=((380, 800), (520, 960)), cast=1.0, drop=(2, 11),
            bands=rim, shades=(on_side(cut((446, 790), (452, 836), (480, 912), (512, deep), (466, 912), (436, 840)),
                side),), glow=(on_side(cut((396 - wide, 852), (404 - wide, 886), (436, 926), (410, 886)), side),)))
        if collar:
            panels.append(Panel(on_side(collar, side), dye, axis=((400, 750), (450, 830)), cast=0.9, drop=(2, 7),
                folds=(Fold(on_side(cut((452, 742), (434, 774), (430, 810)), side), 8, 2.0),)))
    return tuple(panels)


def hood(w: Wearer, dye: Dye, lining: Dye) -> Collar:
    """A hood that lies on the back, and its edges that run down to the throat."""
    big = w.between(-6, 16)
    outer = cut((360, 812), (330 - big, 776), (344 - big, 736 - 0.4 * big), (404, 712 - big), (470, 708 - big),
        (560, 710 - big), (622, 716 - big), (682 + big, 738 - 0.4 * big), (694 + big, 778), (664, 812), (512, 850))
    inside = cut((400, 790), (404, 752), (448, 730), (512, 726), (578, 730), (622, 752), (626, 790), (560, 838),
        (512, 848), (462, 838))
    leaf = cut((420, 746), (378 - 0.5 * big, 762), (352 - 0.5 * big, 800), (378, 840), (440, 872), (508, 900, 1),
        (514, 872, 1), (478, 838), (440, 796), (430, 766))
    behind = (Panel(outer, dye, axis=((420, 700), (600, 800)),
        folds=(Fold(cut((350, 750), (386, 744), (410, 756)), 14, 2.4),
            Fold(cut((684, 752), (644, 748), (618, 760)), 16, 2.4))),
            Panel(inside, lining, toward=Dye(lining.base, lining.light - 0.14, lining.chroma * 1.1, lining.hue),
                axis=((500, 850), (512, 724))))
    over = tuple(Panel(jogged(on_side(leaf, side), w.random, 3), dye, axis=((380, 780), (500, 890)), cast=1.0,
        drop=(2, 12), shades=(on_side(
            cut((430, 770), (446, 806), (486, 848), (512, 876), (490, 868), (436, 824), (412, 782)), side),),
            glow=(on_side(cut((366, 786), (384, 824), (416, 844), (394, 816)), side),),
            folds=(Fold(on_side(cut((404, 772), (404, 812), (430, 846)), side), 14, 2.4),
                Fold(on_side(cut((444, 868), (456, 850), (474, 846)), side), 9, 2.0))) for side in (-1, 1))
    return Collar(behind, over)


def ruffle(w: Wearer, dye: Dye, seam: Points, deep: float, lobes: int, *, edge: Dye | None = None, cast: float = 0.8,
    taper: float = 0.35) -> Panel:
    """A gathered frill along a seam, `deep` to the right of its way, of so many lobes; its ends shallower by `taper`."""
    stops = np.linspace(0, 1, lobes + 1)
    stops[1:-1] += w.random.uniform(-0.22, 0.22, lobes - 1) / lobes
    share, aside, corner = [0.0], [0.0], [True]
    gathers = []
    turned = []
    for a, b in pairwise(stops):
        ends = 1 - taper * abs(a + b - 1) ** 2
        tall = deep * ends * w.between(0.88, 1.12)
        share += [a + 0.04 * (b - a), a + 0.34 * (b - a), a + 0.74 * (b - a), b]
        aside += [0.84 * tall, 1.06 * tall, 0.98 * tall, 0.70 * tall]
        corner += [False, False, False, True]
        m = a + 0.46 * (b - a)
        gathers.append(Fold(_off(seam, ((b, 0.02), (b - 0.03 * (b - a), 0.4), (b, 0.72)), tall), 7, 1.8, 0.4))
        gathers.append(Fold(_off(seam, ((m, 0.0), (m - 0.06 * (b - a), 0.3), (m, 0.62)), tall), 6, 1.4, 0.2))
        turned.append(
            _off(seam, ((b, 0.66), (b - 0.14 * (b - a), 0.96), (b - 0.4 * (b - a), 1.0), (b - 0.26 * (b - a), 0.74)),
                tall))
    at = [along(seam, [s], d)[0] for s, d in zip(share, aside, strict=True)]
    back = along(seam, (1.0, 0.8, 0.6, 0.4, 0.2))
    outline = cut(*((*p, 1) if c else p for p, c in zip(at, corner, strict=True)), (*back[0], 1), *back[1:])
    rim = cut(
        *((*p, 1) if c else p for p,
            c in zip([along(seam, [s], d * 0.86)[0] for s, d in zip(share[1:], aside[1:], strict=True)], corner[1:],
                strict=True)))
    return Panel(outline, dye, axis=(seam[0], seam[-1]), shades=tuple(turned), folds=tuple(gathers), cast=cast,
        drop=(2, 7), bands=(Trim(rim, edge, 2.6),) if edge else (), line=2.0)


def _off(seam: Points, at: tuple[tuple[float, float], ...], tall: float) -> Points:
    return tuple(along(seam, [s], d * tall)[0] for s, d in at)


def crossed(w: Wearer, dye: Dye, edge: Dye, deep: float, inner: tuple[Dye, ...] = ()) -> tuple[Panel, ...]:
    """Collars of a kimono, the picture's right one over the left one; `inner` are the layers seen beneath."""
    panels = []
    layers = (*inner, edge)
    for side in (-1, 1):
        for i, layer in enumerate(layers):
            tight = 13.0 * (len(layers) - 1 - i)
            width = 32.0 if i == len(layers) - 1 else 24.0
            lap = 0 if side < 0 else 8
            line = cut((456 + 0.3 * tight, 740), (445 + 0.7 * tight, 772), (466 + tight, 826),
                (514 + tight, deep - 20), (560 + tight, deep + 66), (600 + tight + lap, deep + 160))
            at = (0, 0.06, 0.14, 0.24, 0.5, 0.75, 1)
            outside = tuple(along(line, [s], width * (0.55 + 0.45 * min(s / 0.16, 1.0)))[0] for s in at)
            outline = cut((*line[0], 1), *line[1:-1], (*line[-1], 1), (*outside[-1], 1), *outside[-2:0:-1],
                (*outside[0], 1))
            shade = along(line, at, 7.0)
            panels.append(
                Panel(on_side(outline, side), layer, axis=((440, 760), (560, 960)), cast=0.7, drop=(2, 6),
                    shades=(on_side(line + shade[::-1], side),) if side > 0 else (),
                    folds=(Fold(on_side(along(line, (0.1, 0.3, 0.5, 0.7), width * 0.55), side), 0, 1.6),)
                    if i == len(layers) - 1 else ()))
    return tuple(panels)
