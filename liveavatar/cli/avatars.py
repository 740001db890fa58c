"""The commands about packages: avatars list, info, install, remove."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from liveavatar.base.messages import say
from liveavatar.base.plain_text import plain
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    avatars = typer.Typer(help=tr("The avatars there are.", "查看已有形象。"), no_args_is_help=True)
    avatars.command("list", help=tr("List names and folders.", "列出名称和文件夹。"))(list_)
    avatars.command("info", help=tr("Show an avatar's card.", "显示形象的说明。"))(info)
    avatars.command(
        "install", help=tr("Install an avatar from a folder or .zip.", "从文件夹或 .zip 安装形象。")
    )(install_)
    avatars.command("remove", help=tr("Delete an avatar you installed.", "删除你安装的形象。"))(remove_)
    app.add_typer(avatars, name="avatars")


def list_() -> None:
    """List the avatars."""
    from liveavatar.avatar.library import list_avatars

    for name, folder in list_avatars():
        typer.echo(plain(f"{name}\t{folder}"))


def install_(
    source: Annotated[Path, typer.Argument(help=tr("folder or .zip", "文件夹或 .zip"))],
    replace: Annotated[
        bool, typer.Option("--replace", help=tr("in place of one of the same name", "替换同名形象"))
    ] = False,
) -> None:
    """Install an avatar."""
    from liveavatar.avatar.install import install

    avatar = install(source, replace=replace, say=say)
    typer.echo(plain(f"{avatar.name}\t{avatar.folder}"))


def remove_(name: Annotated[str, typer.Argument(help=tr("name", "名称"))]) -> None:
    """Delete an avatar."""
    from liveavatar.avatar.install import remove

    place = remove(name)
    typer.echo(plain(tr(f"removed {place}", f"已删除 {place}")))


def info(
    name: Annotated[str | None, typer.Argument(help=tr("name or folder", "名称或文件夹"))] = None,
) -> None:
    """Show an avatar's card."""
    from liveavatar.avatar.library import find_avatar

    avatar = find_avatar(*([name] if name else []))
    head = {control: f"{low:+.2f} .. {high:+.2f} rad" for control, (low, high) in avatar.head_range.items()}
    megabytes = sum((avatar.folder / f).stat().st_size for f in avatar.files) / 1e6
    rows: list[tuple[str, Any]] = [
        (tr("name", "名称"), avatar.name),
        (tr("kind", "类型"), avatar.kind),
        (tr("folder", "文件夹"), avatar.folder),
        (tr("size", "尺寸"), f"{avatar.size[0]}x{avatar.size[1]}"),
        (
            tr("files", "文件"),
            tr(f"{megabytes:.2f} MB, sha256 as on the card", f"{megabytes:.2f} MB，sha256 与说明一致"),
        ),
        (tr("controls", "控制量"), len(avatar.controls)),
        (tr("head range", "头部范围"), head),
        (tr("licence", "许可"), avatar.licence),
        (tr("credits", "署名"), avatar.credits),
        (tr("consent", "肖像同意"), avatar.consent),
        (tr("made with", "制作方式"), avatar.made_with),
        (tr("figures", "实测数据"), avatar.figures),
    ]
    for label, value in rows:
        if isinstance(value, dict):
            typer.echo(f"{label}:")
            for key, entry in value.items():
                shown = entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)
                typer.echo(plain(f"  {key}: {shown}"))
        else:
            typer.echo(plain(f"{label}: {value}"))
