"""The panel of one run: shut until somebody wants it, then served until the run ends."""

import errno
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from liveavatar.base.messages import say
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

if TYPE_CHECKING:  # a run that nobody opens a panel of loads none of it
    from liveavatar.app.actions import Actions
    from liveavatar.app.camera_desk import CameraDesk
    from liveavatar.app.microphone_desk import MicrophoneDesk
    from liveavatar.app.panel.panel import Panel
    from liveavatar.app.panel.remembered import Remembered
    from liveavatar.live.report import Report
    from liveavatar.media.compositing import Background
    from liveavatar.outputs.newest import Newest
    from liveavatar.retargeting.reactions import Reactions

Command = dict[str, Any]


class PanelDesk:
    """From any thread."""

    def __init__(
        self,
        *,
        actions: "Actions",
        reactions: "Reactions",
        report: "Report",
        background: "Background",
        fps: float,
        output: "Newest",
        cameras: "CameraDesk",
        microphones: "MicrophoneDesk",
        handle: Callable[[Command], Command],
    ) -> None:
        """What a Show and a Preview are made of; handle: answers a command of the control channel."""
        self._actions, self._reactions, self._report = actions, reactions, report
        self._background, self._fps, self._output, self._handle = background, fps, output, handle
        self._cameras, self._microphones = cameras, microphones
        self._lock = threading.Lock()
        self._panel: Panel | None = None
        self._remembered: Remembered | None = None
        self._closed = False
        self._doors = ExitStack()
        """Stand open for browsers that were started."""

    def open(self, show: bool = False) -> Command:
        """Serve the panel, if it is not served yet: {"address"}. show: in the user's browser, too. Raises LiveAvatarError where
        no port can be had."""
        from liveavatar.base.local_page import open_page

        with self._lock:
            if self._panel is None:
                if self._closed:
                    raise LiveAvatarError(tr("the run has ended.", "运行已经结束。"))
                self._panel = self._served()
            address = self._panel.address
        if show:
            open_page(address, self._doors)
        return {"address": address}

    def serve(self, show: bool = False) -> None:
        """See open(), when the run begins: tells the address, and frames the avatar as it was last time. A show goes on where
        that is impossible."""
        from liveavatar.media.compositing import Framing

        try:
            address = self.open(show)["address"]
            if self._background.framing == Framing():  # the user said nothing else
                self._framed(self._actions.current)
        except LiveAvatarError as error:
            say(str(error))
            return
        say(
            tr(
                f"Panel, for a browser or a dock in OBS; the address is not to be shared: {address}",
                f"控制面板，可在浏览器或 OBS 停靠窗口中打开，地址请勿外传：{address}",
            )
        )

    def swapped(self, avatar: str) -> None:
        """Another avatar plays from now on: it is framed as it was last time."""
        if self._remembered is not None and self._panel is not None:
            self._panel.show.keep()
            self._remembered.choose("avatar", avatar)
            self._framed(avatar)

    def _framed(self, avatar: str) -> None:
        """As the avatar was framed last."""
        if self._remembered is not None and (kept := self._remembered.framing(avatar)) is not None:
            self._actions.frame(
                zoom=kept.zoom, x=kept.x, y=kept.y, mirror=kept.mirror, rotation=kept.rotation
            )

    def close(self) -> None:
        """Disconnect all pages. May be called twice."""
        with self._lock:
            if self._panel is not None and not self._closed:
                self._panel.show.keep()
                self._panel.show.errands.stop()
            self._closed = True
            self._doors.close()
            if self._panel is not None:
                self._panel.close()

    def _served(self) -> "Panel":
        from liveavatar.app.panel.gallery import Gallery
        from liveavatar.app.panel.panel import PORT, Panel
        from liveavatar.app.panel.preview import Preview
        from liveavatar.app.panel.remembered import Remembered
        from liveavatar.app.panel.show import Show
        from liveavatar.base.local_page import kept_token

        notes: list[str] = []
        gallery, self._remembered = Gallery(), Remembered()
        show = Show(
            actions=self._actions,
            reactions=self._reactions,
            report=self._report,
            size=self._background.size,
            fps=self._fps,
            output=self._output.label,
            avatars=gallery.listed,
            cameras=self._cameras,
            microphones=self._microphones,
            remembered=self._remembered,
            handle=self._handle,
        )
        parts = (
            show,
            Preview(self._background),
            lambda: self._output.frame,
            gallery,
            kept_token("panel", notes),
        )
        for note in notes:
            say(note)
        try:
            return Panel(*parts)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise LiveAvatarError(
                    tr(f"no panel: {error.strerror}", f"无法打开控制面板：{error.strerror}")
                ) from error
        say(
            tr(
                f"port {PORT} is taken, perhaps by another liveavatar's panel: this run's panel has another address.",
                f"端口 {PORT} 已被占用（可能是另一个 liveavatar 的控制面板）：本次运行的控制面板使用其他地址。",
            )
        )
        try:
            return Panel(*parts, port=0)
        except OSError as error:
            raise LiveAvatarError(
                tr(f"no panel: {error.strerror}", f"无法打开控制面板：{error.strerror}")
            ) from error
