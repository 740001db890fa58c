"""What lies before faces in drawings: locks and fringes over eyes, hands, patches, dark glasses, masks. The points beneath keep
their places and count as hidden."""

import cv2
import numpy as np

from liveavatar.landmarks.frame import eye_distance, place
from liveavatar.landmarks.points import CORNERS, EYES, INDEX
from liveavatar.training.landmarks.handpaint import Colour, colour, fill, stroke

_S = np.linspace(0, 1, 25)
_COVERS = 128


def cover(
    picture: np.ndarray, points: np.ndarray, hidden: np.ndarray, hair: Colour, random: np.random.Generator
) -> np.ndarray:
    """A face with something before it: (S, S, 4) uint8, premultiplied; points (46, 2) under it are marked in hidden (46,).

    hair: the colour of the character's."""
    frame = _Frame(points, random)
    layer = np.zeros_like(picture)
    paint = [_locks, _fringe, _block, _hand, _patch, _dark_glasses, _mask]
    chosen = paint[int(random.choice(len(paint), p=[0.38, 0.18, 0.14, 0.12, 0.06, 0.06, 0.06]))]
    chosen(layer, frame, hair if random.random() < 0.75 else _any(random), random)
    if random.random() < 0.1:
        layer = (layer * random.uniform(0.6, 0.95)).astype(np.uint8)
    x, y = np.clip(np.round(points).astype(int), 0, len(picture) - 1).T
    hidden |= layer[y, x, 3] > _COVERS
    through = 255 - cv2.merge([layer[..., 3]] * 4)
    return cv2.add(cv2.multiply(picture, through, scale=1 / 255), layer)


class _Frame:
    """A face's own axes: x in distances between the eyes to the picture's right, y down, from the middle between the eyes."""

    def __init__(self, points: np.ndarray, random: np.random.Generator) -> None:
        at = place(points)
        self.unit = max(eye_distance(points), 0.45 * at.size)
        c, s = np.cos(at.roll), np.sin(at.roll)
        self.axes = self.unit * np.array([[c, s], [-s, c]])
        self.middle = np.mean([points[rows].mean(0) for rows in CORNERS.values()], 0)
        self.side = str(random.choice(list(EYES)))
        self.sign = -1 if self.side == "right" else 1
        """Of the eye that is covered, in x."""
        self.eye = self.inside(points[CORNERS[self.side]].mean(0))
        self.width = float(np.ptp(points[CORNERS[self.side]], axis=0).max()) / self.unit
        self.crown, self.chin, self.mouth = (
            self.inside(points[INDEX[name]]) for name in ("crown", "chin", "mouthTop")
        )

    def inside(self, point: np.ndarray) -> np.ndarray:
        """Of a point (2,) of the picture."""
        return np.linalg.solve(self.axes.T, point - self.middle)

    def out(self, line: object) -> np.ndarray:
        """(n, 2), pixels."""
        return np.asarray(line, float) @ self.axes + self.middle


def _locks(layer: np.ndarray, frame: _Frame, hair: Colour, random: np.random.Generator) -> None:
    wide = float(random.uniform(0.35, 1.5)) * max(frame.width, 0.3)
    count = int(random.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))
    for k in range(count):
        shift = (k - (count - 1) / 2) * 0.8 * wide / count
        x = frame.eye[0] + shift + random.normal(0, 0.12)
        root = np.array(
            [x * random.uniform(0.0, 0.9), frame.crown[1] * random.uniform(0.3, 0.95)]
        ) + random.normal(0, 0.08, 2)
        tip = np.array([x + random.normal(0, 0.25), frame.eye[1] + random.uniform(0.15, 1.3)])
        bend = (root + tip) / 2 + (frame.sign * random.uniform(-0.1, 0.35), random.normal(0, 0.1))
        spine = _curve(root, bend, tip)
        blunt = random.random() < 0.25
        half = (
            0.5 * wide / count**0.5 * np.interp(_S, [0, 0.25, 0.7, 1], [0.7, 1, 0.85, 0.6 if blunt else 0.0])
        )
        _strand(layer, frame, spine, half, hair, random)


def _fringe(layer: np.ndarray, frame: _Frame, hair: Colour, random: np.random.Generator) -> None:
    """One side of the face, from the crown down, or a curtain over both eyes' upper parts."""
    far = frame.sign * random.uniform(0.9, 1.5)
    near = frame.sign * random.uniform(-0.25, 0.12)
    low = random.uniform(0.3, 1.5)
    top = frame.crown[1] * random.uniform(0.6, 1.0)
    edge = _curve((near, top), (near + frame.sign * random.uniform(-0.2, 0.4), 0.0), (far * 0.75, low))
    back = _curve((far, low * random.uniform(0.6, 1.1)), (far * 1.1, 0.0), (far * 0.5, top))
    outline = frame.out(np.concatenate([edge, back]))
    fill(layer, outline, (*hair, 255))
    line = colour(np.array(hair) * random.uniform(0.2, 0.8))
    for share in np.sort(random.uniform(0.05, 0.95, int(random.integers(1, 8)))):
        _line(layer, frame, edge + share * (back[::-1] - edge), line, random)
    if random.random() < 0.7:
        _line(layer, frame, edge, line, random)


def _block(layer: np.ndarray, frame: _Frame, hair: Colour, random: np.random.Generator) -> None:
    """Any flat piece over an eye or both."""
    both = random.random() < 0.15
    middle = np.array([0.0 if both else frame.eye[0], frame.eye[1]]) + random.normal(0, 0.12, 2)
    wide = (1.7 if both else 1.0) * random.uniform(0.4, 1.1)
    high, low = random.uniform(0.25, 1.3), random.uniform(0.2, 0.8)
    corners = np.array([(-wide / 2, -high), (wide / 2, -high), (wide / 2, low), (-wide / 2, low)])
    fill(layer, frame.out(middle + corners + random.normal(0, 0.1, (4, 2))), (*hair, 255))


def _hand(layer: np.ndarray, frame: _Frame, hair: Colour, random: np.random.Generator) -> None:
    """A palm and four fingers and a thumb over an eye, a cheek or the mouth."""
    skin = colour((random.integers(170, 256), random.integers(130, 225), random.integers(110, 205)))
    if random.random() < 0.2:
        skin = hair
    line = colour(np.array(skin) * random.uniform(0.3, 0.85))
    goal = frame.eye if random.random() < 0.6 else frame.mouth + np.array([frame.sign * 0.3, 0])
    angle = random.uniform(-0.9, 0.9) + (np.pi if random.random() < 0.2 else 0)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    size = random.uniform(0.45, 0.85)
    palm = goal + random.normal(0, 0.15, 2)
    fingers = [(-0.5, -1.35), (-0.18, -1.55), (0.16, -1.5), (0.48, -1.25), (0.9, -0.35)]
    roots = [(-0.4, -0.4), (-0.15, -0.45), (0.13, -0.45), (0.38, -0.4), (0.4, 0.2)]
    lines = [
        palm + size * (np.array([root, tip]) * random.uniform(0.85, 1.1)) @ turn
        for root, tip in zip(roots, fingers, strict=True)
    ]
    parts = [(np.linspace(a, b, 9), 0.17 * size) for a, b in lines]
    arm = palm + size * np.array([(0, 0), (random.uniform(-0.5, 0.5), 3.0)]) @ turn
    parts.insert(0, (np.linspace(arm[0], arm[1], 9), 0.38 * size))
    parts.insert(0, (palm + size * np.linspace((0, -0.15), (0, 0.35), 9) @ turn, 0.5 * size))
    edge = random.uniform(0.01, 0.035)
    for spine, half in parts:
        _capsule(layer, frame, spine, half + edge, line)
        _capsule(layer, frame, spine, half, skin)


def _patch(layer: np.ndarray, frame: _Frame, hair: Colour, random: np.random.Generator) -> None:
    cloth = colour(random.integers(0, 90, 3) if random.random() < 0.6 else random.integers(180, 256, 3))
    at = frame.eye + random.normal(0, 0.05, 2)
    strap = random.uniform(0.03, 0.09)
    for end in ((-frame.sign * 1.1, -1.1), (frame.sign * 1.1, random.uniform(-0.5, 0.2))):
        _capsule(layer, frame, np.linspace(at, end, 9), strap, cloth)
    radii = random.uniform(0.28, 0.5, 2)
    circle = np.stack([np.cos(2 * np.pi * _S), np.sin(2 * np.pi * _S)], 1)
    fill(layer, frame.out(at + radii * circle), (*cloth, 255))
    if random.random() < 0.4:
        _line(layer, frame, at + 0.85 * radii * circle, colour(255 - np.array(cloth)), random)


def _dark_glasses(layer: np.ndarray, frame: _Frame, hair: Colour, random: np.random.Generator) -> None:
    glass = colour(random.integers(0, 110, 3) if random.random() < 0.7 else random.integers(0, 256, 3))
    radii = random.uniform(0.3, 0.48), random.uniform(0.22, 0.4)
    power = random.uniform(0.4, 1.0)
    angle = 2 * np.pi * _S
    shape = np.stack(
        [
            np.sign(f) * np.abs(f) ** power * r
            for f, r in zip((np.cos(angle), np.sin(angle)), radii, strict=True)
        ],
        1,
    )
    for sign in (-1, 1):
        fill(layer, frame.out(shape + np.array([sign * 0.5, random.uniform(0, 0.05)])), (*glass, 255))
        _capsule(layer, frame, np.linspace((sign * 0.8, 0), (sign * 1.2, -0.08), 5), 0.03, glass)
    _capsule(layer, frame, np.linspace((-0.2, 0), (0.2, 0), 5), 0.03, glass)
    layer[...] = (layer * random.uniform(0.5, 1.0)).astype(np.uint8)


def _mask(layer: np.ndarray, frame: _Frame, hair: Colour, random: np.random.Generator) -> None:
    """Cloth over the mouth, or a cup, a book, a scarf: anything before the lower face."""
    cloth = _any(random)
    top = frame.mouth[1] - random.uniform(0.15, 0.45)
    low = frame.chin[1] + random.uniform(-0.1, 0.5)
    wide = random.uniform(0.35, 0.95)
    upper = _curve((-wide, top), (0, top - random.uniform(-0.05, 0.25)), (wide, top))
    lower = _curve((0.8 * wide, low), (0, low + random.uniform(0, 0.3)), (-0.8 * wide, low))
    fill(layer, frame.out(np.concatenate([upper, lower])), (*cloth, 255))
    _line(layer, frame, upper, colour(np.array(cloth) * 0.6), random)


def _strand(
    layer: np.ndarray,
    frame: _Frame,
    spine: np.ndarray,
    half: np.ndarray,
    hair: Colour,
    random: np.random.Generator,
) -> None:
    """One lock: flat, a lighter band, lines along it, an outline."""
    line = colour(np.array(hair) * random.uniform(0.15, 0.85))
    slope = np.gradient(spine, axis=0)
    across = np.stack([-slope[:, 1], slope[:, 0]], 1) / np.maximum(np.hypot(*slope.T), 1e-6)[:, None]
    outlined = random.random() < 0.7
    pen = random.uniform(0.008, 0.035)
    if outlined:
        _wide(layer, frame, spine, half + pen, line)
    _wide(layer, frame, spine, half, hair)
    if random.random() < 0.5:
        light = colour(np.array(hair) + random.uniform(15, 70))
        start = int(random.integers(4, 14))
        _wide(
            layer,
            frame,
            (spine + 0.3 * half[:, None] * across)[start : start + 8],
            0.4 * half[start : start + 8],
            light,
        )
    for share in random.uniform(-0.8, 0.8, int(random.integers(0, 6))):
        _line(layer, frame, spine + share * half[:, None] * across, line, random)


def _wide(layer: np.ndarray, frame: _Frame, spine: np.ndarray, half: np.ndarray, paint: Colour) -> None:
    stroke(layer, frame.out(spine), paint, half * frame.unit)


def _capsule(layer: np.ndarray, frame: _Frame, spine: np.ndarray, half: float, paint: Colour) -> None:
    a, b = np.round(frame.out(spine[[0, -1]]) * 16).astype(np.int32)
    cv2.line(
        layer, a.tolist(), b.tolist(), (*paint, 255), max(1, round(2 * half * frame.unit)), cv2.LINE_AA, 4
    )


def _line(
    layer: np.ndarray, frame: _Frame, line: np.ndarray, paint: Colour, random: np.random.Generator
) -> None:
    swell = random.uniform(0.004, 0.018) * np.sin(np.pi * np.linspace(0.05, 0.95, len(line)))
    _wide(layer, frame, line, swell + 0.25 / frame.unit, paint)


def _curve(a: object, b: object, c: object) -> np.ndarray:
    """(25, 2): a parabola from a to c, drawn towards b."""
    a, b, c = (np.asarray(p, float) for p in (a, b, c))
    s = _S[:, None]
    return (1 - s) ** 2 * a + 2 * s * (1 - s) * b + s**2 * c


def _any(random: np.random.Generator) -> Colour:
    return colour(random.integers(0, 256, 3))
