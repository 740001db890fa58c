"""The command that changes an avatar made of a character from noise: adjust."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveavatar.base.messages import say
from liveavatar.cli.character import (
    CutOption,
    EyesOption,
    HairOption,
    OutfitOption,
    SkinOption,
    SliderOption,
    SpeciesOption,
    StyleOption,
    WearOption,
    asked_of,
    changed,
    sliders_of,
)
from liveavatar.cli.options import require_writable, say_made
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar
    from liveavatar.rigs.generated.recipe import Recipe


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        help=tr(
            "Change an avatar that `new` made: hair, eyes, clothes.",
            "更改由 `new` 制作的形象：头发、眼睛、服装。",
        )
    )(adjust)


def adjust(
    avatar: Annotated[str, typer.Argument(help=tr("name or folder", "名称或文件夹"))],
    hair: HairOption = None,
    eyes: EyesOption = None,
    skin: SkinOption = None,
    cut: CutOption = None,
    outfit: OutfitOption = None,
    style: StyleOption = None,
    species: SpeciesOption = None,
    wear: WearOption = None,
    slider: SliderOption = None,
    edit: Annotated[
        bool,
        typer.Option(
            "--edit", help=tr("on a page, with sliders and a live picture", "在网页上用滑块调整，实时预览")
        ),
    ] = False,
    name: Annotated[
        str | None, typer.Option(help=tr("make a changed copy of this name", "另存为此名称的副本"))
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help=tr("folder for the copy (user data)", "副本的文件夹（用户数据）"))
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help=tr("drawing processes (cores)", "绘制进程数 （核心数）")),
    ] = None,
) -> None:
    """Change an avatar's character and fit its package anew."""
    from liveavatar.avatar.library import find_avatar
    from liveavatar.cli.making import quiet
    from liveavatar.fitting.adjust import edit as edit_on_page
    from liveavatar.fitting.adjust import recipe_of
    from liveavatar.rigs.generated import draw

    asked, sliders = asked_of(hair, eyes, skin, cut, outfit, style, species, wear), sliders_of(slider)
    copied = name is not None or output is not None
    old = find_avatar(avatar)
    before = recipe_of(old)
    if not (asked or sliders or edit or copied):
        raise typer.BadParameter(
            tr(
                "nothing to change. Add --edit to change it on a page, or options such as --hair mint.",
                "没有要更改的内容。加上 --edit 可在网页上调整，或给出 --hair mint 等选项。",
            )
        )
    wanted = changed(before, asked, sliders)
    folder, called = _place(old, name, output)
    require_writable(folder.absolute().parent)

    def save(recipe: "Recipe", told: Callable[[str, int, int], None]) -> "Avatar":
        return _save(old, recipe, folder, called, workers, told)

    if edit:
        edit_on_page(called, wanted, save, say)
    elif wanted == before and not copied:
        say(tr(f"{old.name!r} is so already; nothing was changed.", f"{old.name!r} 已是如此，没有改动。"))
    else:
        draw(wanted)  # what contradicts itself is told now
        save(wanted, quiet)


def _place(old: "Avatar", name: str | None, output: Path | None) -> tuple[Path, str]:
    """Folder and name of what is made: a copy where one of them is given. Raises AvatarError."""
    from liveavatar.avatar.library import avatar_folders, destination
    from liveavatar.errors import AvatarError

    if name is not None or output is not None:
        called = name or old.name
        if output is None and called == old.name:
            raise AvatarError(
                tr(
                    f"{called!r} is the avatar's own name. Leave --name out to change it, or choose another one for a copy.",
                    f"{called!r} 就是该形象自己的名称。去掉 --name 可直接更改它，或为副本另选名称。",
                )
            )
        return destination(called, output, False), called
    if old.folder.resolve().parent in [folder.resolve() for folder in avatar_folders()[1:]]:
        raise AvatarError(
            tr(
                f"{old.name!r} comes with liveavatar and stays as it is. Add --name NEW to make a changed copy.",
                f"{old.name!r} 是 liveavatar 自带的形象，不会被改动。加上 --name 新名称 可制作更改后的副本。",
            )
        )
    return old.folder, old.name


def _save(
    old: "Avatar",
    recipe: "Recipe",
    folder: Path,
    name: str,
    workers: int | None,
    told: Callable[[str, int, int], None],
) -> "Avatar":
    """Fit a package anew, with what the old one's card says, in a folder that may be the old one's; a program that shows it
    goes on with it."""
    from liveavatar.avatar.library import avatar_folders
    from liveavatar.base.timing import now
    from liveavatar.cli.improve import show_anew
    from liveavatar.cli.making import fitted, rig_of
    from liveavatar.fitting.create import credits_of
    from liveavatar.rigs.generated.recipe import rig_name

    rig = rig_name(recipe)
    theirs = {} if old.credits == credits_of(rig_of(old)) else {"credits": old.credits}
    if old.made_with.get("command") == "train" and folder == old.folder:
        say(
            tr(
                f"{old.name!r} was trained; the changed one is not: `liveavatar new --name {name} --improve`.",
                f"{old.name!r} 经过训练，更改后的则没有：`liveavatar new --name {name} --improve`。",
            )
        )
    start = now()
    kept = tr(f"{old.name!r} is as it was", f"{old.name!r} 保持原样")
    avatar = fitted(
        rig, name, folder, workers, kept, told, licence=old.licence, consent=old.consent, **theirs
    )
    named = folder.parent.resolve() == avatar_folders()[0].resolve()
    say_made(avatar, None if named else folder, f"{now() - start:.0f}")
    show_anew(avatar)
    return avatar
