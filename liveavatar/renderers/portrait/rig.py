"""What one picture became: the texture, the mesh on it, and how the mesh moves. Written once, read by the renderer.

As a file: an .npz without pickle. It is untrusted input; read_rig() checks every name, type, shape and range.
"""

import io
from dataclasses import dataclass, fields

import numpy as np

from liveavatar.base.npz import NpzError, read_npz
from liveavatar.language import tr
from liveavatar.renderers.portrait.topology import OVAL

SIZE = 512
"""Side of the texture and of the pictures, pixels."""
LANDMARKS = 478
EYE_BOX = (72, 72)
"""Width and height of an eye's patch, pixels."""
MAX_VERTICES = 4000
MAX_TRIANGLES = 8000
MAX_BYTES = 24 << 20
MAX_COVER = 4
"""How often a mesh may cover its picture at rest; one that is made covers it once at most."""
_BOUNDS = {"vertices": 8 * SIZE, "pivot": 8 * SIZE, "height": SIZE}
"""Largest numbers, pixels; of the other arrays, which are shares and face heights, 16."""


class RigError(ValueError):
    """The file is no rig. The message says what is wrong with it."""


@dataclass(frozen=True)
class PortraitRig:
    """The arrays, in pixels of the texture; x right, y down, z away from the camera. V vertices: the 478 landmarks, then
    those round the face, of which there are O."""

    vertices: np.ndarray
    """(V, 3) float32."""
    face: np.ndarray
    """(T, 3) int32 triangles of the face, eyes and mouth filled."""
    outer: np.ndarray
    """(U, 3) int32 triangles of everything else."""
    gain: np.ndarray
    """(478, 3) float32: how much of an expression's landmark motion each landmark takes over; x, y, z of the head."""
    pout: np.ndarray
    """(478, 2) float32: how the lips and what is round them pout as the mouth narrows by 1; head axes."""
    spread: np.ndarray
    """(O, 36) float32: how the motion of the face's outline moves what is round it."""
    turn: np.ndarray
    """(V,) float32: share of the head's yaw and pitch that a vertex takes part in."""
    carried: np.ndarray
    """(V,) float32: 1 on the head, 0 on the body."""
    rotation: np.ndarray
    """(3, 3) float32: how the head is turned in the picture; head to camera, y up, z to the camera."""
    pivot: np.ndarray
    """(3,) float32: the point the head turns about."""
    height: np.ndarray
    """() float32: forehead to chin."""
    eye_boxes: np.ndarray
    """(2, 2) int32: left, top of the patches of the right and the left eye."""
    balls: np.ndarray
    """(2, 72, 72, 3) uint8: eyeballs without iris."""
    irises: np.ndarray
    """(2, 72, 72, 4) uint8: irises where they are in the picture, premultiplied."""
    lids: np.ndarray
    """(2, 72, 72, 3) uint8: the colour of closed lids."""
    teeth: np.ndarray
    """(2, 64, 192, 4) uint8: upper and lower row, premultiplied; 60 by 20 millimetres of a face 118 high."""
    cavity: np.ndarray
    """(2, 3) uint8: colours of the mouth's inside and of the tongue."""
    options: np.ndarray
    """(4,) float32: how far closed lids take their colour (0..1), height of the lash line in eye widths, whether the
    picture's own open mouth is stretched (0 or 1), and how far the gaze goes (1 as in photos)."""

    @property
    def drawn(self) -> bool:
        """Whether the picture is a drawing."""
        return float(self.options[0]) > 0.9

    def save(self) -> bytes:
        """The .npz file's content."""
        file = io.BytesIO()
        np.savez_compressed(file, **{f.name: getattr(self, f.name) for f in fields(self)})
        return file.getvalue()


def read_rig(data: bytes) -> PortraitRig:
    """Read and check what save() gave. Raises RigError."""
    names = [f.name for f in fields(PortraitRig)]
    try:
        rig = PortraitRig(**read_npz(io.BytesIO(data), names, MAX_BYTES))
        check_rig(rig)
    except RigError:
        raise
    except (NpzError, TypeError, ValueError) as error:  # arrays without a length, or of too many sides
        raise RigError(str(error)) from error
    return rig


def check_rig(rig: PortraitRig) -> None:
    """Raises RigError unless types, shapes and ranges are those of a rig."""
    count = len(rig.vertices)
    if not all(isinstance(getattr(rig, f.name), np.ndarray) for f in fields(rig)) or rig.vertices.ndim != 2:
        raise RigError(tr("it holds no arrays", "其中没有数组"))
    if not LANDMARKS <= count <= MAX_VERTICES or max(len(rig.face), len(rig.outer)) > MAX_TRIANGLES:
        raise RigError(tr("too few or too many vertices or triangles", "顶点或三角形过少或过多"))
    for name, (dtype, shape) in _layout(rig).items():
        _check_array(name, getattr(rig, name), dtype, shape)
    for name in ("face", "outer"):
        _check_triangles(name, getattr(rig, name), rig.vertices)
    if (rig.eye_boxes < 0).any() or (rig.eye_boxes + np.array(EYE_BOX) > SIZE).any():
        raise RigError(tr("an eye lies outside the picture", "有眼睛超出画面"))
    if not 16 <= float(rig.height) <= SIZE:
        raise RigError(tr("the face's height must be 16 to 512 pixels", "脸高须为 16 到 512 像素"))


def _layout(rig: PortraitRig) -> dict[str, tuple[type, tuple[int, ...]]]:
    """The type and shape that each array must have, as many vertices and triangles as there are."""
    count, (width, height) = len(rig.vertices), EYE_BOX
    return {
        "vertices": (np.float32, (count, 3)),
        "face": (np.int32, (len(rig.face), 3)),
        "outer": (np.int32, (len(rig.outer), 3)),
        "gain": (np.float32, (LANDMARKS, 3)),
        "pout": (np.float32, (LANDMARKS, 2)),
        "spread": (np.float32, (count - LANDMARKS, len(OVAL))),
        "turn": (np.float32, (count,)),
        "carried": (np.float32, (count,)),
        "rotation": (np.float32, (3, 3)),
        "pivot": (np.float32, (3,)),
        "height": (np.float32, ()),
        "eye_boxes": (np.int32, (2, 2)),
        "balls": (np.uint8, (2, height, width, 3)),
        "irises": (np.uint8, (2, height, width, 4)),
        "lids": (np.uint8, (2, height, width, 3)),
        "teeth": (np.uint8, (2, 64, 192, 4)),
        "cavity": (np.uint8, (2, 3)),
        "options": (np.float32, (4,)),
    }


def _check_array(name: str, array: np.ndarray, dtype: type, shape: tuple[int, ...]) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise RigError(
            tr(
                f"{name} must be {np.dtype(dtype)} {shape}, got {array.dtype} {array.shape}",
                f"{name} 应为 {np.dtype(dtype)} {shape}，实际为 {array.dtype} {array.shape}",
            )
        )
    # A NaN is below no bound.
    if array.dtype == np.float32 and not np.abs(array).max(initial=0) <= _BOUNDS.get(name, 16):
        raise RigError(tr(f"{name} holds numbers that are no positions", f"{name} 含有不可能的数值"))


def _check_triangles(name: str, triangles: np.ndarray, vertices: np.ndarray) -> None:
    if triangles.size and not (triangles.min() >= 0 and triangles.max() < len(vertices)):
        raise RigError(tr(f"{name} names vertices that are not there", f"{name} 指向不存在的顶点"))
    a, b, c = vertices[triangles, :2].astype(np.float64).swapaxes(0, 1)
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    cover = np.abs(ux * vy - uy * vx).sum() / 2 / SIZE**2
    if cover > MAX_COVER:
        raise RigError(
            tr(
                f"the triangles of {name} cover the picture {cover:.0f} times (at most {MAX_COVER})",
                f"{name} 的三角形覆盖画面 {cover:.0f} 次（最多 {MAX_COVER} 次）",
            )
        )
