"""The command that makes an avatar of a character that nobody drew by hand: new."""

import dataclasses
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
    between_of,
    changed,
    sliders_of,
)
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar
    from liveavatar.rigs.generated.recipe import Recipe


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(help=tr("Make an avatar of a new character, by seed.", "用种子制作新角色的形象。"))(new)


def new(
    name: Annotated[
        str | None,
        typer.Option(
            help=tr("name of the avatar; with --grid the page asks", "形象名称；--grid 时可在网页中填写")
        ),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(
            help=tr(
                "which character: a number or seed code, always the same one (by chance)",
                "哪个角色：数字或种子码，相同则得到相同角色 （随机）",
            ),
        ),
    ] = None,
    between: Annotated[
        str | None,
        typer.Option(
            help=tr("SEED,T: some of the way, 0 to 1, to another seed", "种子,位置：向另一种子靠近，0 到 1")
        ),
    ] = None,
    hair: HairOption = None,
    eyes: EyesOption = None,
    skin: SkinOption = None,
    cut: CutOption = None,
    outfit: OutfitOption = None,
    style: StyleOption = None,
    species: SpeciesOption = None,
    wear: WearOption = None,
    slider: SliderOption = None,
    grid: Annotated[
        int | None,
        typer.Option(
            min=2, max=64, help=tr("draw so many to choose from, on a page", "绘制多个角色，在网页中选择")
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(help=tr("PNG of them all, with --grid", "--grid 时全部角色的 PNG")),
    ] = None,
    edit: Annotated[
        bool,
        typer.Option("--edit", help=tr("first change it on a page, with sliders", "先在网页上用滑块调整")),
    ] = False,
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

    from liveavatar.avatar.library import destination
    from liveavatar.cli.making import made_before, make
    from liveavatar.fitting.adjust import edit as edit_on_page
    from liveavatar.rigs.generated import Recipe, draw, parse, rig_name, seed_code

    asked, sliders = asked_of(hair, eyes, skin, cut, outfit, style, species, wear), sliders_of(slider)
    any_of_it = seed is None and between is None and not (asked or sliders)
    base = parse(seed) if seed is not None else Recipe(random.randrange(10**6))
    if between is not None:
        toward, way = between_of(between)
        base = dataclasses.replace(base, toward=toward, way=way)
    recipe = changed(base, asked, sliders)
    if grid is not None:
        avatar = _chosen(recipe, grid, sheet or Path("characters.png"), name, output, replace, workers)
        if avatar is not None and improve:
            from liveavatar.cli.improve import improve as improve_chosen

            improve_chosen(avatar, workers)
        return
    if sheet is not None:
        raise typer.BadParameter(
            tr("it goes with --grid: --grid 16", "需与 --grid 一起使用：--grid 16"), param_hint="--sheet"
        )
    if name is None:
        raise typer.BadParameter(tr("give the avatar a name", "请给形象命名"), param_hint="--name")
    avatar = (
        made_before(None if any_of_it else rig_name(recipe), name, output)
        if improve and not replace
        else None
    )
    if avatar is None:
        draw(recipe)  # what contradicts itself, or has no place, is told now
        destination(name, output, replace)
        code = seed_code(recipe)
        say(tr(f"seed {recipe.seed}, seed code {code}", f"种子 {recipe.seed}，种子码 {code}"))
        if edit:
            avatar = edit_on_page(
                name, recipe, lambda one, told: make(rig_name(one), name, output, replace, workers, told), say
            )
        else:
            avatar = make(rig_name(recipe), name, output, replace, workers)
    if improve:
        from liveavatar.cli.improve import improve as improve_it

        improve_it(avatar, workers)


def _chosen(
    recipe: "Recipe",
    count: int,
    sheet: Path,
    name: str | None,
    output: Path | None,
    replace: bool,
    workers: int | None,
) -> "Avatar | None":
    """Draw characters from a recipe's seed on, write their sheet, and let the user choose one on a page and make it."""
    import multiprocessing

    from liveavatar.app.console import ProgressBars, ending_politely
    from liveavatar.cli.making import make
    from liveavatar.cli.options import require_png
    from liveavatar.fitting.choosing import choose, sketches
    from liveavatar.rigs.contact_sheet import write_pictures
    from liveavatar.rigs.generated import rig_name, seed_code

    require_png(sheet, "--sheet")
    recipes, drawn = [], {}
    with ProgressBars() as bars, ending_politely():
        told = bars.task(tr("drawing", "绘制"))
        for one, picture in sketches(recipe, count, workers or multiprocessing.cpu_count()):
            recipes.append(one)
            drawn[seed_code(one)] = picture
            told(len(drawn), count)
    typer.echo(write_pictures(list(drawn.items()), sheet))
    if len(recipes) < count:
        say(
            tr(
                f"what was asked suits only {len(recipes)} of the seeds that were tried",
                f"在尝试过的种子中，只有 {len(recipes)} 个符合要求",
            )
        )
    avatar = choose(
        name or "",
        recipes,
        drawn,
        lambda one, called, told: make(rig_name(one), called, output, replace, workers, told),
        say,
    )
    if avatar is None:
        say(
            tr(
                "no browser opens here: look at the sheet, then liveavatar new --seed CODE --name NAME",
                "这里无法打开浏览器：请查看图片，再运行 liveavatar new --seed 种子码 --name 名称",
            )
        )
    return avatar
