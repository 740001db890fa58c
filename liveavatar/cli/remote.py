"""The commands to a program that runs: panic, swap, emote, recenter, framing, camera, microphone, mirror.

They suit the keys of a control deck, too.
"""

from typing import Annotated

import typer

from liveavatar.base.files import expanded
from liveavatar.cli.options import position_of
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        help=tr(
            "Show a neutral card in place of the avatar at once; again brings it back.",
            "立即用静态卡片代替形象；再次执行即恢复。",
        )
    )(panic)
    app.command(help=tr("Change the avatar of the program that runs.", "更换正在运行的程序的形象。"))(swap)
    app.command(help=tr("Put on an expression, or take it off again.", "切换一个表情。"))(emote)
    app.command(
        help=tr(
            "Take your face as it is now for neutral, in the program that runs.",
            "让正在运行的程序以你现在的表情为中性。",
        )
    )(recenter)
    app.command(
        help=tr("Show or change the framing of the program that runs.", "查看或调整正在运行的程序的取景。")
    )(framing)
    app.command(
        help=tr("Change the camera of the program that runs.", "更换正在运行的程序的摄像头。"),
    )(camera)
    app.command(
        help=tr(
            "Change the microphone that moves the lips, or have none, in the program that runs.",
            "更换正在运行的程序中驱动口型的麦克风，或停用。",
        ),
    )(microphone)
    app.command(
        help=tr(
            "Have the avatar of the program that runs move like your mirror image, or not.",
            "切换正在运行的程序的形象是否像照镜子一样动作。",
        )
    )(mirror)


def panic() -> None:
    """Show the neutral card, or the avatar again."""
    from liveavatar.app.remote import ask

    typer.echo(
        tr("the card is shown: again brings the avatar back", "正在显示静态卡片：再次执行即恢复形象")
        if ask({"command": "panic"})["card"]
        else tr("the avatar is shown", "正在显示形象")
    )


def swap(
    avatar: Annotated[str, typer.Argument(help=tr("name or folder", "名称或文件夹"))],
) -> None:
    """Change the avatar of the program that runs."""
    from liveavatar.app.remote import ask
    from liveavatar.avatar.card import CARD

    folder = expanded(avatar)
    wanted = str(folder.resolve()) if (folder / CARD).is_file() else avatar
    answer = ask({"command": "swap", "avatar": wanted})
    typer.echo(
        tr(
            f"now {answer['avatar']} ({answer['seconds']} s to load and check)",
            f"现在是 {answer['avatar']}（加载与校验 {answer['seconds']} 秒）",
        )
    )


def emote(
    name: Annotated[
        str,
        typer.Argument(
            help=tr(
                "joy, anger, sadness, surprise, smug, wink, tongue, puff, sleepy; none ends it; flinch, nod, shake",
                "joy、anger、sadness、surprise、smug、wink、tongue、puff、sleepy；none 取消；flinch、nod、shake",
            )
        ),
    ],
    seconds: Annotated[
        float | None, typer.Option(help=tr("it ends by itself after so long", "到时自动结束"))
    ] = None,
) -> None:
    """Toggle an emote of the program that runs, or put it on for a while; or nod."""
    from liveavatar.app.remote import ask
    from liveavatar.retargeting.reactions import NONE

    typer.echo(ask({"command": "emote", "emote": name, "seconds": seconds})["emote"] or NONE)


def recenter() -> None:
    """Take the neutral anew."""
    from liveavatar.app.remote import ask

    ask({"command": "recenter"})
    typer.echo(tr("Look straight and rest for a moment.", "请正视摄像头并放松片刻。"))


def framing(
    zoom: Annotated[float | None, typer.Option(help=tr("1: as large as fits", "1 表示刚好放下"))] = None,
    position: Annotated[
        str | None,
        typer.Option(
            metavar="X,Y", help=tr("right, down, in shares of the picture", "向右、向下的偏移，以画面为 1")
        ),
    ] = None,
    rotation: Annotated[float | None, typer.Option(help=tr("degrees clockwise", "顺时针角度"))] = None,
    mirror: Annotated[
        bool | None, typer.Option("--mirror/--no-mirror", help=tr("flip the avatar", "左右翻转形象"))
    ] = None,
) -> None:
    """Change what is given, keep the rest."""
    from liveavatar.app.remote import ask

    x, y = (None, None) if position is None else position_of(position)
    now = ask({"command": "framing", "zoom": zoom, "x": x, "y": y, "rotation": rotation, "mirror": mirror})
    # As options of `run`, to start with it next time.
    typer.echo(
        f"--zoom {now['zoom']:.3g} --position {now['x']:g},{now['y']:g}"
        + (" --mirror output" if now["mirror"] else "")
    )


def camera(
    name: Annotated[str, typer.Argument(help=tr("number, name, or stream address", "编号、名称或流地址"))],
) -> None:
    """Change the camera."""
    from liveavatar.app.remote import ask

    taken = ask({"command": "camera", "name": name})["camera"]
    typer.echo(tr(f"now camera {taken}", f"现在使用摄像头 {taken}"))


def microphone(
    name: Annotated[
        str | None,
        typer.Argument(
            help=tr("default, number, part of a name, or off", "default、编号、名称的一部分，或 off")
        ),
    ] = None,
    voice: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|off",
            help=tr("send it on in this voice; off: do not", "以此声音送出；off 表示不送出"),
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help=tr("the avatar that plays has it from now on", "保存给正在使用的形象")),
    ] = False,
) -> None:
    """Change the microphone, or the voice it is sent on in."""
    from liveavatar.app.remote import ask

    if name is None and voice is None:
        raise typer.BadParameter(tr("name a microphone, or --voice", "请给出麦克风名称或 --voice"))
    if keep and voice is None:
        raise typer.BadParameter(
            tr("name the --voice to keep", "请给出要保存的 --voice"), param_hint="--keep"
        )
    if name is not None:
        taken = ask({"command": "microphone", "name": name})["microphone"]
        typer.echo(tr(f"now microphone {taken}", f"现在使用麦克风 {taken}"))
    if voice is not None:
        taken = ask({"command": "voice", "name": voice, "keep": keep})["voice"]
        typer.echo(tr(f"now voice {taken}", f"现在使用声音 {taken}"))


def mirror(
    on: Annotated[
        bool | None,
        typer.Option("--on/--off", help=tr("as said; else the other of the two", "指定状态；否则切换")),
    ] = None,
) -> None:
    """Move like a mirror image, or not."""
    from liveavatar.app.remote import ask

    typer.echo(
        tr("moves like your mirror image", "像照镜子一样动作")
        if ask({"command": "mirror", "on": on})["mirror"]
        else tr("moves as you are seen by others", "按他人看到的方向动作")
    )
