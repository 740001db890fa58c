"""A page for each avatar that ships, docs/avatars/NAME.md, from its card: python scripts/model_cards.py"""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "avatars"
WHO = {
    "hoshi": ("a girl with cat ears, dusk and stars", "猫耳少女，暮色与星"),
    "yuki": ("hoshi's sister in snow and deep water", "hoshi 的姐妹，雪与深水"),
    "ren": ("a night rider, ink and ember", "夜行骑手，墨与余烬"),
    "liora": ("keeper of a greenhouse library, copper and emerald", "温室图书馆管理员，铜与翡翠"),
    "pico": ("a garden robot that looks after seedlings", "照看幼苗的园艺机器人"),
}
MEASURED = dict.fromkeys(WHO, "2026-11-30")
"""Day of the figures on the card."""
WEAK = {
    "hoshi": (
        "the far eye and locks of a head turned all the way, laughing eyes of rare mixes",
        "大幅转头时远侧的眼与发束，以及罕见组合中的笑眼",
    ),
    "yuki": (
        "the far eye and locks of a head turned all the way, laughing eyes of rare mixes",
        "大幅转头时远侧的眼与发束，以及罕见组合中的笑眼",
    ),
    "ren": ("the mouth, which is soft where it is small and round", "小圆嘴形偏软"),
    "liora": ("eyes behind the glasses, and small round mouths", "眼镜后的眼睛，以及小圆嘴形"),
    "pico": ("rare mixes on its screen at full strength", "屏幕上满强度的罕见组合"),
}


def page(card: dict[str, Any], size: int, chinese: bool) -> str:
    """The Markdown page of one card. size: bytes of the package."""

    def tr(english: str, other: str) -> str:
        return other if chinese else english

    name, made, options = card["name"], card["made_with"], card["made_with"]["options"]
    who, weak = WHO[name][chinese], WEAK[name][chinese]
    held = card["figures"]["held-out"]
    psnr = held["psnr"]
    head = {
        c["name"]: round(c["maximum"] * 57.2958) for c in card["controls"] if c["name"].startswith("head")
    }
    start = options.get("start", "")
    start = (
        tr("an earlier *", "较早的 *") * (start == name)
        + "*" * (start not in ("", name))
        + start
        + "*" * bool(start)
    )
    device = made.get("device", "cpu").replace("cpu", "CPU")
    rows = [
        (tr("frame", "全图"), f"{psnr['frame']:.1f} dB"),
        (tr("head", "头部"), f"{psnr['head']:.1f} dB"),
        (tr("eyes and mouth, mean", "眼与嘴，平均"), f"{psnr['crops']:.1f} dB"),
        (tr("eyes and mouth, worst", "眼与嘴，最差"), f"{psnr['crops_worst']:.1f} dB"),
        (tr("SSIM of the head", "头部 SSIM"), f"{held['ssim_head']:.3f}"),
        (tr("sharpness, 1 is the teacher's", "清晰度，教师为 1"), f"{held['sharpness']:.2f}"),
    ]
    twin = f"{name}.md" if chinese else f"{name}.zh-CN.md"
    began = tr(f"; it began from {start}" if start else "", f"；起点为 {start}" if start else "")
    lines = [
        f"# {name}", "", f"[{tr('中文', 'English')}]({twin})", "",
        f'<img src="../../weights/{name}/preview.png" width="256" alt="{name}">', "",
        tr(f"{who[0].upper()}{who[1:]}.", f"{who}。"), "",
        "    " + f"liveavatar run --avatar {name}", "",
        tr("## What it is", "## 是什么"), "",
        tr(
            f"A package of kind `{card['kind']}`: a conditional GAN of {len(card['layers'])} layers, "
            f"{len(card['controls'])} controls, {card['size'][0]}x{card['size'][1]} pixels with alpha, {size / 2**20:.0f} MB.",
            f"`{card['kind']}` 类型的形象包：{len(card['layers'])} 个图层、{len(card['controls'])} 个控制量的条件 GAN，"
            f"{card['size'][0]}x{card['size'][1]} 像素带透明通道，{size / 2**20:.0f} MB。",
        ), "",
        tr("## What it was trained on", "## 用什么训练"), "",
        tr(
            f"{options['frames']:,} pictures drawn in code by the rig `{options['rig']}`, and no others: no photographs, "
            f"no pictures of people, no data of anybody else. {made['step']:,} steps of {options['batch']} pictures in "
            f"{made['training_seconds']:,} s on {made['cores']} cores ({device}){began}. {card['consent']} "
            f"Seed {options['seed']}.",
            f"由代码角色 `{options['rig']}` 绘制的 {options['frames']:,} 张图，别无其他：没有照片，没有人物图片，没有他人的数据。"
            f"{made['step']:,} 步，每步 {options['batch']} 张，用时 {made['training_seconds']:,} 秒，"
            f"{made['cores']} 个核心（{device}）{began}。虚构角色，不代表任何人。随机种子 {options['seed']}。",
        ), "",
        tr("## Figures", "## 数据"), "",
        tr(
            f"Against its teacher on {held['n']} held-out expressions at full strength and turn, {MEASURED[name]} "
            f"(`liveavatar evaluate --avatar {name}`; [what they mean](../metrics.md)):",
            f"与教师画面相比，{held['n']} 个满强度、大角度的未训练表情，{MEASURED[name]}"
            f"（`liveavatar evaluate --avatar {name}`；[含义](../metrics.zh-CN.md)）：",
        ), "",
        f"| {tr('what', '项目')} | {tr('figure', '数据')} |", "| --- | --- |",
        *(f"| {what} | {figure} |" for what, figure in rows), "",
        tr("## Limits", "## 局限"), "",
        tr(
            f"It turns up to {head['headYaw']}° to the side, {head['headPitch']}° up and down, and tilts {head['headRoll']}°. "
            f"Weakest: {weak}; mixes of many controls at full strength.",
            f"左右最多转 {head['headYaw']}°，上下 {head['headPitch']}°，倾斜 {head['headRoll']}°。"
            f"最弱之处：{weak}；许多控制量同时达到满强度的组合。",
        ), "",
        tr("## Licence", "## 许可"), "",
        tr(f"{card['licence']}. {card['credits']}", f"{card['licence']}。由 liveavatar 的作者用代码绘制并训练。"), "",
        tr(
            "Made by `python scripts/model_cards.py` from the package's card.",
            "由 `python scripts/model_cards.py` 根据形象包的名片生成。",
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Every page with its text."""
    made = {}
    for path in sorted((ROOT / "weights").glob("*/avatar.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        size = sum(file.stat().st_size for file in path.parent.iterdir())
        made[PAGES / f"{card['name']}.md"] = page(card, size, False)
        made[PAGES / f"{card['name']}.zh-CN.md"] = page(card, size, True)
    return made


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
