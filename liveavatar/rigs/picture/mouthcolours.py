"""The pen and the colours of a drawn mouth: its line, the face's outline beside it, what is inside, its lips."""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import normals
from liveavatar.rigs.generated.colours import tone_of
from liveavatar.rigs.picture.mouthedges import Sampler, T, smooth

LIGHT = np.array([0.299, 0.587, 0.114])
"""How bright red, green and blue are."""
_THIN, _THICK = 2.2, 6.0
"""What a line's width may be, canvas units."""
_FAINT = 95.0
"""Levels by which a line is darker than skin, at least, that is drawn where the picture has none."""
_FLESH = 0.55, 0.30, 0.30
"""Share of the skin's red, green and blue in a line round an opening, where the picture tells none."""
_DARK = 110.0
"""Levels by which a tongue is darker than skin, at most."""
_SHARE = 0.9
"""Of the face's outline: as much ink as that has a mouth's line, at least."""


@dataclass(frozen=True)
class Line:
    """A pen's line."""

    colour: np.ndarray
    """(3,) 0..255, as it would be if it were wide."""
    half: np.ndarray
    """Half its width along T (41,), canvas units."""
    ink: np.ndarray
    """(3,): its colour round an opening."""
    round: float
    """Half its width there."""


@dataclass(frozen=True)
class Pen:
    """The line that a face is outlined with."""

    colour: np.ndarray
    """(3,) 0..255."""
    mass: float
    """Levels that it is darker than skin, times its width in canvas units; 0 where there is none."""


def outline(seen: Sampler, jaws: np.ndarray, base: np.ndarray) -> Pen:
    """The face's own. jaws (3, 2): right jaw, chin, left jaw, canvas units; base (3,): the skin."""
    d = np.arange(-17.0, 17.01, 0.25)
    found = []
    for a, b in ((jaws[0], jaws[1]), (jaws[2], jaws[1])):
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
        across = np.array([-along[1], along[0]])
        at = a + np.linspace(0.78, 0.99, 14)[:, None] * (b - a)
        found.append(seen.at(seen.rgb, at[:, None] + d[:, None] * across))
    colour = np.concatenate(found).astype(np.float64)
    light = colour @ LIGHT
    middle = slice(12, len(d) - 12)
    dip = light[:, middle].argmin(1) + 12
    rows = np.arange(len(light))
    depth = np.empty(len(light))
    wide = np.empty(len(light))
    for k in rows:
        sides = light[k, : dip[k]].max(initial=0.0), light[k, dip[k] + 1 :].max(initial=0.0)
        depth[k] = min(*sides, float(base @ LIGHT)) - light[k, dip[k]]
        low = light[k] < light[k, dip[k]] + 0.5 * max(depth[k], 1.0)
        start, end = dip[k], dip[k]
        while start > 0 and low[start - 1]:
            start -= 1
        while end < len(d) - 1 and low[end + 1]:
            end += 1
        wide[k] = (end - start + 1) * 0.25
    drawn = depth > 12.0
    if drawn.mean() < 0.5:
        return Pen(base * 0.5, 0.0)
    full = float(np.median(wide[drawn]))
    kept = _kept(_width(full, seen.soft), seen.soft)
    dark = np.median(colour[rows, dip][drawn], axis=0)
    contrast = np.maximum(float(base @ LIGHT) - light[rows, dip], 0.0)
    return Pen(np.clip(base + (dark - base) / kept, 0, 255), float(np.median((contrast * wide)[drawn])))


def read_line(
    seen: Sampler, upper: np.ndarray, lower: np.ndarray, opened: bool, base: np.ndarray, pen: Pen
) -> tuple[Line, float]:
    """The mouth's, and how strong it is along the lower lip. base (3,): the skin."""
    colour, width, taper, under = _round(seen, upper, lower) if opened else _along(seen, upper, base)
    contrast = float((base - colour) @ LIGHT)
    faint = contrast < _FAINT
    ink = base + (colour - base) * (_FAINT / max(contrast, 1.0)) if faint else colour
    if pen.mass > 0 and (opened or contrast < 60.0):  # as dark as the face's own
        ink = 0.6 * ink + 0.4 * np.minimum(pen.colour, ink)
    if not opened and contrast < 60.0:
        ink = 0.4 * ink + 0.6 * base * _FLESH
    ink = np.clip(ink, 24, 255)
    mass = _SHARE * pen.mass / max(float((base - ink) @ LIGHT), 1.0)
    if opened:  # shut, the line stands alone on the skin
        colour = ink
        even = width / max(float((base - ink) @ LIGHT), 1.0)
        width = float(np.clip(max(mass, even), _THIN, 4.2))
    else:
        even = 0.5 * mass if contrast < 60.0 else width
    even = float(np.clip(even, 1.0, 4.2))
    taper = taper * np.interp(np.abs(T), [0, 0.8, 1.0], [1.0, 1.0, 0.45])
    return Line(colour, 0.5 * min(width, _THICK) * taper, ink, 0.5 * even), under


def _along(seen: Sampler, seam: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, float]:
    """Of shut lips: colour, width, how the width changes along T (41,), strength below."""
    d = np.arange(-5.0, 5.01, 0.25)
    inner = T[4:-4]
    colour = seen.at(seen.rgb, seam[4:-4, None] + np.stack([np.zeros_like(d), d], 1))
    dark = LIGHT @ base - colour @ LIGHT
    peak = dark.argmax(1)
    rows = np.arange(len(inner))
    depth = dark[rows, peak]
    strong = depth >= np.percentile(depth, 60)
    darkest = np.median(colour[rows, peak][strong], axis=0)
    # width at half depth of a blurred line; what is darker beside it (lips) is no line
    floor = np.minimum(dark[:, :4].max(1), dark[:, -4:].max(1)).clip(0)
    rise = (dark - floor[:, None]) > 0.5 * (depth - floor)[:, None]
    width = _width(float(np.median(rise[strong].sum(1)) * 0.25), seen.soft)
    ink = np.clip(base + (darkest - base) / _kept(width, seen.soft), 0, 255)
    taper = np.interp(T, inner, smooth(depth, 1.5))
    return ink, width, np.clip(taper / max(float(np.percentile(depth, 70)), 1e-3), 0.12, 1.15), 0.8


def _round(
    seen: Sampler, upper: np.ndarray, lower: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray, float]:
    """Of an open mouth: the same, but in place of its width that times how much darker than what is beside it it is."""
    d = np.arange(-3.0, 3.01, 0.25)
    rim = np.concatenate([upper[2:-2], lower[2:-2]])
    colour = seen.at(seen.rgb, rim[:, None] + np.stack([np.zeros_like(d), d], 1)).astype(np.float64)
    light = colour @ LIGHT
    rows, dark = np.arange(len(rim)), light.argmin(1)
    depth = light[rows, dark]
    ink = np.median(colour[rows, dark][depth <= np.percentile(depth, 20)], axis=0)
    # what lies a little further in is the wall: a line is darker than that
    within = np.median(seen.at(seen.rgb, np.add(upper[10:31], (0.0, 7.0))), axis=0)
    step = float((within - ink) @ LIGHT)
    if step < 12.0:
        ink, step = np.minimum(ink, within) * 0.8, 12.0
    d = np.arange(-5.0, 5.01, 0.25)
    below = seen.at(seen.rgb, lower[10:31, None] + np.stack([np.zeros_like(d), d], 1)) @ LIGHT
    edge = float(np.median(np.maximum(np.minimum(below[:, 0], below[:, -1]) - below.min(1), 0.0)))
    across = normals(np.concatenate([upper, lower[::-1]]))
    rim = np.concatenate([upper, lower[::-1]])
    light = seen.at(seen.rgb, rim[:, None] + d[:, None] * across[:, None]) @ LIGHT
    sides = np.minimum(light[:, :6].mean(1), light[:, -6:].mean(1))
    mass = float(np.percentile(np.maximum(sides[:, None] - light, 0.0).sum(1) * 0.25, 70))
    return ink, mass, np.ones_like(T), float(np.clip(edge / max(step, 1.0), 0.25, 1.0))


def _width(full: float, soft: float) -> float:
    """Of a line that is `full` wide at half its depth, before it was blurred."""
    return sqrt(max(full**2 - (1.6 * soft) ** 2, 1.5**2))


def _kept(width: float, soft: float) -> float:
    """How much of a line's depth a blur leaves."""
    return max(erf(width / (2 * sqrt(2) * max(soft, 0.05))), 0.55)


def read_within(
    seen: Sampler, upper: np.ndarray, lower: np.ndarray, line: Line, base: np.ndarray
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """What an open mouth shows: the tongue's colour (3,), None where all is dark, and the teeth's, None where it shows none."""
    v = np.linspace(0.04, 0.86, 21)[:, None, None]
    rim = float(line.half.max()) + 0.5 * seen.soft
    inner = slice(6, -6)
    room = np.maximum(lower[inner, 1] - upper[inner, 1] - 2 * rim - seen.soft, 1.0)
    place = np.stack(np.broadcast_arrays(upper[inner, 0], upper[inner, 1] + rim + v[..., 0] * room), -1)
    colour = seen.at(seen.rgb, place).astype(np.float64)
    depth = np.broadcast_to(v[..., 0], colour.shape[:2])
    light = colour @ LIGHT
    chroma = np.ptp(colour, axis=-1)
    white = chroma < min(64.0, 0.62 * float(np.median(chroma)))
    white &= light > 0.86 * float(base @ LIGHT)
    toothed = float((white & (depth < 0.7)).mean()) > 0.04
    teeth = np.percentile(colour[white], 75, axis=0) if toothed else None
    low = ~white & (depth > 0.5)
    if not low.any():
        return None, teeth
    bright = colour[low][light[low] >= np.percentile(light[low], 70)]
    tongue = np.median(bright, axis=0)
    return (tongue if float((base - tongue) @ LIGHT) < _DARK else None), teeth


def read_lips(seen: Sampler, upper: np.ndarray, lower: np.ndarray, edges: tuple[float, float]) -> np.ndarray:
    """Their colour (3,)."""
    below = np.add(lower[14:27], (0.0, 0.5 * (edges[1] - float(lower[20, 1]))))
    above = np.add(upper[14:27], (0.0, 0.5 * (edges[0] - float(upper[20, 1]))))
    return np.median(seen.at(seen.rgb, np.concatenate([below, above])), axis=0).astype(np.float64)


def tone(colour: np.ndarray) -> Tone:
    """Of a colour (3,) 0..255."""
    red, green, blue = np.clip(colour, 0, 255).round().astype(int)
    return tone_of(f"#{red:02x}{green:02x}{blue:02x}")
