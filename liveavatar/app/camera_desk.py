"""What can be done about a running program's camera: another one, a mirror image, a calibration amid the show."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from liveavatar.app.parts import LineOptions
from liveavatar.app.show_calibration import ShowCalibration
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.stages import Camera
    from liveavatar.trackers.watched import FaceRecord

Command = dict[str, Any]
COMMANDS = ("camera", "cameras", "calibrate", "mirror")


class CameraDesk:
    """From any thread."""

    def __init__(
        self, line: LineOptions, faces: "FaceRecord", change: "Callable[[Callable[[], Camera]], None]"
    ) -> None:
        """faces: of the run's tracker. change: see Live.change_camera()."""
        from liveavatar.cameras import clip_of

        self._line, self._change = line, change
        self.changeable = line.tracks and clip_of(line.camera) is None
        """It is a camera, not a file, and nothing takes its place."""
        self.calibration = ShowCalibration(faces, "default", line.retargeter.know) if line.tracks else None

    @property
    def camera(self) -> str:
        """As open_camera() takes it; empty where there is none."""
        return self._line.camera if self._line.tracks else ""

    @property
    def mirror(self) -> bool:
        """The avatar moves like a mirror image."""
        return self._line.retargeter.mirror

    def handle(self, command: Command) -> Command:
        """Answer one of COMMANDS. Raises LiveAvatarError."""
        match command.get("command"):
            case "camera":
                return {"camera": self._take(str(command.get("name")))}
            case "cameras":
                return {"cameras": self.listed()}
            case "mirror":
                wanted = command.get("on")
                self._line.retargeter.mirror = not self.mirror if wanted is None else wanted is True
                return {"mirror": self.mirror}
        calibration = self.calibration
        if calibration is None:
            raise LiveAvatarError(
                tr("this run has no camera to calibrate with.", "本次运行没有可用于校准的摄像头。")
            )
        if command.get("stop") is True:
            calibration.stop()
        else:
            calibration.begin(command.get("glasses") is True)
        return {}

    def listed(self) -> list[str]:
        """Names of this computer's cameras."""
        from liveavatar.cameras import list_cameras

        return [camera.name for camera in list_cameras()]

    def _take(self, name: str) -> str:
        from liveavatar.cameras import clip_of, open_camera

        if not self.changeable:
            raise LiveAvatarError(
                tr(
                    "this run has no camera that could be changed: start one with liveavatar run --camera.",
                    "本次运行没有可更换的摄像头：请用 liveavatar run --camera 启动。",
                )
            )
        if clip_of(name) is not None:
            raise LiveAvatarError(
                tr(
                    "a video file is played by a run of its own: liveavatar run --camera FILE",
                    "视频文件需要单独运行：liveavatar run --camera 文件",
                )
            )
        self._change(lambda: open_camera(name))
        self._line.retargeter.recenter()
        self._line = replace(self._line, camera=name)
        return name
