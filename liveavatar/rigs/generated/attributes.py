"""What can be asked of a character by name: cuts, outfits, styles, species, what is worn; and names of colours.

Seed codes count the rows of these tables: only ever append, never take out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from liveavatar.errors import TrainingError
from liveavatar.language import Text, language, tr

CUTS: dict[str, Text] = {
    "crop": Text("crop", "短发"),
    "spikes": Text("spikes", "刺猬头"),
    "slick": Text("slicked back", "背头"),
    "quiff": Text("quiff", "飞机头"),
    "mop": Text("curly mop", "短卷发"),
    "afro": Text("afro", "爆炸头"),
    "buzz": Text("buzz cut", "寸头"),
    "bald": Text("bald", "光头"),
    "wolf": Text("wolf cut", "狼尾"),
    "undercut": Text("undercut", "侧剃"),
    "bob": Text("bob", "波波头"),
    "blunt_bob": Text("blunt bob", "齐短发"),
    "flipped": Text("flipped bob", "外翘短发"),
    "uneven_bob": Text("uneven bob", "不对称短发"),
    "long_straight": Text("long straight", "长直发"),
    "long_wavy": Text("long wavy", "长波浪"),
    "long_layered": Text("long layered", "长层次"),
    "long_curly": Text("long curly", "长卷发"),
    "princess": Text("princess cut", "姬发式"),
    "twin_high": Text("twintails", "高双马尾"),
    "twin_low": Text("low twintails", "低双马尾"),
    "drills": Text("drills", "钻头双马尾"),
    "two_braids": Text("two braids", "双麻花辫"),
    "side_tail": Text("side ponytail", "侧马尾"),
    "pony": Text("ponytail", "马尾"),
    "samurai": Text("samurai", "武士束发"),
    "bun": Text("bun", "发髻"),
    "two_buns": Text("two buns", "双丸子头"),
    "two_side_up": Text("two side up", "半扎双马尾"),
}
OUTFITS: dict[str, Text] = {
    "sailor": Text("sailor uniform", "水手服"),
    "blazer": Text("blazer", "西装校服"),
    "cardigan": Text("cardigan", "开衫"),
    "tunic": Text("school tunic", "立领校服"),
    "tee": Text("tee", "T恤"),
    "hoodie": Text("hoodie", "连帽衫"),
    "varsity": Text("varsity jacket", "棒球夹克"),
    "track": Text("track top", "运动服"),
    "slipped": Text("off-shoulder jacket", "露肩外套"),
    "dungarees": Text("dungarees", "背带裤"),
    "suit": Text("suit", "西装"),
    "waistcoat": Text("waistcoat", "马甲"),
    "evening": Text("evening dress", "晚礼服"),
    "blouse": Text("blouse", "蝴蝶结衬衫"),
    "lab_coat": Text("lab coat", "白大褂"),
    "kimono": Text("kimono", "和服"),
    "haori": Text("haori", "羽织"),
    "mandarin": Text("mandarin tunic", "旗袍领上衣"),
    "robe": Text("robe", "汉服"),
    "armour": Text("armour", "铠甲"),
    "mantle": Text("mage mantle", "法师披肩"),
    "ranger": Text("ranger", "游侠皮甲"),
    "stole": Text("priest robe", "祭司长袍"),
    "noble": Text("fur coat", "毛领大衣"),
    "lolita": Text("lolita dress", "洛丽塔裙"),
    "vampire": Text("vampire coat", "吸血鬼大衣"),
    "corset": Text("corset", "束胸衣"),
    "maid": Text("maid", "女仆装"),
    "mourning": Text("gothic coat", "哥特大衣"),
    "ringmaster": Text("tailcoat", "燕尾服"),
    "prince": Text("prince uniform", "王子礼服"),
    "bolero": Text("bolero", "短外套演出服"),
    "stage": Text("stage dress", "舞台裙"),
    "rocker": Text("leather jacket", "皮夹克"),
    "pilot": Text("pilot suit", "驾驶服"),
    "technical": Text("techwear coat", "机能风外套"),
    "plates": Text("plate suit", "未来装甲"),
    "courier": Text("vest", "机能背心"),
    "turtleneck": Text("turtleneck", "高领毛衣"),
    "jumper": Text("jumper", "宽松毛衣"),
    "winter": Text("winter coat", "冬大衣"),
    "shawl_cardigan": Text("long cardigan", "长开衫"),
    "night": Text("nightshirt", "睡衣"),
}
STYLES: dict[str, Text] = {
    "clean": Text("clean", "清线"),
    "cel": Text("cel", "赛璐璐"),
    "airy": Text("airy", "空气感"),
    "painted": Text("painted", "厚涂"),
    "cutout": Text("cutout", "剪纸"),
    "pencil": Text("pencil", "铅笔"),
    "watercolour": Text("watercolour", "水彩"),
    "inked": Text("inked", "墨线"),
}
SPECIES: dict[str, Text] = {
    "human": Text("human", "人类"),
    "cat": Text("cat", "猫"),
    "fox": Text("fox", "狐"),
    "rabbit": Text("rabbit", "兔"),
    "wolf": Text("wolf", "狼"),
    "elf": Text("elf", "精灵"),
    "demon": Text("demon", "恶魔"),
    "angel": Text("angel", "天使"),
    "dragon": Text("dragon", "龙"),
    "spirit": Text("spirit", "幽灵"),
    "robot": Text("robot", "机器人"),
}
THINGS: dict[str, Text] = {
    "beret": Text("beret", "贝雷帽"),
    "cap": Text("cap", "棒球帽"),
    "beanie": Text("beanie", "毛线帽"),
    "witch_hat": Text("witch hat", "女巫帽"),
    "sun_hat": Text("sun hat", "遮阳帽"),
    "little_hat": Text("little hat", "小礼帽"),
    "hairband": Text("hairband", "发带"),
    "frills": Text("frills", "褶边头饰"),
    "flower_crown": Text("flower crown", "花冠"),
    "crown": Text("crown", "王冠"),
    "headphones": Text("headphones", "耳机"),
    "goggles": Text("goggles", "护目镜"),
    "side_mask": Text("side mask", "侧戴面具"),
    "flower": Text("flower", "花饰"),
    "bow": Text("bow", "蝴蝶结"),
    "bows": Text("two bows", "双蝴蝶结"),
    "pins": Text("hairpins", "发夹"),
    "earrings": Text("earrings", "耳环"),
    "glasses": Text("glasses", "眼镜"),
    "monocle": Text("monocle", "单片眼镜"),
    "eye_patch": Text("eye patch", "眼罩"),
    "plaster": Text("plaster", "创可贴"),
    "cheek_signs": Text("cheek signs", "脸颊图案"),
}

COLOURS: dict[str, str] = {
    "black 黑色": "#26232b",
    "white 白色": "#f2f0f2",
    "grey gray 灰色": "#8b8a92",
    "silver 银色": "#c9cbd6",
    "red 红色": "#c8283a",
    "crimson 绯红": "#a3152f",
    "pink 粉色 粉红色": "#f29bb6",
    "rose 玫瑰色": "#d85a80",
    "coral 珊瑚色": "#f08a72",
    "orange 橙色 橘色": "#ee8434",
    "amber 琥珀色": "#d99430",
    "gold golden 金色": "#d9b04a",
    "blond blonde 金发色": "#e8cb86",
    "yellow 黄色": "#f2d149",
    "cream 奶油色 米色": "#f0e2c4",
    "lime 黄绿色": "#a8d83c",
    "green 绿色": "#4f9e54",
    "emerald 翠绿": "#1f9a6d",
    "mint 薄荷绿 薄荷色": "#8fe0c0",
    "olive 橄榄色": "#7f8444",
    "teal 青色": "#2a8c94",
    "cyan 蓝绿色": "#52cfdb",
    "aqua turquoise 湖蓝": "#5cc9c4",
    "sky skyblue 天蓝 天蓝色": "#86c5ef",
    "blue 蓝色": "#3c6fd0",
    "navy 藏青 深蓝色": "#28356e",
    "indigo 靛蓝 靛色": "#4a45a8",
    "violet 紫罗兰": "#7c58c8",
    "purple 紫色": "#8b48a8",
    "lavender lilac 薰衣草色 淡紫色": "#b9a6e6",
    "magenta 品红 洋红": "#cf3f9d",
    "brown 棕色 褐色": "#7a4a30",
    "chestnut 栗色": "#8a4a34",
    "auburn 红褐色": "#8c3b2a",
    "hazel 榛色": "#8e6b3a",
    "beige 米黄": "#e0c9a6",
    "porcelain 瓷白": "#fdf0e8",
    "fair light 白皙": "#fbe3d2",
    "peach 桃色": "#f8cdb2",
    "tan 小麦色": "#dba67c",
    "bronze 古铜色": "#b57a50",
    "dark 深色": "#6d422c",
    "ebony 乌木色": "#4e2d22",
}
"""Names of a colour -> sRGB."""
_COLOURS = {name: code for names, code in COLOURS.items() for name in names.split()}
_HEX = re.compile("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Attribute:
    """Something of a character that can be asked for."""

    label: Text
    values: Mapping[str, Text] | None = None
    """Names and their labels; None for colours."""
    many: bool = False
    """Whether several can be asked at once."""

    def read(self, given: str) -> str:
        """What was asked, in the one form that recipes have: #rrggbb, a name, or names with commas. Raises TrainingError."""
        if self.values is None:
            return colour(given)
        if not self.many:
            return _name(self, given)
        names = [part.strip() for part in re.split("[,，+]", given) if part.strip()]
        if [name.lower() for name in names] in (["none"], ["无"], []):
            return "none"
        return ",".join(sorted({_name(self, name) for name in names}, key=list(self.values).index))


ATTRIBUTES: dict[str, Attribute] = {
    "hair": Attribute(Text("hair colour", "发色")),
    "eyes": Attribute(Text("eye colour", "瞳色")),
    "skin": Attribute(Text("skin", "肤色")),
    "cut": Attribute(Text("haircut", "发型"), CUTS),
    "outfit": Attribute(Text("outfit", "服装"), OUTFITS),
    "style": Attribute(Text("drawing style", "画风"), STYLES),
    "species": Attribute(Text("species", "种族"), SPECIES),
    "wear": Attribute(Text("thing to wear", "头饰"), THINGS, many=True),
}
"""By the name of the option."""


def colour(given: str) -> str:
    """#rrggbb of #rgb, #rrggbb or a name. Raises TrainingError."""
    text = given.strip().lower().replace("_", "").replace("-", "")
    if text in _COLOURS or text + "色" in _COLOURS:
        return _COLOURS.get(text) or _COLOURS[text + "色"]
    found = _HEX.fullmatch(text)
    if found is None:
        near = get_close_matches(text, _COLOURS, 1, 0.6)
        listed = ", ".join(names.split()[-1 if language() == "zh" else 0] for names in COLOURS)
        raise TrainingError(
            tr(
                f"no colour {given!r}{perhaps(near)}; give #rgb, #rrggbb or a name: {listed}",
                f"没有颜色 {given!r}{perhaps(near)}；请用 #rgb、#rrggbb 或名称：{listed}",
            )
        )
    digits = found[1]
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def _name(attribute: Attribute, given: str) -> str:
    values = attribute.values or {}
    known = {_plain(word): name for name, text in values.items() for word in (text.en, text.zh, name)}
    if _plain(given) in known:
        return known[_plain(given)]
    near = get_close_matches(_plain(given), known, 1, 0.6)
    if near and language() != "zh":
        near = [known[near[0]]]
    what = tr(attribute.label.en, attribute.label.zh)
    listed = ", ".join(
        name + (f"（{text.zh}）" if language() == "zh" else "") for name, text in values.items()
    )
    raise TrainingError(
        tr(
            f"no {what} {given!r}{perhaps(near)}; there are {listed}",
            f"没有{what} {given!r}{perhaps(near)}；可选 {listed}",
        )
    )


def _plain(word: str) -> str:
    return re.sub("[ _-]", "", word.lower())


def perhaps(near: list[str]) -> str:
    """A guess at what was meant, to stand behind what was given."""
    return tr(f" (did you mean {near[0]}?)", f"（是否指 {near[0]}？）") if near else ""
