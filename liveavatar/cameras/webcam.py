"""A webcam, or a network stream, through cv2."""

import os
import sys
import threading
import time
from collections.abc import Iterator

import cv2

from liveavatar.base.plain_text import without_password
from liveavatar.base.timing import now
from liveavatar.errors import CameraError
from liveavatar.language import tr
from liveavatar.media.libav import av
from liveavatar.media.v4l2 import trouble
from liveavatar.stages import Camera
from liveavatar.types import Frame

GONE_S = 2.0
"""No picture for this long: the camera is gone."""
ANSWER_S = 5.0
"""Seconds to wait for an address that gave no picture to say why."""


class Webcam(Camera):
    """A live camera. Asks for MJPG, because most webcams give 30 fps at this size only compressed."""

    def __init__(self, device: int | str, *, name: str = "", size: tuple[int, int] = (1280, 720)) -> None:
        """device: cv2's index or a stream address. size: (width, height) to ask for; the camera decides.

        Raises CameraError when it cannot be opened or gives no picture."""
        self._address = device if isinstance(device, str) and "://" in device else ""
        self.name = name or without_password(str(device))
        number = device - cv2.CAP_V4L2 if isinstance(device, int) else -1
        self._file = f"/dev/video{number}" if sys.platform == "linux" and number >= 0 else ""
        self._lock = threading.Lock()  # cv2 crashes when released during a read
        self._closed = False
        os.environ.setdefault(
            "OPENCV_FFMPEG_LOGLEVEL", "-8"
        )  # FFmpeg's lines about an address, which the error tells
        level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(0)  # cv2 prints screens of its own about a camera that is not there
        try:
            self._capture = cv2.VideoCapture(device)
        finally:
            cv2.utils.logging.setLogLevel(level)
        if not self._capture.isOpened():
            self._capture.release()
            raise CameraError(self._why_not_open())
        if isinstance(device, int):
            # The order matters to drivers: format, then size, then rate.
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
            self._capture.set(cv2.CAP_PROP_FPS, 30)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # an older picture is of no use
        ok, picture = self._capture.read()
        if not ok:
            self._capture.release()
            raise CameraError(self._why_not_open())
        self.size: tuple[int, int] = (picture.shape[1], picture.shape[0])
        self.fps = self._capture.get(cv2.CAP_PROP_FPS) or 30.0

    def __iter__(self) -> Iterator[Frame]:
        """Pictures as they come, stamped with the monotonic clock right after the read."""
        index, last = 0, -1.0
        last_picture = now()
        while True:
            with self._lock:
                if self._closed:
                    self._capture.release()
                    return
                ok, picture = self._capture.read()
            at = now()
            if not ok:
                if at - last_picture > GONE_S:
                    with self._lock:  # or it would be this program that has the device
                        self._capture.release()
                    reason = (
                        self._trouble()
                        or _lost(self._address)
                        or tr(
                            "unplugged, or taken by another program. Plug it in again, or close the other program.",
                            "可能被拔出，或被其他程序占用。请重新插好，或关闭占用它的程序。",
                        )
                    )
                    raise CameraError(
                        tr(
                            f"camera {self.name!r} stopped giving pictures: {reason}",
                            f"摄像头 {self.name!r} 不再输出画面：{reason}",
                        )
                    )
                time.sleep(0.05)
                continue
            last_picture, last = at, max(at, last + 1e-6)  # the clock may be coarse
            yield Frame(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), last, index)
            index += 1

    def close(self) -> None:
        """Release the device; a read that hangs is left to release it when it comes back."""
        self._closed = True
        if self._lock.acquire(timeout=GONE_S):
            try:
                self._capture.release()
            finally:
                self._lock.release()

    def _trouble(self) -> str | None:
        return trouble(self._file) if self._file else None

    def _why_not_open(self) -> str:
        if self._address:
            reason = _answer(self._address)
            return tr(
                f"no picture from {self.name}: {reason}. Check the address in a video player, or ask the program or "
                "device that streams; --camera synthetic needs none.",
                f"{self.name} 没有画面：{reason}。请在视频播放器中检查该地址，或检查推流的程序或设备；"
                "--camera synthetic 不需要摄像头。",
            )
        reasons = self._trouble() or {
            "win32": tr(
                "is it used by another program, switched off by a shutter or key, or blocked in "
                "Settings > Privacy > Camera or by an antivirus program?",
                "是否被其他程序占用、被遮挡或按键关闭，或在“设置 > 隐私 > 相机”中或被杀毒软件禁止？",
            ),
            "darwin": tr(
                "is it used by another program, or is the terminal not allowed in System Settings > "
                "Privacy & Security > Camera?",
                "是否被其他程序占用，或终端未在“系统设置 > 隐私与安全性 > 摄像头”中获得许可？",
            ),
        }.get(
            sys.platform,
            tr(
                "is it plugged in, used by another program, or are you not in the group 'video' "
                "(sudo usermod -aG video $USER, then log in again)?",
                "是否已插好、被其他程序占用，或当前用户不在 video 组"
                "（sudo usermod -aG video $USER，然后重新登录）？",
            ),
        )
        return tr(
            f"camera {self.name!r} gives no picture: {reasons} `liveavatar cameras` lists what is there; "
            "--camera synthetic needs none.",
            f"摄像头 {self.name!r} 没有画面：{reasons}`liveavatar cameras` 会列出可用的摄像头；"
            "--camera synthetic 不需要摄像头。",
        )


def _answer(address: str) -> str:
    """What comes from this address in place of a picture."""
    try:
        with av.open(address, timeout=ANSWER_S) as container:
            return (
                tr("what comes is no video", "收到的不是视频") if not container.streams.video else _silent()
            )
    except av.InvalidDataError:
        reason = tr("what comes is no video", "收到的不是视频")
    except av.ExitError:
        reason = _silent()
    except (OSError, ValueError, av.FFmpegError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    proxy = os.environ.get("http_proxy", "")
    if proxy and address.lower().startswith("http"):
        shown = without_password(proxy)
        reason += tr(
            f" (asked through the proxy in http_proxy, {shown}; name the camera in no_proxy to go without)",
            f"（经由 http_proxy 中的代理 {shown}；要绕过它，请把摄像头写入 no_proxy）",
        )
    return reason


def _silent() -> str:
    return tr(f"nothing came within {ANSWER_S:.0f} s", f"{ANSWER_S:.0f} 秒内没有收到画面")


def _lost(address: str) -> str:
    """Why a stream may end; empty for what is no stream."""
    if not address:
        return ""
    return tr("the stream ended or the connection was lost.", "推流已结束，或连接中断。")
