"""Eyes, brows, mouths and noses painted in simple hands that are not ours, with exact points.

What the population has in common would else be taken for what all drawings have: repainting is what makes a network that learned
from it see other artists' faces (benchmarks/LOG.md, 2026-12-01).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.landmarks.points import BROWS, EYES, INDEX

_SHIFT = 4
"""Bits of a fraction of a pixel that cv2 draws with."""
_S = np.linspace(0, 1, 25)
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Hand:
    """How one artist paints: the same for both eyes."""

    line: Colour
    white: Colour
    iris: Colour
    dark: Colour
    lip: Colour
    brow: Colour
    pen: float
    """Width of a line, in eye widths."""
    kind: str
    """whole, dot or bean: with a white or all iris."""
    height: float
    """Of the open eye, in its widths."""
    peak: float
    """Where along the eye from its outer corner the upper lid is highest, 0..1."""
    power: float
    """2 a round lid, larger ones flatter."""
    low: float
    """Share of the height that lies below the line between the corners."""
    iris_size: tuple[float, float]
    """Half-width and half-height of an iris, in heights of the eye."""
    lash: float
    """Thickness of the lash line, in eye widths."""
    wing: float
    lower_line: float
    """Width of the lower lid's line, as a share of the pen's; 0 for none."""
    crease: bool


def hand(random: np.random.Generator) -> Hand:
    """Any hand."""
    ink = random.integers(0, 70, 3) if random.random() < 0.7 else random.integers(20, 150, 3)
    kind = str(random.choice(["whole", "whole", "whole", "dot", "bean"], p=[0.3, 0.3, 0.2, 0.1, 0.1]))
    iris = random.integers(0, 256, 3)
    return Hand(
        line=colour(ink),
        white=colour(random.integers(215, 256, 3)),
        iris=colour(iris if kind == "whole" else 0.3 * iris),
        dark=colour(0.35 * iris),
        lip=colour((random.integers(150, 256), random.integers(60, 190), random.integers(60, 190))),
        brow=colour(ink if random.random() < 0.6 else random.integers(20, 220, 3)),
        pen=float(random.uniform(0.015, 0.06)),
        kind=kind,
        height=float(random.uniform(0.28, 1.15)) if kind == "whole" else float(random.uniform(0.8, 1.6)),
        peak=float(random.uniform(0.35, 0.62)),
        power=float(random.uniform(1.7, 3.6)),
        low=float(random.uniform(0.25, 0.6)),
        iris_size=(float(random.uniform(0.24, 0.6)), float(random.uniform(0.34, 0.66))),
        lash=float(random.uniform(0.02, 0.13)),
        wing=float(random.uniform(0, 0.25) * (random.random() < 0.5)),
        lower_line=float(random.choice([0.0, 0.5, 1.0, 1.6])),
        crease=bool(random.random() < 0.5),
    )


def paint_features(layer: np.ndarray, points: np.ndarray, who: Hand, random: np.random.Generator) -> None:
    """Paint eyes, brows and mouth into an empty layer (S, S, 4) uint8, near where points (46, 2) have them; these become what was
    painted."""
    shut = random.random() < 0.12
    happy, opened = random.random() < 0.5, float(random.uniform(0.75, 1.05))
    gaze = random.uniform(-0.25, 0.25, 2) * (random.random() < 0.5)
    wink = int(random.integers(2)) if random.random() < 0.05 else -1
    for k, side in enumerate(EYES):
        closed = shut or k == wink
        amount = 0.0 if closed else opened * (random.uniform(0.4, 1) if random.random() < 0.04 else 1)
        _eye(layer, points, side, who, amount, gaze, happy)
    if random.random() < 0.92:
        thick, arch = float(random.uniform(0.02, 0.13)), float(random.uniform(-0.1, 0.35))
        for side in BROWS:
            _brow(layer, points, side, who, thick, arch)
    _mouth(layer, points, who, random)


def _eye(
    layer: np.ndarray,
    points: np.ndarray,
    side: str,
    who: Hand,
    opened: float,
    gaze: np.ndarray,
    happy: bool,
) -> None:
    outer, inner = (points[INDEX[f"{side}Eye{end}"]].astype(float) for end in ("Outer", "Inner"))
    along = inner - outer
    width = max(float(np.hypot(*along)), 2.0)
    down = np.array([-along[1], along[0]]) / width * (1 if along[0] > 0 else -1)
    skew = np.where(who.peak > _S, _S / who.peak - 1, (_S - who.peak) / (1 - who.peak))
    arc = np.maximum(1 - np.abs(skew) ** who.power, 0) ** (1 / who.power)
    even = np.maximum(1 - np.abs(2 * _S - 1) ** 2.4, 0) ** (1 / 2.4)
    tall = who.height * width
    if opened:
        upper = -(1 - who.low) * tall * arc * opened
        lower = who.low * tall * even
    else:
        bend = (-0.5 if happy else 1.0) * who.low * min(tall, 0.7 * width) * even
        upper = lower = bend
    base = outer + _S[:, None] * along
    top, bottom = base + upper[:, None] * down, base + lower[:, None] * down
    row = EYES[side].start
    for name, at in (("EyeUpperOuter", 6), ("EyeUpper", 12), ("EyeUpperInner", 18)):
        points[INDEX[side + name]] = top[at]
        points[INDEX[side + name.replace("Upper", "Lower")]] = bottom[at]
    middle = (outer + inner) / 2 + 0.5 * (who.low - (1 - who.low)) * tall * down
    middle = middle + gaze[0] * 0.5 * width * np.array([1.0, 0]) + gaze[1] * 0.5 * tall * down
    if who.kind != "whole":
        middle = (outer + inner) / 2 + (who.low - 0.5) * tall * down
    radii = np.array(who.iris_size) * min(tall, 1.5 * width)
    if who.kind != "whole":
        radii = np.array([0.5 * width, 0.5 * tall])
    sign = -1 if along[0] > 0 else 1
    points[row + 8] = middle
    points[row + 9] = middle + np.array([sign * radii[0], 0.0])
    points[row + 10] = middle + radii[1] * down
    pen = who.pen * width
    if opened:
        opening = np.concatenate([top, bottom[::-1]])
        x0, y0 = np.maximum(np.floor(opening.min(0)).astype(int) - 2, 0)
        x1, y1 = np.ceil(opening.max(0)).astype(int) + 3
        part = layer[y0:y1, x0:x1]
        if part.size == 0:
            return
        ball = np.zeros_like(part)
        ball[:] = (*(who.white if who.kind == "whole" else who.iris), 255)
        if who.kind == "whole":
            at = middle - (x0, y0)
            _ellipse(ball, at, radii, who.dark)
            _ellipse(ball, at + np.array([0.0, 0.12 * radii[1]]), 0.88 * radii, who.iris)
            _ellipse(ball, at, 0.42 * radii, who.dark)
        shine = middle - (x0, y0) + (-0.35 * radii[0], -0.4 * radii[1])
        _ellipse(ball, shine, 0.26 * radii, (255, 255, 255))
        mask = np.zeros(part.shape[:2], np.uint8)
        fill(mask, opening - (x0, y0), 255)
        part[...] = _mixed(part, ball, mask)
        if who.lower_line:
            stroke(layer, bottom, who.line, np.full(len(bottom), 0.35 * pen * who.lower_line))
    thick = who.lash * width * (np.sin(np.pi * np.clip(_S * 0.9 + 0.05, 0, 1)) * 0.6 + 0.4 * (1 - _S))
    if who.kind != "whole" and opened:
        thick = thick * 0.3
    edge = top - (thick[:, None] + 0.3 * pen) * down
    lash = np.concatenate([top, edge[::-1]])
    fill(layer, lash, (*who.line, 255))
    stroke(layer, top - 0.25 * pen * down, who.line, np.full(len(top), 0.3 * pen))
    if who.wing:
        tip = outer - who.wing * along - who.wing * 0.4 * width * down
        fill(layer, np.array([top[0], tip, edge[3]]), (*who.line, 255))
    if who.crease and who.kind == "whole":
        stroke(layer, top[3:22] - 0.16 * width * down, who.line, np.full(19, 0.2 * pen))


def _brow(layer: np.ndarray, points: np.ndarray, side: str, who: Hand, thick: float, arch: float) -> None:
    ends = points[BROWS[side]]
    outer, inner = ends[0].astype(float), ends[2].astype(float)
    along = inner - outer
    width = max(float(np.hypot(*along)), 2.0)
    down = np.array([-along[1], along[0]]) / width * (1 if along[0] > 0 else -1)
    line = outer + _S[:, None] * along - (arch * width * 4 * _S * (1 - _S))[:, None] * down
    points[BROWS[side].start + 1] = line[12]
    half = 0.5 * thick * width * np.interp(_S, [0, 0.6, 0.9, 1], [0.15, 0.9, 1.0, 0.7]) + 0.4
    stroke(layer, line, who.brow, half)


def _mouth(layer: np.ndarray, points: np.ndarray, who: Hand, random: np.random.Generator) -> None:
    right, left = points[INDEX["mouthRight"]].astype(float), points[INDEX["mouthLeft"]].astype(float)
    middle = (right + left) / 2
    along = (left - right) * random.uniform(0.6, 1.6)
    if random.random() < 0.12:
        along = along * 0.45
    right, left = middle - along / 2, middle + along / 2
    width = max(float(np.hypot(*along)), 2.0)
    down = np.array([-along[1], along[0]]) / width
    smile = random.uniform(-0.1, 0.25)
    even = np.maximum(1 - np.abs(2 * _S - 1) ** 2.2, 0) ** (1 / random.uniform(1, 2.2))
    line = smile * 4 * _S * (1 - _S)
    if random.random() < 0.15:  # a cat's
        line = line + 0.12 * np.abs(np.sin(2 * np.pi * _S))
    kind = random.random()
    gap_up = gap_low = np.zeros(25)
    if kind < 0.5:
        deep = random.uniform(0.12, 1.1)
        if random.random() < 0.3:
            even = 1 - np.abs(2 * _S - 1)  # a triangle's
        share = random.uniform(0, 0.5)
        gap_up, gap_low = share * deep * even, (1 - share) * deep * even
    base = right + _S[:, None] * along
    top = base + ((line - gap_up) * width)[:, None] * down
    bottom = base + ((line + gap_low) * width)[:, None] * down
    points[INDEX["mouthRight"]], points[INDEX["mouthLeft"]] = top[0], top[-1]
    for name, at in (("Right", 6), ("", 12), ("Left", 18)):
        points[INDEX["mouthTop" + name]], points[INDEX["mouthBottom" + name]] = top[at], bottom[at]
    lips = random.random() < 0.3
    over = under = 0.0
    pen = max(0.35, random.uniform(0.006, 0.03) * width)
    if lips:
        over, under = random.uniform(0.05, 0.2), random.uniform(0.1, 0.28)
        bow = over * (np.sin(np.pi * _S) + 0.35 * np.exp(-(((np.abs(2 * _S - 1) - 0.3) / 0.2) ** 2)))
        bow = bow * np.minimum(8 * np.minimum(_S, 1 - _S), 1)
        above = top - (bow * width)[:, None] * down
        below = bottom + (under * width * np.sin(np.pi * _S))[:, None] * down
        fill(layer, np.concatenate([above, below[::-1]]), (*who.lip, 255))
        points[INDEX["lipTop"]], points[INDEX["lipBottom"]] = above[12], below[12]
    else:
        points[INDEX["lipTop"]], points[INDEX["lipBottom"]] = top[12], bottom[12]
    if gap_low.any():
        hole = np.concatenate([top, bottom[::-1]])
        inside = colour((random.integers(70, 240), random.integers(20, 120), random.integers(20, 120)))
        fill(layer, hole, (*inside, 255))
        part = np.concatenate([top, (top + 0.22 * (bottom - top))[::-1]])
        if random.random() < 0.4:
            fill(layer, part, (*who.white, 255))
        if random.random() < 0.5:
            tongue = np.concatenate([bottom[5:20], (bottom + 0.45 * (top - bottom))[5:20][::-1]])
            fill(layer, tongue, (*who.lip, 255))
    line_colour = who.line if random.random() < 0.75 else colour(0.6 * np.array(who.lip))
    swell = pen * (0.5 + np.sin(np.pi * _S))
    stroke(layer, top, line_colour, swell)
    if gap_low.any() and random.random() < 0.8:
        stroke(layer, bottom, line_colour, 0.8 * swell)


def colour(values: object) -> Colour:
    """Of any three numbers."""
    r, g, b = (int(v) for v in np.clip(np.asarray(values, float), 0, 255))
    return r, g, b


def _fixed(outline: np.ndarray) -> np.ndarray:
    return np.round(outline * (1 << _SHIFT)).astype(np.int32)


def fill(image: np.ndarray, outline: np.ndarray, paint: object) -> None:
    """An outline (n, 2), pixels. paint: as many values as the image has channels."""
    cv2.fillPoly(image, [_fixed(outline)], paint, cv2.LINE_AA, _SHIFT)  # type: ignore[call-overload]


def stroke(image: np.ndarray, line: np.ndarray, paint: Colour, half: np.ndarray) -> None:
    """A line (n, 2) with half-widths (n,), pixels."""
    slope = np.gradient(line, axis=0)
    across = np.stack([-slope[:, 1], slope[:, 0]], 1) / np.maximum(np.hypot(*slope.T), 1e-6)[:, None]
    outline = np.concatenate([line + across * half[:, None], (line - across * half[:, None])[::-1]])
    fill(image, outline, (*paint, 255))


def _ellipse(image: np.ndarray, at: np.ndarray, radii: np.ndarray, paint: Colour) -> None:
    centre, axes = _fixed(at), _fixed(np.maximum(radii, 0.2))
    cv2.ellipse(
        image, (int(centre[0]), int(centre[1])), (int(axes[0]), int(axes[1])), 0, 0, 360, (*paint, 255), -1, cv2.LINE_AA, _SHIFT
    )  # fmt: skip


def _mixed(below: np.ndarray, above: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Above where the mask (h, w) uint8 is, below elsewhere."""
    share = mask[..., None].astype(np.uint16)
    return ((above * share + below * (255 - share)) // 255).astype(np.uint8)
