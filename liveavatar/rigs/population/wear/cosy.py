"""Cosy: a turtleneck, a wide jumper, a winter coat with a scarf, a shawl cardigan, a nightshirt."""

import numpy as np

from liveavatar.rigs.drawn.garment import Dye, Garment, Panel, Patch, Studs, Trim
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import alone, cut, front, neckline, on_side, torso
from liveavatar.rigs.population.wear.neckwear import neck_scarf
from liveavatar.rigs.population.wear.sleeves import sleeve, sleeves
from liveavatar.rigs.population.wear.wearer import ACCENT, INK, MAIN, METAL, SECOND, WHITE, Wearer

# fmt: off


def _deep(dye: Dye, by: float = 0.08) -> Dye:
    return Dye(dye.base, dye.light - by, dye.chroma * 1.2, dye.hue)


def _cable(x: float, dye: Dye, wide: float = 13.0) -> tuple[Trim, ...]:
    """Two strands wound about each other, between two ribs."""
    ys = np.arange(780, 1075, 17)
    strands = [Trim(tuple((round(float(x + wide * np.sin((y - 780) / 17 * np.pi / 2 + phase)), 1), float(y))
        for y in ys), _deep(dye), 3.0) for phase in (0.0, np.pi)]
    return (*strands, *(Trim(((x + s * (wide + 9), 776), (x + s * (wide + 9), 1066)), _deep(dye), 2.2)
        for s in (-1, 1)))


def knit_pattern(w: Wearer, dye: Dye) -> tuple[tuple[Trim, ...], tuple[Patch, ...]]:
    """Cables, ribs, stripes, a band of figures or an argyle."""
    kind = w.pick("cable", "ribs", "stripes", "figures", "argyle", "plain")
    other = w.apart(dye, WHITE, ACCENT, SECOND, MAIN)
    if kind == "cable":
        return tuple(t for x in (400, 456, 512, 568, 624) for t in _cable(x, dye, 12.0 if x != 512 else 15.0)), ()
    if kind == "ribs":
        return tuple(Trim(((x, 770), (512 + (x - 512) * 1.04, 1066)), _deep(dye, 0.06), 2.4)
            for x in range(320, 710, 15)), ()
    if kind == "stripes":
        far = w.between(46, 80)
        return trimmings.stripes(other, far * w.between(0.2, 0.5), far, start=840), ()
    if kind == "figures":
        name = w.pick("spark", "star", "flower", "leaf", "heart")
        row = [trimmings.motif(name, x, 942 + 8 * np.cos((x - 512) / 130), 17) for x in range(276, 760, 44)]
        lines = tuple(t for y in (908, 970) for t in trimmings.stripes(other, 5, 400, start=y))
        dots = [trimmings.ring(x, 988 + 8 * np.cos((x - 512) / 130), 4.5) for x in range(270, 760, 22)]
        return lines, (Patch((*row, *dots), other),)
    if kind == "argyle":
        diamonds = tuple(trimmings.motif("diamond", x, y, 40) for row, y in enumerate((880, 934, 988, 1042))
            for x in range(290 + 35 * (row % 2), 770, 70))
        cross = tuple(Trim(((x, 760), (x + sign * 150, 1066)), Dye("white", 0, 1, 0, 0.7), 2.2)
            for x in range(140, 900, 70) for sign in (-1, 1))
        return cross, (Patch(diamonds, Dye(other.base, other.light, other.chroma, 0, 0.75)),)
    return (), ()


def turtleneck(w: Wearer) -> Garment:
    """A jumper with a rolled neck."""
    cloth = w.pick(MAIN, SECOND, Dye("cream", -0.01), w.dyed("dress", 0.32, 0.6))
    bands, prints = knit_pattern(w, cloth)
    roll = collars.roll(w, cloth, w.between(0.5, 1.15))
    arms = sleeves(w, cloth, full=w.between(0.3, 0.8), bands=bands if not prints and len(bands) < 12 else ())
    body = torso(w, cloth, neckline(70, 800, 1.0), loose=w.between(0.3, 0.9), bands=bands, prints=prints)
    extra: tuple[Panel, ...] = ()
    if w.luck(0.35):
        thread, beads = trimmings.chain(cut((436, 790), (462, 880), (512, 930), (562, 880), (588, 790)), METAL, 21,
            2.6)
        extra = (alone(thread, studs=(beads,)), *trimmings.gem(512, 942, 12, ACCENT, METAL))
    elif w.luck(0.4):
        spread = w.between(20, 50)
        line = ((440, 770), (420, 860), (440 - spread * 0.3, 960), (446 - spread * 0.4, 1064))
        coat = w.pick(INK, SECOND if cloth != SECOND else MAIN, w.dyed("dress", 0.4, 0.4))
        arms = sleeves(w, coat, full=0.3)
        lapel = tuple(Panel(on_side(
            cut((444, 758, 1), (408, 782), (372, 830, 1), (394, 870), (420, 980, 1), (424, 880), (434, 820)), s),
            coat, cast=0.9, axis=((380, 800), (430, 940))) for s in (-1, 1))
        extra = (*(front(w, coat, s, line, loose=0.4) for s in (-1, 1)), *lapel)
    return Garment(behind=roll.behind, over=(*arms, body, *roll.over, *extra))


def jumper(w: Wearer) -> Garment:
    """A wide knitted jumper, at times off one shoulder."""
    cloth = w.pick(MAIN, SECOND, Dye("cream", -0.01))
    bands, prints = knit_pattern(w, cloth)
    off = w.luck(0.35)
    aside = w.pick(-1, 1) * w.between(18, 30) if off else 0.0
    wide = w.between(104, 128) if off else w.between(72, 90)
    line = neckline(wide, w.between(850, 880) if off else w.between(828, 848), 1.0, 0.4 * aside)
    full = w.between(0.7, 1.1)
    arms = sleeves(w, cloth, full=full, bands=bands if not prints and len(bands) < 12 else (), folds=1.3)
    body = torso(w, cloth, line, loose=1.0, bands=bands, prints=prints, armhole=226, folds=1.2)
    shirt = collars.shirt(w, WHITE, 0.15) if not off and w.luck(0.45) else None
    strap = w.apart(cloth, INK, ACCENT, WHITE)
    straps = ((alone(*(Trim(on_side(cut((438, 782), (424, 830), (416, 880)), s), strap, 8, True)
        for s in (-1, 1))),) if off else ())
    return Garment(behind=shirt.behind if shirt else (),
        over=(*straps, *arms, body, collars.band(w, _deep(cloth, 0.015), line, w.between(15, 22)),
            *(shirt.over if shirt else ())))


def winter(w: Wearer) -> Garment:
    """A coat with a scarf; toggles or two rows of buttons."""
    coat = w.pick(MAIN, w.dyed("dress", 0.42, 0.6), SECOND, Dye("cream", -0.06))
    scarf_dye = w.pick(ACCENT, SECOND if coat != SECOND else ACCENT, WHITE)
    stripe = w.pick(None, WHITE if scarf_dye != WHITE else ACCENT, METAL)
    toggles = w.luck(0.5)
    edge = ((444, 760), (470, 830), (548, 900), (552, 1064))
    left = ((444, 760), (460, 830), (480, 900), (484, 1064))
    fronts = (front(w, coat, -1, left, loose=0.5),
        front(w, coat, 1, ((444, 760), (456, 830), (470, 900), (476, 1064)), loose=0.5))
    closing: tuple[Panel, ...]
    if toggles:
        closing = tuple(Panel(cut((494, y - 5, 1), (512, y - 10), (532, y - 5, 1), (532, y + 6, 1), (512, y + 10),
            (494, y + 6, 1)), Dye("gold", -0.22), cast=0.6, line=2.2,
            trims=(Trim(((446, y - 2), (480, y + 1), (496, y)), INK, 5, True),
                Trim(((530, y), (560, y + 2), (586, y - 2)), INK, 5, True))) for y in (934, 1004))
    else:
        closing = (alone(studs=(
            Studs(tuple((x, y) for y in (936, 996, 1052) for x in (464, 566)), 11, w.pick(METAL, INK)),)),)
    lapel = collars.lapels(w, coat, w.pick("notch", "peak"), 940, None) if not toggles else ()
    flaps = (tuple(trimmings.welt(coat, 512 + s * 132, 1010, 80, 10 * s) for s in (-1, 1)) if w.luck(0.5) else ())
    return (Garment(over=(*sleeves(w, coat, full=0.45), torso(w, coat, neckline(70, 800, 0.9), folds=0.0), *fronts,
        *lapel, *closing, *flaps, *neck_scarf(w, scarf_dye, stripe))) if edge else Garment())


def shawl_cardigan(w: Wearer) -> Garment:
    """A long knitted coat with a shawl collar over a simple top."""
    knit = w.pick(SECOND, MAIN, Dye("cream", -0.02))
    top_dye = w.pick(WHITE, INK, MAIN if knit != MAIN else SECOND, ACCENT)
    stripes = trimmings.stripes(w.pick(INK, ACCENT, MAIN), 8, 27, start=840) if w.luck(0.35) else ()
    line = neckline(w.between(68, 88), w.between(830, 860), 1.0)
    inner = torso(w, top_dye, line, bands=stripes, folds=0.6)
    edge = ((446, 750), (424, 830), (432, 930), (444, 1064))
    fronts = tuple(front(w, knit, s, edge, loose=0.8, bands=_cable(380 if s < 0 else 644, knit) if w.luck(0.5)
        else ()) for s in (-1, 1))
    border = []
    for s in (-1, 1):
        path = cut((452, 738), (426, 790), (412, 860), (424, 950), (436, 1066))
        border.append(collars.band(w, _deep(knit, 0.015), on_side(path, s)[::-1] if s < 0 else on_side(path, s),
            w.between(30, 42)))
    arms = sleeves(w, knit, full=0.7, folds=1.2)
    pearls: tuple[Panel, ...] = ()
    if w.luck(0.5):
        thread, beads = trimmings.chain(cut((450, 782), (470, 850), (512, 884), (554, 850), (574, 782)), METAL, 19,
            2.8)
        pearls = (alone(thread, studs=(beads,)), *trimmings.gem(512, 896, 10, ACCENT, METAL))
    return Garment(behind=(collars.back(knit, 12, 8),),
        over=(*arms, inner, *((collars.band(w, top_dye, line, 9),) if not stripes else ()), *pearls, *fronts,
            *border))


def night(w: Wearer) -> Garment:
    """A nightshirt with piping and a print."""
    cloth = w.pick(MAIN, SECOND, w.dyed("dress", 0.84, 0.5))
    pipe = w.apart(cloth, WHITE, ACCENT, METAL, INK)
    print_ = (
        trimmings.scatter(w, w.pick("star", "moon", "heart", "flower"), w.apart(cloth, pipe, METAL, ACCENT), 12, 62),)
    arms = tuple(sleeve(w, cloth, s, full=0.6, prints=print_) for s in (-1, 1))
    line = ((450, 776), (464, 830), (508, 890), (510, 1064))
    fronts = (front(w, cloth, 1, line, loose=0.9, prints=print_),
        front(w, cloth, -1, ((450, 776), (464, 830), (514, 890), (520, 1064)), loose=0.9, prints=print_,
            trims=(Trim(((516, 892), (520, 1064)), pipe, 3.6),)))
    leaf = cut((450, 742, 1), (420, 772), (386, 812), (372, 858, 1), (430, 868), (466, 864, 1), (512, 896, 1),
        (478, 830), (462, 780))
    rim = cut((392, 814), (380, 851, 1), (430, 860), (462, 855, 1), (502, 882))
    lapel = tuple(Panel(on_side(leaf, s), Dye(cloth.base, cloth.light + 0.02, cloth.chroma), cast=0.9,
        bands=(Trim(on_side(rim, s), pipe, 3.6),), axis=((390, 780), (480, 870))) for s in (-1, 1))
    return Garment(over=(*arms, *fronts, *lapel, alone(studs=(trimmings.buttons(508, 926, 50, pipe, 8.5),)),
        trimmings.pocket(cloth, 636, 950, 88, 88, pipe)))


ALL = (turtleneck, jumper, winter, shawl_cardigan, night)
