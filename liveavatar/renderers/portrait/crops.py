"""The parts of a warped frame that a refiner repaints: mouth and eyes, cut out upright and in one size, and put back.

Every crop is a similarity of the picture that follows the face's own points, so a network sees mouths and eyes always in the
same place; the right eye is mirrored, so it sees left eyes only. Knows nothing of networks: arrays in, arrays out.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from liveavatar.base.curves import smoothstep
from liveavatar.controls import BLENDSHAPES, INDEX
from liveavatar.renderers.portrait.rig import PortraitRig
from liveavatar.renderers.portrait.topology import EYES, LIP_BOTTOM, LIP_TOP, MOUTH_CORNERS, OUTER_EYE_CORNERS

MOUTH, EYE = (96, 80), (72, 56)
"""Width and height of the crops, pixels of a face FACE high; multiples of 4."""
FACE = 185.0
DRAWN = 1.3
"""How much more of a drawn face a crop holds: its eyes and open mouths are larger."""
EDGE = 8
"""Pixels over which a crop fades out at its border."""
MAPS = 5
"""Channels of what a crop knows about its warp."""
_PARTS = ("jaw", "mouth", "cheek", "nose")
MOUTH_CONTROLS = (
    *(n for n in BLENDSHAPES if n.startswith(_PARTS)), "tongueOut", "headYaw", "headPitch", "headRoll",
)  # fmt: skip
EYE_CONTROLS = (
    "eyeBlinkLeft", "eyeWideLeft", "eyeSquintLeft", "eyeLookUpLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft",
    "browDownLeft", "browInnerUp", "browOuterUpLeft", "cheekSquintLeft", "noseSneerLeft", "mouthSmileLeft",
    "headYaw", "headPitch", "headRoll",
)  # fmt: skip
"""What a crop's condition holds, as of the left eye."""
_MOUTH = np.array([INDEX[n] for n in MOUTH_CONTROLS])
_LEFT = np.array([INDEX[n] for n in EYE_CONTROLS])
_RIGHT = np.array([INDEX[n.replace("Left", "Right")] for n in EYE_CONTROLS])
_TURNED = np.array([-1.0 if n in ("headYaw", "headRoll") else 1.0 for n in EYE_CONTROLS], np.float32)


@dataclass(frozen=True)
class CropFrames:
    """Where the crops lie: (2, 3) each, from a crop's pixels to the picture's."""

    mouth: np.ndarray
    eyes: tuple[np.ndarray, np.ndarray]
    """Right, mirrored, and left."""


def locate(rig: PortraitRig, points: np.ndarray, zoom: float = 1.0) -> CropFrames:
    """points: the rig's own, (>= 478, 2 or 3) float32, in a picture where its face is `zoom` times as large as on the texture."""
    p = points[:, :2].astype(np.float64)
    right, left = p[OUTER_EYE_CORNERS]
    along = left - right
    along *= (
        float(rig.height) * zoom * (DRAWN if rig.drawn else 1.0) / FACE / max(float(np.hypot(*along)), 1e-6)
    )
    down = np.array([-along[1], along[0]])

    def frame(centre: np.ndarray, size: tuple[int, int], flip: bool) -> np.ndarray:
        matrix = np.column_stack([-along if flip else along, down, centre])
        matrix[:, 2] -= matrix[:, :2] @ ((np.array(size) - 1) / 2)
        return matrix

    eyes = []
    for side, flip in (("Right", True), ("Left", False)):
        upper = EYES[side]["upper"]
        eyes.append(frame((p[upper[0]] + p[upper[-1]]) / 2 - 5 * down, EYE, flip))
    return CropFrames(
        frame(p[[*MOUTH_CORNERS, LIP_TOP, LIP_BOTTOM]].mean(0), MOUTH, False), (eyes[0], eyes[1])
    )


def extract(picture: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A crop (h, w, c) of size (width, height), of the picture's type.

    picture: (H, W, c); matrix: (2, 3) from the crop's pixels to its own."""
    return cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )


def warp_maps(field: np.ndarray, matrix: np.ndarray, source: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(MAPS, h/2, w/2) float32: what the warp did under a crop, all about 1 in size.

    Where the pixel comes from in the source's own crop (x, y, as a shift), the logarithms of how much larger the warp made
    it and of how much it stretched one way, and 1 where it turned the skin over or had none.
    field: (512, 512, 2) backward map; matrix, source: the crop in the picture, and on the texture."""
    w, h = size[0] // 2, size[1] // 2
    half = matrix.copy()
    half[:, 2] += 0.5 * matrix[:, :2].sum(1)
    half[:, :2] *= 2
    at = cv2.warpAffine(
        field, half, (w, h), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    x, y = cv2.split(cv2.transform(at, cv2.invertAffineTransform(source)))
    (xx, xy), (yx, yy) = (_slopes(x), _slopes(y))
    area = xx * yy - xy * yx
    size_of = np.maximum(np.abs(area), 1e-3)
    shape = np.maximum((xx * xx + xy * xy + yx * yx + yy * yy) / (2 * size_of), 1.0)
    grid_x, grid_y = _grid(w, h)
    out = np.empty((MAPS, h, w), np.float32)
    out[0] = (x - 2 * grid_x - 0.5) / 16
    out[1] = (y - 2 * grid_y - 0.5) / 16
    out[2] = -np.log(size_of)
    out[3] = np.arccosh(shape)
    out[4] = (area <= 0) | (cv2.extractChannel(at, 0) < -1000)
    return np.minimum(np.maximum(out, -2, out=out), 2, out=out)


def _slopes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half of what is between a pixel and the next one, across and down; the last has its neighbour's."""
    across, down = np.empty_like(x), np.empty_like(x)
    np.subtract(x[:, 1:], x[:, :-1], out=across[:, :-1])
    np.subtract(x[1:], x[:-1], out=down[:-1])
    across[:, -1], down[-1] = across[:, -2], down[-2]
    across /= 2
    down /= 2
    return across, down


def conditions(controls: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(1, 41) of the mouth, and (2, 16) of the right eye as if it were a left one, and of the left; float32."""
    return controls[_MOUTH][None], np.stack([controls[_RIGHT] * _TURNED, controls[_LEFT]])


def residual(
    warped: np.ndarray, source: np.ndarray, paint: np.ndarray, shift: np.ndarray, fade: np.ndarray
) -> np.ndarray:
    """(h, w, 4) float32, levels of 255: what a refiner's answer adds to a crop; 0 in the last channel, alpha.

    warped, source: (h, w, 4) uint8; paint: (5, h, w) float32, colour times its share, the share, and the share of the picture's
    own crop, 0 to 1; shift: (4, h/2, w/2) float32, from where on the warped and on the picture's crop each pixel is taken,
    pixels; fade: feather()."""
    h, w = warped.shape[:2]
    grid = _grid(w, h)
    at = [cv2.resize(plane, (w, h)) + grid[i % 2] for i, plane in enumerate(shift)]
    before = warped.astype(np.float32)  # four channels of floats are what cv2 carries fastest
    result, kept = (
        cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for picture, x, y in ((before, *at[:2]), (source.astype(np.float32), *at[2:]))
    )
    share, source_share = paint[3:]
    result += (kept - result) * cv2.merge([source_share] * 4)
    result *= cv2.merge([1 - share] * 4)
    nothing = np.zeros_like(share)
    result += cv2.merge([*(255 * paint[:3]), nothing])
    result -= before
    result *= cv2.merge([fade, fade, fade, nothing])
    return result


@cache
def _grid(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pixel's x and y, (height, width) float32."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return x, y


def feather(size: tuple[int, int]) -> np.ndarray:
    """(h, w) float32: 1 inside, smoothly 0 at the border."""
    rows = []
    for n in size:
        rise = smoothstep((np.arange(n) + 0.5) / EDGE)
        rows.append(rise * rise[::-1])
    return np.outer(rows[1], rows[0]).astype(np.float32)


def add_residual(picture: np.ndarray, residual: np.ndarray, matrix: np.ndarray) -> None:
    """Add a crop's residual, (h, w, 4) float32 levels, to a picture (512, 512, 4) uint8 premultiplied, in place."""
    h, w = residual.shape[:2]
    corners = (
        np.array([[0, 0], [w - 1, 0], [0, h - 1], [w - 1, h - 1]], np.float64) @ matrix[:, :2].T
        + matrix[:, 2]
    )
    x0, y0 = np.clip(np.floor(corners.min(0)).astype(int), 0, picture.shape[1::-1])
    x1, y1 = np.clip(np.ceil(corners.max(0)).astype(int) + 1, 0, picture.shape[1::-1])
    if x1 <= x0 or y1 <= y0:
        return
    there = matrix.copy()
    there[:, 2] -= (x0, y0)
    added = cv2.warpAffine(residual, there, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR)
    part = picture[y0:y1, x0:x1]
    alpha = cv2.extractChannel(part, 3)
    part[:] = cv2.min(cv2.add(part, added, dtype=cv2.CV_8U), cv2.merge([alpha] * 4))
