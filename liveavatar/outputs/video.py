"""A video file: .mp4 (H.264) on a background, .webm (VP9) also transparent."""

from pathlib import Path

from liveavatar.language import tr
from liveavatar.media.blend import straight_alpha
from liveavatar.media.compositing import Background
from liveavatar.media.sound import Sound
from liveavatar.media.video_writer import VideoEncoder
from liveavatar.outputs import refuse_transparency, require_avatar_frame
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame


class VideoFile(Output):
    """Every frame sent is one frame of the file, shown at its own time; `fps` frames per second where none is given."""

    def __init__(
        self,
        target: str,
        *,
        size: tuple[int, int],
        fps: float,
        background: Background,
        sound: Sound | None = None,
        live: bool = False,
    ) -> None:
        """sound: goes along. live: see VideoEncoder.

        Raises OutputError when the file cannot be written or the background does not suit it."""
        if background.transparent and Path(target).suffix.lower() != ".webm":
            raise refuse_transparency(target)
        self.label = target
        """The name that the file gets when it is whole."""
        self.background = background
        self.notes = (
            [] if sound else [tr("The recording has pictures only, no sound.", "录制只有画面，没有声音。")]
        )
        self._encoder = VideoEncoder(target, size, fps, background.transparent, sound, live)

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Append one frame, shown `at` seconds into the file, None: one period after the last.

        Raises OutputError; what was written then stays, see keep()."""
        require_avatar_frame(frame)
        if self._encoder.alpha:
            self._encoder.write(straight_alpha(self.background.composite_rgba(frame)), at)
        else:
            self._encoder.write(self.background.composite(frame), at)

    @property
    def left_out(self) -> int:
        """Frames for which the encoder had no time."""
        return self._encoder.left_out

    def keep(self) -> Path | None:
        """Leave what was written under the name it has until it is whole; returned, None where there is nothing."""
        return self._encoder.keep()

    def abort(self) -> None:
        """Leave no file, and an older one of that name as it was."""
        self._encoder.abort()

    def close(self) -> None:
        """Complete the file."""
        self._encoder.close()
