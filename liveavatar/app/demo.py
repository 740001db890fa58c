"""A clip through the real tracker and avatar, into a video file. Works on files alone and offline.

The only place that puts a filmed picture beside the avatar. The live loop and the outputs do not know it.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from liveavatar import pipeline
from liveavatar.app.parts import only_whole, require_apart, sound_of, tell_notes
from liveavatar.cameras import clip_of, open_camera
from liveavatar.errors import CameraError
from liveavatar.language import tr
from liveavatar.media.compositing import DEFAULT, Background
from liveavatar.media.sound import Sound
from liveavatar.media.video_writer import VideoEncoder
from liveavatar.outputs import open_output
from liveavatar.stages import Camera, Renderer, Retargeter, Tracker
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
    render = _beside if side_by_side else _alone
    count = 0
    try:
        with closing(render(camera, output, tracker, retargeter, renderer, background, sound)) as counts:
            for count in counts:
                if on_frame is not None:
                    on_frame(count)
    finally:
        camera.close()
    tell_notes(camera, sound)
    return count


def _alone(
    camera: Camera,
    path: Path,
    tracker: Tracker,
    retargeter: Retargeter,
    renderer: Renderer,
    background: str,
    sound: Sound | None,
) -> Generator[int]:
    output = open_output(str(path), size=renderer.size, fps=camera.fps, background=background, sound=sound)
    with closing(output), only_whole(output):
        frames = pipeline.animate(camera, tracker, retargeter, renderer, overlap=True)
        for count, frame in enumerate(frames, 1):
            output.send(frame, frame.time)
            yield count


def _beside(
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
    behind = Background(background, renderer.size)
    video = VideoEncoder(path, (width + renderer.size[0], height), camera.fps, sound=sound)

    def driven() -> Iterator[tuple[Frame, Expression]]:
        for frame in camera:
            yield frame, retargeter.retarget(tracker.track(frame), frame.time)

    with closing(video), only_whole(video):
        for count, (frame, expression) in enumerate(pipeline.ahead(driven()), 1):
            avatar = behind.under(renderer.render(expression))
            filmed = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_AREA)
            video.write(np.hstack((filmed, avatar)), frame.time)
            yield count
