"""Traditional cuts of East Asia: kimono, an open haori, a tunic with a slanted closing, robes with wide sleeves."""

import numpy as np

from liveavatar.rigs.drawn.garment import Dye, Fold, Garment, Panel, Patch, Studs, Trim
from liveavatar.rigs.drawn.geometry import Points
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import cut, front, neckline, on_side, torso
from liveavatar.rigs.population.wear.neckwear import bow
from liveavatar.rigs.population.wear.sleeves import sleeve, sleeves
from liveavatar.rigs.population.wear.wearer import ACCENT, MAIN, METAL, SECOND, WHITE, Wearer

# fmt: off


def waves(dye: Dye, far: float) -> tuple[Trim, ...]:
    """Overlapping waves."""
    result = []
    for row, y in enumerate(np.arange(940, 1075, far * 0.5)):
        for x in np.arange(200 + (row % 2) * far / 2, 840, far):
            for r in (0.46, 0.27):
                result.append(Trim(tuple(
                    (round(float(x - r * far * np.cos(a)), 1), round(float(y - r * far * np.sin(a)), 1))
                    for a in np.linspace(0, np.pi, 6)), dye, 2.6))
    return tuple(result)


def _pattern(w: Wearer, ground: Dye) -> tuple[tuple[Patch, ...], tuple[Trim, ...]]:
    """A woven or dyed pattern."""
    kind = w.pick("flowers", "flowers", "petals", "waves", "plain", "lattice", "stars")
    sign = w.apart(ground, METAL, ACCENT, WHITE, SECOND)
    if kind == "flowers":
        big = trimmings.scatter(w, "flower", sign, 26, 118)
        hearts = Patch(tuple(trimmings.ring(float(np.mean([x for x, _ in p])), float(np.mean([y for _, y in p])), 6)
            for p in big.pieces), w.pick(METAL, ACCENT, WHITE))
        small = trimmings.scatter(w, "flower", w.apart(ground, WHITE, ACCENT, METAL), 10, 96)
        return (big, small, hearts), ()
    if kind == "petals":
        return (trimmings.scatter(w, "leaf", sign, 12, 60),), ()
    if kind == "stars":
        return (trimmings.scatter(w, w.pick("spark", "star", "moon"), sign, 13, 78),), ()
    if kind == "waves":
        return (), waves(Dye(ground.base, ground.light + (0.1 if ground.light < 0.1 else -0.1), ground.chroma), 72)
    if kind == "lattice":
        far = w.between(40, 60)
        tone = Dye(sign.base, sign.light, sign.chroma, 0, 0.7)
        slanted = tuple(Trim(((x, 740), (x + s * 200, 1070)), tone, 2.6)
            for x in np.arange(0, 1024, far).tolist() for s in (-1, 1))
        return (trimmings.scatter(w, "flower", sign, 9, 2.2 * far),), slanted
    return (), ()


def _wide_sleeves(w: Wearer, dye: Dye, prints: tuple[Patch, ...], bands: tuple[Trim, ...]) -> tuple[Panel, Panel]:
    return sleeve(w, dye, -1, full=1.25, prints=prints, bands=bands), sleeve(w, dye, 1, full=1.25, prints=prints,
        bands=bands)


def kimono(w: Wearer) -> Garment:
    """Crossed collars over wide sleeves, a sash below."""
    prints, bands = _pattern(w, MAIN)
    deep = w.between(900, 940)
    inner = w.pick((WHITE,), (WHITE,), (WHITE, ACCENT), (SECOND,), (WHITE, SECOND))
    edge = w.pick(MAIN, Dye("dress", -0.07), SECOND, ACCENT)
    body = torso(w, MAIN, neckline(70, deep, 0.0), loose=0.4, prints=prints, bands=bands, armhole=226, folds=0.8)
    sash_y = w.between(1004, 1024)
    sash = Panel(cut((290, sash_y, 1), (512, sash_y + 12), (734, sash_y, 1), (740, 1070, 1), (284, 1070, 1)),
        w.pick(ACCENT, SECOND), cast=0.9,
        trims=(Trim(((290, sash_y + 28), (512, sash_y + 40), (734, sash_y + 28)), w.pick(METAL, WHITE), 8, True),),
        folds=(Fold(cut((330, sash_y + 10), (380, sash_y + 30), (420, sash_y + 60)), 10, 1.8),))
    fur: tuple[Panel, ...] = ()
    if w.luck(0.22):
        line = cut((300, 828), (340, 846), (400, 866), (452, 910), (486, 960))
        fur = tuple(trimmings.fur(w, WHITE, on_side(line, s) if s < 0 else on_side(line, s)[::-1], 34, 9)
            for s in (-1, 1))
    return Garment(behind=(collars.back(edge, 4),),
        over=(*_wide_sleeves(w, MAIN, prints, bands), body, *collars.crossed(w, MAIN, edge, deep, inner), sash, *fur))


def haori(w: Wearer) -> Garment:
    """An open coat with a cord over a kimono of another colour."""
    prints, bands = _pattern(w, MAIN)
    under = w.pick(SECOND, WHITE, Dye("cream"))
    deep = w.between(890, 930)
    edge = ((446, 746), (430, 800), (424, 880), (432, 980), (438, 1064))
    fronts = tuple(front(w, MAIN, s, edge, loose=0.8, prints=prints, bands=bands, seam=224) for s in (-1, 1))
    strip = w.apart(MAIN, Dye("dress", -0.12), ACCENT, SECOND)
    strips = tuple(Panel(on_side(
        cut((452, 742, 1), (424, 790), (410, 880), (418, 980), (424, 1064, 1), (450, 1064, 1), (444, 980),
            (438, 880), (446, 800), (462, 752, 1)), s), strip, cast=0.8)
            for s in (-1, 1))
    y = w.between(972, 1006)
    cord = (Panel((), METAL,
        trims=(Trim(cut((444, y), (478, y + 20), (512, y + 8), (546, y + 20), (580, y)), ACCENT, 7, True),)),
        *bow(w, ACCENT, 512, y + 10, 0.42, tails=1.2))
    return Garment(behind=(collars.back(MAIN, 8, 6),),
        over=(*_wide_sleeves(w, MAIN, prints, bands), torso(w, under, neckline(70, deep, 0.0), folds=0.5),
            *collars.crossed(w, under, w.pick(under, ACCENT, SECOND), deep, (WHITE,)), *fronts, *strips, *cord))


def mandarin(w: Wearer) -> Garment:
    """A close tunic with a standing collar that closes aslant with knots."""
    collar = collars.standing(w, MAIN, w.pick(METAL, ACCENT, WHITE), w.between(14, 24), 0.15)
    edge_dye = w.pick(METAL, ACCENT, WHITE)
    short = w.luck(0.5)
    flowers = w.luck(0.6)
    prints = ((trimmings.scatter(w, w.pick("flower", "leaf", "spark"), Dye("dress", w.pick(0.07, -0.06)), 16, 74),)
        if flowers else ())
    if flowers and w.luck(0.5):
        prints = (*prints, Patch(
            (trimmings.motif("flower", 430, 975, 40), trimmings.motif("flower", 392, 1028, 26),
                trimmings.motif("leaf", 470, 1020, 26, 0.9), trimmings.motif("leaf", 366, 970, 22, -0.8)),
                w.pick(METAL, ACCENT)))
    slant: Points = cut((514, 812), (556, 836), (620, 850), (668, 900), (686, 950))
    knots = [(548, 834), (632, 860), (676, 920)]
    frogs = tuple(t for x, y in knots
        for t in (Trim(((x - 17, y + 9), (x, y), (x + 17, y - 9)), edge_dye, 5.5, True),))
    body = torso(w, MAIN, neckline(70, 808, 0.8), loose=0.1, prints=prints,
        trims=(Trim(slant, edge_dye, 5.0, True), *frogs), studs=(Studs(tuple(knots), 7.0, METAL),))
    if short:
        arms = sleeves(w, MAIN, full=0.05, end=w.between(905, 950), cap=0.3, prints=prints)
    else:
        arms = sleeves(w, w.pick(MAIN, SECOND), full=w.between(0.1, 0.9), prints=prints)
    tassel = ((Panel(cut((668, 936, 1), (684, 936, 1), (690, 1010, 1), (662, 1010, 1)), ACCENT, cast=0.6,
        trims=tuple(Trim(((670 + 4 * i, 944), (667 + 6 * i, 1006)), Dye("ribbon", -0.1), 1.8) for i in range(4)),
        studs=(Studs(((676, 934),), 9, METAL),)),) if w.luck(0.45) else ())
    return Garment(behind=collar.behind, over=(*arms, body, *collar.over, *tassel))


def robe(w: Wearer) -> Garment:
    """Layered robes with broad borders, wide sleeves and a gauze over the shoulders."""
    border = w.pick(SECOND, ACCENT, WHITE, Dye("dress", -0.1))
    deep = w.between(930, 975)
    inner = w.pick((WHITE,), (WHITE, ACCENT), (SECOND, WHITE))
    prints, bands = _pattern(w, MAIN)
    arms = []
    for s in (-1, 1):
        ornament = tuple(Trim(on_side(((150, y), (240, y + 14), (330, y + 4)), s), dye, width) for y, dye,
            width in ((1012, border, 26), (1012, METAL, 4)))
        arms.append(sleeve(w, w.pick(MAIN, MAIN), s, full=1.4, prints=prints, bands=(*bands, *ornament)))
    body = torso(w, MAIN, neckline(74, deep, 0.0), loose=0.5, prints=prints, bands=bands, armhole=226)
    necklace = (trimmings.chain(cut((446, 770), (458, 850), (512, 900), (566, 850), (578, 770)), METAL, 21, 3.4)
        if w.luck(0.5) else None)
    shown = ((Panel((), METAL, trims=(necklace[0],), studs=(necklace[1],)),
        *trimmings.gem(512, 912, 13, ACCENT, METAL, drops=3)) if necklace else ())
    waist = Panel(cut((300, 1020, 1), (512, 1032), (724, 1020, 1), (730, 1070, 1), (294, 1070, 1)), ACCENT,
        trims=(Trim(((300, 1024), (512, 1036), (724, 1024)), METAL, 5, True),), cast=0.8)
    return Garment(behind=(collars.back(border, 4),),
        over=(*arms, body, *collars.crossed(w, MAIN, border, deep, inner), waist, *shown))


ALL = (kimono, haori, mandarin, robe)
