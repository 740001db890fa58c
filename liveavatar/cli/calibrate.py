"""The command that fits liveavatar to a person: calibrate."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveavatar.base.messages import say
from liveavatar.cli.options import AvatarOption, MicrophoneOption, ModelOption
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        help=tr(
            "Fit liveavatar to your face, and to your voice, once, for all avatars.",
            "让 liveavatar 适应你的脸和声音，一次校准适用所有形象。",
        )
    )(calibrate)


def calibrate(
    camera: Annotated[
        str,
        typer.Option(
            help=tr(
                "number, name, or a video file of you; none: only your voice",
                "编号、名称，或一段你的视频；none：只校准声音",
            )
        ),
    ] = "0",
    profile: Annotated[str, typer.Option(help=tr("name to keep it under", "保存为此名称"))] = "default",
    glasses: Annotated[
        bool | None,
        typer.Option(
            "--glasses/--no-glasses",
            help=tr(
                "you wear glasses: lids are read more calmly (asked)", "你戴眼镜：眼睑读数更平稳（会询问）"
            ),
        ),
    ] = None,
    microphone: MicrophoneOption = "off",
    avatar: AvatarOption = None,
    model: ModelOption = None,
) -> None:
    """Guided with a camera: an avatar shows what to do; a file is read as it is. Then, with a microphone, five vowels."""
    from liveavatar.app.voice_calibration import calibrate_voice
    from liveavatar.avatar.library import find_avatar
    from liveavatar.base.names import check_name
    from liveavatar.cameras import NONE
    from liveavatar.errors import ProfileError

    def worn(can_ask: bool) -> bool:
        if glasses is None and can_ask and sys.stdin.isatty():
            return typer.confirm(tr("Do you wear glasses now?", "你现在戴眼镜吗？"), default=False)
        return bool(glasses)

    check_name(profile, ProfileError)
    shown = find_avatar(*([avatar] if avatar else []))
    heard = microphone.strip().lower() != "off"
    if camera.strip().lower() != NONE:
        _fit_face(camera, shown, model, profile, worn)
    elif not heard:
        raise typer.BadParameter(
            tr(
                "none: there is nothing to calibrate; name a microphone: --microphone default",
                "none：没有可校准的内容；请指定麦克风：--microphone default",
            ),
            param_hint="--camera",
        )
    if heard:
        path = calibrate_voice(microphone, shown, profile)
        say(
            tr(
                f"Your five vowels are kept in {path}. `liveavatar run --microphone {microphone}` uses them"
                + ("." if profile == "default" else f" with --profile {profile}."),
                f"已将五个元音保存到 {path}。`liveavatar run --microphone {microphone}` "
                + ("会自动使用。" if profile == "default" else f"加 --profile {profile} 使用。"),
            )
        )


def _fit_face(
    camera: str, shown: "Avatar", model: Path | None, profile: str, worn: Callable[[bool], bool]
) -> None:
    """Fit to the face, and say what came of it."""
    from liveavatar.app.guided_calibration import calibrate as fit_to
    from liveavatar.trackers.model_files import find_model

    result = fit_to(camera, shown, find_model(model, announce=say), profile, worn)
    fitted = result.profile
    ranges = [("blink", fitted.blink), *fitted.reach.items(), *fitted.gaze.items(), *fitted.head.items()]
    for name, value in ranges:
        typer.echo(f"{name}\t{value:.2f}")
    for text in result.missed:
        say(tr(f"not seen, so left at the average: {text}", f"没有看到，保持平均值：{text}"))
    say(
        tr(
            f"{result.faces} faces, {len(fitted.reach)} ranges; kept in {result.path}. `liveavatar run` uses it"
            + ("." if profile == "default" else f" with --profile {profile}."),
            f"共 {result.faces} 帧人脸，{len(fitted.reach)} 项范围；已保存到 {result.path}。`liveavatar run` "
            + ("会自动使用。" if profile == "default" else f"加 --profile {profile} 使用。"),
        )
    )
