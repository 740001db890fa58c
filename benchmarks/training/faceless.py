"""Pictures without a face for benchmarks.training.landmarks: sixty things in ten kinds, none of them drawn by what draws for
training, and sixty of blotches, letters and discs.

    python -m benchmarks.training.faceless SHEET.png
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import skia
from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 480)
Random = np.random.Generator


def pages() -> dict[str, list[np.ndarray]]:
    """Six pictures (480, 640, 3) uint8 of each kind."""
    return {
        kind.__name__.strip("_"): [kind(np.random.default_rng((k, n))) for n in range(6)]
        for k, kind in enumerate(_KINDS)
    }


def blotches() -> list[np.ndarray]:
    """Sixty pictures (360, 480, 3) uint8: coarse noise or letters under discs."""
    pictures = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        coarse = random.integers(0, 256, (2 + seed % 14, 2 + seed % 14, 3)).astype(np.uint8)
        rgb = cv2.resize(coarse, (480, 360), interpolation=cv2.INTER_CUBIC if seed % 2 else cv2.INTER_NEAREST)
        if seed % 3 == 0:
            rgb = np.full_like(rgb, 245)
            for line in range(12):
                text = "".join(chr(int(c)) for c in random.integers(65, 122, 24))
                font = int(random.integers(0, 5))
                cv2.putText(rgb, text, (10, 30 + 28 * line), font, 0.8, (30, 30, 30), 1 + seed % 2)
        for _ in range(seed % 5):
            colour = tuple(int(v) for v in random.integers(0, 256, 3))
            at = tuple(int(v) for v in random.integers(0, 360, 2))
            cv2.circle(rgb, at, int(random.integers(5, 80)), colour, -1)
        pictures.append(rgb)
    return pictures


def _page(random: Random) -> np.ndarray:
    """Columns of words, a headline, a frame."""
    paper = int(random.integers(225, 256))
    picture = Image.new("RGB", SIZE, (paper, paper, paper - int(random.integers(0, 25))))
    pen = ImageDraw.Draw(picture)
    ink = tuple(int(v) for v in random.integers(0, 90, 3))
    large = int(random.integers(24, 90))
    pen.text((20, 10), _words(random, 4), ink, ImageFont.load_default(large))
    size, columns = float(random.integers(9, 30)), int(random.integers(1, 4))
    for column in range(columns):
        for y in np.arange(30 + large, 470, 1.35 * size):
            pen.text(
                (20 + column * 620 / columns, y),
                _words(random, 12)[: round(1000 / columns / size)],
                ink,
                ImageFont.load_default(size),
            )
    return np.asarray(picture).copy()


def _words(random: Random, count: int) -> str:
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    return " ".join(
        "".join(letters[min(25, int(v))] for v in random.exponential(7, int(random.integers(2, 9))))
        for _ in range(count)
    ).capitalize()


def _score(random: Random) -> np.ndarray:
    """Sheet music."""
    picture = np.full((480, 640, 3), 250, np.uint8)
    for y in range(50, 460, 95):
        for k in range(5):
            cv2.line(picture, (20, y + 9 * k), (620, y + 9 * k), (40, 40, 40), 1)
        for x in np.arange(60, 610, random.uniform(18, 44)):
            note = int(x), y + int(random.integers(-4, 44))
            cv2.ellipse(
                picture,
                note,
                (6, 4),
                -20,
                0,
                360,
                (10, 10, 10),
                -1 if random.random() < 0.7 else 1,
                cv2.LINE_AA,
            )
            cv2.line(
                picture, (note[0] + 5, note[1]), (note[0] + 5, note[1] - 30), (10, 10, 10), 1, cv2.LINE_AA
            )
    return picture


def _mountains(random: Random) -> np.ndarray:
    """Ridges of a midpoint fractal one behind the other, a moon and its reflection."""
    canvas = _canvas()
    _ramp(canvas, random)
    pen = skia.Canvas(canvas)
    moon = random.uniform(60, 580), random.uniform(40, 200)
    pen.drawCircle(*moon, float(random.uniform(10, 60)), _paint((255, 250, 225)))
    for k in range(4):
        line = np.array([random.uniform(-40, 40), random.uniform(-40, 40)])
        for level in range(7):
            middle = (line[1:] + line[:-1]) / 2 + random.normal(0, 60 / 1.9**level, len(line) - 1)
            line = np.insert(line, np.arange(1, len(line)), middle)
        ridge = np.stack([np.linspace(0, 640, len(line)), 210 + 65 * k + line], 1)
        _fill(
            pen,
            np.concatenate([ridge, [(640, 480), (0, 480)]]),
            tuple(int(v) for v in random.integers(20, 60, 3) + 45 * (3 - k)),
        )
    for y in range(440, 480, 6):
        pen.drawLine(
            moon[0] - random.uniform(10, 60),
            y,
            moon[0] + random.uniform(10, 60),
            y,
            _paint((255, 245, 210), 2),
        )
    return _shown(canvas)


def _woods(random: Random) -> np.ndarray:
    """Trees that fork, with round leaves."""
    canvas = _canvas()
    _ramp(canvas, random)
    pen = skia.Canvas(canvas)
    green = random.integers(30, 200, 3)

    def grow(x: float, y: float, angle: float, length: float, depth: int) -> None:
        to = x + length * np.sin(angle), y - length * np.cos(angle)
        pen.drawLine(float(x), float(y), float(to[0]), float(to[1]), _paint((80, 55, 40), 0.16 * length))
        if depth:
            for turn in random.normal((-0.45, 0.45), 0.2):
                grow(*to, angle + turn, 0.74 * length, depth - 1)
        else:
            leaf = tuple(int(v) for v in (green + random.normal(0, 25, 3)).clip(0, 255))
            pen.drawCircle(float(to[0]), float(to[1]), float(random.uniform(4, 13)), _paint(leaf))

    for _ in range(int(random.integers(1, 5))):
        grow(random.uniform(60, 580), 470, 0.0, random.uniform(60, 120), 6)
    return _shown(canvas)


def _rosettes(random: Random) -> np.ndarray:
    """Mirrored curves round middles: damask, lace, mandalas."""
    canvas = _canvas(tuple(int(v) for v in random.integers(0, 256, 3)))
    pen = skia.Canvas(canvas)
    folds, step = int(random.integers(2, 13)), float(random.choice([120, 200, 320, 480]))
    shapes = [random.uniform(-0.5, 0.5, (4, 2)) for _ in range(5)]
    paints = [tuple(int(v) for v in random.integers(0, 256, 3)) for _ in shapes]
    for y in np.arange(step / 2, 480 + step / 2, step):
        for x in np.arange(step / 2, 640 + step / 2, step):
            for shape, paint in zip(shapes, paints, strict=True):
                for fold in range(folds):
                    for mirror in (1, -1):
                        angle = 2 * np.pi * fold / folds
                        c, s = np.cos(angle), np.sin(angle)
                        at = (shape * (mirror, 1) @ np.array([[c, s], [-s, c]])) * 0.9 * step + (x, y)
                        path = skia.Path()
                        path.moveTo(*at[0].tolist())
                        path.cubicTo(*at[1].tolist(), *at[2].tolist(), *at[3].tolist())
                        pen.drawPath(path, _paint(paint, 0.02 * step))
    return _shown(canvas)


def _flowers(random: Random) -> np.ndarray:
    canvas = _canvas(tuple(int(v) for v in random.integers(120, 256, 3)))
    pen = skia.Canvas(canvas)
    for _ in range(int(random.integers(2, 14))):
        x, y, size = random.uniform(40, 600), random.uniform(40, 400), random.uniform(20, 90)
        pen.drawLine(float(x), float(y), float(x + random.normal(0, 30)), 480, _paint((60, 130, 60), 5))
        petal, count = tuple(int(v) for v in random.integers(80, 256, 3)), int(random.integers(4, 12))
        for k in range(count):
            pen.save()
            pen.translate(float(x), float(y))
            pen.rotate(360 * k / count)
            pen.drawOval(skia.Rect.MakeXYWH(0, -0.2 * size, size, 0.4 * size), _paint(petal))
            pen.restore()
        pen.drawCircle(float(x), float(y), 0.3 * float(size), _paint((230, 190, 40)))
    return _shown(canvas)


def _fishes(random: Random) -> np.ndarray:
    """Fish and birds as flat shapes."""
    canvas = _canvas(tuple(int(v) for v in random.integers(60, 256, 3)))
    pen = skia.Canvas(canvas)
    for _ in range(int(random.integers(1, 9))):
        x, y, size = random.uniform(80, 560), random.uniform(60, 420), random.uniform(30, 170)
        sign = float(random.choice([-1.0, 1.0]))
        skin = tuple(int(v) for v in random.integers(0, 256, 3))
        bird = random.random() < 0.4
        body = np.array(
            [
                (1, 0),
                (0.5, -0.4),
                (-0.3, -0.35),
                (-0.8, 0),
                (-1.25, -0.35),
                (-1.25, 0.35),
                (-0.8, 0),
                (-0.3, 0.35),
                (0.5, 0.4),
            ]
        )
        _fill(pen, body * (sign * size, size) + (x, y), skin)
        if bird:
            _fill(
                pen,
                np.array([(0.3, -0.1), (-0.5, -1.1), (-0.4, 0.1)]) * (sign * size, size) + (x, y),
                tuple(int(0.7 * v) for v in skin),
            )
        pen.drawCircle(
            float(x + sign * 0.65 * size), float(y - 0.08 * size), 0.07 * float(size), _paint((20, 20, 20))
        )
    return _shown(canvas)


def _table(random: Random) -> np.ndarray:
    """Things: cups, plates, books, a clock, fruit."""
    canvas = _canvas(tuple(int(v) for v in random.integers(140, 256, 3)))
    pen = skia.Canvas(canvas)
    pen.drawRect(
        skia.Rect.MakeLTRB(0, 330, 640, 480), _paint(tuple(int(v) for v in random.integers(60, 180, 3)))
    )
    for k in range(int(random.integers(3, 8))):
        x, size = 60 + 80 * k, float(random.uniform(25, 70))
        paint, kind = _paint(tuple(int(v) for v in random.integers(0, 256, 3))), int(random.integers(5))
        if kind == 0:
            pen.drawRect(skia.Rect.MakeXYWH(x, 340 - size, size, size), paint)
            pen.drawCircle(x + size, 340 - size / 2, size / 3, _paint((60, 60, 60), 6))
        elif kind == 1:
            for j in range(4):
                book = _paint(tuple(int(v) for v in random.integers(0, 256, 3)))
                pen.drawRect(skia.Rect.MakeXYWH(x + 12 * j, 340 - 2 * size, 11, 2 * size), book)
        elif kind == 2:
            pen.drawCircle(x, 340 - size, size, _paint((245, 245, 240)))
            pen.drawCircle(x, 340 - size, size, _paint((40, 40, 40), 4))
            for hour in range(12):
                angle = hour * np.pi / 6
                pen.drawCircle(
                    float(x + 0.8 * size * np.sin(angle)),
                    float(340 - size - 0.8 * size * np.cos(angle)),
                    2.5,
                    _paint((0, 0, 0)),
                )
            pen.drawLine(x, 340 - size, x + 0.5 * size, 340 - 1.3 * size, _paint((0, 0, 0), 3))
        else:
            pen.drawCircle(x, 340 - size / 2, size / 2, paint)
            pen.drawLine(x, 340 - size, x + 6, 325 - size, _paint((90, 60, 30), 4))
    return _shown(canvas)


def _charts(random: Random) -> np.ndarray:
    canvas = _canvas()
    pen = skia.Canvas(canvas)
    heights = random.uniform(20, 300, int(random.integers(4, 14)))
    for k, height in enumerate(heights):
        paint = _paint(tuple(int(v) for v in random.integers(30, 230, 3)))
        pen.drawRect(
            skia.Rect.MakeXYWH(
                40 + 260 * k / len(heights), 420 - float(height), 200 / len(heights), float(height)
            ),
            paint,
        )
    pen.drawLine(30, 420, 320, 420, _paint((0, 0, 0), 2))
    start, ends = 0.0, np.sort(random.uniform(0, 360, 5))
    for end in [*ends, 360.0]:
        paint = _paint(tuple(int(v) for v in random.integers(30, 230, 3)))
        pen.drawArc(skia.Rect.MakeXYWH(370, 90, 230, 230), start, float(end) - start, True, paint)
        start = float(end)
    return _shown(canvas)


def _grain(random: Random) -> np.ndarray:
    """What a camera sees without things: soft light, grain, folds of cloth, bark, clouds."""
    total = np.zeros((480, 640, 3), np.float32)
    stretch = random.uniform(0.3, 3)
    for level in range(1, 8):
        knots = max(2, round(2**level * stretch)), max(2, round(2**level / stretch))
        noise = random.normal(0, 1.7**-level, (*knots, 1)) + random.normal(0, 0.3 * 1.7**-level, (*knots, 3))
        total += cv2.resize(noise.astype(np.float32), SIZE, interpolation=cv2.INTER_CUBIC)
    total = np.abs(total) if random.random() < 0.5 else total
    colour = random.uniform(60, 200, 3)
    return (colour + 70 * total + random.normal(0, 4, total.shape)).clip(0, 255).astype(np.uint8)


_KINDS: tuple[Callable[[Random], np.ndarray], ...] = (
    _page, _score, _mountains, _woods, _rosettes, _flowers, _fishes, _table, _charts, _grain,
)  # fmt: skip


def _canvas(paint: tuple[int, ...] = (255, 255, 255)) -> np.ndarray:
    canvas = np.full((480, 640, 4), 255, np.uint8)
    canvas[..., :3] = paint
    return canvas


def _ramp(canvas: np.ndarray, random: Random) -> None:
    """A sky."""
    high, low = random.integers(60, 256, (2, 3))
    canvas[..., :3] = (high + (low - high) * np.linspace(0, 1, 480)[:, None, None]).astype(np.uint8)


def _paint(colour: tuple[int, ...], width: float = 0.0) -> skia.Paint:
    """A filling, or with a width a line."""
    paint = skia.Paint(Color=skia.Color(*colour), AntiAlias=True)
    if width:
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeWidth(float(width))
    return paint


def _fill(pen: skia.Canvas, outline: np.ndarray, colour: tuple[int, ...]) -> None:
    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in outline], True)
    pen.drawPath(path, _paint(colour))


def _shown(canvas: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(canvas[..., :3])


def main() -> None:
    """See the module."""
    rows = [
        np.hstack([cv2.resize(rgb, (200, 150), interpolation=cv2.INTER_AREA) for rgb in kind])
        for kind in pages().values()
    ]
    cv2.imwrite(str(Path(sys.argv[1])), np.vstack(rows)[..., ::-1])


if __name__ == "__main__":
    main()
