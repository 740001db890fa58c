"""The hotkeys that decks show and press: what Actions can do, by VTube Studio's names for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from liveavatar.app.actions import STEP
from liveavatar.app.vts.protocol import Data, identity
from liveavatar.language import tr
from liveavatar.retargeting.reactions import EMOTES, IMPULSES, NONE

EXPRESSION = ".exp3.json"


@dataclass(frozen=True)
class Hotkey:
    """One that decks show and press."""

    name: str
    kind: str
    """VTube Studio's word for what it does."""
    does: str
    """For people."""
    file: str = ""
    command: Data = field(default_factory=dict)
    """For Actions.handle."""

    @property
    def id(self) -> str:
        """The same in every run."""
        return identity(f"hotkey {self.name}")


def hotkeys(avatars: Iterable[str]) -> list[Hotkey]:
    """All there are, with those that change to one of these avatars."""

    def emotes(kind: str, does: str, ending: str, names: Iterable[str]) -> list[Hotkey]:
        return [Hotkey(n, kind, does, ending and n + ending, {"command": "emote", "emote": n}) for n in names]

    def framed(name: str, does: str, change: Data) -> Hotkey:
        return Hotkey(name, "MoveModel", does, "", {"command": "framing", **change})

    card = tr("neutral card in place of the avatar", "用静态卡片代替形象")
    rest, change = tr("look straight and rest", "正视并放松"), tr("change the avatar", "更换形象")
    return [
        *emotes("ToggleExpression", tr("emote", "表情"), EXPRESSION, EMOTES),
        *emotes("RemoveAllExpressions", tr("no emote", "无表情"), "", (NONE,)),
        *emotes("TriggerAnimation", tr("move of the head", "头部动作"), ".motion3.json", IMPULSES),
        Hotkey("recenter", "CalibrateCam", rest, "", {"command": "recenter"}),
        Hotkey("panic", "ToggleTracker", card, "", {"command": "panic"}),
        framed("mirror", tr("flip the avatar", "左右翻转形象"), {"mirror": None}),
        framed("closer", tr("zoom in", "放大"), {"zoom": STEP}),
        framed("farther", tr("zoom out", "缩小"), {"zoom": 1 / STEP}),
        *(
            Hotkey(f"avatar {name}", "ChangeVTSModel", change, f"{name}.vtube.json", {"avatar": name})
            for name in avatars
        ),
    ]
