"""Where pictures come from: a webcam, a video file, or the synthetic person that ships with liveavatar."""

import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from liveavatar.errors import CameraError
from liveavatar.language import tr
from liveavatar.stages import Camera

CAMERAS: dict[str, str] = {
    "webcam": "liveavatar.cameras.webcam:Webcam",
    "video": "liveavatar.cameras.video:VideoFile",
}
"""Kind of camera -> "module:Class", imported on use."""

SYNTHETIC = Path(__file__).parent.parent / "assets" / "driver.mp4"
"""The clip behind `--camera synthetic`: a rendered person, made by scripts/driver_clip.py."""

VIDEO_SUFFIXES = {
    ".mp4",
    ".mov",
    ".mkv",
    ".webm",
    ".avi",
    ".m4v",
    ".gif",
    ".mpg",
    ".mpeg",
    ".ts",
    ".flv",
    ".wmv",
}


@dataclass(frozen=True)
class CameraInfo:
    """One camera of this computer."""

    index: int
    """What to give to `--camera`."""
    name: str
    device: int
    """Index in cv2's own numbering, with the backend's offset."""


def list_cameras() -> list[CameraInfo]:
    """The cameras of this computer by the system's names, through the system's usual interface."""
    from cv2_enumerate_cameras import enumerate_cameras

    try:
        found = list(enumerate_cameras(_interface()))
    except (OSError, RuntimeError, NotImplementedError):  # no such folder, no such interface: no cameras
        return []
    return [CameraInfo(i, camera.name, camera.index) for i, camera in enumerate(found)]


def describe_cameras(cameras: list[CameraInfo]) -> str:
    """The list for an error message, in the user's language."""
    if not cameras:
        return tr("No camera was found on this computer.", "这台电脑上没有找到摄像头。")
    names = "\n".join(f"  {camera.index}: {camera.name}" for camera in cameras)
    return tr(f"Cameras found:\n{names}", f"找到的摄像头：\n{names}")


def open_camera(spec: str | int, *, paced: bool = True, loop: bool = False) -> Camera:
    """The camera that `spec` names.

    spec   index ("0"), part of a camera's name (any case), a stream address ("rtsp://..."), a video
           file, or "synthetic": the clip that ships with liveavatar, always looped
    paced  files only. True: in real time like a webcam, Frame.time on the monotonic clock. False: as
           fast as frames are taken, Frame.time is the position in the clip
    loop   files only: start again at the end, with time running on

    Raises CameraError when nothing fits or what fits cannot be opened.
    """
    text = str(spec).strip()
    if text == "synthetic":
        return _make("video", SYNTHETIC, paced=paced, loop=True)
    if text.isdecimal() and len(text) < 5:  # cv2's own numbers end there
        device, name = _device(int(text))
        return _make("webcam", device, name=name)
    if "://" in text:
        return _make("webcam", text)
    path = Path(text).expanduser()
    if path.is_file():
        return _make("video", path, paced=paced, loop=loop)
    cameras = list_cameras()
    match = next((c for c in cameras if text.lower() in c.name.lower()), None) if text else None
    if match:
        return _make("webcam", match.device, name=match.name)
    if path.suffix.lower() in VIDEO_SUFFIXES or len(path.parts) > 1:
        raise CameraError(tr(f"no such video file: {path}", f"没有这个视频文件：{path}"))
    listing = describe_cameras(cameras)
    raise CameraError(
        tr(
            f"no camera named {text!r}. {listing}\n--camera takes a number, a part of a name, a video "
            "file or synthetic.",
            f"没有名为 {text!r} 的摄像头。{listing}\n"
            "--camera 可以是编号、名称的一部分、视频文件或 synthetic。",
        )
    )


def _device(index: int) -> tuple[int, str]:
    """cv2's number and the name for an index of list_cameras(); past the list, the system's own index."""
    cameras = list_cameras()
    if index < len(cameras):
        return cameras[index].device, cameras[index].name
    return _interface() + index, str(index)


def _interface() -> int:
    """cv2's number of the system's usual camera interface; its cameras count from there."""
    import cv2

    usual = {"win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION, "linux": cv2.CAP_V4L2}
    return int(usual.get(sys.platform, cv2.CAP_ANY))


def _make(kind: str, *args: object, **options: object) -> Camera:
    module, name = CAMERAS[kind].split(":")
    camera: Camera = getattr(import_module(module), name)(*args, **options)
    return camera
