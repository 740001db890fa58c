"""What is sewn, printed or pinned on clothes. Canvas units on the body that shapes are drafted for."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from liveavatar.rigs.drawn.garment import Dye, Fold, Panel, Patch, Studs, Trim
from liveavatar.rigs.drawn.geometry import Points
from liveavatar.rigs.population.wear.cloth import along, cut, on_side, shoulder
from liveavatar.rigs.population.wear.wearer import Wearer

# fmt: off


MOTIFS: dict[str, np.ndarray] = {}
"""Outlines of prints and emblems, about one unit from the middle to the rim; corners come twice."""


def _polar(radii: Iterable[float], turn: float = 0.0, sharp: bool = False) -> np.ndarray:
    r = np.array(list(radii))
    angle = np.arange(len(r)) * 2 * np.pi / len(r) + turn
    points = np.stack([r * np.sin(angle), -r * np.cos(angle)], 1)
    return np.repeat(points, 2, axis=0) if sharp else points


MOTIFS["star"] = _polar((1.0, 0.45) * 5, sharp=True)
MOTIFS["spark"] = _polar((1.0, 0.28) * 4, sharp=True)
MOTIFS["diamond"] = _polar((1.0, 0.62) * 2, sharp=True)
MOTIFS["flower"] = _polar((1.0, 0.97, 0.8, 0.46, 0.8, 0.97) * 5)
MOTIFS["gear"] = _polar((1.0, 1.0, 0.72, 0.72) * 8, sharp=True)
MOTIFS["heart"] = np.array(
    [(0, 0.95), (0, 0.95), (-0.75, 0.2), (-0.95, -0.35), (-0.5, -0.8), (0, -0.38), (0, -0.38), (0.5, -0.8),
        (0.95, -0.35), (0.75, 0.2)])
MOTIFS["moon"] = np.array(
    [(0.45, -0.85), (0.45, -0.85), (-0.4, -0.85), (-0.95, 0.0), (-0.4, 0.85), (0.45, 0.85), (0.45, 0.85),
        (-0.1, 0.5), (-0.3, 0.0), (-0.1, -0.5)])
MOTIFS["bolt"] = np.repeat(
    np.array([(0.25, -1.0), (-0.6, 0.15), (-0.05, 0.15), (-0.3, 1.0), (0.6, -0.2), (0.05, -0.2)]), 2, axis=0)
MOTIFS["leaf"] = np.array([(0, -1), (0, -1), (0.55, -0.2), (0.35, 0.6), (0, 1), (0, 1), (-0.35, 0.6), (-0.55, -0.2)])
MOTIFS["cross"] = np.repeat(
    np.array([(-0.25, -1), (0.25, -1), (0.25, -0.45), (0.75, -0.45), (0.75, 0.05), (0.25, 0.05), (0.25, 1),
        (-0.25, 1), (-0.25, 0.05), (-0.75, 0.05), (-0.75, -0.45), (-0.25, -0.45)]), 2, axis=0)
MOTIFS["shield"] = np.array(
    [(-0.8, -0.9), (-0.8, -0.9), (0, -1.0), (0.8, -0.9), (0.8, -0.9), (0.8, 0.0), (0.4, 0.7), (0, 1.05), (0, 1.05),
        (-0.4, 0.7), (-0.8, 0.0)])


def motif(name: str, x: float, y: float, size: float, turn: float = 0.0) -> Points:
    """An outline at (x, y), turned by radians."""
    c, s = np.cos(turn), np.sin(turn)
    points = MOTIFS[name] @ np.array([[c, s], [-s, c]]) * size + (x, y)
    return tuple((round(float(px), 1), round(float(py), 1)) for px, py in points)


def scatter(w: Wearer, name: str, dye: Dye, size: float, far: float,
    box: tuple[float, float, float, float] = (240, 770, 784, 1050)) -> Patch:
    """A print of one motif about `far` apart, none in line with its neighbour."""
    x0, y0, x1, y1 = box
    pieces = []
    for row, y in enumerate(np.arange(y0, y1, far * 0.86)):
        for x in np.arange(x0 + (row % 2) * far / 2, x1, far):
            jx, jy = w.random.uniform(-0.16, 0.16, 2) * far
            pieces.append(motif(name, float(x + jx), float(y + jy), size * w.between(0.75, 1.2),
                w.between(-0.5, 0.5)))
    return Patch(tuple(pieces), dye)


def stripes(dye: Dye, width: float, far: float, slant: float = 0.0, start: float = 780.0,
    bend: float = 14.0) -> tuple[Trim, ...]:
    """Stripes across a body, which hang through in the middle."""
    return tuple(Trim(((180, y - slant), (340, y + 0.6 * bend - slant * 0.5), (512, y + bend),
        (684, y + 0.6 * bend + slant * 0.5), (844, y + slant)), dye, width) for y in np.arange(start, 1070, far))


def plaid(dye: Dye, second: Dye, far: float) -> tuple[Trim, ...]:
    """A check of two tones."""
    soft = Dye(dye.base, dye.light, dye.chroma, dye.hue, 0.55)
    fine = Dye(second.base, second.light, second.chroma, second.hue, 0.8)
    down = [Trim(((x, 760), (x + 6, 900), (x + 2, 1066)), soft, far * 0.3) for x in np.arange(250, 790, far)]
    across = [Trim(((230, y), (512, y + 12), (794, y)), soft, far * 0.3) for y in np.arange(770, 1066, far)]
    thin = [Trim(((x + far / 2, 760), (x + far / 2 + 4, 1066)), fine, 2.6) for x in np.arange(250, 790, far)]
    thin += [Trim(((230, y + far / 2), (512, y + far / 2 + 12), (794, y + far / 2)), fine, 2.6)
        for y in np.arange(770, 1066, far)]
    return (*down, *across, *thin)


def buttons(x: float, y: float, far: float, dye: Dye, radius: float = 7.5, lean: float = 0.0,
    last: float = 1050.0) -> Studs:
    """A row of buttons down from (x, y)."""
    rows = np.arange(y, last, far)
    return Studs(tuple((round(float(x + lean * (row - y)), 1), float(row)) for row in rows), radius, dye)


def pocket(dye: Dye, x: float, y: float, wide: float, tall: float, edge: Dye | None = None,
    slant: float = -6.0) -> Panel:
    """A patch pocket with its upper middle at (x, y)."""
    h = wide / 2
    outline = cut((x - h, y, 1), (x + h, y + slant, 1), (x + h + 3, y + tall + slant, 1), (x, y + tall + 7),
        (x - h + 3, y + tall, 1))
    rim = ((x - h + 1, y + 9), (x + h + 1, y + 9 + slant))
    deep = Dye(dye.base, dye.light - 0.09, dye.chroma * 1.1, dye.hue)
    return Panel(outline, dye, axis=((x - h, y), (x + h, y + tall)),
        trims=(Trim(rim, edge or deep, 4.0 if edge else 2.2),), cast=0.5, drop=(2, 5), line=2.2)


def welt(dye: Dye, x: float, y: float, wide: float, slant: float = -8.0) -> Panel:
    """A slit pocket's lip."""
    h = wide / 2
    return Panel(cut((x - h, y - slant / 2, 1), (x + h, y + slant / 2, 1), (x + h + 1, y + 14 + slant / 2, 1),
        (x - h + 1, y + 14 - slant / 2, 1)), dye, cast=0.6, drop=(1, 4), line=2.0)


def badge(name: str, x: float, y: float, size: float, ground: Dye, sign: Dye, shape: str | None = None) -> Panel:
    """A sewn badge with a sign on it; a bare one without a shape."""
    if shape is None:
        return Panel(motif(name, x, y, size), sign, axis=((x - size, y - size), (x + size, y + size)), line=2.0)
    return Panel(motif(shape, x, y, size) if shape in MOTIFS else ring(x, y, size), ground,
        axis=((x - size, y - size), (x + size, y + size)),
        prints=(Patch((motif(name, x, y - 0.04 * size, 0.56 * size),), sign),), cast=0.4, drop=(2, 4), line=2.2)


def ring(x: float, y: float, radius: float, tall: float = 1.0) -> Points:
    """A circle, or an ellipse."""
    turn = np.linspace(0, 2 * np.pi, 13)[:-1]
    return tuple((round(float(x + radius * np.cos(a)), 1), round(float(y + radius * tall * np.sin(a)), 1))
        for a in turn)


def gem(x: float, y: float, size: float, stone: Dye, setting: Dye, tall: float = 1.15,
    drops: int = 0) -> tuple[Panel, ...]:
    """A stone in a setting."""
    light = Dye(stone.base, stone.light + 0.16, stone.chroma * 0.8, stone.hue)
    dark = Dye(stone.base, stone.light - 0.12, stone.chroma, stone.hue)
    around = tuple((x + size * 1.22 * np.cos(a), y + size * 1.22 * tall * np.sin(a))
        for a in np.arange(8) * np.pi / 4 + 0.2)
    result = [Panel(ring(x, y, size * 1.25, tall), setting, axis=((x - size, y - size), (x + size, y + size)),
        cast=0.8, drop=(2, 6), studs=(
            Studs(around, 0.13 * size + 1.2, Dye(setting.base, setting.light + 0.08, setting.chroma * 0.7), False),),
            line=2.2), Panel(ring(x, y, size * 0.86, tall), dark, toward=stone,
            axis=((x - size * 0.5, y - size), (x + size * 0.4, y + size)), line=2.0,
            prints=(Patch((ring(x - 0.1 * size, y + 0.25 * size, 0.5 * size, 0.8),),
                Dye(stone.base, stone.light + 0.06, stone.chroma, stone.hue)),
                Patch((ring(x - 0.28 * size, y - 0.36 * size, 0.24 * size, 0.7),), light)))]
    for i in range(drops):
        dx = (i - (drops - 1) / 2) * size * 0.8
        result.append(Panel(motif("leaf", x + dx, y + size * (2.1 - 0.3 * abs(i - (drops - 1) / 2)), size * 0.42),
            setting, line=1.8, cast=0.5, drop=(1, 4)))
    return tuple(result)


def strap(dye: Dye, side: int, start: float, end: float, wide: float, seam: Dye | None = None,
    low: float = 1064.0) -> Panel:
    """A strap from the shoulder, `start` out from the middle, to `end` out from it at y `low`."""
    a, b = 512 - start, 512 - end
    top = shoulder(start) - 5
    outline = cut((a - wide / 2, top + 3, 1), (a + wide / 2, top - 3, 1),
        ((a + b) / 2 + wide / 2 + 3, (top + low) / 2), (b + wide / 2, low, 1), (b - wide / 2, low, 1),
        ((a + b) / 2 - wide / 2 + 3, (top + low) / 2))
    trims: tuple[Trim, ...] = ()
    if seam:
        trims = tuple(Trim(on_side(
            ((a + s * wide * 0.34, top + 6), ((a + b) / 2 + s * wide * 0.34 + 3, (top + low) / 2),
                (b + s * wide * 0.34, low)), side), seam, 1.8, dashes=7.0) for s in (-1, 1))
    return Panel(on_side(outline, side), dye, axis=((a, top), (b, low)), trims=trims, cast=0.8, drop=(4, 6))


def buckle(x: float, y: float, size: float, metal: Dye, ground: Dye, turn: float = 0.0) -> tuple[Panel, ...]:
    """A square buckle."""

    def square(r: float) -> Points:
        c, s = np.cos(turn), np.sin(turn)
        return cut(*((x + r * (u * c - v * s), y + r * 0.8 * (u * s + v * c), 1) for u,
            v in ((-1, -1), (1, -1), (1, 1), (-1, 1))))

    return (Panel(square(size), metal, axis=((x - size, y - size), (x + size, y + size)), cast=0.6, drop=(2, 4),
        line=2.2), Panel(square(size * 0.62), ground, line=1.8,
        trims=(Trim(((x - 0.2 * size, y), (x + 0.9 * size, y)), metal, 3.4, True),)))


def chain(points: Points, dye: Dye, links: int, radius: float = 3.6) -> tuple[Trim, Studs]:
    """Beads on a thread."""
    return Trim(points, dye, 2.2), Studs(along(points, np.linspace(0, 1, links).tolist()), radius, dye)


def epaulette(w: Wearer, dye: Dye, metal: Dye, side: int, fringe: bool) -> tuple[Panel, ...]:
    """A board on the shoulder, with or without a fringe of bullion."""
    board = cut((418, 778, 1), (372, 790), (318, 808), (282, 830), (272, 850), (286, 862), (318, 848), (366, 826),
        (424, 806, 1))
    rim = cut((416, 784), (372, 796), (318, 815), (286, 834), (280, 848), (290, 855), (318, 841), (364, 820),
        (422, 800))
    result = []
    if fringe:
        strands = []
        for i in range(12):
            t = i / 11
            x, y = 262 + 52 * t, 862 - 20 * t + 12 * np.sin(t * np.pi)
            strands.append(Trim(on_side(
                ((x, y), (x - 7 + 4 * t, y + 26), (x - 9 + 6 * t, y + 50 + 5 * np.sin(3.0 * i))), side), metal, 6.5,
                True))
        result.append(Panel(on_side(cut((266, 846), (256, 866), (282, 872), (316, 852), (300, 840)), side), metal,
            trims=tuple(strands), cast=0.6))
    result.append(Panel(on_side(board, side), dye, axis=((290, 800), (420, 850)),
        bands=(Trim(on_side(rim, side), metal, 4.6),), cast=0.8, drop=(2, 8),
        studs=(Studs(on_side(((400, 797),), side), 7.0, metal),)))
    return tuple(result)


def fur(w: Wearer, dye: Dye, line: Points, wide: float, tufts: int) -> Panel:
    """A strip of fur along a line: tufts that lean its way on both sides."""
    def edge(side: int) -> list[tuple[float, ...]]:
        stops = np.linspace(0, 1, tufts + 1)
        stops[1:-1] += w.random.uniform(-0.2, 0.2, tufts - 1) / tufts
        result: list[tuple[float, ...]] = []
        for a, b in pairwise(stops):
            out, long = wide * w.between(0.95, 1.12), b - a
            for share, far, corner in ((0.0, 0.84, True), (0.35, 1.0, False), (0.75, 1.1, False), (1.12, 1.12, True)):
                x, y = along(line, [min(a + share * long, 1.0)], side * far * out)[0]
                result.append((x, y, 1) if corner else (x, y))
        return result

    hairs = []
    for _ in range(3 * tufts):
        s, side = w.between(0.02, 0.94), w.between(-0.7, 0.7)
        spine = (along(line, [min(s + ds, 1.0)], wide * side * far)[0] for ds,
            far in ((0.0, 0.9), (0.02, 1.06), (0.05, 1.15)))
        hairs.append(Fold(tuple(spine), 7, 1.8, 0.4))
    outline = cut(*edge(1), *edge(-1)[::-1])  # type: ignore[arg-type]
    return Panel(outline, dye, axis=(line[0], line[-1]), folds=tuple(hairs), cast=0.9, drop=(2, 10), line=2.2)


def dashes_glow(points: Points, dye: Dye, width: float = 4.0) -> tuple[Trim, ...]:
    """A line that shines: a soft one below a bright one."""
    return (Trim(points, Dye(dye.base, dye.light, dye.chroma, dye.hue, 0.35), width * 2.6), Trim(points, dye, width),
        Trim(points, Dye(dye.base, dye.light + 0.2, dye.chroma * 0.5, dye.hue), width * 0.35))


def lacing(
    x: float, y0: float, y1: float, wide: float, rows: int, dye: Dye, eyelet: Dye
) -> tuple[tuple[Trim, ...], Studs]:
    """Crossed laces between two rows of eyelets."""
    ys = np.linspace(y0, y1, rows)
    trims = []
    for a, b in pairwise(ys):
        for s in (1, -1):
            trims.append(Trim(((x - s * wide, float(a)), (x + s * wide, float(b))), dye, 4.4, True))
    return tuple(trims), Studs(tuple((x + s * wide, float(y)) for y in ys for s in (-1, 1)), 4.2, eyelet)


def emblem(w: Wearer, dye: Dye, x: float, y: float, size: float) -> tuple[Patch, ...]:
    """A print on the chest: one large sign with a ring or bars about it."""
    name = w.pick("star", "moon", "heart", "bolt", "flower", "leaf", "spark", "cross")
    turn = w.between(-0.25, 0.25)
    pieces = [motif(name, x, y, size, turn)]
    if w.luck(0.5):
        pieces += [motif("spark", x + size * 1.3, y - size * 0.9, size * 0.28),
            motif("spark", x - size * 1.25, y + size * 0.7, size * 0.22)]
    bars: tuple[Patch, ...] = ()
    if w.luck(0.5):
        bars = (Patch(tuple(cut((x - size * 1.5, y + size * (1.25 + 0.3 * i), 1),
            (x + size * (1.5 - 0.5 * i), y + size * (1.25 + 0.3 * i), 1),
            (x + size * (1.5 - 0.5 * i), y + size * (1.38 + 0.3 * i), 1),
            (x - size * 1.5, y + size * (1.38 + 0.3 * i), 1)) for i in range(2)), dye),)
    return (Patch(tuple(pieces), dye), *bars)
