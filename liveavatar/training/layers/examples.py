"""Examples for the layer network: characters mixed, dyed, bent, and spoilt as pictures of strangers are."""

from typing import Any, NamedTuple

import cv2
import numpy as np

from liveavatar.rigs.picture.parts import HIDDEN
from liveavatar.training.layers.characters import PARTS, SIZE

_AT = {name: k for k, name in enumerate(PARTS)}
_GREY = 0.5


class Example(NamedTuple):
    """What the network is asked, and what it should answer; all float32 in [0, 1]."""

    picture: np.ndarray
    """(4, SIZE, SIZE)."""
    seen: np.ndarray
    """(len(VISIBLE), SIZE / 2, SIZE / 2)."""
    shapes: np.ndarray
    """(len(HIDDEN), SIZE / 2, SIZE / 2)."""
    colours: np.ndarray
    """(len(HIDDEN), 3, SIZE / 2, SIZE / 2)."""


def example(parts: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> Example:
    """One of the characters parts (n, len(PARTS), SIZE, SIZE, 4) uint8, of the rows that may be taken."""
    layers = _bent(_mixed(parts, rows, rng), rng).astype(np.float32) / 255
    alpha = layers[..., 3]
    colours = layers[..., :3] / np.maximum(alpha[..., None], 1 / 255)
    _dye(colours, rng)
    _light(colours, rng)
    alpha = _cut(alpha, rng)
    # Shadows that hair throws lie in its layer: they are not hair.
    alpha_of = {name: alpha[k] for name, k in _AT.items()}
    solid = {n: a if n == "ink" else np.clip((a - 0.5) / 0.4, 0, 1) for n, a in alpha_of.items()}
    picture, cover = np.zeros((SIZE, SIZE, 3), np.float32), np.zeros((SIZE, SIZE), np.float32)
    through = np.ones((SIZE, SIZE), np.float32)
    seen = {}
    for name in ("front", "face", "body", "back"):
        seen[name] = solid[name] * through
        through = through * (1 - solid[name])
    for name in PARTS:
        a = alpha_of[name][..., None]
        picture = picture * (1 - a) + colours[_AT[name]] * a
        cover = cover * (1 - a[..., 0]) + a[..., 0]
    picture, known = _spoilt(picture, cover, parts, rows, rng)
    order = [through, *(seen[name] for name in ("back", "body", "face", "front"))]
    return Example(
        np.concatenate([picture.transpose(2, 0, 1), known[None]]).astype(np.float32),
        np.stack([_half(share) for share in order]),
        np.stack([_half(solid[name]) for name in HIDDEN]),
        np.stack([colours[_AT[name], ::2, ::2].transpose(2, 0, 1) for name in HIDDEN]).clip(0, 1),
    )


def _half(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(picture, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA))


def _mixed(parts: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The layers of one character, or its face, hair and clothes from up to three."""
    layers = np.array(parts[rng.choice(rows)])
    for names, share in ((("body",), 0.35), (("back", "front"), 0.2)):
        if rng.uniform() < share:
            other = parts[rng.choice(rows)]
            for name in names:
                layers[_AT[name]] = other[_AT[name]]
    if rng.uniform() < 0.12:  # a bare forehead, or hair that is all before the shoulders
        layers[_AT[str(rng.choice(["front", "back"]))]] = 0
    return layers


def _bent(layers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turned, scaled, mirrored and bent a little, all layers alike; hair and clothes a little more on their own."""
    angle, scale = rng.normal(0, 0.12), np.exp(rng.uniform(-0.3, 0.3))
    c, s = np.cos(angle) / scale, np.sin(angle) / scale
    stretch = np.exp(rng.normal(0, 0.06))
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    middle = np.array([SIZE / 2, 0.46 * SIZE])
    dx, dy = (x - middle[0]) * stretch, y - middle[1]
    if rng.uniform() < 0.5:
        dx = -dx
    shift = rng.normal(0, 0.03 * SIZE, 2)
    maps = np.stack([c * dx - s * dy + middle[0] + shift[0], s * dx + c * dy + middle[1] + shift[1]], -1)
    maps += _waves(rng, rng.choice([4, 8]), rng.uniform(0, 5))
    result = np.empty_like(layers)
    for k, name in enumerate(PARTS):
        own = _waves(rng, 6, rng.uniform(0, 4)) if name in ("front", "back", "body") else np.float32(0)
        result[k] = cv2.remap(layers[k], (maps + own).astype(np.float32), _ONE_MAP, cv2.INTER_LINEAR)
    return result


_ONE_MAP: Any = None


def _waves(rng: np.random.Generator, cells: int, reach: float) -> np.ndarray:
    """A smooth field (SIZE, SIZE, 2) of shifts, pixels."""
    coarse = rng.normal(0, reach, (cells, cells, 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC))


def _dye(colours: np.ndarray, rng: np.random.Generator) -> None:
    """Other colours for hair, skin and clothes, in place: what is bright stays bright beside what is dark."""
    hair = _tint(rng, 0.9)
    for name, share, own in (
        ("back", 0.6, hair),
        ("front", 0.6, hair),
        ("body", 0.5, None),
        ("face", 0.25, None),
    ):
        if name == "front" and rng.uniform() < 0.1:
            own = _tint(rng, 0.9)
        tint = own or _tint(rng, 0.35 if name == "face" else 0.9)
        if (rng.uniform() if own is None else tint.luck) < share:
            part = colours[_AT[name]]
            grey = part @ np.array([0.3, 0.59, 0.11], np.float32)
            level = np.clip(tint.dark + (tint.light - tint.dark) * grey, 0, 1)[..., None]
            colour = np.clip(level * tint.tone + 0.25 * (level - 0.5), 0, 1)
            part += tint.amount * (colour - part)


class _Tint(NamedTuple):
    tone: np.ndarray
    dark: float
    light: float
    amount: float
    luck: float


def _tint(rng: np.random.Generator, most: float) -> _Tint:
    hue = rng.uniform(0, 2 * np.pi)
    tone = 1 + rng.uniform(0, 0.7) * np.cos(hue + np.array([0, 2.1, 4.2]))
    low = rng.uniform(-0.2, 0.5)
    high = rng.uniform(low + 0.15, 1.15)
    return _Tint(
        tone.astype(np.float32), low, high, float(rng.uniform(0.3, 1.0)) * most, float(rng.uniform())
    )


def _light(colours: np.ndarray, rng: np.random.Generator) -> None:
    """Light and shade, in place: painted softly, with an edge, or none; hair's own strands, light or dark."""
    for k, name in enumerate(PARTS[:4]):
        if rng.uniform() < 0.35:
            shade = cv2.resize(
                rng.normal(0, 1, (3, 3)).astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC
            )
            if rng.uniform() < 0.5:
                shade = np.tanh(8 * shade)
            colours[k] *= 1 + (0.18 * rng.uniform() * shade)[..., None]
        if name in ("front", "back") and rng.uniform() < 0.4:
            # strands run down
            noise = rng.normal(0, 1, (8, SIZE // int(rng.choice([2, 3, 5])))).astype(np.float32)
            strands = cv2.resize(noise, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
            colours[k] *= 1 + (rng.uniform(0, 0.25) * strands)[..., None]
        if rng.uniform() < 0.2:  # thicker lines, or a painter's broad brush
            kernel = np.ones((2, 2), np.uint8)
            change = cv2.erode if rng.uniform() < 0.6 else cv2.dilate
            colours[k] = change(np.ascontiguousarray(colours[k]), kernel)


def _cut(alpha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Layers (P, h, w) without what is below the picture's own bottom edge or beside it, now and then."""
    if rng.uniform() < 0.25:
        alpha = alpha.copy()
        alpha[:, int(rng.uniform(0.72, 1.0) * SIZE) :] = 0
    return alpha


def _spoilt(
    picture: np.ndarray, cover: np.ndarray, parts: np.ndarray, rows: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The picture (h, w, 3) on a ground, as it is copied, scanned and sent on; and what is known of its alpha (h, w)."""
    if rng.uniform() < 0.6:
        picture = picture + (1 - cover[..., None]) * _GREY
        known = cover
    else:
        picture = picture + (1 - cover[..., None]) * _ground(parts, rows, rng)
        known = np.ones_like(cover)
    if rng.uniform() < 0.4:
        gain, gamma = np.exp(rng.normal(0, 0.15, 3) * [1, 1, 1]), np.exp(rng.normal(0, 0.25))
        picture = np.clip(picture, 0, 1) ** gamma * gain
    if rng.uniform() < 0.08:
        picture = np.repeat(picture.mean(-1, keepdims=True), 3, -1)
    if rng.uniform() < 0.35:
        small = round(SIZE * rng.uniform(0.4, 1.0))
        less = cv2.resize(picture.astype(np.float32), (small, small), interpolation=cv2.INTER_AREA)
        picture = cv2.resize(less, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    if rng.uniform() < 0.15:
        picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), rng.uniform(0.4, 1.3))
    if rng.uniform() < 0.2:
        picture = picture + rng.normal(0, rng.uniform(0.005, 0.04), picture.shape)
    if rng.uniform() < 0.04:
        y, x = np.mgrid[:SIZE, :SIZE]
        dots = np.sin(x * rng.uniform(0.7, 1.6)) * np.sin(y * rng.uniform(0.7, 1.6))
        picture = picture + (0.12 * dots)[..., None]
    picture = np.clip(picture, 0, 1).astype(np.float32)
    if rng.uniform() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(25, 90))]
        packed = cv2.imencode(".jpg", (255 * picture).astype(np.uint8), quality)[1]
        unpacked: np.ndarray = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))
        picture = unpacked.astype(np.float32) / 255
    return picture, known


def _ground(parts: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A background (h, w, 3): flat, shaded, of shapes, or of other characters' clothes, much enlarged."""
    ground: np.ndarray = np.broadcast_to(rng.uniform(0, 1, 3), (SIZE, SIZE, 3)).astype(np.float32)
    if rng.uniform() < 0.2:
        ground = np.ones((SIZE, SIZE, 3), np.float32)
    if rng.uniform() < 0.5:
        cells = int(rng.choice([2, 4, 12]))
        more = rng.normal(0, rng.uniform(0.05, 0.3), (cells, cells, 3)).astype(np.float32)
        how = int(rng.choice([cv2.INTER_CUBIC, cv2.INTER_NEAREST]))
        ground = ground + cv2.resize(more, (SIZE, SIZE), interpolation=how)
    if rng.uniform() < 0.3:
        cloth = parts[rng.choice(rows), _AT["body"], SIZE // 2 :, SIZE // 4 : 3 * SIZE // 4].astype(
            np.float32
        )
        ground = ground + 0.7 * (cv2.resize(cloth[..., :3], (SIZE, SIZE)) / 255 - 0.5)
    return np.clip(ground, 0, 1)
