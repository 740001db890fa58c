"""A virtual camera, through pyvirtualcam: OBS, Zoom and browsers see it as a webcam.

The only module that imports pyvirtualcam (GPL-2.0; an optional extra, never part of this package).
"""

import contextlib
import errno
import os
import struct
import sys
from pathlib import Path
from typing import Any

from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.media.compositing import Background
from liveavatar.media.v4l2 import used_by
from liveavatar.media.yuv import matrix, to_i420
from liveavatar.outputs import refuse_transparency, require_avatar_frame
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame


class VirtualCamera(Output):
    """Sends the avatar on a background: virtual cameras have no alpha.

    Where the device carries YUV it is made here: pyvirtualcam would use BT.601, which OBS decodes as BT.709."""

    def __init__(
        self,
        target: str,
        *,
        size: tuple[int, int],
        fps: float,
        background: Background,
        colour_matrix: str = "bt709",
    ) -> None:
        """colour_matrix: a name of yuv.MATRICES, the one that the readers assume.

        Raises OutputError that names every backend tried and what to do on this system."""
        if background.transparent:
            raise refuse_transparency(tr("the virtual camera", "虚拟摄像头"))
        try:
            import pyvirtualcam
        except (ImportError, OSError) as error:
            raise OutputError(
                tr(
                    f'pyvirtualcam cannot be imported ({error}). Run: pip install "liveavatar[cpu]"',
                    f'无法导入 pyvirtualcam（{error}）。请运行：pip install "liveavatar[cpu]"',
                )
            ) from error
        self.background = background
        self._camera: Any = None
        self._rows = matrix(colour_matrix)
        rearm_v4l2loopback()
        formats = pyvirtualcam.PixelFormat
        options: dict[str, Any] = {"width": size[0], "height": size[1], "fps": fps}
        try:
            self._camera = pyvirtualcam.Camera(**options, fmt=formats.I420)
            self._yuv = self._camera.native_fmt not in (formats.RGB, formats.BGR, formats.RGBA)
            if not self._yuv:  # it would be turned into RGB by BT.601 on the way
                self._camera.close()
                self._camera = pyvirtualcam.Camera(**options, fmt=formats.RGB)
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            raise OutputError(
                tr(f"no virtual camera could be opened:\n{error}\n", f"无法打开虚拟摄像头：\n{error}\n")
                + _users()
                + _steps()
            ) from error
        self.label = f"{self._camera.device} ({self._camera.backend})"
        self._node = _node(self._camera.device)

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        """Deliver one frame. Raises OutputError when the device is gone."""
        require_avatar_frame(frame)
        if self._camera is None:
            raise OutputError(tr("the virtual camera is closed already.", "虚拟摄像头已经关闭。"))
        try:
            if self._node and _node(self._camera.device) != self._node:  # pyvirtualcam does not notice
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            picture = self.background.composite(frame)
            self._camera.send(to_i420(picture, self._rows) if self._yuv else picture)
        except (RuntimeError, OSError) as error:
            raise OutputError(
                tr(
                    f"the virtual camera {self.label} failed: {error}. ",
                    f"虚拟摄像头 {self.label} 出错：{error}。",
                )
                + _steps()
            ) from error

    def close(self) -> None:
        """Release the device. May be called twice."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()


def _node(device: str) -> int | None:
    """What tells a device file from a later one of the same name; None where there is none."""
    try:
        return os.stat(device).st_ino
    except (OSError, ValueError):
        return None


def _users() -> str:
    """Which programs have loopback devices open, a line each; empty elsewhere."""
    lines = [(device, ", ".join(used_by(device))) for device in _loopbacks()]
    return "".join(
        tr(f"{device} is in use by {users}.\n", f"{device} 正被 {users} 占用。\n")
        for device, users in lines
        if users
    )


def _steps() -> str:
    if sys.platform == "win32":
        return tr(
            "Install OBS Studio (it brings a virtual camera; start and stop it there once) or UnityCapture, "
            "close programs that use the camera, and try again.",
            "请安装 OBS Studio（自带虚拟摄像头，先在其中启动再停止一次）或 UnityCapture，"
            "关闭正在使用该摄像头的程序后重试。",
        )
    if sys.platform == "darwin":
        return tr(
            "Install OBS Studio 30 or newer, start its virtual camera once, allow it in System Settings, "
            "stop it, and try again.",
            "请安装 OBS Studio 30 或更新版本，启动一次虚拟摄像头并在系统设置中允许，停止后重试。",
        )
    return tr(
        "Run: sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1 "
        "card_label=LiveAvatar   and close other programs that feed the camera.",
        "请运行：sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1 "
        "card_label=LiveAvatar，并关闭其他正在向该摄像头送画面的程序。",
    )


_QUERYCAP, _STREAMON = 0x80685600, 0x40045612  # VIDIOC_QUERYCAP, VIDIOC_STREAMON (linux/videodev2.h)
_OUTPUT_CAPABILITY = 2  # V4L2_CAP_VIDEO_OUTPUT
_OUTPUT_BUFFERS = 2  # V4L2_BUF_TYPE_VIDEO_OUTPUT


def rearm_v4l2loopback() -> list[str]:
    """Make loopback devices writable again that lost it when their last writer closed. Returns these.

    v4l2loopback up to 0.12.7 with exclusive_caps=1 takes the output capability away at the first write() and
    gives it back only after a STREAMON (v4l2loopback issue 470, pyvirtualcam issue 61). A STREAMON that fails
    for want of a format does it too; the driver tells the kernel at the next QUERYCAP. Devices that another
    process has open are left alone: they may be in use.
    """
    if sys.platform != "linux":
        return []
    return [device for device in _loopbacks() if _rearm(device)]


def _loopbacks() -> list[str]:
    return sorted(f"/dev/{path.name}" for path in Path("/sys/devices/virtual/video4linux").glob("video*"))


def _rearm(device: str) -> bool:
    if sys.platform == "win32":
        return False
    import fcntl

    def is_output(handle: int) -> bool:
        answer = bytearray(104)
        fcntl.ioctl(handle, _QUERYCAP, answer)
        loopback = answer.startswith(b"v4l2 loopback\0")
        return not loopback or bool(struct.unpack_from("=I", answer, 88)[0] & _OUTPUT_CAPABILITY)

    def opened() -> int:
        return os.open(device, os.O_RDWR | os.O_NONBLOCK)

    try:
        if used_by(device):
            return False
        handle = opened()
        try:
            if is_output(handle):
                return False
            with contextlib.suppress(OSError):
                fcntl.ioctl(handle, _STREAMON, struct.pack("=i", _OUTPUT_BUFFERS))
        finally:
            os.close(handle)
        handle = opened()
        try:
            return is_output(handle)
        finally:
            os.close(handle)
    except OSError:
        return False  # not ours to open; pyvirtualcam's error will name it
