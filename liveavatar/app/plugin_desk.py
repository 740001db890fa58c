"""The door for plugins of VTube Studio in a running program: shut until the user opens it, at its start or later."""

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from liveavatar.base.messages import say
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.app.vts.door import Door

Command = dict[str, Any]
PORT = 8001
"""Where plugins look for VTube Studio."""


class PluginDesk:
    """From any thread."""

    def __init__(self, make: "Callable[[int], Door]") -> None:
        """make: opens a door at this port; may raise OSError."""
        self._make = make
        self._lock = threading.Lock()
        self._door: Door | None = None

    def begin(self, port: int | None) -> None:
        """Open it where the user asked for that; a show goes on where it is impossible, and it is said. None: it stays shut."""
        if port is None:
            return
        try:
            self.open(port)
        except LiveAvatarError as error:
            say(str(error))
            return
        say(
            tr(
                f"Plugins of VTube Studio may connect to port {port}; who does: liveavatar plugins list",
                f"VTube Studio 插件可连接端口 {port}；查看插件：liveavatar plugins list",
            )
        )

    def open(self, port: int) -> int:
        """Open it, if it is shut; the port at which it is open. Raises LiveAvatarError where the port cannot be used."""
        with self._lock:
            if self._door is None:
                try:
                    self._door = self._make(port)
                except OSError as error:
                    reason = os.strerror(error.errno) if error.errno else str(error)
                    raise LiveAvatarError(
                        tr(
                            f"no plugin can come in: port {port} cannot be used ({reason}). The show goes on "
                            "without plugins. VTube Studio itself may run. Give another port, and tell the plugins: "
                            f"--vts {port + 1}",
                            f"插件无法连接：端口 {port} 无法使用（{reason}），直播继续，但没有插件。可能 VTube Studio 正在运行。"
                            f"请换一个端口并在插件中填写：--vts {port + 1}",
                        )
                    ) from error
            return self._door.port

    def handle(self, command: Command) -> Command:
        """Answer {"do": "open", perhaps with "port"}, {"do": "shut"}, and what the door answers; {"closed": True} while it is
        shut. Raises LiveAvatarError."""
        match command.get("do"):
            case "open":
                return {"port": self.open(int(command.get("port", PORT)))}
            case "shut":
                self.close()
                return {"closed": True}
        door = self._door
        return {"closed": True} if door is None else door.handle(command)

    def close(self) -> None:
        """Disconnect all plugins. May be called twice."""
        with self._lock:
            if self._door is not None:
                self._door.close()
                self._door = None
