"""`run`: camera to avatar to output, live, until Ctrl-C or the end of a file, taking commands meanwhile."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from liveavatar.app import parts
from liveavatar.app.console import StatusLine, announce, ending_politely, ending_surely, summary, tell_notes
from liveavatar.app.sink import Sink, read_by, tell_of_interrupted
from liveavatar.base.messages import say
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.app.actions import Actions
    from liveavatar.app.console import Ending
    from liveavatar.app.feed import Feed
    from liveavatar.app.hearing import Hearing
    from liveavatar.app.microphone_desk import MicrophoneDesk
    from liveavatar.app.panel.desk import PanelDesk
    from liveavatar.app.plugin_desk import PluginDesk
    from liveavatar.app.speech.speaker import Speaker
    from liveavatar.app.vts.door import Door
    from liveavatar.audio.voices import Chosen
    from liveavatar.avatar.card import Avatar
    from liveavatar.live.governor import Budget
    from liveavatar.live.loop import Live
    from liveavatar.live.report import Report
    from liveavatar.outputs.newest import Newest
    from liveavatar.stages import Camera, Output, Renderer, Tracker
    from liveavatar.trackers.senders import Sender

log = logging.getLogger(__name__)

FPS = 30.0
"""Frames sent per second where nobody asked for another rate."""


@dataclass(frozen=True)
class DesktopOptions:
    """What the user said about a window to look at and about keys."""

    preview: bool
    mirror: bool
    """The preview's picture is flipped against the output's."""
    hotkeys: bool
    """Keys act in every program."""
    plugins: int | None = None
    """The port that VTube Studio's plugins come in by; None: none may."""
    vmc_out: tuple[str, int] | None = None
    """The address and port to which is sent what the avatar does."""
    panel: bool = False
    """The panel is served from the start; else when it is asked for."""
    show_panel: bool = False
    """It opens in the user's browser."""
    microphone: str | None = None
    """Which one moves the lips; None: none does."""
    voice: str = "off"
    """In what voice it is sent on, of audio.voices.NAMES; off: it is not."""
    profile: str = "default"
    """Whose voice that is, if it was calibrated."""
    speaker: str | None = None
    """What plays the voice, and what `speak` says; None: the virtual cable plays the one, the system's loudspeaker the other."""


def play_live(
    line: parts.LineOptions,
    sink: Sink,
    fps: float | None,
    desktop: DesktopOptions,
    budget: "Budget | None" = None,
) -> bool:
    """A whole run. fps: frames a second that the user asked for. Returns whether all was well at its end."""
    from liveavatar.trackers.model_files import find_model

    sink.check(line.avatar.size, read_by(line.camera, line.avatar, line.model))
    tell_of_interrupted(sink.spec)
    tell_of_another()
    if line.tracks:
        line = replace(line, model=find_model(line.model, announce=say))
    elif line.sender is not None and line.sender.host:
        _tell_of_network(line.sender)
    parts.preload(line.draw, tracks=line.tracks)
    session = LiveSession(line, sink, fps, desktop, budget)
    with ending_politely() as ending, closing(session.open_output()) as output:
        announce(line.avatar.name, output)
        parts.log_run(line, output)
        report = session.run(output, ending)
    log.info("ended: %d frames in %.1f s, troubles: %s", report.sent, report.seconds, report.troubles)
    session.status.end()
    summary(report)
    tell_notes(report.notes.values())
    _tell_of_left_out(output.left_out)
    if report.troubles:
        say("\n".join(f"{stage}: {message}" for stage, message in report.troubles.items()))
    return not report.troubles


class LiveSession:
    """What one run shares between its loop, its output and whoever gives commands."""

    def __init__(
        self,
        line: parts.LineOptions,
        sink: Sink,
        fps: float | None,
        desktop: DesktopOptions,
        budget: "Budget | None" = None,
    ) -> None:
        """Opens nothing. Raises OutputError for an unusable background."""
        from liveavatar.cameras import clip_of
        from liveavatar.retargeting.mixer import Mixer
        from liveavatar.trackers.watched import FaceRecord

        self.status = StatusLine(line.avatar.name)
        self._line, self._sink, self._desktop, self._budget = line, sink, desktop, budget
        self._shown = line.avatar.folder
        self._fps, self._smooth = fps or FPS, fps is not None
        self._is_file = line.tracks and clip_of(line.camera) is not None
        self._panel: PanelDesk | None = None
        self._mixer = Mixer(line.retargeter)
        self._mixer.limit_head(line.avatar.head_limits)
        self._faces = FaceRecord()
        self._backdrop = sink.backdrop(line.avatar.size, line.avatar)

    def open_output(self) -> "Output":
        """The output, with a window beside it where one was asked for. A window as output is its own preview."""
        from liveavatar.errors import OutputError
        from liveavatar.media.compositing import DEFAULT, Background
        from liveavatar.outputs.preview import Previewed
        from liveavatar.outputs.window import Window

        output, size = self._sink.open_live(self._backdrop, self._fps), self._line.avatar.size
        if self._sink.spec == "window":
            framing = self._backdrop.framing
            self._backdrop.framing = replace(framing, mirror=framing.mirror ^ self._desktop.mirror)
            return output
        if not self._desktop.preview:
            return output
        try:
            window = Window("window", size=size, fps=self._fps, background=Background(DEFAULT, size))
        except OutputError:
            output.close()
            raise
        return Previewed(output, window, self._backdrop, lambda: self._faces.last, self._desktop.mirror)

    def run(self, output: "Output", ending: "Ending") -> "Report":
        """Send frames to the output until the end, or until ending is asked for. Gives up a recording of nothing, or of an
        avatar that only idled."""
        from liveavatar.app.camera_desk import CameraDesk
        from liveavatar.app.feed import Feed
        from liveavatar.outputs.newest import Newest

        output = Newest(output)
        live = self._loop(output)
        self._cameras = CameraDesk(self._line, self._faces, live.change_camera)
        self._microphones = self._microphone(live.report)
        actions = self._actions(live)
        feed = Feed(self._mixer, live.report, lambda: actions.current)
        speaker = self._speaker(feed)
        self._plugins = self._plugin_desk(actions, live.report, output, speaker, feed)
        handle = partial(self._answer, actions, speaker)
        output.on_key(actions.press)
        try:
            with (
                closing(speaker),
                _hotkeys(self._desktop.hotkeys, actions),
                closing(self._microphones),
                closing(self._plugins),
                self._performing(),
                self._paneled(actions, live.report, output, handle),
                _listening(handle, f"{self._line.avatar.name} -> {output.label}", speaker),
                ending_surely(),
                ending.by(live.stop),
            ):
                report = live.run()
        except Exception:
            if not live.report.driven:
                output.abort()  # a recording of nothing must not replace an older file
            raise
        if self._is_file and report.driven:
            self._faces.require(self._line.camera, output.abort)
        return report

    def _loop(self, output: "Output") -> "Live":
        from liveavatar.live.governor import Governor
        from liveavatar.live.loop import Live
        from liveavatar.live.neutral_card import neutral_card
        from liveavatar.trackers.watched import Watched

        avatar = self._line.avatar
        return Live(
            open_camera=self._open_camera,
            open_tracker=lambda: Watched(self._open_tracker(), self._faces),
            retargeter=self._mixer,
            open_renderer=lambda: self._renderer_of(avatar),
            output=output,
            size=avatar.size,
            fps=self._fps,
            reopen=not self._is_file,
            follow=not self._sink.is_file,
            smooth=self._smooth,
            governor=Governor(self._budget),
            package=parts.contents_of(avatar),
            card=neutral_card(self._backdrop.size),
            on_status=self.status,
        )

    def _open_camera(self) -> "Camera":
        from liveavatar.cameras import open_camera
        from liveavatar.cameras.blank import Blank
        from liveavatar.trackers.senders.receiver import Receiver

        if self._line.blank:
            return Blank(self._fps)
        sender = self._line.sender
        return open_camera(self._line.camera) if sender is None else Receiver(sender, self._fps)

    def _open_tracker(self) -> "Tracker":
        from liveavatar.trackers import open_tracker
        from liveavatar.trackers.blank import NoTracker
        from liveavatar.trackers.senders.receiver import Told

        if self._line.blank:
            return NoTracker()
        return open_tracker("mediapipe", self._line.model) if self._line.sender is None else Told()

    def _renderer_of(self, avatar: "Avatar") -> "Renderer":
        return parts.renderer_of(avatar, self._line.provider, self._line.draw, live=True)

    def _actions(self, live: "Live") -> "Actions":
        from liveavatar.app.actions import Actions
        from liveavatar.avatar.library import list_avatars

        return Actions(
            swap=lambda name: self._swap(live, name),
            recenter=self._line.retargeter.recenter,
            emote=self._mixer.reactions.perform,
            panic=live.panic,
            background=self._backdrop,
            avatars=lambda: [name for name, _ in list_avatars()],
            current=self._line.avatar.name,
            failed=say,
        )

    def _answer(self, actions: "Actions", speaker: "Speaker", command: dict[str, Any]) -> dict[str, Any]:
        """To a command of the control channel. Raises LiveAvatarError."""
        from liveavatar.app.camera_desk import COMMANDS as CAMERA
        from liveavatar.app.microphone_desk import COMMANDS as MICROPHONE
        from liveavatar.app.remote import AVATAR
        from liveavatar.app.speech.talk import speak_file

        if command == AVATAR:
            return {"folder": str(self._shown.resolve())}
        if command.get("command") == "panel" and self._panel is not None:
            return self._panel.open(show=command.get("show") is True)
        for desk, commands in ((self._cameras, CAMERA), (self._microphones, MICROPHONE)):
            if command.get("command") in commands:
                return desk.handle(command)
        if command.get("command") == "plugins":
            return self._plugins.handle(command)
        if command.get("command") == "speak":
            return speak_file(speaker, command)
        return actions.handle(command)

    def _microphone(self, report: "Report") -> "MicrophoneDesk":
        """Lips follow a microphone, and its voice is sent on, where the user asks for that."""
        from liveavatar.app.microphone_desk import MicrophoneDesk

        def listen(name: str, voice: "Chosen | None") -> "Hearing":
            from liveavatar.app.hearing import Hearing, network_for
            from liveavatar.app.voice_way import VoiceWay
            from liveavatar.audio.cable import CABLE

            way = None if voice is None else VoiceWay(voice, self._desktop.speaker or CABLE, report, say)
            return Hearing(name, self._mixer, report, say, network_for(self._desktop.profile, say), way)

        desk = MicrophoneDesk(listen, lambda: self.status.avatar)
        if self._desktop.microphone is not None:
            desk.take(self._desktop.microphone, self._desktop.voice)
        return desk

    def _speaker(self, feed: "Feed") -> "Speaker":
        """Who says something, and the avatar at rest, move as the profile's person does, where that was learned."""
        from liveavatar.app.speech.speaker import Speaker
        from liveavatar.errors import ProfileError
        from liveavatar.retargeting.gestures import Gestures
        from liveavatar.retargeting.manner import load_manner
        from liveavatar.retargeting.own_gestures import OwnGestures, own_idle

        accompany: Callable[[str, int], Gestures | OwnGestures] = Gestures
        try:
            manner = load_manner(self._desktop.profile)
        except ProfileError as error:
            say(str(error))  # the rules will do
            manner = None
        if manner is not None:
            accompany = partial(OwnGestures, manner)
        speaker = Speaker(self._mixer, self._desktop.speaker or "default", feed.speech, accompany=accompany)
        if manner is not None:
            self._line.retargeter.idle = own_idle(manner, speaker.presence)
        return speaker

    def _plugin_desk(
        self, actions: "Actions", report: "Report", output: "Newest", speaker: "Speaker", feed: "Feed"
    ) -> "PluginDesk":
        """Plugins are let in, where the user asks for that."""
        from liveavatar.app.plugin_desk import PluginDesk

        def make(port: int) -> "Door":
            from liveavatar.app.vts.door import Door
            from liveavatar.app.vts.stage import Stage
            from liveavatar.media.outline import shown_outline

            stage = Stage(
                actions=actions, mixer=self._mixer, report=report, size=self._backdrop.size,
                outline=lambda: shown_outline(output.frame, self._backdrop),
            )  # fmt: skip
            return Door(stage, speaker, feed, port)

        desk = PluginDesk(make)
        desk.begin(self._desktop.plugins)
        return desk

    @contextmanager
    def _paneled(
        self,
        actions: "Actions",
        report: "Report",
        output: "Newest",
        handle: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> Iterator[None]:
        """A panel can be opened meanwhile."""
        from liveavatar.app.panel.desk import PanelDesk

        self._panel = PanelDesk(
            actions=actions,
            reactions=self._mixer.reactions,
            report=report,
            background=self._backdrop,
            fps=self._fps,
            output=output,
            cameras=self._cameras,
            microphones=self._microphones,
            handle=handle,
        )
        with closing(self._panel):
            if self._desktop.panel:
                self._panel.serve(self._desktop.show_panel)
            yield

    @contextmanager
    def _performing(self) -> Iterator[None]:
        """Send what the avatar does meanwhile, where the user asked for that."""
        target = self._desktop.vmc_out
        if target is None:
            yield
            return
        from liveavatar.app.vmc_out import Performing

        host, port = target
        say(
            tr(
                f"What the avatar does is sent by VMC to {host}, port {port}; no picture is.",
                f"形象的动作通过 VMC 发送到 {host} 端口 {port}；不发送画面。",
            )
        )
        with closing(Performing(target, lambda: self._mixer.latest, self._fps)):
            yield

    def _swap(self, live: "Live", name: str) -> dict[str, Any]:
        """Another avatar from the next frame on; what the one who asked is answered."""
        from liveavatar.avatar.library import find_avatar
        from liveavatar.base.timing import now

        start = now()
        avatar = find_avatar(name)
        live.swap(lambda: self._renderer_of(avatar), parts.contents_of(avatar))
        for part in (self._line.retargeter, self._mixer):
            part.limit_head(avatar.head_limits)
        self._sink.dress(self._backdrop, avatar)
        self.status.avatar, self._shown = avatar.name, avatar.folder
        self._microphones.swapped()
        if self._panel is not None:
            self._panel.swapped(avatar.name)
        return {"avatar": avatar.name, "seconds": round(now() - start, 2)}


def _tell_of_left_out(count: int) -> None:
    if count:
        say(
            tr(
                f"{count} pictures are not in the recording: there was no time to encode them. A smaller --size helps.",
                f"有 {count} 帧来不及编码，未写入录制文件。可以用 --size 减小画面。",
            )
        )


def _tell_of_network(sender: "Sender") -> None:
    """A port to the network is opened: why a firewall may ask."""
    say(
        tr(
            f"A port for {sender.name} is opened to your network; only {sender.host} is listened to. If the system's firewall "
            "asks, allow private networks only. No camera is opened.",
            f"将为 {sender.name} 开放一个局域网端口，只接收 {sender.host} 的数据。"
            "如果系统防火墙询问，请只允许专用网络。不会打开摄像头。",
        )
    )


def tell_of_another() -> None:
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


@contextmanager
def _listening(
    handle: Callable[[dict[str, Any]], dict[str, Any]], about: str, speaker: "Speaker"
) -> Iterator[None]:
    """Take commands, and what is to be said, meanwhile; a show goes on where that is impossible."""
    from liveavatar.app.remote import SPEECH, Control
    from liveavatar.app.speech.talk import serve

    try:
        control = Control(handle, about, {SPEECH: partial(serve, speaker)})
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
