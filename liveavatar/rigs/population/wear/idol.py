"""Idols: a stage bolero, a prince's uniform, a frilled stage dress, a crop top with a harness."""

from liveavatar.rigs.drawn.garment import Dye, Fold, Garment, Panel, Studs, Trim
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import alone, cut, front, neckline, on_side, torso
from liveavatar.rigs.population.wear.neckwear import CHOKER, bow
from liveavatar.rigs.population.wear.sleeves import hem_line, sleeve, sleeves
from liveavatar.rigs.population.wear.wearer import ACCENT, INK, MAIN, METAL, SECOND, WHITE, Wearer

# fmt: off


def prince(w: Wearer) -> Garment:
    """A parade uniform: standing collar, braid, epaulettes, a cord, perhaps a sash."""
    cloth = w.pick(WHITE, MAIN, MAIN, INK)
    face = w.pick(MAIN, ACCENT) if cloth == WHITE else w.apart(cloth, WHITE, SECOND, ACCENT)
    collar = collars.standing(w, face, METAL, w.between(18, 26), 0.08)
    wide = w.between(64, 92)
    plastron = Panel(cut((512 - wide, 822, 1), (512, 832), (512 + wide, 822, 1), (512 + wide * 0.8, 930),
        (512 + wide * 0.62, 1064, 1), (512 - wide * 0.62, 1064, 1), (512 - wide * 0.8, 930)), face, cast=0.5,
        trims=(Trim(cut((512 - wide, 824), (512 - wide * 0.8, 930), (512 - wide * 0.62, 1064)), METAL, 6, True),
            Trim(cut((512 + wide, 824), (512 + wide * 0.8, 930), (512 + wide * 0.62, 1064)), METAL, 6, True)),
            studs=(Studs(tuple((512 + s * wide * (0.72 - 0.13 * i), 860 + 56 * i) for i in range(4)
                for s in (-1, 1)), 9, METAL),))
    braids = (tuple(Trim(cut((512 - wide * (0.6 - 0.1 * i), 860 + 56 * i), (512, 872 + 56 * i),
        (512 + wide * (0.6 - 0.1 * i), 860 + 56 * i)), METAL, 4.5, True) for i in range(4)) if w.luck(0.5) else ())
    boards = [*trimmings.epaulette(w, face, METAL, -1, fringe := w.luck(0.6)),
        *trimmings.epaulette(w, face, METAL, 1, fringe)]
    side = w.pick(-1, 1)
    cords: tuple[Trim, ...] = ()
    if w.luck(0.7):
        cords = tuple(Trim(on_side(
            cut((372, 806), (376 + 10 * i, 880 + 22 * i), (430, 920 + 26 * i), (480 - 6 * i, 850 + 8 * i)), side),
            METAL, 5.5, True) for i in range(w.pick(2, 3)))
    sash: tuple[Panel, ...] = ()
    if w.luck(0.4):
        s = -side
        sash = (Panel(on_side(cut((352, 800, 1), (420, 782, 1), (540, 940), (640, 1064, 1), (540, 1064, 1),
            (450, 930)), s), ACCENT, cast=0.9, axis=((400, 800), (560, 1060)) if s < 0 else ((500, 900), (650, 800)),
            bands=(Trim(on_side(cut((366, 797), (462, 930), (552, 1064)), s), METAL, 4),
                Trim(on_side(cut((410, 786), (530, 940), (628, 1064)), s), METAL, 4)),
                folds=(Fold(on_side(cut((400, 820), (460, 900), (510, 960)), s), 12, 2.0, 0.6),)),)
    medal = trimmings.gem(420, 930, 12, ACCENT, METAL) if w.luck(0.5) else ()
    return Garment(behind=collar.behind,
        over=(*sleeves(w, cloth, full=0.1, folds=0.8), torso(w, cloth, neckline(68, 806, 0.8), loose=0.1, folds=0.5),
            plastron, alone(*braids), *sash, *collar.over, *boards, alone(*cords), *medal))


def bolero(w: Wearer) -> Garment:
    """A short jacket with bright edges over a frilled blouse, a bow with a star or a heart."""
    cloth = MAIN
    edge = w.apart(cloth, METAL, WHITE, ACCENT)
    blouse = w.apart(cloth, WHITE, Dye("cream"), SECOND)
    short = w.luck(0.5)
    end = w.between(945, 980) if short else 1064.0
    arms = sleeves(w, cloth, full=0.4, end=end, cap=w.between(0.5, 1.0))
    cuffs = tuple(alone(Trim(hem_line(0.36, end, s, 6), edge, 9, True)) for s in (-1, 1)) if short else ()
    collar = (collars.round_leaf(w, blouse, w.pick(None, edge)) if w.luck(0.5)
        else collars.sailor(w, cloth, edge, w.between(880, 900), 2))
    body = torso(w, blouse, neckline(66, 806, 0.8), folds=0.4)
    bib = [collars.ruffle(w, blouse, on_side(cut((500, 840), (496, 920), (492, 1010), (490, 1070)), s) if s < 0
        else on_side(cut((500, 840), (496, 920), (492, 1010), (490, 1070)), s)[::-1], 30, 6, taper=0.0)
        for s in (-1, 1)]
    line = ((436, 780), (424, 850), (410, 930), (380, 990), (352, 1040))
    halves = tuple(front(w, cloth, s, line, loose=0.2,
        trims=(Trim(on_side(tuple((x - 6, y) for x, y in line), s), edge, 9, True),),
        studs=(Studs(on_side(((404, 880), (396, 926)), s), 8.5, METAL),),
        bands=trimmings.plaid(Dye("dress", -0.07), edge, 56) if False else ()) for s in (-1, 1))
    heart = w.pick("star", "heart", "flower", "spark")
    y = w.between(858, 880)
    tied = bow(w, ACCENT, 512, y, w.between(1.1, 1.4), tails=w.between(0.7, 1.1), edge=w.pick(None, edge))
    pin = Panel(trimmings.motif(heart, 512, y, 24), METAL, axis=((496, y - 20), (526, y + 20)), line=2.2, cast=0.5)
    skirt = Panel(cut((330, 1024, 1), (512, 1036), (694, 1024, 1), (700, 1070, 1), (324, 1070, 1)),
        w.pick(SECOND, ACCENT), trims=(Trim(((330, 1026), (512, 1038), (694, 1026)), edge, 5, True),))
    boards = ((*trimmings.epaulette(w, cloth, METAL, -1, False), *trimmings.epaulette(w, cloth, METAL, 1, False))
        if w.luck(0.35) and not short else ())
    return Garment(behind=collar.behind, over=(*arms, *cuffs, body, *bib, skirt, *halves, *collar.over, *boards),
        top=(*tied, pin), choker=(Trim(CHOKER, ACCENT, 12, True),) if w.luck(0.3) else ())


def _armband(w: Wearer, dye: Dye, band: Dye, side: int, y: float) -> tuple[Panel, ...]:
    """A frill round a bare arm, held by a ribbon."""
    seam = cut((246, y + 4), (284, y + 15), (326, y + 8))
    ruffle = collars.ruffle(w, dye, on_side(seam, side) if side < 0 else on_side(seam, side)[::-1],
        w.between(44, 64), 4, taper=0.1)
    upper = cut((242, y - 6, 1), (284, y + 5), (328, y - 2, 1), (328, y + 16, 1), (284, y + 24), (240, y + 14, 1))
    return ruffle, Panel(on_side(upper, side), band, cast=0.5, trims=(Trim(on_side(upper[1:4], side), METAL, 2.6),))


def stage(w: Wearer) -> Garment:
    """A dress of tiers of frills with bare or gauzed shoulders and a large jewel."""
    cloth, tier = w.pick((MAIN, WHITE), (WHITE, MAIN), (SECOND, ACCENT), (MAIN, SECOND))
    top = w.between(872, 892)
    line = cut((372, top + 20, 1), (416, top - 8), (464, top), (512, top + 34, 1), (560, top), (608, top - 8),
        (652, top + 20, 1))
    star_print = ((trimmings.scatter(w, w.pick("star", "heart", "spark"), METAL, 10, 60, (330, 900, 700, 1060)),)
        if w.luck(0.4) else ())
    body = Panel(cut((368, top + 20, 1), (336, 960), (338, 1012), (346, 1064, 1), (678, 1064, 1), (686, 1012),
        (688, 960), (656, top + 20, 1)) + line[::-1], cloth, axis=((400, 890), (620, 1064)), prints=star_print,
        shades=(cut((640, top + 20), (660, 950), (634, 1010), (622, 1064, 1), (690, 1064, 1), (690, 950)),
            cut((502, 940), (508, 1000), (500, 1064, 1), (524, 1064, 1), (520, 990))),
            folds=(Fold(cut((352, 954), (404, 978), (452, 972)), 14, 2.4),
                Fold(cut((672, 948), (630, 972), (584, 974)), 16, 2.4)))
    frill = collars.ruffle(w, tier,
        cut((372, top + 18), (416, top - 8), (464, top + 2), (512, top + 34), (560, top + 2), (608, top - 8),
            (652, top + 18)), 32, 10, edge=w.pick(None, METAL), taper=0.0)
    off = [part for side in (-1, 1) for part in _armband(w, tier, cloth, side, w.between(886, 904))]
    if w.luck(0.5):
        strap_line = cut((404, top + 2), (414, 840), (434, 784))
        straps = tuple(collars.ruffle(w, tier, on_side(strap_line, s)[::-1] if s < 0 else on_side(strap_line, s), 30,
            4, taper=0.4) for s in (-1, 1))
        off = []
    else:
        straps = (alone(*(Trim(on_side(cut((410, top - 2), (424, 836), (438, 780)), s), cloth, 8, True)
            for s in (-1, 1))),)
    jewel = (*bow(w, ACCENT, 512, top + 44, w.between(0.8, 1.1), tails=0.8),
        *trimmings.gem(512, top + 44, 14, ACCENT if w.luck(0.5) else SECOND, METAL))
    return Garment(over=(*off, body, frill, *straps), top=jewel,
        choker=(Trim(CHOKER, w.pick(cloth, ACCENT), w.between(10, 18), True),
            Trim(tuple((x, y + 9) for x, y in CHOKER), METAL, 3)) if w.luck(0.6) else ())


def rocker(w: Wearer) -> Garment:
    """A short jacket of leather with studs over a torn or printed top, straps and chains."""
    leather = w.pick(INK, INK, MAIN)
    top_dye = w.apart(leather, WHITE, ACCENT, SECOND, MAIN)
    prints = trimmings.emblem(w, w.apart(top_dye, ACCENT, MAIN, METAL, INK), 512, 960, 44) if w.luck(0.6) else ()
    top = torso(w, top_dye, neckline(w.between(72, 96), w.between(846, 880), 0.8), folds=0.7, prints=prints)
    line = ((440, 760), (420, 830), (436, 930), (452, 1064))
    slant = ((452, 800), (438, 860), (452, 940), (464, 1064))
    halves = tuple(front(w, leather, s, line, loose=0.3, trims=(Trim(on_side(slant[1:], s), METAL, 5, True),)
        if s > 0 else ()) for s in (-1, 1))
    lapel = tuple(Panel(on_side(
        cut((446, 750, 1), (412, 778), (376, 812), (352, 850, 1), (392, 876), (424, 960, 1), (420, 880), (424, 830)),
        s), Dye(leather.base, leather.light + 0.03, leather.chroma), cast=1.0, axis=((380, 800), (440, 930)),
        gleam=0.9, glow=(on_side(cut((382, 820), (370, 846), (392, 862), (400, 836)), s),),
        studs=(Studs(on_side(((374, 844), (392, 858), (384, 832)), s), 5.5, METAL),),
        folds=(Fold(on_side(cut((430, 776), (412, 800), (398, 830)), s), 9, 2.2),)) for s in (-1, 1))
    arms = tuple(sleeve(w, leather, s, full=0.35, folds=1.4,
        studs=(Studs(on_side(((300, 836), (282, 848), (268, 864)), s), 6.5, METAL),) if w.luck(0.6) else ())
        for s in (-1, 1))
    chains = tuple(alone(*(
        c := trimmings.chain(cut((446, 776), (470, 830 + 24 * i), (512, 850 + 30 * i), (554, 830 + 24 * i),
            (578, 776)), METAL, 23 + 4 * i, 3.0))[:1], studs=(c[1],)) for i in range(w.pick(1, 2)))
    pins = ((trimmings.badge(w.pick("star", "bolt", "cross", "heart"), 640, 930, 17, ACCENT, WHITE, "ring"),
        trimmings.badge(w.pick("moon", "spark"), 664, 966, 12, SECOND, METAL, "ring")) if w.luck(0.6) else ())
    return Garment(over=(*arms, top, *chains, *halves, *lapel, *pins),
        choker=(Trim(CHOKER, INK, 16, True), Trim(CHOKER, METAL, 3)) if w.luck(0.6) else ())


ALL = (prince, bolero, stage, rocker)
