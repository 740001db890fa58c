"""Before the eyes: glasses of any frame, a monocle, an eye patch."""

from dataclasses import dataclass, replace

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import curve
from liveavatar.rigs.drawn.identity import FaceShape
from liveavatar.rigs.drawn.ornament import Joint, Mark, Ornament, Panel, Shade
from liveavatar.rigs.population.ornaments.pieces import at, darker, ellipse, laid, lighter, panel, patch, pen

_GLASS = Tone(0.93, 0.03, 190)


@dataclass(frozen=True)
class Frame:
    """One lens and its rim, in head units."""

    half: tuple[float, float]
    """Half-width and half-height."""
    power: float
    """2 an ellipse .. 5 nearly a rectangle."""
    cat: float
    """How far the outer upper corner rises, as a share of the height; negative droops."""
    narrow: float
    """How much narrower the lower half is, as a share."""
    rim: tuple[float, float]
    """Width of the rim above and below; 0 for none there."""
    tint: float
    """How much of the rim's colour the glass takes, 0..1."""
    low: float
    """How far below the eyes' middle it sits."""


def lens(frame: Frame, grow: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """The edge (n, 2) of the lens on the right of the picture round its middle; `grow` widens it above and below."""
    angle = np.linspace(0.0, 2 * np.pi, 25)[:-1]
    c, s = np.cos(angle), np.sin(angle)
    wide = frame.half[0] + np.where(s < 0, grow[0], grow[1])
    tall = frame.half[1] + np.where(s < 0, grow[0], grow[1])
    x = wide * np.sign(c) * np.abs(c) ** (2 / frame.power)
    y = tall * np.sign(s) * np.abs(s) ** (2 / frame.power)
    up = np.clip(-y / frame.half[1], 0, 1)
    x = x * (1.0 - frame.narrow * np.clip(y / frame.half[1], 0, 1)) + 0.10 * frame.cat * frame.half[0] * up
    y = y - frame.cat * frame.half[1] * up * np.clip(x / frame.half[0], -0.2, 1.0)
    return np.stack([x, y], 1)


def _bowed(points: np.ndarray) -> np.ndarray:
    """Onto the plane of the glasses, bent round the face: a Lay."""
    return np.column_stack([points[:, :2], 128.0 - 0.0022 * points[:, 0] ** 2])


def glasses(face: FaceShape, frame: Frame, main: Shade) -> Ornament:
    """A pair."""
    x, y = face.eye_x + 3.0, face.eye_y + frame.low
    line, rim, thin = darker(main, 0.26), frame.rim, min(frame.rim) == 0
    tint = replace(main, alpha=0.07 + 0.3 * frame.tint)
    panels: list[Panel] = []
    for side in (-1, 1):
        edge = lens(frame)
        glint = np.array([(-0.62, 0.30), (-0.30, -0.62), (-0.02, -0.70), (-0.40, 0.44)]) * frame.half
        glint2 = np.array([(0.06, -0.66), (0.14, -0.62), (-0.22, 0.42), (-0.30, 0.44)]) * frame.half
        glints = [patch(g * (side, 1), Shade("white", alpha=0.20)) for g in (glint, glint2)]
        glass = panel(
            edge,
            (tint, replace(tint, alpha=0.5 * tint.alpha)) if frame.tint else (Shade(_GLASS, alpha=0.12),),
            marks=glints,
        )
        pieces = [glass]
        if thin:
            part = edge[12:] if rim[0] else edge[:13]
            part = np.concatenate([part, edge[:1]]) if rim[0] else part
            rest = np.concatenate([edge[:13]] if rim[0] else [edge[12:], edge[:1]])
            pieces.append(panel(edge, (), marks=(pen(rest, replace(line, alpha=0.4), 2.0, -1),)))
            width = max(rim)
            pieces.append(
                panel(edge, (), marks=(pen(part, line, width + 2.6, -1), pen(part, main, width, -1)))
            )
        else:
            outer = lens(frame, rim)
            pieces.append(
                panel(
                    outer, (lighter(main, 0.07), main, darker(main, 0.05)), line=line, weight=2.4, hole=edge
                )
            )
        end = edge[int(np.argmax(edge[:, 0] - 0.4 * edge[:, 1]))]
        stub = np.add(end, [(2.0, 2.0), (13.0, 1.0), (20.0, 6.0)])
        width = max(rim) + 1.5
        pieces.append(panel(edge, (), marks=(pen(stub, line, width + 2.6, 0.2), pen(stub, main, width, 0.2))))
        panels += laid(laid(pieces, at(side * x, y, 0.0, mirror=side < 0)), _bowed)
    gap = x - frame.half[0] - max(rim)
    bridge = curve(
        np.array(
            [
                (-gap, -0.18 * frame.half[1]),
                (-0.4 * gap, -0.34 * frame.half[1]),
                (0.4 * gap, -0.34 * frame.half[1]),
                (gap, -0.18 * frame.half[1]),
            ]
        ),
        4,
    )
    bridge[:, 1] += y
    width = 0.8 * max(rim) + 1.0
    panels += laid(
        [panel(bridge, (), marks=(pen(bridge, line, width + 2.6, -1), pen(bridge, main, width, -1)))], _bowed
    )
    return Ornament("glasses", "under", tuple(panels))


def monocle(face: FaceShape, side: int, main: Shade) -> Ornament:
    """One round lens on a chain."""
    frame = Frame((56.0, 56.0), 2.0, 0.0, 0.0, (5.0, 5.0), 0.0, 2.0)
    edge, outer = lens(frame), lens(frame, frame.rim)
    glint = patch([(-36, 14), (-14, -38), (-2, -42), (-22, 24)], Shade("white", alpha=0.16))
    chain = np.array([(48.0, 34.0), (66.0, 90.0), (62.0, 150.0), (82.0, 196.0)])
    beads = [patch(ellipse(float(px), float(py), 2.2, 2.2, 6), main) for px, py in curve(chain, 8)]
    links = pen(chain, darker(main, 0.12), 2.6, -1)
    pieces = [
        panel(edge, (Shade(_GLASS, alpha=0.05),), marks=(glint,)),
        panel(
            outer,
            (lighter(main), main, darker(main, 0.08)),
            line=darker(main),
            hole=edge,
            marks=(links, *beads),
        ),
    ]
    placed = laid(laid(pieces, at(side * (face.eye_x + 3.0), face.eye_y + 4.0, 0.0, mirror=side < 0)), _bowed)
    return Ornament("monocle", "under", placed)


def eye_patch(face: FaceShape, side: int, soft: bool, main: Shade) -> Ornament:
    """A patch over one eye: a soft white one with a cross-stitch, or a dark one with a strap askew."""
    x, y = side * face.eye_x, face.eye_y + 2.0
    line, panels = darker(main, 0.28), []
    wide = 84.0 if soft else 74.0
    body = (
        np.array(
            [
                (-84, -44),
                (-40, -62),
                (30, -62),
                (84, -46),
                (90, 4),
                (78, 50),
                (26, 70),
                (-40, 68),
                (-84, 44),
                (-90, 0),
            ],
            float,
        )
        if soft
        else np.array(
            [(-76, -38), (-30, -56), (40, -58), (78, -40), (70, 14), (34, 64), (-8, 74), (-46, 52), (-74, 8)],
            float,
        )
    )
    marks: list[Mark] = []
    inner = body * 0.84
    for i in range(0, 40, 1 if soft else 2):
        run = curve(inner, 8, closed=True)
        k = (i * len(run)) // 40
        marks.append(pen(run[[k, (k + 1) % len(run)]], replace(line, alpha=0.55), 2.2, -1))
    if soft:
        marks.append(
            patch(
                np.concatenate([body[3:8], body[3:8][::-1] * 0.7]),
                replace(darker(main, 0.08), alpha=0.6),
                4.0,
            )
        )
    else:
        marks.append(
            pen(
                [(-50, -30), (-10, -42), (36, -40)],
                replace(lighter(main, 0.16), alpha=0.7),
                6.0,
                0.4,
            )
        )
    straps: list[list[tuple[float, float]]] = [
        [(-64, -40), (-130, -84), (-200, -128), (-262, -160)],
        [(70, -34), (104, -44), (130, -56)],
    ]
    if soft:
        straps += [[(80, 40), (108, 36), (126, 30)]]
    for points in straps:
        middle, half = np.array(points, float), np.array((0.0, 5.5))
        panels.append(
            panel(
                np.concatenate([middle - half, (middle + half)[::-1]]),
                (main, darker(main, 0.06)),
                line=line,
                weight=2.2,
            )
        )
    panels.append(
        panel(
            body * (wide / 84.0, 1.0),
            (lighter(main, 0.04), main, darker(main, 0.05)),
            line=line,
            weight=3.0,
            marks=marks,
        )
    )
    placed = laid(panels, at(x, y, "face", 0.98, mirror=side < 0, lift=10.0))
    return Ornament("eye_patch", "skin", placed, Joint(), hides=side)
