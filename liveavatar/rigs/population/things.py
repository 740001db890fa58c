"""Things to wear, each made for one wearer: sizes, colours and designs by chance."""

from collections.abc import Sequence

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.ornament import Ornament, Shade
from liveavatar.rigs.population.nearness import distance
from liveavatar.rigs.population.ornaments import bands, brims, eyewear, gear, hats, skin, trinkets
from liveavatar.rigs.population.ornaments.pieces import TOP, at, laid
from liveavatar.rigs.population.wearer import DARK, LEAF, SILVER, STRAW, WHITE, Wearer


def accent(w: Wearer) -> Shade:
    return w.seen(Shade("ribbon"), Shade("dress"), Shade("knit"), DARK)


def metal(w: Wearer) -> Shade:
    return Shade("gold") if w.random.random() < 0.75 else SILVER


def beret(w: Wearer) -> tuple[Ornament, ...]:
    main = accent(w)
    trim = main if w.random.random() < 0.5 else w.seen(DARK, Shade("gold"), Shade("ribbon"))
    return (hats.beret(w.size, w.rise, w.between(0.3, 1.0) * w.random.choice([-1, 1]), main, trim),)


def cap(w: Wearer) -> tuple[Ornament, ...]:
    main = accent(w)
    front = main if w.random.random() < 0.4 else Shade("knit")
    badge = str(w.random.choice(["star", "bolt", "heart", "moon", "paw", "diamond"]))
    return (hats.cap(w.size, w.rise, w.between(-0.7, 0.7), w.between(18, 44), main, front, badge),)


def beanie(w: Wearer) -> tuple[Ornament, ...]:
    main = accent(w)
    trim = main if w.random.random() < 0.45 else w.seen(Shade("knit"), Shade("ribbon"), DARK)
    return (
        hats.beanie(
            w.size, w.rise, w.between(0, 1), 0.0 if w.random.random() < 0.5 else w.between(28, 42), main, trim
        ),
    )


def tall(w: Wearer, tall: float) -> float:
    """As tall as there is room for, in a draft's units."""
    return min(tall, (w.rise - TOP) / w.size - 176.0)


def witch(w: Wearer) -> tuple[Ornament, ...]:
    main = w.seen(DARK, DARK, Shade("dress", -0.1), Shade("inner", -0.2))
    bend = w.between(0.35, 1.0) * w.random.choice([-1, 1])
    return (
        brims.wide_brim(
            "witch_hat",
            w.size,
            w.rise,
            w.between(290, 350),
            tall(w, w.between(200, 260)),
            0.0,
            bend,
            main,
            Shade("ribbon"),
        ),
    )


def sun(w: Wearer) -> tuple[Ornament, ...]:
    main = w.seen(STRAW, WHITE, Shade("knit"), Shade("dress"))
    extra = (
        laid(
            trinkets.flower(6, 40, 22, 0.1, False, WHITE, Shade("ribbon"), Shade("gold"), LEAF),
            at(w.between(80, 130), -188.0, 0.0),
        )
        if w.random.random() < 0.5
        else laid(
            trinkets.bow(56, 36, 54, 4, Shade("ribbon")), at(w.between(-130, -90), -186.0, 0.0, angle=-0.1)
        )
    )
    return (
        brims.wide_brim(
            "sun_hat",
            w.size,
            w.rise,
            w.between(280, 340),
            w.between(126, 160),
            1.0,
            0.0,
            main,
            Shade("ribbon"),
            extra,
        ),
    )


def little_hat(w: Wearer) -> tuple[Ornament, ...]:
    side = w.side()
    x = w.between(84, 120)
    y = w.fit.crest(side * x) + 34.0
    return (
        brims.little_hat(
            side * x,
            max(y, TOP + 110.0),
            w.between(0.9, 1.15),
            side * w.between(0.25, 0.42),
            w.seen(DARK, Shade("dress", -0.06), WHITE),
            Shade("ribbon"),
        ),
    )


def hairband(w: Wearer) -> tuple[Ornament, ...]:
    half, top, main = (
        w.fit.half(-40.0) - 6.0,
        w.fit.crest(0.0) + 26.0,
        w.seen(Shade("ribbon"), Shade("knit"), Shade("dress"), WHITE),
    )
    extra: Sequence = ()
    if w.random.random() < 0.6:
        side = w.random.choice([-1, 0, 1])
        y = top - 2.0 if side == 0 else w.fit.crest(118.0 * side) + 38.0
        extra = laid(
            trinkets.bow(w.between(52, 84), w.between(34, 56), 0.0, w.between(0, 8), main),
            at(118.0 * side, y, 0.0, angle=0.5 * side),
        )
    return (bands.hairband(half, top, w.between(16, 30), main, extra),)


def frills(w: Wearer) -> tuple[Ornament, ...]:
    trim = w.seen(DARK, Shade("ribbon"), Shade("dress"))
    return (bands.frills(w.fit.half(-120.0), w.fit.crest(0.0) + 40.0, w.between(40, 58), WHITE, trim),)


def flower_crown(w: Wearer) -> tuple[Ornament, ...]:
    sizes = w.random.uniform(22, 42, int(w.random.integers(4, 8))).tolist()
    mains = [Shade("ribbon"), Shade("knit"), WHITE][: int(w.random.integers(2, 4))]
    return (
        bands.flower_crown(
            w.fit.half(-100.0) - 4.0, w.fit.crest(0.0) + 44.0, sizes, mains, LEAF, Shade("gold")
        ),
    )


def crown(w: Wearer) -> tuple[Ornament, ...]:
    wide = w.random.random() < 0.5
    half, tall = (w.between(110, 135), w.between(40, 58)) if wide else (w.between(66, 86), w.between(64, 84))
    tilt = 0.0 if wide else w.between(-0.3, 0.3)
    return (
        bands.crown(
            half,
            max(w.fit.crest(0.0) + 26.0, TOP + tall + 10.0),
            int(w.random.integers(3, 6)),
            tall,
            tilt,
            metal(w),
            Shade("ribbon"),
        ),
    )


def headphones(w: Wearer) -> tuple[Ornament, ...]:
    main = w.seen(Shade("dress"), DARK, WHITE, Shade("ribbon"))
    pad = DARK if w.tone(main).light > 0.5 else Shade("knit", -0.08)
    top = max(w.fit.crest(0.0) - 4.0, TOP + 40.0)
    cat = w.between(50, 72) if w.random.random() < 0.35 and top > TOP + 84.0 else 0.0
    return (
        gear.headphones(
            max(w.fit.half(30.0) - 8.0, w.record.face.ear_x + 36.0),
            top,
            w.between(54, 66),
            cat,
            main,
            pad,
            Shade("iris_bottom", -0.04),
        ),
    )


def goggles(w: Wearer) -> tuple[Ornament, ...]:
    return (
        gear.goggles(
            w.fit.half(-120.0),
            -184.0,
            w.between(0.9, 1.1),
            metal(w),
            w.seen(DARK, Shade("dress")),
            Shade("iris_middle"),
        ),
    )


def side_mask(w: Wearer) -> tuple[Ornament, ...]:
    side = w.side()
    return (
        gear.side_mask(
            side * (w.fit.half(-150.0) - 18.0),
            -150.0,
            w.between(0.95, 1.15),
            side * w.between(0.35, 0.6),
            WHITE,
            Shade("ribbon", -0.05),
            Shade("gold"),
        ),
    )


def place(w: Wearer, side: int) -> tuple[float, float]:
    """Where something sits in the hair beside the forehead."""
    y = w.between(-130, -88)
    return side * min(w.fit.half(y) - 34.0, w.between(140, 172)), y


def flower(w: Wearer) -> tuple[Ornament, ...]:
    side = w.side()
    x, y = place(w, side)
    main, edge = (w.seen(WHITE, Shade("knit"), Shade("ribbon", 0.1)), Shade("ribbon"))
    count = int(w.random.integers(5, 9))
    long = w.between(32, 46)
    leaf = LEAF if w.random.random() < 0.6 else None
    design = trinkets.flower(
        count,
        long,
        long * w.between(2.4, 3.2) / count,
        w.between(0, 0.2),
        w.random.random() < 0.4,
        main,
        edge,
        Shade("gold"),
        leaf,
    )
    things = [trinkets.pinned("flower", design, x, y, 1.0, w.between(-0.5, 0.5))]
    if w.random.random() < 0.4:
        small = trinkets.flower(
            count, 0.6 * long, 0.6 * long * 2.8 / count, 0.1, False, main, edge, Shade("gold"), None
        )
        things.insert(0, trinkets.pinned("flower", small, x + side * 12.0, y + 44.0, 1.0, 0.4))
    return tuple(things)


def bow(w: Wearer) -> tuple[Ornament, ...]:
    side, main = w.side(), w.seen(Shade("ribbon"), Shade("dress"), Shade("knit"), DARK)
    trim = Shade("gold") if w.random.random() < 0.35 else None
    wide = w.between(56, 100)
    x, y = place(w, side)
    if "tops" not in w.taken and w.random.random() < 0.6:
        x, y = side * w.between(110, 150), w.fit.crest(side * 130.0) + 60.0
    else:
        wide = min(wide, 64.0)
    design = trinkets.bow(
        wide,
        wide * w.between(0.55, 0.75),
        0.0 if w.random.random() < 0.25 else wide * w.between(0.8, 1.4),
        w.between(0, 0.15) * wide,
        main,
        trim,
    )
    return (
        trinkets.pinned(
            "bow", design, x, y, 1.0, side * w.between(0.2, 0.6), "over" if wide > 66 else "front"
        ),
    )


def bows(w: Wearer) -> tuple[Ornament, ...]:
    main, wide = w.seen(Shade("ribbon"), Shade("dress"), DARK), w.between(44, 66)
    design = trinkets.bow(wide, 0.62 * wide, wide * w.between(0.9, 1.7), w.between(0, 6), main)
    x, y = min(w.fit.half(-110.0) - 22.0, 176.0), w.between(-150, -110)
    return tuple(trinkets.pinned("bow", design, side * x, y, 1.0, side * 0.45) for side in (-1, 1))


def pins(w: Wearer) -> tuple[Ornament, ...]:
    side, main = w.side(), w.seen(Shade("ribbon"), Shade("gold"), Shade("knit"), WHITE)
    x, y = place(w, side)
    x *= 0.86
    kind = w.random.random()
    if kind < 0.45:
        name = str(w.random.choice(sorted(trinkets.SYMBOLS)))
        return (
            trinkets.pinned(
                "pin", trinkets.symbol(name, main, w.between(0.8, 1.1)), x, y, 1.0, w.between(-0.4, 0.4)
            ),
        )
    lean = side * w.between(0.3, 0.7)
    bars = trinkets.bar(w.between(56, 76), w.between(9, 13), main)
    if kind < 0.7:  # crossed
        return tuple(trinkets.pinned("pin", bars, x, y, 1.0, lean + turn) for turn in (-0.55, 0.75))
    return tuple(
        trinkets.pinned("pin", bars, x + side * 0.14 * k * 22, y + k * 22.0, 1.0, lean)
        for k in range(int(w.random.integers(1, 4)))
    )


def earrings(w: Wearer) -> tuple[Ornament, ...]:
    design = str(
        w.random.choice(["hoop", "tassel", "star", "drop", "diamond", "heart", "moon", "spark", "stud"])
    )
    x = w.record.face.ear_x + 4.0
    long, ring, gem = (
        w.between(38, 62),
        metal(w),
        Shade(("ribbon", "iris_middle", "gold")[w.random.integers(3)]),
    )
    sides = (-1, 1) if w.random.random() < 0.8 else (w.side(),)
    return tuple(skin.earring(design, side, side * x, 112.0, long, ring, gem) for side in sides)


def glasses(w: Wearer) -> tuple[Ornament, ...]:
    face = w.record.face
    reach = max(u for u, _ in face.eye.upper) * face.eye_scale
    half = min(max(w.between(56, 72), 0.86 * reach + 4.0), face.eye_x - 12.0)
    thick, style = w.between(3.6, 8.0), w.random.random()
    rim = (thick, 0.7 * thick) if style < 0.65 else ((thick, 0.0) if style < 0.85 else (0.0, min(thick, 5.0)))
    frame = eyewear.Frame(
        half=(half, half * w.between(0.68, 0.98)),
        power=float(w.random.choice([2.0, 2.2, 2.8, 3.6, 4.6])),
        cat=max(0.0, w.between(-0.25, 0.35)) * w.cast.femininity,
        narrow=w.between(0.0, 0.18),
        rim=rim,
        tint=0.0 if w.random.random() < 0.85 else w.between(0.3, 0.8),
        low=w.between(2, 14),
    )
    tones = (DARK, Shade("gold"), Shade("ribbon", -0.06), SILVER, Shade("dress"))
    tone = tones[w.random.choice(5, p=[0.36, 0.2, 0.22, 0.1, 0.12])]
    if distance(w.tone(tone), w.record.palette.skin) < 0.22:  # unseen on the skin
        tone = DARK if w.record.palette.skin.light > 0.6 else SILVER
    return (eyewear.glasses(face, frame, tone),)


def monocle(w: Wearer) -> tuple[Ornament, ...]:
    return (eyewear.monocle(w.record.face, int(w.random.choice([-1, 1])), Shade("gold")),)


def eye_patch(w: Wearer) -> tuple[Ornament, ...]:
    soft = w.random.random() < 0.5
    return (eyewear.eye_patch(w.record.face, int(w.random.choice([-1, 1])), soft, WHITE if soft else DARK),)


def plaster(w: Wearer) -> tuple[Ornament, ...]:
    tone = Shade(Tone(0.84, 0.055, 62)) if w.random.random() < 0.6 else Shade("ribbon", 0.1)
    if w.random.random() < 0.3:
        return (skin.plaster(0.0, w.record.face.nose_y - 26.0, w.between(-0.1, 0.1), tone),)
    side = w.random.choice([-1, 1])
    return (skin.plaster(side * 112.0, 128.0, side * w.between(-0.5, 0.2), tone),)


def cheek_signs(w: Wearer) -> tuple[Ornament, ...]:
    name = str(w.random.choice(["star", "heart", "drop", "spark", "diamond"]))
    spots = ((118.0, 142.0, 0.5), (138.0, 124.0, 0.32))[: int(w.random.integers(1, 3))]
    shapes = [trinkets.SYMBOLS[name] * size + (x, y) for x, y, size in spots]
    return (skin.skin_signs("signs", shapes, Shade("iris_middle", alpha=0.85)),)
