"""Device files of cameras, real and virtual: absent, not permitted, or in use, and by whom. Linux only."""

import contextlib
import errno
import os
import struct
import sys
from pathlib import Path

from liveavatar.language import tr

_REQBUFS = 0xC0145608  # VIDIOC_REQBUFS (linux/videodev2.h)
_CAPTURE, _MMAP = 1, 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP


def trouble(path: str) -> str | None:
    """What stands between this user and the device file, e.g. "/dev/video0"; None when the system does not say.

    Does not disturb a program that uses it. Linux only: elsewhere there are no device files."""
    if sys.platform != "linux":
        return None
    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            import fcntl

            # Asks for no buffers at all: refused exactly when another program has some.
            fcntl.ioctl(handle, _REQBUFS, struct.pack("=5I", 0, _CAPTURE, _MMAP, 0, 0))
        finally:
            os.close(handle)
    except OSError as error:
        return _told(path, error)
    return None


def _told(path: str, error: OSError) -> str | None:
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return tr(f"there is no {path}: not plugged in, or not found.", f"没有 {path}：未插好或未被识别。")
    if error.errno in (errno.EACCES, errno.EPERM):
        return tr(
            f"you may not open {path}. Run: sudo usermod -aG video $USER, then log in again.",
            f"没有打开 {path} 的权限。请运行：sudo usermod -aG video $USER，然后重新登录。",
        )
    if error.errno == errno.EBUSY:
        users = ", ".join(used_by(path))
        if not users:
            return tr(
                f"{path} is in use by another program. Close it.", f"{path} 正被其他程序占用，请关闭该程序。"
            )
        return tr(f"{path} is in use by {users}. Close it.", f"{path} 正被 {users} 占用，请关闭该程序。")
    return None  # no camera of this kind: whoever opened it knows more


def used_by(path: str) -> list[str]:
    """Programs that have the device file open, as "name (pid 123)"; those of other users cannot be seen."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if any(os.readlink(link) == path for link in (process / "fd").iterdir()):
                found.append(f"{(process / 'comm').read_text().strip()} (pid {process.name})")
    return sorted(found)
