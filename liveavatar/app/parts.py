"""Opens the parts that a run, a demo or a calibration needs for an avatar and a clip."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liveavatar.base.files import expanded
from liveavatar.base.messages import say
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.avatar.card import Avatar
    from liveavatar.media.sound import Sound
    from liveavatar.stages import Tracker
    from liveavatar.types import Face, Frame


def renderer_of(avatar: "Avatar", provider: str) -> Any:
    """The avatar's renderer; says so where it draws on the CPU because the GPU did not start."""
    from liveavatar.renderers import open_renderer

    renderer = open_renderer(avatar, provider, say=say)
    if reason := getattr(renderer, "fallback", ""):
        say(tr(f"on the CPU, because {reason}", f"改用 CPU，原因：{reason}"))
    return renderer


def contents_of(avatar: "Avatar") -> str:
    """The same text for the same files only, wherever they are."""
    return repr(sorted(avatar.files.items()))


def require_apart(output: str | Path, inputs: Mapping[str, Path | None]) -> None:
    """Raise OutputError where the output is one of the files that are read, under whatever name. inputs: by option."""
    from liveavatar.base.files import same_file
    from liveavatar.errors import OutputError

    for option, path in inputs.items():
        if path is not None and same_file(expanded(output), path):
            raise OutputError(
                tr(
                    f"--output {output} is the file that {option} reads ({path}); it would be lost. "
                    "Give another name.",
                    f"--output {output} 就是 {option} 要读取的文件（{path}），写入会使其丢失。请换一个名称。",
                )
            )


def read_by(camera: str, avatar: "Avatar", model: Path | None) -> dict[str, Path | None]:
    """The user's files that a run reads, by option."""
    from liveavatar.cameras import clip_of

    files = {f"--avatar ({path.name})": path for path in avatar.folder.rglob("*") if path.is_file()}
    return {"--camera": clip_of(camera), "--model": model, **files}


def tell_of_interrupted(output: str | Path) -> None:
    """Say once where recordings lie that an earlier run could not finish."""
    from liveavatar.media.recording import interrupted

    target = expanded(output)
    for path in interrupted(target.parent if target.suffix.lower() in (".mp4", ".webm") else None):
        say(
            tr(
                f"a recording was interrupted; what there is of it can be played: {path}",
                f"有一段录制曾被中断，已录下的部分可以播放：{path}",
            )
        )


def sound_of(clip: Path, camera: Any) -> "Sound | None":
    """The clip's sound, for where the camera puts its pictures; None where it has none."""
    from liveavatar.media.sound import Sound, has_sound

    return Sound(clip, lambda: camera.offset) if has_sound(clip) else None


def tell_notes(*parts: Any) -> None:
    """Say what was wrong with the clip, or with its sound."""
    for part in parts:
        for note in getattr(part, "notes", ()):
            say(note)


@contextmanager
def only_whole(sink: Any) -> Iterator[None]:
    """An error or Ctrl-C within leaves the part that is written beside the file, and says where: an older file of that
    name is replaced by a whole one only."""
    try:
        yield
    except BaseException as error:
        part = sink.keep() if hasattr(sink, "keep") else None
        if part is not None and str(part) not in str(error):
            say(
                tr(
                    f"not finished; the part until here can be played: {part}",
                    f"未完成；到此为止的部分可以播放：{part}",
                )
            )
        raise


def frame_count(clip: Path) -> int | None:
    """Frames in the file as its header says, None if it does not."""
    from liveavatar.media.libav import av

    try:
        with av.open(str(clip.absolute())) as container:
            # A cover is a video of one picture.
            return max((stream.frames for stream in container.streams.video), default=0) or None
    except (OSError, av.FFmpegError):
        return None  # the camera will say what is wrong


class Seen:
    """Remembers what the tracker saw last, and whether it ever saw a face: an avatar that only idles is a mistake."""

    face = False
    last: "Face | None" = None
    notes: tuple[str, ...] = ()
    """What the tracker said last about how the face is seen."""

    def watch(self, tracker: "Tracker") -> "Tracker":
        """The same tracker, watched."""
        track = tracker.track

        def watched(frame: "Frame") -> "Face | None":
            self.last = face = track(frame)
            self.face = self.face or face is not None
            if note := getattr(tracker, "note", ""):
                self.notes = (note,)
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
        message = tr(
            f"no face was found in any frame of {clip}. Give a clip in which one face is well lit and large.",
            f"在 {clip} 的所有帧中都没有找到人脸。请提供人脸清晰、光线充足的视频。",
        )
        raise TrackerError("\n".join([message, *self.notes]))
