"""The avatar package: a folder with avatar.json and the files it names. Written by training, read live.

An avatar is untrusted input: everything is checked here (names, shapes, sizes, sha256) before a renderer sees it.
Knows nothing of ONNX Runtime; renderers check the graph against the card.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from liveavatar.controls import CONTROLS, INDEX, RANGES
from liveavatar.errors import AvatarError
from liveavatar.files import write_whole
from liveavatar.language import tr

FORMAT = 1
DEFAULT = "hoshi"
CARD = "avatar.json"
CELL = 8
"""Pixels of the picture per cell of the generator's motion, on a layer that spans the picture."""
MAX_FILE_BYTES = 64 << 20
MAX_SIDE = 2048
PARTS: dict[str, tuple[str, ...]] = {
    "gan": ("layers", "patches", "generator"),
    "portrait": ("sheet", "rig", "label", "refiner"),
}
"""Kind -> the fields of the card that only this kind has."""
MAY_LACK = ("refiner",)
"""Those of them that older cards do not have."""


@dataclass(frozen=True)
class Control:
    """A number the avatar was trained on."""

    name: str
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Layer:
    """One sheet of the avatar: a premultiplied RGBA PNG that the generator's flow moves."""

    name: str
    file: str
    source: tuple[int, int, int, int]
    """x, y, width, height of the sheet on the avatar's canvas, pixels; the PNG has `Avatar.detail` times as many."""
    target: tuple[int, int, int, int]
    """x, y, width, height of the part of the picture the layer can reach, pixels; multiples of 8."""
    span: tuple[int, int, int, int]
    """x, y, width, height of the part of the picture on which the layer's flow has its cells, pixels; beyond it goes on as at its
    edge."""
    laid_out: bool
    """Whether the sheet is laid out otherwise than the neutral picture: then its points go further."""


@dataclass(frozen=True)
class Patch:
    """A part of a layer's sheet that the generator paints before it is moved. Those of a layer do not overlap."""

    name: str
    layer: str
    box: tuple[int, int, int, int]
    """x, y, width, height on the avatar's canvas, pixels."""


@dataclass(frozen=True)
class Golden:
    """One expression with the picture it must give, to catch a provider that computes wrongly."""

    controls: dict[str, float]
    file: str
    """PNG of the frame, reduced to 128 pixels wide by area."""
    tolerance: float
    """Largest mean absolute difference, in levels of 255."""


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
    """Pixels of a sheet per pixel of the picture, each way: a warp that samples between pixels blurs less from 2."""
    layers: tuple[Layer, ...] = ()
    """Kind "gan", as patches and generator."""
    patches: tuple[Patch, ...] = ()
    generator: str = ""
    """File name of the ONNX graph."""
    sheet: str = ""
    """Kind "portrait": file name of the picture, a premultiplied RGBA PNG."""
    rig: str = ""
    """Kind "portrait": file name of the mesh and what moves it, an .npz."""
    label: str = ""
    """Kind "portrait": file name of an RGBA PNG shown in the picture's corner; empty for none."""
    refiner: str = ""
    """Kind "portrait": file name of the ONNX graph that repaints mouth and eyes; empty for none of its own."""
    made_with: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()

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

    def to_dict(self) -> dict[str, Any]:
        """The card as written to avatar.json."""
        card = {"format": FORMAT, **asdict(self)}
        others = {name for kind, names in PARTS.items() if kind != self.kind for name in names}
        return {key: value for key, value in card.items() if key not in others | {"folder"}}

    @classmethod
    def from_dict(cls, card: Any, folder: Path) -> "Avatar":
        """Check a card and build the avatar. Raises AvatarError naming the file and the field."""
        where = folder / CARD

        def fail(reason: str) -> AvatarError:
            return AvatarError(
                tr(f"{where}: {reason}. Install the avatar again.", f"{where}：{reason}。请重新安装该形象。")
            )

        if not isinstance(card, dict):
            raise fail(tr("expected a JSON object", "应为 JSON 对象"))
        if card.get("format") != FORMAT:
            raise fail(
                tr(
                    f"expected format {FORMAT}, got {card.get('format')!r}",
                    f"应为格式 {FORMAT}，实际为 {card.get('format')!r}",
                ),
            )
        try:
            kind = str(card["kind"])
            parts = {name: card[name] for name in PARTS.get(kind, ()) if name in card or name not in MAY_LACK}
            avatar = cls(
                name=str(card["name"]),
                kind=kind,
                size=_ints(card["size"], 2),
                controls=tuple(
                    Control(str(c["name"]), float(c["minimum"]), float(c["maximum"]))
                    for c in card["controls"]
                ),
                layers=tuple(
                    Layer(
                        str(x["name"]),
                        str(x["file"]),
                        _ints(x["source"], 4),
                        _ints(x["target"], 4),
                        _ints(x["span"], 4),
                        bool(x["laid_out"]),
                    )
                    for x in parts.get("layers", ())
                ),
                patches=tuple(
                    Patch(str(p["name"]), str(p["layer"]), _ints(p["box"], 4))
                    for p in parts.get("patches", ())
                ),
                generator=str(parts.get("generator", "")),
                sheet=str(parts.get("sheet", "")),
                rig=str(parts.get("rig", "")),
                label=str(parts.get("label", "")),
                refiner=str(parts.get("refiner", "")),
                golden=Golden(
                    {str(k): float(v) for k, v in card["golden"]["controls"].items()},
                    str(card["golden"]["file"]),
                    float(card["golden"]["tolerance"]),
                ),
                files={str(k): str(v) for k, v in card["files"].items()},
                licence=str(card["licence"]),
                credits=str(card["credits"]),
                consent=str(card["consent"]),
                detail=int(card.get("detail", 1)),
                made_with=dict(card.get("made_with", {})),
                figures=dict(card.get("figures", {})),
                folder=folder,
            )
        except KeyError as error:
            raise fail(tr(f"the field {error} is missing", f"缺少字段 {error}")) from error
        except (TypeError, ValueError, AttributeError) as error:
            raise fail(tr(f"a field has the wrong form ({error})", f"字段格式错误（{error}）")) from error

        unknown = [c.name for c in avatar.controls if c.name not in INDEX]
        if unknown:
            known = ", ".join(CONTROLS)
            raise fail(
                tr(
                    f"unknown control {', '.join(unknown)}; known controls are: {known}",
                    f"未知的控制量 {', '.join(unknown)}；已知的有：{known}",
                ),
            )
        names = {layer.name for layer in avatar.layers}
        width, height = avatar.size
        boxes = [b for layer in avatar.layers for b in (layer.source, layer.target, layer.span)] + [
            p.box for p in avatar.patches
        ]
        if not avatar.controls or (kind == "gan" and not avatar.layers):
            raise fail(tr("it needs at least one layer and one control", "至少需要一个图层和一个控制量"))
        if not all(0 < side <= MAX_SIDE and side % (2 * CELL) == 0 for side in avatar.size):
            raise fail(
                tr(f"size must be multiples of 16 up to {MAX_SIDE}", f"尺寸须为 16 的倍数且不超过 {MAX_SIDE}")
            )
        if any(x < 0 or y < 0 or w < 1 or h < 1 or x + w > width or y + h > height for x, y, w, h in boxes):
            raise fail(tr("a layer or patch lies outside the picture", "有图层或补丁超出画面"))
        if not 1 <= avatar.detail <= 4:
            raise fail(tr("detail must be 1 to 4", "detail 应为 1 到 4"))
        if any(v % CELL for layer in avatar.layers for v in layer.target):
            raise fail(tr("layer targets must be multiples of 8", "图层 target 须为 8 的倍数"))
        if any(min(layer.span[2:]) < 2 * CELL for layer in avatar.layers):
            raise fail(tr("a layer's span is narrower than 16 pixels", "有图层的 span 不足 16 像素"))
        if any(_overlap(p.box, q.box) for p, q in combinations(avatar.patches, 2) if p.layer == q.layer):
            raise fail(tr("two patches of a layer overlap", "同一图层的两个补丁重叠"))
        if any(p.layer not in names for p in avatar.patches):
            raise fail(tr("a patch names a layer that does not exist", "有补丁指向不存在的图层"))
        if any(c.minimum >= c.maximum for c in avatar.controls):
            raise fail(tr("a control's minimum is not below its maximum", "有控制量的最小值不小于最大值"))
        needed = {avatar.golden.file, *(layer.file for layer in avatar.layers)}
        needed |= {str(parts[name]) for name in ("generator", "sheet", "rig") if name in parts}
        needed |= {avatar.label, avatar.refiner} - {""}
        missing = needed - set(avatar.files)
        if missing:
            raise fail(
                tr(f"files lacks {', '.join(sorted(missing))}", f"files 中缺少 {', '.join(sorted(missing))}")
            )
        if any(Path(f).name != f or f in (".", "..") or "\\" in f for f in avatar.files):
            raise fail(
                tr("file names must be plain names inside the folder", "文件名只能是文件夹内的普通文件名")
            )
        return avatar

    def verify(self) -> None:
        """Compare every file with its sha256. Raises AvatarError naming the file that differs."""
        for name, expected in self.files.items():
            path = self.folder / name
            if not path.is_file():
                raise AvatarError(
                    tr(
                        f"avatar {self.name!r}: the file {path} is missing. Install the avatar again.",
                        f"形象 {self.name!r}：缺少文件 {path}。请重新安装该形象。",
                    )
                )
            if path.stat().st_size > MAX_FILE_BYTES:
                raise AvatarError(
                    tr(
                        f"avatar {self.name!r}: {path} is larger than {MAX_FILE_BYTES >> 20} MB; refused.",
                        f"形象 {self.name!r}：{path} 超过 {MAX_FILE_BYTES >> 20} MB，已拒绝。",
                    )
                )
            actual = sha256(path)
            if actual != expected:
                raise AvatarError(
                    tr(
                        f"avatar {self.name!r}: {path} has sha256 {actual[:12]}..., its card says {expected[:12]}...; "
                        "the file is damaged or was changed. Install the avatar again.",
                        f"形象 {self.name!r}：{path} 的 sha256 为 {actual[:12]}…，说明文件记录为 {expected[:12]}…；"
                        "文件已损坏或被改动。请重新安装该形象。",
                    )
                )


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    """Whether two boxes x, y, width, height share a pixel."""
    return all(a[i] < b[i] + b[i + 2] and b[i] < a[i] + a[i + 2] for i in (0, 1))


def _ints(values: Any, count: int) -> Any:
    """A tuple of `count` ints, or ValueError."""
    result = tuple(int(v) for v in values)
    if len(result) != count:
        raise ValueError(
            tr(f"expected {count} numbers, got {len(result)}", f"应为 {count} 个数，实际为 {len(result)} 个")
        )
    return result


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_card(avatar: Avatar, folder: Path) -> None:
    """Write avatar.json; the old card stays until the new one is complete."""
    write_whole(folder / CARD, (json.dumps(avatar.to_dict(), indent=1, ensure_ascii=False) + "\n").encode())


def load_avatar(folder: Path) -> Avatar:
    """Read and check the package in `folder`, sha256 included. Raises AvatarError."""
    path = folder / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AvatarError(
            tr(
                f"cannot read {path}: {error.strerror}. An avatar is a folder with an {CARD}.",
                f"无法读取 {path}：{error.strerror}。形象是包含 {CARD} 的文件夹。",
            )
        ) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise AvatarError(
            tr(
                f"{path} is damaged: {error}. Install the avatar again.",
                f"{path} 已损坏：{error}。请重新安装该形象。",
            )
        ) from error
    avatar = Avatar.from_dict(card, folder)
    avatar.verify()
    return avatar


def take_place(fresh: Path, folder: Path) -> Avatar:
    """Rename a checked package, in `fresh` beside it, to `folder`; an avatar that stood there goes. Returns it as it then
    loads. Raises AvatarError where something else stands there."""
    require_place(folder)
    old = fresh.with_name(f"{fresh.name}-old")
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    folder.chmod(0o755)
    shutil.rmtree(old, ignore_errors=True)
    return load_avatar(folder)


def require_place(folder: Path) -> None:
    """Raise AvatarError unless a package may be written here: nothing, an empty folder or an older package."""
    try:
        folder.stat()
        if folder.is_dir() and ((folder / CARD).is_file() or not any(folder.iterdir())):
            return
    except FileNotFoundError:
        return
    except OSError as error:
        raise AvatarError(
            tr(
                f"cannot write to {str(folder)[:200]}: {error.strerror}. Give another folder.",
                f"无法写入 {str(folder)[:200]}：{error.strerror}。请换一个文件夹。",
            )
        ) from error
    raise AvatarError(
        tr(
            f"{folder} is there already and is no avatar; it would be lost. Give a new folder.",
            f"{folder} 已存在且不是形象包，写入会使其丢失。请给出新的文件夹。",
        )
    )


def avatar_folders() -> list[Path]:
    """Where named avatars are looked for, first wins: the user's data folder, the checkout, the installed package."""
    package = Path(__file__).resolve().parent
    return [
        Path(platformdirs.user_data_dir("liveavatar", appauthor=False)) / "avatars",
        package.parent / "weights",
        package / "weights",
    ]


def list_avatars() -> Iterator[tuple[str, Path]]:
    """(name, folder) of every avatar that can be named, without loading it."""
    seen = set()
    for root in avatar_folders():
        for path in sorted(root.glob(f"*/{CARD}")):
            if path.parent.name not in seen:
                seen.add(path.parent.name)
                yield path.parent.name, path.parent


def find_avatar(name: str | Path = DEFAULT) -> Avatar:
    """The avatar with this name, or in this folder. Raises AvatarError listing those there are."""
    known = dict(list_avatars())
    if str(name) in known:
        return load_avatar(known[str(name)])
    if (Path(name) / CARD).is_file() or os.sep in str(name) or "/" in str(name):
        return load_avatar(Path(name))
    listed = ", ".join(known) or tr("none", "无")
    raise AvatarError(
        tr(
            f"no avatar named {str(name)!r}; there are: {listed}. Give one of these names, or a folder with an {CARD}.",
            f"没有名为 {str(name)!r} 的形象；现有：{listed}。请给出其中一个名称，或包含 {CARD} 的文件夹。",
        )
    )
