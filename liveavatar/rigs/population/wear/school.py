"""School: sailor blouse, blazer, cardigan over a shirt, a tunic with a standing collar."""

from dataclasses import replace

from liveavatar.rigs.drawn.garment import Dye, Fold, Garment, Panel, Studs, Trim
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import cut, front, mirrored, neckline, on_side, torso
from liveavatar.rigs.population.wear.neckwear import CHOKER, bow, neckwear, scarf
from liveavatar.rigs.population.wear.sleeves import hem_line, sleeves
from liveavatar.rigs.population.wear.wearer import ACCENT, INK, MAIN, METAL, SECOND, WHITE, Wearer

# fmt: off


def sailor(w: Wearer) -> Garment:
    """A blouse with a sailor's collar; a scarf, a bow or a tie at its point."""
    light = w.luck(0.6)
    cloth = w.pick(WHITE, Dye("cream")) if light else MAIN
    collar_dye = w.apart(cloth, MAIN, ACCENT) if light else w.apart(cloth, WHITE, SECOND)
    stripe = w.apart(collar_dye, WHITE, METAL, MAIN)
    deep = w.between(886, 930)
    collar = collars.sailor(w, collar_dye, stripe, deep, w.pick(1, 2, 2, 3))
    short = w.luck(0.45)
    end = w.between(960, 1010) if short else 1064.0
    cuffs = (tuple(Trim(hem_line(0.3, end, side, up), dye, width) for side in (-1, 1) for up, dye,
        width in ((11, collar_dye, 20), (11, stripe, 3))) if short else ())
    arms = sleeves(w, cloth, full=w.between(0.15, 0.5), end=end, cap=w.between(0.0, 0.5) if short else 0.1)
    if short:
        left, right = arms
        arms = replace(left, bands=(*left.bands, *cuffs[:2])), replace(right, bands=(*right.bands, *cuffs[2:]))
    body = torso(w, cloth, neckline(66, deep, 0.0), loose=w.between(0.2, 0.6))
    dickey = Panel(cut((448, 800), (476, 858), (512, deep - 2, 1), (548, 858), (576, 800),
        (576, 846 + 0.3 * (deep - 880)), (448, 846 + 0.3 * (deep - 880))), collar_dye,
        bands=(Trim(((452, deep - 44), (512, deep - 40), (572, deep - 44)), stripe, 3.0),))
    kind = w.pick("bow", "scarf", "bow", "tie")
    if kind == "bow":
        top = bow(w, ACCENT, 512, deep + 6, w.between(0.85, 1.2), tails=w.between(0.5, 1.2),
            edge=w.pick(None, stripe))
    elif kind == "scarf":
        top = scarf(w, ACCENT, deep)
    else:
        top = bow(w, ACCENT, 512, deep + 4, w.between(0.7, 0.9), tails=1.6, flat=1.0)
    choker = (Trim(CHOKER, ACCENT, 11, True),) if w.luck(0.2) else ()
    return Garment(behind=collar.behind, under=(dickey,) if w.luck(0.6) else (), over=(*arms, body, *collar.over),
        top=top, choker=choker)


def shirt_front(w: Wearer, dye: Dye) -> Panel:
    """What is seen of a shirt between lapels."""
    return Panel(cut((452, 782, 1), (424, 806), (404, 880), (404, 1064, 1), (620, 1064, 1), (620, 880),
        (600, 806), (572, 782, 1), (548, 812), (512, 822), (476, 812)), dye,
        folds=(Fold(cut((470, 850), (486, 920), (500, 980)), 14, 2.0),
            Fold(cut((560, 846), (546, 900), (530, 960)), 16, 2.0)),
            shades=(cut((560, 830), (584, 800), (600, 880), (530, 990), (520, 980), (560, 900)),))


def blazer(w: Wearer) -> Garment:
    """A blazer with a crest over a shirt; sometimes with a knitted vest."""
    kind = w.pick("notch", "notch", "peak", "shawl")
    edge = w.pick(None, METAL, WHITE) if w.luck(0.6) else None
    shirt = w.pick(WHITE, WHITE, Dye("cream"), Dye("ribbon", 0.25, 0.3))
    collar = collars.shirt(w, shirt, 0.0)
    brk = w.between(966, 1010)
    stripe = w.pick(None, METAL, WHITE, SECOND)
    blade, knot = neckwear(w, ACCENT, stripe)
    opening = ((444, 748), (446, 800), (470, 880), (514, brk), (522, 1064))
    right = ((444, 748), (446, 800), (470, 880), (508, brk), (502, 1064))
    crest = trimmings.badge(w.pick("star", "cross", "leaf", "moon", "flower", "heart"), 640, 938, 27,
        w.apart(METAL, ACCENT, SECOND, INK), METAL, w.pick("shield", "shield", "ring"))
    vest = ((torso(w, SECOND, neckline(58, 930, 0.0), armhole=190, folds=0.3),
        collars.band(w, Dye("knit", -0.03), cut((456, 790), (482, 866), (512, 930), (542, 866), (568, 790)), 13))
        if w.luck(0.4) else ())
    single = Studs(((526, brk + 22), (529, brk + 62)), 9, METAL)
    double = Studs(tuple((x, y) for y in (brk + 10, brk + 52) for x in (478, 566)), 9, METAL)
    return Garment(behind=collar.behind, under=(shirt_front(w, shirt),),
        over=(*sleeves(w, MAIN, full=w.between(0.05, 0.2)), *blade, *vest, *collar.over, *knot,
            front(w, MAIN, -1, right, loose=0.2), front(w, MAIN, 1, opening, loose=0.2, studs=()),
            *collars.lapels(w, MAIN, kind, brk, w.pick(None, None, Dye("dress", -0.05)), edge),
            trimmings.welt(MAIN, 642, 976, 84) if w.luck(0.5)
            else trimmings.pocket(Dye("dress", 0.015), 642, 972, 92, 90), crest,
            Panel((), METAL, studs=(w.pick(single, double),))))


def cardigan(w: Wearer) -> Garment:
    """A knitted cardigan or vest over a shirt with a bow or tie."""
    shirt = w.pick(WHITE, Dye("cream"))
    collar = collars.shirt(w, shirt, w.between(0, 0.3))
    knit = w.apart(shirt, SECOND, MAIN, ACCENT)
    stripe = w.apart(knit, ACCENT, METAL, WHITE)
    sleeved = w.luck(0.65)
    depth = w.between(924, 1000)
    line = cut((452, 764), (468, 830), (512, depth), (556, 830), (572, 764))
    ribs = (tuple(Trim(on_side(((x, 1066), (x + 3, 930), (x + 8, 820)), side),
        Dye(knit.base, knit.light - 0.05, knit.chroma * 1.2), 2.0) for x in range(322, 500, 17) for side in (-1, 1))
        if w.luck(0.5) else ())
    bands = (trimmings.stripes(stripe, 7, 400, start=1004) + trimmings.stripes(stripe, 3, 400, start=1020)
        if w.luck(0.4) else ribs)
    body = torso(w, knit, neckline(60, depth, 0.0), loose=0.5, bands=bands, armhole=200 if sleeved else 182)
    arms = sleeves(w, knit if sleeved else shirt, full=0.35, start=214.0 if sleeved else 196.0)
    blade, knot = neckwear(w, w.pick(ACCENT, MAIN) if knit != MAIN else ACCENT, stripe)
    placket: tuple[Panel, ...] = ()
    if sleeved and w.luck(0.7):
        placket = (Panel(cut((500, depth + 6, 1), (526, depth + 6, 1), (530, 1064, 1), (502, 1064, 1)),
            Dye(knit.base, knit.light + 0.01, knit.chroma), line=2.0,
            studs=(trimmings.buttons(514, depth + 26, 42, w.pick(METAL, ACCENT), 8),)),)
    return Garment(behind=collar.behind, under=(shirt_front(w, shirt),) if sleeved
        else (torso(w, shirt, neckline(64, 800, 1.0), folds=0.2), shirt_front(w, shirt)),
        over=(*arms, *blade, body, collars.band(w, Dye(knit.base, knit.light - 0.015, knit.chroma), line, 17),
            *collar.over, *knot, *placket,
            *((trimmings.badge(w.pick("star", "heart", "leaf", "shield"), 618, 952, 17, ACCENT, stripe),)
                if w.luck(0.5) else ())))


def tunic(w: Wearer) -> Garment:
    """A dark tunic with a standing collar and one row of buttons."""
    dark = w.dyed("dress", w.between(0.24, 0.36), 0.7) if w.luck(0.6) else MAIN
    edge = w.apart(dark, METAL, ACCENT, WHITE)
    collar = collars.standing(w, dark, w.pick(None, edge), w.between(14, 24), w.between(0, 0.5))
    open_ = w.luck(0.35)
    body = torso(w, dark, neckline(70, 808, 0.5), loose=0.35,
        trims=(Trim(((513, 812), (516, 940), (514, 1064)), Dye(dark.base, dark.light - 0.06, dark.chroma), 3),),
        studs=(trimmings.buttons(506, 838, 56, METAL, 10),))
    piping = (tuple(Trim(on_side(((432, 782), (470, 812), (500, 830), (504, 1064)), s), edge, 3.4) for s in (-1, 1))
        if w.luck(0.5) else ())
    inner = collars.shirt(w, WHITE, 0.2)
    if open_:
        panels = (torso(w, w.pick(WHITE, ACCENT), neckline(70, 812, 0.8), folds=0.4), *sleeves(w, dark, full=0.15),
            front(w, dark, -1, ((444, 758), (450, 830), (462, 940), (458, 1064)),
                trims=(Trim(((446, 764), (452, 830), (464, 940), (460, 1064)), edge, 3.4),),
                studs=(Studs(((448, 850), (450, 910), (450, 970), (448, 1030)), 9, METAL),)),
                front(w, dark, 1, ((444, 758), (450, 830), (462, 940), (458, 1064)),
                    trims=(Trim(mirrored(((446, 764), (452, 830), (464, 940), (460, 1064))), edge, 3.4),)),
                    *collar.over)
        return Garment(behind=collar.behind, over=panels)
    return Garment(behind=(*inner.behind, *collar.behind),
        over=(*sleeves(w, dark, full=w.between(0.08, 0.2)), body,
            *((Panel((), METAL, trims=piping),) if piping else ()),
            *collar.over, *((trimmings.badge(w.pick("star", "cross", "bolt"), 470, 786, 9, METAL, METAL),)
                if w.luck(0.5) else ()), trimmings.welt(dark, 630, 950, 80) if w.luck(0.5)
                else trimmings.pocket(dark, 632, 942, 88, 80)))


ALL = (sailor, blazer, cardigan, tunic)
