"""The future: a pilot's suit, a coat of technical cloth, plates with lights, a body of machine parts."""

from liveavatar.rigs.drawn.garment import Dye, Garment, Panel, Patch, Studs, Trim
from liveavatar.rigs.population.wear import collars, trimmings
from liveavatar.rigs.population.wear.cloth import alone, cut, front, neckline, on_side, torso
from liveavatar.rigs.population.wear.sleeves import sleeve
from liveavatar.rigs.population.wear.wearer import ACCENT, INK, MAIN, METAL, SECOND, WHITE, Wearer

# fmt: off


def _lamp(w: Wearer) -> Dye:
    """What shines."""
    return w.pick(w.dyed("ribbon", 0.80, 1.0), w.dyed("iris_bottom", 0.84, 1.1), w.dyed("tips", 0.80, 1.1))


def pilot(w: Wearer) -> Garment:
    """A close suit of two tones with seams that shine and a hard collar."""
    cloth, side_dye = w.pick((WHITE, INK), (MAIN, WHITE), (INK, MAIN), (WHITE, MAIN), (SECOND, WHITE))
    lamp = _lamp(w)
    waist, yoke = w.between(940, 1000), w.between(846, 880)
    arms = []
    for s in (-1, 1):
        block = Patch((on_side(cut((330, 790, 1), (250, 830), (220, 900), (200, 960, 1), (300, 950), (330, 900)),
            s),), side_dye)
        ring = trimmings.dashes_glow(on_side(cut((216, 968), (266, 974), (322, 956)), s), lamp, 4.5)
        arms.append(sleeve(w, cloth, s, full=0.02, folds=0.5, prints=(block,), bands=ring))
    flanks = Patch(tuple(on_side(cut((300, 860, 1), (360, 900), (396, waist), (400, 1070, 1), (290, 1070, 1)), s)
        for s in (-1, 1)), side_dye)
    crest = Patch((cut((400, 780, 1), (624, 780, 1), (600, yoke), (512, yoke + 34), (424, yoke)),),
        w.pick(side_dye, ACCENT))
    seams = (*(t for s in (-1, 1)
        for t in trimmings.dashes_glow(on_side(cut((372, 812), (404, 880), (420, waist), (416, 1064)), s), lamp,
            4.0)), Trim(cut((424, yoke), (512, yoke + 34), (600, yoke)),
            Dye(side_dye.base, side_dye.light - 0.08, side_dye.chroma), 3.0))
    body = torso(w, cloth, neckline(70, 806, 0.8), loose=0.0, folds=0.6, prints=(flanks, crest), bands=seams,
        trims=(Trim(((512, yoke + 34), (512, 1064)), METAL, 4, True),))
    collar = collars.standing(w, w.pick(cloth, side_dye), lamp, w.between(18, 30), w.between(0, 0.4))
    core = ((*trimmings.gem(512, yoke + 30, w.between(12, 18), lamp, w.pick(METAL, side_dye), 1.0),) if w.luck(0.6)
        else ())
    mark = trimmings.badge(w.pick("bolt", "star", "gear", "spark"), 612, 944, 22, side_dye, lamp,
        w.pick(None, "shield", "ring"))
    pads: tuple[Panel, ...] = ()
    if w.luck(0.5):
        pads = tuple(Panel(on_side(
            cut((372, 806, 1), (312, 812), (262, 838), (236, 890), (236, 916, 1), (286, 906), (334, 876),
                (376, 838, 1)), s), side_dye, cast=0.9, axis=((270, 820), (340, 900)) if s < 0
                else ((690, 820), (770, 900)),
                gleam=0.8, glow=(on_side(cut((318, 822), (272, 846), (252, 880), (284, 858)), s),),
                trims=trimmings.dashes_glow(on_side(cut((244, 902), (286, 893), (330, 865), (368, 832)), s), lamp,
                    3.6)) for s in (-1, 1))
    return Garment(behind=collar.behind, over=(*arms, body, *pads, *collar.over, *core, mark))


def technical(w: Wearer) -> Garment:
    """A coat with a tall collar, a slanting zip, straps and pockets."""
    cloth = w.pick(w.dyed("dress", 0.30, 0.6), INK, MAIN, WHITE)
    lamp = _lamp(w) if w.luck(0.5) else ACCENT
    tall = w.between(22, 40)
    collar = collars.standing(w, cloth, w.pick(lamp, None), tall, w.between(0.5, 1.0))
    inner = torso(w, w.pick(INK, SECOND, WHITE), neckline(66, 836, 0.9), folds=0.3)
    lean = w.between(20, 70)
    left = ((438, 778), (452, 840), (500, 930), (512 + 0.6 * lean, 1064))
    right = ((438, 778), (446, 840), (504, 930), (512 - 0.2 * lean, 1064))
    arms = []
    for s in (-1, 1):
        bands = ((Trim(on_side(cut((190, 980), (256, 988), (330, 966)), s), lamp, 7),
            Trim(on_side(cut((190, 996), (256, 1004), (330, 982)), s), lamp, 3)) if s < 0 or w.luck(0.4) else ())
        arms.append(sleeve(w, w.pick(cloth, cloth, SECOND), s, full=w.between(0.3, 0.7), bands=bands))
    block = ((Patch((cut((240, 740, 1), (784, 740, 1), (784, 870), (660, 910), (360, 910), (240, 870)),),
        w.pick(SECOND, Dye(cloth.base, cloth.light + 0.06, cloth.chroma))),) if w.luck(0.5) else ())
    fronts = (front(w, cloth, 1, right, loose=0.6, prints=block),
        front(w, cloth, -1, left, loose=0.6, prints=block, trims=(Trim(left[1:], METAL, 5, True),)))
    parts: list[Panel] = []
    if w.luck(0.7):
        s = w.pick(-1, 1)
        parts += [trimmings.strap(Dye(cloth.base, cloth.light - 0.06, cloth.chroma), s, 136, w.pick(60, 130), 40,
            lamp), *trimmings.buckle(512 + s * 118, 930, 23, METAL, cloth, -0.2 * s)]
    if w.luck(0.6):
        parts.append(trimmings.pocket(Dye(cloth.base, cloth.light + 0.02, cloth.chroma), w.pick(392, 634), 950, 86,
            70, lamp))
    parts.append(trimmings.badge(w.pick("bolt", "gear", "spark", "star"), w.pick(626, 640), 912, 20, lamp, cloth,
        w.pick("shield", "ring")))
    ears = (Trim(cut((438, 786), (452, 840), (494, 920)), lamp, 3.6),) if w.luck(0.5) else ()
    return Garment(behind=collar.behind, over=(*arms, inner, *fronts, *parts, *collar.over, alone(*ears)))


def plates(w: Wearer) -> Garment:
    """Smooth plates over a dark suit, lights in their joints."""
    shell = w.pick(WHITE, MAIN, Dye("gold", 0.02, 0.3), SECOND)
    suit = w.pick(INK, w.dyed("dress", 0.28, 0.5))
    lamp = _lamp(w)
    ribs = tuple(Trim(on_side(cut((300, y), (400, y + 18), (512, y + 22)), s),
        Dye(suit.base, suit.light + 0.07, suit.chroma), 2.4) for y in range(820, 1060, 22) for s in (-1, 1))
    body = torso(w, suit, neckline(66, 800, 0.9), folds=0.0, bands=ribs, loose=0.0)
    arms = []
    cut_x = w.between(-10, 20)
    for s in (-1, 1):
        upper = on_side(cut((320, 820, 1), (258, 850), (226, 920), (214, 990, 1), (300, 984), (318, 920)), s)
        lower = on_side(cut((212, 1010, 1), (300, 1006, 1), (304, 1070, 1), (204, 1070, 1)), s)
        edge = Trim(on_side(cut((214, 986), (300, 980)), s), lamp, 4.0)
        arms.append(sleeve(w, suit, s, full=0.05, folds=0.0,
            bands=tuple(Trim(on_side(((200, y), (330, y + 6)), s), Dye(suit.base, suit.light + 0.07, suit.chroma),
                2.4) for y in range(850, 1060, 20))))
        arms += [Panel(upper, shell, trims=(edge,), cast=0.6, axis=((230, 840), (316, 960)) if s < 0
            else ((720, 840), (800, 960)), gleam=0.8,
            glow=(on_side(cut((300, 840), (264, 870), (246, 920), (270, 886)), s),),
            line=2.6), Panel(lower, shell, line=2.6)]
    chest = []
    for s in (-1, 1):
        piece = on_side(cut((488, 836, 1), (420, 820), (352, 824), (322, 862), (330, 930), (372, 984, 1),
            (456 + cut_x, 970), (494, 930, 1)), s)
        chest.append(Panel(piece, shell, toward=Dye(shell.base, shell.light - 0.09, shell.chroma * 1.1, shell.hue),
            axis=((350, 830), (480, 970)) if s < 0 else ((540, 830), (680, 960)), cast=0.9, line=2.6,
            gleam=0.8, glow=(on_side(cut((360, 838), (340, 868), (346, 910), (360, 874), (392, 840)), s),),
            shades=(on_side(cut((330, 930), (372, 984, 1), (456 + cut_x, 970), (494, 930, 1), (440, 950),
                (380, 952)), s),), trims=(
                Trim(on_side(cut((336, 926), (378, 972), (452 + cut_x, 960)), s), lamp, 3.6),),
                studs=(Studs(on_side(((400, 842), (352, 850)), s), 5.0, METAL),)))
    core = (Panel(trimmings.ring(512, 900, 34), Dye("gold", -0.1, 0.4), cast=0.7, line=2.6),
        Panel(trimmings.ring(512, 900, 25), Dye(lamp.base, lamp.light - 0.14, lamp.chroma, lamp.hue), toward=lamp,
            axis=((500, 880), (520, 924))),
            Panel(trimmings.motif(w.pick("star", "heart", "diamond", "spark"), 512, 900, 15),
                Dye(lamp.base, lamp.light + 0.14, lamp.chroma * 0.5), line=0))
    belly = Panel(cut((430, 1000, 1), (512, 988), (594, 1000, 1), (610, 1070, 1), (414, 1070, 1)), shell, cast=0.6,
        line=2.6, trims=trimmings.dashes_glow(cut((424, 1034), (512, 1024), (600, 1034)), lamp, 3.6))
    gorget = collars.standing(w, shell, lamp, w.between(10, 26), 0.3)
    pads = []
    size = w.between(0, 24)
    for s in (-1, 1):
        pads.append(Panel(on_side(
            cut((388, 800, 1), (330, 790 - 0.5 * size), (268, 806 - 0.6 * size), (222 - 0.4 * size, 862),
                (216 - 0.6 * size, 912, 1), (270, 900), (330, 872), (384, 842, 1)), s), w.pick(shell, shell, ACCENT),
                line=2.6, cast=0.9, axis=((270, 800), (330, 900)) if s < 0 else ((690, 800), (770, 900)),
                gleam=0.8, glow=(on_side(cut((330, 802), (276, 822), (240, 868), (270, 846), (322, 818)), s),),
                trims=trimmings.dashes_glow(on_side(cut((224, 898), (270, 886), (328, 860), (378, 834)), s), lamp,
                    3.6)))
    return Garment(behind=gorget.behind, over=(*arms, body, belly, *chest, *gorget.over, *core, *pads))


def courier(w: Wearer) -> Garment:
    """A vest of pockets over a wide hooded top."""
    cloth = w.pick(MAIN, SECOND, WHITE)
    hood = collars.hood(w, cloth, w.pick(INK, ACCENT))
    vest_dye = w.pick(INK, w.dyed("dress", 0.34, 0.5), ACCENT)
    lamp = _lamp(w)
    arms = tuple(sleeve(w, cloth, s, full=0.8,
        bands=(Trim(on_side(cut((170, 984), (250, 994), (330, 976)), s), lamp, 8),) if s > 0 else ())
        for s in (-1, 1))
    vest = tuple(front(w, vest_dye, s, ((424, 790), (424, 880), (500, 930), (506, 1064)), loose=0.4, seam=186,
        folds=0.4, trims=(Trim(on_side(((424, 880), (500, 930), (506, 1064)), s), lamp, 4, False),)) for s in (-1, 1))
    stuff = [trimmings.pocket(Dye(vest_dye.base, vest_dye.light + 0.03, vest_dye.chroma), 512 + s * 110, 960, 92, 70,
        lamp if s < 0 else None, 4 * s) for s in (-1, 1)]
    clip = trimmings.buckle(512, 1000, 26, METAL, vest_dye)
    belt = alone(Trim(((400, 1000), (512, 1004), (624, 1000)),
        Dye(vest_dye.base, vest_dye.light - 0.05, vest_dye.chroma), 22, True))
    return Garment(behind=hood.behind,
        over=(*arms, torso(w, cloth, neckline(62, 850, 0.6), folds=0.5), *vest, *stuff, belt, *clip, *hood.over))


ALL = (pilot, technical, plates, courier)
