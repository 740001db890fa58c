"""The command by which an avatar made of a photo learns from its person's own video: refine."""

from pathlib import Path
from typing import Annotated

import typer

from liveavatar.base.messages import say
from liveavatar.cli.options import ModelOption, require_writable, require_yes
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        help=tr(
            "Make a photo's avatar truer with a video of the same person.", "用同一人的视频让照片形象更逼真。"
        )
    )(refine)


def refine(
    name: Annotated[
        str, typer.Argument(help=tr("avatar made of a photo: name or folder", "照片形象：名称或文件夹"))
    ],
    video: Annotated[
        Path, typer.Option(help=tr("the same person, 10 to 60 s, speaking", "同一人说话的视频，10 到 60 秒"))
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help=tr("the person shown agreed", "视频中的人物已同意"))
    ] = False,
    model: ModelOption = None,
) -> None:
    """Learn from a person's video how their face moves and looks, and write it into the avatar's package."""
    from liveavatar.app.console import ProgressBars, ending_politely
    from liveavatar.app.refining import parts_of
    from liveavatar.app.refining import refine as learn
    from liveavatar.avatar.library import find_avatar, require_outside
    from liveavatar.trackers.model_files import find_model

    found = find_avatar(name)
    require_outside(found.folder, video.expanduser())
    parts_of(found)
    require_writable(found.folder.absolute().parent)
    consent = _consent(yes)
    with ProgressBars(keep=True) as bars, ending_politely():
        face_model = find_model(model, fetch=True, announce=bars.say)
        seconds, learning = bars.task(tr("watching", "读取视频")), bars.task(tr("learning", "学习"))
        try:
            learned = learn(
                found, video, face_model, consent, bars.say, lambda at: seconds(round(at)), learning
            )
        except KeyboardInterrupt:
            bars.say(tr(f"stopped; {found.name} is as it was.", f"已停止；{found.name} 没有改动。"))
            raise
    for part, title in (("face", tr("face", "脸部")), ("mouth", tr("mouth", "嘴部"))):
        before, after = learned.figures[f"{part}_psnr_before"], learned.figures[f"{part}_psnr"]
        say(
            tr(f"{title}: {before:.1f} -> {after:.1f} dB on the video's end, before it was learned from",
               f"{title}：视频末段（学习之前）{before:.1f} -> {after:.1f} dB")
        )  # fmt: skip
    typer.echo(f"{learned.avatar.name}\t{learned.avatar.folder}")


def _consent(yes: bool) -> str:
    """Ask whether the person in the video agreed; what the card will say. Ends with status 1 without a yes."""
    if yes:
        return tr("a video, stated with --yes: the person shown agreed", "视频：以 --yes 声明，人物已同意")
    require_yes(
        tr(
            "Is it you in the video, or someone who agreed that the avatar learns their face from it?",
            "视频中是你本人，或已同意让形象学习其面容的人吗？",
        ),
        tr("Nothing was changed.", "没有任何改动。"),
    )
    return tr("a video: agreed, as stated by the one who made it", "视频：已同意（制作者声明）")
