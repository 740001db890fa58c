"""Fantasy: plate armour, a mage's mantle, a ranger's leather, a robe with a stole, a fur-collared cape."""

from liveavatar.rigs.drawn.garment import Dye, Fold, Garment, Panel, Patch, Studs, Trim
from liveavatar.rigs.drawn.geometry import Points
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import alone, along, cut, front, neckline, on_side, torso
from liveavatar.rigs.population.wear.neckwear import neck_scarf, tie
from liveavatar.rigs.population.wear.sleeves import sleeve, sleeves
from liveavatar.rigs.population.wear.wearer import ACCENT, INK, MAIN, METAL, SECOND, WHITE, Wearer

# fmt: off


def _cape(w: Wearer, dye: Dye, lining: Dye) -> Panel:
    """A cape that hangs behind the arms."""
    wide = w.between(10, 44)
    return Panel(cut((420, 770), (330, 800), (250 - wide, 850), (206 - wide, 940), (190 - wide, 1064, 1),
        (834 + wide, 1064, 1), (818 + wide, 940), (774 + wide, 850), (694, 800), (604, 770)), dye, toward=lining,
        axis=((300, 800), (512, 1100)),
        folds=tuple(Fold(on_side(((280 - 26 * i, 850 + 10 * i), (240 - 26 * i, 950), (236 - 30 * i, 1064)), s), 16,
            2.6, 0.5) for i in range(2) for s in (-1, 1)))


def armour(w: Wearer) -> Garment:
    """A breastplate with a gorget and layered pauldrons over mail or cloth."""
    steel = w.pick(Dye("gold", 0.0, 0.25), w.dyed("dress", 0.78, 0.25), MAIN, w.dyed("dress", 0.38, 0.5),
        Dye("white", -0.06))
    rim = w.pick(METAL, ACCENT, METAL)
    sleeve_dye = w.pick(SECOND, MAIN, INK)
    arms = sleeves(w, sleeve_dye, full=0.15)
    under = torso(w, sleeve_dye, neckline(62, 800, 0.9), folds=0.3)
    roll = collars.roll(w, w.pick(SECOND, INK), 0.7, ribs=False)
    keel = w.between(-6, 6)
    left = cut((470, 822, 1), (420, 838), (366, 850), (338, 880), (330, 940), (344, 1000), (356, 1064, 1),
        (512 + keel, 1064, 1), (512 + keel, 940), (512, 840, 1))
    plates = []
    for s in (-1, 1):
        edge = cut((466, 828), (420, 846), (372, 858), (347, 884), (340, 940), (354, 1000), (364, 1064))
        ridge = cut((410, 1064), (396, 1000), (402, 940), (440, 890), (512, 868))
        plates.append(Panel(on_side(left, s), steel,
            toward=Dye(steel.base, steel.light - 0.10, steel.chroma * 1.15, steel.hue),
            axis=((370, 850), (500, 1040)) if s < 0 else ((540, 850), (690, 1020)), cast=0.9,
            shades=(on_side(cut((404, 1064, 1), (392, 1000), (398, 940), (436, 892), (470, 876), (432, 930),
                (424, 990), (440, 1064, 1)), s),),
                gleam=0.85, glow=(on_side(cut((366, 884), (358, 930), (366, 970), (374, 930), (384, 892)), s),
                    on_side(cut((474, 850), (486, 870), (492, 910), (498, 880), (490, 850)), s)),
                    folds=(Fold(on_side(ridge, s), 0, 2.6, 0.5),), trims=(Trim(on_side(edge, s), rim, 8.0, True),),
                    line=2.6))
    gorget = []
    for s in (-1, 1):
        gorget.append(Panel(on_side(
            cut((442, 742, 1), (420, 772), (398, 800), (440, 834), (512, 862, 1), (512, 812, 1), (474, 796),
                (452, 768)), s), Dye(steel.base, steel.light + 0.02, steel.chroma, steel.hue),
                axis=((420, 760), (512, 860)) if s < 0 else ((540, 780), (620, 840)), cast=0.9,
                trims=(Trim(on_side(cut((401, 800), (442, 829), (508, 856)), s), rim, 6.0, True),),
                shades=(on_side(cut((444, 750), (452, 780), (480, 804), (512, 818), (490, 822), (446, 796)), s),),
                line=2.6))
    big, layers = w.between(0, 22), w.pick(2, 3)
    shoulders = []
    for s in (-1, 1) if w.luck(0.7) else (w.pick(-1, 1),):
        for i in range(layers, -1, -1):
            y, out = 34.0 * i, 5.0 * i - big * (1 - 0.2 * i)
            plate = cut((400 - 10 * i, 796 + 10 * i, 1), (340 - 6 * i, 792 + y - 0.3 * big),
                (278 + out, 818 + y - 0.4 * big), (232 + out, 872 + y), (214 + out, 926 + y, 1),
                (262 + out, 934 + y), (312, 914 + y), (356 - 4 * i, 868 + y), (404 - 8 * i, 832 + 8 * i, 1))
            rim_line = cut((220 + out, 916 + y), (262 + out, 924 + y), (308, 904 + y), (350 - 4 * i, 860 + y),
                (396 - 8 * i, 826 + 8 * i))
            shoulders.append(Panel(on_side(plate, s), steel,
                toward=Dye(steel.base, steel.light - 0.11, steel.chroma * 1.15, steel.hue),
                axis=((280, 800 + y), (330, 930 + y)) if s < 0 else ((700, 800 + y), (760, 940 + y)), cast=0.8,
                drop=(2, 9), gleam=0.85, glow=(on_side(
                    cut((330, 806 + y), (284 + out, 828 + y), (250 + out, 868 + y), (280 + out, 844 + y),
                        (326, 822 + y)), s),), trims=(Trim(on_side(rim_line, s), rim, 6.5, True),), line=2.6,
                        studs=(Studs(on_side(((372, 824),), s), 7, rim),) if i == 0 else ()))
    cape = (_cape(w, w.pick(ACCENT, SECOND), Dye("ribbon", -0.1)),) if w.luck(0.55) else ()
    jewel = trimmings.gem(512, 884, w.between(12, 18), ACCENT, rim) if w.luck(0.7) else ()
    return Garment(behind=(*cape, *roll.behind),
        over=(*arms, under, *roll.over, *plates, *gorget, *shoulders, *jewel))


def mantle(w: Wearer) -> Garment:
    """A mage's short cape with a clasp over a robe."""
    lining = w.pick(SECOND, ACCENT)
    robe = w.apart(MAIN, SECOND, WHITE, Dye("cream"), INK)
    low, uneven = w.between(930, 990), w.between(-16, 16)
    spread = w.between(0, 50)
    hood = collars.hood(w, MAIN, lining) if w.luck(0.5) else None
    halves = []
    edge_dye = w.apart(MAIN, METAL, ACCENT, WHITE)
    for s in (-1, 1):
        y = low + uneven * s
        outline = cut((446, 750, 1), (404, 786), (340, 804), (280, 828), (232, 878), (206, y - 20, 1), (262, y + 10),
            (340, y + 22), (420, y + 16), (506 - spread, y, 1), (496 - 0.6 * spread, 900), (496 - 0.2 * spread, 830),
            (478, 786))
        hem = cut((208, y - 30), (262, y), (340, y + 11), (420, y + 5), (502 - spread, y - 10, 1),
            (490 - 0.6 * spread, 900), (489 - 0.2 * spread, 836))
        inner = cut((212, y - 48), (262, y - 20), (340, y - 9), (420, y - 15), (484 - spread, y - 28))
        runes = tuple(trimmings.motif(w.pick("spark", "moon", "star", "diamond"), x, yy - 46, 11) for x,
            yy in along(hem[:4], (0.15, 0.4, 0.65, 0.9)))
        halves.append(Panel(on_side(outline, s), MAIN, axis=((300, 800), (440, y)) if s < 0
            else ((580, 800), (760, y)), cast=1.0, drop=(4, 12),
            bands=(Trim(on_side(hem, s), edge_dye, 9.0), Trim(on_side(inner, s), edge_dye, 3.0)),
            prints=(Patch(tuple(on_side(r, s) for r in runes), edge_dye),) if w.luck(0.6) else (),
            shades=(on_side(cut((330, 820), (316, 900), (322, y + 30, 1), (364, y + 30, 1), (352, 910)), s),
                on_side(cut((430, 850), (446, 920), (436, y + 30, 1), (474, y + 30, 1), (468, 900)), s)),
                glow=(on_side(cut((300, 836), (262, 870), (244, 920), (270, 886), (300, 852)), s),),
                folds=(Fold(on_side(((332, 816), (312, 890), (318, y)), s), 0, 3.0),
                    Fold(on_side(((424, 840), (444, 910), (438, y)), s), 0, 2.8),
                    Fold(on_side(((270, 852), (250, 900), (256, y - 6)), s), 13, 2.6, 0.5)), line=2.6))
    clasp = (*trimmings.gem(512, 846, w.between(14, 20), ACCENT, METAL, drops=w.pick(0, 0, 3)),)
    thread = alone(Trim(cut((484, 838), (512, 846), (540, 838)), METAL, 6, True))
    collar = collars.standing(w, MAIN, edge_dye, 26, 0.9) if hood is None else hood
    return Garment(behind=collar.behind,
        over=(*sleeves(w, robe, full=0.9),
            torso(w, robe, neckline(66, 830, 0.2), folds=0.6,
                trims=(Trim(((512, 830), (512, 1064)), METAL, 5, True),)), *halves, *collar.over, thread, *clasp))


def ranger(w: Wearer) -> Garment:
    """A linen shirt laced at the throat, a leather jerkin, straps."""
    linen = w.apart(MAIN, WHITE, Dye("cream"), SECOND)
    leather = w.dyed("dress", w.between(0.38, 0.55), 0.8) if w.luck(0.5) else MAIN
    deep = w.between(880, 930)
    laces, eyelets = trimmings.lacing(512, 846, deep + 10, 13, 4, Dye("gold", -0.2), METAL)
    shirt = torso(w, linen, neckline(70, deep, 0.0), loose=0.6, folds=0.8)
    collar = collars.shirt(w, linen, w.between(0.7, 1.0))
    vest = tuple(front(w, leather, s, ((424, 782), (430, 860), (470, 950), (486, 1064)), loose=0.1, seam=190,
        folds=0.6, trims=(Trim(on_side(((432, 790), (438, 862), (478, 952), (494, 1064)), s),
            Dye(leather.base, leather.light + 0.12, leather.chroma), 2.2, dashes=9.0),)) for s in (-1, 1))
    waist, holes = trimmings.lacing(512, 985, 1064, 30, 4, Dye("gold", -0.2), METAL)
    s = w.pick(-1, 1)
    belt = trimmings.strap(Dye(leather.base, leather.light - 0.08, leather.chroma), s, 140, -60, 40,
        Dye(leather.base, leather.light + 0.1, leather.chroma))
    buckle = trimmings.buckle(512 + s * 52, 916, 24, METAL, leather, -0.55 * s)
    pad: tuple[Panel, ...] = ()
    if w.luck(0.5):
        pad = tuple(Panel(on_side(
            cut((380, 800, 1), (318, 806), (262, 832), (228, 890 + 30 * i, 1), (280, 898 + 30 * i),
                (340, 868 + 22 * i), (388, 834 + 8 * i, 1)), -s), leather, cast=0.9,
                trims=(Trim(on_side(cut((234, 882 + 30 * i), (280, 888 + 30 * i), (336, 860 + 22 * i),
                    (382, 828 + 8 * i)), -s), Dye(leather.base, leather.light + 0.12, leather.chroma), 2.2,
                    dashes=8.0),), glow=(on_side(cut((320, 820), (274, 842), (252, 876), (284, 856)), -s),),
                    studs=(Studs(on_side(((362, 822),), -s), 7, METAL),)) for i in (1, 0))
    shawl: tuple[Panel, ...] = ()
    if w.luck(0.4):
        shawl = neck_scarf(w, ACCENT)
    return Garment(behind=collar.behind,
        over=(*sleeves(w, linen, full=w.between(0.5, 0.9), folds=1.3), shirt, alone(*laces, studs=(eyelets,)),
            *vest, alone(*waist, studs=(holes,)), belt, *buckle, *pad, *(collar.over if not shawl else ()), *shawl))


def stole(w: Wearer) -> Garment:
    """A long robe with a standing collar and an embroidered stole."""
    robe = w.pick(WHITE, MAIN, INK, Dye("cream"))
    band = w.apart(robe, ACCENT, SECOND, MAIN, WHITE)
    collar = collars.standing(w, robe, METAL, w.between(12, 22), 0.05)
    tails = []
    sign = w.pick("cross", "spark", "flower", "diamond", "moon")
    for s in (-1, 1):
        outline: Points = cut((452, 756, 1), (418, 776), (396, 812), (404, 900), (420, 1064, 1), (480, 1064, 1),
            (472, 930), (470, 850), (466, 790))
        edges = (cut((421, 780), (405, 814), (413, 900), (429, 1064)),
            cut((461, 780), (461, 850), (463, 930), (471, 1064)))
        tails.append(Panel(on_side(outline, s), band, axis=((410, 780), (470, 1060)), cast=0.9,
            bands=tuple(Trim(on_side(e, s), METAL, 4.0) for e in edges),
            prints=(Patch(tuple(on_side(trimmings.motif(sign, 437 + 4 * i, 880 + 76 * i, 17), s) for i in range(3)),
                METAL),), shades=(on_side(cut((454, 760), (462, 800), (466, 860), (452, 830), (446, 780)), s),)))
    body = torso(w, robe, neckline(68, 806, 0.8), loose=0.6,
        trims=(Trim(((512, 810), (512, 1064)), Dye(robe.base, robe.light - 0.1, robe.chroma), 2.6),),
        studs=(trimmings.buttons(512, 850, 44, METAL, 6.5),))
    chain_, beads = trimmings.chain(cut((440, 800), (470, 880), (512, 930), (554, 880), (584, 800)), METAL, 19, 3.2)
    pendant = ((alone(chain_, studs=(beads,)),
        Panel(trimmings.motif(sign, 512, 952, 22), METAL, axis=((500, 935), (524, 970)), cast=0.8, line=2.2))
        if w.luck(0.6) else ())
    return Garment(behind=collar.behind,
        over=(*sleeves(w, robe, full=w.between(0.6, 1.2)), body, *tails, *collar.over, *pendant))


def noble(w: Wearer) -> Garment:
    """A coat with a fur collar held by a chain."""
    body_dye = w.pick(SECOND, MAIN, INK)
    fur_dye = w.apart(body_dye, WHITE, Dye("cream"), w.dyed("dress", 0.3, 0.4), w.dyed("hair", 0.75, 0.4))
    brocade = ((trimmings.scatter(w, w.pick("flower", "diamond", "spark"),
        Dye(body_dye.base, body_dye.light + 0.06, body_dye.chroma), 15, 56),) if w.luck(0.6) else ())
    top = torso(w, body_dye, neckline(66, 820, 0.3), prints=brocade, folds=0.4,
        trims=(Trim(((512, 824), (512, 1064)), METAL, 6, True),),
        studs=(trimmings.buttons(512, 860, 46, METAL, 7.5),))
    collar = collars.standing(w, body_dye, METAL, 20, 0.4)
    fronts = tuple(front(w, MAIN if body_dye != MAIN else SECOND, s,
        ((430, 776), (400, 860), (404, 960), (410, 1064)), loose=1.0,
        trims=(Trim(on_side(((412, 850), (413, 960), (419, 1064)), s), METAL, 7, True),)) for s in (-1, 1))
    line = cut((448, 742), (410, 786), (384, 850), (388, 930), (394, 1060))
    furs = tuple(trimmings.fur(w, fur_dye, on_side(line, s) if s < 0 else on_side(line, s)[::-1], w.between(32, 44),
        10) for s in (-1, 1))
    sag = w.between(30, 60)
    chain_, beads = trimmings.chain(
        cut((400, 900), (450, 900 + 0.8 * sag), (512, 900 + sag), (574, 900 + 0.8 * sag), (624, 900)), METAL, 25, 4.2)
    clasps = alone(chain_, studs=(beads, Studs(((400, 900), (624, 900)), 14, METAL)))
    neckcloth = tie(w, WHITE)[1:] if w.luck(0.2) else ()
    return Garment(behind=collar.behind,
        over=(*(sleeve(w, MAIN if body_dye != MAIN else SECOND, s, full=1.0) for s in (-1, 1)), top, *collar.over,
            *neckcloth, *fronts, *furs, clasps))


ALL = (armour, mantle, ranger, stole, noble)
