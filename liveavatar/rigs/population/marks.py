"""What lies on the skin: soft modelling, freckles, moles, stubble, scars, paint. All in head units."""

import numpy as np

from liveavatar.rigs.drawn.colour import Tone, skin_shadow
from liveavatar.rigs.drawn.identity import FaceShape, Mark
from liveavatar.rigs.drawn.templates import Line
from liveavatar.rigs.population.cast import Cast
from liveavatar.rigs.population.irises import cornered_line, oval


def marks(face: FaceShape, skin: Tone, who: Cast, random: np.random.Generator) -> tuple[Mark, ...]:
    """One character's marks, back to front."""
    found = list(_modelling(face, skin, who, random))
    line = face.line
    if who.age < 0.65 and random.random() < 0.13:
        across = oval(0.0, face.nose_y - 14.0, 0.52 * face.jaw[3][0], 13.0)
        found.append(Mark((across,), (face.blush_tone or line).faded(random.uniform(0.2, 0.4)), 9.0))
    if who.femininity < 0.3 and random.random() < 0.7 * max(who.age - 0.6, 0.0) / 0.3:
        found += _stubble(face, skin, random)
    if random.random() < 0.11:
        found.append(freckles(face, skin, random))
    if random.random() < 0.2:
        side = random.choice([-1, 1])
        x, y = _MOLES[int(random.integers(len(_MOLES)))]
        at = side * (x + random.normal(0, 3)), y + random.normal(0, 3)
        if y > 150:
            at = side * (face.mouth_width + random.uniform(4, 14)), face.mouth_y + random.uniform(-12, 22)
        found.append(Mark((oval(*at, 2.9, 2.9),), line.to(-0.12).faded(0.85)))
    if not any(mark.tone is None for mark in found):
        found += _special(face, skin, who, random)
    return tuple(found)


_MOLES = ((86.0, 122.0), (112.0, 118.0), (60.0, 126.0), (0.0, 160.0))


def _modelling(face: FaceShape, skin: Tone, who: Cast, random: np.random.Generator) -> list[Mark]:
    """Sockets beside the bridge, the cheekbones' light and what lies below them, stronger the more grown."""
    grown = max(who.age - 0.3, 0.0) * random.uniform(0.4, 1.3)
    dark = min(max(0.88 - skin.light, 0.0) / 0.3, 1.0)
    shade = skin_shadow(skin)
    found = []
    socket = grown * 0.55
    if socket > 0.06:
        x, y = face.eye_x, face.eye_y
        wedge = np.array(
            [(0.46 * x, face.brow_y + 10), (0.46 * x, face.brow_y + 10), (0.24 * x, y - 30), (0.15 * x, y + 10),
             (0.15 * x, y + 10), (0.29 * x, y + 6), (0.36 * x, y - 18)]
        )  # fmt: skip
        pair = (_points(wedge), _points(wedge * (-1.0, 1.0)))
        found.append(Mark(pair, shade.faded(socket), 7.0))
    hollow = grown * (0.5 - 0.2 * who.femininity)
    if hollow > 0.08:
        x, y = face.jaw[3][0], 0.5 * (face.nose_y + face.mouth_y)
        wedge = np.array(
            [
                (x, y - 26),
                (0.8 * x, y),
                (0.58 * x, y + 34),
                (0.58 * x, y + 34),
                (0.76 * x, y + 32),
                (0.97 * x, y + 12),
            ]
        )
        pair = (_points(wedge), _points(wedge * (-1.0, 1.0)))
        found.append(Mark(pair, shade.faded(hollow), 9.0))
    shine = 0.16 * grown + 0.3 * dark + (0.12 if random.random() < 0.3 else 0.0)
    if shine > 0.08:
        light = skin.to(0.07, 0.9, 6).faded(min(2.0 * shine, 0.7))
        y = face.eye_y + 44 * face.eye.height + 24
        bones = (oval(-104.0, y, 24.0, 9.0, 0.3), oval(92.0, y, 18.0, 7.0, -0.3))
        bridge = oval(-3.0, face.nose_y - 42, 4.0, 26.0)
        found.append(Mark((*bones, bridge), light, 5.0))
    return found


def _stubble(face: FaceShape, skin: Tone, random: np.random.Generator) -> list[Mark]:
    """Stubble along the jaw and over the chin, light or heavy: a soft shadow."""
    jaw = np.array(face.jaw)[2:, :2]
    y, w, shade = face.mouth_y, face.mouth_width + 10.0, skin_shadow(skin)
    edge = np.array([(jaw[0, 0] - 9.0, jaw[0, 1]), (0.93 * jaw[1, 0], jaw[1, 1] + 6.0),
                     (0.83 * jaw[2, 0], y - 22.0), (w + 12.0, y - 2.0), (0.7 * w, y + 22.0), (0.0, y + 27.0)])  # fmt: skip
    rim = np.concatenate([jaw + np.array([4.0, 4.0]), [(0.0, jaw[-1, 1] + 6.0)]])
    other = (-1.0, 1.0)
    whole = np.concatenate([rim, rim[::-1] * other, edge * other, edge[::-1]])
    return [Mark((_points(whole),), shade.faded(0.24 if random.random() < 0.6 else 0.4), 15.0)]


def _points(line: np.ndarray) -> Line:
    return tuple((float(x), float(y)) for x, y in line.round(2))


def freckles(face: FaceShape, skin: Tone, random: np.random.Generator) -> Mark:
    """A few to many spots over cheeks and nose."""
    count = int(random.integers(14, 44))
    across = random.normal(0.0, 62.0, count)
    bow = 10.0 * np.cos(across / 60.0)
    down = face.nose_y - 2.0 - bow + random.normal(0.0, 9.0, count)
    size = random.uniform(1.1, 2.3, count)
    near = np.abs(across) < 0.8 * face.jaw[3][0]
    spots = tuple(
        oval(x, y, s, s * 0.85, 0.0, 6) for x, y, s in zip(across[near], down[near], size[near], strict=True)
    )
    return Mark(spots, skin.to(-0.2, 1.5, -10).faded(random.uniform(0.3, 0.6)))


def _special(face: FaceShape, skin: Tone, who: Cast, random: np.random.Generator) -> list[Mark]:
    """What only some wear: scars, paint, gems, scales."""
    side = int(random.choice([-1, 1]))
    bold = Tone(random.uniform(0.45, 0.7), random.uniform(0.12, 0.2), random.uniform(0, 360))
    chance = random.random()
    if who.species == "dragon":
        return _scales(face, skin, random)
    if who.species in ("demon", "spirit", "elf") and chance < 0.25:
        return _sign(face, bold, random)
    if who.species in ("cat", "fox", "wolf") and chance < 0.25:
        return [Mark(_whiskers(face), face.line.faded(0.55))]
    if who.genre == "traditional" and chance < 0.2:
        return _sign(face, Tone(0.55, 0.2, 26), random)
    if chance < 0.045 + 0.09 * (1 - who.femininity):
        return _scar(face, skin, side, random)
    if who.genre in ("future", "fantasy") and chance < 0.3:
        x = face.eye_x
        y = face.eye_y + 58 * face.eye_scale
        bars = tuple(
            _bar(e * (x + 6 * i), y + 13 * i, 26 - 7 * i, 5.0, 0.1 * e) for i in range(2) for e in (-1, 1)
        )
        return [Mark(bars, bold.faded(0.9))]
    return []


def _bar(x: float, y: float, long: float, thick: float, turn: float) -> Line:
    """A bar with pointed ends, `long` from end to end."""
    c, s = np.cos(turn), np.sin(turn)
    local = ((-long / 2, 0.0), (0.0, -thick / 2), (long / 2, 0.0), (0.0, thick / 2))
    return cornered_line(tuple((float(x + a * c - b * s), float(y + a * s + b * c)) for a, b in local))


def _scar(face: FaceShape, skin: Tone, side: int, random: np.random.Generator) -> list[Mark]:
    """Across a cheek, the nose or an eyebrow."""
    tone = skin.to(-0.1, 1.5, -22)
    where = random.random()
    if where < 0.4:
        x, y, long, turn = side * 0.6 * face.jaw[3][0], face.nose_y + 18.0, 62.0, -0.35 * side
    elif where < 0.6:
        x, y, long, turn = 0.0, face.nose_y - 30.0, 74.0, 0.06
    else:
        x, y, long, turn = side * (face.eye_x + 16), face.eye_y + 10.0, 150.0, 1.4 * side
    return [
        Mark((_bar(x, y, long, 6.5, turn),), tone.faded(0.9)),
        Mark((_bar(x + 1.5, y + 1.5, long * 0.8, 2.0, turn),), skin.to(0.05).faded(0.8)),
    ]


def _sign(face: FaceShape, tone: Tone, random: np.random.Generator) -> list[Mark]:
    """Paint on the forehead, or from the outer corners of the eyes."""
    if random.random() < 0.5:
        y = face.brow_y - 38.0
        drop = ((0.0, y - 17), (0.0, y - 17), (7.5, y), (0.0, y + 17), (0.0, y + 17), (-7.5, y))
        beside = tuple(oval(e * 19.0, y + 5.0, 3.2, 3.2) for e in (-1, 1))
        return [Mark((drop, *beside), tone)]
    x, y = face.eye_x + 66 * face.eye_scale, face.eye_y - 2.0
    tails = tuple(
        ((e * (x - 30), y + 18), (e * (x - 30), y + 18), (e * (x + 2), y + 8), (e * (x + 16), y - 10),
         (e * (x + 16), y - 10), (e * (x + 8), y + 10))
        for e in (-1, 1)
    )  # fmt: skip
    return [Mark(tails, tone.faded(0.9))]


def _whiskers(face: FaceShape) -> tuple[Line, ...]:
    """Three strokes on each cheek."""
    x, y = 0.68 * face.jaw[3][0], 0.5 * (face.nose_y + face.mouth_y) - 2
    return tuple(
        _bar(e * (x + 2.0 * i), y + 13.0 * i, 40.0, 4.0, e * (0.06 + 0.14 * i))
        for i in range(3)
        for e in (-1, 1)
    )


def _scales(face: FaceShape, skin: Tone, random: np.random.Generator) -> list[Mark]:
    """A few scales on each cheek below the eye."""
    hue = random.uniform(0, 360)
    tone = Tone(max(skin.light - 0.22, 0.3), 0.1, hue)
    x, y = 0.79 * face.jaw[3][0], face.eye_y + 62.0
    spots = ((0, 0, 8.0), (-13, 9, 7.0), (3, 16, 6.5), (-9, 24, 5.5), (-24, 16, 5.0), (10, 30, 4.5))
    outlines = tuple(
        cornered_line(
            tuple(
                (float(e * (x + a + r * c)), float(y + b + 1.15 * r * d))
                for c, d in ((0, -1), (1, 0), (0, 1), (-1, 0))
            )
        )
        for a, b, r in spots
        for e in (-1, 1)
    )
    return [Mark(outlines, tone.faded(0.75))]
