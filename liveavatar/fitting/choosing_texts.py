"""What the page says on which a character is chosen."""

from liveavatar.language import Text, tr

STAGES: dict[str, Text] = {
    "points": Text("motion", "运动"),
    "stills": Text("drawing", "绘制"),
    "patches": Text("patches", "局部贴图"),
}
"""Of making a package, as create() tells of them."""


def page_texts() -> dict[str, str]:
    """Of buttons and the like, by name."""
    return {
        "title": tr("Choose a character", "选择角色"),
        "hint": tr(
            "Click one to see it big. Nobody has drawn them before.", "点击可放大查看。它们都是全新的角色。"
        ),
        "more": tr("Others", "换一批"),
        "back": tr("Back", "返回上一批"),
        "cancel": tr("Cancel", "取消"),
        "like": tr("More like this", "更多类似的"),
        "make": tr("Make it", "制作形象"),
        "name": tr("Name", "名称"),
        "noname": tr("Give it a name first.", "请先填写名称。"),
        "code": tr("Seed code: the same character again, on any machine", "种子码：在任何机器上得到同一角色"),
        "copy": tr("Copy", "复制"),
        "copied": tr("Copied", "已复制"),
        "close": tr("Close", "关闭"),
        "before": tr("Previous", "上一个"),
        "after": tr("Next", "下一个"),
        "making": tr("Being made: about a minute.", "正在制作，约一分钟。"),
        "stop": tr("Stop", "停止"),
        "drawing": tr("drawing ...", "绘制中…"),
        "lost": tr("The program has ended. This page can be closed.", "程序已结束，可以关闭此页面。"),
    }
