"""What happens to pictures of faces: sizes, turns, bends, backgrounds, greys, sketches, screens, blur, compression, noise."""

import cv2
import numpy as np

from liveavatar.landmarks.points import MIRRORED
from liveavatar.training.landmarks.nothings import nothing

_MIRRORED = np.array(MIRRORED)


def bend(
    points: np.ndarray, size: tuple[int, int], move: np.ndarray, amount: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where an output picture of (width, height) is taken from, map_x and map_y for cv2.remap, and where points (n, 2) go.

    move: (2, 3), source to output; amount: how far the picture is bent smoothly besides, a sigma as a share of its width."""
    width, height = size
    back = cv2.invertAffineTransform(move)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    knots = int(random.integers(3, 6))
    coarse = random.normal(0, amount * width, (knots, knots, 2)).astype(np.float32)
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    bent_x, bent_y = x + field[..., 0], y + field[..., 1]
    maps = [(back[i, 0] * bent_x + back[i, 1] * bent_y + back[i, 2]).astype(np.float32) for i in (0, 1)]
    there = points @ move[:, :2].T + move[:, 2]
    out = there.copy()
    for _ in range(6):  # an output pixel p shows p + field(p)
        at = out.astype(np.float32)
        shift = cv2.remap(field, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        out = there - shift[:, 0]
    return maps[0], maps[1], out.astype(np.float32)


def mirrored(points: np.ndarray, hidden: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The points (46, 2) and what hides them in the mirrored picture."""
    flipped = points[_MIRRORED].copy()
    flipped[:, 0] = width - flipped[:, 0]
    return flipped, hidden[_MIRRORED]


def background(size: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """(height, width, 3) uint8: a plain colour, a blend, blotches, stripes or scribbles, or a picture of something."""
    if random.random() < 0.25:
        return nothing(size, random)
    width, height = size
    first, second = random.integers(0, 256, (2, 3))
    kind = random.random()
    if kind < 0.35:
        first = np.full(3, 255) if random.random() < 0.5 else first
        return np.full((height, width, 3), first, np.uint8)
    if kind < 0.55:
        ramp = np.linspace(0, 1, height)[:, None] * random.uniform(-1, 1) + np.linspace(
            0, 1, width
        ) * random.uniform(-1, 1)
        ramp = (ramp - ramp.min()) / max(float(np.ptp(ramp)), 1e-6)
        return (first + (second - first) * ramp[..., None]).astype(np.uint8)
    knots = int(random.choice([4, 8, 16, 32]))
    noise = random.integers(0, 256, (knots, knots, 3)).astype(np.uint8)
    picture = cv2.resize(
        noise, (width, height), interpolation=int(random.choice([cv2.INTER_CUBIC, cv2.INTER_NEAREST]))
    )
    for _ in range(int(random.integers(0, 14))):
        colour = tuple(int(v) for v in random.integers(0, 256, 3))
        a, b = (tuple(int(v) for v in random.integers(0, (width, height))) for _ in range(2))
        if random.random() < 0.5:
            cv2.line(picture, a, b, colour, int(random.integers(1, 1 + width // 16)), cv2.LINE_AA)
        else:
            axes = tuple(int(v) for v in random.integers(2, width // 4, 2))
            cv2.ellipse(
                picture,
                a,
                axes,
                float(random.uniform(0, 180)),
                0,
                360,
                colour,
                -1 if random.random() < 0.6 else 2,
            )
    return picture


def occlude(picture: np.ndarray, points: np.ndarray, hidden: np.ndarray, random: np.random.Generator) -> None:
    """Something before the face, in place."""
    size = len(picture)
    mask = np.zeros(picture.shape[:2], np.uint8)
    middle = points[int(random.integers(len(points)))] + random.normal(0, 0.1 * size, 2)
    axes = random.uniform(0.04, 0.2, 2) * size
    at = tuple(int(v) for v in middle), tuple(int(v) for v in axes)
    cv2.ellipse(mask, at[0], at[1], float(random.uniform(0, 180)), 0, 360, 255, -1)
    picture[mask > 0] = random.integers(0, 256, 3)
    x, y = np.clip(np.round(points).astype(int), 0, size - 1).T
    hidden |= mask[y, x] > 0


def weather(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What pens, printers, screens and files do to a picture (h, w, 3) uint8."""
    chance = random.random
    if chance() < 0.25:
        picture = _coarse(picture, random)
    if chance() < 0.10:
        picture = _inked(picture, random)
    if chance() < 0.14:
        picture = _sketch(picture, random)
    elif chance() < 0.14:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        if chance() < 0.4:
            grey = _screen(grey, random)
        picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    if chance() < 0.6:
        picture = _light(picture, random)
    if chance() < 0.1:
        steps = int(random.integers(3, 9))
        picture = (picture // (256 // steps) * (255 // (steps - 1))).clip(0, 255).astype(np.uint8)
    if chance() < 0.25:
        picture = cv2.GaussianBlur(picture, (0, 0), float(random.uniform(0.4, 1.3)))
    if chance() < 0.2:
        noise = random.normal(
            0, random.uniform(2, 16), picture.shape[:2] if chance() < 0.5 else picture.shape
        )
        picture = (picture + (noise[..., None] if noise.ndim == 2 else noise)).clip(0, 255).astype(np.uint8)
    if chance() < 0.25:
        code = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, int(random.integers(15, 80))))[1]
        picture = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR))
    return picture


def _coarse(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """As if it had been small."""
    height, width = picture.shape[:2]
    share = float(random.uniform(0.3, 0.9))
    small = cv2.resize(picture, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
    how = int(random.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST], p=[0.45, 0.45, 0.1]))
    return cv2.resize(small, (width, height), interpolation=how)


def _inked(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Lines along all edges."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    edge = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)).astype(np.float32)
    share = np.clip(edge * random.uniform(0.004, 0.015), 0, 0.9)[..., None]
    return (picture * (1 - share)).astype(np.uint8)


def _sketch(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Pencil on paper: what is darker than its surroundings."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) + 8
    far = cv2.GaussianBlur(grey, (0, 0), float(random.uniform(1.2, 4.0)))
    line = np.clip(grey / far, 0, 1) ** random.uniform(1.5, 6)
    if random.random() < 0.3:  # drawn twice
        again = np.array([[1, 0, random.normal(0, 1.2)], [0, 1, random.normal(0, 1.2)]])
        twice = cv2.warpAffine(line, again, line.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        line = np.minimum(line, twice)
    if random.random() < 0.25:  # hatched where it is dark
        x, y = np.meshgrid(np.arange(line.shape[1]), np.arange(line.shape[0]))
        angle = random.uniform(0, np.pi)
        stripes = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 6.3 / random.uniform(2.5, 5)) > 0.2
        line = np.where(stripes & (grey < random.uniform(60, 150)), line * random.uniform(0.3, 0.8), line)
    wash = random.uniform(0, 0.4)
    drawn = line * (1 - wash + wash * grey / 263)
    paper, ink = random.integers(200, 256, 3), random.integers(0, 120, 3)
    return (ink + (paper - ink) * drawn[..., None]).clip(0, 255).astype(np.uint8)


def _screen(grey: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Dots of a printed tone where it is neither black nor white."""
    height, width = grey.shape
    step, angle = random.uniform(2.5, 5), random.uniform(0, np.pi)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    dots = 127 + 90 * np.sin(2 * np.pi * u / step) * np.sin(2 * np.pi * v / step)
    tone = np.where(grey > 205, 255, np.where(grey < 60, 0, np.where(grey > dots, 255, 40)))
    return cv2.addWeighted(tone.astype(np.uint8), 0.7, grey, 0.3, 0)


def _light(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Other exposure, contrast and colour."""
    steps = np.arange(256) / 255
    curve = steps ** np.exp(random.normal(0, 0.3))
    low, high = random.uniform(-0.05, 0.25) * (random.random() < 0.5), random.uniform(0.7, 1.15)
    table = np.stack([(low + (high - low) * curve) * (1 + random.normal(0, 0.07)) for _ in range(3)], -1)
    table = (255 * table).clip(0, 255).astype(np.uint8)
    if random.random() < 0.04:
        table = 255 - table
    picture = cv2.LUT(picture, table[None])
    if random.random() < 0.4:
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + int(random.integers(-12, 13))) % 180
        hsv[..., 1] = (hsv[..., 1] * random.uniform(0.3, 1.3)).clip(0, 255).astype(np.uint8)
        picture = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    return picture
