"""What a species grows on its head."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ornament import Ornament, Shade
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.fit import Fit
from liveavatar.rigs.population.nearness import distance
from liveavatar.rigs.population.ornaments.ears import (
    CAT,
    FOX,
    RABBIT,
    WOLF,
    EarShape,
    animal_ear,
    blended,
    elf_ear,
    fin,
)
from liveavatar.rigs.population.ornaments.horns import HornShape, antler, horn, wing
from liveavatar.rigs.population.ornaments.light import flame, halo, nimbus
from liveavatar.rigs.population.ornaments.pieces import TOP
from liveavatar.rigs.population.ornaments.skin import forehead_mark, skin_signs
from liveavatar.rigs.population.ornaments.trinkets import SYMBOLS

Grow = Callable[[Identity, Cast, Fit, np.random.Generator], tuple[Ornament, ...]]


def _root(fit: Fit, x: float, deep: float) -> tuple[float, float]:
    """A point on the hair at x, `deep` below its upper edge."""
    return x, float(np.clip(fit.crest(x) + deep, -246.0, -160.0))


def _animal(kind: str, shape: EarShape, other: EarShape, x: float, lean: float) -> Grow:
    """Ears of one kind, each pair between `shape` and a little of `other`."""

    def grow(record: Identity, cast: Cast, fit: Fit, random: np.random.Generator) -> tuple[Ornament, ...]:
        mixed = blended(shape, other, float(random.uniform(0, 0.28)))
        mixed = replace(
            mixed,
            dark=mixed.dark * float(random.uniform(0.2, 1.2)),
            tuft=mixed.tuft * float(random.uniform(0.85, 1.2)),
        )
        wide, tall = (float(random.uniform(*span)) for span in ((0.86, 1.12), (0.82, 1.14)))
        outer = mixed.outline[-1][0] * wide
        out = min(x * float(random.uniform(0.9, 1.1)), max(fit.half(-180.0) + 10.0 - 0.9 * outer, 84.0))
        root = _root(fit, out, 46.0)
        high = -min(point[1] for point in mixed.outline)
        room = 0.9 * (root[1] - TOP) / high  # perked they grow
        lean_ = lean + float(random.uniform(-0.06, 0.12))
        inside = _inside(record)
        folds = [0.0, 0.0]
        if mixed.limp > 0.6:
            folds = [[0.0, 0.0], [0.0, 1.1], [0.5, 1.2], [1.3, 1.3]][
                random.choice(4, p=[0.4, 0.25, 0.15, 0.2])
            ]
        elif random.random() < 0.12:
            folds = [0.0, 0.8]
        return tuple(
            animal_ear(
                kind, mixed, side, root, wide, tall if fold > 0.7 else min(tall, room), lean_, fold, inside
            )
            for side, fold in zip((-1, 1), folds, strict=True)
        )

    return grow


def _inside(record: Identity) -> Shade:
    """The colour in an ear: the hair's inner one, or a skin's where that is too near to the hair."""
    hair, inner = record.palette.hair, record.palette.inner
    if distance(hair, inner) > 0.20:
        return Shade("inner")
    return Shade(Tone(0.76, 0.085, 18) if hair.light < 0.62 else Tone(0.66, 0.11, 14))


def _elf(record: Identity, cast: Cast, fit: Fit, random: np.random.Generator) -> tuple[Ornament, ...]:
    long, tall, lift = (float(random.uniform(*span)) for span in ((105, 205), (0.85, 1.15), (-0.12, 0.45)))
    x, y = record.face.ear_x, record.face.eye_y - 12.0
    covered = fit.half(y) - x
    through = long < covered + 55.0
    if through and covered < 60.0:
        long, through = covered + 70.0, False
    root = (x + 30.0 if through else x, y)
    return tuple(
        elf_ear(side, root, max(long, 130.0) if through else long, tall, lift, through) for side in (-1, 1)
    )


_HORN_TONES: tuple[tuple[Tone, ...], ...] = (
    (Tone(0.26, 0.035, 300), Tone(0.33, 0.05, 310), Tone(0.46, 0.08, 330)),
    (Tone(0.58, 0.05, 60), Tone(0.76, 0.05, 75), Tone(0.91, 0.03, 88)),
    (Tone(0.34, 0.10, 25), Tone(0.47, 0.16, 25), Tone(0.62, 0.17, 30)),
    (Tone(0.30, 0.03, 250), Tone(0.44, 0.05, 235), Tone(0.70, 0.08, 215)),
)


def _horn_tones(random: np.random.Generator, lit: float) -> tuple[tuple[Shade, ...], Shade]:
    """Shades from root to tip, and of the line; `lit`: how often the tip takes the accent."""
    base = _HORN_TONES[random.integers(len(_HORN_TONES))]
    tones = [Shade(tone) for tone in base]
    if random.random() < lit:
        tones[-1] = Shade("ribbon", 0.02)
    return tuple(tones), Shade(base[0].to(-0.16, 1.0, -10))


def _horn_shape(random: np.random.Generator, room: float) -> tuple[float, HornShape]:
    """x of the root and the horn's course, drawn from between straight, swept and rolled ones."""
    kind = random.choice(4, p=[0.35, 0.25, 0.2, 0.2])
    if kind == 0:  # rise and bend inward
        return 96.0, HornShape(
            float(random.uniform(0.3, 0.7)),
            float(random.uniform(-1.1, -0.5)),
            min(float(random.uniform(110, 175)), room),
            float(random.uniform(20, 29)),
            int(random.integers(0, 6)),
        )
    if kind == 1:  # short and straight
        return 78.0, HornShape(
            float(random.uniform(0.05, 0.35)),
            float(random.uniform(-0.3, 0.3)),
            min(float(random.uniform(70, 110)), room),
            float(random.uniform(18, 26)),
            int(random.integers(0, 4)),
        )
    if kind == 2:  # swept out and up
        return 128.0, HornShape(
            float(random.uniform(0.9, 1.3)),
            float(random.uniform(-1.3, -0.7)),
            float(random.uniform(180, 230)),
            float(random.uniform(22, 30)),
            int(random.integers(3, 8)),
        )
    return 148.0, HornShape(
        float(random.uniform(1.0, 1.3)),
        float(random.uniform(4.2, 5.0)),
        float(random.uniform(360, 430)),
        float(random.uniform(29, 37)),
        int(random.integers(6, 11)),
    )


def _demon(record: Identity, cast: Cast, fit: Fit, random: np.random.Generator) -> tuple[Ornament, ...]:
    x, _ = _horn_shape(random, 0.0)
    root = _root(fit, x, 44.0)
    x, shape = _horn_shape(random, root[1] - TOP)
    root = _root(fit, x, 44.0)
    tones, dark = _horn_tones(random, 0.5)
    grown = [horn("horns", side, root, shape, tones, dark) for side in (-1, 1)]
    if random.random() < 0.2:  # one of them broken off
        grown[0] = horn(
            "horns",
            -1,
            root,
            replace(shape, long=0.42 * shape.long, curl=0.4 * shape.curl, rings=shape.rings // 2),
            tones,
            dark,
        )
    ears = _elf(record, cast, fit, random) if random.random() < 0.45 else ()
    return (*ears, *grown)


def _dragon(record: Identity, cast: Cast, fit: Fit, random: np.random.Generator) -> tuple[Ornament, ...]:
    tones, dark = _horn_tones(random, 0.25)
    x = float(random.uniform(105, 135))
    shape = HornShape(
        float(random.uniform(0.75, 1.1)),
        float(random.uniform(-1.1, -0.5)),
        float(random.uniform(170, 225)),
        float(random.uniform(20, 27)),
        int(random.integers(3, 8)),
    )
    scale = Shade(("ribbon", "dress", "iris_middle")[random.integers(3)])
    line = replace(scale, light=scale.light - 0.30, chroma=0.8)
    y = record.face.eye_y
    grown = [horn("horns", side, _root(fit, x, 48.0), shape, tones, dark) for side in (-1, 1)]
    if random.random() < 0.5:
        small = replace(
            shape, long=0.42 * shape.long, half=0.62 * shape.half, rings=2, angle=shape.angle + 0.3
        )
        grown += [horn("horns", side, _root(fit, x + 46.0, 74.0), small, tones, dark) for side in (-1, 1)]
    reach = max(float(random.uniform(115, 150)), fit.half(y) - record.face.ear_x + 75.0)
    fins = [
        fin(
            side,
            (record.face.ear_x, y - 8.0),
            min(reach, 190.0),
            float(random.uniform(1.2, 1.7)),
            int(random.integers(3, 6)),
            scale,
            line,
        )
        for side in (-1, 1)
    ]
    scales = [
        SYMBOLS["drop"] * (0.42, 0.34) + (dx, dy)
        for dx, dy in ((124, 150), (140, 136), (137, 164), (108, 166), (152, 150))
    ]
    signs = (skin_signs("scales", scales, replace(scale, alpha=0.55)),) if random.random() < 0.7 else ()
    return (*fins, *grown, *signs)


def _angel(record: Identity, cast: Cast, fit: Fit, random: np.random.Generator) -> tuple[Ornament, ...]:
    gold = Shade("gold") if random.random() < 0.7 else Shade("iris_bottom")
    grown: list[Ornament] = []
    if random.random() < 0.75:
        y = max(fit.crest(0.0) - float(random.uniform(58, 76)), TOP + 52.0)
        rays, broken = ((0, 0.0), (8, 0.0), (12, 0.0), (0, 0.13))[random.choice(4, p=[0.5, 0.2, 0.15, 0.15])]
        grown.append(
            halo(
                y,
                float(random.uniform(98, 138)),
                float(random.uniform(20, 30)),
                float(random.uniform(0.26, 0.42)),
                rays,
                broken,
                gold,
            )
        )
    else:
        radius = float(np.clip(-fit.crest(0.0) + random.uniform(0.0, 20.0), 262.0, 318.0))
        grown.append(nimbus(radius, int(random.choice([10, 12, 16, 20])), gold))
    if random.random() < 0.55:
        white = Shade(Tone(0.975, 0.012, 90) if random.random() < 0.75 else Tone(0.34, 0.03, 285))
        base = white.of
        assert isinstance(base, Tone)
        dark = Shade(base.to(-0.42 if base.light > 0.5 else -0.16)._replace(chroma=0.05))
        y, x = -96.0, fit.half(-96.0) - 16.0
        long, spread, count = (
            float(random.uniform(120, 165)),
            float(random.uniform(0.9, 1.4)),
            int(random.integers(4, 6)),
        )
        grown += [wing(side, (x, y), long, spread, count, white, dark) for side in (-1, 1)]
    return tuple(grown)


def _spirit(record: Identity, cast: Cast, fit: Fit, random: np.random.Generator) -> tuple[Ornament, ...]:
    hue = record.palette.iris_middle.hue  # bright, however dark the eyes are
    tones = (Shade(Tone(0.70, 0.17, hue)), Shade(Tone(0.86, 0.12, hue + 18)), Shade("white"))
    side = 1.0 if random.random() < 0.5 else -1.0
    flames = [
        (
            side * float(random.uniform(285, 320)),
            float(random.uniform(-200, -120)),
            float(random.uniform(0.95, 1.2)),
        ),
        (
            -side * float(random.uniform(300, 345)),
            float(random.uniform(-70, 30)),
            float(random.uniform(0.65, 0.85)),
        ),
        (
            side * float(random.uniform(340, 380)),
            float(random.uniform(40, 120)),
            float(random.uniform(0.45, 0.6)),
        ),
    ]
    count = int(random.integers(2, 4))
    grown = [
        flame(x, y, size, float(random.uniform(0.35, 0.6)) * (1 if i % 2 else -1), tones)
        for i, (x, y, size) in enumerate(flames[:count])
    ]
    kind = random.random()
    if kind < 0.4:
        tone = Shade(Tone(0.60, 0.05, 65)) if random.random() < 0.5 else Shade("iris_bottom", -0.12, 0.5)
        bark = (replace(tone, light=tone.light - 0.14), tone, replace(tone, light=tone.light + 0.14))
        root = _root(fit, float(random.uniform(80, 115)), 44.0)
        shape = HornShape(
            float(random.uniform(0.55, 0.8)),
            float(random.uniform(-0.9, -0.5)),
            min(float(random.uniform(150, 185)), root[1] - TOP + 25.0),
            float(random.uniform(12, 15)),
            0,
        )
        tines = ((0.3, 0.7, 0.34), (0.52, -0.7, 0.38), (0.72, 0.6, 0.26))[: int(random.integers(2, 4))]
        grown += [
            antler(s, root, shape, tines, bark, replace(tone, light=tone.light - 0.36)) for s in (-1, 1)
        ]
    elif kind < 0.75:
        grown += list(_elf(record, cast, fit, random))
    sign = SYMBOLS[("drop", "diamond", "spark", "moon", "flower")[random.integers(5)]]
    grown.append(forehead_mark(sign, -52.0 if record.face.forehead else -36.0, 0.8, Shade("iris_middle")))
    return tuple(grown)


def _whiskers() -> list[np.ndarray]:
    return [
        np.concatenate([[(96.0, y)], [(128.0, y - 4 + d)], [(150.0, y - 6 + 2 * d)], [(128.0, y + 3 + d)]])
        for y, d in ((142.0, -3.0), (160.0, 3.0))
    ]


GROWS: dict[str, Grow] = {
    "cat": _animal("animal_ears", CAT, WOLF, 126.0, 0.14),
    "fox": _animal("animal_ears", FOX, CAT, 124.0, 0.20),
    "rabbit": _animal("animal_ears", RABBIT, FOX, 88.0, 0.14),
    "wolf": _animal("animal_ears", WOLF, FOX, 130.0, 0.24),
    "elf": _elf,
    "demon": _demon,
    "dragon": _dragon,
    "angel": _angel,
    "spirit": _spirit,
}
"""By Cast.species."""
HUMAN_EARS = ("human", "angel")
"""Species whose own ears are human ones."""


def grown(record: Identity, cast: Cast, fit: Fit, random: np.random.Generator) -> tuple[Ornament, ...]:
    """What grows on this head."""
    if cast.species not in GROWS:
        return ()
    things = GROWS[cast.species](record, cast, fit, random)
    if cast.species in ("cat", "fox") and random.random() < 0.25:
        tone = Shade("ribbon", -0.04, alpha=0.75) if cast.species == "fox" else Shade("skin_line", alpha=0.55)
        things += (skin_signs("whiskers", _whiskers(), tone),)
    return things
