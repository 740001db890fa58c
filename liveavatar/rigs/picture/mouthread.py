"""How one picture's mouth is drawn, read off its pixels: where its lips meet, its line, what is inside, how sharp it is."""

from dataclasses import dataclass, replace
from math import erf, sqrt

import cv2
import numpy as np

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import HeadPose
from liveavatar.rigs.drawn.identity import FaceShape, Mouth
from liveavatar.rigs.drawn.mouth import mouth_lines
from liveavatar.rigs.drawn.mouthpaint import TEETH, inside
from liveavatar.rigs.drawn.rest import REST
from liveavatar.rigs.generated.colours import tone_of
from liveavatar.rigs.picture.skin import apart, matte, without

T = np.linspace(-1.0, 1.0, 41)
"""Along the lips, from the picture's left to its right."""
EYES = 190.0
"""Canvas units between the eyes of a face whose mouth has the rig's own measures."""
REACH = (92.0, 72.0, 140.0)
"""Of the crop, in canvas units: to either side of the mouth's middle, above and below it."""
_OPEN = 5.0
"""Canvas units between the lips from which on a mouth is drawn open."""
_TOLD = 12.0
"""From which on it shows what is inside."""
_NEAR = 7.0
"""Canvas units by which points may be wrong, at least."""


@dataclass(frozen=True)
class Line:
    """A pen's line."""

    colour: np.ndarray
    """(3,) 0..255, as it would be if it were wide."""
    half: np.ndarray
    """Half its width along T (41,), canvas units."""


@dataclass(frozen=True)
class Hand:
    """A mouth of a picture, and how it is drawn. Pixels are those of the crop."""

    corner: tuple[int, int]
    """x and y of the crop in the picture."""
    skin: np.ndarray
    """(h, w, 3) float32 0..255 without the mouth."""
    hole: np.ndarray
    """(h, w) bool: where the mouth was."""
    own: np.ndarray
    """(h, w, 4) float32 0..255 premultiplied: the mouth as it lies on the skin."""
    place: np.ndarray
    """(2, 3): canvas units to pixels."""
    face: FaceShape
    """Whose mouth at rest is this one, shut."""
    upper: np.ndarray
    lower: np.ndarray
    """(41, 2) canvas units: the edges of the opening as it is drawn; the same where it is shut."""
    opened: bool
    line: Line
    under: float
    """Strength of the line along the lower lip, 0..1."""
    wall: np.ndarray
    tongue: np.ndarray
    teeth: np.ndarray
    """(3,) 0..255 each."""
    toothed: float
    """How far teeth are seen in an open mouth, 0..1."""
    tongued: float
    """How much of it the tongue fills, 0..1."""
    told: bool
    """Whether those are the picture's own, and no guesses."""
    lips: np.ndarray | None
    """(3,): their colour, where there are any."""
    soft: float
    """Blur of the picture, a sigma in pixels."""

    @property
    def unit(self) -> float:
        """Pixels to a canvas unit."""
        return float(np.hypot(self.place[0, 0], self.place[1, 0]))


def read(picture: np.ndarray, points: np.ndarray) -> Hand:
    """picture (H, W, 4) uint8 premultiplied; points (46, 2) of landmarks/points.py in its pixels."""
    p = np.asarray(points, np.float64)
    right, left = (p[0] + p[4]) / 2, (p[11] + p[15]) / 2
    unit = float(np.hypot(*(left - right))) / EYES
    along = (left - right) / (unit * EYES)
    turn = np.array([along, (-along[1], along[0])])
    """Rows: the face's right and down."""
    middle = (p[29] + p[30]) / 2
    h, w = picture.shape[:2]
    side, above, below = (int(np.ceil(r * unit)) for r in REACH)
    x0, y0 = max(int(middle[0]) - side, 0), max(int(middle[1]) - above, 0)
    x1, y1 = min(int(middle[0]) + side, w), min(int(middle[1]) + below, h)
    rgb = picture[y0:y1, x0:x1, :3].astype(np.float32)

    local = ((p - middle) @ turn.T) / unit
    """Points in canvas units from the mouth's middle."""
    grid = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1) - middle
    st = (grid @ turn.T / unit).astype(np.float32)

    top = local[[29, 33, 31, 34, 30]]
    low = local[[29, 35, 32, 36, 30]]
    lip_top, lip_low = local[37, 1], local[38, 1]
    half = max(float(top[-1, 0] - top[0, 0]) / 2, 6.0)
    gap = float(np.max(low[:, 1] - top[:, 1]))
    opened = gap > _OPEN
    lipped = max(top[2, 1] - lip_top, lip_low - low[2, 1]) > 3.5

    high, deep = min(top[:, 1].min(), lip_top), max(low[:, 1].max(), lip_low)
    rim = np.concatenate([top, low[-2:0:-1]])
    rim = np.concatenate([rim, [[local[37, 0], lip_top], [local[38, 0], lip_low]]])
    hull = cv2.convexHull((rim @ turn * unit + middle - (x0, y0)).astype(np.float32))
    sure: np.ndarray = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillConvexPoly(sure, hull.round().astype(np.int32), 1)
    sure = cv2.dilate(sure, np.ones((3, 3), np.uint8), iterations=max(round(2.0 * unit), 1))
    nose, chin = float(local[28, 1]), float(local[39, 1])
    up, down = max(high - 16.0, nose + 12.0), min(deep + 20.0, chin - 11.0)
    may = (
        (np.abs(st[..., 0]) < half + 15.0)
        & (st[..., 1] > min(up, high - 4))
        & (st[..., 1] < max(down, deep + 4))
    )
    rim = p[[42, 40, 39, 41, 43]] - (x0, y0)
    inner: np.ndarray = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(inner, [rim.round().astype(np.int32)], 1)
    inner = cv2.erode(inner, np.ones((3, 3), np.uint8), iterations=max(round(5.0 * unit), 1), borderValue=0)
    may &= (inner > 0) | (sure > 0)
    skin, hole = without(rgb, (sure > 0) & may, may, max(round(1.6 * unit), 1))

    soft = blur_of(rgb, skin)
    fitted = _Reader(rgb, skin, turn, unit, middle - (x0, y0), soft)
    if opened:
        upper, lower = fitted.opening(top, low, 2.5 if lipped else _NEAR)
    else:
        upper = lower = fitted.seam(top)
    corners = (upper[0] + upper[-1]) / 2
    # from here on the canvas lies so that the corners at rest come to lie where they are drawn
    room = chin - float(corners[1] if opened else upper[:, 1].max())
    full = (float(upper[20, 1]) - lip_top) / 7.0, (lip_low - float(lower[20, 1])) / 10.5
    face = _face(upper, lower, opened, full if lipped else None, room)
    drawn = mouth_lines(face, HeadPose(0.0, 0.0, 0.0), REST).opening
    at = (drawn[0] + drawn[40]) / 2
    place = np.empty((2, 3))
    place[:, :2] = turn.T * unit
    place[:, 2] = middle - (x0, y0) + corners @ turn * unit - place[:, :2] @ at
    shift = at - corners
    base = np.median(skin[hole], axis=0) if hole.any() else np.median(skin, axis=(0, 1))
    line, under = fitted.line(upper, lower, opened, base)
    if opened and not lipped:  # found were the line's outer edges
        inwards = np.column_stack([np.zeros(len(T)), line.half * (1 - T**8)])
        upper, lower = upper + inwards, lower - under * inwards
    lips = fitted.lips(upper, lower, (lip_top, lip_low)) if lipped else None
    if opened and gap > _TOLD:
        wall, tongue, teeth, toothed, tongued = fitted.within(upper, lower, line, base)
    else:
        tone = inside(_tone(base), _tone(lips) if lips is not None else Mouth().pout, 0.7)
        wall, tongue = (0.82 * _rgb(t) + 0.18 * base for t in (tone.wall, tone.tongue))
        teeth, toothed, tongued = 0.85 * _rgb(TEETH) + 0.15 * base, 1.0, 0.4
    return Hand(
        (x0, y0), skin, hole, matte(rgb, skin, hole), place, face, upper + shift, lower + shift, opened, line,
        under, wall, tongue, teeth, toothed, tongued, opened and gap > _TOLD, lips, soft,
    )  # fmt: skip


def blur_of(picture: np.ndarray, skin: np.ndarray) -> float:
    """How blurred the mouth's edges are: a sigma in pixels, from how much less steep they get when blurred again (Zhuo and Sim,
    Defocus map estimation from a single image, 2011)."""
    grey = cv2.cvtColor(picture / 255.0, cv2.COLOR_RGB2GRAY)
    again = 1.0

    def slope(image: np.ndarray) -> np.ndarray:
        return cv2.magnitude(cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1))

    first, second = slope(grey), slope(cv2.GaussianBlur(grey, (0, 0), again))
    strong = first > max(float(np.percentile(first, 97.5)), 1e-3)
    peak = first >= cv2.dilate(first, np.ones((3, 3), np.uint8)) - 1e-6
    ratio = first[strong & peak] / np.maximum(second[strong & peak], 1e-6)
    if not len(ratio):
        return 0.8
    # on a thin line the first slope is higher than on an edge: the sharper third
    sigma = again / np.sqrt(np.maximum(np.percentile(ratio, 65) ** 2 - 1.0, 1e-3))
    return float(np.clip(sigma, 0.4, 4.0))


def _tone(colour: np.ndarray) -> Tone:
    red, green, blue = np.clip(colour, 0, 255).round().astype(int)
    return tone_of(f"#{red:02x}{green:02x}{blue:02x}")


def _rgb(tone: Tone) -> np.ndarray:
    argb = tone.argb
    return np.array([argb >> 16 & 255, argb >> 8 & 255, argb & 255], np.float64)


def _face(
    upper: np.ndarray, lower: np.ndarray, opened: bool, full: tuple[float, float] | None, room: float
) -> FaceShape:
    """A face with such a mouth. upper, lower (41, 2) in canvas units; full: how full lips
    are, where there are any; room: from the mouth to the chin."""
    half = float(upper[-1, 0] - upper[0, 0]) / 2
    scale = 0.85 * float(np.clip(room / 70.0, 0.55, 1.2) * np.clip(sqrt(half / 36.0), 0.75, 1.1))
    style = Mouth(
        fang=False, scale=scale, dip=(0.0, 0.3), under=0.0, arch=0.14 if full else 0.22,
        corner=0.8 * float(np.clip(half / 42.0, 0.7, 1.0)), purse=0.6 if full else 0.54,
    )  # fmt: skip
    if full is not None:
        over, under = np.clip(full, 0.0, 2.5).tolist()
        style = replace(style, tint=1.0, full=(over, under))
    if opened:
        gap = float(np.max(lower[:, 1] - upper[:, 1]))
        level = (upper[0, 1] + upper[-1, 1]) / 2
        arch = float(np.clip((level - upper[20, 1]) / gap, 0.04, 0.5))
        style = replace(
            style, arch=arch, sag=min(5.0 + 0.06 * half, 0.35 * half) + 3.0 * (arch < 0.2), turn=1.5
        )
    else:
        y = upper[:, 1] - (upper[0, 1] + upper[-1, 1]) / 2
        basis = np.stack([np.cos(T * np.pi / 2), -(np.abs(T) ** 1.9 - 1.0)], 1)
        (sag, turn), *_ = np.linalg.lstsq(basis, y, rcond=None)
        style = replace(style, sag=float(np.clip(sag, -6, 16)), turn=float(np.clip(turn, -8, 10)))
    face = FaceShape(mouth=style, mouth_width=half)
    wide = mouth_lines(face, HeadPose(0.0, 0.0, 0.0), REST).opening
    return replace(face, mouth_width=half * 2 * half / float(wide[40, 0] - wide[0, 0]))


class _Reader:
    """Samples a crop in canvas units from the mouth's middle."""

    def __init__(
        self,
        rgb: np.ndarray,
        skin: np.ndarray,
        turn: np.ndarray,
        unit: float,
        middle: np.ndarray,
        soft: float,
    ) -> None:
        self.rgb, self.skin, self.turn, self.unit, self.middle = rgb, skin, turn, unit, middle
        self.soft = soft / unit
        light = np.array([0.299, 0.587, 0.114], np.float32)
        self.dark = np.maximum((skin - rgb) @ light, 0.0)
        self.other = apart(rgb, skin)

    def at(self, image: np.ndarray, local: np.ndarray) -> np.ndarray:
        """The image (h, w[, c]) at points (..., 2) in canvas units."""
        xy = (local.reshape(-1, local.shape[-2], 2) @ self.turn * self.unit + self.middle).astype(np.float32)
        map_x, map_y = (np.ascontiguousarray(xy[..., k]) for k in (0, 1))
        found = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found).reshape(*local.shape[:-1], *image.shape[2:])

    def seam(self, guess: np.ndarray) -> np.ndarray:
        """Where shut lips meet (41, 2): the darkest way near points (5, 2), by dynamic programming."""
        reach, step = _NEAR, 0.5
        left, right = guess[0, 0] - reach, guess[-1, 0] + reach
        s = np.arange(left, right, step)
        t = np.arange(-reach, reach + 1e-6, step)
        middle = _through(guess, s)
        place = np.stack(np.broadcast_arrays(s[:, None], middle[:, None] + t), -1)
        dark = cv2.GaussianBlur(self.at(self.dark, place), (0, 0), 1.0 / step, sigmaY=0.8 / step)
        cost = -dark + 0.02 * float(dark.max() + 1e-6) * np.abs(t) / reach * 5
        jumps = np.arange(-2, 3)
        price = 0.03 * float(dark.max() + 1e-6) * np.abs(jumps)
        total, back = cost[0].copy(), []
        for row in cost[1:]:
            padded = np.pad(total, 2, constant_values=np.inf)
            options = np.stack([padded[2 + j : 2 + j + len(t)] for j in jumps]) + price[:, None]
            best = options.argmin(0)
            total = options[best, np.arange(len(t))] + row
            back.append(best)
        way = [int(total.argmin())]
        for best in reversed(back):
            way.append(int(way[-1] + jumps[best[way[-1]]]))
        index = np.array(way[::-1])
        depth = dark[np.arange(len(s)), index]
        y = _smooth(middle + t[index], 2.0 / step)
        seen = np.flatnonzero(depth > 0.3 * np.percentile(depth, 80))
        a, b = (s[seen[0]], s[seen[-1]]) if len(seen) else (guess[0, 0], guess[-1, 0])
        a, b = np.clip(a, left, guess[0, 0] + reach), np.clip(b, guess[-1, 0] - reach, right)
        x = (a + b) / 2 + T * (b - a) / 2
        return np.stack([x, np.interp(x, s, y)], 1)

    def opening(self, top: np.ndarray, low: np.ndarray, near: float) -> tuple[np.ndarray, np.ndarray]:
        """The edges (41, 2) of an open mouth near those that points say (5, 2), from what is no skin.
        near: how wrong those may be, canvas units."""
        reach, step = _NEAR, 0.5
        high, deep = top[:, 1].min() - reach, low[:, 1].max() + reach
        s = np.arange(top[0, 0] - reach, top[-1, 0] + reach, step)
        t = np.arange(high, deep, step)
        place = np.stack(np.broadcast_arrays(s[:, None], t), -1)
        other = self.at(self.other, place)
        known = (t > _through(top, s)[:, None] + 2.0) & (t < _through(low, s)[:, None] - 2.0)
        known &= ((s > top[0, 0] + 1) & (s < top[-1, 0] - 1))[:, None]
        level = 0.5 * float(np.percentile(other[known], 60)) if known.any() else 24.0
        found: np.ndarray = ((other > level) | known).astype(np.uint8)
        found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        _, labels = cv2.connectedComponents(found)
        ours = labels[known]
        region = labels == np.bincount(ours[ours > 0]).argmax() if (ours > 0).any() else known
        wide = np.flatnonzero(region.sum(1) > 2)
        a, b = (s[wide[0]], s[wide[-1]]) if len(wide) > 4 else (top[0, 0], top[-1, 0])
        wide = np.flatnonzero((s >= a) & (s <= b))
        first, last = t[region.argmax(1)], t[len(t) - 1 - region[:, ::-1].argmax(1)]
        first = np.clip(first, _through(top, s) - near, _through(top, s) + near)
        last = np.clip(last, _through(low, s) - near, _through(low, s) + near)
        x = (a + b) / 2 + T * (b - a) / 2
        upper, lower = (np.interp(x, s[wide], _smooth(edge[wide], 1.0 / step)) for edge in (first, last))
        # half the line's own width lies outside the opening
        ends = (upper + lower) / 2
        upper[[0, -1]], lower[[0, -1]] = ends[[0, -1]], ends[[0, -1]]
        return np.stack([x, upper], 1), np.stack([x, lower], 1)

    def line(
        self, upper: np.ndarray, lower: np.ndarray, opened: bool, base: np.ndarray
    ) -> tuple[Line, float]:
        """The pen along the upper lip, and how strong it is along the lower one."""
        d = np.arange(-5.0, 5.01, 0.25)
        light = np.array([0.299, 0.587, 0.114])
        inner = T[4:-4]
        across = upper[4:-4, None] + np.stack([np.zeros_like(d), d], 1)
        colour = self.at(self.rgb, across)
        dark = light @ base - colour @ light
        peak = dark.argmax(1)
        depth = dark[np.arange(len(inner)), peak]
        strong = depth >= np.percentile(depth, 60)
        seen = np.median(colour[np.arange(len(inner)), peak][strong], axis=0)
        if opened:
            # what lies a little further in is the wall: a line is darker than that
            within = np.median(self.at(self.rgb, np.add(upper[10:31], (0.0, 7.0))), axis=0)
            step = float((within - seen) @ light)
            if step < 12.0:
                seen, step = np.minimum(seen, within) * 0.8, 12.0
            below = self.at(self.rgb, lower[10:31, None] + np.stack([np.zeros_like(d), d], 1)) @ light
            edge = float(np.median(np.maximum(np.minimum(below[:, 0], below[:, -1]) - below.min(1), 0.0)))
            under = float(np.clip(edge / max(step, 1.0), 0.25, 1.0))
        else:
            under = 0.5
        # width at half depth of a blurred line; what is darker beside it (lips) is no line
        floor = np.minimum(dark[:, :4].max(1), dark[:, -4:].max(1)).clip(0)
        rise = (dark - floor[:, None]) > 0.5 * (depth - floor)[:, None]
        full = float(np.median(rise[strong].sum(1)) * 0.25)
        wide = sqrt(max(full**2 - (2.2 * self.soft) ** 2, 1.5**2))
        kept = max(erf(wide / (2 * sqrt(2) * max(self.soft, 0.05))), 0.55)
        ink = np.clip(base + (seen - base) / kept, 0, 255)
        taper = np.interp(T, inner, _smooth(depth, 1.5))
        taper = np.clip(taper / max(float(np.percentile(depth, 70)), 1e-3), 0.12, 1.15)
        # round an open mouth even a faint line is seen
        ink = np.clip(base + (ink - base) * max(1.0, 70.0 / max(float((base - ink) @ light), 1.0)), 0, 255)
        if opened:
            taper = np.ones_like(T)
            wide = float(np.clip(wide, 1.8, 3.5))
            # shut, the line stands alone on the skin
            ink = base + (ink - base) * max(1.0, 95.0 / max(float((base - ink) @ light), 1.0))
            ink = np.clip(ink, 24, 255)
        taper = taper * np.interp(np.abs(T), [0, 0.8, 1.0], [1.0, 1.0, 0.45])
        return Line(ink, 0.5 * min(wide, 6.0) * taper), under

    def within(
        self, upper: np.ndarray, lower: np.ndarray, line: Line, base: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
        """Wall, tongue and teeth (3,) each, and how far teeth and tongue are seen."""
        v = np.linspace(0.04, 0.86, 21)[:, None, None]
        rim = float(line.half.max()) + 0.5 * self.soft
        inner = slice(6, -6)
        room = np.maximum(lower[inner, 1] - upper[inner, 1] - 2 * rim - self.soft, 1.0)
        place = np.stack(np.broadcast_arrays(upper[inner, 0], upper[inner, 1] + rim + v[..., 0] * room), -1)
        colour = self.at(self.rgb, place).astype(np.float64)
        depth = np.broadcast_to(v[..., 0], colour.shape[:2])
        light = colour @ (0.299, 0.587, 0.114)
        chroma = np.ptp(colour, axis=-1)
        white = chroma < min(64.0, 0.62 * float(np.median(chroma)))
        white &= light > 0.86 * float(base @ (0.299, 0.587, 0.114))
        share = float((white & (depth < 0.7)).mean())
        toothed = float(np.clip((share - 0.03) / 0.08, 0, 1))
        teeth = (
            np.percentile(colour[white], 75, axis=0)
            if white.any()
            else np.minimum(base * 1.1, 255) * 0.5 + 125
        )
        flesh, where = colour[~white].astype(np.float32), depth[~white]
        if len(flesh) < 8:
            return line.colour, base * (0.9, 0.55, 0.55), teeth, toothed, 0.0
        stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
        cv2.setRNGSeed(1)
        _, which, centres = cv2.kmeans(flesh, 2, np.empty(0), stop, 3, cv2.KMEANS_PP_CENTERS)
        which = which[:, 0]
        low = int(where[which == 1].mean() > where[which == 0].mean())
        part = float((which == low).mean())
        tongue, wall = centres[low].astype(np.float64), centres[1 - low].astype(np.float64)
        apart_ = float(np.abs(tongue - wall).max())
        if apart_ < 18 or not 0.06 < part < 0.95:
            mean = np.median(flesh, axis=0).astype(np.float64)
            return mean, mean, teeth, toothed, 0.0
        return wall, tongue, teeth, toothed, part

    def lips(self, upper: np.ndarray, lower: np.ndarray, edges: tuple[float, float]) -> np.ndarray:
        """Their colour (3,)."""
        below = np.add(lower[14:27], (0.0, 0.5 * (edges[1] - float(lower[20, 1]))))
        above = np.add(upper[14:27], (0.0, 0.5 * (edges[0] - float(upper[20, 1]))))
        return np.median(self.at(self.rgb, np.concatenate([below, above])), axis=0).astype(np.float64)


def _smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    row = values[None].astype(np.float32)
    return np.asarray(cv2.GaussianBlur(row, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))[0]


def _through(points: np.ndarray, s: np.ndarray) -> np.ndarray:
    """y at s of a curve through points (5, 2) from left to right."""
    x, y = points.T
    knots = np.linspace(x[0], x[-1], 5)
    if np.all(np.diff(x) > 1.0):
        knots = x
    fit = np.polyfit(knots - knots.mean(), y, 3)
    return np.asarray(np.polyval(fit, np.clip(s, x[0], x[-1]) - knots.mean()))
