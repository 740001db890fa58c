"""What the editor's page says: names and colours of the points, buttons and hints."""

from typing import NamedTuple

from liveavatar.language import tr

GROUPS: dict[str, tuple[str, ...]] = {
    "brows": tuple(f"{side}Brow{part}" for side in ("right", "left") for part in ("Outer", "", "Inner")),
    "eyes": (
        *(f"{side}Eye{part}" for side in ("right", "left") for part in ("Outer", "Inner", "Upper", "Lower")),
        "rightIris",
        "leftIris",
    ),
    "nose": ("nose",),
    "mouth": ("mouthRight", "mouthLeft", "mouthTop", "mouthBottom"),
    "outline": ("forehead", "rightCheek", "leftCheek", "rightJaw", "leftJaw", "chin"),
}
"""Points of one colour."""


class Label(NamedTuple):
    """What a point is called on the page."""

    en: str
    zh: str


LABELS: dict[str, Label] = {
    "rightBrowOuter": Label("right brow, outer end", "右眉外端"),
    "rightBrow": Label("right brow, middle", "右眉中点"),
    "rightBrowInner": Label("right brow, inner end", "右眉内端"),
    "leftBrowInner": Label("left brow, inner end", "左眉内端"),
    "leftBrow": Label("left brow, middle", "左眉中点"),
    "leftBrowOuter": Label("left brow, outer end", "左眉外端"),
    "rightEyeOuter": Label("right eye, outer corner", "右眼外眼角"),
    "rightEyeInner": Label("right eye, inner corner", "右眼内眼角"),
    "rightEyeUpper": Label("right eye, upper lid (lash line)", "右眼上眼睑（睫毛线）"),
    "rightEyeLower": Label("right eye, lower lid", "右眼下眼睑"),
    "rightIris": Label("right iris", "右眼虹膜"),
    "leftEyeInner": Label("left eye, inner corner", "左眼内眼角"),
    "leftEyeOuter": Label("left eye, outer corner", "左眼外眼角"),
    "leftEyeUpper": Label("left eye, upper lid (lash line)", "左眼上眼睑（睫毛线）"),
    "leftEyeLower": Label("left eye, lower lid", "左眼下眼睑"),
    "leftIris": Label("left iris", "左眼虹膜"),
    "nose": Label("tip of the nose", "鼻尖"),
    "mouthRight": Label("mouth, right end", "嘴右端"),
    "mouthLeft": Label("mouth, left end", "嘴左端"),
    "mouthTop": Label("mouth, upper edge", "嘴上缘"),
    "mouthBottom": Label("mouth, lower edge", "嘴下缘"),
    "forehead": Label("hairline, in the middle", "发际线中点"),
    "rightCheek": Label("right cheek, outline beside the eye", "右脸颊轮廓（与眼同高）"),
    "leftCheek": Label("left cheek, outline beside the eye", "左脸颊轮廓（与眼同高）"),
    "rightJaw": Label("right corner of the jaw", "右下颌角"),
    "leftJaw": Label("left corner of the jaw", "左下颌角"),
    "chin": Label("chin, lowest point", "下巴最低点"),
}
"""Point -> what it is called."""


def page_texts(name: str) -> dict[str, str]:
    return {
        "title": tr(f"The face of {name}", f"{name} 的面部"),
        "hint": tr(
            "Drag the points to where they belong; the avatar follows. The picture stays on this computer.",
            "把各点拖到对应的位置，形象会随之变化。图片不会离开这台电脑。",
        ),
        "help1": tr(
            "Right and left are the character's own: its right eye is on the left.",
            "左右以角色自身为准：角色的右眼在画面左侧。",
        ),
        "help2": tr(
            "The hollow point on an iris changes its size.",
            "虹膜边上的空心点用于调整大小。",
        ),
        "help3": tr(
            "Wheel: closer and farther. Drag beside the points: move the picture.",
            "滚轮缩放；在点以外的地方拖动可移动图片。",
        ),
        "closer": tr("closer", "放大"),
        "farther": tr("farther", "缩小"),
        "whole": tr("face or whole picture", "面部／整张图片"),
        "undo": tr("Undo", "撤销"),
        "reset": tr("Reset to suggestion", "恢复为建议"),
        "cancel": tr("Cancel", "取消"),
        "sure": tr("Discard the changes?", "确定放弃修改？"),
        "done": tr("Done", "完成"),
        "ready": tr("live", "实时"),
        "busy": tr("rebuilding", "正在重建"),
        "kept": tr("last good avatar", "上一个可用的形象"),
        "lost": tr("The program has ended. This page can be closed.", "程序已结束，可以关闭此页面。"),
    }
