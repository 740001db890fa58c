"""Opens the parts that a run, a demo or a calibration needs for an avatar and a clip."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liveavatar.base.messages import say
from liveavatar.base.plain_text import without_password
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.avatar.card import Avatar
    from liveavatar.media.sound import Sound
    from liveavatar.retargeting.retargeter import FaceRetargeter
    from liveavatar.stages import Output, Renderer
    from liveavatar.trackers.senders import Sender

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LineOptions:
    """What a run leads from the camera to the avatar with."""

    camera: str
    """As open_camera() takes it."""
    avatar: "Avatar"
    provider: str
    draw: str
    """What puts the picture together: auto, gpu or cpu."""
    model: Path | None
    """The face model; None: where find_model() finds it."""
    retargeter: "FaceRetargeter"
    sender: "Sender | None" = None
    """Another tracker than MediaPipe; then there is no camera."""

    @property
    def blank(self) -> bool:
        """There is no camera, and nothing takes its place: the avatar idles, and does what it is told."""
        from liveavatar.cameras import NONE

        return self.sender is None and self.camera.strip().lower() == NONE

    @property
    def tracks(self) -> bool:
        """A camera's pictures are looked at, with MediaPipe."""
        return self.sender is None and not self.blank


def renderer_of(avatar: "Avatar", provider: str, draw: str = "auto", live: bool = False) -> "Renderer":
    """The avatar's renderer, as open_renderer() takes it; says so where the CPU computes because the GPU did not start."""
    from liveavatar.renderers import open_renderer

    renderer = open_renderer(avatar, provider, say=say, draw=draw, live=live)
    if renderer.fallback:
        say(tr(f"on the CPU, because {renderer.fallback}", f"改用 CPU，原因：{renderer.fallback}"))
    return renderer


def log_run(line: LineOptions, output: "Output") -> None:
    """What a run begins with, for the log."""
    from liveavatar.base.provenance import versions

    if log.isEnabledFor(logging.INFO):
        packages = ", ".join(f"{name} {version}" for name, version in versions().items())
        camera = line.sender or without_password(line.camera)
        log.info("begins: %s -> %s -> %s; %s", camera, line.avatar.name, output.label, packages)


def contents_of(avatar: "Avatar") -> str:
    """The same text for the same files only, wherever they are."""
    return repr(sorted(avatar.files.items()))


def sound_of(clip: Path, camera: Any) -> "Sound | None":
    """The clip's sound, for where the camera, a video file, puts its pictures; None where it has none."""
    from liveavatar.media.sound import Sound, has_sound

    return Sound(clip, lambda: camera.offset) if has_sound(clip) else None


def frame_count(clip: Path) -> int | None:
    """Frames in the file as its header says, None if it does not."""
    from liveavatar.media.libav import av

    try:
        with av.open(str(clip.absolute())) as container:
            # A cover is a video of one picture.
            return max((stream.frames for stream in container.streams.video), default=0) or None
    except (OSError, av.FFmpegError):
        return None  # the camera will say what is wrong


def preload(draw: str = "cpu", tracks: bool = True) -> None:
    """Import what is large before the output opens: an import holds the interpreter, from a slow disk for seconds, and
    no frame could be sent meanwhile. So does a graphics driver as it starts: where it turns out in time that there is one
    to draw with, its context is made here too. draw: as open_renderer() takes it. tracks: with MediaPipe."""
    from liveavatar.base.heap import settle, share
    from liveavatar.base.opengl import is_software, probe, shared_opengl
    from liveavatar.base.shutdown import Detached
    from liveavatar.errors import LiveAvatarError
    from liveavatar.renderers.sessions import available
    from liveavatar.trackers.landmarker import import_mediapipe

    def ask() -> None:
        with suppress(LiveAvatarError):
            probe()

    share()
    asking = Detached(ask, name="opengl") if draw != "cpu" else None
    for load in (import_mediapipe, available) if tracks else (available,):
        with suppress(LiveAvatarError):  # whoever needs it says what is missing
            load()
    if asking is not None and not asking.is_alive():
        with suppress(LiveAvatarError):
            if draw == "gpu" or not is_software(probe()):
                shared_opengl()
    settle()
