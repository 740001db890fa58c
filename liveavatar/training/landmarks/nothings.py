"""Pictures without a face, drawn in many ways: writing, ornament, leaves, hills, cloth, animals, streets."""

import cv2
import numpy as np

from liveavatar.training.landmarks.handpaint import Colour, colour, fill, stroke


def nothing(size: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """(height, width, 3) uint8."""
    width, height = size
    picture = np.full((height, width, 3), _light(random), np.uint8)
    for _ in range(int(random.integers(1, 3))):
        paint = _KINDS[int(random.integers(len(_KINDS)))]
        paint(picture, random)
    return picture


def _text(picture: np.ndarray, random: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    ink, scale = _dark(random), float(random.uniform(0.18, 1.1))
    y, step = float(random.uniform(0, 20)), 34 * scale * random.uniform(0.9, 1.6)
    font, wide = int(random.integers(0, 8)), max(1, round(scale * random.uniform(0.6, 3)))
    strokes = random.random() < 0.4
    while y < height + step:
        if strokes:  # signs of short strokes, in squares
            for x in np.arange(random.uniform(-10, 10), width, 26 * scale):
                for _ in range(int(random.integers(2, 6))):
                    a, b = random.uniform(0, 20 * scale, (2, 2)) + np.array([x, y - 20 * scale])
                    b[int(random.integers(2))] = a[int(random.integers(2))] if random.random() < 0.2 else b[0]
                    cv2.line(picture, _at(a), _at(b), ink, wide, cv2.LINE_AA)
        else:
            words = "".join(chr(int(c)) for c in random.integers(33, 123, 40))
            cv2.putText(
                picture, words, _at((random.uniform(-30, 10), y)), font, scale, ink, wide, cv2.LINE_AA
            )
        y += step


def _ornament(picture: np.ndarray, random: np.random.Generator) -> None:
    """One figure, again and again: in rows, mirrored, or round a middle."""
    height, width = picture.shape[:2]
    step = float(random.uniform(10, 60))
    kind, paints = int(random.integers(5)), [_any(random) for _ in range(3)]
    leaves = int(random.integers(3, 9))
    for row, y in enumerate(np.arange(0, height + step, step)):
        for x in np.arange(0, width + step, step):
            middle = np.array([x + (row % 2) * step / 2, y])
            if kind == 0:
                cv2.circle(picture, _at(middle), round(0.4 * step), paints[0], -1, cv2.LINE_AA)
                cv2.circle(picture, _at(middle), round(0.2 * step), paints[1], -1, cv2.LINE_AA)
            elif kind == 1:
                fill(picture, middle + 0.5 * step * np.array([(0, -1), (1, 0), (0, 1), (-1, 0)]), paints[0])
                cv2.circle(picture, _at(middle), round(0.15 * step), paints[1], -1, cv2.LINE_AA)
            elif kind == 2:
                for k in range(leaves):
                    _leaf(picture, middle, 2 * np.pi * k / leaves, 0.45 * step, paints[k % 2], 0.35)
            elif kind == 3:
                cv2.ellipse(
                    picture,
                    _at(middle),
                    _at((0.5 * step, 0.4 * step)),
                    0,
                    0,
                    180,
                    paints[0],
                    1 + round(step / 20),
                    cv2.LINE_AA,
                )
            else:
                spiral = np.linspace(0, 5, 25)
                line = middle + (0.09 * step * spiral)[:, None] * np.stack(
                    [np.cos(2 * spiral), np.sin(2 * spiral)], 1
                )
                stroke(picture, line, paints[0], np.full(25, 0.3 + step / 60))


def _leaves(picture: np.ndarray, random: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    length = float(random.uniform(6, 40))
    base = random.integers(20, 200, 3)
    for _ in range(int(random.integers(15, 140))):
        paint = colour(base + random.normal(0, 30, 3))
        _leaf(
            picture,
            random.uniform(0, (width, height)),
            random.uniform(0, 6.3),
            length,
            paint,
            random.uniform(0.15, 0.5),
        )


def _hills(picture: np.ndarray, random: np.random.Generator) -> None:
    """Sky, a sun or clouds, hills or roofs, water, trees."""
    height, width = picture.shape[:2]
    sky, far = random.integers(90, 256, 3), random.integers(90, 256, 3)
    ramp = np.linspace(0, 1, height)[:, None, None]
    picture[...] = np.broadcast_to((sky + (far - sky) * ramp), picture.shape).astype(np.uint8)
    for _ in range(int(random.integers(0, 4))):
        at, radius = random.uniform(0, (width, 0.6 * height)), random.uniform(4, 0.2 * width)
        for _ in range(int(random.integers(1, 6))):
            cv2.circle(picture, _at(at), round(radius), _light(random), -1, cv2.LINE_AA)
            at = at + random.normal(0, radius, 2) * (1, 0.3)
    x = np.arange(0, width + 4, 4.0)
    for k in range(int(random.integers(1, 6))):
        level = height * random.uniform(0.35, 0.95)
        waves = sum(
            random.normal(0, 0.06 * height / f) * np.sin(f * 6.3 * x / width + random.uniform(0, 6))
            for f in (1, 2, 5, 9)
        )
        ground = np.stack([x, level + waves], 1)
        fill(picture, np.concatenate([ground, [(width, height), (0, height)]]), _any(random))
        for spot in ground[:: int(random.integers(5, 20))]:
            if random.random() < 0.5:
                tall = height * random.uniform(0.05, 0.3)
                if k % 2:
                    fill(picture, spot + tall * np.array([(0, -1), (0.3, 0.1), (-0.3, 0.1)]), _dark(random))
                else:
                    cv2.line(picture, _at(spot), _at(spot - (0, tall)), _dark(random), 2, cv2.LINE_AA)
                    cv2.circle(
                        picture,
                        _at(spot - (0, tall)),
                        max(1, round(0.4 * tall)),
                        _any(random),
                        -1,
                        cv2.LINE_AA,
                    )


def _cloth(picture: np.ndarray, random: np.random.Generator) -> None:
    """Folds, seams, buttons, a collar."""
    height, width = picture.shape[:2]
    base = random.integers(20, 256, 3)
    picture[...] = colour(base)
    for _ in range(int(random.integers(3, 16))):
        a, c = random.uniform(0, (width, height), (2, 2))
        s = np.linspace(0, 1, 25)[:, None]
        line = (1 - s) * a + s * c + np.sin(np.pi * s) * random.normal(0, 0.15 * width, 2)
        shade = colour(base * random.uniform(0.3, 1.3))
        stroke(picture, line, shade, random.uniform(0.4, 0.05 * width) * np.sin(np.pi * s[:, 0]))
    x = random.uniform(0, width)
    for y in np.arange(random.uniform(0, 20), height, random.uniform(14, 60)):
        at = _at((x, y))
        cv2.circle(picture, at, int(random.integers(2, 9)), _any(random), -1, cv2.LINE_AA)
        cv2.circle(picture, at, 1, _dark(random), -1, cv2.LINE_AA)


def _beast(picture: np.ndarray, random: np.random.Generator) -> None:
    """An animal seen from its side, flat: body, legs, head with an ear and at most one dot of an eye, tail."""
    height, width = picture.shape[:2]
    fur = _any(random)
    for _ in range(int(random.integers(1, 4))):
        size, at = random.uniform(0.08, 0.4) * width, random.uniform(0.1, 0.9, 2) * (width, height)
        sign = 1 if random.random() < 0.5 else -1

        def put(x: float, y: float) -> tuple[int, int]:
            return _at(at + size * np.array([sign * x, y]))  # noqa: B023

        def wide(share: float) -> int:
            return max(1, round(share * size))  # noqa: B023

        for x in (-0.5, -0.35, 0.3, 0.45):
            cv2.line(
                picture, put(x, 0.1), put(x + random.normal(0, 0.08), 0.75), fur, wide(0.11), cv2.LINE_AA
            )
        cv2.ellipse(
            picture,
            put(0, 0),
            (wide(0.65), wide(random.uniform(0.25, 0.42))),
            0,
            0,
            360,
            fur,
            -1,
            cv2.LINE_AA,
        )
        cv2.line(picture, put(0.45, -0.05), put(0.75, -0.45), fur, wide(0.22), cv2.LINE_AA)
        cv2.ellipse(picture, put(0.85, -0.5), (wide(0.3), wide(0.2)), 0, 0, 360, fur, -1, cv2.LINE_AA)
        fill(picture, np.array([put(0.6, -0.6), put(0.68, -0.95), put(0.8, -0.62)], float), fur)
        cv2.line(picture, put(-0.6, 0), put(-1.0, random.uniform(-0.6, 0.3)), fur, wide(0.07), cv2.LINE_AA)
        if random.random() < 0.6:
            cv2.circle(picture, put(0.88, -0.55), wide(0.04), _dark(random), -1, cv2.LINE_AA)


def _street(picture: np.ndarray, random: np.random.Generator) -> None:
    """Boxes with windows, wheels, doors."""
    height, width = picture.shape[:2]
    for _ in range(int(random.integers(2, 9))):
        a = random.uniform(-0.1, 0.9, 2) * (width, height)
        b = a + random.uniform(0.1, 0.5, 2) * (width, height)
        wall, pane = _any(random), _any(random)
        cv2.rectangle(picture, _at(a), _at(b), wall, -1)
        if random.random() < 0.5:
            cv2.rectangle(picture, _at(a), _at(b), _dark(random), 1)
        step = random.uniform(0.15, 0.4) * (b - a)
        for y in np.arange(a[1] + 0.3 * step[1], b[1] - 0.5 * step[1], step[1]):
            for x in np.arange(a[0] + 0.3 * step[0], b[0] - 0.5 * step[0], step[0]):
                cv2.rectangle(picture, _at((x, y)), _at((x + 0.5 * step[0], y + 0.6 * step[1])), pane, -1)
        if random.random() < 0.4:
            for x in (0.25, 0.75):
                wheel, radius = _at((a[0] + x * (b[0] - a[0]), b[1])), max(2, round(0.14 * (b[0] - a[0])))
                cv2.circle(picture, wheel, radius, _dark(random), -1, cv2.LINE_AA)
                cv2.circle(picture, wheel, radius // 2, _light(random), -1, cv2.LINE_AA)


_KINDS = (_text, _text, _ornament, _ornament, _leaves, _hills, _hills, _cloth, _beast, _street)


def _leaf(
    picture: np.ndarray, at: np.ndarray, angle: float, length: float, paint: Colour, wide: float
) -> None:
    along = length * np.array([np.cos(angle), np.sin(angle)])
    s = np.linspace(0, 1, 9)
    stroke(picture, at + s[:, None] * along, paint, wide * length * np.sin(np.pi * s))


def _at(point: object) -> tuple[int, int]:
    x, y = (round(float(v)) for v in np.asarray(point))
    return x, y


def _any(random: np.random.Generator) -> Colour:
    return colour(random.integers(0, 256, 3))


def _light(random: np.random.Generator) -> Colour:
    return colour((255, 255, 255) if random.random() < 0.3 else random.integers(150, 256, 3))


def _dark(random: np.random.Generator) -> Colour:
    return colour(random.integers(0, 110, 3))
