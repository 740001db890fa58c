"""The command that makes an avatar of one picture: create."""

from pathlib import Path
from typing import Annotated

import typer

from liveavatar.base.messages import say
from liveavatar.cli.options import ModelOption, require_yes, say_made
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(help=tr("Make a live avatar of one picture.", "用一张图片制作实时形象。"))(create)


def create(
    picture: Annotated[Path, typer.Argument(help=tr("photo, painting or drawing", "照片、绘画或插画"))],
    name: Annotated[str, typer.Option(help=tr("name of the avatar", "形象名称"))],
    output: Annotated[
        Path | None, typer.Option(help=tr("folder for the package (user data)", "形象包文件夹（用户数据）"))
    ] = None,
    points: Annotated[
        Path | None,
        typer.Option(help=tr("JSON that says where the face is", "指明面部位置的 JSON")),
    ] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help=tr("set the points of the face on a page", "在网页上调整面部的点"))
    ] = False,
    face: Annotated[
        int | None, typer.Option(min=1, help=tr("which face, the largest is 1", "第几张人脸，最大为 1"))
    ] = None,
    label: Annotated[
        bool, typer.Option("--label", help=tr('write "synthetic" into the picture', "在画面中标注“虚拟形象”"))
    ] = False,
    keep_background: Annotated[
        bool,
        typer.Option(
            "--keep-background",
            help=tr("show what stands behind the figure in the picture", "保留图片中人物身后的背景"),
        ),
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help=tr("in place of one of the same name", "替换同名形象"))
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help=tr("the person shown agreed, or nobody is shown", "图中人物已同意，或并非真人")
        ),
    ] = False,
    model: ModelOption = None,
) -> None:
    """Make an avatar of a picture."""
    from functools import partial

    from liveavatar.base.timing import now
    from liveavatar.cli.drawing import make as draw
    from liveavatar.portrait.create import create as make
    from liveavatar.portrait.request import Request
    from liveavatar.trackers.model_files import find_model

    consent = _consent(yes)
    found = find_model(model, fetch=True, announce=say)
    start = now()
    request = Request(
        picture,
        name,
        consent,
        output=output,
        points=points,
        edit=edit,
        face=face,
        label=tr("synthetic", "虚拟形象") if label else "",
        keep_background=keep_background,
        replace=replace,
    )
    avatar = make(request, found, say, partial(draw, request))
    say_made(avatar, output, f"{now() - start:.1f}")


def _consent(yes: bool) -> str:
    """Ask whose picture it is and whether they agreed; what the card will say. Ends with status 1 without a yes."""
    if yes:
        return tr(
            "stated with --yes: the person shown agreed, or nobody real is shown",
            "以 --yes 声明：图中人物已同意，或并非真人",
        )
    say(
        tr(
            "An avatar may show only yourself, someone who agreed, or an invented character. Others may not be "
            "impersonated with it.",
            "形象只能是你本人、已同意的人，或虚构角色；不得用来冒充他人。",
        )
    )
    whose: str = typer.prompt(
        tr("Who is in the picture? (me / a name / invented)", "图中是谁？（本人／姓名／虚构角色）"), err=True
    )
    require_yes(
        tr(
            "Did they agree that this picture becomes an avatar?",
            "本人是否同意用这张图片制作形象？（虚构角色请答 y）",
        ),
        tr("Nothing was made.", "没有制作任何内容。"),
    )
    return tr(
        f"{whose.strip()}: agreed, as stated by the one who made it", f"{whose.strip()}：已同意（制作者声明）"
    )
