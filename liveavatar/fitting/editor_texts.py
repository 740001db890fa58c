"""What the page that changes a character says: its sections in order, colours to choose from, buttons and hints."""

from typing import Any, NamedTuple

from liveavatar.fitting.preview import SPEAK
from liveavatar.language import Text, tr
from liveavatar.rigs.generated.attributes import ATTRIBUTES, COLOURS
from liveavatar.rigs.generated.sliders import SLIDERS


class Section(NamedTuple):
    """A group of rows."""

    label: Text
    rows: tuple[str, ...]
    """Names of attributes and sliders."""
    part: str = ""
    """What its dice takes from another seed."""


SECTIONS: dict[str, Section] = {
    "who": Section(Text("Character", "角色"), ("species", "femininity", "age", "energy")),
    "colour": Section(Text("Colours", "配色"), ("hair", "eyes", "skin"), "colour"),
    "hair": Section(Text("Hair", "头发"), ("cut", "hair_length"), "hair"),
    "eyes": Section(
        Text("Eyes", "眼睛"),
        ("eye_size", "eye_open", "eye_tilt", "eye_distance", "eye_height", "iris", "pupil", "lashes", "brow_height",
         "brow_weight", "brow_tilt"),
    ),
    "face": Section(
        Text("Face", "面部"),
        ("face_width", "jaw", "chin", "nose", "nose_height", "mouth_width", "mouth_height", "smile", "blush"),
        "face",
    ),
    "body": Section(Text("Body", "身体"), ("head", "shoulders", "neck"), "body"),
    "outfit": Section(Text("Clothes", "服装"), ("outfit",), "outfit"),
    "worn": Section(Text("Accessories", "配饰"), ("wear",), "worn"),
    "style": Section(Text("Style", "画风"), ("style", "lines"), "style"),
    "seed": Section(Text("Seed code", "种子码"), ()),
}  # fmt: skip
PRESETS = {
    "hair": ("black", "brown", "chestnut", "blond", "silver", "pink", "crimson", "orange", "mint", "sky", "lavender", "navy"),
    "eyes": ("brown", "hazel", "amber", "red", "pink", "green", "teal", "sky", "blue", "violet", "grey"),
    "skin": ("porcelain", "fair", "peach", "tan", "bronze", "dark", "ebony"),
}  # fmt: skip
"""Attribute -> names of COLOURS."""
_HEAD = (0.18, 0.03, 0.64)
CROPS = {
    "species": _HEAD,
    "cut": (0.1, 0.02, 0.8),
    "outfit": (0.17, 0.34, 0.66),
    "wear": _HEAD,
    "style": (0.24, 0.16, 0.5),
}
"""What of a small picture is shown: x, y, side, in shares of it."""
ACTS: dict[str, Text] = {
    SPEAK: Text("Speak", "说话"),
    "joy": Text("Smile", "微笑"),
    "surprise": Text("Surprise", "惊讶"),
    "sadness": Text("Sad", "难过"),
    "anger": Text("Angry", "生气"),
    "wink": Text("Wink", "眨眼"),
}
STAGES: dict[str, Text] = {
    "points": Text("motion", "运动"),
    "stills": Text("drawing", "绘制"),
    "patches": Text("patches", "局部贴图"),
}
"""Of fitting a package."""


def sections() -> list[dict[str, Any]]:
    """The page's sections with all their rows."""
    return [
        {
            "key": key,
            "label": tr(section.label.en, section.label.zh),
            "part": section.part,
            "rows": [_row(name) for name in section.rows],
        }
        for key, section in SECTIONS.items()
    ]


def _row(name: str) -> dict[str, Any]:
    if name in SLIDERS:
        of = SLIDERS[name]
        return {
            "kind": "slider",
            "name": name,
            "label": tr(of.label.en, of.label.zh),
            "low": tr(of.low.en, of.low.zh),
            "high": tr(of.high.en, of.high.zh),
        }
    attribute = ATTRIBUTES[name]
    row = {"name": name, "label": tr(attribute.label.en, attribute.label.zh)}
    if attribute.values is None:
        named = {
            names.split()[0]: (Text(names.split()[0], names.split()[-1]), code)
            for names, code in COLOURS.items()
        }
        presets = [(tr(word.en, word.zh), code) for word, code in (named[name] for name in PRESETS[name])]
        return {"kind": "colour", "presets": presets, **row}
    options = [[value, tr(label.en, label.zh)] for value, label in attribute.values.items()]
    return {"kind": "many" if attribute.many else "choice", "options": options, **row}


def page_texts(name: str) -> dict[str, str]:
    """Words of the page by name; name: the avatar's."""
    return {
        "title": tr(f"Adjust {name}", f"调整 {name}"),
        "hint": tr("Nothing is changed until you save.", "保存之前不会改动任何内容。"),
        "acts": tr("What the character does", "角色的动作"),
        "parts": tr("Parts of the character", "角色的各部分"),
        "picture": tr("The character as it is now", "角色当前的样子"),
        "dice0": tr("Another", "换一个"),
        "diceAll": tr("Another seed for everything", "全部换一个种子"),
        "dice": tr("Another seed", "换一个种子"),
        "undo": tr("Undo (Ctrl+Z)", "撤销（Ctrl+Z）"),
        "redo": tr("Redo (Ctrl+Shift+Z)", "重做（Ctrl+Shift+Z）"),
        "resetAll": tr("Back to the character as it was", "恢复为原来的角色"),
        "back": tr("As the seed gave it", "恢复为种子给出的值"),
        "asGiven": tr("as the seed gave it", "种子给出的值"),
        "compare": tr("Original", "原角色"),
        "compareHint": tr("Hold to see the character as it was", "按住查看原来的角色"),
        "none": tr("none", "无"),
        "ready": tr("live", "实时"),
        "busy": tr("drawing", "绘制中"),
        "kept": tr("last good picture", "上一个可用的画面"),
        "code": tr("Seed code of this character", "该角色的种子码"),
        "codeHint": tr(
            "This code draws the same character on any machine.", "此代码在任何电脑上都画出同一个角色。"
        ),
        "copy": tr("Copy", "复制"),
        "copied": tr("Copied", "已复制"),
        "paste": tr("Seed code or number", "种子码或数字"),
        "use": tr("Use", "使用"),
        "mix": tr("Mix with seed", "与种子混合"),
        "mixWay": tr("How far towards it", "混合程度"),
        "cancel": tr("Cancel", "取消"),
        "sure": tr("Discard the changes?", "确定放弃修改？"),
        "save": tr("Save", "保存"),
        "saving": tr(f"{name} is being made anew.", f"正在重新制作 {name}。"),
        "stop": tr("Stop", "停止"),
        "lost": tr("The program has ended. This page can be closed.", "程序已结束，可以关闭此页面。"),
    }
