"""The command that makes an avatar of a character that nobody drew by hand: new."""

from pathlib import Path
from typing import Annotated

import typer

from liveavatar.base.messages import say
from liveavatar.cli.options import require_writable, say_made
from liveavatar.language import tr

MOST = 10**9
"""Largest seed."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(help=tr("Make an avatar of a new character, by seed.", "用种子制作新角色的形象。"))(new)


def new(
    name: Annotated[str, typer.Option(help=tr("name of the avatar", "形象名称"))],
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MOST,
            help=tr(
                "which character: the same number, the same one (by chance)",
                "角色编号，相同编号得到相同角色 （随机）",
            ),
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help=tr("folder for the package (user data)", "形象包文件夹（用户数据）"))
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help=tr("in place of one of the same name", "替换同名形象"))
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help=tr("drawing processes (cores)", "绘制进程数 （核心数）")),
    ] = None,
) -> None:
    """Make an avatar of a seed's character."""
    import multiprocessing
    import random

    from liveavatar.app.console import ProgressBars, ending_politely
    from liveavatar.avatar.library import destination
    from liveavatar.base.timing import now
    from liveavatar.fitting.create import Told, create

    folder = destination(name, output, replace)
    require_writable(folder.absolute().parent)
    if seed is None:
        seed = random.randrange(10**6)
        say(tr(f"seed {seed}", f"种子 {seed}"))
    start = now()
    with ProgressBars(keep=True) as bars, ending_politely():
        told = Told(
            points=bars.task(tr("motion", "运动")),
            stills=bars.task(tr("drawing", "绘制")),
            patches=bars.task(tr("patches", "局部贴图")),
        )
        try:
            avatar = create(f"seed-{seed}", name, folder, workers or multiprocessing.cpu_count(), told)
        except KeyboardInterrupt:
            bars.say(tr("stopped; nothing was made.", "已停止；没有制作任何内容。"))
            raise
    say_made(avatar, output, f"{now() - start:.0f}")
