"""What a portrait learned of a person from their own video: how the face moves, and how it looks meanwhile.

The face as a texture of its own, its mouth opened, so that lips, teeth and lids each have a place: an active appearance model
(Cootes, Edwards & Taylor, ECCV 1998) whose coefficients are a linear map of what the live line knows. As a file: an .npz without
pickle, untrusted as any; read_likeness() checks every name, type, shape and range.
"""

import io
from dataclasses import dataclass, fields

import numpy as np

from liveavatar.base.npz import NpzError, read_npz
from liveavatar.controls import BLENDSHAPES, HEAD, INDEX
from liveavatar.language import tr
from liveavatar.renderers.portrait.rig import LANDMARKS, SIZE, PortraitRig

HABITS = np.array([INDEX[name] for name in (*BLENDSHAPES, *HEAD)])
"""Positions of the controls that a person's own motion is told by."""
TURNS = np.array([INDEX[name] for name in HEAD])
TERMS = 9
"""Numbers that turn_terms() makes of the head's angles."""
MAX_BYTES = 32 << 20
MAX_PICTURES, MAX_COMPONENTS = 64, 64
_LARGEST = {
    "layout": 8.0 * SIZE,
    "amounts": 1e4,
    "steps": 255.0,
    "components": 1e3,
    "habits": 2.0,
    "stance": 4.0,
}
"""Largest numbers; of the other arrays of floating point 16."""


class LikenessError(ValueError):
    """The file is no likeness. The message says what is wrong with it."""


@dataclass(frozen=True)
class Likeness:
    """The arrays. V: the rig's vertices; M: components of motion; K: pictures of the dictionary; T: texels within the face."""

    habits: np.ndarray
    """(54, 478, 3) float16, head axes, face heights: how the landmarks move for each of HABITS otherwise than the basis says."""
    trust: np.ndarray
    """() float32, face heights: landmarks that lie farther from what the controls say, root mean square, are believed less."""
    reach: np.ndarray
    """(3, 2) float32 radians: yaw, pitch and roll that the video shows, least and most."""
    stance: np.ndarray
    """(1 + TERMS, V, 2) float16, face heights: where the turned head's vertices lie otherwise than the rig's; the last for 1."""
    layout: np.ndarray
    """(478, 2) float32: where the landmarks lie on the texture, pixels."""
    shown: np.ndarray
    """(h, w) uint8, 0 to 255: how much of a texel covers the warped picture; it falls to 0 at the face's outline."""
    mean: np.ndarray
    """(T, 3) uint8: the texels where shown > 0, row after row, of a face that does what the video does on average."""
    low: np.ndarray
    high: np.ndarray
    """(T, 3) uint8: the least and the most of each texel in the video."""
    pictures: np.ndarray
    """(K, T, 3) int8."""
    steps: np.ndarray
    """(K,) float32 levels: a step of each picture."""
    usual: np.ndarray
    """(478, 3) float16: mean motion in the video."""
    components: np.ndarray
    """(M, 478, 3) float16: motion times these gives numbers of about 1."""
    amounts: np.ndarray
    """(54 + M + TERMS + 1, K) float32: how much of each picture a frame shows, by features(); the last for 1."""

    def save(self) -> bytes:
        """The .npz file's content."""
        file = io.BytesIO()
        np.savez_compressed(file, **{f.name: getattr(self, f.name) for f in fields(self)})
        return file.getvalue()


def turn_terms(angles: np.ndarray) -> np.ndarray:
    """Yaw, pitch, roll (..., 3) radians -> (..., TERMS): these, their squares and products, each about 1 at most."""
    t = angles / np.array([0.5, 0.4, 0.4], np.float32)
    yaw, pitch, roll = t[..., 0], t[..., 1], t[..., 2]
    products = [yaw * yaw, pitch * pitch, roll * roll, yaw * pitch, yaw * roll, pitch * roll]
    return np.concatenate([t, np.stack(products, -1)], -1)


def features(
    controls: np.ndarray, motion: np.ndarray, usual: np.ndarray, components: np.ndarray, reach: np.ndarray
) -> np.ndarray:
    """What the look of a face is a linear map of: (54 + M + TERMS + 1,) float32, the last 1.

    controls: (len(CONTROLS),); motion: (478, 3) landmark motion, face heights; the others as in Likeness, float32."""
    seen = np.tensordot(components, motion - usual, 2)
    terms = turn_terms(np.clip(controls[TURNS], reach[:, 0], reach[:, 1]))
    return np.concatenate([controls[HABITS], seen, terms, np.ones(1, np.float32)]).astype(np.float32)


def read_likeness(data: bytes, rig: PortraitRig) -> Likeness:
    """Read and check what save() gave, for this rig. Raises LikenessError."""
    try:
        found = Likeness(**read_npz(io.BytesIO(data), [f.name for f in fields(Likeness)], MAX_BYTES))
        _check(found, rig)
    except LikenessError:
        raise
    except (
        NpzError,
        TypeError,
        ValueError,
        IndexError,
    ) as error:  # arrays without a length, or of too many sides
        raise LikenessError(str(error)) from error
    return found


def _check(x: Likeness, rig: PortraitRig) -> None:
    height, width = x.shown.shape
    if not (8 <= height <= SIZE and 8 <= width <= SIZE and x.shown.dtype == np.uint8):
        raise LikenessError(tr("the texture's size cannot be", "贴图大小不可能"))
    texels, count, parts = int((x.shown > 0).sum()), len(x.pictures), len(x.components)
    if count > MAX_PICTURES or parts > MAX_COMPONENTS:
        raise LikenessError(tr("too many pictures or components", "图像或分量过多"))
    layout: dict[str, tuple[type, tuple[int, ...]]] = {
        "habits": (np.float16, (len(HABITS), LANDMARKS, 3)),
        "trust": (np.float32, ()),
        "reach": (np.float32, (3, 2)),
        "stance": (np.float16, (1 + TERMS, len(rig.vertices), 2)),
        "layout": (np.float32, (LANDMARKS, 2)),
        "mean": (np.uint8, (texels, 3)),
        "low": (np.uint8, (texels, 3)),
        "high": (np.uint8, (texels, 3)),
        "pictures": (np.int8, (count, texels, 3)),
        "steps": (np.float32, (count,)),
        "usual": (np.float16, (LANDMARKS, 3)),
        "components": (np.float16, (parts, LANDMARKS, 3)),
        "amounts": (np.float32, (len(HABITS) + parts + TERMS + 1, count)),
    }
    for name, (dtype, shape) in layout.items():
        array = getattr(x, name)
        if array.dtype != dtype or array.shape != shape:
            raise LikenessError(
                tr(
                    f"{name} must be {np.dtype(dtype)} {shape}, got {array.dtype} {array.shape}",
                    f"{name} 应为 {np.dtype(dtype)} {shape}，实际为 {array.dtype} {array.shape}",
                )
            )
        # A NaN is below no bound.
        if array.dtype.kind == "f" and not np.abs(array).max(initial=0) <= _LARGEST.get(name, 16.0):
            raise LikenessError(tr(f"{name} holds numbers that cannot be", f"{name} 含有不可能的数值"))
