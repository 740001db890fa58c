"""The command that fits liveavatar to a person: calibrate."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from liveavatar.app.console import ending_politely, progress
from liveavatar.app.parts import frame_count, renderer_of
from liveavatar.base.messages import say
from liveavatar.cli.options import AvatarOption, ModelOption
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.avatar.card import Avatar
    from liveavatar.retargeting.calibration import Guide
    from liveavatar.stages import Camera, Tracker
    from liveavatar.types import Face

PATIENCE = 20.0
"""Seconds without a face after which a guided calibration gives up."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        help=tr(
            "Fit liveavatar to your face, once, for all avatars.",
            "让 liveavatar 适应你的脸，一次校准适用所有形象。",
        )
    )(calibrate)


def calibrate(
    camera: Annotated[
        str, typer.Option(help=tr("number, name, or a video file of you", "编号、名称，或一段你的视频"))
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
    avatar: AvatarOption = None,
    model: ModelOption = None,
) -> None:
    """Guided with a camera: an avatar shows what to do; a file is read as it is."""
    from liveavatar.avatar.library import find_avatar
    from liveavatar.base.names import check_name
    from liveavatar.base.timing import wall_clock
    from liveavatar.cameras import SYNTHETIC, clip_of, open_camera
    from liveavatar.errors import ProfileError
    from liveavatar.retargeting.calibration import fit, unseen
    from liveavatar.retargeting.profile import save_profile
    from liveavatar.trackers import open_tracker
    from liveavatar.trackers.model_files import find_model

    check_name(profile, ProfileError)
    shown = find_avatar(*([avatar] if avatar else []))
    found = find_model(model, announce=say)
    clip = SYNTHETIC if camera == "synthetic" else clip_of(camera)
    steps: list[str] | None = None
    with ending_politely(), closing(open_tracker("mediapipe", found)) as tracker:
        if clip is not None:
            with closing(open_camera(str(clip), paced=False)) as source:
                faces = list(_read(source, tracker, frame_count(clip)))
                for note in source.notes:
                    say(note)
        else:
            with closing(open_camera(camera)) as source:
                if glasses is None and sys.stdin.isatty():
                    glasses = typer.confirm(tr("Do you wear glasses now?", "你现在戴眼镜吗？"), default=False)
                faces, steps = _guided(source, tracker, shown)
    made = wall_clock().astimezone().isoformat(timespec="seconds")
    result = fit(faces, steps, name=profile, made=made, glasses=bool(glasses))
    path = save_profile(result)
    for name, value in (
        ("blink", result.blink),
        *result.reach.items(),
        *result.gaze.items(),
        *result.head.items(),
    ):
        typer.echo(f"{name}\t{value:.2f}")
    if steps is not None and (missed := unseen(result)):
        for step in missed:
            say(tr(f"not seen, so left at the average: {step.text}", f"没有看到，保持平均值：{step.text}"))
    say(
        tr(
            f"{len(faces)} faces, {len(result.reach)} ranges; kept in {path}. `liveavatar run` uses it"
            + ("." if profile == "default" else f" with --profile {profile}."),
            f"共 {len(faces)} 帧人脸，{len(result.reach)} 项范围；已保存到 {path}。`liveavatar run` "
            + ("会自动使用。" if profile == "default" else f"加 --profile {profile} 使用。"),
        )
    )


def _read(source: "Camera", tracker: "Tracker", total: int | None) -> "Iterator[Face]":
    """Every face of a file."""
    with progress(tr("Reading", "读取中"), total) as advance:
        for frame in source:
            if (face := tracker.track(frame)) is not None:
                yield face
            advance(frame.index + 1)


def _guided(source: "Camera", tracker: "Tracker", avatar: "Avatar") -> "tuple[list[Face], list[str]]":
    """Prompt by prompt, in the terminal and, where there is a desktop, by an avatar that does it first."""
    from liveavatar.errors import ProfileError
    from liveavatar.retargeting.calibration import GUIDE, SECONDS, Guide

    guide = Guide()
    parts = [step.seconds for step in GUIDE]
    with _showing(avatar, parts) as show, progress(GUIDE[0].text, round(10 * SECONDS)) as advance:
        for frame in source:
            face = tracker.track(frame)
            guide.see(face, frame.time)
            step = guide.step
            if step is None:
                return guide.faces, guide.steps
            if guide.lost > PATIENCE:
                raise ProfileError(
                    tr(
                        f"no face was seen for {PATIENCE:.0f} s. See to light from the front, look into the camera, try again.",
                        f"{PATIENCE:.0f} 秒内没有看到人脸。请让光线从正面照来，正视摄像头后重试。",
                    )
                )
            waiting = tr("looking for your face", "正在寻找你的脸")
            advance(round(10 * guide.elapsed), step.text if face is not None else waiting)
            show(guide, face)
    raise ProfileError(
        tr(
            "the camera ended before the calibration did; nothing was saved.",
            "摄像头提前结束，未保存任何内容。",
        )
    )


@contextmanager
def _showing(avatar: "Avatar", parts: list[float]) -> "Iterator[Callable[[Guide, Face | None], None]]":
    """Gives what shows the prompt in a window; in the terminal alone where none can be opened."""
    from liveavatar.errors import OutputError
    from liveavatar.outputs import open_output
    from liveavatar.outputs.preview import with_landmarks, with_progress
    from liveavatar.retargeting.mirror import mirrored
    from liveavatar.types import Expression

    try:
        window = open_output("window", size=avatar.size, fps=30)
    except OutputError as error:
        say(tr(f"prompts in the terminal only: {error}", f"仅在终端显示提示：{error}"))
        yield lambda guide, face: None
        return
    with closing(window), closing(renderer_of(avatar, "auto")) as renderer:

        def show(guide: "Guide", face: "Face | None") -> None:
            # Like a mirror: the user turns to the side the avatar turns to.
            picture = renderer.render(mirrored(Expression(guide.shown, guide.elapsed)))
            window.send(with_landmarks(with_progress(picture, parts, guide.elapsed), face, mirror=True))

        yield show
