"""The page on which a user drags the points of a face and sees the avatar that results blink and speak meanwhile.

Served by base/local_page.py from liveavatar/assets/edit.html. The newest points are built in a thread of their own; until that is
done, and where they make no face, the last good avatar plays on. Knows neither how an avatar is built nor where it is kept.
"""

import json
import math
import secrets
import struct
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from liveavatar.base.curves import smoothstep
from liveavatar.base.local_page import LocalPage
from liveavatar.base.mailbox import Closed, Mailbox, worker
from liveavatar.base.strict_json import parse_json
from liveavatar.base.timing import now
from liveavatar.controls import gaze, vector
from liveavatar.errors import LiveAvatarError
from liveavatar.language import language, tr
from liveavatar.media.picture import Picture
from liveavatar.media.png import encode_png
from liveavatar.portrait.points import Points, PointsError, check_points
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.retargeting.idle import breathing
from liveavatar.types import Expression

CLOSED_FOR = 60.0
"""Seconds after which a page that was closed is not waited for any longer; a reload takes less."""
LOOP = 10.0
"""Seconds of the performance."""


class Editor:
    """Shows the page until close(). Points that the page sends are checked before anything is made of them."""

    def __init__(
        self, picture: Picture, start: Points, suggested: Points, build: Callable[[Points], Puppet], name: str
    ) -> None:
        """start: the points to begin with; suggested: what "reset" goes back to. build: called in a thread of its own
        with checked points. name: the avatar's."""
        height, width = picture.rgba.shape[:2]
        self._size = (width, height)
        self._build = build
        self._lock = threading.Condition()
        """Guards what follows: the threads of pages, the builder and the caller meet here. Puppets are drawn under it."""
        self._points, self._number = start, 0
        self._news: dict[str, Any] = {"built": -1, "seen": -1, "error": "", "names": [], "end": ""}
        self._puppet: Puppet | None = None
        self._pages, self._left = 0, math.inf
        self._wanted: int | None = None
        """Number of the points that "done" was pressed for."""
        self._result: Points | None = None
        self._over = threading.Event()
        self._suggested, self._name = suggested, name
        self._start = now()
        self._mail: Mailbox[tuple[int, Any]] = Mailbox()
        self._mail.put((0, start))
        self._page = LocalPage(
            "edit.html",
            secrets.token_urlsafe(16),
            self._talk,
            files={"/picture": ("image/png", encode_png(picture.rgba, effort=1))},
        )
        self.address = self._page.address
        self._builder = worker(self._build_newest, self._mail, "editor")

    def wait(self, closed_for: float = CLOSED_FOR) -> Points | None:
        """The points when the user is done; None when they cancelled, or the page was closed for that many seconds."""
        while not self._over.wait(0.2):
            with self._lock:
                if self._pages == 0 and now() - self._left > closed_for:
                    return None
        return self._result

    def go_on(self, error: str) -> None:
        """Let the user try again after wait(): the points could not be used after all."""
        with self._lock:
            self._news = {**self._news, "error": error, "names": []}
            self._wanted = self._result = None
            self._over.clear()

    def finish(self, text: str) -> None:
        """The page's last words. Waits a moment for pages to take them."""
        with self._lock:
            self._news = {**self._news, "end": text}
            self._lock.wait_for(lambda: self._pages == 0, timeout=2)

    def close(self) -> None:
        """Take the page from the air. May be called twice."""
        self._mail.close()
        self._page.close()
        self._builder.join(timeout=5)

    def _build_newest(self) -> None:
        for number, points in self._mail:
            puppet, error, names = None, "", []
            try:
                checked = check_points(points, self._size)
                built = self._build(checked)
                built.render(
                    Expression(performance(0.0), 0.0)
                )  # what cannot be drawn fails here, not at the page
                puppet = built
            except PointsError as wrong:
                error, names = str(wrong), list(wrong.names)
            except LiveAvatarError as wrong:
                error = str(wrong)
            except (
                ValueError,
                ArithmeticError,
                LookupError,
                RuntimeError,
                cv2.error,
            ):  # shapes that geometry gives up on
                error = tr("these points make no face", "这些点无法构成一张脸")
            with self._lock:
                self._news = {**self._news, "seen": number, "error": error, "names": names}
                if puppet is not None:
                    self._puppet = puppet
                    self._news["built"] = number
                if self._wanted is not None and number >= self._wanted:
                    self._wanted = None
                    if puppet is not None:
                        self._result = checked
                        self._over.set()

    def _talk(self, connection: ServerConnection) -> None:
        """One page, from its opening to its end."""
        with self._lock:
            self._pages += 1
            hello = self._hello()
        try:
            connection.send(json.dumps(hello, ensure_ascii=False))
            for message in connection:
                answer = self._answer(parse_json(message))
                if answer is not None:
                    connection.send(answer)
        except (ConnectionClosed, Closed, ValueError, KeyError, TypeError):
            pass  # gone, or it speaks another language
        finally:
            with self._lock:
                self._pages -= 1
                self._left = now()
                self._lock.notify_all()

    def _answer(self, message: dict[str, Any]) -> bytes | None:
        command = message["do"]
        if command == "next":
            return self._picture()
        if command == "cancel":
            self._over.set()
        elif command in ("build", "done"):
            number, points = int(message["number"]), message["points"]
            with self._lock:
                self._number = number
                if isinstance(points, dict):
                    self._points = points  # a page that is loaded again goes on with them
                if command == "done":
                    self._wanted = number
            self._mail.put((number, points))
        return None

    def _picture(self) -> bytes:
        """News and the avatar as it is now."""
        with self._lock:
            news = json.dumps(self._news, ensure_ascii=False).encode()
            rows = b""
            if self._puppet is not None:
                expression = Expression(performance(now() - self._start), 0.0)
                rows = self._puppet.render(expression).image.tobytes()
        return struct.pack("<I", len(news)) + news + rows

    def _hello(self) -> dict[str, Any]:
        labels = {name: tr(label.en, label.zh) for name, label in LABELS.items()}
        for name in ("rightIris", "leftIris"):
            labels[f"{name}:rim"] = tr(f"{labels[name]}, its size", f"{labels[name]}大小")
        return {
            "language": "zh-CN" if language() == "zh" else "en",
            "size": self._size,
            "points": self._points,
            "suggested": self._suggested,
            "number": self._number,
            "labels": labels,
            "groups": {name: group for group, names in GROUPS.items() for name in names},
            "legend": {
                "brows": tr("brows", "眉毛"),
                "eyes": tr("eyes", "眼睛"),
                "nose": tr("nose", "鼻子"),
                "mouth": tr("mouth", "嘴"),
                "outline": tr("outline", "脸部轮廓"),
            },
            "texts": _texts(self._name),
        }


def performance(time: float) -> np.ndarray:
    """(len(CONTROLS),) float32: speech, blinks, gaze and small turns of the head at `time` seconds; again after LOOP."""
    t = time % LOOP
    speech = _between(t, 0.2, 3.6)
    syllable = max(0.0, math.sin(2 * math.pi * 2.7 * t)) * (0.6 + 0.4 * math.sin(2 * math.pi * 0.7 * t))
    narrow = max(0.0, math.sin(2 * math.pi * 0.9 * t + 1.0))
    blink = max(_between(t, start, start + 0.16, 0.09) for start in (1.3, 4.0, 6.1, 9.0))
    aside = _between(t, 4.3, 5.0, 0.12) - _between(t, 5.2, 5.9, 0.12)
    up = _between(t, 6.4, 7.0, 0.12)
    turn = _between(t, 6.8, 7.3, 0.6) - _between(t, 8.3, 8.9, 0.6)
    return vector(
        jawOpen=0.6 * speech * syllable,
        mouthFunnel=0.35 * speech * syllable * narrow,
        mouthPucker=0.5 * speech * narrow * (1 - syllable),
        mouthSmileLeft=0.15 + 0.35 * _between(t, 4.2, 9.2, 0.5),
        mouthSmileRight=0.15 + 0.35 * _between(t, 4.2, 9.2, 0.5),
        browInnerUp=0.5 * up,
        browOuterUpLeft=0.5 * up,
        browOuterUpRight=0.5 * up,
        eyeBlinkLeft=blink,
        eyeBlinkRight=blink,
        **gaze(0.8 * aside, 0.7 * up),
        headYaw=0.2 * turn + 0.03 * math.sin(2 * math.pi * t / LOOP),
        headPitch=0.06 * up + 0.03 * speech * math.sin(2 * math.pi * 0.8 * t),
        headRoll=0.05 * turn,
        breath=breathing(time),
    )


def _between(t: float, start: float, end: float, ramp: float = 0.2) -> float:
    """1 from start to end, 0 outside, smooth over `ramp` seconds before and after."""
    return smoothstep(min(t - start + ramp, end + ramp - t) / ramp)


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


def _texts(name: str) -> dict[str, str]:
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
