"""A clip through the real tracker and avatar, into a video file. Works on files alone and offline.

The only place that puts a filmed picture beside the avatar. The live loop and the outputs do not know it.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from liveavatar import pipeline
from liveavatar.app.console import progress, tell_notes
from liveavatar.app.parts import frame_count, renderer_of, sound_of
from liveavatar.app.sink import only_whole, require_apart, tell_of_interrupted
from liveavatar.avatar.library import find_avatar
from liveavatar.base.files import expanded
from liveavatar.base.messages import say
from liveavatar.base.timing import now
from liveavatar.cameras import SYNTHETIC, clip_of, open_camera
from liveavatar.errors import CameraError
from liveavatar.language import tr
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.media.recording import require_writable
from liveavatar.media.sound import Sound
from liveavatar.media.video_writer import VideoEncoder
from liveavatar.outputs import open_output
from liveavatar.retargeting import open_retargeter
from liveavatar.stages import Camera, Renderer, Retargeter, Tracker
from liveavatar.trackers import open_tracker
from liveavatar.trackers.model_files import find_model
from liveavatar.types import Expression, Frame


def render_clip(
    clip: Path,
    output: Path,
    tracker: Tracker,
    retargeter: Retargeter,
    renderer: Renderer,
    *,
    side_by_side: bool = False,
    background: str = DEFAULT,
    on_frame: Callable[[int], None] | None = None,
) -> int:
    """Animate every frame of the clip into a video file; returns how many frames it has.

    side_by_side: the clip to the left of the avatar. on_frame: called with the number of frames done.
    Raises CameraError when the clip is no readable file, OutputError when the output cannot be written."""
    if clip_of(str(clip)) is None:
        raise CameraError(tr(f"{clip} is not a video file.", f"{clip} 不是视频文件。"))
    require_apart(output, {"demo": clip})
    camera = open_camera(str(clip), paced=False)
    sound = sound_of(clip, camera)
    render = _side_by_side if side_by_side else _avatar_only
    count = 0
    try:
        with closing(render(camera, output, tracker, retargeter, renderer, background, sound)) as counts:
            for count in counts:
                if on_frame is not None:
                    on_frame(count)
    finally:
        camera.close()
    tell_notes(camera.notes, sound.notes if sound else ())
    return count


def render_demo(output: Path, side_by_side: bool, draw: str = "auto") -> str:
    """The built-in clip with the usual avatar; returns what was done, for the user. draw: as open_renderer() takes it."""
    avatar = find_avatar()
    require_apart(output, {"demo": SYNTHETIC})
    require_writable(expanded(output))
    tell_of_interrupted(output)
    model = find_model(None, fetch=True, announce=say)
    with (
        closing(renderer_of(avatar, "auto", draw)) as renderer,
        closing(open_tracker("mediapipe", model)) as tracker,
    ):
        start = now()
        with progress(tr("Animating", "生成中"), frame_count(SYNTHETIC)) as advance:
            count = render_clip(
                SYNTHETIC,
                output,
                tracker,
                open_retargeter(avatar),
                renderer,
                side_by_side=side_by_side,
                on_frame=advance,
            )
        seconds = now() - start
    place, rate = expanded(output).resolve(), f"{count / seconds:.1f}"
    return tr(
        f"{count} frames in {seconds:.1f} s ({rate} fps, {avatar.name}): {place}",
        f"共 {count} 帧，用时 {seconds:.1f} 秒（{rate} 帧/秒，{avatar.name}）：{place}",
    )


def _avatar_only(
    camera: Camera,
    path: Path,
    tracker: Tracker,
    retargeter: Retargeter,
    renderer: Renderer,
    background: str,
    sound: Sound | None,
) -> Generator[int]:
    output = open_output(str(path), size=renderer.size, fps=camera.fps, background=background, sound=sound)
    with closing(output), only_whole(output.keep):
        frames = pipeline.animate(camera, tracker, retargeter, renderer, overlap=True)
        for count, frame in enumerate(frames, 1):
            output.send(frame, frame.time)
            yield count


def _side_by_side(
    camera: Camera,
    path: Path,
    tracker: Tracker,
    retargeter: Retargeter,
    renderer: Renderer,
    background: str,
    sound: Sound | None,
) -> Generator[int]:
    height = renderer.size[1]
    width = max(2, round(camera.size[0] * height / camera.size[1] / 2) * 2)  # video wants even numbers
    backdrop = Background(background, renderer.size)
    video = VideoEncoder(path, (width + renderer.size[0], height), camera.fps, sound=sound)

    def driven() -> Iterator[tuple[Frame, Expression]]:
        for frame in camera:
            yield frame, retargeter.retarget(tracker.track(frame), frame.time)

    with closing(video), only_whole(video.keep):
        for count, (frame, expression) in enumerate(pipeline.ahead(driven()), 1):
            avatar = backdrop.composite(renderer.render(expression))
            filmed = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_AREA)
            video.write(np.hstack((filmed, avatar)), frame.time)
            yield count
