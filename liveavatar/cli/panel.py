"""The command that opens the panel: of the run that there is, or of one that it starts."""

import typer

from liveavatar.base.messages import say
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        help=tr(
            "Open the panel in the browser; starts a run where there is none.",
            "在浏览器中打开控制面板；没有运行时会启动一个。",
        )
    )(panel)


def panel() -> None:
    """Open the panel."""
    from liveavatar.app.remote import ask, running

    if running() is None:
        _start()
    else:
        typer.echo(ask({"command": "panel", "show": True})["address"])


def _start() -> None:
    """A run with its panel open, of the avatar and the camera that were chosen on one last."""
    from liveavatar.app.live_session import DesktopOptions, play_live
    from liveavatar.app.panel.remembered import Remembered
    from liveavatar.app.parts import LineOptions
    from liveavatar.app.sink import Sink
    from liveavatar.avatar.library import find_avatar
    from liveavatar.cli.run import profile_named
    from liveavatar.errors import AvatarError
    from liveavatar.media.compositing import Framing
    from liveavatar.retargeting import open_retargeter

    chosen = Remembered().choice
    try:
        avatar = find_avatar(*filter(None, [chosen("avatar")]))
    except AvatarError as error:  # it has been removed since, or is damaged
        say(str(error))
        avatar = find_avatar()
    retargeter = open_retargeter(avatar, profile_named(None))
    line = LineOptions(_camera(chosen("camera")), avatar, "auto", "auto", None, retargeter)
    sink = Sink(_output(), None, "bt709", None, Framing())
    heard = None if chosen("microphone") in (None, "off") else chosen("microphone")
    desktop = DesktopOptions(
        preview=False, mirror=False, hotkeys=False, panel=True, show_panel=True, microphone=heard,
        voice=_voice(chosen("voice")) if heard else "off",
    )  # fmt: skip
    if not play_live(line, sink, None, desktop):
        raise typer.Exit(1)


def _voice(chosen: str | None) -> str:
    """The one that was chosen, if there still is one of that name."""
    from liveavatar.audio.voices import NAMES, OFF

    return chosen if chosen in NAMES else OFF


def _camera(chosen: str | None) -> str:
    """The one that was chosen, if it is there; else the first; where there is no camera none, and it is said."""
    from liveavatar.cameras import NONE, list_cameras

    names = [camera.name for camera in list_cameras()]
    if chosen is not None and (chosen in names or "://" in chosen or chosen == "synthetic"):
        return chosen
    if names:
        return "0"
    say(
        tr(
            "no camera was found: the avatar idles, and does what it is told on the panel.",
            "没有找到摄像头：形象处于待机状态，可在控制面板上操作。",
        )
    )
    return NONE


def _output() -> str:
    """The virtual camera; where there is none a page for OBS, and it is said why."""
    from liveavatar.errors import OutputError
    from liveavatar.outputs import open_output

    try:
        open_output("virtualcam", size=(512, 512), fps=30.0).close()
    except OutputError as error:
        say(
            tr(
                f"{error}\nUntil then the avatar goes to a page for OBS (--output browser).",
                f"{error}\n在此之前，形象输出到供 OBS 使用的网页（--output browser）。",
            )
        )
        return "browser"
    return "virtualcam"
