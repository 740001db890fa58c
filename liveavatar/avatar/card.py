"""What avatar.json says of an avatar. The fields are named as they are written there.

How a stranger's card becomes one: reader.py; the rules it has to keep: rules.py. The graph and the pictures that it names are
checked where they are read: liveavatar.avatar.graph, liveavatar.renderers.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.avatar.limits import MAX_BYTES, MAX_FILE_BYTES
from liveavatar.base.box import Box
from liveavatar.base.files import Unreadable, read_whole
from liveavatar.controls import INDEX, RANGES
from liveavatar.errors import AvatarError
from liveavatar.language import tr

FORMATS = {"gan": 2, "portrait": 1}
"""Kind -> the format of its packages that is written and read."""
CARD = "avatar.json"
CELL = 8
"""Pixels of the picture per cell of the generator's motion, on a layer that spans the picture."""


@dataclass(frozen=True)
class Control:
    """A number the avatar was trained on."""

    name: str
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Layer:
    """One texture of the avatar, a premultiplied RGBA PNG that the generator's flow moves, and where it lies."""

    name: str
    file: str
    source: Box
    """Of the texture on the avatar's canvas; the PNG has `Avatar.detail` times as many pixels each way."""
    target: Box
    """The part of the picture that the layer can reach; multiples of 8."""
    span: Box
    """The part of the picture on which the layer's flow has its cells; beyond it the flow goes on as at its edge."""
    laid_out: bool
    """Whether the texture is unwrapped, and not as in the neutral picture: then its points go further."""


@dataclass(frozen=True)
class Patch:
    """A part of a layer's texture that the generator paints before it is moved. Those of a layer do not overlap."""

    name: str
    layer: str
    box: Box
    """On the avatar's canvas."""
    low: str
    high: str
    """PNGs of what its texels are at least and at most, premultiplied RGBA, `Avatar.detail` times as many pixels each way."""


@dataclass(frozen=True)
class Golden:
    """One expression with the picture it must give, to catch a provider that computes wrongly."""

    controls: dict[str, float]
    file: str
    """PNG of the frame, reduced to 128 pixels wide by area."""
    tolerance: float
    """Largest mean absolute difference, in levels of 255."""


@dataclass(frozen=True)
class GanParts:
    """What an avatar of kind "gan" is drawn from."""

    layers: tuple[Layer, ...]
    """The lowest first."""
    patches: tuple[Patch, ...]
    generator: str
    """File name of the ONNX graph: controls -> coefficients."""
    decoder: str
    """File name of the one from there to motion and patches."""
    label: str = ""
    """File name of an RGBA PNG shown in the picture's corner; empty for none."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all files among them."""
        bounds = (name for patch in self.patches for name in (patch.low, patch.high))
        label = (self.label,) if self.label else ()
        return (*(layer.file for layer in self.layers), *bounds, *self.graphs, *label)

    @property
    def graphs(self) -> tuple[str, ...]:
        """Names of the ONNX files."""
        return (self.generator, self.decoder)


@dataclass(frozen=True)
class PortraitParts:
    """What an avatar of kind "portrait" is drawn from."""

    sheet: str
    """File name of the texture, a premultiplied RGBA PNG: the person cut out of the picture."""
    rig: str
    """File name of the mesh and what moves it, an .npz."""
    label: str = ""
    """File name of an RGBA PNG shown in the picture's corner; empty for none."""
    refiner: str = ""
    """File name of the ONNX graph that repaints mouth and eyes; empty for none of its own."""
    likeness: str = ""
    """File name of what was learned from the person's own video, an .npz; empty for nothing."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all files among them."""
        return tuple(name for name in (self.sheet, self.rig, self.label, self.refiner, self.likeness) if name)

    @property
    def graphs(self) -> tuple[str, ...]:
        """Names of the ONNX files."""
        return (self.refiner,) if self.refiner else ()


Parts = GanParts | PortraitParts


@dataclass(frozen=True)
class Avatar:
    """What avatar.json says. `folder` is where it was read from and is not written."""

    name: str
    kind: str
    size: tuple[int, int]
    controls: tuple[Control, ...]
    golden: Golden
    files: dict[str, str]
    """File name -> sha256, for every file of the package but the card itself."""
    licence: str
    credits: str
    consent: str
    """Whose likeness this is and that they agreed; for invented characters: that nobody is shown."""
    detail: int = 1
    """Pixels of a texture per pixel of the picture, each way: a warp that samples between pixels blurs less from 2."""
    parts: Parts | None = None
    """What it is drawn from; None for a kind that this version does not know."""
    background: str = ""
    """File name of an RGBA PNG that stands behind it where the user says nothing else; empty for none of its own."""
    made_with: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    _verified: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What verify() read, until it is asked for."""

    @property
    def gan(self) -> GanParts:
        """The parts of an avatar of kind "gan", which it has to be."""
        if not isinstance(self.parts, GanParts):
            raise TypeError(self.kind)
        return self.parts

    @property
    def portrait(self) -> PortraitParts:
        """The parts of an avatar of kind "portrait", which it has to be."""
        if not isinstance(self.parts, PortraitParts):
            raise TypeError(self.kind)
        return self.parts

    @property
    def graphs(self) -> tuple[str, ...]:
        """Names of its ONNX files."""
        return self.parts.graphs if self.parts else ()

    @property
    def indices(self) -> np.ndarray:
        """Positions of the avatar's controls in controls.CONTROLS: (n,) int."""
        return np.array([INDEX[c.name] for c in self.controls])

    @property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Trained minimum and maximum of each control: two (n,) float32."""
        low = np.array([c.minimum for c in self.controls], np.float32)
        high = np.array([c.maximum for c in self.controls], np.float32)
        return low, high

    @property
    def head_range(self) -> dict[str, tuple[float, float]]:
        """Trained range of headYaw, headPitch and headRoll, radians; the full range for one it lacks."""
        trained = {c.name: (c.minimum, c.maximum) for c in self.controls}
        return {n: trained.get(n, RANGES[n]) for n in ("headYaw", "headPitch", "headRoll")}

    @property
    def head_limits(self) -> dict[str, float]:
        """How far the head turns both ways, radians by control."""
        return {name: min(-low, high) for name, (low, high) in self.head_range.items()}

    @property
    def digest(self) -> str:
        """Hex sha256 of all that is drawn from: the card, and with it the sha256 of every file."""
        card = {key: value for key, value in self.to_dict().items() if key != "figures"}
        return hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The card as written to avatar.json."""
        card: dict[str, Any] = {"format": FORMATS.get(self.kind)}
        for key, value in asdict(self).items():
            card |= (value or {}) if key == "parts" else {key: value}
        del card["folder"], card["_verified"]
        return card

    def read(self, name: str) -> bytes:
        """The content of one file of the package, compared with the card's sha256: what is built from these bytes is what
        was checked. Raises AvatarError naming the file that is missing, too large, or another."""
        if (kept := self._verified.pop(name, None)) is not None:
            return kept
        path = self.folder / name
        try:
            data = read_whole(path, MAX_FILE_BYTES)
        except Unreadable as error:
            missing = isinstance(error.__cause__, FileNotFoundError)
            reason = tr("is missing", "缺失") if missing else tr(f"is refused, {error}", f"已拒绝，{error}")
            raise AvatarError(
                tr(
                    f"avatar {self.name!r}: the file {path} {reason}. Install the avatar again.",
                    f"形象 {self.name!r}：文件 {path} {reason}。请重新安装该形象。",
                )
            ) from error
        # A package that is just being made has no hashes yet.
        actual, expected = hashlib.sha256(data).hexdigest(), self.files.get(name)
        if actual != expected and self.files:
            raise AvatarError(
                tr(
                    f"avatar {self.name!r}: {path} has sha256 {actual[:12]}..., its card says {str(expected)[:12]}...; "
                    "the file is damaged or was changed. Install the avatar again.",
                    f"形象 {self.name!r}：{path} 的 sha256 为 {actual[:12]}…，说明文件记录为 {str(expected)[:12]}…；"
                    "文件已损坏或被改动。请重新安装该形象。",
                )
            )
        return data

    def verify(self) -> None:
        """Compare every file with its sha256. Raises AvatarError naming the file that differs."""
        total = 0
        for name in self.files:
            data = self._verified[name] = self.read(name)
            total += len(data)
            if total > MAX_BYTES:
                raise AvatarError(
                    tr(
                        f"avatar {self.name!r}: its files are larger than {MAX_BYTES >> 20} MB together; refused.",
                        f"形象 {self.name!r}：文件合计超过 {MAX_BYTES >> 20} MB，已拒绝。",
                    )
                )
