"""What benchmarks.training.strange_faces draws with: one artist's numbers, a head that turns, a pen."""

from dataclasses import dataclass

import numpy as np
import skia

_T = np.linspace(0, 1, 33)
Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Hand:
    """One artist's way, for one face. Lengths in distances between the eyes, y down from between them."""

    name: str
    skin: Rgb | None
    """None: nothing is filled."""
    hair: Rgb
    ink: Rgb
    iris: Rgb
    paper: Rgb = (255, 255, 255)
    pen: float = 0.02
    half: float = 0.95
    """Half-width of the face at the eyes."""
    chin: float = 1.25
    eye: tuple[float, float, float] = (0.62, 0.34, 0.2)
    """Width of the opening; how far it goes up and down."""
    slant: float = 0.0
    roundness: float = 1.0
    """Exponent of the lids' parabolas: below 1 boxy, above pointed."""
    look: str = "plain"
    """plain, sparkle, solid, pie, ring, gloss or slit."""
    iris_size: tuple[float, float] = (0.17, 0.24)
    lash: float = 0.05
    lashes: int = 0
    """Single lashes at the outer end."""
    brow: tuple[float, float, float] = (0.5, 0.05, 0.08)
    """Length, thickness, arch."""
    brow_up: float = 0.3
    nose: str = "dot"
    """dot, hook, wedge or full."""
    mouth: str = "line"
    """line, open, grin, cat, lips or o."""
    mouth_size: tuple[float, float] = (0.4, 0.2)
    mouth_at: float = 0.8
    """Of the way from the eyes to the chin."""
    crown: float = 1.5
    fringe: str = "teeth"
    """teeth, swept, parted, none or cap."""
    long: bool = True
    yaw: float = 0.0
    finish: str = ""
    """wash, pixels, dots, chalk, pencil or print."""
    shade: bool = False
    seed: int = 0


class Page:
    """A transparent canvas of a square side and where on it a hand's head is."""

    def __init__(self, hand: Hand, side: int) -> None:
        self.hand, self.side, self.unit = hand, side, side / 5.2
        self.middle = np.array([0.5, 0.43]) * side
        self.turn = np.sin(hand.yaw)
        self.points: dict[str, np.ndarray] = {}
        self.random = np.random.default_rng(hand.seed)
        self.canvas = np.zeros((side, side, 4), np.uint8)
        self.pen = skia.Canvas(self.canvas)

    def at(self, x: object, y: object, out: object = 0.0) -> np.ndarray:
        """Places on a head that is turned: (..., 2) pixels. out: how far before the face, towards who looks."""
        x, y, out = np.broadcast_arrays(*(np.asarray(v, float) for v in (x, y, out)))
        round_ = self.hand.half * (1.12 - 0.3 * np.clip(y / self.hand.chin, 0, 1))
        angle = np.arcsin(np.clip(x / round_, -0.98, 0.98)) + self.hand.yaw
        across = round_ * np.sin(angle) + out * self.turn
        return np.stack([across, y], -1) * self.unit + self.middle

    def hull(self, x: object, y: object) -> np.ndarray:
        """Places on the outline of the head, which leans to where it is turned, most of all at the chin."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        lean = self.turn * self.hand.half * (0.25 + 0.5 * np.clip((y + 0.8) / (self.hand.chin + 0.8), 0, 1))
        return np.stack([x + lean, y], -1) * self.unit + self.middle

    def fill(self, line: np.ndarray, paint: Rgb | None) -> None:
        """A closed outline (n, 2); None leaves the paper's colour, over what lies behind."""
        paint = self.hand.paper if paint is None else paint
        self.pen.drawPath(path(line, True), skia.Paint(Color=skia.Color(*paint), AntiAlias=True))

    def line(
        self, line: np.ndarray, wide: float | None = None, paint: Rgb | None = None, closed: bool = False
    ) -> None:
        """A line (n, 2), so many distances between the eyes wide."""
        style = skia.Paint(
            Color=skia.Color(*(paint or self.hand.ink)), AntiAlias=True, Style=skia.Paint.kStroke_Style,
            StrokeWidth=max(0.7, (wide or self.hand.pen) * self.unit), StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
        )  # fmt: skip
        self.pen.drawPath(path(line, closed), style)

    def oval(self, at: np.ndarray, radii: object, paint: Rgb | None, line: bool = False) -> None:
        """An ellipse round a place in pixels."""
        ring = 2 * np.pi * _T[:-1]
        shape = at + np.stack([np.cos(ring), np.sin(ring)], 1) * np.asarray(radii) * self.unit
        if paint or not line:
            self.fill(shape, paint)
        if line:
            self.line(shape, closed=True)


def path(line: np.ndarray, closed: bool) -> skia.Path:
    """Of points (n, 2)."""
    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in line], closed)
    return path


def smooth(line: np.ndarray) -> np.ndarray:
    """A Catmull-Rom curve through points (n, 2), 8 steps between each two."""
    padded = np.concatenate([line[:1], line, line[-1:]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.concatenate([*parts, line[-1:]])


def darker(paint: Rgb, share: float) -> Rgb:
    """Or lighter, with a share above 1."""
    r, g, b = (int(min(255, v * share)) for v in paint)
    return r, g, b
