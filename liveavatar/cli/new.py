"""The command that makes an avatar of a character that nobody drew by hand: new."""

from pathlib import Path
from typing import Annotated

import typer

from liveavatar.base.messages import say
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
    improve: Annotated[
        bool,
        typer.Option(
            "--improve",
            help=tr(
                "then train it, and take what came out if it is truer (train extra)",
                "随后训练，更逼真时换用 （需要 train 扩展）",
            ),
        ),
    ] = False,
) -> None:
    """Make an avatar of a seed's character."""
    import random

    from liveavatar.cli.making import made_before, make

    rig = f"seed-{seed}" if seed is not None else None
    avatar = made_before(rig, name, output) if improve and not replace else None
    if avatar is None:
        if rig is None:
            seed = random.randrange(10**6)
            say(tr(f"seed {seed}", f"种子 {seed}"))
            rig = f"seed-{seed}"
        avatar = make(rig, name, output, replace, workers)
    if improve:
        from liveavatar.cli.improve import improve as improve_it

        improve_it(avatar, workers)
