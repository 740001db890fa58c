"""Draws a picture's eyes and brows in any expression, out of its own pixels."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from liveavatar.controls import CONTROLS
from liveavatar.media.blend import clamp_to_alpha
from liveavatar.rigs.drawn.eyes import EyeState, eye_state
from liveavatar.rigs.drawn.geometry import normals
from liveavatar.rigs.picture.eyefinish import change
from liveavatar.rigs.picture.eyeframe import EyeFrame, EyeShape
from liveavatar.rigs.picture.eyeguide import CROP
from liveavatar.rigs.picture.eyelines import REST, EyeMotion, Lines
from liveavatar.rigs.picture.eyemasks import grown, with_alpha
from liveavatar.rigs.picture.eyeparts import Apart, covered, take_apart
from liveavatar.rigs.picture.eyeplace import Place, shape_of
from liveavatar.rigs.picture.eyestroke import LashStroke, share
from liveavatar.rigs.picture.eyetextures import Textures, textures
from liveavatar.rigs.picture.sweep import carried

Crop = tuple[int, int, np.ndarray]
"""Left edge, top edge, and (h, w, 4) uint8 premultiplied RGBA, or (h, w) uint8 alpha."""
TakeApart = Callable[[np.ndarray, EyeShape, EyeFrame], Apart]
Finish = Callable[["PictureEye", dict[str, np.ndarray], EyeState], np.ndarray]
_BROW_NEEDS = 0.7
"""Share of a brow's length before which there is no hair that it needs to move: pieces that do would break it."""
_RING = np.linspace(0, 2 * np.pi, 16, endpoint=False)
_DISC = np.stack(np.meshgrid(np.linspace(-1, 1, 11), np.linspace(-1, 1, 11)), -1).reshape(-1, 2)
_DISC = _DISC[(_DISC**2).sum(1) < 1.06]


class EyeMorpher:
    """Both eyes of a picture."""

    def __init__(
        self,
        picture: np.ndarray,
        points: np.ndarray,
        take: TakeApart = take_apart,
        finish: Finish | None = change,
        hair: np.ndarray | None = None,
    ) -> None:
        """picture (S, S, 4) uint8 premultiplied RGBA; points (46, 2) of the face in its pixels, liveavatar.landmarks.points;
        hair (S, S) uint8, where that is before the face, as far as it is known otherwise."""
        shapes = {side: shape_of(points, side) for side in (-1, 1)}
        middles = {
            side: (s.upper[[0, -1]].sum(0) + s.lower[[0, -1]].sum(0)) / 4 for side, s in shapes.items()
        }
        across = middles[1] - middles[-1]
        roll = float(np.arctan2(across[1], across[0]))
        between = float(middles[1][0] + middles[-1][0]) / 2
        places = {side: Place.of(picture, s, side, roll, between) for side, s in shapes.items()}
        parts = {
            side: take(place.crop, shapes[side].through(place.frame.to_crop), place.frame)
            for side, place in places.items()
        }
        hidden = covered({side: place.crop for side, place in places.items()}, parts)
        self.eyes = {
            side: PictureEye(place, parts[side], side in hidden, place.boxed(hair), finish)
            for side, place in places.items()
        }
        for eye in self.eyes.values():
            eye.stroke = LashStroke.common(
                [e.stroke for s, e in self.eyes.items() if s not in hidden] or [eye.stroke]
            )

    @property
    def still(self) -> dict[str, list[Crop]]:
        """By layer one crop an eye, at rest. "face" goes over the picture's skin and has no holes yet; "front" is the hair before
        the eyes, without lashes and brows."""
        return _joined([eye.still() for eye in self.eyes.values()])

    def draw(self, controls: np.ndarray) -> dict[str, list[Crop]]:
        """By layer one crop an eye, for controls (len(CONTROLS),). "face" goes over the skin; "hole" is then cut out of it, and
        "shade" laid over both."""
        values = dict(zip(CONTROLS, np.asarray(controls).tolist(), strict=True))
        return _joined([eye.draw(state(values, side)) for side, eye in self.eyes.items()])

    def motion(self, controls: np.ndarray) -> dict[str, np.ndarray]:
        """controls (len(CONTROLS),) -> by layer the points (n, 2) of the picture, in its pixels, that go with it."""
        values = dict(zip(CONTROLS, np.asarray(controls).tolist(), strict=True))
        eyes = [eye.points(state(values, side)) for side, eye in self.eyes.items()]
        return {layer: np.concatenate([eye[layer] for eye in eyes]) for layer in eyes[0]}


def state(values: dict[str, float], side: int) -> EyeState:
    """One eye's controls, its gaze outward."""
    found = eye_state(values, side)
    return replace(found, look_x=side * found.look_x)


def _joined(eyes: list[dict[str, Crop]]) -> dict[str, list[Crop]]:
    return {layer: [eye[layer] for eye in eyes] for layer in eyes[0]}


class PictureEye:
    """One eye of a picture."""

    def __init__(
        self,
        place: Place,
        apart: Apart,
        covered: bool = False,
        hair: np.ndarray | None = None,
        finish: Finish | None = None,
    ) -> None:
        self.place, self.finish = place, finish
        if _brow_seen(apart) < _BROW_NEEDS:
            apart = replace(apart, masks=apart.masks | {"brow": np.zeros((CROP, CROP), np.float32)})
        self.lines = motion_of(apart, place.frame)
        self.rest = self.lines.lines(REST)
        self.textures: Textures = textures(place, apart, self.lines, self.rest, covered, hair)
        self.folded = _folded(place, self.textures, self.rest)
        """How far the crease was found as one line: pieces of one are better left out where the lid moves."""
        self.stroke = LashStroke.of(place, self.textures.lash, self.rest)
        self.ghost: np.ndarray = np.zeros_like(place.rgb)
        """(h, w, 3) what of the resting eye none of its parts holds."""
        near_brow = grown(self.textures.brow[..., 3], 5 * place.zoom)
        self.by_brow: np.ndarray = cv2.GaussianBlur(near_brow, (0, 0), 2 * place.zoom)[..., None]
        """(h, w, 1) where the brow is."""
        moving = np.max(
            [place.filled(self.rest.opening), self.textures.lash[..., 3], self.textures.lower[..., 3]], 0
        )
        self.by_lids: np.ndarray = cv2.GaussianBlur(grown(moving, 5 * place.zoom), (0, 0), 1.5 * place.zoom)[
            ..., None
        ]
        """(h, w, 1) where the lids and their lines are."""
        left = (place.rgb - self.flat(self.parts(REST))) * np.minimum(2 * self.textures.near, 1)[..., None]
        self.textures.front[..., :3] += left * (1 - self.by_brow) * self.textures.front[..., 3:]
        for layer in (self.textures.lash, self.textures.brow):
            layer[..., :3] += left * layer[..., 3:]
        self.ghost = left
        self.shaded = _lid_shade(place, self.textures, self.rest)
        """How much of a shade the upper lid casts in this picture, 0 .. 1."""
        parts = self.parts(REST)
        self.unasked = finish(self, parts, REST) if finish else None
        """(h, w, 7) what would be changed at rest, where the picture is right as it is."""
        self.was: np.ndarray = parts["hole"][..., None]
        self.beside, self.rim = (
            cv2.GaussianBlur(grown(parts["hole"], by * place.unit), (0, 0), soft * place.unit)[..., None]
            for by, soft in ((16, 5), (7, 2))
        )
        """(h, w, 1) where lids may be changed; and the hole with its edges."""

    def whole(self, e: EyeState) -> dict[str, np.ndarray]:
        """parts(), finished; "shade" goes over the face and its hole."""
        parts = self.parts(e)
        hole, shade = parts["hole"][..., None], np.zeros_like(parts["face"])
        if self.finish is not None and self.unasked is not None:
            more, less = (
                np.clip(c, -1, 1) * self.beside for c in (self.finish(self, parts, e), self.unasked)
            )
            still = self._still(self.lines.lines(e))
            kept = less * (1 - self.rim * (1 - still)) * (1 - self.was * (1 - still))
            # it darkens what is there in its own hue: the population's would be seen in other hands' pictures
            deeper = _light((more - kept)[..., :3]) / np.maximum(_light(parts["face"][..., :3]), 0.2)
            parts["face"][..., :3] *= 1 + np.clip(deeper, -0.5, 0) * (1 - hole)
            shade = self.shaded * np.clip(more - less * self.was, 0, 1)[..., 3:] * hole
            below = parts["eyes"][..., :3]
            tone = _light(shade[..., :3]) / np.maximum(_light(below) * shade[..., 3:], 1e-3)
            shade[..., :3] = np.clip(tone, 0.3, 0.85) * below * shade[..., 3:]
        return parts | {"shade": shade}

    def _still(self, now: Lines) -> float:
        """1 while the lids are at rest .. 0."""
        moved = np.abs(now.upper - self.rest.upper).max() + np.abs(now.lower - self.rest.lower).max()
        return float(np.exp(-((moved / 2.5) ** 2)))

    def parts(self, e: EyeState) -> dict[str, np.ndarray]:
        """The layers of an expression, float32 premultiplied; "hole" (h, w)."""
        t, place, now, rest = self.textures, self.place, self.lines.lines(e), self.rest
        shut, unit = 1.0 - now.open, place.unit

        def along(texture: np.ndarray, first: np.ndarray, last: np.ndarray, reach: float) -> np.ndarray:
            return carried(texture, place.px(first), place.px(last), reach * unit)

        drawn, lash = share(shut) if t.lash.any() else 0.0, np.zeros_like(t.lash)
        if drawn < 1:
            lash = carried(
                t.lash, place.px(rest.lash), place.px(now.lash), 34 * unit, self._weight(now),
                above=1 - 0.6 * shut, thick=(self.lines.thick + 2) * unit, below=1 - 0.7 * shut,
            )  # fmt: skip
        if drawn > 0:
            lash = lash + drawn * (self.stroke.drawn(place, now, self._weight(now)) - lash)
        brow = along(t.brow, rest.brow, now.brow, 26)
        lower = along(t.lower, rest.lower, now.lower, 22) * (0.15 + 0.85 * now.open)
        fold = rest.crease + 0.85 * (now.crease - rest.crease)
        crease = along(t.crease, rest.crease, fold, 20)
        crease *= float(np.clip(1.15 - 0.6 * shut, 0, 1)) * (
            1 - (1 - self.folded) * min(4 * max(shut, 0.0), 1)
        )
        still = self._still(now)
        face = _over(_over(t.skin, crease), lower)
        brows = float(np.exp(-((np.abs(now.brow - rest.brow).max() / 2.5) ** 2)))
        kept = (1 - self.by_lids * (1 - still)) * (1 - self.by_brow * (1 - brows))
        face[..., :3] += self.ghost * kept * face[..., 3:]
        ball = self._ball(now)
        ball += self.ghost * (still * float(np.exp(-(np.hypot(*(now.iris - rest.iris)) ** 2) / 4)))
        apart = float(np.max(now.lower[:, 1] - now.upper[:, 1]))
        hole = place.filled(now.opening) * float(np.clip((apart - 0.6) / 2.0, 0, 1))
        clear = 1 - t.front[..., 3:]
        return {
            "eyes": with_alpha(ball, t.ball),
            "face": face,
            "hole": hole,
            "lashes": lash * clear if t.lash_under else lash,
            "brows": brow * clear if t.brow_under else brow,
        }

    def _ball(self, now: Lines) -> np.ndarray:
        """(h, w, 3) the white with the iris on it."""
        (x, y), (x0, y0) = self.place.px(np.stack([now.iris, self.rest.iris]))
        k = 1 / now.iris_size
        back = np.array([[k, 0, x0 - x * k], [0, k, y0 - y * k]])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        iris = np.clip(cv2.warpAffine(self.textures.iris, back, self.place.size, flags=flags), 0, 1)
        return np.asarray(self.textures.white * (1 - iris[..., 3:]) + iris[..., :3])

    def _weight(self, now: Lines) -> float:
        """Of the lash in an expression, as a share of what it is at rest."""
        heavy = self.lines.face.eye.shut_weight
        return max(0.66 * (heavy + (1 - heavy) * now.open) + 0.34 * now.open, 0.8)

    def flat(self, parts: dict[str, np.ndarray]) -> np.ndarray:
        """(h, w, 3) float32: the layers over the picture's own skin, with the hair before them."""
        hole = parts["hole"][..., None]
        flat = parts["face"][..., :3] + self.place.rgb * (1 - parts["face"][..., 3:])
        flat += hole * (parts["eyes"][..., :3] - flat)
        shade = [parts["shade"]] if "shade" in parts else []
        for layer in (*shade, self.textures.front, parts["lashes"], parts["brows"]):
            flat = layer[..., :3] + flat * (1 - layer[..., 3:])
        return flat

    def still(self) -> dict[str, Crop]:
        """The layers at rest, see EyeMorpher.still."""
        parts = self.parts(REST)
        own = {name: parts[name] for name in ("eyes", "lashes", "brows")}
        return self._crops(own | {"face": self.textures.skin, "front": self.textures.front})

    def draw(self, e: EyeState) -> dict[str, Crop]:
        """The layers of an expression."""
        return self._crops(self.whole(e))

    def _crops(self, layers: dict[str, np.ndarray]) -> dict[str, Crop]:
        return {name: (*self.place.corner, _bytes(layer)) for name, layer in layers.items()}

    def points(self, e: EyeState) -> dict[str, np.ndarray]:
        """Points (n, 2) that the layers carry along, in the picture's pixels."""
        now, shape = self.lines.lines(e), self.lines.shape
        middle = (self.rest.upper.mean(0) + self.rest.lower.mean(0)) / 2
        ring = middle + np.stack([np.cos(_RING), np.sin(_RING)], 1) * (98.0, 108.0)
        disc = now.iris + _DISC * shape.radii * now.iris_size
        up = normals(now.lash)
        up *= np.where(up[:, 1:] > 0, -self.lines.thick, self.lines.thick) * self._weight(now)
        beside = [now.lash + np.array([0.0, by]) for by in (-32.0, 32.0, 64.0)]
        side = normals(now.brow) * 7.0
        found = {
            "eyes": [ring, disc],
            "lashes": [now.lash, now.lash + up, *beside],
            "brows": [now.brow, now.brow + side, now.brow - side],
        }
        return {
            name: self.place.px(np.concatenate(parts)) + self.place.corner for name, parts in found.items()
        }


def _brow_seen(apart: Apart) -> float:
    """Share of a brow's length, of what is brow or the hair before it."""
    line = apart.shape.brow
    (low, top), (high, bottom) = (
        np.clip(end.astype(int), 0, CROP - 1) for end in (line.min(0), line.max(0) + 1)
    )
    seen = apart.masks["brow"][:, low : high + 1].max(0) > 0.5
    hair = apart.masks["front"][top : bottom + 1, low : high + 1].mean(0) > 0.5
    return float(seen.sum() / max((seen | hair).sum(), 1))


def motion_of(apart: Apart, frame: EyeFrame) -> EyeMotion:
    """How an eye moves that was taken apart."""
    s, unit, lash = apart.shape, frame.per_unit, apart.masks["lash"]

    def units(points: np.ndarray) -> np.ndarray:
        return np.asarray((points - frame.origin) / unit)

    order = np.argsort(s.upper[:, 0])
    at = np.linspace(s.upper[order[0], 0], s.upper[order[-1], 0], 9)
    edge = np.interp(at, s.upper[order, 0], s.upper[order, 1])
    columns = np.clip(at, 0, CROP - 1).astype(int)
    rows = np.arange(CROP)[:, None]
    within = (rows > edge - 26 * unit) & (rows < edge + 3 * unit)
    thick = (lash[:, columns] * within).sum(0) / unit
    corner = s.upper[order[-1]]
    y, x = np.mgrid[0:CROP, 0:CROP]
    out, down = (x - corner[0]) / unit, (y - corner[1]) / unit
    tail = (lash > 0.45) & (out > -2) & (out < 45) & (down > -42) & (down < 22)
    tip = (9.0, -5.0)
    if tail.sum() > 3:
        far = float(out[tail].max())
        tip = (max(far, 2.0), float(down[tail & (out > far - 4.0)].mean()))
    shape = EyeShape(units(s.upper), units(s.lower), units(s.iris), s.radii / unit, units(s.brow))
    return EyeMotion(shape, np.clip(thick, 1.0, 24.0), tip)


def _light(colour: np.ndarray) -> np.ndarray:
    """(h, w, 1) of (h, w, 3)."""
    return np.asarray(colour @ np.full((3, 1), 1 / 3, np.float32))


def _folded(place: Place, t: Textures, rest: Lines) -> float:
    x, y = (np.clip(at.round(), 0, n - 1) for at, n in zip(place.px(rest.crease).T, place.size, strict=True))
    seen = grown(t.crease[..., 3], 5 * place.unit)[y.astype(int), x.astype(int)] > 0.4
    return float(np.clip((seen.mean() - 0.4) / 0.3, 0, 1))


def _lid_shade(place: Place, t: Textures, rest: Lines) -> float:
    """How much darker an eye's white is below the upper lid than further down: 1 where by a tenth or more, 0 where not."""
    u, v = place.units()
    deep = v - np.interp(u, rest.upper[:, 0], rest.upper[:, 1])
    clear = place.filled(rest.opening) * (1 - t.front[..., 3]) * (1 - grown(t.lash[..., 3], place.zoom))
    clear = clear * (1 - grown(t.iris[..., 3], 2 * place.zoom)) > 0.7
    light = place.rgb.mean(-1)
    above, below = (light[clear & where] for where in (deep < 9, deep > 16))
    if min(len(above), len(below)) < 12:
        return 0.5
    return float(np.clip(10 * (1 - np.median(above) / max(float(np.median(below)), 0.05)), 0, 1))


def _bytes(layer: np.ndarray) -> np.ndarray:
    """uint8 of a layer, no colour of which lies above its alpha."""
    whole = (np.clip(layer, 0, 1) * 255).round().astype(np.uint8)
    return clamp_to_alpha(whole) if whole.ndim == 3 else whole


def _over(below: np.ndarray, top: np.ndarray) -> np.ndarray:
    return np.asarray(top + below * (1 - top[..., 3:]))
