"""Commands that draw sheets of characters: rig."""

from pathlib import Path
from typing import Annotated

import typer

from liveavatar.cli.options import require_png, require_writable
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    rig = typer.Typer(help=tr("Characters drawn in code.", "用代码绘制的角色。"), no_args_is_help=True)
    rig.command(
        "sheet", help=tr("Write contact sheets of a drawn character.", "输出角色的表情与转头一览图。")
    )(sheet)
    rig.command("population", help=tr("Draw characters that come from a seed.", "绘制由种子生成的角色。"))(
        population
    )
    rig.command(
        "generated",
        help=tr("Draw characters that a generator makes from noise.", "绘制生成器由噪声生成的角色。"),
    )(generated)
    app.add_typer(rig, name="rig")


def sheet(
    name: Annotated[str, typer.Argument(help=tr("rig", "角色"))] = "hoshi",
    output: Annotated[Path, typer.Option(help=tr("folder for the PNG files", "PNG 输出文件夹"))] = Path(
        "sheets"
    ),
    size: Annotated[int, typer.Option(min=64, max=1024, help=tr("pixels of one picture", "单幅像素"))] = 256,
) -> None:
    """Write contact sheets: expressions, turns, every control."""
    from liveavatar.rigs import open_rig
    from liveavatar.rigs.contact_sheet import write_sheets

    require_writable(output)
    for path in write_sheets(open_rig(name), output, size):
        typer.echo(path)


def population(
    seeds: Annotated[str, typer.Option(help=tr("seeds: 7 or 0-63", "种子：7 或 0-63"))] = "0-63",
    output: Annotated[Path, typer.Option(help=tr("PNG file", "PNG 文件"))] = Path("population.png"),
    size: Annotated[int, typer.Option(min=64, max=1024, help=tr("pixels of one picture", "单幅像素"))] = 256,
) -> None:
    """Write one sheet of the characters of some seeds."""
    from liveavatar.rigs.contact_sheet import write_population
    from liveavatar.rigs.drawn import DrawnRig
    from liveavatar.rigs.population import character

    chosen = _range(seeds)
    require_png(output)
    typer.echo(write_population(((str(k), DrawnRig(character(k))) for k in chosen), output, size))


def generated(
    seeds: Annotated[str, typer.Option(help=tr("seeds: 7 or 0-63", "种子：7 或 0-63"))] = "0-63",
    output: Annotated[Path, typer.Option(help=tr("PNG file", "PNG 文件"))] = Path("generated.png"),
    size: Annotated[int, typer.Option(min=64, max=1024, help=tr("pixels of one picture", "单幅像素"))] = 256,
    style: Annotated[str | None, typer.Option(help=tr("drawn in this style", "指定画风"))] = None,
    generator: Annotated[
        Path | None,
        typer.Option(
            help=tr("file of train-identity (the one that ships)", "train-identity 的文件 （默认自带）")
        ),
    ] = None,
) -> None:
    """Write one sheet of characters that come from noise."""
    from liveavatar.rigs.contact_sheet import write_population
    from liveavatar.rigs.drawn import DrawnRig
    from liveavatar.rigs.generated import coded, decode, open_generator

    chosen, of = _range(seeds), open_generator(generator)
    if style is not None and style not in of.kinds["style"]:
        names = ", ".join(of.kinds["style"])
        raise typer.BadParameter(
            tr(f"no style {style!r}; there are {names}", f"没有画风 {style!r}；可选 {names}")
        )
    require_png(output)
    rigs = ((str(k), DrawnRig(decode(coded(k, style=style, of=of)))) for k in chosen)
    typer.echo(write_population(rigs, output, size))


def _range(text: str) -> range:
    """The numbers that 7 or 0-63 stands for; at most 256."""
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()):
        raise typer.BadParameter(tr(f"{text!r} is not like 7 or 0-63", f"{text!r} 不是 7 或 0-63 这样的形式"))
    numbers = range(int(first), int(last or first) + 1)
    if not 0 < len(numbers) <= 256:
        raise typer.BadParameter(
            tr(
                f"expected 1 to 256 seeds, the lower number first, got {text!r}",
                f"应为 1 到 256 个种子，小的在前，得到 {text!r}",
            )
        )
    return numbers
