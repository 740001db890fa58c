"""Formal: a suit, shirt and waistcoat, an evening dress, a blouse with a bow, a white coat."""

from dataclasses import replace

from liveavatar.rigs.drawn.garment import Dye, Fold, Garment, Panel, Patch, Studs, Trim
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import cut, front, neckline, on_side, torso
from liveavatar.rigs.population.wear.neckwear import CHOKER, bow, jabot, neckwear, rose
from liveavatar.rigs.population.wear.school import shirt_front
from liveavatar.rigs.population.wear.sleeves import sleeves
from liveavatar.rigs.population.wear.wearer import ACCENT, INK, MAIN, METAL, SECOND, WHITE, Wearer

# fmt: off


def suit(w: Wearer) -> Garment:
    """A dark suit with a folded handkerchief; sometimes lapels of satin, sometimes a waistcoat."""
    cloth = w.dyed("dress", w.between(0.25, 0.42), w.between(0.4, 0.8)) if w.luck(0.65) else MAIN
    satin = w.pick(None, Dye(cloth.base, cloth.light - 0.06, cloth.chroma), INK, WHITE if w.luck(0.4) else None)
    shirt = w.pick(WHITE, WHITE, w.dyed("dress", 0.45, 0.3), INK)
    collar = collars.shirt(w, shirt, 0.0)
    brk = w.between(990, 1030)
    opening = ((444, 748), (446, 800), (470, 890), (514, brk), (520, 1064))
    other = ((444, 748), (446, 800), (470, 890), (508, brk), (504, 1064))
    waistcoat = ((torso(w, Dye(cloth.base, cloth.light + 0.04, cloth.chroma), neckline(54, 950, 0.0), armhole=190,
        folds=0.2, studs=(trimmings.buttons(512, 972, 36, METAL, 6.5),)),) if w.luck(0.5) else ())
    blade, knot = neckwear(w, w.pick(ACCENT, INK if shirt != INK else ACCENT), w.pick(None, SECOND, METAL))
    x, y = 640, 938
    kerchief = Panel(cut((x - 34, y + 6, 1), (x - 26, y - 22, 1), (x - 8, y - 4, 1), (x + 4, y - 28, 1),
        (x + 16, y - 6, 1), (x + 32, y - 20, 1), (x + 34, y + 2, 1)), w.apart(cloth, WHITE, ACCENT), line=2.0,
        folds=(Fold(((x - 8, y - 4), (x - 10, y + 4)), 0, 1.6), Fold(((x + 16, y - 6), (x + 14, y + 2)), 0, 1.6)))
    pinned = w.pick((), (trimmings.badge(w.pick("flower", "spark", "star", "leaf"), 398, 872, 12, METAL, METAL),),
        rose(w, 400, 880))
    return Garment(behind=collar.behind, under=(shirt_front(w, shirt),),
        over=(*sleeves(w, cloth, full=0.06, folds=0.8), *blade, *waistcoat, *collar.over, *knot,
            front(w, cloth, -1, other, loose=0.1), front(w, cloth, 1, opening, loose=0.1),
            *collars.lapels(w, cloth, w.pick("notch", "peak", "shawl"), brk, satin), kerchief,
            trimmings.welt(cloth, x, y + 4, 82, -6), *pinned))


def waistcoat(w: Wearer) -> Garment:
    """Shirt sleeves, a waistcoat and a tie or bow."""
    shirt = w.pick(WHITE, Dye("cream"), w.dyed("ribbon", 0.86, 0.4))
    collar = collars.shirt(w, shirt, 0.0)
    deep = w.between(900, 950)
    vest = torso(w, MAIN, neckline(60, deep, 0.0), armhole=184, loose=0.1, folds=0.5,
        bands=trimmings.plaid(Dye("dress", -0.08), METAL, 58) if w.luck(0.3) else (),
        trims=(Trim(((512, deep), (514, 1064)), Dye("dress", -0.1), 2.6),
            Trim(neckline(60, deep, 0.0), w.pick(METAL, Dye("dress", -0.07)), 4.0)),
            studs=(trimmings.buttons(504, deep + 24, 38, METAL, 8),))
    blade, knot = neckwear(w, ACCENT, w.pick(None, METAL, SECOND))
    watch = (trimmings.chain(cut((508, deep + 62), (560, deep + 92), (610, deep + 70)), METAL, 13, 3.0)
        if w.luck(0.5) else None)
    hung = ((Panel((), METAL, trims=(watch[0],), studs=(watch[1],)),)
        if watch else ())
    braces = (tuple(trimmings.strap(w.pick(INK, ACCENT), s, 110, 92, 18) for s in (-1, 1)) if w.luck(0.25) else ())
    return Garment(behind=collar.behind,
        under=(torso(w, shirt, neckline(64, 800, 1.0), folds=0.3), shirt_front(w, shirt)),
        over=(*sleeves(w, shirt, full=w.between(0.2, 0.5), start=196.0), *blade, vest, *braces, *collar.over, *knot,
            *hung))


def evening(w: Wearer) -> Garment:
    """A dress that leaves the shoulders free, with a necklace or a frill."""
    heart = w.between(0, 20)
    top = w.between(880, 905)
    line = cut((356, top + 6, 1), (400, top - 8 - heart), (456, top - 2 - heart), (512, top + 26, 1),
        (568, top - 2 - heart), (624, top - 8 - heart), (668, top + 6, 1))
    bands = (() if w.luck(0.6)
        else tuple(Trim(((x, 860), (512 + (x - 512) * 0.8, 1064)), Dye("dress", -0.06), 2.4)
            for x in range(340, 700, 28)))
    body = Panel(cut((352, top + 6, 1), (334, 960), (336, 1010), (344, 1064, 1), (680, 1064, 1), (688, 1010),
        (690, 960), (672, top + 6, 1)) + line[::-1], MAIN, axis=((420, 880), (600, 1064)), bands=bands,
        shades=(cut((640, top), (664, 940), (640, 1010), (620, 1064, 1), (692, 1064, 1), (692, 950)),
            cut((500, 950), (508, 1000), (500, 1064, 1), (526, 1064, 1), (520, 990))),
            folds=(Fold(cut((352, 950), (404, 976), (456, 970)), 14, 2.4),
                Fold(cut((672, 944), (630, 970), (580, 972)), 16, 2.4),
                Fold(cut((512, 940), (504, 990), (510, 1050)), 10, 2.0)),
                trims=(Trim(line, w.pick(METAL, ACCENT, Dye("dress", 0.06)), 5.0, True),))
    extras: list[Panel] = []
    kind = w.pick("frill", "straps", "sleeves", "halter")
    if kind == "frill":
        seam = cut((262, 884), (360, 872), (440, 882), (512, 896), (584, 882), (664, 872), (762, 884))
        extras.append(collars.ruffle(w, w.pick(MAIN, WHITE, SECOND), seam, w.between(54, 78), 8,
            edge=w.pick(None, METAL), taper=0.1))
    elif kind == "straps":
        extras.append(
            Panel((), METAL, trims=tuple(Trim(on_side(cut((404, top - 6), (414, 830), (426, 784)), s), MAIN, 9, True)
                for s in (-1, 1))))
    elif kind == "halter":
        extras += [Panel(on_side(
            cut((392, top - 4, 1), (430, 830), (452, 778), (462, 742, 1), (472, 750, 1), (474, 790), (468, 840),
                (476, top + 8, 1)), s), MAIN, cast=0.5,
                folds=(Fold(on_side(cut((466, 770), (452, 820), (446, 880)), s), 9, 1.8),)) for s in (-1, 1)]
    puff = w.pick(MAIN, MAIN, SECOND)
    arms = (tuple(Panel(on_side(
        cut((318, 868, 1), (272, 872), (232, 896), (208, 970), (204, 1064, 1), (318, 1064, 1), (326, 980),
            (340, 900)), s), puff, axis=((220, 900), (330, 980)) if s < 0
            else ((700, 900), (820, 980)), cast=0.5,
            folds=(*(Fold(on_side(cut((256 + 16 * i, 878), (250 + 16 * i, 908), (252 + 14 * i, 940)), s), 8, 2.0,
                0.2) for i in range(4)), Fold(on_side(cut((322, 950), (280, 976), (230, 972)), s), 15, 2.4)))
                for s in (-1, 1)) if kind == "sleeves" else ())
    string = cut((452, 776), (474, 812), (512, 832), (550, 812), (572, 776))
    if w.luck(0.6):
        thread, beads = trimmings.chain(string, METAL, 17, w.pick(2.6, 4.6, 6.0))
        extras.append(Panel((), METAL, trims=(thread,),
            studs=(Studs(beads.centres, beads.radius, w.pick(METAL, WHITE)),)))
        if w.luck(0.6):
            extras += trimmings.gem(512, 846, 10, ACCENT, METAL)
    else:
        extras += trimmings.gem(512, top + 24, 15, ACCENT, METAL)
    return Garment(over=(*arms, body, *extras),
        choker=(Trim(CHOKER, w.pick(MAIN, METAL, INK), w.between(5, 14), True),) if w.luck(0.35) else ())


def blouse(w: Wearer) -> Garment:
    """A blouse with full sleeves and a large bow or a jabot at its throat."""
    cloth = w.pick(WHITE, Dye("cream"), SECOND, w.dyed("dress", 0.88, 0.35))
    collar = w.pick(collars.round_leaf(w, cloth, w.pick(None, ACCENT, METAL)),
        collars.standing(w, cloth, w.pick(None, METAL), 18, 0.1))
    body = torso(w, cloth, neckline(64, 802, 0.8), loose=0.5,
        trims=(Trim(((512, 810), (512, 1064)), Dye(cloth.base, cloth.light - 0.1, cloth.chroma), 2.2),),
        studs=(trimmings.buttons(512, 930, 46, w.pick(METAL, WHITE), 6.5),))
    pleats = tuple(Trim(on_side(((480 - 17 * i, 850), (482 - 17 * i, 1064)), s),
        Dye(cloth.base, cloth.light - 0.075, cloth.chroma * 1.2), 2.0) for i in range(3) for s in (-1, 1))
    body = replace(body, bands=pleats) if w.luck(0.5) else body
    vest: tuple[Panel, ...] = ()
    if w.luck(0.5):
        vest = (Panel(cut((376, 950, 1), (430, 968), (512, 976), (594, 968), (648, 950, 1), (700, 940, 1),
            (716, 1000), (720, 1064, 1), (304, 1064, 1), (308, 1000), (324, 940, 1)), MAIN, cast=0.9,
            trims=(Trim(((324, 944), (376, 956), (430, 974), (512, 982), (594, 974), (648, 956), (700, 944)), METAL,
                4.0, True),), folds=(Fold(cut((380, 970), (388, 1010), (384, 1064)), 12, 2.0),
                Fold(cut((640, 970), (634, 1010), (640, 1064)), 14, 2.0))),
                *(trimmings.strap(MAIN, s, 140, 122, 34, None, 980) for s in (-1, 1)))
    throat = (bow(w, w.apart(cloth, ACCENT, MAIN), 512, 836, w.between(0.9, 1.35), tails=w.between(0.7, 1.3),
        edge=w.pick(None, METAL)) if w.luck(0.6) else jabot(w, cloth))
    return Garment(behind=collar.behind,
        over=(*sleeves(w, cloth, full=w.between(0.5, 0.9), cap=0.5), body, *vest, *collar.over), top=throat)


def lab_coat(w: Wearer) -> Garment:
    """A white coat over a shirt or sweater, pens in the pocket, a card on a band."""
    coat = w.pick(WHITE, WHITE, Dye("cream"))
    inner: tuple[Panel, ...]
    behind: tuple[Panel, ...]
    dye = w.apart(coat, MAIN, SECOND, INK)
    if w.luck(0.5):
        roll = collars.roll(w, dye, w.between(0.6, 1.0))
        behind, inner = roll.behind, (torso(w, dye, neckline(66, 800, 1.0), folds=0.3), *roll.over)
    else:
        shirt = collars.shirt(w, w.dyed("dress", 0.8, 0.4) if w.luck(0.5) else dye, w.between(0, 0.5))
        blade, knot = neckwear(w, ACCENT, w.pick(None, METAL))
        behind, inner = (shirt.behind,
            (torso(w, shirt.over[0].dye, neckline(66, 806, 0.5), folds=0.3), *blade, *shirt.over, *knot))
    spread = w.between(10, 40)
    edge = ((442, 752), (440, 800), (456 - 0.3 * spread, 900), (488 - spread, 1000), (492 - spread, 1064))
    fronts = tuple(front(w, coat, s, edge, loose=0.6) for s in (-1, 1))
    pens = tuple(Panel(cut((612 + 17 * i, 936 - 5 * i, 1), (622 + 17 * i, 935 - 5 * i, 1), (623 + 17 * i, 990, 1),
        (613 + 17 * i, 990, 1)), dye_, line=2.0) for i, dye_ in enumerate((ACCENT, INK)[: w.pick(1, 2)]))
    band = (tuple(Trim(on_side(cut((452, 768), (452, 850), (484, 950), (509, 1000)), s), ACCENT, 8, True)
        for s in (-1, 1)) if w.luck(0.5) else ())
    card = ((Panel(cut((486, 996, 1), (538, 996, 1), (538, 1064, 1), (486, 1064, 1)), WHITE, trims=band,
        prints=(Patch((cut((494, 1012, 1), (514, 1012, 1), (514, 1036, 1), (494, 1036, 1)),), SECOND),), cast=0.7),)
        if band else ())
    lapel = collars.lapels(w, coat, w.pick("notch", "notch", "shawl"), 985, None)
    lean = spread * 0.55 / 200
    lapel = tuple(replace(panel, shades=(), outline=tuple((x + (-lean if x < 512 else lean) * (y - 790), y)
        for x, y in panel.outline)) for panel in lapel)
    return Garment(behind=behind,
        over=(*sleeves(w, coat, full=0.35), *inner, *card, *fronts, *lapel, *pens,
            trimmings.pocket(coat, 636, 956, 88, 96)))


ALL = (suit, waistcoat, evening, blouse, lab_coat)
