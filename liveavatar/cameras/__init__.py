"""Where pictures come from: a webcam, a video file, or the synthetic person that ships with liveavatar."""

import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from liveavatar.base.files import asset, expanded
from liveavatar.errors import CameraError
from liveavatar.language import tr
from liveavatar.stages import Camera

CAMERAS: dict[str, str] = {
    "webcam": "liveavatar.cameras.webcam:Webcam",
    "video": "liveavatar.cameras.video:VideoFile",
}
"""Kind of camera -> "module:Class", imported on use."""

NONE = "none"
"""What `run --camera` takes where there is to be no camera."""

SYNTHETIC = asset("driver.mp4")
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
        devices = list(enumerate_cameras(_interface()))
    except (OSError, RuntimeError, NotImplementedError):  # no such folder, no such interface: no cameras
        return []
    return [CameraInfo(i, camera.name, camera.index) for i, camera in enumerate(devices)]


def describe_cameras(cameras: list[CameraInfo]) -> str:
    """The list for an error message, in the user's language."""
    if not cameras:
        return tr("No camera was found on this computer.", "这台电脑上没有找到摄像头。")
    names = "\n".join(f"  {camera.index}: {camera.name}" for camera in cameras)
    return tr(f"Cameras found:\n{names}", f"找到的摄像头：\n{names}")


def open_camera(spec: str | int | Path, *, paced: bool = True, loop: bool = False) -> Camera:
    """The camera that `spec` names.

    spec   index ("0"), part of a camera's name (any case), a device file ("/dev/video0", or one under
           /dev/v4l/by-id), a stream address ("rtsp://..."), a video file, also as file:// address, or
           "synthetic": the clip that ships with liveavatar, always looped
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
    if (clip := clip_of(spec)) is not None:
        return _make("video", clip, paced=paced, loop=loop)
    path = expanded(_local(text))
    if "://" in text and path == Path(text):
        return _make("webcam", text)
    if text.startswith(("/dev/video", "/dev/v4l/")):
        return _make("webcam", _device_file(path), name=text)
    cameras = list_cameras()
    for camera in cameras:
        if text and text.lower() in camera.name.lower():
            return _make("webcam", camera.device, name=camera.name)
    raise _no_match(text, path, cameras)


def _no_match(text: str, path: Path, cameras: list[CameraInfo]) -> CameraError:
    """Why nothing fits this name, which is this path."""
    if text and (reason := _no_clip(path)):
        return CameraError(reason)
    if path.suffix.lower() in VIDEO_SUFFIXES or len(path.parts) > 1:
        return CameraError(tr(f"no such video file: {path}", f"没有这个视频文件：{path}"))
    listing = describe_cameras(cameras)
    return CameraError(
        tr(
            f"no camera named {text!r}. {listing}\n--camera takes a number, a part of a name, a video "
            "file or synthetic.",
            f"没有名为 {text!r} 的摄像头。{listing}\n"
            "--camera 可以是编号、名称的一部分、视频文件或 synthetic。",
        )
    )


def clip_of(spec: str | int | Path) -> Path | None:
    """The file that `spec` names: as it stands, without blanks around it, or as a file:// address; None: no file."""
    if str(spec).strip() == "synthetic" or str(spec).strip().isdecimal():
        return None
    for text in (str(spec), _local(str(spec).strip())):
        path = expanded(text)
        with suppress(OSError):  # too long for a name
            if path.is_file():
                return path
    return None


def _local(text: str) -> str:
    """The path in a file:// address, as browsers and file managers copy it; anything else as it is."""
    if not text.lower().startswith("file:/"):
        return text
    from urllib.request import url2pathname

    rest = text[len("file:") :]
    host = rest[2:].partition("/")[0] if rest.startswith("//") else None
    return url2pathname(
        rest[2 + len(host) :] if host is not None and host.lower() in ("", "localhost") else rest
    )


def _device_file(path: Path) -> int:
    """cv2's number of a camera's device file."""
    import cv2

    target = Path(os.path.realpath(path))
    number = re.fullmatch(r"/dev/video(\d+)", str(target))
    if number is None:
        raise CameraError(
            tr(
                f"there is no camera at {path}: not plugged in, or no camera's device file. "
                f"{describe_cameras(list_cameras())}",
                f"{path} 处没有摄像头：未插好，或不是摄像头设备文件。{describe_cameras(list_cameras())}",
            )
        )
    return int(cv2.CAP_V4L2) + int(number[1])


def _no_clip(path: Path) -> str:
    """What this path is instead of a video file; empty where nothing has this name."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return ""
    if path.is_dir():
        return tr(
            f"{path} is a folder. Give one video file of it.", f"{path} 是文件夹，请给出其中的一个视频文件。"
        )
    if path.is_symlink() and not path.exists():
        target = os.readlink(path)
        return tr(f"{path} is a link to {target}, which is not there.", f"{path} 链接到不存在的 {target}。")
    if path.is_fifo():
        return tr(
            f"{path} is a named pipe, which is read once and cannot be waited for. Give a video file, or the "
            "address at which a program streams (rtsp://..., http://..., udp://...).",
            f"{path} 是命名管道，无法作为摄像头读取。请给出视频文件，或程序推流的地址（rtsp://、http://、udp://）。",
        )
    if path.exists():
        return tr(f"{path} is neither a video file nor a camera.", f"{path} 既不是视频文件，也不是摄像头。")
    return ""


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
