"""Frames the face on the texture and cuts the person out."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.media.picture import Picture
from liveavatar.renderers.portrait.rig import SIZE
from liveavatar.renderers.portrait.topology import BETWEEN_BROWS, CHIN, FOREHEAD, NOSE_TIP, POINTS
from liveavatar.trackers.pictures import segment

FACE = 185.0
"""Forehead to chin on the texture, pixels."""
CENTRE = (0.5, 0.44)
"""Where the middle of the face is, shares of the texture's width and height."""
BAND = 8
"""How far the segmentation's edge may be off, pixels."""
LOWEST = 300
"""Where the middle of the face may go down to, pixels."""


def is_cut_out(picture: Picture) -> bool:
    """Whether the picture's own alpha leaves its background out: round corners and shadows do not."""
    alpha = picture.rgba[..., 3]
    half = alpha[: max(1, len(alpha) // 2)]
    rim = np.concatenate([alpha[0], half[:, 0], half[:, -1]])
    return picture.has_alpha and float((rim < 128).mean()) >= 0.25


def frame_face(picture: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The texture (512, 512, 4) float32 premultiplied RGBA, and the (2, 3) affine map from the picture to it.

    picture: (H, W, 4) uint8 RGBA, not premultiplied; landmarks: (478, 3) in its pixels."""
    height = float(np.linalg.norm(landmarks[FOREHEAD] - landmarks[CHIN]))
    scale = FACE / height
    middle = (landmarks[:, :2].min(0) + landmarks[:, :2].max(0)) / 2
    left, top = np.array(CENTRE) * SIZE - scale * middle
    # A bust must not float: a picture that ends above the texture's bottom moves down, and what is missing then is its
    # own mirror image.
    top += np.clip(SIZE - (top + scale * picture.shape[0]), 0, LOWEST - CENTRE[1] * SIZE)
    move = np.array([[scale, 0, left], [0, scale, top]])
    return framed(picture, move), move


def framed(picture: np.ndarray, move: np.ndarray) -> np.ndarray:
    """A picture (H, W, 4) uint8 RGBA, not premultiplied, brought to a texture (512, 512, 4) float32, premultiplied, by a
    map (2, 3) that scales and shifts."""
    scale, left, top = move[0, 0], move[0, 2], move[1, 2]
    image: np.ndarray = picture.astype(np.float32)
    image[..., :3] *= image[..., 3:] / 255
    if scale < 0.7:  # the mean of the pixels that fall together, then the rest of the way
        smaller = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        pre = np.array([smaller[0] / image.shape[1], smaller[1] / image.shape[0]])
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
        warp = move.copy()
        warp[:, :2] = np.diag(scale / pre)
    else:
        warp = move
    method = cv2.INTER_LINEAR if scale < 1 else cv2.INTER_CUBIC
    texture = cv2.warpAffine(image, warp, (SIZE, SIZE), flags=method, borderMode=cv2.BORDER_REFLECT)
    right = left + scale * picture.shape[1]
    texture[:, : max(0, int(np.ceil(left)))] = 0
    texture[:, min(SIZE, int(np.floor(right))) :] = 0
    texture[: max(0, int(np.ceil(top)))] = 0
    return np.clip(texture, 0, 255)


def cut_out(texture: np.ndarray, landmarks: np.ndarray, model: Path) -> np.ndarray:
    """The texture without its background: (512, 512, 4) float32, 0 to 255, premultiplied RGBA, as it came.

    landmarks: (478, >= 2), its pixels; model: the matte model's file."""
    inside = texture[..., 3] / 255
    rgb = texture[..., :3].clip(0, 255).astype(np.uint8)
    alpha = matte(rgb, segment(rgb, model), landmarks) * inside
    colours = clean_edges(rgb, alpha)
    return np.dstack([colours * alpha[..., None], 255 * alpha])


def matte(rgb: np.ndarray, coarse: np.ndarray, face: np.ndarray) -> np.ndarray:
    """(H, W) float32 alpha from the segmentation's (H, W) confidence, refined along the picture's edges.

    rgb: (H, W, 3) uint8; face: (478, 3) landmarks; what is not joined to the face is dropped."""
    guide = rgb.astype(np.float32) / 255
    ximgproc: Any = cv2.ximgproc
    smooth = cv2.GaussianBlur(coarse.astype(np.float32), (0, 0), 1.6)
    fine = ximgproc.guidedFilter(guide, smooth, 6, 1e-5)
    fine = np.clip((fine - 0.35) / 0.5, 0, 1)
    # The network's edge is some pixels off. Within a band round it, where person and background differ in colour, a
    # pixel's share of the person is how far its colour is from the background's; in any direction, since hair and face
    # that meet at an edge lie on different sides of it.
    front, back = (_around(guide, (m > 0.95).astype(np.float32)) for m in (_shrunk(fine), _shrunk(1 - fine)))
    length = np.linalg.norm(front - back, axis=-1)
    apart = np.linalg.norm(cv2.GaussianBlur(guide, (0, 0), 0.7) - back, axis=-1)
    share = np.clip((apart / np.clip(length, 0.1, 0.3) - 0.25) / 0.6, 0, 1)
    # Further out than its edge can be off, other things of the background's own begin.
    share *= np.clip(3 * cv2.blur(smooth, (BAND + 1, BAND + 1)), 0, 1)
    trust = np.clip((length - 0.12) / 0.2, 0, 1)
    wide = cv2.blur(smooth, (2 * BAND + 1, 2 * BAND + 1))
    band = np.clip(6 * np.minimum(wide, 1 - wide), 0, 1)
    fine += (trust * band) * (share - fine)
    _, labels = cv2.connectedComponents((fine > 0.35).astype(np.uint8))
    x, y = np.clip(face[[NOSE_TIP, BETWEEN_BROWS, CHIN], :2].round().astype(int), 0, SIZE - 1).T
    keep = np.isin(labels, [v for v in labels[y, x] if v > 0]).astype(np.uint8)
    near = cv2.dilate(keep, np.ones((5, 5), np.uint8))
    oval = np.zeros(fine.shape, np.uint8)
    cv2.fillConvexPoly(oval, cv2.convexHull(face[:POINTS, :2].round().astype(np.int32)), 1)
    solid = cv2.GaussianBlur(cv2.erode(oval, np.ones((5, 5))).astype(np.float32), (0, 0), 1.5)
    return np.maximum(fine * near, solid)


def _shrunk(mask: np.ndarray) -> np.ndarray:
    return cv2.erode(mask, np.ones((2 * BAND - 3, 2 * BAND - 3), np.uint8))


def _around(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The mean colour of the known pixels near each pixel."""
    weight = cv2.GaussianBlur(known, (0, 0), 2.0 * BAND)[..., None]
    return cv2.GaussianBlur(image * known[..., None], (0, 0), 2.0 * BAND) / (weight + 1e-4)


def clean_edges(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """(H, W, 3) float32 colours without background in them where alpha is partial.

    Blur fusion: M. Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021; two passes, radius 90 and 6."""
    image = rgb.astype(np.float32)
    front, back = image, image
    a = alpha[..., None]
    for radius in (30, 6):
        k = (2 * radius + 1, 2 * radius + 1)
        wa = cv2.blur(alpha, k)[..., None]
        f = cv2.blur(front * a, k) / (wa + 1e-5)
        b = cv2.blur(back * (1 - a), k) / (1 - wa + 1e-5)
        front = np.clip(f + a * (image - a * f - (1 - a) * b), 0, 255)
        back = np.clip(b, 0, 255)
    return front
