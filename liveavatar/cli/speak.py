"""The commands by which an avatar speaks: speak, and connect, for programs that have it speak."""

from pathlib import Path
from typing import Annotated

import typer

from liveavatar.base.files import expanded
from liveavatar.base.messages import say
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        help=tr(
            "Have the avatar of the program that runs say a sound file.",
            "让正在运行的程序的形象说出一段声音。",
        )
    )(speak)
    app.command(
        help=tr("Be the body of another program that talks.", "为其他会说话的程序充当形象。"),
    )(connect)


def speak(
    file: Annotated[
        Path | None, typer.Argument(help=tr("wav, mp3, flac or ogg", "wav、mp3、flac 或 ogg 文件"))
    ] = None,
    emotion: Annotated[
        str | None,
        typer.Option(help=tr("as for `emote`: joy, sadness and so on", "同 `emote`：joy、sadness 等")),
    ] = None,
    silent: Annotated[
        bool,
        typer.Option("--silent", help=tr("do not play it: another program does", "不播放（由其他程序播放）")),
    ] = False,
    visemes: Annotated[
        Path | None,
        typer.Option(help=tr("lips by a timeline, JSON, not by ear", "按 JSON 时间轴做口型，而不是听声音")),
    ] = None,
    stop: Annotated[
        bool,
        typer.Option("--stop", help=tr("fall silent, leave the rest unsaid", "停止，并放弃其余等待的声音")),
    ] = False,
) -> None:
    """Say a sound file, after what is said already; or stop."""
    from liveavatar.app.remote import ask

    if (file is None) != stop:
        raise typer.BadParameter(
            tr("give a sound file, or --stop", "请给出一个声音文件，或 --stop"), param_hint="FILE"
        )
    if file is None:
        count = ask({"command": "speak", "stop": True})["stopped"]
        typer.echo(tr(f"stopped: {count}", f"已停止：{count}"))
        return
    answer = ask(
        {
            "command": "speak",
            "path": str(expanded(file).resolve()),
            "emotion": emotion,
            "silent": silent,
            "visemes": None if visemes is None else str(expanded(visemes).resolve()),
        }
    )
    typer.echo(tr(f"{answer['seconds']:.1f} s", f"{answer['seconds']:.1f} 秒"))


def connect(
    program: Annotated[
        str,
        typer.Argument(
            metavar="PROGRAM",
            help=tr("open-llm-vtuber, easyaivtuber", "open-llm-vtuber 或 easyaivtuber（程序名）"),
        ),
    ],
    address: Annotated[
        str | None,
        typer.Argument(
            help=tr(
                "of open-llm-vtuber (ws://127.0.0.1:12393/proxy-ws); easyaivtuber: the port to answer on (7888)",
                "open-llm-vtuber 的地址（ws://127.0.0.1:12393/proxy-ws）；easyaivtuber 为监听端口（7888）",
            )
        ),
    ] = None,
    silent: Annotated[
        bool,
        typer.Option(
            "--silent", help=tr("do not play the sound: that program does", "不播放声音（由该程序播放）")
        ),
    ] = False,
) -> None:
    """Connect until Ctrl-C."""
    from liveavatar.app.bodies import BODIES, connect_body
    from liveavatar.app.console import ending_politely

    if program not in BODIES:
        known = ", ".join(BODIES)
        raise typer.BadParameter(
            tr(f"expected {known}, got {program!r}", f"应为 {known}，实际为 {program!r}"),
            param_hint="PROGRAM",
        )
    try:
        with ending_politely():
            connect_body(program, address, silent, say)
    except KeyboardInterrupt:
        pass
