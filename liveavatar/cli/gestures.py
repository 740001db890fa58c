"""The command by which `speak` learns a person's own way of moving: learn-gestures."""

from pathlib import Path
from typing import Annotated

import typer

from liveavatar.base.messages import say
from liveavatar.cli.options import ModelOption, require_yes
from liveavatar.cli.trainings import SeedOption, get_ready, work_kept
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        "learn-gestures",
        help=tr(
            "Have `speak` move as you do, learned from videos of you speaking.",
            "从你说话的视频学习动作习惯，供 `speak` 使用。",
        ),
    )(learn_gestures)


def learn_gestures(
    video: Annotated[
        list[Path],
        typer.Option(help=tr("you, speaking; may be given several times", "你说话的视频，可多次给出")),
    ],
    profile: Annotated[
        str, typer.Option(help=tr("whose gestures: what `run --profile` names", "属于哪个 `run --profile`"))
    ] = "default",
    steps: Annotated[int, typer.Option(min=1, max=10**6, help=tr("optimizer steps", "优化步数"))] = 2500,
    seed: SeedOption = 1,
    yes: Annotated[
        bool, typer.Option("--yes", help=tr("the person shown agreed", "视频中的人物已同意"))
    ] = False,
    model: ModelOption = None,
) -> None:
    """Track videos, train a small generator of motion on the numbers, keep it for a profile. No picture is kept."""
    from liveavatar.app.console import ProgressBars, ending_politely
    from liveavatar.base.names import check_name
    from liveavatar.errors import ProfileError

    check_name(profile, ProfileError)
    get_ready()
    from liveavatar.retargeting.manner import FPS, save_manner
    from liveavatar.trackers.model_files import find_model
    from liveavatar.training.gestures.lesson import folder_of, learn
    from liveavatar.training.gestures.recording import record

    if not yes:
        require_yes(
            tr(
                "Is it you in the videos, or someone who agreed that their way of moving is learned?",
                "视频中是你本人，或已同意学习其动作习惯的人吗？",
            ),
            tr("Nothing was learned.", "没有学习任何内容。"),
        )
    with ProgressBars(keep=True) as bars, ending_politely():
        face_model = find_model(model, fetch=True, announce=bars.say)
        watching = bars.task(tr("watching", "读取视频"))
        recordings = [record(one.expanduser(), face_model, lambda at: watching(round(at))) for one in video]
        folder = folder_of(recordings, seed)
        with work_kept(folder, bars):
            learned = learn(recordings, steps, seed, folder, bars.task(tr("training", "训练")))
        path = save_manner(profile, learned.manner)
    seconds = len(learned.judged) / FPS
    typer.echo(table(learned.figures))
    say(
        tr(
            f"measured on {seconds:.0f} s that were not learned from; curves are in {folder}",
            f"以上在未用于学习的 {seconds:.0f} 秒上测得；曲线在 {folder}",
        )
    )
    typer.echo(str(path))


def table(figures: dict[str, dict[str, float]]) -> str:
    """Of training.gestures.judge.compared()."""
    rows = {
        "head_range": tr("head, degrees", "头部幅度（度）"),
        "head_speed": tr("head, degrees a second", "头部速度（度／秒）"),
        "brow_range": tr("brows, range", "眉毛幅度"),
        "brow_speed": tr("brows, a second", "眉毛速度（每秒）"),
        "smile_range": tr("smile, range", "微笑幅度"),
        "looks": tr("looks a minute", "视线移动（次／分）"),
        "blinks": tr("blinks a minute", "眨眼（次／分）"),
        "aligned": tr("head with the voice", "头部与声音的相关"),
        "aligned_elsewhere": tr("head with other speech", "头部与错位声音的相关"),
        "apart": tr("two seeds apart", "两个种子的差异"),
    }
    who = {"person": tr("you", "你"), "manner": tr("learned", "学到的"), "rules": tr("rules", "规则")}
    lines = ["".join([" " * 26, *(f"{title:>10}" for title in who.values())])]
    for key, title in rows.items():
        values = (figures[name].get(key) for name in who)
        lines.append(f"{title:26}" + "".join(f"{'':>10}" if v is None else f"{v:10.2f}" for v in values))
    return "\n".join(lines)
