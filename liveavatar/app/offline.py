"""`run --every-frame`: a file in, a file out, one frame for each frame, as fast as it goes."""

import logging
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from liveavatar.app.console import ending_politely, ending_surely, progress, tell_notes
from liveavatar.app.parts import LineOptions, frame_count, log_run, renderer_of, sound_of
from liveavatar.app.sink import Sink, only_whole, read_by, tell_of_interrupted
from liveavatar.base.messages import say
from liveavatar.language import tr

if TYPE_CHECKING:  # numpy, cv2 and the rest load when a command runs
    from liveavatar.media.sound import Sound
    from liveavatar.stages import Camera

log = logging.getLogger(__name__)


def play_every_frame(line: LineOptions, sink: Sink, fps: float | None) -> str:
    """Animate a video file; returns what was done, for the user. fps: None keeps each frame's own time."""
    from liveavatar import pipeline
    from liveavatar.base.timing import now
    from liveavatar.cameras import open_camera
    from liveavatar.trackers import open_tracker
    from liveavatar.trackers.model_files import find_model
    from liveavatar.trackers.watched import FaceRecord, Watched

    clip = _clip(line.camera)
    sink.check(line.avatar.size, read_by(line.camera, line.avatar, line.model))
    tell_of_interrupted(sink.spec)
    model = find_model(line.model, announce=say)
    camera = open_camera(str(clip), paced=False)
    sound = _sound(clip, camera, sink, fps)
    start, count, record = now(), 0, FaceRecord()
    with (
        ending_politely(),
        closing(camera),
        closing(renderer_of(line.avatar, line.provider, line.draw)) as renderer,
        closing(Watched(open_tracker("mediapipe", model), record)) as tracker,
        closing(sink.open(sink.backdrop(line.avatar.size, line.avatar), fps or camera.fps, sound)) as output,
        progress(tr("Animating", "生成中"), frame_count(clip)) as advance,
        only_whole(output.keep),
        ending_surely(),
    ):
        log_run(line, output)
        for frame in pipeline.animate(camera, tracker, line.retargeter, renderer):
            output.send(frame, frame.time if fps is None else None)
            count += 1
            advance(count)
        record.require(line.camera, output.abort)
    tell_notes(camera.notes, record.notes, sound.notes if sound else ())
    seconds = now() - start
    log.info("ended: %d frames in %.1f s", count, seconds)
    return tr(
        f"{count} frames in {seconds:.1f} s: {output.label}",
        f"共 {count} 帧，用时 {seconds:.1f} 秒：{output.label}",
    )


def _clip(camera: str) -> Path:
    """The file behind --camera. Raises CameraError where there is none."""
    from liveavatar.cameras import SYNTHETIC, clip_of
    from liveavatar.errors import CameraError

    clip = SYNTHETIC if camera == "synthetic" else clip_of(camera)
    if clip is None:
        raise CameraError(
            tr(
                f"--every-frame works on video files; {camera!r} is none. Give --camera FILE.",
                f"--every-frame 只用于视频文件，而 {camera!r} 不是。请用 --camera 指定文件，或去掉该选项。",
            )
        )
    return clip


def _sound(clip: Path, camera: "Camera", sink: Sink, fps: float | None) -> "Sound | None":
    """The clip's sound for a file that keeps its times; says so where it cannot go along."""
    from liveavatar.media.sound import has_sound

    if not sink.is_file:
        return None
    if fps is None:
        return sound_of(clip, camera)
    if has_sound(clip):
        say(tr("the sound is missing: --fps changes the clip's speed", "没有声音：--fps 改变了视频速度"))
    return None
