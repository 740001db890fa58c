"""Eyes: made once from the picture, painted for each expression into the sheet, before the head moves it.

An eye is an eyeball (sclera filled in, iris completed) behind skin with an opening. The skin's edges are the lids: the lash
line moves as it is, the skin between it and the crease stretches and takes the colour of the skin above the crease.
Positions on an eye: s from its left corner (0) to its right one (1) in the picture, t downwards, both in eye widths.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import INDEX
from liveavatar.renderers.portrait.rig import EYE_BOX, Rig
from liveavatar.renderers.portrait.topology import EYES

SIDES = ("Right", "Left")
MEET, MEET_DRAWN = -0.05, 0.10
"""Where the lids meet when shut: this share of the gap above the lower lid's rest, or below it."""
NOSE = np.array([6, 197, 195])
"""Landmarks along its bridge."""
FALL = 0.7
"""Power of a blink that gives its lids' travel: MediaPipe reports a lid half-way down as a third of a blink (four photos' own
avatars, tracked again: .15, .34, .76 of it at a quarter, half and three quarters of the way)."""
GAZE_ACROSS, GAZE_UP = 0.27, 0.20
"""Travel of the iris at full gaze, eye widths."""


@dataclass(frozen=True)
class Shape:
    """One eye's outline, over the pixels of its patch: arrays are (h, w) float32 in eye widths."""

    width: float
    """Corner to corner, pixels."""
    along: np.ndarray
    """(2,) direction of s."""
    s: np.ndarray
    t: np.ndarray
    upper: np.ndarray
    """t of the upper lid at the pixel's s; likewise the others."""
    lower: np.ndarray
    crease: np.ndarray


def shape(vertices: np.ndarray, side: str, box: np.ndarray) -> Shape:
    """The outline of one eye. vertices: (>= 478, 3); box: left, top of its patch."""
    eye = EYES[side]
    points = vertices[:, :2].astype(np.float64)
    left, right = points[eye["upper"][0]], points[eye["upper"][-1]]
    width = float(np.hypot(*(right - left)))
    along = (right - left) / width
    down = np.array([-along[1], along[0]])
    x, y = np.meshgrid(np.arange(EYE_BOX[0]) + box[0] - left[0], np.arange(EYE_BOX[1]) + box[1] - left[1])
    s, t = (x * along[0] + y * along[1]) / width, (x * down[0] + y * down[1]) / width

    def curve(name: str) -> np.ndarray:
        rel = points[eye[name]] - left
        a, b = rel @ along / width, rel @ down / width
        order = np.argsort(a)
        fine = np.linspace(-0.5, 1.5, 161)
        row = np.interp(fine, a[order], b[order])
        row = cv2.GaussianBlur(row[None], (0, 0), 4.0, borderType=cv2.BORDER_REPLICATE)[0]  # .05 eye widths
        return np.interp(s, fine, row)

    upper, lower, crease = curve("upper"), curve("lower"), curve("crease")
    lower = np.maximum(lower, upper)
    crease = np.minimum(crease, upper - 0.04)
    return Shape(width, along, *(a.astype(np.float32) for a in (s, t, upper, lower, crease)))


def make(
    sheet: np.ndarray, vertices: np.ndarray, side: str, box: np.ndarray, drawn: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eyeball (h, w, 3), iris (h, w, 4) and lid colour (h, w, 3), uint8, from the sheet (512, 512, 4)."""
    x, y = box
    w, h = EYE_BOX
    picture = sheet[y : y + h, x : x + w, :3].astype(np.float32)
    form = shape(vertices, side, box)
    px = form.width
    inside = np.minimum(form.t - form.upper, form.lower - form.t) * px  # pixels within the lids
    ring = vertices[EYES[side]["iris"], :2] - box
    centre = ring[0]
    radius = float(np.clip(np.linalg.norm(ring[1:] - centre, axis=1).mean(), 2.0, 0.32 * px))
    gx, gy = np.meshgrid(np.arange(w) - centre[0], np.arange(h) - centre[1])
    distance = np.hypot(gx, gy).astype(np.float32)
    gap = float((form.lower - form.upper).max() * px)
    margin = min(1.2, 0.2 * gap)
    clear = _step(inside, margin, margin + 1.0)  # away from lashes and their shadow
    radius = _edge_of_iris(picture, clear, gx, gy, distance, radius)

    white = clear * _step(distance, radius * 1.12 + 0.5, radius * 1.12 + 1.5)
    skin = picture[(inside < -2) & (inside > -8)]
    bright = np.percentile(picture[inside > margin], 85, axis=0) if (inside > margin).any() else skin.mean(0)
    base = np.maximum(0.75 * bright + 0.25 * np.array([225, 222, 220]), np.percentile(skin, 60, axis=0) * 0.9)
    if white.sum() > 8:
        mean = (picture * white[..., None]).sum((0, 1)) / white.sum()
        base = np.where(mean.sum() > 0.8 * base.sum(), np.maximum(mean, 0.85 * bright), base)
        ok = white * _step(picture.sum(-1) / base.sum(), 0.66, 0.8)
    else:
        ok = np.zeros_like(white)
    ball = _spread(picture, ok, base, 0.12 * px)

    seen = clear * (distance < radius + 0.5)
    disc = _complete(picture, seen, gx, gy, distance, radius, centre)
    edge = _step(radius + 0.8 - distance, 0.0, 1.6)[..., None]
    iris = np.concatenate([disc * edge, 255 * edge], -1)

    if drawn:  # flat, as the nose between the eyes is: over the eye there is often hair, under it a blush
        spots = np.round(vertices[NOSE, :2]).astype(int)
        bridge = np.concatenate([sheet[v - 2 : v + 3, u - 2 : u + 3, :3].reshape(-1, 3) for u, v in spots])
        lid = np.broadcast_to(np.median(bridge, axis=0), picture.shape)
    else:  # closed lids: the skin above the crease, lightened by that under the eye where the socket is in shadow
        source = np.minimum(form.crease, form.upper - 0.08) - 0.05
        above = cv2.GaussianBlur(_shift(picture, form, source - form.t), (0, 0), 0.09 * px)
        below = cv2.GaussianBlur(_shift(picture, form, form.lower + 0.22 - form.t), (0, 0), 0.12 * px)
        lid = 0.6 * above + 0.4 * np.maximum(above, below)
    return tuple(np.clip(np.round(a), 0, 255).astype(np.uint8) for a in (ball, iris, lid))  # type: ignore[return-value]


class Eye:
    """Paints one eye. Holds the patch as it is at rest and what was prepared."""

    def __init__(self, rig: Rig, sheet: np.ndarray, index: int) -> None:
        self.side = SIDES[index]
        box = rig.eye_boxes[index]
        form = shape(rig.vertices, self.side, box)
        self.strength, lash, self.gaze = (float(v) for v in rig.options[[0, 1, 3]])
        # The skin is held above the crease and below the lower lid; between, it stretches.
        top = np.minimum(form.crease, form.upper - 0.10) - 0.10
        bottom = form.lower + 0.30
        # Only what can change is painted.
        y, x = np.nonzero((form.t > top - 0.03) & (form.t < bottom + 0.03) & (form.s > -0.2) & (form.s < 1.2))
        part = (slice(y.min(), y.max() + 1), slice(x.min(), x.max() + 1)) if len(y) else (slice(1), slice(1))
        self.place = tuple(
            slice(int(o + p.start), int(o + p.stop)) for o, p in zip(box[::-1], part, strict=True)
        )
        self.t, self.upper, self.lower = form.t[part], form.upper[part], form.lower[part]
        self.top, self.bottom, self.gap = top[part], bottom[part], (form.lower - form.upper)[part]
        self.lash = np.minimum(lash, 0.7 * (self.upper - self.top))
        self.meet = MEET_DRAWN if rig.drawn else MEET
        self.width = form.width
        self.along = form.along.astype(np.float32) * form.width
        self.down = np.array([-self.along[1], self.along[0]])
        self.rest = sheet[self.place].copy()
        self.ball, self.iris = rig.balls[index][part].astype(np.float32), rig.irises[index][part].copy()
        self.lid = rig.lids[index][part].astype(np.float32)
        crease = form.crease[part]
        self.fold = _step(self.t, crease - 0.06, crease + 0.06) * np.clip(self.gap * 6, 0, 1) * self.strength
        height, width = self.t.shape
        self.grid = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))

    def pose(self, controls: np.ndarray) -> tuple[float, float, float, float]:
        """Travel of the upper and the lower lid as shares of the gap (> 0: shutting), and of the iris in eye widths."""
        c = {n: float(controls[INDEX[f"eye{n}{self.side}"]])
             for n in ("Blink", "Wide", "Squint", "LookUp", "LookDown", "LookIn", "LookOut")}  # fmt: skip
        blink = c["Blink"] ** FALL
        up = c["LookUp"] - c["LookDown"]
        across = (c["LookOut"] - c["LookIn"]) * (1 if self.side == "Left" else -1)
        free = 1 - blink
        upper = (1 - self.meet) * blink + free * (
            0.20 * c["LookDown"] - 0.10 * c["LookUp"] - 0.22 * c["Wide"] + 0.10 * c["Squint"]
        )
        lower = self.meet * blink + free * (0.28 * c["Squint"] - 0.06 * c["Wide"] - 0.05 * c["LookDown"])
        return upper, lower, self.gaze * GAZE_ACROSS * across, -self.gaze * GAZE_UP * up

    def paint(self, sheet: np.ndarray, controls: np.ndarray) -> None:
        """Draw the eye into the sheet, (512, 512, 4) uint8, in place."""
        upper, lower, across, down = self.pose(controls)
        moved = max(abs(upper), abs(lower), 3 * abs(across), 3 * abs(down))
        target = sheet[self.place]
        if moved < 1e-3:
            target[:] = self.rest
            return
        t, px = self.t, self.width
        u = self.upper + upper * self.gap
        low = np.maximum(self.lower - lower * self.gap, u)

        # Skin: where each pixel's skin was before the lids moved.
        stretch = (self.upper - self.lash - self.top) / np.maximum(u - self.lash - self.top, 1e-3)
        above = np.where(t > u - self.lash, t - u + self.upper, self.top + (t - self.top) * stretch)
        above = np.where(t < self.top, t, above)
        under = np.minimum(0.06, self.bottom - low)
        # A little further down as the lids shut, or the white at the lower lid's edge would shine through.
        edge = self.lower + 0.035 * min(1.0, max(0.0, 2 * (upper + lower)))
        squeeze = (self.bottom - edge - under) / np.maximum(self.bottom - low - under, 1e-3)
        below = np.where(t < low + under, t - low + edge, self.bottom - (self.bottom - t) * squeeze)
        below = np.where(t > self.bottom, t, below)
        gx, gy = self.grid
        skin, under_lid = (
            cv2.remap(self.rest, gx + shift * self.down[0], gy + shift * self.down[1], cv2.INTER_LINEAR,
                      borderMode=cv2.BORDER_REPLICATE)[..., :3].astype(np.float32)
            for shift in (above - t, below - t)
        )  # fmt: skip
        skin += _step((t - 0.5 * (u + low)) * px, -0.8, 0.8)[..., None] * (under_lid - skin)
        fade = self.fold * _step(u - self.lash * 0.6 - t, 0.0, 0.10) * min(1.0, max(upper, 0.0) * 1.6)
        skin += fade[..., None] * (self.lid - skin)

        # Eyeball, iris and the upper lid's shadow.
        a, b = across * self.along + down * self.down
        move = np.array([[1, 0, a], [0, 1, b]], np.float32)
        iris = cv2.warpAffine(self.iris, move, t.shape[::-1], flags=cv2.INTER_LINEAR).astype(np.float32)
        ball = self.ball * (1 - iris[..., 3:] / 255) + iris[..., :3]
        ball *= (1 - 0.30 * np.exp(-np.maximum(t - u, 0) / 0.07))[..., None]

        # The opening. Lashes reach a little into it, so its upper edge is soft.
        opening = _step((t - u) * px, 0.2, 2.2) * _step((low - t) * px, -0.2, 1.2)
        painted = skin + opening[..., None] * (ball - skin)
        rest = self.rest[..., :3]
        painted = rest + min(1.0, moved * 12) * (painted - rest) + 0.5
        target[..., :3] = np.minimum(np.clip(painted, 0, 255), self.rest[..., 3:])


def _step(x: np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> np.ndarray:
    """0 below low, 1 above high, smooth between."""
    return smoothstep((x - low) / (high - low))


def _shift(picture: np.ndarray, form: Shape, amount: np.ndarray) -> np.ndarray:
    """The picture sampled `amount` eye widths further down than each pixel."""
    gx, gy = np.meshgrid(np.arange(EYE_BOX[0], dtype=np.float32), np.arange(EYE_BOX[1], dtype=np.float32))
    step = amount.astype(np.float32) * form.width
    return cv2.remap(picture, gx - form.along[1].astype(np.float32) * step, gy + form.along[0].astype(np.float32) * step,
                     cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # fmt: skip


def _spread(picture: np.ndarray, known: np.ndarray, base: np.ndarray, sigma: float) -> np.ndarray:
    """Known pixels, their colours spread over the rest, fading to `base`."""
    weight = cv2.GaussianBlur(known, (0, 0), sigma)[..., None]
    colour = cv2.GaussianBlur(picture * known[..., None], (0, 0), sigma) + 0.02 * base
    far = colour / (weight + 0.02)
    return far + known[..., None] * (picture - far)


def _edge_of_iris(
    picture: np.ndarray, clear: np.ndarray, gx: np.ndarray, gy: np.ndarray, distance: np.ndarray, guess: float
) -> float:
    """The radius at which the picture gets brightest outwards, near the landmarks' guess; drawn irises are larger."""
    beside = clear * (np.abs(gx) > 0.8 * np.abs(gy))
    light = picture.mean(-1)
    best, found = 0.0, guess
    for radius in np.arange(0.8 * guess, 1.5 * guess + 0.01, 0.4):
        inner, outer = (beside * (np.abs(distance - radius - d) < 1.2) for d in (-1.4, 1.4))
        if min(inner.sum(), outer.sum()) < 4:
            continue
        rise = (light * outer).sum() / outer.sum() - (light * inner).sum() / inner.sum()
        rise *= float(np.exp(-0.5 * ((radius - guess) / (0.25 * guess)) ** 2))
        if rise > best:
            best, found = rise, float(radius)
    return found


def _complete(
    picture: np.ndarray,
    seen: np.ndarray,
    gx: np.ndarray,
    gy: np.ndarray,
    distance: np.ndarray,
    radius: float,
    centre: np.ndarray,
) -> np.ndarray:
    """The iris as a whole disc: hidden parts from its mirror images, else from the mean of their ring."""
    rings = np.clip(distance / max(radius, 1) * 8, 0, 15).astype(int)
    weight = np.bincount(rings.ravel(), seen.ravel(), 16)
    profile = np.stack(
        [np.bincount(rings.ravel(), (seen * picture[..., k]).ravel(), 16) for k in range(3)], 1
    )
    all_mean = profile.sum(0) / max(weight.sum(), 1e-6)
    profile = (profile + 0.3 * all_mean) / (weight[:, None] + 0.3)
    disc = profile[rings].astype(np.float32)
    total, share = np.zeros_like(disc), np.zeros_like(seen)
    for fx, fy, trust in ((1, 1, 1.0), (-1, 1, 0.02), (1, -1, 0.02)):
        mx, my = (centre[0] + fx * gx).astype(np.float32), (centre[1] + fy * gy).astype(np.float32)
        part = cv2.remap(seen, mx, my, cv2.INTER_LINEAR) * trust
        total += (
            cv2.remap(picture, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * part[..., None]
        )
        share += part
    share = share[..., None]
    return (total + 0.004 * disc) / (share + 0.004)
