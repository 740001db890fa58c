"""Street: hoodie, varsity jacket, track top, printed tee, a jacket that slips off one shoulder, dungarees."""

from dataclasses import replace

from liveavatar.rigs.drawn.garment import Dye, Fold, Garment, Panel, Patch, Studs, Trim
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import along, cut, front, neckline, on_side, torso
from liveavatar.rigs.population.wear.neckwear import CHOKER
from liveavatar.rigs.population.wear.sleeves import hem_line, sleeve, sleeves
from liveavatar.rigs.population.wear.wearer import ACCENT, INK, MAIN, METAL, SECOND, WHITE, Wearer

# fmt: off


def tee(w: Wearer) -> Garment:
    """A printed tee, often with sleeves of another colour set in at the neck."""
    cloth = w.pick(MAIN, SECOND, WHITE, MAIN, INK)
    other = w.apart(cloth, MAIN, SECOND, WHITE, ACCENT)
    raglan = w.luck(0.45)
    deep, wide = w.between(826, 862), w.between(66, 92)
    line = neckline(wide, deep, w.between(0.75, 1.0))
    end = w.between(975, 1040) if w.luck(0.6) else 1064.0
    body_dye = cloth
    prints: tuple[Patch, ...] = ()
    bands: tuple[Trim, ...] = ()
    what = w.pick("emblem", "emblem", "stripes", "block", "scatter")
    if what == "emblem":
        prints = trimmings.emblem(w, w.apart(cloth, ACCENT, other, INK, WHITE), w.between(500, 524), 958,
            w.between(38, 54))
    elif what == "stripes":
        far = w.between(30, 46)
        bands = trimmings.stripes(other, far * w.between(0.35, 0.5), far, start=820)
    elif what == "block":
        prints = (Patch((cut((200, 930, 1), (512, 944), (824, 930, 1), (824, 1070, 1), (200, 1070, 1)),), other),)
    else:
        prints = (
            trimmings.scatter(w, w.pick("star", "heart", "flower", "leaf", "spark"),
                w.apart(cloth, other, ACCENT, METAL), 13,
            66),)
    arm_dye = other if raglan else cloth
    arms = tuple(replace(a, trims=(*a.trims,
        Trim(hem_line(0.25, end, s, 12), other if arm_dye == cloth else cloth, 4.0))) if end < 1060 else a for a,
        s in zip(sleeves(w, arm_dye, full=w.between(0.15, 0.5), end=end, bands=bands
            if not raglan and what == "stripes" else ()), (-1, 1), strict=True))
    body = torso(w, body_dye, line, loose=w.between(0.4, 0.9), prints=prints, bands=bands)
    yokes = (tuple(Panel(on_side(
        cut((512 - wide, line[0][1] - 2, 1), (400, 784), (352, 800), (300, 822, 1), (302, 870), (320, 966, 1),
            (352, 900), (404, 840), (512 - wide * 0.8, line[0][1] + 26, 1)), s), arm_dye,
            axis=((330, 800), (400, 900)) if s < 0 else ((620, 800), (700, 900)),
            folds=(Fold(on_side(cut((322, 940), (350, 910), (376, 850)), s), 15, 2.4),
                Fold(on_side(cut((346, 820), (356, 850), (350, 880)), s), 10, 2.0)),
                glow=(cut((404, 801, 1), (358, 814), (318, 844, 1), (352, 828)),) if s < 0 else ())
                for s in (-1, 1)) if raglan else ())
    return Garment(over=(*arms, body, *yokes,
        collars.band(w, other if raglan or w.luck(0.4) else cloth, line, w.between(10, 15))),
        choker=(Trim(CHOKER, w.pick(INK, ACCENT), w.between(5, 14), True),) if w.luck(0.3) else ())


def hoodie(w: Wearer) -> Garment:
    """A hooded top with cords, with or without a zip, plain or in blocks of colour."""
    lining = w.pick(SECOND, ACCENT, Dye("dress", -0.06))
    hood = collars.hood(w, MAIN, lining)
    full = w.between(0.5, 0.9)
    block = w.luck(0.4)
    arm_dye = w.pick(SECOND, MAIN, WHITE) if block else MAIN
    stripe = w.pick(None, ACCENT, WHITE)
    arms = []
    for s in (-1, 1):
        bands = (tuple(Trim(on_side(((150, y), (250, y + 10), (330, y - 4)), s), stripe, 9)
            for y in (966, 986)[: w.pick(1, 2)]) if stripe else ())
        arms.append(sleeve(w, arm_dye, s, full=full, bands=bands))
    zipped = w.luck(0.45)
    panels: list[Panel] = []
    if zipped:
        inner = w.pick(WHITE, INK, SECOND)
        panels.append(torso(w, inner, neckline(66, 850, 0.9), folds=0.3,
            prints=trimmings.emblem(w, ACCENT, 512, 990, 32) if w.luck(0.5) else ()))
        edge = (((446, 770), (462, 850), (486, 930), (490, 1064)) if w.luck(0.5)
            else ((446, 770), (470, 856), (510, 915), (512, 1064)))
        right = tuple((x, y) for x, y in edge)
        for s in (-1, 1):
            panels.append(front(w, MAIN, s, right, loose=0.9,
                trims=(Trim(on_side(right[1:], s), Dye("gold", 0.02), 5.0, True),)))
    else:
        prints = (trimmings.emblem(w, w.apart(MAIN, ACCENT, SECOND, WHITE), 512, 976, w.between(36, 50))
            if w.luck(0.6)
            else ())
        if block:
            prints = (*prints, Patch(
                (cut((200, 1000, 1), (512, 1012), (824, 1000, 1), (824, 1070, 1), (200, 1070, 1)),), arm_dye))
        panels.append(torso(w, MAIN, neckline(60, 850, 0.6), loose=1.0, prints=prints, folds=1.2))
    cords = []
    cord = w.apart(MAIN, WHITE, ACCENT, INK)
    for s in (-1, 1):
        x, long = 512 + s * w.between(26, 36), w.between(60, 116)
        line = ((x, 888), (x + s * 6, 888 + 0.5 * long), (x + s * w.between(-4, 8), 888 + long))
        tip = line[-1]
        cords.append(Panel(cut((tip[0] - 5, tip[1] - 2, 1), (tip[0] + 5, tip[1] - 2, 1),
            (tip[0] + 4, tip[1] + 18, 1), (tip[0] - 4, tip[1] + 18, 1)), METAL, line=2.0,
            trims=(Trim(line, cord, 5.0, True),)))
    extra = (
        (trimmings.badge(w.pick("star", "bolt", "heart", "moon"), 634, 946, 24, ACCENT,
            w.apart(ACCENT, WHITE, METAL, INK),
        w.pick("ring", "shield", "gear")),) if w.luck(0.4) else ())
    return Garment(behind=hood.behind, over=(*arms, *panels, *extra, *hood.over, *cords))


def varsity(w: Wearer) -> Garment:
    """A bomber jacket with ribbed collar and sleeves of another colour over a tee."""
    arm_dye = w.apart(MAIN, WHITE, SECOND, Dye("cream"), INK)
    rib = w.apart(MAIN, ACCENT, SECOND, INK, WHITE)
    inner = w.apart(MAIN, WHITE, INK, ACCENT)
    spread = w.between(0, 34)
    line = ((446, 752), (440, 800), (462 - spread, 880), (478 - spread, 960), (482 - spread, 1064))
    arms = []
    for s in (-1, 1):
        patch = ((Patch((trimmings.motif(w.pick("star", "bolt", "heart"), 250 if s < 0 else 774, 940, 22, 0.1),),
            ACCENT),) if s > 0 or w.luck(0.3) else ())
        arms.append(sleeve(w, arm_dye, s, full=w.between(0.45, 0.75), prints=patch))
    fronts = [front(w, MAIN, s, line, loose=0.8, folds=1.0,
        studs=(Studs(on_side(tuple((x - 13, y) for x, y in along(line, (0.42, 0.62, 0.82, 0.99))), s), 8, METAL),)
        if s < 0 else ()) for s in (-1, 1)]
    # a placket's stitching
    fronts = [replace(f, trims=(*f.trims,
        Trim(on_side(tuple((x - 26, y) for x, y in line[2:]), s), Dye("dress", -0.1), 2.0, dashes=8.0))) for f,
        s in zip(fronts, (-1, 1), strict=True)]
    ribbing = []
    for s in (-1, 1):
        edge = cut((456, 742), (442, 782), (452, 830), (464 - 0.6 * spread, 866))
        ribbing.append(collars.band(w, rib, on_side(edge, s) if s > 0 else on_side(edge, s)[::-1], 26))
    letter = trimmings.badge(w.pick("star", "moon", "heart", "bolt", "spark", "flower"), 388, 940, 30, MAIN,
        w.apart(MAIN, ACCENT, WHITE, METAL), None)
    more: tuple[Panel, ...] = (letter,)
    if w.luck(0.4):
        more = (trimmings.strap(INK, 1, 120, 20, 30, WHITE, 1064), *trimmings.buckle(576, 906, 20, METAL, INK, -0.5))
    return Garment(behind=(collars.back(rib, 8),),
        over=(*arms, torso(w, inner, neckline(70, w.between(830, 850), 0.95),
            prints=trimmings.emblem(w, w.pick(MAIN, ACCENT), 512, 968, 34) if w.luck(0.5) else (), folds=0.4),
            collars.band(w, inner, neckline(70, 840, 0.95), 9), *fronts, *ribbing, *more),
            choker=(Trim(CHOKER, INK, 8, True),) if w.luck(0.25) else ())


def track(w: Wearer) -> Garment:
    """A zipped sports top with a standing collar and stripes down the sleeves."""
    stripe = w.apart(MAIN, WHITE, ACCENT, SECOND)
    collar = collars.standing(w, MAIN, stripe, w.between(16, 28), w.between(0.3, 0.9))
    arms = []
    for s in (-1, 1):
        bands = tuple(Trim(on_side(((330 + d, 806), (272 + d, 850), (246 + d, 930), (232 + d, 1064)), s), stripe,
            7.5) for d in (-2, 12, 26)[: w.pick(2, 3)])
        arms.append(sleeve(w, MAIN, s, full=w.between(0.3, 0.6), bands=bands))
    yoke = Patch((cut((200, 740, 1), (824, 740, 1), (824, 880), (700, 900), (512, 936), (324, 900), (200, 880)),),
        w.pick(SECOND, WHITE, ACCENT))
    top = torso(w, MAIN, neckline(70, 812, 0.3), loose=0.7, prints=(yoke,) if w.luck(0.5) else (),
        trims=(Trim(((512, 816), (514, 940), (512, 1064)), METAL, 5.0, True),))
    return Garment(behind=collar.behind,
        over=(*arms, top, *collar.over,
            trimmings.badge(w.pick("bolt", "star", "spark", "leaf"), 610, 940, 22, ACCENT,
                w.apart(ACCENT, WHITE, METAL, INK),
                w.pick(None, "shield", "ring"))))


def slipped(w: Wearer) -> Garment:
    """A camisole or crop top under a jacket that has slipped off one shoulder."""
    top_dye = w.pick(WHITE, INK, SECOND)
    strap = w.pick(top_dye, ACCENT)
    line = cut((400, 884, 1), (430, 916), (512, 930), (594, 916), (624, 884, 1))
    body = Panel(cut((396, 880, 1), (352, 930), (334, 985), (326, 1064, 1), (698, 1064, 1), (690, 985), (672, 930),
        (628, 880, 1)) + line[::-1], top_dye,
        folds=(Fold(cut((350, 960), (400, 984), (450, 984)), 14, 2.4),
            Fold(cut((676, 956), (630, 980), (590, 984)), 16, 2.4),
            Fold(cut((512, 950), (508, 1000), (512, 1064)), 12, 0)), trims=(Trim(line, strap, 6.0, True),),
            prints=(Patch((trimmings.motif(w.pick("heart", "star", "moon"), 512, 990, 24),), ACCENT),) if w.luck(0.5)
            else ())
    straps = tuple(Trim(on_side(cut((404, 886), (424, 830), (436, 782)), s), strap, 7, True) for s in (-1, 1))
    up, down = w.pick((-1, 1), (1, -1))
    edge = ((446, 756), (430, 820), (424, 920), (440, 1000), (446, 1064))
    kept = (sleeve(w, MAIN, up, full=0.7), front(w, MAIN, up, edge, loose=0.9))
    stripe = w.apart(MAIN, ACCENT, WHITE)
    fallen_edge = cut((348, 880), (330, 912), (348, 972), (372, 1064))
    fallen = Panel(on_side(cut((300, 872, 1), (262, 884), (222, 920), (196, 985), (184, 1064, 1), (376, 1064, 1),
        (352, 972), (334, 914), (350, 880, 1), (324, 868)), down), MAIN, axis=((220, 900), (360, 1000)) if down < 0
        else ((680, 900), (820, 1000)), cast=1.0,
        shades=(on_side(cut((340, 910), (318, 960), (330, 1064, 1), (378, 1064, 1), (352, 972)), down),),
        folds=(Fold(on_side(cut((338, 890), (296, 920), (244, 920)), down), 18, 2.8),
            Fold(on_side(cut((330, 930), (286, 962), (230, 966)), down), 16, 2.6),
            Fold(on_side(cut((200, 1000), (244, 984), (290, 996)), down), 14, 2.4),
            Fold(on_side(cut((340, 1000), (300, 1030), (250, 1036)), down), 14, 2.4)),
            trims=(Trim(on_side(fallen_edge, down), stripe, 9, True),))
    collar = collars.band(w, stripe, on_side(cut((452, 744), (434, 800), (426, 880)), up) if up > 0
        else cut((452, 744), (434, 800), (426, 880))[::-1], 18)
    return Garment(behind=(), over=(replace(body, trims=(*body.trims, *straps)), *kept, collar, fallen),
        choker=(Trim(CHOKER, w.pick(INK, ACCENT, METAL), w.between(6, 16), True),) if w.luck(0.7) else ())


def dungarees(w: Wearer) -> Garment:
    """Dungarees over a striped or plain shirt."""
    shirt = w.apart(MAIN, WHITE, SECOND, Dye("cream"), INK)
    stripes = trimmings.stripes(w.apart(shirt, ACCENT, MAIN, INK), 9, 30, start=800) if w.luck(0.6) else ()
    line = neckline(w.between(64, 80), w.between(820, 836), 1.0)
    arms = sleeves(w, shirt, full=w.between(0.3, 0.6), end=w.pick(1064.0, 1000.0), bands=stripes)
    bib_top = w.between(900, 930)
    bib = Panel(cut((402, bib_top, 1), (512, bib_top + 8), (622, bib_top, 1), (634, 980), (668, 1020),
        (690, 1064, 1), (334, 1064, 1), (356, 1020), (390, 980)), MAIN,
        trims=(Trim(((408, bib_top + 9), (512, bib_top + 17), (616, bib_top + 9)), Dye("gold", 0.02), 2.2,
            dashes=8.0), Trim(((398, bib_top + 20), (388, 985), (356, 1026)), Dye("gold", 0.02), 2.2, dashes=8.0),
            Trim(((626, bib_top + 20), (636, 985), (668, 1026)), Dye("gold", 0.02), 2.2, dashes=8.0)),
            folds=(Fold(cut((392, 1000), (424, 1020), (450, 1060)), 14, 2.2),
                Fold(cut((632, 996), (604, 1018), (590, 1060)), 14, 2.2)), cast=0.9)
    pocket = trimmings.pocket(Dye("dress", 0.02), 512, 966, 104, 90, w.pick(None, ACCENT), 2)
    straps = tuple(trimmings.strap(MAIN, s, 128, 92, 36, Dye("gold", 0.02), bib_top + 30) for s in (-1, 1))
    knobs = Panel((), METAL, studs=(Studs(((420, bib_top + 22), (604, bib_top + 22)), 11, METAL),))
    sign = ((trimmings.badge(w.pick("flower", "heart", "star", "leaf"), 512, 1000, 20, ACCENT, ACCENT),)
        if w.luck(0.6) else ())
    return Garment(over=(*arms, torso(w, shirt, line, loose=0.5, bands=stripes), collars.band(w, shirt, line, 11),
        bib, pocket, *sign, *straps, knobs))


ALL = (tee, hoodie, varsity, track, slipped, dungarees)
