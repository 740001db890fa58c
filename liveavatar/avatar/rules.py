"""The rules that a card has to keep, in the order in which they are looked at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from liveavatar.avatar.card import CARD, CELL, Avatar, GanParts, Layer
from liveavatar.avatar.limits import (
    MAX_CONTROL,
    MAX_DETAIL,
    MAX_FILES,
    MAX_SIDE,
    MAX_TEXTURE_BYTES,
    MAX_TOLERANCE,
)
from liveavatar.base.box import Box
from liveavatar.base.names import is_name
from liveavatar.base.plain_text import plain
from liveavatar.controls import CONTROLS, INDEX
from liveavatar.language import tr


@dataclass(frozen=True)
class Rule:
    """One rule and what is said where it is broken. In the texts {} is what breaks it, other names are in _WORDS."""

    broken_by: Callable[[Avatar], Any]
    """What breaks it; something empty where nothing does."""
    en: str
    zh: str


def broken_rule(avatar: Avatar) -> str:
    """What is said of the first rule that the card breaks; "" where it keeps them all."""
    layered = isinstance(avatar.parts, GanParts)
    for rule in (*RULES, *(LAYER_RULES if layered else ()), *FILE_RULES):
        if by := rule.broken_by(avatar):
            shown = ", ".join(plain(str(one)[:80]) for one in by[:4]) if isinstance(by, list) else by
            return tr(rule.en, rule.zh).format(shown, **_WORDS)
    return ""


_WORDS = {
    "known": ", ".join(CONTROLS),
    "control": f"{MAX_CONTROL:g}",
    "tolerance": f"{MAX_TOLERANCE:g}",
    "side": MAX_SIDE,
    "megabytes": MAX_TEXTURE_BYTES >> 20,
    "files": MAX_FILES,
}


def _bad_name(a: Avatar) -> str:
    return "" if is_name(a.name) else repr(a.name[:80])


def _steering_texts(a: Avatar) -> list[str]:
    return [text for text in (a.licence, a.credits, a.consent) if not _is_shown(text)]


def _unknown_controls(a: Avatar) -> list[str]:
    return [n[:40] for n in (*(c.name for c in a.controls), *a.golden.controls) if n not in INDEX]


def _nothing_to_do(a: Avatar) -> bool:
    return not a.controls or (isinstance(a.parts, GanParts) and not a.parts.layers)


def _far_controls(a: Avatar) -> list[float]:
    numbers = [v for c in a.controls for v in (c.minimum, c.maximum)]
    return [v for v in (*numbers, *a.golden.controls.values()) if not abs(v) <= MAX_CONTROL]


def _bad_tolerance(a: Avatar) -> str:
    return "" if 0 < a.golden.tolerance <= MAX_TOLERANCE else f"{a.golden.tolerance:g}"


RULES = (
    Rule(
        _bad_name,
        "{} cannot be an avatar's name: it must be a plain folder name of at most 64 characters",
        "{} 不能作为形象名称：须为不超过 64 个可见字符的普通文件夹名",
    ),
    Rule(_steering_texts, "a text holds control characters", "有文字含控制字符"),
    Rule(
        _unknown_controls,
        "unknown control {}; known controls are: {known}",
        "未知的控制量 {}；已知的有：{known}",
    ),
    Rule(_nothing_to_do, "it needs at least one layer and one control", "至少需要一个图层和一个控制量"),
    Rule(
        lambda a: [c for c in a.controls if c.minimum >= c.maximum],
        "a control's minimum is not below its maximum",
        "有控制量的最小值不小于最大值",
    ),
    Rule(_far_controls, "a control goes beyond {control}", "有控制量超出 {control}"),
    Rule(
        _bad_tolerance,
        "the golden tolerance must be above 0 and at most {tolerance}, got {}",
        "golden 的容差须大于 0 且不超过 {tolerance}，实际为 {}",
    ),
    Rule(lambda a: _twice(c.name for c in a.controls), "a name stands twice in a list", "列表中有重复的名称"),
    Rule(
        lambda a: [side for side in a.size if not 0 < side <= MAX_SIDE or side % (2 * CELL)],
        "size must be multiples of 16 up to {side}",
        "尺寸须为 16 的倍数且不超过 {side}",
    ),
    Rule(
        lambda a: not 1 <= a.detail <= MAX_DETAIL,
        "detail must be 1 to 4",
        "detail 应为 1 到 4",
    ),
)
"""Of every avatar."""


def _names_twice(a: Avatar) -> list[str]:
    return _twice(x.name for x in a.gan.layers) + _twice(p.name for p in a.gan.patches)


def _bad_names(a: Avatar) -> list[str]:
    names = [x.name for x in a.gan.layers] + [p.name for p in a.gan.patches]
    return [name for name in names if not _is_shown(name) or not 0 < len(name) <= 64]


def _boxes_outside(a: Avatar) -> list[Box]:
    picture = Box(0, 0, *a.size)
    boxes = [box for layer in a.gan.layers for box in (layer.source, layer.target, layer.span)]
    boxes += [patch.box for patch in a.gan.patches]
    return [box for box in boxes if box.w < 1 or box.h < 1 or not box.inside(picture)]


def _narrow_spans(a: Avatar) -> list[Layer]:
    return [layer for layer in a.gan.layers if min(layer.span.w, layer.span.h) < 2 * CELL]


def _overlaps(a: Avatar) -> bool:
    return any(p.layer == q.layer and p.box.overlaps(q.box) for p, q in combinations(a.gan.patches, 2))


def _unknown_layers(a: Avatar) -> set[str]:
    return {patch.layer for patch in a.gan.patches} - {layer.name for layer in a.gan.layers}


def _too_many_pixels(a: Avatar) -> bool:
    pixels = sum(layer.source.w * layer.source.h for layer in a.gan.layers) * a.detail**2
    return 4 * pixels > MAX_TEXTURE_BYTES


LAYER_RULES = (
    Rule(_names_twice, "a name stands twice in a list", "列表中有重复的名称"),
    Rule(_bad_names, "a layer or patch has no plain name", "有图层或补丁的名称不合规"),
    Rule(_boxes_outside, "a layer or patch lies outside the picture", "有图层或补丁超出画面"),
    Rule(
        lambda a: [layer for layer in a.gan.layers if any(v % CELL for v in layer.target)],
        "layer targets must be multiples of 8",
        "图层 target 须为 8 的倍数",
    ),
    Rule(_narrow_spans, "a layer's span is narrower than 16 pixels", "有图层的 span 不足 16 像素"),
    Rule(_overlaps, "two patches of a layer overlap", "同一图层的两个补丁重叠"),
    Rule(_unknown_layers, "a patch names a layer that does not exist", "有补丁指向不存在的图层"),
    Rule(
        _too_many_pixels,
        "its textures are larger than {megabytes} MB together",
        "图层图片合计超过 {megabytes} MB",
    ),
)
"""Of one made of layers: kind "gan"."""


def _named_files(a: Avatar) -> list[str]:
    own = (a.background,) if a.background else ()
    return [a.golden.file, *(a.parts.files if a.parts else ()), *own]


def _bad_file_names(a: Avatar) -> list[str]:
    return [n for n in a.files if not is_name(n) or n.startswith(".") or n.casefold() == CARD]


FILE_RULES = (
    Rule(
        lambda a: sorted(set(_named_files(a)) - set(a.files)),
        "files lacks {}",
        "files 中缺少 {}",
    ),
    Rule(lambda a: _twice(_named_files(a)), "a file is named for two things", "同一文件被用于两处"),
    Rule(
        lambda a: len(a.files) if len(a.files) > MAX_FILES else 0,
        "it names {} files, more than the {files} an avatar may have",
        "列出 {} 个文件，超过形象允许的 {files} 个",
    ),
    Rule(
        lambda a: _bad_file_names(a) or _twice(n.casefold() for n in a.files),
        "file names must be plain names inside the folder",
        "文件名只能是文件夹内的普通文件名",
    ),
    Rule(
        lambda a: [d for d in a.files.values() if len(d) != 64 or set(d) - set("0123456789abcdef")],
        "a sha256 is none",
        "有 sha256 值不合规",
    ),
)
"""Of the files that it names."""


def _twice(names: Iterable[str]) -> list[str]:
    """Names that stand more than once."""
    listed = list(names)
    return [name for name in set(listed) if listed.count(name) > 1]


def _is_shown(text: str) -> bool:
    """Whether a text can be shown as it is: without what steers a terminal or turns the direction of writing."""
    keep = "".join(
        c for c in text if c >= "\u00a0" and not ("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069")
    )
    return plain(text, keep="\n\t" + keep) == text
