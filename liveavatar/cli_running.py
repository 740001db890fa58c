"""The commands that play avatars: demo, run, swap."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liveavatar.console import StatusLine, progress, say, summary, terminate_like_interrupt
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.avatar import Avatar
    from liveavatar.outputs import Output
    from liveavatar.stages import Tracker
    from liveavatar.types import Face, Frame

AvatarOption = Annotated[
    str | None, typer.Option(help=tr("name or folder of the avatar", "形象的名称或文件夹"))
]
ProviderOption = Annotated[
    str,
    typer.Option(
        help=tr("what computes: auto, cpu, cuda, tensorrt, dml", "计算设备：auto、cpu、cuda、tensorrt、dml")
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(help=tr("face_landmarker.task, if kept elsewhere", "face_landmarker.task 的位置")),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(help=tr("Animate the built-in clip into a video file.", "用内置短片生成一段演示视频。"))(demo)
    app.command(
        help=tr("Play an avatar with your camera until Ctrl-C.", "用摄像头驱动形象，按 Ctrl-C 结束。")
    )(run)
    app.command(help=tr("Change the avatar of the program that runs.", "更换正在运行的程序的形象。"))(swap)


def demo(
    output: Annotated[
        Path, typer.Option(help=tr(".mp4 or .webm file to write", "要写入的 .mp4 或 .webm 文件"))
    ] = Path("avatar.mp4"),
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help=tr("the clip left, the avatar right", "左边原片，右边形象"))
    ] = False,
) -> None:
    """Animate the built-in clip, every frame; fetches the face model, saying so, where it is missing."""
    from liveavatar.avatar import find_avatar
    from liveavatar.cameras import SYNTHETIC
    from liveavatar.demo import render_clip
    from liveavatar.models import find_model
    from liveavatar.timing import now
    from liveavatar.trackers import open_tracker

    avatar = find_avatar()
    model = find_model(None, fetch=True, announce=say)
    with closing(_renderer(avatar, "auto")) as renderer, closing(open_tracker("mediapipe", model)) as tracker:
        start = now()
        with progress(tr("Animating", "生成中"), _frame_count(SYNTHETIC)) as advance:
            count = render_clip(
                SYNTHETIC,
                output,
                tracker,
                _retargeter(avatar),
                renderer,
                side_by_side=side_by_side,
                on_frame=advance,
            )
        seconds = now() - start
    place = output.expanduser().resolve()
    rate = f"{count / seconds:.1f}"
    typer.echo(
        tr(
            f"{count} frames in {seconds:.1f} s ({rate} fps, {avatar.name}): {place}",
            f"共 {count} 帧，用时 {seconds:.1f} 秒（{rate} 帧/秒，{avatar.name}）：{place}",
        )
    )


def run(
    camera: Annotated[
        str,
        typer.Option(help=tr("number, name, video file, or synthetic", "编号、名称、视频文件，或 synthetic")),
    ] = "0",
    avatar: AvatarOption = None,
    output: Annotated[
        str,
        typer.Option(
            help=tr(
                "virtualcam, window, browser, null, or an .mp4/.webm file",
                "virtualcam、window、browser、null，或 .mp4/.webm 文件",
            )
        ),
    ] = "virtualcam",
    every_frame: Annotated[
        bool,
        typer.Option(
            "--every-frame", help=tr("a file, frame by frame, not in real time", "逐帧处理视频文件，不按实时")
        ),
    ] = False,
    background: Annotated[
        str | None,
        typer.Option(
            help=tr(
                "#rrggbb, green, blue, transparent, or a picture", "#rrggbb、green、blue、transparent 或图片"
            )
        ),
    ] = None,
    provider: ProviderOption = "auto",
    model: ModelOption = None,
    fps: Annotated[
        float | None,
        typer.Option(
            min=1, max=240, help=tr("frames per second sent (30, or the file's)", "输出帧率（30，或同文件）")
        ),
    ] = None,
    colour_matrix: Annotated[
        str,
        typer.Option(
            help=tr(
                "of the virtual camera: bt709 (right in OBS) or bt601",
                "虚拟摄像头的色彩矩阵：bt709（OBS 中正确）或 bt601",
            )
        ),
    ] = "bt709",
    test_card: Annotated[
        bool,
        typer.Option(
            "--test-card",
            help=tr("a clock on the output, no camera, no avatar", "只输出测试卡，不用摄像头和形象"),
        ),
    ] = False,
) -> None:
    """Play an avatar."""
    from liveavatar.avatar import find_avatar
    from liveavatar.yuv import MATRICES

    if colour_matrix not in MATRICES:
        raise typer.BadParameter(
            tr(
                f"expected {' or '.join(MATRICES)}, got {colour_matrix!r}",
                f"应为 {' 或 '.join(MATRICES)}，实际为 {colour_matrix!r}",
            ),
            param_hint="--colour-matrix",
        )
    sink = _Sink(output, background, colour_matrix)
    if test_card:
        _run_test_card(sink, fps or 30.0)
        return
    chosen = find_avatar(*([avatar] if avatar else []))
    if every_frame:
        _run_every_frame(camera, chosen, sink, provider, model, fps)
    else:
        _run_live(camera, chosen, sink, provider, model, fps or 30.0)


@dataclass(frozen=True)
class _Sink:
    """What the user said about the output."""

    spec: str
    background: str | None
    colour_matrix: str

    def open(self, size: tuple[int, int], fps: float) -> "Output":
        from liveavatar.outputs import open_output

        return open_output(
            self.spec, size=size, fps=fps, background=self.background, colour_matrix=self.colour_matrix
        )


def _run_test_card(output: _Sink, fps: float) -> None:
    from liveavatar.testcard import play

    size = (512, 512)
    with closing(output.open(size, fps)) as sink, terminate_like_interrupt():
        say(tr(f"test card -> {sink.label}; Ctrl-C ends.", f"测试卡 -> {sink.label}；按 Ctrl-C 结束。"))
        count = play(sink, size, fps)
    typer.echo(tr(f"{count} cards sent", f"共发送 {count} 帧测试卡"))


def _run_live(
    camera: str, avatar: "Avatar", output: _Sink, provider: str, model: Path | None, fps: float
) -> None:
    from liveavatar.avatar import find_avatar
    from liveavatar.cameras import open_camera
    from liveavatar.errors import LiveAvatarError
    from liveavatar.live import Live
    from liveavatar.models import find_model
    from liveavatar.timing import now
    from liveavatar.trackers import open_tracker

    found = find_model(model, announce=say)
    is_file = Path(camera).expanduser().is_file()
    status, seen, retargeter = StatusLine(avatar.name), _Seen(), _retargeter(avatar)
    _preload()
    with closing(output.open(avatar.size, fps)) as sink:
        say(
            tr(
                f"{avatar.name} -> {sink.label}; Ctrl-C ends.",
                f"{avatar.name} -> {sink.label}；按 Ctrl-C 结束。",
            )
        )
        live = Live(
            open_camera=lambda: open_camera(camera),
            open_tracker=lambda: seen.watch(open_tracker("mediapipe", found)),
            retargeter=retargeter,
            open_renderer=lambda: _renderer(avatar, provider),
            output=sink,
            size=avatar.size,
            fps=fps,
            reopen=not is_file,
            follow=not output.spec.lower().endswith((".mp4", ".webm")),
            on_status=status,
        )

        def handle(command: dict[str, Any]) -> dict[str, Any]:
            if command.get("command") != "swap":
                raise LiveAvatarError(
                    tr(f"unknown command {command.get('command')!r}", f"未知命令 {command.get('command')!r}")
                )
            start = now()
            chosen = find_avatar(str(command.get("avatar")))
            live.swap(lambda: _renderer(chosen, provider))
            retargeter.limit_head(_head_range(chosen))
            status.avatar = chosen.name
            return {"avatar": chosen.name, "seconds": round(now() - start, 2)}

        try:
            with _listening(handle), terminate_like_interrupt():
                report = live.run()
        except Exception:
            if not live.report.driven and hasattr(sink, "abort"):
                sink.abort()  # a recording of nothing must not replace an older file
            raise
        if is_file and report.driven:
            seen.require(camera, sink)
    status.end()
    summary(report)
    if report.troubles:
        say("\n".join(report.troubles.values()))
        raise typer.Exit(1)


def _preload() -> None:
    """Import what is large before the output opens: an import holds the interpreter, from a slow disk for seconds, and
    no frame could be sent meanwhile."""
    for name in ("mediapipe", "onnxruntime"):
        with suppress(ImportError, OSError):  # whoever needs it says what is missing
            import_module(name)


@contextmanager
def _listening(handle: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    """Take commands meanwhile; a show goes on where that is impossible."""
    from liveavatar.control import Control

    try:
        control = Control(handle)
    except OSError as error:
        say(tr(f"`liveavatar swap` will not work: {error}", f"`liveavatar swap` 将不可用：{error}"))
        yield
        return
    with closing(control):
        yield


def swap(
    avatar: Annotated[str, typer.Argument(help=tr("name or folder", "名称或文件夹"))],
) -> None:
    """Change the avatar of the program that runs."""
    from liveavatar.avatar import CARD
    from liveavatar.control import ask

    folder = Path(avatar).expanduser()
    wanted = str(folder.resolve()) if (folder / CARD).is_file() else avatar
    answer = ask({"command": "swap", "avatar": wanted})
    typer.echo(
        tr(
            f"now {answer['avatar']} ({answer['seconds']} s to load and check)",
            f"现在是 {answer['avatar']}（加载与校验 {answer['seconds']} 秒）",
        )
    )


def _run_every_frame(
    camera: str, avatar: "Avatar", output: _Sink, provider: str, model: Path | None, fps: float | None
) -> None:
    from liveavatar import pipeline
    from liveavatar.cameras import SYNTHETIC, open_camera
    from liveavatar.errors import CameraError
    from liveavatar.models import find_model
    from liveavatar.timing import now
    from liveavatar.trackers import open_tracker

    clip = SYNTHETIC if camera == "synthetic" else Path(camera).expanduser()
    if not clip.is_file():
        raise CameraError(
            tr(
                f"--every-frame works on video files; {camera!r} is none. Give --camera FILE.",
                f"--every-frame 只用于视频文件，而 {camera!r} 不是。请用 --camera 指定文件，或去掉该选项。",
            )
        )
    found = find_model(model, announce=say)
    source = open_camera(str(clip), paced=False)
    start, count, seen = now(), 0, _Seen()
    with (
        closing(source),
        closing(_renderer(avatar, provider)) as renderer,
        closing(seen.watch(open_tracker("mediapipe", found))) as tracker,
        closing(output.open(avatar.size, fps or source.fps)) as sink,
        progress(tr("Animating", "生成中"), _frame_count(clip)) as advance,
        terminate_like_interrupt(),
    ):
        for frame in pipeline.animate(source, tracker, _retargeter(avatar), renderer):
            sink.send(frame)
            count += 1
            advance(count)
        seen.require(camera, sink)
    seconds = now() - start
    typer.echo(
        tr(
            f"{count} frames in {seconds:.1f} s: {sink.label}",
            f"共 {count} 帧，用时 {seconds:.1f} 秒：{sink.label}",
        )
    )


class _Seen:
    """Remembers whether the tracker ever saw a face: an avatar that only idles through a clip is a mistake."""

    face = False

    def watch(self, tracker: "Tracker") -> "Tracker":
        """The same tracker, watched."""
        track = tracker.track

        def watched(frame: "Frame") -> "Face | None":
            face = track(frame)
            self.face = self.face or face is not None
            return face

        tracker.track = watched  # type: ignore[method-assign]
        return tracker

    def require(self, clip: str, sink: Any) -> None:
        """Without any face: give up what was written and raise TrackerError."""
        from liveavatar.errors import TrackerError

        if self.face:
            return
        if hasattr(sink, "abort"):
            sink.abort()
        raise TrackerError(
            tr(
                f"no face was found in any frame of {clip}. Give a clip in which one face is well lit and large.",
                f"在 {clip} 的所有帧中都没有找到人脸。请提供人脸清晰、光线充足的视频。",
            )
        )


def _renderer(avatar: "Avatar", provider: str) -> Any:
    from liveavatar.renderers import open_renderer

    return open_renderer(avatar, provider)


def _retargeter(avatar: "Avatar") -> Any:
    from liveavatar.retarget import Retargeter

    return Retargeter(head_range=_head_range(avatar))


def _head_range(avatar: "Avatar") -> dict[str, float]:
    return {name: min(-low, high) for name, (low, high) in avatar.head_range.items()}


def _frame_count(clip: Path) -> int | None:
    """Frames in the file as its header says, None if it does not."""
    import av

    try:
        with av.open(str(clip)) as container:
            return container.streams.video[0].frames or None
    except (OSError, av.FFmpegError, IndexError):
        return None  # the camera will say what is wrong
