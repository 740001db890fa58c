"""A preview window. Its events need the main thread, so the live loop sends from there."""

import os
import subprocess
import sys
from collections.abc import Callable

import cv2

from liveavatar.base.mailbox import Closed
from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.media.compositing import Background, checkerboard
from liveavatar.outputs import require_avatar_frame
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

TITLE = "liveavatar"
QUIT_KEYS = (27, ord("q"))
"""Escape and q."""


class Window(Output):
    """Shows the avatar; a transparent background is drawn as a checkerboard. Closing it ends the run."""

    def __init__(self, target: str, *, size: tuple[int, int], fps: float, background: Background) -> None:
        """Raises OutputError where no window can be opened."""
        if background.transparent:
            background.image = checkerboard(size)
        self.label = target
        self._press: Callable[[str], None] = lambda key: None
        self.background = background
        self._open = False
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")  # of fonts it misses
        reason = _no_display()
        if not reason:
            try:
                cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
                cv2.resizeWindow(TITLE, *size)
            except cv2.error as error:
                reason = str(error)
        if reason:
            raise OutputError(
                tr(
                    f"no window can be opened: {reason}. Run it on a desktop, or use --output with a file.",
                    f"无法打开窗口：{reason}。请在桌面环境运行，或用 --output 指定文件。",
                )
            )
        self._open = True

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Show one frame. Raises Closed once the user closed the window or pressed q or Escape."""
        require_avatar_frame(frame)
        if _is_gone():
            raise Closed  # before imshow, which would open it again
        cv2.imshow(TITLE, cv2.cvtColor(self.background.composite(frame), cv2.COLOR_RGB2BGR))
        key = cv2.pollKey()
        if key == -1:
            return
        if key & 0xFF in QUIT_KEYS:
            raise Closed
        self._press(chr(key & 0xFF))

    def on_key(self, press: Callable[[str], None]) -> None:
        """Call `press` with every key but those that close the window."""
        self._press = press

    def close(self) -> None:
        """Close the window. May be called twice."""
        if self._open:
            self._open = False
            cv2.destroyAllWindows()


def _is_gone() -> bool:
    try:
        return cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1
    except cv2.error:  # Qt, when no window is left
        return True


def _no_display() -> str:
    """Why windows cannot be opened, empty if they can. Qt ends the whole process when its display does not
    answer, so on Linux another process tries first."""
    if not sys.platform.startswith("linux"):
        return ""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return tr("neither DISPLAY nor WAYLAND_DISPLAY is set", "DISPLAY 和 WAYLAND_DISPLAY 均未设置")
    probe = [sys.executable, "-c", "import cv2; cv2.namedWindow('probe'); cv2.destroyAllWindows()"]
    try:
        failed = subprocess.run(probe, capture_output=True, timeout=20).returncode != 0
    except subprocess.TimeoutExpired:
        failed = True
    return tr("the display does not answer", "显示服务没有响应") if failed else ""
