"""The commands about plugins of VTube Studio: plugins list, allow, revoke."""

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


def _ask(do: str, name: str = "") -> dict[str, Any] | None:
    """What the program that runs answers; None where none runs, or it lets no plugins in."""
    from liveavatar.app.remote import ask, running

    if running() is None:
        return None
    answer = ask({"command": "plugins", "do": do, "name": name})
    return None if answer.get("closed") else answer
