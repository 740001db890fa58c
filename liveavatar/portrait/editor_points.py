"""What the editor's page knows of points: their names in words, colours, and the lines that join them. Two kinds: a photo's face
has 27, a drawn one 46."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from liveavatar.language import tr
from liveavatar.portrait.drawn_points import check_drawn
from liveavatar.portrait.points import Check, check_points


class Label(NamedTuple):
    """What a point is called on the page."""

    en: str
    zh: str


Line = dict[str, Any]
"""{"group", "closed", "points", "middle"}: between two points "~" rounds the corner as an ellipse between `middle`'s two does."""


@dataclass(frozen=True)
class PointKind:
    """The points of one kind of face."""

    check: Check
    groups: dict[str, tuple[str, ...]]
    """Points of one colour."""
    labels: dict[str, Label]
    lines: tuple[Line, ...]
    ellipses: tuple[tuple[str, ...], ...] = ()
    """Middle, a point of the rim beside it, one below it. The first takes the others along."""

    def told(self) -> dict[str, Any]:
        """For the page."""
        labels = {name: tr(label.en, label.zh) for name, label in self.labels.items()}
        for name in ("rightIris", "leftIris"):
            labels[f"{name}:rim"] = tr(f"{labels[name]}, its size", f"{labels[name]}大小")
        return {
            "labels": labels,
            "groups": {name: group for group, names in self.groups.items() for name in names},
            "lines": self.lines,
            "ellipses": self.ellipses,
        }


def _both(labels: dict[str, Label]) -> dict[str, Label]:
    """{} stands for a side, in names that begin with it or end so."""
    return {
        name.format(side if name[0] == "{" else side.title()): Label(en.format(side), zh.format(chinese))
        for side, chinese in (("right", "右"), ("left", "左"))
        for name, (en, zh) in labels.items()
    }


_LABELS = {
    **_both(
        {
            "{}BrowOuter": Label("{} brow, outer end", "{}眉外端"),
            "{}Brow": Label("{} brow, middle", "{}眉中点"),
            "{}BrowInner": Label("{} brow, inner end", "{}眉内端"),
            "{}EyeOuter": Label("{} eye, outer corner", "{}眼外眼角"),
            "{}EyeInner": Label("{} eye, inner corner", "{}眼内眼角"),
            "{}EyeUpper": Label("{} eye, upper lid (lash line)", "{}眼上眼睑（睫毛线）"),
            "{}EyeLower": Label("{} eye, lower lid", "{}眼下眼睑"),
            "{}Iris": Label("{} iris", "{}眼虹膜"),
            "{}Cheek": Label("{} cheek, outline beside the eye", "{}脸颊轮廓（与眼同高）"),
            "{}Jaw": Label("{} corner of the jaw", "{}下颌角"),
        }
    ),
    "nose": Label("tip of the nose", "鼻尖"),
    "mouthRight": Label("mouth, right end", "嘴右端"),
    "mouthLeft": Label("mouth, left end", "嘴左端"),
    "mouthTop": Label("mouth, upper edge", "嘴上缘"),
    "mouthBottom": Label("mouth, lower edge", "嘴下缘"),
    "forehead": Label("hairline, in the middle", "发际线中点"),
    "chin": Label("chin, lowest point", "下巴最低点"),
}
_DRAWN_LABELS = {
    **_LABELS,
    **_both(
        {
            "{}EyeUpperOuter": Label("{} eye, upper lid, a quarter from outside", "{}眼上眼睑，外四分之一"),
            "{}EyeUpper": Label("{} eye, upper lid: lower edge of the lash line", "{}眼上眼睑：睫毛线下缘"),
            "{}EyeUpperInner": Label("{} eye, upper lid, a quarter from inside", "{}眼上眼睑，内四分之一"),
            "{}EyeLowerInner": Label("{} eye, lower lid, a quarter from inside", "{}眼下眼睑，内四分之一"),
            "{}EyeLowerOuter": Label("{} eye, lower lid, a quarter from outside", "{}眼下眼睑，外四分之一"),
            "{}Iris": Label("{} iris, middle of the whole ellipse", "{}眼虹膜，整个椭圆的中心"),
            "{}IrisOuter": Label("{} iris, rim beside its middle", "{}眼虹膜，中心外侧的边缘"),
            "{}IrisBottom": Label("{} iris, rim below its middle", "{}眼虹膜，中心下方的边缘"),
            "{}Jaw": Label("{} outline at the mouth's height", "{}侧轮廓（与嘴同高）"),
            "mouthTop{}": Label("upper edge of the mouth, half way to the {} end", "嘴上缘，到{}端的一半"),
            "mouthBottom{}": Label("lower edge of the mouth, half way to the {} end", "嘴下缘，到{}端的一半"),
        }
    ),
    "mouthTop": Label("mouth, upper edge of the opening or line", "嘴，开口或线条的上缘"),
    "mouthBottom": Label("mouth, lower edge of the opening or line", "嘴，开口或线条的下缘"),
    "lipTop": Label("upper lip, outer edge", "上唇外缘"),
    "lipBottom": Label("lower lip, outer edge", "下唇外缘"),
    "crown": Label("top of the head with its hair", "头顶（含头发）"),
}


def _line(group: str, closed: bool, names: Sequence[str], *middle: str) -> Line:
    """middle: the two points that lie on both sides of the ellipse's middle."""
    return {"group": group, "closed": closed, "points": names, "middle": middle}


_OUTLINE = _line(
    "outline",
    True,
    ("forehead", "~", "leftCheek", "leftJaw", "chin", "rightJaw", "rightCheek", "~"),
    "rightCheek",
    "leftCheek",
)
_BROWS = tuple(
    _line("brows", False, (f"{s}BrowOuter", f"{s}Brow", f"{s}BrowInner")) for s in ("right", "left")
)
_BROW_NAMES = tuple(f"{side}Brow{part}" for side in ("right", "left") for part in ("Outer", "", "Inner"))
_FACE = ("forehead", "rightCheek", "leftCheek", "rightJaw", "leftJaw", "chin")

PHOTO = PointKind(
    check=check_points,
    groups={
        "brows": _BROW_NAMES,
        "eyes": (
            *(
                f"{side}Eye{part}"
                for side in ("right", "left")
                for part in ("Outer", "Inner", "Upper", "Lower")
            ),
            "rightIris",
            "leftIris",
        ),
        "nose": ("nose",),
        "mouth": ("mouthRight", "mouthLeft", "mouthTop", "mouthBottom"),
        "outline": _FACE,
    },
    labels=_LABELS,
    lines=(
        _OUTLINE,
        *_BROWS,
        *(
            _line(
                "eyes",
                True,
                (f"{s}EyeOuter", "~", f"{s}EyeUpper", "~", f"{s}EyeInner", "~", f"{s}EyeLower", "~"),
                f"{s}EyeOuter",
                f"{s}EyeInner",
            )
            for s in ("right", "left")
        ),
        _line(
            "mouth",
            True,
            ("mouthRight", "~", "mouthTop", "~", "mouthLeft", "~", "mouthBottom", "~"),
            "mouthRight",
            "mouthLeft",
        ),
    ),
)
_EYE = (
    "EyeOuter", "EyeUpperOuter", "EyeUpper", "EyeUpperInner", "EyeInner", "EyeLowerInner", "EyeLower", "EyeLowerOuter",
)  # fmt: skip
_MOUTH = (
    "mouthRight",
    "mouthTopRight",
    "mouthTop",
    "mouthTopLeft",
    "mouthLeft",
    "mouthBottomLeft",
    "mouthBottom",
    "mouthBottomRight",
)
_IRISES = tuple(tuple(f"{side}Iris{part}" for part in ("", "Outer", "Bottom")) for side in ("right", "left"))
DRAWN = PointKind(
    check=check_drawn,
    groups={
        "brows": _BROW_NAMES,
        "eyes": (
            *(side + part for side in ("right", "left") for part in _EYE),
            *(name for iris in _IRISES for name in iris),
        ),
        "nose": ("nose",),
        "mouth": (*_MOUTH, "lipTop", "lipBottom"),
        "outline": (*_FACE, "crown"),
    },
    labels=_DRAWN_LABELS,
    lines=(
        _OUTLINE,
        *_BROWS,
        *(_line("eyes", True, tuple(side + part for part in _EYE)) for side in ("right", "left")),
        _line("mouth", True, _MOUTH),
    ),
    ellipses=_IRISES,
)
