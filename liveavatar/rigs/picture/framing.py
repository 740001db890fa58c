"""Puts a picture on the canvas of its rig, as a flagship stands there: head of the same size in the same place, whatever the
picture's own framing; its edges are nowhere to be seen."""

from typing import NamedTuple

import cv2
import numpy as np

from liveavatar.landmarks.points import INDEX

CANVAS = 1024
"""Pixels of the canvas, each way: as many as the textures of an avatar of 512 pixels have."""
HEAD, LEAST, MOST = 0.515, 0.47, 0.55
"""Crown to chin, a share of the canvas's height: what is aimed at, and what it may be, to hide an edge."""
CHIN, LOWEST = 0.668, 0.735
"""Where the chin is, and how far down it may be, to hide an edge; shares of the height."""
TALL = 3.1
"""A head is at most so high, in distances from the eyes to the chin: what rises above is a hat or ears."""
CUT = 0.04
"""An edge at which the figure is cut off: over so much of the picture's side there is something right at it."""
FAINT, SOLID = 6, 242
"""Levels of alpha: nothing, and wholly there."""


class Framed(NamedTuple):
    """A picture on the canvas."""

    picture: np.ndarray
    """(CANVAS, CANVAS, 4) uint8 premultiplied RGBA."""
    points: np.ndarray
    """(46, 2) float32, its pixels."""
    move: np.ndarray
    """(2, 3) float64: from pixels of the picture to it; the part below the neck may be stretched further."""


def framed(rgba: np.ndarray, points: np.ndarray) -> Framed:
    """rgba: (H, W, 4) uint8, not premultiplied, its background clear; points: (46, 2), its pixels."""
    left, top, right, bottom = _extent(rgba[..., 3])
    at = {name: points[k] for name, k in INDEX.items()}
    eyes = points[
        [INDEX[f"{side}Eye{end}"] for side in ("right", "left") for end in ("Outer", "Inner")]
    ].mean(0)
    chin, crown = at["chin"], at["crown"]
    face = float(np.linalg.norm(chin - eyes))
    tall = float(np.clip(np.linalg.norm(chin - crown), 1.9 * face, TALL * face))
    cut_left, cut_right, cut_below = _cuts(rgba[..., 3], (left, top, right, bottom))
    middle = float((eyes[0] + chin[0]) / 2)
    scale = HEAD * CANVAS / tall
    # Larger until what is cut off at the sides is outside, within what a head may be.
    for cut, room in ((cut_left, middle - left), (cut_right, right - middle)):
        if cut:
            scale = max(scale, min(CANVAS / 2 / room, MOST * CANVAS / tall))
    below = CHIN * CANVAS
    if cut_below:
        room = float(bottom - chin[1])
        below = min(max(below, CANVAS - scale * room), LOWEST * CANVAS)
        scale = max(scale, min((CANVAS - below) / room, MOST * CANVAS / tall))
    move = np.array([[scale, 0, CANVAS / 2 - scale * middle], [0, scale, below - scale * chin[1]]])
    picture = _placed(rgba[top:bottom, left:right], move, (left, top))
    edges = [move[0, 0] * v + move[0, 2] for v in (left, right)]
    floor = scale * bottom + move[1, 2]
    if cut_below and floor < CANVAS:
        picture = _lengthened(picture, below + 0.04 * CANVAS, floor - 1.5)
    for cut, edge, sign in ((cut_left, edges[0], -1), (cut_right, edges[1], 1)):
        if cut and 0 < edge < CANVAS:
            picture = _widened(picture, edge - sign * 2.0, sign)
    return Framed(picture, (points @ move[:, :2].T + move[:, 2]).astype(np.float32), move)


def _extent(alpha: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is there; the whole where nothing is."""
    rows, columns = np.flatnonzero((alpha > 16).any(1)), np.flatnonzero((alpha > 16).any(0))
    if not len(rows):
        return 0, 0, alpha.shape[1], alpha.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _cuts(alpha: np.ndarray, box: tuple[int, int, int, int]) -> tuple[bool, bool, bool]:
    """Whether the figure ends at a straight edge on the left, on the right and below."""
    left, top, right, bottom = box
    solid = alpha[top:bottom, left:right] > 128
    sides = solid[:, :2].all(1), solid[:, -2:].all(1), solid[-2:].all(0)
    return tuple(bool(side.mean() > CUT) for side in sides)  # type: ignore[return-value]


def _placed(rgba: np.ndarray, move: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    """A picture whose corner lies at `corner` of what `move` is for, on the canvas, premultiplied."""
    image: np.ndarray = rgba.astype(np.float32)
    image[..., :3] *= image[..., 3:] / 255
    scale = move[0, 0]
    offset = move[:, :2] @ (np.array(corner) + 0.5) + move[:, 2] - 0.5 * scale
    if scale < 0.7:  # the mean of the pixels that fall together, then the rest of the way
        smaller = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        steps = np.array([smaller[0] / image.shape[1], smaller[1] / image.shape[0]])
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
        scales = scale / steps
    else:
        scales = np.array([scale, scale])
    warp = np.array(
        [[scales[0], 0, offset[0] + 0.5 * scales[0] - 0.5], [0, scales[1], offset[1] + 0.5 * scales[1] - 0.5]]
    )
    how = cv2.INTER_LANCZOS4 if scale > 1 else cv2.INTER_CUBIC
    placed = cv2.warpAffine(image, warp, (CANVAS, CANVAS), flags=how)
    placed = np.clip(placed, 0, 255)
    # What is nearly solid was meant to be, what is nearly nothing is dust.
    alpha = placed[..., 3:]
    meant = np.clip((alpha - FAINT) * (255 / (SOLID - FAINT)), 0, 255)
    placed *= meant / np.maximum(alpha, 1)
    return np.round(np.minimum(placed, placed[..., 3:])).astype(np.uint8)


def _lengthened(picture: np.ndarray, begin: float, floor: float) -> np.ndarray:
    """Stretched from row `begin` down so that row `floor` comes to lie on the last: hardly at first, then more."""
    rows = np.arange(CANVAS, dtype=np.float32)
    t = np.clip((rows - begin) / (CANVAS - 1 - begin), 0, None)
    missing = CANVAS - 1 - floor
    # begins with a slope of one, as far as that ends above the floor
    share = min(1.0, (floor - begin) / (CANVAS - 1 - begin))
    source = (
        begin + (CANVAS - 1 - begin) * (t - (1 - share) * t**2)
        if share > 0.5
        else begin + t * (floor - begin)
    )
    y = np.where(rows > begin, np.minimum(source, floor), rows).astype(np.float32) if missing > 0 else rows
    x = np.arange(CANVAS, dtype=np.float32)
    return np.asarray(
        cv2.remap(picture, *np.meshgrid(x, y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def _widened(picture: np.ndarray, edge: float, sign: int) -> np.ndarray:
    """What is beyond a cut side goes on there, falling as shoulders do. sign: -1 on the left, 1 on the right."""
    x, y = np.meshgrid(np.arange(CANVAS, dtype=np.float32), np.arange(CANVAS, dtype=np.float32))
    beyond = np.maximum(sign * (x - edge), 0)
    fall = 0.35 * beyond + 0.006 * beyond**2
    source = np.where(beyond > 0, edge, x).astype(np.float32)
    moved = cv2.remap(picture, source, (y - fall).astype(np.float32), cv2.INTER_LINEAR)
    return np.where(beyond[..., None] > 0, moved, picture)
