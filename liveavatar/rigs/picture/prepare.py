"""From a picture and its points to what its rig is made of."""

from pathlib import Path

import cv2
import numpy as np

from liveavatar.landmarks.points import BROWS, EYES
from liveavatar.media.blend import straight_alpha
from liveavatar.rigs.picture.bonds import shares_of
from liveavatar.rigs.picture.eyemorpher import EyeMorpher
from liveavatar.rigs.picture.framing import framed
from liveavatar.rigs.picture.layers import LAYERS, filled, layers_of, owners
from liveavatar.rigs.picture.mouth import MouthMorpher
from liveavatar.rigs.picture.parts import NETWORK, VISIBLE, take_apart
from liveavatar.rigs.picture.rig import PREFIX, Crop, lay

_EDGE = 10
"""Pixels by which hair before the face reaches beyond itself: a brow that ends there has none under it."""


def prepare(
    rgba: np.ndarray, points: np.ndarray, path: Path, network: Path = NETWORK, mouth: bool = True
) -> str:
    """Take a picture apart, write what its rig needs, and return the rig's name. Raises OSError.

    rgba: (H, W, 4) uint8, not premultiplied, the background clear; points: (46, 2) of its face, pixels; mouth: whether it is
    to be seen; what covers it, a mask or a beard, stays as it is."""
    picture, at, _ = framed(rgba, points)
    parts = take_apart(picture, at, network)
    hair = np.round(255 * parts.seen[VISIBLE.index("front")]).astype(np.uint8)
    eyes = EyeMorpher(picture, at, hair=hair).still
    skin = picture.copy()
    for x, y, crop in MouthMorpher(picture, at).still["face"] if mouth else ():
        skin[y : y + len(crop), x : x + len(crop[0])] = crop
    lay(skin, eyes["face"])
    owner = owners(picture, parts)
    textures = layers_of(picture, skin, parts, owner)
    shares = shares_of(picture, owner)
    _before_eyes(textures[LAYERS.index("front")], eyes, at)
    with path.open("wb") as file:
        np.savez(
            file,
            picture=picture,
            points=at,
            layers=textures,
            hair=hair,
            shares=shares,
            mouth=np.array([mouth], np.uint8),
        )
    return PREFIX + str(path)


def _before_eyes(front: np.ndarray, eyes: dict[str, list[Crop]], points: np.ndarray) -> None:
    """Take lashes and brows off what is before the face, in place, and let the eyes' own network tell what is before them.

    front: (S, S, 4) uint8; eyes: as of EyeMorpher.still."""
    drawn, there = np.zeros_like(front), np.zeros_like(front)
    lay(drawn, eyes["lashes"] + eyes["brows"])
    lay(there, eyes["front"])
    taken = cv2.dilate((drawn[..., 3] > 16).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    whole = straight_alpha(front)
    known = (whole[..., 3] > 250) & ~taken
    hair = filled(whole[..., :3].astype(np.float32), known.astype(np.float32), keep=~taken)
    inner = cv2.erode(whole[..., 3], np.ones((2 * _EDGE + 1, 2 * _EDGE + 1), np.uint8))
    own = np.dstack([hair, np.where(taken, inner, whole[..., 3]).astype(np.float32)])
    own[..., :3] *= own[..., 3:] / 255
    shape = front.shape[:2]
    openings, rows = [EYES["right"], EYES["left"]], np.arange(len(points))
    with_brows = [np.concatenate([rows[EYES[side]], rows[BROWS[side]]]) for side in EYES]
    own *= 1 - _share([points[part] for part in openings], shape)[..., None]
    finer = there.astype(np.float32) * _share([points[part] for part in with_brows], shape)[..., None]
    front[...] = np.round(np.where(finer[..., 3:] > own[..., 3:], finer, own)).astype(np.uint8)


def _share(parts: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """1 within and round each group of points (n, 2), falling softly to 0: (h, w) float32."""
    mask = np.zeros(shape, np.uint8)
    for part in parts:
        hull = cv2.convexHull((part.mean(0) + 1.3 * (part - part.mean(0))).astype(np.float32))
        cv2.fillConvexPoly(mask, hull.round().astype(np.int32), 255)
    return cv2.GaussianBlur(mask, (0, 0), 6).astype(np.float32) / 255
