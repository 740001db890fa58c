"""The commands that play avatars: demo and run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveavatar.base.messages import say
from liveavatar.cli.options import (
    AvatarOption,
    DrawOption,
    MicrophoneOption,
    ModelOption,
    ProviderOption,
    SizeOption,
    draw_of,
    position_of,
)
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.live.governor import Budget
    from liveavatar.media.compositing import Framing
    from liveavatar.retargeting.profile import Profile
    from liveavatar.trackers.senders import Sender


CameraOption = Annotated[
    str,
    typer.Option(
        help=tr(
            "number, name, video file, synthetic, or none",
            "编号、名称、视频文件、synthetic 或 none（不用摄像头）",
        )
    ),
]
OutputOption = Annotated[
    str,
    typer.Option(
        help=tr(
            "virtualcam, window, browser, null, or an .mp4/.webm file",
            "virtualcam、window、browser、null，或 .mp4/.webm 文件",
        )
    ),
]
EveryFrameOption = Annotated[
    bool,
    typer.Option(
        "--every-frame", help=tr("a file, frame by frame, not in real time", "逐帧处理视频文件，不按实时")
    ),
]
BackgroundOption = Annotated[
    str | None,
    typer.Option(
        help=tr("#rrggbb, green, blue, transparent, or a picture", "#rrggbb、green、blue、transparent 或图片")
    ),
]
FpsOption = Annotated[
    float | None,
    typer.Option(
        min=1, max=240, help=tr("frames per second sent (30, or the file's)", "输出帧率（30，或同文件）")
    ),
]
ZoomOption = Annotated[float, typer.Option(help=tr("1: as large as fits", "1 表示刚好放下"))]
PositionOption = Annotated[
    str,
    typer.Option(
        metavar="X,Y", help=tr("right, down, in shares of the picture", "向右、向下的偏移，以画面为 1")
    ),
]
MirrorOption = Annotated[
    list[str] | None,
    typer.Option(
        help=tr(
            "input (moves like your mirror image), output or preview; may be repeated",
            "input（动作像照镜子）、output 或 preview；可重复",
        )
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(help=tr("whose face: made by `calibrate` (default)", "使用哪份校准配置（default）")),
]
PreviewOption = Annotated[
    bool,
    typer.Option(
        "--preview",
        help=tr("a window beside the output, with your landmarks", "另开窗口预览，并显示面部关键点"),
    ),
]
HotkeysOption = Annotated[
    bool,
    typer.Option(
        "--hotkeys",
        help=tr("Ctrl+Alt and P R M + - N in every program", "全局快捷键：Ctrl+Alt 加 P R M + - N"),
    ),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        metavar="1core|8ms",
        help=tr(
            "processor: cores, or ms a frame sent (none: does less only under load)",
            "处理器预算：核心数，或每帧毫秒数（默认只在负载高时减负）",
        ),
    ),
]
ColourMatrixOption = Annotated[
    str,
    typer.Option(
        help=tr(
            "of the virtual camera: bt709 (right in OBS) or bt601",
            "虚拟摄像头的色彩矩阵：bt709（OBS 中正确）或 bt601",
        )
    ),
]
PluginsOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=65535,
        metavar="[PORT]",
        help=tr("let plugins of VTube Studio in (port 8001)", "允许 VTube Studio 插件连接（端口 8001）"),
    ),
]
PanelOption = Annotated[
    bool,
    typer.Option(
        "--panel",
        help=tr("a page to watch and drive it (see `panel`)", "用于查看和控制的网页（见 `panel`）"),
    ),
]
TrackerOption = Annotated[
    str,
    typer.Option(
        metavar="NAME[@HOST]",
        help=tr(
            "mediapipe; or, with no camera here, vts-phone, ifacialmocap, facemotion3d, vmc, openseeface",
            "mediapipe；或不用本机摄像头：vts-phone、ifacialmocap、facemotion3d、vmc、openseeface",
        ),
    ),
]
VMCOption = Annotated[
    str | None,
    typer.Option(
        metavar="[HOST:PORT]",
        help=tr(
            "send what the avatar does to other programs by VMC (127.0.0.1:39539)",
            "通过 VMC 把形象的动作发送给其他程序（127.0.0.1:39539）",
        ),
    ),
]
SpeakerOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|off",
        help=tr(
            "what plays your voice, and what `speak` says (cable; the system's)",
            "播放你的声音和 speak 的设备（虚拟声卡；系统默认）",
        ),
    ),
]
VoiceOption = Annotated[
    str,
    typer.Option(
        metavar="NAME|off",
        help=tr(
            "send the microphone on, in step with the picture: natural, lighter, deeper, giant, robot, whisper, creature, own",
            "把麦克风的声音与画面同步后送出：natural（原声）、lighter、deeper、giant、robot、whisper、creature、own",
        ),
    ),
]
TestCardOption = Annotated[
    bool,
    typer.Option(
        "--test-card",
        help=tr("a clock on the output, no camera, no avatar", "只输出测试卡，不用摄像头和形象"),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(help=tr("Animate the built-in clip into a video file.", "用内置短片生成一段演示视频。"))(demo)
    app.command(
        help=tr("Play an avatar with your camera until Ctrl-C.", "用摄像头驱动形象，按 Ctrl-C 结束。")
    )(run)


def demo(
    output: Annotated[
        Path, typer.Option(help=tr(".mp4 or .webm file to write", "要写入的 .mp4 或 .webm 文件"))
    ] = Path("avatar.mp4"),
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help=tr("the clip left, the avatar right", "左边原片，右边形象"))
    ] = False,
    draw: DrawOption = "auto",
) -> None:
    """Animate the built-in clip, every frame; fetches the face model, saying so, where it is missing."""
    from liveavatar.app.demo import render_demo

    typer.echo(render_demo(output, side_by_side, draw_of(draw)))


def run(
    camera: CameraOption = "0",
    avatar: AvatarOption = None,
    output: OutputOption = "virtualcam",
    every_frame: EveryFrameOption = False,
    background: BackgroundOption = None,
    provider: ProviderOption = "auto",
    draw: DrawOption = "auto",
    model: ModelOption = None,
    fps: FpsOption = None,
    budget: BudgetOption = None,
    size: SizeOption = None,
    zoom: ZoomOption = 1.0,
    position: PositionOption = "0,0",
    mirror: MirrorOption = None,
    profile: ProfileOption = None,
    preview: PreviewOption = False,
    hotkeys: HotkeysOption = False,
    vts: PluginsOption = None,
    vmc_out: VMCOption = None,
    panel: PanelOption = False,
    tracker: TrackerOption = "mediapipe",
    microphone: MicrophoneOption = "off",
    voice: VoiceOption = "off",
    speaker: SpeakerOption = None,
    colour_matrix: ColourMatrixOption = "bt709",
    test_card: TestCardOption = False,
) -> None:
    """Play an avatar."""
    from liveavatar.app.live_session import DesktopOptions, play_live
    from liveavatar.app.offline import play_every_frame
    from liveavatar.app.parts import LineOptions
    from liveavatar.app.sink import Sink
    from liveavatar.app.testcard import play_test_card
    from liveavatar.avatar.library import find_avatar
    from liveavatar.media.compositing import parse_size
    from liveavatar.media.yuv import MATRICES
    from liveavatar.retargeting import open_bare_retargeter, open_retargeter

    if colour_matrix not in MATRICES:
        raise typer.BadParameter(
            tr(
                f"expected {' or '.join(MATRICES)}, got {colour_matrix!r}",
                f"应为 {' 或 '.join(MATRICES)}，实际为 {colour_matrix!r}",
            ),
            param_hint="--colour-matrix",
        )
    limit, target = _budget(budget), _target(vmc_out)
    mirrors = _mirrors(mirror)
    framing = _framing(zoom, position, "output" in mirrors)
    sink = Sink(output, background, colour_matrix, parse_size(size) if size else None, framing)
    if test_card:
        typer.echo(play_test_card(sink, fps or 30.0))
        return
    chosen = find_avatar(*([avatar] if avatar else []))
    sender = _sender(tracker, every_frame)
    retargeter = open_bare_retargeter(chosen) if sender else open_retargeter(chosen, profile_named(profile))
    retargeter.mirror = "input" in mirrors
    line = LineOptions(camera, chosen, provider, draw_of(draw), model, retargeter, sender)
    spoken = _voice(voice, speaker)
    heard = None if microphone.strip().lower() == "off" else microphone
    if spoken != "off":
        heard = heard or "default"
    if every_frame and heard is not None:
        raise typer.BadParameter(
            tr("--every-frame is not live: nobody speaks", "--every-frame 不是实时运行，不能使用麦克风"),
            param_hint="--microphone",
        )
    if every_frame:
        typer.echo(play_every_frame(line, sink, fps))
        return
    desktop = DesktopOptions(
        preview,
        "preview" in mirrors,
        hotkeys,
        vts,
        panel=panel,
        vmc_out=target,
        microphone=heard,
        voice=spoken,
        profile=profile or "default",
        speaker=speaker,
    )
    if not play_live(line, sink, fps, desktop, limit):
        raise typer.Exit(1)


def _budget(text: str | None) -> "Budget | None":
    from liveavatar.errors import LiveAvatarError
    from liveavatar.live.governor import parse_budget

    try:
        return parse_budget(text) if text is not None else None
    except LiveAvatarError as error:
        raise typer.BadParameter(str(error), param_hint="--budget") from error


def _sender(text: str, every_frame: bool) -> "Sender | None":
    """The value of --tracker; None for the camera's."""
    from liveavatar.errors import LiveAvatarError
    from liveavatar.trackers.senders import parse_sender

    if text.strip() == "mediapipe":
        return None
    if every_frame:
        raise typer.BadParameter(
            tr(
                "--every-frame reads a video file, with mediapipe",
                "--every-frame 读取视频文件，使用 mediapipe",
            ),
            param_hint="--tracker",
        )
    try:
        return parse_sender(text)
    except LiveAvatarError as error:
        raise typer.BadParameter(str(error), param_hint="--tracker") from error


def _voice(text: str, speaker: str | None) -> str:
    """The value of --voice."""
    from liveavatar.audio.voices import OFF, check_voice
    from liveavatar.errors import LiveAvatarError

    try:
        voice = check_voice(text)
    except LiveAvatarError as error:
        raise typer.BadParameter(str(error), param_hint="--voice") from error
    if voice != OFF and speaker is not None and speaker.strip().lower() == "off":
        raise typer.BadParameter(
            tr(
                "a voice needs an output: leave --speaker out for the virtual cable",
                "声音需要输出设备：不写 --speaker 即用虚拟声卡",
            ),
            param_hint="--speaker",
        )
    return voice


def _target(text: str | None) -> tuple[str, int] | None:
    """The value of --vmc-out."""
    from liveavatar.app.vmc_out import parse_target
    from liveavatar.errors import LiveAvatarError

    try:
        return None if text is None else parse_target(text)
    except LiveAvatarError as error:
        raise typer.BadParameter(str(error), param_hint="--vmc-out") from error


def _mirrors(values: list[str] | None) -> set[str]:
    mirrors = set(values or ())
    known = ("input", "output", "preview")
    if unknown := mirrors - set(known):
        raise typer.BadParameter(
            tr(
                f"expected {', '.join(known)}, got {', '.join(sorted(unknown))!r}",
                f"应为 {'、'.join(known)}，实际为 {', '.join(sorted(unknown))!r}",
            ),
            param_hint="--mirror",
        )
    return mirrors


def _framing(zoom: float, position: str, mirror: bool) -> "Framing":
    from liveavatar.media.compositing import Framing

    x, y = position_of(position)
    return Framing(zoom, x, y, mirror)


def profile_named(name: str | None) -> "Profile | None":
    """The profile of that name; without a name the usual one, if it can be used."""
    from liveavatar.errors import ProfileError
    from liveavatar.retargeting.profile import load_profile, usual_profile

    if name is not None:
        return load_profile(name)
    try:
        return usual_profile()
    except ProfileError as error:
        say(str(error))  # nobody asked for it by name: go on as for somebody new
        return None
