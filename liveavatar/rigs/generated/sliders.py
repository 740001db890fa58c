"""Sliders: -1..1 about what a seed gave. Each moves numbers of a character's code, evenly and never further than it can be drawn.

Seed codes count the rows of the table: only ever append, never take out."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from liveavatar.language import Text
from liveavatar.rigs.drawn.identity import GroupedHair, Identity, Mass
from liveavatar.rigs.generated.code import Code
from liveavatar.rigs.generated.network import columns
from liveavatar.rigs.population.cast import Cast

STEP = 0.05
"""Between two positions."""

Numbers = dict[str, np.ndarray]
"""A code's numbers by name, (n,)."""


@dataclass(frozen=True)
class Slider:
    """One of them."""

    label: Text
    low: Text
    """What -1 looks like."""
    high: Text
    move: Callable[[Numbers, float], None] | None = None
    """What it does to a code's numbers, where it acts on these."""


def slid(who: Cast, sliders: Mapping[str, float]) -> Cast:
    """The cast that face and body are drawn for."""
    at = {name: getattr(who, name) for name in ("femininity", "age", "energy")}
    femininity, age, energy = (_towards(value, sliders.get(name, 0.0)) for name, value in at.items())
    return replace(who, femininity=femininity, age=age, energy=energy)


def moved(code: Code, sliders: Mapping[str, float]) -> Code:
    """The code with sliders that act on its numbers where they are put."""
    active = [(SLIDERS[name].move, amount) for name, amount in sliders.items()]
    if not any(move for move, _ in active):
        return code
    parts = {part: numbers.copy() for part, numbers in code.numbers.items()}
    named = {name: view for part, numbers in parts.items() for name, view in _views(part, numbers)}
    for move, amount in active:
        if move is not None:
            move(named, amount)
    _settle(named)
    return replace(code, numbers=parts)


def finished(record: Identity, sliders: Mapping[str, float]) -> Identity:
    """The record with sliders that act on what grammars made."""
    if sliders.get("nose"):
        nose, size = record.face.nose, 1.0 + 0.4 * sliders["nose"]
        marks = tuple(
            replace(
                mark, points=tuple((size * x, size * y) for x, y in mark.points), width=mark.width * size**0.5
            )
            for mark in nose.marks
        )
        record = replace(record, face=replace(record.face, nose=replace(nose, marks=marks)))
    if sliders.get("hair_length") and isinstance(record.hair, GroupedHair):
        longer = 1.0 + (0.45 if sliders["hair_length"] > 0 else 0.55) * sliders["hair_length"]
        front, back = (
            tuple(_longer(mass, longer) for mass in part) for part in (record.hair.front, record.hair.back)
        )
        record = replace(record, hair=replace(record.hair, front=front, back=back))
    return record


def _longer(mass: Mass, size: float) -> Mass:
    """What hangs below the eyes drawn out or in."""

    def down(y: float) -> float:
        below = max(y - 90.0, 0.0)
        # sets in gently, so that no lock has a kink
        return y + (size - 1.0) * below * below / (below + 60.0)

    strands = tuple(
        replace(strand, spine=tuple((x, down(y)) for x, y in strand.spine)) for strand in mass.strands
    )
    return replace(mass, strands=strands, hang=down(mass.hang))


def _towards(value: float, amount: float) -> float:
    """Most of the way to 0 or 1."""
    return value + 0.9 * (amount * (1.0 - value) if amount > 0 else amount * value)


def _views(part: str, numbers: np.ndarray) -> list[tuple[str, np.ndarray]]:
    names = [column.rpartition(":")[0] for column in columns(part)[0]]
    starts = [i for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
    return [(names[a], numbers[a:b]) for a, b in zip(starts, [*starts[1:], len(names)], strict=True)]


def _settle(n: Numbers) -> None:
    """Eyes stay in the face and brows above the lids."""
    scale = n["face.eye_scale"][0]
    upper, half = n["face.eye.upper"].reshape(-1, 2), n["face.jaw"][9]
    inner, outer = 23.0 - upper[0, 0] * scale, half - 9.0 - upper[-1, 0] * scale
    n["face.eye_x"][0] = np.clip(n["face.eye_x"][0], inner, max(outer, inner))
    lid = n["face.eye_y"][0] + scale * upper[:, 1].min()
    n["face.brow_y"][0] = min(n["face.brow_y"][0], lid - 18.0)


def _add(
    name: str, most: float, low: float = -math.inf, high: float = math.inf
) -> Callable[[Numbers, float], None]:
    def move(n: Numbers, amount: float) -> None:
        n[name][:] = np.clip(n[name] + most * amount, low, high)

    return move


def _grow(
    name: str, most: float, low: float = -math.inf, high: float = math.inf
) -> Callable[[Numbers, float], None]:
    def move(n: Numbers, amount: float) -> None:
        n[name][:] = np.clip(n[name] * (1.0 + most) ** amount, low, high)

    return move


def _eye_size(n: Numbers, amount: float) -> None:
    top = n["face.eye.upper"][1::2].min()
    before = n["face.eye_scale"][0]
    n["face.eye_scale"][0] = before * 1.17**amount
    n["face.brow_y"][0] += 0.8 * top * (n["face.eye_scale"][0] - before)


def _eye_open(n: Numbers, amount: float) -> None:
    wide = 1.22**amount
    top = n["face.eye.upper"][1::2].min() * n["face.eye_scale"][0]
    for name in ("face.eye.upper", "face.eye.lower"):
        v = n[name][1::2]
        # the corners stay
        v[1:-1] = v[[0, -1]].mean() + wide * (v[1:-1] - v[[0, -1]].mean())
    n["face.eye.height"][0] = np.clip(n["face.eye.height"][0] * wide, 0.42, 1.35)
    n["face.brow_y"][0] += 0.7 * (wide - 1.0) * top


def _face_width(n: Numbers, amount: float) -> None:
    wide = 1.06**amount
    n["face.jaw"][0::3] *= wide
    n["face.eye_x"][0] *= wide
    n["face.ear_x"][0] *= wide
    n["face.blush_at"][0] *= wide


def _jaw(n: Numbers, amount: float) -> None:
    y = n["face.jaw"][1::3]
    low = np.clip((y - 60.0) / 140.0, 0.0, 1.0)
    n["face.jaw"][0::3] *= 1.0 + 0.13 * amount * low * low * (3.0 - 2.0 * low)


def _chin(n: Numbers, amount: float) -> None:
    y = n["face.jaw"][1::3]
    y += 14.0 * amount * np.clip((y - 60.0) / 160.0, 0.0, 1.0) ** 2
    n["face.mouth_y"][0] += 5.0 * amount


def _brow_weight(n: Numbers, amount: float) -> None:
    n["face.brow.width"][1::2] *= 1.6**amount


def _brow_tilt(n: Numbers, amount: float) -> None:
    u, v = n["face.brow.points"][0::2], n["face.brow.points"][1::2]
    v -= 0.16 * amount * (u - u.mean())


def _lashes(n: Numbers, amount: float) -> None:
    n["face.eye.lash"][1::2] *= 1.5**amount


def _iris(n: Numbers, amount: float) -> None:
    n["face.eye.iris"] *= 1.16**amount


def _pupil(n: Numbers, amount: float) -> None:
    n["face.iris.size"] *= 1.3**amount


_SMALL, _LARGE = Text("small", "小"), Text("large", "大")
_LOWER, _HIGHER = Text("lower", "低"), Text("higher", "高")
_NARROW, _WIDE = Text("narrow", "窄"), Text("wide", "宽")
_THIN, _THICK = Text("thin", "细"), Text("thick", "粗")

SLIDERS: dict[str, Slider] = {
    "femininity": Slider(
        Text("feminine or masculine", "女性化或男性化"),
        Text("masculine", "男性化"),
        Text("feminine", "女性化"),
    ),
    "age": Slider(Text("age", "年龄感"), Text("child", "幼"), Text("grown", "成熟")),
    "energy": Slider(Text("energy", "活力"), Text("calm", "沉静"), Text("lively", "活泼")),
    "eye_size": Slider(Text("eye size", "眼睛大小"), _SMALL, _LARGE, _eye_size),
    "eye_open": Slider(
        Text("eye opening", "睁眼程度"), Text("sleepy", "眯"), Text("wide open", "睁大"), _eye_open
    ),
    "eye_tilt": Slider(
        Text("eye tilt", "眼角"),
        Text("drooping", "下垂"),
        Text("raised", "上扬"),
        _add("face.eye_tilt", 14.0),
    ),
    "eye_distance": Slider(Text("eye distance", "眼距"), _NARROW, _WIDE, _add("face.eye_x", 7.0)),
    "eye_height": Slider(Text("eye height", "眼睛高低"), _LOWER, _HIGHER, _add("face.eye_y", -9.0)),
    "iris": Slider(Text("iris", "虹膜"), _SMALL, _LARGE, _iris),
    "pupil": Slider(Text("pupil", "瞳孔"), _SMALL, _LARGE, _pupil),
    "lashes": Slider(Text("lashes", "睫毛"), _THIN, _THICK, _lashes),
    "brow_height": Slider(Text("brow height", "眉毛高低"), _LOWER, _HIGHER, _add("face.brow_y", -12.0)),
    "brow_weight": Slider(Text("brow weight", "眉毛粗细"), _THIN, _THICK, _brow_weight),
    "brow_tilt": Slider(Text("brow tilt", "眉形"), Text("soft", "柔和"), Text("stern", "凌厉"), _brow_tilt),
    "nose": Slider(Text("nose size", "鼻子大小"), _SMALL, _LARGE),
    "nose_height": Slider(Text("nose height", "鼻子高低"), _LOWER, _HIGHER, _add("face.nose_y", -9.0)),
    "mouth_width": Slider(
        Text("mouth width", "嘴宽"), _NARROW, _WIDE, _grow("face.mouth_width", 0.28, 16.0, 58.0)
    ),
    "mouth_height": Slider(Text("mouth height", "嘴的高低"), _LOWER, _HIGHER, _add("face.mouth_y", -8.0)),
    "smile": Slider(
        Text("corners of the mouth", "嘴角"),
        Text("down", "下垂"),
        Text("up", "上扬"),
        _add("face.mouth.turn", 6.0),
    ),
    "face_width": Slider(Text("face width", "脸宽"), _NARROW, _WIDE, _face_width),
    "jaw": Slider(Text("jaw", "下颌"), Text("pointed", "尖"), Text("square", "方"), _jaw),
    "chin": Slider(Text("chin", "下巴"), Text("short", "短"), Text("long", "长"), _chin),
    "blush": Slider(
        Text("blush", "腮红"), Text("none", "淡"), Text("strong", "浓"), _add("face.blush", 0.7, 0.0, 1.7)
    ),
    "hair_length": Slider(Text("hair length", "发长"), Text("shorter", "短"), Text("longer", "长")),
    "head": Slider(Text("head size", "头身比"), _SMALL, _LARGE, _grow("build.head", 0.07, 0.82, 1.04)),
    "shoulders": Slider(Text("shoulders", "肩宽"), _NARROW, _WIDE, _grow("build.breadth", 0.16, 0.66, 1.3)),
    "neck": Slider(Text("neck", "颈部"), _THIN, _THICK, _grow("build.neck", 0.12, 0.72, 1.25)),
    "lines": Slider(Text("line weight", "线条粗细"), _THIN, _THICK, _grow("style.weight", 0.8, 0.35, 3.2)),
}
"""By name."""
