"""Paints the eyes for each expression into the texture, before the head moves it. portrait/eyes.py makes what is painted.

An eye is an eyeball (sclera filled in, iris completed) behind skin with an opening. The skin's edges are the lids: the lash
line moves as it is, the skin between it and the crease stretches and takes the colour of the skin above the crease.
Positions on an eye: s from its left corner (0) to its right one (1) in the picture, t downwards, both in eye widths.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import INDEX
from liveavatar.renderers.portrait.rig import EYE_BOX, PortraitRig
from liveavatar.renderers.portrait.topology import EYES

SIDES = ("Right", "Left")
MEET, MEET_DRAWN = -0.05, 0.10
"""Where the lids meet when shut: this share of the gap above the lower lid's rest, or below it."""
FALL = 0.7
"""Power of a blink that gives its lids' travel: MediaPipe reports a lid half-way down as a third of a blink (four photos' own
avatars, tracked again: .15, .34, .76 of it at a quarter, half and three quarters of the way)."""
JOINED, LASHES = 0.8, 0.045
"""How much darker the line is where the lids of a photo meet, for both rows of lashes lie there, and its width, eye widths:
without it, four photos' shut eyes were tracked as .48 to .76 of a blink, where people's own are .7."""
GAZE_ACROSS, GAZE_UP = 0.27, 0.20
"""Travel of the iris at full gaze, eye widths."""


@dataclass(frozen=True)
class EyeOutline:
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


def outline(vertices: np.ndarray, side: str, box: np.ndarray) -> EyeOutline:
    """Of one eye. vertices: (>= 478, 3) float32, pixels of the texture; side: of SIDES; box: (2,) int32."""
    landmarks = EYES[side]
    points = vertices[:, :2].astype(np.float64)
    left, right = points[landmarks["upper"][0]], points[landmarks["upper"][-1]]
    width = float(np.hypot(*(right - left)))
    along = (right - left) / width
    down = np.array([-along[1], along[0]])
    x, y = np.meshgrid(np.arange(EYE_BOX[0]) + box[0] - left[0], np.arange(EYE_BOX[1]) + box[1] - left[1])
    s, t = (x * along[0] + y * along[1]) / width, (x * down[0] + y * down[1]) / width

    def curve(name: str) -> np.ndarray:
        rel = points[landmarks[name]] - left
        a, b = rel @ along / width, rel @ down / width
        order = np.argsort(a)
        fine = np.linspace(-0.5, 1.5, 161)
        row = np.interp(fine, a[order], b[order])
        row = cv2.GaussianBlur(row[None], (0, 0), 4.0, borderType=cv2.BORDER_REPLICATE)[0]  # .05 eye widths
        return np.interp(s, fine, row)

    upper, lower, crease = curve("upper"), curve("lower"), curve("crease")
    lower = np.maximum(lower, upper)
    crease = np.minimum(crease, upper - 0.04)
    return EyeOutline(width, along, *(a.astype(np.float32) for a in (s, t, upper, lower, crease)))


class EyePainter:
    """Paints one eye. Holds the patch as it is at rest and what was prepared."""

    def __init__(self, rig: PortraitRig, texture: np.ndarray, index: int) -> None:
        self.side = SIDES[index]
        box = rig.eye_boxes[index]
        eye = outline(rig.vertices, self.side, box)
        self.strength, lash, self.gaze = (float(v) for v in rig.options[[0, 1, 3]])
        # The skin is held above the crease and below the lower lid; between, it stretches.
        top = np.minimum(eye.crease, eye.upper - 0.10) - 0.10
        bottom = eye.lower + 0.30
        # Only what can change is painted.
        y, x = np.nonzero((eye.t > top - 0.03) & (eye.t < bottom + 0.03) & (eye.s > -0.2) & (eye.s < 1.2))
        part = (slice(y.min(), y.max() + 1), slice(x.min(), x.max() + 1)) if len(y) else (slice(1), slice(1))
        self.place = tuple(
            slice(int(o + p.start), int(o + p.stop)) for o, p in zip(box[::-1], part, strict=True)
        )
        self.t, self.upper, self.lower = eye.t[part], eye.upper[part], eye.lower[part]
        self.top, self.bottom, self.gap = top[part], bottom[part], (eye.lower - eye.upper)[part]
        self.lash = np.minimum(lash, 0.7 * (self.upper - self.top))
        self.meet, self.joined = (MEET_DRAWN, 0.0) if rig.drawn else (MEET, JOINED)
        self.open = np.clip(self.gap * 6, 0, 1)  # 0 at the corners
        self.width = eye.width
        self.along = eye.along.astype(np.float32) * eye.width
        self.down = np.array([-self.along[1], self.along[0]])
        self.rest = texture[self.place].copy()
        self.ball, self.iris = rig.balls[index][part].astype(np.float32), rig.irises[index][part].copy()
        self.lid = rig.lids[index][part].astype(np.float32)
        crease = eye.crease[part]
        self.fold = ramp(self.t, crease - 0.06, crease + 0.06) * self.open * self.strength
        height, width = self.t.shape
        self.grid = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))

    def pose(self, controls: np.ndarray) -> tuple[float, float, float, float]:
        """Travel of the upper and the lower lid as shares of the gap (> 0: shutting), and of the iris in eye widths,
        right and down in the picture. controls: (len(CONTROLS),) float32."""
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

    def paint(self, texture: np.ndarray, controls: np.ndarray) -> None:
        """Draw the eye into the texture, (512, 512, 4) uint8 premultiplied RGBA, in place. controls: float32, clipped."""
        upper, lower, across, down = self.pose(controls)
        moved = max(abs(upper), abs(lower), 3 * abs(across), 3 * abs(down))
        target = texture[self.place]
        if moved < 1e-3:
            target[:] = self.rest
            return
        t, px = self.t, self.width
        u = self.upper + upper * self.gap
        low = np.maximum(self.lower - lower * self.gap, u)

        skin = self._skin(u, low, upper, lower)

        # Eyeball, iris and the upper lid's shadow.
        a, b = across * self.along + down * self.down
        move = np.array([[1, 0, a], [0, 1, b]], np.float32)
        iris = cv2.warpAffine(self.iris, move, t.shape[::-1], flags=cv2.INTER_LINEAR).astype(np.float32)
        ball = self.ball * (1 - iris[..., 3:] / 255) + iris[..., :3]
        ball *= (1 - 0.30 * np.exp(-np.maximum(t - u, 0) / 0.07))[..., None]

        # The opening. Lashes reach a little into it, so its upper edge is soft; shutting lids leave no white at the lower one.
        narrow = min(1.0, max(0.0, 2 * upper - 0.6)) if self.joined else 0.0
        opening = ramp((t - u) * px, 0.2, 2.2) * ramp((low - t) * px, narrow - 0.2, 1.2 * narrow + 1.2)
        painted = skin + opening[..., None] * (ball - skin)
        shut = self.joined * min(1.0, max(0.0, 2 * (upper + lower) - 1)) * self.open
        painted *= (1 - shut * np.exp(-(((t - u + 0.02) / LASHES) ** 2)))[..., None]
        rest = self.rest[..., :3]
        painted = rest + min(1.0, moved * 12) * (painted - rest) + 0.5
        target[..., :3] = np.minimum(np.clip(painted, 0, 255), self.rest[..., 3:])

    def _skin(self, u: np.ndarray, low: np.ndarray, upper: float, lower: float) -> np.ndarray:
        """(h, w, 3) float32, 0 to 255: lids and the skin round them. u, low: t of the lids' edges; upper, lower: pose()."""
        t = self.t
        # Where each pixel's skin was before the lids moved.
        stretch = (self.upper - self.lash - self.top) / np.maximum(u - self.lash - self.top, 1e-3)
        above = np.where(t > u - self.lash, t - u + self.upper, self.top + (t - self.top) * stretch)
        above = np.where(t < self.top, t, above)
        under = np.minimum(0.06, self.bottom - low)
        # A little further down as the lids shut, or the white at the lower lid's edge would shine through.
        rim = 0.08 if self.joined else 0.035
        edge = self.lower + rim * min(1.0, max(0.0, 2 * (upper + lower)))
        squeeze = (self.bottom - edge - under) / np.maximum(self.bottom - low - under, 1e-3)
        below = np.where(t < low + under, t - low + edge, self.bottom - (self.bottom - t) * squeeze)
        below = np.where(t > self.bottom, t, below)
        gx, gy = self.grid
        skin, under_lid = (
            cv2.remap(self.rest, gx + shift * self.down[0], gy + shift * self.down[1], cv2.INTER_LINEAR,
                      borderMode=cv2.BORDER_REPLICATE)[..., :3].astype(np.float32)
            for shift in (above - t, below - t)
        )  # fmt: skip
        skin += ramp((t - 0.5 * (u + low)) * self.width, -0.8, 0.8)[..., None] * (under_lid - skin)
        fade = self.fold * ramp(u - self.lash * 0.6 - t, 0.0, 0.10) * min(1.0, max(upper, 0.0) * 1.6)
        skin += fade[..., None] * (self.lid - skin)
        return skin


def ramp(x: np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> np.ndarray:
    """0 below low, 1 above high, smooth between; of the shape and dtype that arithmetic gives."""
    return smoothstep((x - low) / (high - low))
