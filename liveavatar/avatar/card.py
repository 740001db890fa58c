"""What avatar.json says of an avatar, and the rules a card has to keep. A card is untrusted: whatever it holds, it is an avatar
or one AvatarError.

The graph and the pictures that it names are checked where they are read: liveavatar.avatar.graph, liveavatar.renderers.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.avatar.names import is_name
from liveavatar.base.files import Unreadable, read_whole
from liveavatar.base.plain_text import plain
from liveavatar.controls import CONTROLS, INDEX, RANGES
from liveavatar.errors import AvatarError
from liveavatar.language import tr

FORMAT = 1
CARD = "avatar.json"
CELL = 8
"""Pixels of the picture per cell of the generator's motion, on a layer that spans the picture."""
MAX_CARD_BYTES = 1 << 20
MAX_FILE_BYTES = 64 << 20
MAX_BYTES = 128 << 20
"""Of all files of a package."""
MAX_FILES = 64
MAX_SIDE = 2048
MAX_DETAIL = 4
MAX_LAYERS = 32
MAX_PATCHES = 64
MAX_SHEET_BYTES = 128 << 20
"""Of all sheets of a package as they are in memory."""
MAX_TOLERANCE = 16.0
"""Levels of 255: what differs by more is another picture."""
MAX_CONTROL = 10.0
"""Largest number that a control's range may hold."""
PARTS: dict[str, tuple[str, ...]] = {
    "gan": ("layers", "patches", "generator"),
    "portrait": ("sheet", "rig", "label", "refiner"),
}
"""Kind -> the fields of the card that only this kind has."""
MAY_LACK = ("refiner",)
"""Those of them that older cards do not have."""
Box = tuple[int, int, int, int]


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
    source: Box
    """x, y, width, height of the sheet on the avatar's canvas, pixels; the PNG has `Avatar.detail` times as many."""
    target: Box
    """x, y, width, height of the part of the picture the layer can reach, pixels; multiples of 8."""
    span: Box
    """x, y, width, height of the part of the picture on which the layer's flow has its cells, pixels; beyond it goes on as at its
    edge."""
    laid_out: bool
    """Whether the sheet is laid out otherwise than the neutral picture: then its points go further."""


@dataclass(frozen=True)
class Patch:
    """A part of a layer's sheet that the generator paints before it is moved. Those of a layer do not overlap."""

    name: str
    layer: str
    box: Box
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
    _verified: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What verify() read, until it is asked for."""

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
        card = {"format": FORMAT, **asdict(self)}
        others = {name for kind, names in PARTS.items() if kind != self.kind for name in names}
        return {key: value for key, value in card.items() if key not in others | {"folder", "_verified"}}

    @classmethod
    def from_dict(cls, card: Any, folder: Path) -> "Avatar":
        """Check a card and build the avatar. Raises AvatarError naming the file and the field."""
        where = folder / CARD
        try:
            # What no file could hold is none: lone surrogates, NaN, other types than JSON's.
            json.dumps(card, ensure_ascii=False, allow_nan=False).encode()
            avatar = _read(card, folder)
            broken = next((reason for holds, reason in _rules(avatar) if not holds), None)
            if broken is None:
                return avatar
        except KeyError as error:
            broken = tr(f"the field {error} is missing", f"缺少字段 {error}")
        except _WrongForm as error:
            broken = str(error)
        except (TypeError, ValueError, RecursionError) as error:
            broken = tr(f"a field has the wrong form ({error})", f"字段格式错误（{error}）")
        raise AvatarError(
            tr(f"{where}: {broken}. Install the avatar again.", f"{where}：{broken}。请重新安装该形象。")
        )

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


class _WrongForm(ValueError):
    """A field that cannot be read; the message names it."""


def _read(card: Any, folder: Path) -> Avatar:
    """The avatar that the fields say. Raises KeyError for a missing one, _WrongForm for one of another type."""
    _object(card, "avatar.json")
    if card.get("format") != FORMAT or isinstance(card.get("format"), bool):
        shown = repr(card.get("format"))[:40]
        raise _WrongForm(tr(f"expected format {FORMAT}, got {shown}", f"应为格式 {FORMAT}，实际为 {shown}"))
    kind = _text(card["kind"], "kind")
    parts = {name: card[name] for name in PARTS.get(kind, ()) if name in card or name not in MAY_LACK}
    golden = _object(card["golden"], "golden")
    return Avatar(
        name=_text(card["name"], "name"),
        kind=kind,
        size=_ints(card["size"], 2, "size"),
        controls=tuple(
            Control(
                _text(c["name"], "controls.name"),
                _number(c["minimum"], "controls.minimum"),
                _number(c["maximum"], "controls.maximum"),
            )
            for c in _objects(card["controls"], "controls", len(CONTROLS))
        ),
        golden=Golden(
            {
                _text(name, "golden.controls"): _number(value, "golden.controls")
                for name, value in _object(golden["controls"], "golden.controls").items()
            },
            _text(golden["file"], "golden.file"),
            _number(golden["tolerance"], "golden.tolerance"),
        ),
        files={
            _text(name, "files"): _text(digest, "files")
            for name, digest in _object(card["files"], "files").items()
        },
        licence=_text(card["licence"], "licence"),
        credits=_text(card["credits"], "credits"),
        consent=_text(card["consent"], "consent"),
        detail=_int(card.get("detail", 1), "detail"),
        layers=tuple(
            Layer(
                _text(x["name"], "layers.name"),
                _text(x["file"], "layers.file"),
                _ints(x["source"], 4, "layers.source"),
                _ints(x["target"], 4, "layers.target"),
                _ints(x["span"], 4, "layers.span"),
                _yes(x["laid_out"], "layers.laid_out"),
            )
            for x in _objects(parts.get("layers", []), "layers", MAX_LAYERS)
        ),
        patches=tuple(
            Patch(
                _text(p["name"], "patches.name"),
                _text(p["layer"], "patches.layer"),
                _ints(p["box"], 4, "patches.box"),
            )
            for p in _objects(parts.get("patches", []), "patches", MAX_PATCHES)
        ),
        generator=_text(parts.get("generator", ""), "generator"),
        sheet=_text(parts.get("sheet", ""), "sheet"),
        rig=_text(parts.get("rig", ""), "rig"),
        label=_text(parts.get("label", ""), "label"),
        refiner=_text(parts.get("refiner", ""), "refiner"),
        made_with=_object(card.get("made_with", {}), "made_with"),
        figures=_object(card.get("figures", {}), "figures"),
        folder=folder,
    )


def _rules(a: Avatar) -> Iterator[tuple[bool, str]]:
    """Every rule of a card, in the order in which they are looked at: whether it holds, and what is said where it does not."""
    width, height = a.size
    yield (
        is_name(a.name),
        tr(
            f"{a.name[:80]!r} cannot be an avatar's name: it must be a plain folder name of at most 64 characters",
            f"{a.name[:80]!r} 不能作为形象名称：须为不超过 64 个可见字符的普通文件夹名",
        ),
    )
    for what in (a.licence, a.credits, a.consent):
        yield _is_shown(what), tr("a text holds control characters", "有文字含控制字符")

    unknown = [c.name for c in a.controls if c.name not in INDEX] + [
        n for n in a.golden.controls if n not in INDEX
    ]
    listed, known = ", ".join(plain(n[:40]) for n in unknown[:4]), ", ".join(CONTROLS)
    yield (
        not unknown,
        tr(
            f"unknown control {listed}; known controls are: {known}",
            f"未知的控制量 {listed}；已知的有：{known}",
        ),
    )
    yield (
        bool(a.controls) and (a.kind != "gan" or bool(a.layers)),
        tr("it needs at least one layer and one control", "至少需要一个图层和一个控制量"),
    )
    yield (
        all(c.minimum < c.maximum for c in a.controls),
        tr("a control's minimum is not below its maximum", "有控制量的最小值不小于最大值"),
    )
    numbers = [v for c in a.controls for v in (c.minimum, c.maximum)] + list(a.golden.controls.values())
    yield (
        all(abs(v) <= MAX_CONTROL for v in numbers),
        tr(f"a control goes beyond {MAX_CONTROL:g}", f"有控制量超出 {MAX_CONTROL:g}"),
    )
    yield (
        0 < a.golden.tolerance <= MAX_TOLERANCE,
        tr(
            f"the golden tolerance must be above 0 and at most {MAX_TOLERANCE:g}, got {a.golden.tolerance:g}",
            f"golden 的容差须大于 0 且不超过 {MAX_TOLERANCE:g}，实际为 {a.golden.tolerance:g}",
        ),
    )
    for names in ([c.name for c in a.controls], [x.name for x in a.layers], [p.name for p in a.patches]):
        yield len(set(names)) == len(names), tr("a name stands twice in a list", "列表中有重复的名称")
    yield (
        all(
            _is_shown(n) and 0 < len(n) <= 64
            for n in (*(x.name for x in a.layers), *(p.name for p in a.patches))
        ),
        tr("a layer or patch has no plain name", "有图层或补丁的名称不合规"),
    )

    yield (
        all(0 < side <= MAX_SIDE and side % (2 * CELL) == 0 for side in a.size),
        tr(f"size must be multiples of 16 up to {MAX_SIDE}", f"尺寸须为 16 的倍数且不超过 {MAX_SIDE}"),
    )
    boxes = [b for layer in a.layers for b in (layer.source, layer.target, layer.span)]
    yield (
        all(
            x >= 0 and y >= 0 and w >= 1 and h >= 1 and x + w <= width and y + h <= height
            for x, y, w, h in (*boxes, *(p.box for p in a.patches))
        ),
        tr("a layer or patch lies outside the picture", "有图层或补丁超出画面"),
    )
    yield 1 <= a.detail <= MAX_DETAIL, tr("detail must be 1 to 4", "detail 应为 1 到 4")
    yield (
        not any(v % CELL for layer in a.layers for v in layer.target),
        tr("layer targets must be multiples of 8", "图层 target 须为 8 的倍数"),
    )
    yield (
        all(min(layer.span[2:]) >= 2 * CELL for layer in a.layers),
        tr("a layer's span is narrower than 16 pixels", "有图层的 span 不足 16 像素"),
    )
    yield (
        not any(_overlap(p.box, q.box) for p, q in combinations(a.patches, 2) if p.layer == q.layer),
        tr("two patches of a layer overlap", "同一图层的两个补丁重叠"),
    )
    layers = {layer.name for layer in a.layers}
    yield (
        all(p.layer in layers for p in a.patches),
        tr("a patch names a layer that does not exist", "有补丁指向不存在的图层"),
    )
    pixels = sum(layer.source[2] * layer.source[3] for layer in a.layers) * a.detail**2
    yield (
        4 * pixels <= MAX_SHEET_BYTES,
        tr(
            f"its sheets are larger than {MAX_SHEET_BYTES >> 20} MB together",
            f"图层图片合计超过 {MAX_SHEET_BYTES >> 20} MB",
        ),
    )

    parts = [a.golden.file, *(layer.file for layer in a.layers)]
    parts += [getattr(a, name) for name in ("generator", "sheet", "rig") if name in PARTS.get(a.kind, ())]
    parts += [name for name in (a.label, a.refiner) if name]
    missing = ", ".join(sorted(plain(n[:80]) for n in set(parts) - set(a.files))[:4])
    yield not missing, tr(f"files lacks {missing}", f"files 中缺少 {missing}")
    yield len(set(parts)) == len(parts), tr("a file is named for two things", "同一文件被用于两处")
    yield (
        len(a.files) <= MAX_FILES,
        tr(
            f"it names {len(a.files)} files, more than the {MAX_FILES} an avatar may have",
            f"列出 {len(a.files)} 个文件，超过形象允许的 {MAX_FILES} 个",
        ),
    )
    yield (
        all(_is_file_name(n) for n in a.files) and len({n.casefold() for n in a.files}) == len(a.files),
        tr("file names must be plain names inside the folder", "文件名只能是文件夹内的普通文件名"),
    )
    yield (
        all(len(d) == 64 and set(d) <= set("0123456789abcdef") for d in a.files.values()),
        tr("a sha256 is none", "有 sha256 值不合规"),
    )


def _is_shown(text: str) -> bool:
    """Whether a text can be shown as it is: without what steers a terminal or turns the direction of writing."""
    keep = "".join(
        c for c in text if c >= "\u00a0" and not ("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069")
    )
    return plain(text, keep="\n\t" + keep) == text


def _is_file_name(name: str) -> bool:
    return is_name(name) and not name.startswith(".") and name.casefold() != CARD


def _overlap(a: Box, b: Box) -> bool:
    """Whether two boxes x, y, width, height share a pixel."""
    return all(a[i] < b[i] + b[i + 2] and b[i] < a[i] + a[i + 2] for i in (0, 1))


def _wrong(name: str, expected: str, value: Any) -> _WrongForm:
    shown = plain(repr(value)[:40])
    return _WrongForm(
        tr(
            f"a field has the wrong form ({name}: expected {expected}, got {shown})",
            f"字段格式错误（{name}：应为 {expected}，实际为 {shown}）",
        )
    )


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > 10_000:
        raise _wrong(name, tr("text", "文字"), value)
    return value


def _yes(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "true / false", value)
    return value


def _int(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 1 << 20:
        raise _wrong(name, tr("a whole number", "整数"), value)
    return value


def _number(value: Any, name: str) -> float:
    """A finite number. Raises _WrongForm also for a whole one beyond every float."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise _wrong(name, tr("a number", "数"), value)
    return float(value)


def _ints(values: Any, count: int, name: str) -> Any:
    """A tuple of `count` whole numbers."""
    if not isinstance(values, list | tuple) or len(values) != count:
        raise _wrong(name, tr(f"{count} numbers", f"{count} 个数"), values)
    return tuple(_int(v, name) for v in values)


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise _wrong(name, tr("a JSON object", "JSON 对象"), value)
    return value


def _objects(values: Any, name: str, most: int) -> list[dict[str, Any]]:
    if not isinstance(values, list | tuple) or len(values) > most:
        raise _wrong(name, tr(f"a list of at most {most}", f"不超过 {most} 项的列表"), values)
    return [_object(value, name) for value in values]
