"""Gothic: a dress of lace and laces, a vampire's coat, a corset, a dark maid."""

from liveavatar.rigs.drawn.garment import Dye, Fold, Garment, Panel, Studs, Trim
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import alone, cut, front, neckline, on_side, torso
from liveavatar.rigs.population.wear.neckwear import CHOKER, bow, jabot, rose
from liveavatar.rigs.population.wear.sleeves import hem_line, sleeves
from liveavatar.rigs.population.wear.wearer import ACCENT, INK, MAIN, METAL, WHITE, Wearer

# fmt: off


def _dark(w: Wearer) -> Dye:
    return w.pick(INK, w.dyed("dress", w.between(0.24, 0.34), 0.7), w.dyed("dress", 0.30, 1.0), MAIN)


def lolita(w: Wearer) -> Garment:
    """A dress with puffed sleeves, a frilled yoke and a bow."""
    cloth = _dark(w) if w.luck(0.7) else MAIN
    lace = w.apart(cloth, WHITE, Dye("cream"), ACCENT, INK)
    end = w.between(950, 985)
    arms = sleeves(w, w.pick(cloth, lace), full=0.5, end=end, cap=1.0)
    cuffs = []
    for s in (-1, 1):
        line = hem_line(0.42, end, s, 4)
        cuffs.append(collars.ruffle(w, lace, line if s < 0 else line[::-1], 30, 4))
    body = torso(w, cloth, neckline(72, 850, 1.0), loose=0.0, folds=0.4)
    yoke_line = cut((392, 800), (404, 870), (452, 916), (512, 928), (572, 916), (620, 870), (632, 800))
    inset = Panel(cut((440, 786, 1), (430, 850), (462, 900), (512, 912), (562, 900), (594, 850), (584, 786, 1),
        (548, 836), (512, 846), (476, 836)), lace,
        bands=tuple(Trim(((x, 780), (512 + (x - 512) * 0.9, 915)), Dye(lace.base, lace.light - 0.07, lace.chroma),
            1.8) for x in range(440, 590, 13)))
    yoke = collars.ruffle(w, lace, yoke_line, w.between(30, 42), 10, edge=w.pick(None, cloth), taper=0.1)
    laces, eyes = trimmings.lacing(512, 952, 1064, 24, 5, w.pick(ACCENT, lace), METAL)
    plate = Panel(cut((480, 930, 1), (544, 930, 1), (548, 1064, 1), (476, 1064, 1)), lace, line=2.0, cast=0.4)
    collar = (collars.round_leaf(w, lace, w.pick(None, cloth)) if w.luck(0.5)
        else collars.standing(w, cloth, lace, 16, 0.05))
    throat = (bow(w, w.apart(lace, ACCENT, cloth), 512, w.between(838, 852), w.between(0.95, 1.3),
        tails=w.between(0.6, 1.1), edge=w.pick(None, lace)) if w.luck(0.7) else (*rose(w, 512, 842),))
    return Garment(behind=collar.behind,
        over=(*arms, *cuffs, body, inset, plate, alone(*laces, studs=(eyes,)), yoke, *collar.over), top=throat)


def vampire(w: Wearer) -> Garment:
    """A coat with a collar that stands high, a jabot under it."""
    cloth = _dark(w)
    lining = w.pick(ACCENT, ACCENT, Dye("ribbon", -0.12))
    edge = w.pick(METAL, METAL, WHITE)
    high = w.between(0, 30)
    wings = tuple(Panel(on_side(
        cut((430, 816, 1), (384, 792), (350, 752), (334, 696 - high, 1), (392, 700 - 0.4 * high), (444, 724, 1),
            (456, 780)), s), lining, toward=Dye(lining.base, lining.light - 0.1, lining.chroma),
            axis=((350, 700), (450, 800)) if s < 0 else ((680, 700), (560, 800)),
            trims=(Trim(on_side(cut((441, 723), (392, 701 - 0.4 * high), (335, 697 - high, 1), (351, 752),
                (386, 792)), s), edge, 5, True),), line=2.6) for s in (-1, 1))
    waistcoat = torso(w, w.pick(lining, MAIN, Dye("dress", -0.05)), neckline(60, 812, 0.4), folds=0.3,
        prints=(trimmings.scatter(w, w.pick("flower", "diamond", "leaf"), Dye("gold", 0, 1, 0, 0.55), 12, 48),)
        if w.luck(0.6) else (), studs=(trimmings.buttons(512, 960, 38, METAL, 7),))
    line = ((444, 756), (440, 830), (452, 930), (462, 1064))
    fronts = tuple(front(w, cloth, s, line, loose=0.3,
        trims=(Trim(on_side(((452, 790), (450, 832), (462, 930), (472, 1064)), s), edge, 6, True),
            *(Trim(on_side(((458, y), (408, y + 4)), s), edge, 5, True) for y in (930, 976, 1022))),
            studs=(Studs(on_side(((404, 934), (404, 980), (404, 1026)), s), 7, edge),)) for s in (-1, 1))
    lapel = tuple(Panel(on_side(
        cut((438, 790, 1), (404, 812), (366, 848, 1), (402, 880), (450, 946, 1), (446, 880), (444, 830)), s), lining,
        cast=0.9, axis=((380, 820), (450, 930)),
        trims=(Trim(on_side(cut((404, 812), (366, 848, 1), (402, 880), (450, 946)), s), edge, 4, True),))
        for s in (-1, 1))
    cape = ((Panel(cut((420, 780), (300, 820), (220, 900), (170, 1064, 1), (854, 1064, 1), (804, 900), (724, 820),
        (604, 780)), cloth, toward=lining),) if w.luck(0.4) else ())
    shirt = collars.shirt(w, WHITE, 0.1)
    return Garment(behind=(*cape, *wings, *shirt.behind),
        over=(*sleeves(w, cloth, full=0.15, cap=0.25), waistcoat, *shirt.over, *fronts, *lapel),
        top=jabot(w, w.pick(WHITE, WHITE, Dye("cream"))))


def corset(w: Wearer) -> Garment:
    """A laced corset over a blouse that leaves the shoulders free, or over a close dark top."""
    cloth = _dark(w)
    lace = w.apart(cloth, WHITE, ACCENT, Dye("cream"))
    bare = w.luck(0.6)
    arms: tuple[Panel, ...]
    blouse: tuple[Panel, ...]
    if bare:
        arms = tuple(Panel(on_side(
            cut((352, 872, 1), (290, 868), (236, 892), (204, 968), (196, 1064, 1), (330, 1064, 1), (340, 980),
                (356, 910)), s), lace, axis=((220, 900), (330, 980)) if s < 0 else ((690, 900), (810, 980)),
                cast=0.6, folds=(*(Fold(on_side(cut((262 + 18 * i, 876), (254 + 18 * i, 908), (256 + 16 * i, 944)),
                    s), 8, 2.0, 0.2) for i in range(5)),
                    Fold(on_side(cut((334, 960), (286, 984), (226, 980)), s), 16, 2.4),
                    Fold(on_side(cut((200, 1030), (250, 1016), (310, 1030)), s), 14, 2.2))) for s in (-1, 1))
        seam = cut((286, 868), (370, 880), (440, 898), (512, 912), (584, 898), (654, 880), (738, 868))
        blouse = (Panel(cut((340, 872, 1), (440, 896), (512, 910), (584, 896), (684, 872, 1), (700, 1064, 1),
            (324, 1064, 1)), lace), collars.ruffle(w, lace, seam, 34, 12, edge=w.pick(None, cloth), taper=0.0))
    else:
        under = w.pick(lace, INK)
        arms = sleeves(w, under, full=0.3)
        blouse = (torso(w, under, neckline(w.between(70, 96), 880, 0.7), folds=0.5),)
    top = w.between(944, 964)
    shape = cut((330, top + 4, 1), (400, top - 12), (462, top - 8), (512, top + 22, 1), (562, top - 8),
        (624, top - 12), (694, top + 4, 1), (692, 1064, 1), (332, 1064, 1))
    bones = tuple(Trim(on_side(((x, top - 14), (x + 0.14 * (512 - x), 1064)), s),
        Dye(cloth.base, cloth.light + 0.09, cloth.chroma), 2.4) for x in (366, 406, 446) for s in (-1, 1))
    laces, eyes = trimmings.lacing(512, top + 34, 1064, 22, 4, w.pick(ACCENT, WHITE), METAL)
    panel = Panel(shape, cloth, bands=bones, trims=(Trim(shape[1:9], w.pick(METAL, ACCENT, lace), 5.5, True),),
        cast=0.9, axis=((380, 950), (640, 1064)))
    neck_thing = ((Trim(CHOKER, INK, w.between(12, 20), False),
        Trim(tuple((x, y - 7) for x, y in CHOKER), lace, 2.4), Trim(tuple((x, y + 8) for x, y in CHOKER), lace, 2.4))
        if w.luck(0.7) else ())
    jewel = trimmings.gem(512, top + 10, 13, ACCENT, METAL) if w.luck(0.5) else rose(w, 512, top + 6)
    cross: tuple[Panel, ...] = ()
    if w.luck(0.5):
        thread, beads = trimmings.chain(cut((448, 776), (470, 830), (512, 856), (554, 830), (576, 776)), METAL, 19,
            2.8)
        cross = (alone(thread, studs=(beads,)),
            Panel(trimmings.motif("cross", 512, 882, 20), METAL, cast=0.6, line=2.0))
    return Garment(over=(*arms, *blouse, panel, alone(*laces, studs=(eyes,)), *jewel, *cross), choker=neck_thing)


def maid(w: Wearer) -> Garment:
    """A dark dress under a white apron with frilled straps."""
    cloth = w.pick(INK, w.dyed("dress", 0.32, 0.8), MAIN)
    lace = WHITE
    short = w.luck(0.6)
    end = w.between(950, 990) if short else 1064.0
    arms = sleeves(w, cloth, full=0.45, end=end, cap=0.9)
    cuffs = (tuple(collars.ruffle(w, lace, hem_line(0.42, end, s, 3) if s < 0 else hem_line(0.42, end, s, 3)[::-1],
        24, 4) for s in (-1, 1)) if short else ())
    collar = (collars.round_leaf(w, lace, w.pick(None, cloth)) if w.luck(0.7)
        else collars.standing(w, cloth, lace, 15, 0.05))
    bib = Panel(cut((408, 930, 1), (512, 940), (616, 930, 1), (630, 1000), (650, 1064, 1), (374, 1064, 1),
        (394, 1000)), lace, cast=0.8,
        folds=(Fold(cut((440, 1000), (446, 1030), (444, 1064)), 10, 1.8),
            Fold(cut((580, 996), (574, 1030), (580, 1064)), 12, 1.8)),
            bands=tuple(Trim(((x, 935), (512 + (x - 512) * 1.1, 1064)), Dye("white", -0.06), 1.8)
                for x in range(430, 600, 24)) if w.luck(0.5) else ())
    frills = []
    for s in (-1, 1):
        line = cut((420, 786), (396, 850), (400, 920), (404, 960))
        frills.append(collars.ruffle(w, lace, on_side(line, s) if s < 0 else on_side(line, s)[::-1],
            w.between(44, 62), 5, taper=0.6))
    straps = tuple(Panel(on_side(
        cut((404, 790, 1), (432, 782, 1), (420, 860), (424, 940, 1), (396, 940, 1), (392, 860)), s), lace, line=2.0)
        for s in (-1, 1))
    edge = collars.ruffle(w, lace, cut((404, 932), (512, 942), (620, 932)), 26, 7, taper=0.0)
    body = torso(w, cloth, neckline(68, 806, 0.8), loose=0.1, folds=0.5)
    return Garment(behind=collar.behind, over=(*arms, *cuffs, body, *frills, *straps, bib, edge, *collar.over),
        top=bow(w, w.apart(lace, ACCENT, cloth), 512, 846, w.between(0.9, 1.2), tails=w.between(0.5, 1.0),
            knot=w.pick(None, METAL)))


ALL = (lolita, vampire, corset, maid)


def mourning(w: Wearer) -> Garment:
    """A close dark coat, high at the throat, with crossed bands, chains and a flower."""
    cloth = _dark(w)
    edge = w.apart(cloth, METAL, ACCENT, WHITE)
    collar = collars.standing(w, cloth, edge, w.between(26, 36), 0.02)
    body = torso(w, cloth, neckline(68, 806, 0.8), loose=0.0, folds=0.8,
        studs=(trimmings.buttons(512, 836, 26, METAL, 5.0),))
    s = w.pick(-1, 1)
    band = trimmings.strap(Dye(cloth.base, cloth.light + 0.07, cloth.chroma), s, 150, -70, 30, edge)
    clasps = trimmings.buckle(512 + s * 44, 930, 19, METAL, cloth, -0.6 * s)
    lace = collars.ruffle(w, w.pick(WHITE, ACCENT, Dye(cloth.base, cloth.light + 0.12, cloth.chroma)),
        cut((396, 812), (430, 862), (512, 896), (594, 862), (628, 812)), w.between(26, 40), 9, taper=0.5)
    chains: list[Panel] = []
    for i in range(w.pick(1, 2, 3)):
        thread, beads = trimmings.chain(cut((512 - s * 130, 836 + 16 * i), (512 - s * 90, 900 + 26 * i),
            (512 - s * 20, 930 + 26 * i), (512 + s * 40, 900 + 20 * i)), METAL, 19 + 3 * i, 3.0)
        chains.append(alone(thread, studs=(beads,)))
    flower = rose(w, 512 - s * 128, 848)
    pads = (*trimmings.epaulette(w, cloth, edge, -1, False), *trimmings.epaulette(w, cloth, edge, 1, False))
    return Garment(behind=collar.behind, over=(*sleeves(w, cloth, full=0.1, cap=w.between(0.1, 0.6)), body,
        *((lace,) if w.luck(0.5) else (band, *clasps)), *(pads if w.luck(0.4) else ()), *collar.over, *chains,
        *flower))


def ringmaster(w: Wearer) -> Garment:
    """A tailcoat with wide lapels in stripes, a waistcoat, a large bow tie."""
    cloth, facing = w.pick((MAIN, INK), (ACCENT, INK), (INK, ACCENT), (INK, MAIN))
    shirt = w.pick(WHITE, WHITE, Dye("cream"))
    collar = collars.shirt(w, shirt, 0.0)
    waist = w.apart(cloth, METAL, MAIN, ACCENT, WHITE)
    bars = tuple(
        Trim(((x, 800), (512 + (x - 512) * 1.05, 1066)), Dye(waist.base, waist.light - 0.14, waist.chroma), 9)
        for x in range(392, 640, 24))
    vest = torso(w, waist, neckline(58, 900, 0.0), folds=0.2, armhole=188, bands=bars if w.luck(0.7) else (),
        studs=(trimmings.buttons(512, 930, 40, INK, 7.5),))
    line = ((444, 752), (440, 820), (424, 920), (396, 1000), (380, 1064))
    fronts = tuple(front(w, cloth, s, line, loose=0.2,
        studs=(Studs(on_side(((396, 900), (388, 950), (372, 1000)), s), 9, METAL),)) for s in (-1, 1))
    lapel = tuple(
        Panel(on_side(cut((448, 738, 1), (414, 768), (374, 826), (350, 872, 1), (384, 900), (424, 930, 1), (440, 860),
        (446, 800)), s), facing, cast=1.0, axis=((370, 800), (440, 920)),
        trims=(Trim(on_side(cut((414, 770), (375, 828), (352, 872, 1), (384, 899), (422, 929)), s), METAL, 4.5,
            True),),
        glow=(on_side(cut((392, 826), (374, 862), (388, 880), (398, 850)), s),)) for s in (-1, 1))
    knot = bow(w, w.pick(INK, ACCENT, MAIN), 512, 834, w.between(0.9, 1.25), tails=0.0, flat=0.2,
        edge=w.pick(None, METAL))
    pin = trimmings.badge(w.pick("diamond", "heart", "spark", "star"), 398, 866, 15, METAL,
        METAL) if w.luck(0.6) else None
    boards = tuple(panel for s in (-1, 1)
        for panel in trimmings.epaulette(w, facing, METAL, s, True)) if w.luck(0.4) else ()
    return Garment(behind=collar.behind, under=(torso(w, shirt, neckline(64, 800, 1.0), folds=0.0),),
        over=(*sleeves(w, cloth, full=0.15, cap=0.2), vest, *collar.over, *fronts, *lapel, *boards,
            *((pin,) if pin else ())), top=knot)
