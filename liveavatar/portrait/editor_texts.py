"""What the editor's page says: buttons and hints. The points' names are in editor_points.py."""

from liveavatar.language import tr


def legend() -> dict[str, str]:
    """Group of points -> what it is called."""
    return {
        "brows": tr("brows", "眉毛"),
        "eyes": tr("eyes", "眼睛"),
        "nose": tr("nose", "鼻子"),
        "mouth": tr("mouth", "嘴"),
        "outline": tr("outline", "脸部轮廓"),
    }


def page_texts(name: str) -> dict[str, str]:
    """name: the avatar's."""
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
            "The hollow points on an iris change its size. Faint points are hidden in the picture.",
            "虹膜边上的空心点用于调整大小。颜色较淡的点在图中被遮住。",
        ),
        "help3": tr(
            "Wheel: closer and farther. Drag beside the points: move the picture.",
            "滚轮缩放；在点以外的地方拖动可移动图片。",
        ),
        "help4": tr(
            "Keys: Tab takes the next point, arrows move it (Shift: further), + and - zoom.",
            "键盘：Tab 选下一个点，方向键移动（加 Shift 幅度更大），+ 和 - 缩放。",
        ),
        "closer": tr("closer", "放大"),
        "farther": tr("farther", "缩小"),
        "whole": tr("face or whole picture", "面部／整张图片"),
        "undo": tr("Undo", "撤销"),
        "reset": tr("Reset to suggestion", "恢复为建议"),
        "cancel": tr("Cancel", "取消"),
        "sure": tr("Discard the changes?", "确定放弃修改？"),
        "done": tr("Done", "完成"),
        "making": tr(
            "The avatar is being made. The terminal shows how far it is.",
            "正在制作形象，进度显示在终端中。",
        ),
        "ready": tr("live", "实时"),
        "busy": tr("rebuilding", "正在重建"),
        "kept": tr("last good avatar", "上一个可用的形象"),
        "lost": tr("The program has ended. This page can be closed.", "程序已结束，可以关闭此页面。"),
    }
