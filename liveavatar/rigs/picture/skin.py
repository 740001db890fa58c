"""Skin painted where a mouth was, and the mouth taken off it as colour and alpha."""

import cv2
import numpy as np

SEEN = 7.0
"""From how many levels of 255 on a pixel is no skin."""


def membrane(picture: np.ndarray, hole: np.ndarray, rounds: int = 60) -> np.ndarray:
    """The picture (h, w, c) float32 with a hole (h, w) bool filled by the smoothest surface that joins its rim: Laplace's
    equation, from coarse to fine."""
    known = (~hole).astype(np.float32)
    if min(hole.shape) > 8 and hole.any():
        size = (hole.shape[1] + 1) // 2, (hole.shape[0] + 1) // 2
        weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        small = cv2.resize(picture * known[..., None], size, interpolation=cv2.INTER_AREA)
        small = small.reshape(*weight.shape, -1) / np.maximum(weight, 1e-6)[..., None]
        coarse = membrane(small, weight < 1e-6, rounds) if (weight < 1e-6).any() else small
        start = cv2.resize(coarse, hole.shape[::-1], interpolation=cv2.INTER_LINEAR)
        result = np.where(hole[..., None], start.reshape(picture.shape), picture)
    else:
        mean = (picture * known[..., None]).sum((0, 1)) / max(known.sum(), 1.0)
        result = np.where(hole[..., None], mean, picture)
    x, y, w, h = cv2.boundingRect(hole.astype(np.uint8))
    if not w:
        return np.asarray(result, np.float32)
    x0, y0, x1, y1 = max(x - 1, 0), max(y - 1, 0), x + w + 1, y + h + 1
    part, inside = np.ascontiguousarray(result[y0:y1, x0:x1], np.float32), hole[y0:y1, x0:x1, None]
    ring = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    for _ in range(rounds):
        mean = cv2.filter2D(part, -1, ring, borderType=cv2.BORDER_REPLICATE).reshape(part.shape)
        part = np.where(inside, mean, part)
    result[y0:y1, x0:x1] = part
    return np.asarray(result, np.float32)


def without(
    picture: np.ndarray, sure: np.ndarray, may: np.ndarray, wide: int
) -> tuple[np.ndarray, np.ndarray]:
    """The picture (h, w, 3) float32 with what is drawn at `sure` (h, w) bool painted over, and where that was (h, w) bool.

    What hangs together with it and is no skin goes too, as far as `may` (h, w) bool allows. wide: pixels of soft edge."""
    kernel = np.ones((3, 3), np.uint8)
    grow = cv2.dilate(sure.astype(np.uint8), kernel, iterations=wide) > 0
    hole = grow & may
    for _ in range(3):
        skin = membrane(picture, cv2.dilate(hole.astype(np.uint8), kernel, iterations=wide) > 0)
        # what differs from a skin spanned over everything that may be mouth
        other = (apart(picture, membrane(picture, may)) > 2 * SEEN) & may
        other |= (apart(picture, skin) > SEEN) & may
        _, labels = cv2.connectedComponents((other | hole).astype(np.uint8), connectivity=8)
        kept = np.unique(labels[sure & (labels > 0)])
        found = np.isin(labels, kept) & (labels > 0)
        grown = (cv2.dilate(found.astype(np.uint8), kernel, iterations=wide) > 0) & may | hole
        if (grown == hole).all():
            break
        hole = grown
    return membrane(picture, hole), hole


def apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How far two pictures (h, w, 3) are apart: (h, w), the largest channel's difference."""
    return np.asarray(np.abs(first - second).max(-1))


def matte(picture: np.ndarray, skin: np.ndarray, hole: np.ndarray, full: float = 48.0) -> np.ndarray:
    """What lies on the skin: (h, w, 4) float32 premultiplied, which over the skin gives the picture back. The less it differs
    from skin, the clearer it is; with `full` levels of difference it is dense."""
    alpha = np.clip((apart(picture, skin) - 1.0) / full, 0.0, 1.0)
    alpha = np.where(hole, alpha, 0.0)[..., None]
    # a colour must not leave 0..255
    away = picture - skin
    need = np.where(away > 0, away / np.maximum(255.0 - skin, 1.0), -away / np.maximum(skin, 1.0)).max(-1)
    alpha = np.maximum(alpha, np.where(hole, need, 0.0)[..., None])
    colour = np.where(hole[..., None], picture - skin * (1.0 - alpha), 0.0)
    return np.concatenate([colour, 255.0 * alpha], -1).astype(np.float32)


def grain(picture: np.ndarray, known: np.ndarray, size: int = 16) -> np.ndarray | None:
    """The fine noise of a painted skin for all of a picture (h, w, 3) float32, taken in squares from where only skin is seen,
    known (h, w) bool; None where it has none, or too little is seen."""
    fine = picture - cv2.GaussianBlur(picture, (0, 0), 2.0)
    least = cv2.erode(known.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=4, borderValue=0) > 0
    if not least.any():
        return None
    spread = 1.48 * float(np.median(np.abs(fine[least])))
    if spread < 1.2:
        return None
    fine = np.clip(fine, -3 * spread, 3 * spread)
    whole = cv2.erode(least.astype(np.uint8), np.ones((size, size), np.uint8), anchor=(0, 0), borderValue=0)
    rows, columns = np.nonzero(whole)
    if len(rows) < 8:
        return None
    random = np.random.default_rng(1)
    hann = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    window = (hann[:, None] * hann)[..., None].astype(np.float32)
    h, w = known.shape
    total, power = (np.zeros((h + size, w + size, n), np.float32) for n in (3, 1))
    for y in range(0, h, size // 2):
        for x in range(0, w, size // 2):
            k = int(random.integers(len(rows)))
            square = fine[rows[k] : rows[k] + size, columns[k] : columns[k] + size]
            total[y : y + size, x : x + size] += square * window
            power[y : y + size, x : x + size] += window**2
    return np.asarray((total / np.sqrt(np.maximum(power, 1e-6)))[:h, :w])
