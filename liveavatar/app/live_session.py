"""What `run` does: live, frame by frame, or with a test card."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from liveavatar.app.console import StatusLine, ending_politely, progress, summary
from liveavatar.app.parts import (
    Seen,
    contents_of,
    frame_count,
    only_whole,
    read_by,
    renderer_of,
    require_apart,
    sound_of,
    tell_notes,
    tell_of_interrupted,
)
from liveavatar.base.files import expanded
from liveavatar.base.messages import say
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.app.actions import Actions
    from liveavatar.avatar.card import Avatar
    from liveavatar.media.compositing import Framing
    from liveavatar.media.sound import Sound
    from liveavatar.outputs import Output


ENDS_WITHIN = 1.8
"""Seconds from Ctrl-C to the end, even where the main thread hangs in native code."""


@dataclass(frozen=True)
class Sink:
    """What the user said about the output."""

    spec: str
    background: str | None
    colour_matrix: str
    size: tuple[int, int] | None
    framing: "Framing"

    @property
    def is_file(self) -> bool:
        """Whether it keeps what is sent."""
        from liveavatar.outputs import kind_of

        return kind_of(self.spec) == "video"

    def check(self, size: tuple[int, int], inputs: Mapping[str, Path | None]) -> None:
        """Raise OutputError, before anything large is loaded, where there is no such output, or where a file of this name
        cannot be written or is one that is read. size: the avatar's. inputs: files by option."""
        from liveavatar.media.compositing import TRANSPARENT
        from liveavatar.media.recording import require_writable
        from liveavatar.outputs import refuse_transparency

        if not self.is_file:
            return
        path = expanded(self.spec)
        background = expanded(self.background) if self.background else None
        require_apart(path, {**inputs, "--background": background})
        if self.background == TRANSPARENT and path.suffix.lower() != ".webm":
            raise refuse_transparency(self.spec)
        require_writable(path, self.size or size)

    def open(
        self, size: tuple[int, int], fps: float, sound: "Sound | None" = None, live: bool = False
    ) -> "Output":
        from liveavatar.outputs import open_output

        return open_output(
            self.spec,
            size=self.size or size,
            fps=fps,
            background=self.background,
            framing=self.framing,
            colour_matrix=self.colour_matrix,
            sound=sound,
            live=live,
        )

    def lasting(self, size: tuple[int, int], fps: float) -> "Output":
        """The same for a live show: a device that goes away is opened again, a file holds nothing up."""
        from liveavatar.outputs.reopening import Reopening

        opened = partial(self.open, size, fps, live=True)
        return Reopening(opened) if self.spec == "virtualcam" else opened()


@dataclass(frozen=True)
class Looks:
    """What the user said about looking on and about keys."""

    preview: bool
    mirror: bool
    hotkeys: bool


def play_test_card(output: Sink, fps: float) -> None:
    """Cards until Ctrl-C."""
    from liveavatar.app.testcard import play

    size = output.size or (512, 512)
    output.check(size, {})
    with ending_politely(), closing(output.open(size, fps)) as sink:
        _announce(tr("test card", "测试卡"), sink)
        count = play(sink, size, fps)
    typer.echo(tr(f"{count} cards sent", f"共发送 {count} 帧测试卡"))


def play_live(
    camera: str,
    avatar: "Avatar",
    output: Sink,
    provider: str,
    model: Path | None,
    fps: float,
    retargeter: Any,
    looks: Looks,
) -> None:
    """Until Ctrl-C or the end of a file: camera to avatar to output, taking commands meanwhile."""
    from liveavatar.app.actions import Actions
    from liveavatar.avatar.library import find_avatar, list_avatars
    from liveavatar.base.shutdown import within
    from liveavatar.base.timing import now
    from liveavatar.cameras import clip_of, open_camera
    from liveavatar.live.loop import Live
    from liveavatar.live.neutral_card import neutral_card
    from liveavatar.retargeting.emotes import Emoting
    from liveavatar.trackers import open_tracker
    from liveavatar.trackers.model_files import find_model

    output.check(avatar.size, read_by(camera, avatar, model))
    tell_of_interrupted(output.spec)
    _tell_of_another()
    found = find_model(model, announce=say)
    is_file = clip_of(camera) is not None
    emoting = Emoting(retargeter)
    status, seen = StatusLine(avatar.name), Seen()
    preload()
    with (
        ending_politely(),
        closing(_with_preview(output.lasting(avatar.size, fps), looks, seen, avatar.size, fps)) as sink,
    ):
        _announce(avatar.name, sink)
        live = Live(
            open_camera=lambda: open_camera(camera),
            open_tracker=lambda: seen.watch(open_tracker("mediapipe", found)),
            retargeter=emoting,
            open_renderer=lambda: renderer_of(avatar, provider),
            output=sink,
            size=avatar.size,
            fps=fps,
            reopen=not is_file,
            follow=not output.is_file,
            package=contents_of(avatar),
            card=neutral_card(sink.background.size),
            on_status=status,
        )

        def swap(name: str) -> dict[str, Any]:
            start = now()
            chosen = find_avatar(name)
            live.swap(lambda: renderer_of(chosen, provider), contents_of(chosen))
            retargeter.limit_head(chosen.head_limits)
            status.avatar = chosen.name
            return {"avatar": chosen.name, "seconds": round(now() - start, 2)}

        actions = Actions(
            swap=swap,
            recenter=retargeter.recenter,
            emote=emoting.toggle,
            panic=live.panic,
            background=sink.background,
            avatars=lambda: [name for name, _ in list_avatars()],
            current=avatar.name,
            failed=say,
        )
        if hasattr(sink, "on_key"):
            sink.on_key = actions.press
        try:
            with (
                _hotkeys(looks.hotkeys, actions),
                _listening(actions.handle, f"{avatar.name} -> {sink.label}"),
                within(ENDS_WITHIN, _tell_of_hanging),
            ):
                report = live.run()
        except Exception:
            if not live.report.driven and hasattr(sink, "abort"):
                sink.abort()  # a recording of nothing must not replace an older file
            raise
        if is_file and report.driven:
            seen.require(camera, sink)
    status.end()
    summary(report)
    for note in report.notes.values():
        say(note)
    if count := getattr(sink, "left_out", 0):
        say(
            tr(
                f"{count} pictures are not in the recording: there was no time to encode them. A smaller --size helps.",
                f"有 {count} 帧来不及编码，未写入录制文件。可以用 --size 减小画面。",
            )
        )
    if report.troubles:
        say("\n".join(f"{stage}: {message}" for stage, message in report.troubles.items()))
        raise typer.Exit(1)


def _announce(what: str, sink: Any) -> None:
    """Say what goes where. An address with a token in it is said here and nowhere else."""
    say(tr(f"{what} -> {sink.label}; Ctrl-C ends.", f"{what} -> {sink.label}；按 Ctrl-C 结束。"))
    for note in getattr(sink, "notes", ()):
        say(note)


def _tell_of_hanging() -> None:
    say(tr("A part does not answer: ended without it.", "有部件没有响应：已直接结束。"))


def _with_preview(sink: Any, looks: Looks, seen: Seen, size: tuple[int, int], fps: float) -> Any:
    """The output, with a window beside it where one was asked for. A window as output is its own preview."""
    from liveavatar.errors import OutputError
    from liveavatar.outputs import open_output
    from liveavatar.outputs.preview import Previewed

    if sink.label == "window":
        framing = sink.background.framing
        sink.background.framing = replace(framing, mirror=framing.mirror ^ looks.mirror)
        return sink
    if not looks.preview:
        return sink
    try:
        window = open_output("window", size=size, fps=fps)
    except OutputError:
        sink.close()
        raise
    return Previewed(sink, window, lambda: seen.last, looks.mirror)


@contextmanager
def _hotkeys(wanted: bool, actions: "Actions") -> Iterator[None]:
    """Listen for global keys meanwhile, where the user asked for them."""
    if not wanted:
        yield
        return
    from liveavatar.app.actions import KEYS
    from liveavatar.app.hotkeys import listen

    listener = listen(KEYS, actions.press)
    try:
        yield
    finally:
        listener.stop()


def preload() -> None:
    """Import what is large before the output opens: an import holds the interpreter, from a slow disk for seconds, and
    no frame could be sent meanwhile."""
    from liveavatar.base.heap import settle, share
    from liveavatar.errors import LiveAvatarError
    from liveavatar.renderers.sessions import available
    from liveavatar.trackers.mediapipe import import_mediapipe

    share()
    for load in (import_mediapipe, available):
        with suppress(LiveAvatarError):  # whoever needs it says what is missing
            load()
    settle()


def _tell_of_another() -> None:
    """Two may run, with a camera and an output each; whoever did not mean to must learn why one is taken."""
    from liveavatar.app.remote import running

    if (other := running()) is not None:
        say(
            tr(
                f"another liveavatar runs (pid {other['pid']}: {other['about']}): its camera and virtual camera may be taken. "
                "`liveavatar swap` and the like speak to this one until it ends, then to that one again.",
                f"另一个 liveavatar 正在运行（pid {other['pid']}：{other['about']}），它的摄像头和虚拟摄像头可能已被占用。"
                "`liveavatar swap` 等命令现在作用于本程序，本程序结束后再作用于前者。",
            )
        )


@contextmanager
def _listening(handle: Callable[[dict[str, Any]], dict[str, Any]], about: str) -> Iterator[None]:
    """Take commands meanwhile; a show goes on where that is impossible."""
    from liveavatar.app.remote import Control

    try:
        control = Control(handle, about)
    except OSError as error:
        reason = (
            f"{error.strerror or error} ({error.filename})"
            if error.filename
            else f"{error.strerror or error}"
        )
        say(
            tr(
                f"`liveavatar swap` and the like will not reach this one: {reason}",
                f"`liveavatar swap` 等命令将无法作用于本程序：{reason}",
            )
        )
        yield
        return
    with closing(control):
        yield


def play_every_frame(
    camera: str,
    avatar: "Avatar",
    output: Sink,
    provider: str,
    model: Path | None,
    fps: float | None,
    retargeter: Any,
) -> None:
    """One output frame for each frame of a file, as fast as it goes."""
    from liveavatar import pipeline
    from liveavatar.base.shutdown import within
    from liveavatar.base.timing import now
    from liveavatar.cameras import SYNTHETIC, clip_of, open_camera
    from liveavatar.errors import CameraError
    from liveavatar.media.sound import has_sound
    from liveavatar.trackers import open_tracker
    from liveavatar.trackers.model_files import find_model

    clip = SYNTHETIC if camera == "synthetic" else clip_of(camera)
    if clip is None:
        raise CameraError(
            tr(
                f"--every-frame works on video files; {camera!r} is none. Give --camera FILE.",
                f"--every-frame 只用于视频文件，而 {camera!r} 不是。请用 --camera 指定文件，或去掉该选项。",
            )
        )
    output.check(avatar.size, read_by(camera, avatar, model))
    tell_of_interrupted(output.spec)
    found = find_model(model, announce=say)
    source = open_camera(str(clip), paced=False)
    sound = sound_of(clip, source) if output.is_file and fps is None else None
    if output.is_file and fps is not None and has_sound(clip):
        say(tr("the sound is missing: --fps changes the clip's speed", "没有声音：--fps 改变了视频速度"))
    start, count, seen = now(), 0, Seen()
    with (
        ending_politely(),
        closing(source),
        closing(renderer_of(avatar, provider)) as renderer,
        closing(seen.watch(open_tracker("mediapipe", found))) as tracker,
        closing(output.open(avatar.size, fps or source.fps, sound)) as sink,
        progress(tr("Animating", "生成中"), frame_count(clip)) as advance,
        only_whole(sink),
        within(ENDS_WITHIN, _tell_of_hanging),
    ):
        for frame in pipeline.animate(source, tracker, retargeter, renderer):
            sink.send(frame, frame.time if fps is None else None)
            count += 1
            advance(count)
        seen.require(camera, sink)
    tell_notes(source, seen, sound)
    seconds = now() - start
    typer.echo(
        tr(
            f"{count} frames in {seconds:.1f} s: {sink.label}",
            f"共 {count} 帧，用时 {seconds:.1f} 秒：{sink.label}",
        )
    )
