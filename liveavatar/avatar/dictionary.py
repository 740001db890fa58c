"""What an avatar of kind "gan" decodes a frame's coefficients with: modes of motion, and each patch's dictionary of pictures.

They are the initializers of the package's decoder graph, so whoever draws by himself, a GPU or a page, takes the same numbers as
the CPU does: it runs the graph for the patches, and adds the modes itself, twice as fast as ONNX Runtime multiplies a single row.
A texel of a patch is

    clip(round(mean + step * sum over k of a_k * picture_k), low, high),  in levels of 255,

where the whole numbers a_k are the coefficients times AMOUNT. The sum fits 32 bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from liveavatar.avatar.card import CELL, Avatar, Patch
from liveavatar.avatar.graph_part import read_tensors
from liveavatar.avatar.limits import MAX_TEXTURE_BYTES
from liveavatar.avatar.protobuf import GraphError
from liveavatar.errors import AvatarError
from liveavatar.language import tr

MOST_PICTURES = 256
"""Of a patch: layers that a texture array has on every GPU, and as many amounts fit a shader."""
AMOUNT = 127 * 256
"""A patch's coefficient of 1, as a whole number: two bytes of it make a product of bytes."""
MODES = "modes"
"""Name of an initializer: (L, M, 2 * rows * columns) float16, cells."""
PICTURES, MEAN, STEP = "{}.pictures", "{}.mean", "{}.step"
"""Names of a patch's: (K, V * 4) int8, (V * 4,) float16 levels, () float32 levels."""


@dataclass(frozen=True, eq=False)
class PatchDictionary:
    """Of one patch, whose pictures are h texels high and w wide; V of these vary."""

    pictures: np.ndarray
    """(K, V, 4) int8."""
    mean: np.ndarray
    """(V, 4) float16 levels."""
    step: float
    """Levels."""
    low: np.ndarray
    high: np.ndarray
    """(h, w, 4) uint8 premultiplied RGBA: the least and the most of each texel."""

    @cached_property
    def varies(self) -> np.ndarray:
        """(h, w) bool: the texels that the pictures are of, row after row; the others are `low`."""
        differs: np.ndarray = (self.low != self.high).any(-1)
        return differs

    def picture(self, texels: np.ndarray) -> np.ndarray:
        """The patch with varying texels (V, 4) uint8 that are not clipped yet: (h, w, 4) uint8."""
        whole = self.low.copy()
        whole[self.varies] = texels
        return np.minimum(np.maximum(whole, self.low), self.high)


@dataclass(frozen=True, eq=False)
class Dictionaries:
    """Of an avatar; patches in the card's order."""

    modes: np.ndarray
    """(L, M, 2, rows, columns) float16: how far each cell of a layer's span moves, across and down, in cells."""
    patches: tuple[PatchDictionary, ...]

    @property
    def length(self) -> int:
        """How many coefficients a frame has."""
        return self.modes.shape[0] * self.modes.shape[1] + sum(len(p.pictures) for p in self.patches)

    def motion(self, moved: np.ndarray) -> np.ndarray:
        """How far each mode of each layer goes, (L, M) float32 -> forward motion of each cell of a layer's span, across and down,
        in cells: (2, L, rows, columns) float32."""
        _, layers, modes, rows, columns = self._planes.shape
        flat = self._planes.reshape(2, layers, modes, rows * columns)
        return np.matmul(moved[:, None], flat).reshape(2, layers, rows, columns)

    @cached_property
    def _planes(self) -> np.ndarray:
        """(2, L, M, rows, columns) float32: the modes."""
        return np.moveaxis(self.modes, 2, 0).astype(np.float32, order="C")

    def split(self, coefficients: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """A frame's coefficients (C,) float32 -> how far each mode goes, (L, M) float32, and the amounts of each patch's
        pictures, (K,) int32."""
        count, modes = self.modes.shape[:2]
        ends = np.cumsum([count * modes, *(len(p.pictures) for p in self.patches)])
        moved, *shown = np.split(coefficients, ends[:-1])
        amounts = (np.rint(np.clip(part, -1, 1) * AMOUNT).astype(np.int32) for part in shown)
        return moved.reshape(count, modes), tuple(amounts)


def read_dictionaries(
    avatar: Avatar, decoder: bytes, bounds: Sequence[tuple[np.ndarray, np.ndarray]]
) -> Dictionaries:
    """Read them from a decoder graph that check_graph() lets through. bounds: low and high of each patch. Raises AvatarError
    where something is missing or does not fit the card."""
    patches = avatar.gan.patches
    names = [MODES, *(form.format(p.name) for p in patches for form in (PICTURES, MEAN, STEP))]
    try:
        tensors = read_tensors(decoder, names)
        found = Dictionaries(
            _modes(avatar, tensors[MODES]),
            tuple(_patch(p, tensors, low, high) for p, (low, high) in zip(patches, bounds, strict=True)),
        )
        _require_room(found)
        return found
    except (GraphError, ValueError, KeyError) as error:
        name = avatar.gan.decoder
        raise AvatarError(
            tr(
                f"avatar {avatar.name!r}: {name} does not fit its card ({error}). Install the avatar again.",
                f"形象 {avatar.name!r}：{name} 与说明文件不符（{error}）。请重新安装该形象。",
            )
        ) from error


def _modes(avatar: Avatar, array: np.ndarray) -> np.ndarray:
    rows, columns = avatar.size[1] // CELL, avatar.size[0] // CELL
    _require(MODES, array, np.float16, (len(avatar.gan.layers), None, 2 * rows * columns))
    return array.reshape(*array.shape[:2], 2, rows, columns)


def _patch(
    patch: Patch, tensors: dict[str, np.ndarray], low: np.ndarray, high: np.ndarray
) -> PatchDictionary:
    pictures, mean, step = (tensors[form.format(patch.name)] for form in (PICTURES, MEAN, STEP))
    varying = int((low != high).any(-1).sum())
    _require(PICTURES.format(patch.name), pictures, np.int8, (None, 4 * varying))
    _require(MEAN.format(patch.name), mean, np.float16, (4 * varying,))
    _require(STEP.format(patch.name), step, np.float32, ())
    texels = pictures.reshape(len(pictures), varying, 4)
    return PatchDictionary(texels, mean.reshape(varying, 4), float(step), low, high)


def _require_room(found: Dictionaries) -> None:
    """Raises GraphError where the pictures are too many for a graphics card: there they are h x w texels each."""
    size = sum(len(patch.pictures) * patch.low.nbytes for patch in found.patches)
    most = max([0, *(len(patch.pictures) for patch in found.patches)])
    if size > MAX_TEXTURE_BYTES or most > MOST_PICTURES:
        raise GraphError(
            tr(
                f"its patches have {most} pictures, {size >> 20} MB; at most {MOST_PICTURES}, {MAX_TEXTURE_BYTES >> 20} MB",
                f"补丁含 {most} 幅图像、{size >> 20} MB；最多 {MOST_PICTURES} 幅、{MAX_TEXTURE_BYTES >> 20} MB",
            )
        )


def _require(name: str, array: np.ndarray, kind: type, shape: tuple[int | None, ...]) -> None:
    """Raises GraphError for another type or shape; None is any number of at least 1."""
    fits = array.ndim == len(shape) and all(
        n == wanted or (wanted is None and n > 0) for n, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits or array.dtype != kind:
        wanted = " x ".join("n" if n is None else str(n) for n in shape)
        raise GraphError(
            tr(
                f"{name[:40]} is {array.dtype} {array.shape}, expected {np.dtype(kind)} ({wanted})",
                f"{name[:40]} 为 {array.dtype} {array.shape}，应为 {np.dtype(kind)}（{wanted}）",
            )
        )
