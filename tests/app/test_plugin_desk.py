"""The door for plugins, opened and shut while the show goes on."""

from types import SimpleNamespace
from typing import Any

import pytest

from liveavatar.app.plugin_desk import PORT, PluginDesk
from liveavatar.errors import LiveAvatarError


class Doors:
    """Doors that were made."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def make(self, port: int) -> Any:
        if port == 8003:
            raise OSError(98, "Address already in use")
        self.made.append(SimpleNamespace(port=port, closed=0, handle=lambda command: {"allowed": []}))
        self.made[-1].close = lambda: self.made[-1].__dict__.update(closed=1)
        return self.made[-1]


def test_opened_and_shut_and_opened_again() -> None:
    doors = Doors()
    desk = PluginDesk(doors.make)
    listing = {"command": "plugins", "do": "list"}
    assert desk.handle(listing) == {"closed": True}
    assert desk.handle({"command": "plugins", "do": "open"}) == {"port": PORT}
    assert desk.handle({"command": "plugins", "do": "open", "port": 9000}) == {"port": PORT}  # it is open
    assert desk.handle(listing) == {"allowed": []}
    desk.handle({"command": "plugins", "do": "shut"})
    assert doors.made[0].closed and desk.handle(listing) == {"closed": True}
    assert desk.handle({"command": "plugins", "do": "open", "port": 9000}) == {"port": 9000}
    desk.close()
    desk.close()


def test_a_taken_port_is_told_with_another(capsys: pytest.CaptureFixture[str]) -> None:
    desk = PluginDesk(Doors().make)
    with pytest.raises(LiveAvatarError, match="--vts 8004"):
        desk.handle({"command": "plugins", "do": "open", "port": 8003})
    desk.begin(8003)  # the show goes on
    assert "The show goes on without plugins" in capsys.readouterr().err
