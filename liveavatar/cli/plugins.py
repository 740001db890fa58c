"""The commands about plugins of VTube Studio: plugins list, allow, revoke, open, shut."""

from typing import Annotated, Any

import typer

from liveavatar.base.messages import say
from liveavatar.base.plain_text import plain
from liveavatar.language import tr

NameArgument = Annotated[str, typer.Argument(help=tr("the plugin's name", "插件名称"))]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    plugins = typer.Typer(
        help=tr("Plugins that may drive the avatar.", "可以控制形象的插件。"), no_args_is_help=True
    )
    plugins.command("list", help=tr("List who is allowed, and who asks.", "列出已允许和正在请求的插件。"))(
        list_
    )
    plugins.command("allow", help=tr("Say yes to a plugin that asks.", "允许正在请求的插件。"))(allow)
    plugins.command("revoke", help=tr("Take it back, or say no.", "撤销或拒绝。"))(revoke)
    plugins.command(
        "open", help=tr("Let plugins in, in the program that runs.", "让正在运行的程序允许插件连接。")
    )(open_)
    plugins.command("shut", help=tr("Let none in any more.", "不再允许插件连接。"))(shut)
    app.add_typer(plugins, name="plugins")


def list_() -> None:
    """List the plugins."""
    from liveavatar.app.vts.consent import Consent, Plugin

    answer = _ask("list")
    listed = Consent().listed() if answer is None else answer
    if not any(listed[state] for state in ("allowed", "asking", "denied")):
        say(tr("no plugin has asked", "没有插件请求过连接"))
    for state, what in (
        ("allowed", tr("allowed", "已允许")),
        ("asking", tr("asks", "正在请求")),
        ("denied", tr("denied", "已拒绝")),
    ):
        for one in listed[state]:
            connected = str(Plugin(**one)) in listed.get("connected", ())
            here = tr(", connected", "，已连接") if connected and state == "allowed" else ""
            names = "\t".join((one["name"], one["developer"], one["origin"] or "-"))
            typer.echo(plain(f"{names}\t{what}{here}"))


def allow(name: NameArgument) -> None:
    """Say yes to a plugin."""
    from liveavatar.errors import LiveAvatarError

    answer = _ask("allow", name)
    if answer is None:
        raise LiveAvatarError(
            tr(
                "no liveavatar is running that lets plugins in. Start one with: liveavatar run --vts",
                "没有正在运行且允许插件连接的 liveavatar。请先启动：liveavatar run --vts",
            )
        )
    if "address" in answer:
        address = answer["address"]
        typer.echo(address)
    else:
        typer.echo(plain(tr(f"allowed: {answer['plugin']}", f"已允许：{answer['plugin']}")))


def revoke(name: NameArgument) -> None:
    """Say no to a plugin."""
    from liveavatar.app.vts.consent import Consent

    answer = _ask("revoke", name)
    gone = ", ".join(map(str, Consent().revoke(name))) if answer is None else answer["plugin"]
    typer.echo(plain(tr(f"no longer allowed: {gone}", f"不再允许：{gone}")))


def open_(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help=tr("where they look for it", "插件连接的端口"))
    ] = 8001,
) -> None:
    """Let plugins in."""
    from liveavatar.app.remote import ask

    opened = ask({"command": "plugins", "do": "open", "port": port})["port"]
    typer.echo(tr(f"plugins may connect to port {opened}", f"插件可连接端口 {opened}"))


def shut() -> None:
    """Let none in any more."""
    from liveavatar.app.remote import ask

    ask({"command": "plugins", "do": "shut"})
    typer.echo(tr("no plugin can connect", "插件已无法连接"))


def _ask(do: str, name: str = "") -> dict[str, Any] | None:
    """What the program that runs answers; None where none runs, or it lets no plugins in."""
    from liveavatar.app.remote import ask, running

    if running() is None:
        return None
    answer = ask({"command": "plugins", "do": do, "name": name})
    return None if answer.get("closed") else answer
