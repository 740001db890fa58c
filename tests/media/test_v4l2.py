"""What the system says about a device file."""

import errno
import os
import sys
from pathlib import Path

import pytest

from liveavatar.media.v4l2 import trouble, used_by

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="device files are Linux's")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOENT, "there is no /dev/video9"),
        (errno.ENODEV, "there is no /dev/video9"),
        (errno.EACCES, "usermod -aG video"),
        (errno.EPERM, "usermod -aG video"),
        (errno.EBUSY, "in use by another program"),
    ],
)
def test_each_answer_of_the_system_has_its_reason(
    number: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, flags: int) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    told = trouble("/dev/video9")
    assert told is not None and said in told


def test_a_camera_with_buffers_of_another_program_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    asked = []

    def busy(handle: int, request: int, argument: bytes) -> bytes:
        asked.append((request, argument))
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(fcntl, "ioctl", busy)
    path = tmp_path / "video0"
    path.touch()
    monkeypatch.setattr("liveavatar.media.v4l2.used_by", lambda path: ["obs (pid 77)"])
    assert "in use by obs (pid 77)" in str(trouble(str(path)))
    ((request, argument),) = asked
    assert request == 0xC0145608 and argument[:4] == bytes(
        4
    )  # no buffers are asked for: nothing is disturbed


def test_what_is_no_camera_has_no_reason_here(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert trouble(str(tmp_path / "file")) is None
    assert "there is no" in str(trouble(str(tmp_path / "gone")))


def test_programs_that_hold_a_file_are_named(tmp_path: Path) -> None:
    import subprocess

    path = tmp_path / "设备"
    path.touch()
    code = "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other, path.open():  # one's own are not told
        assert other.stdout is not None and other.stdin is not None
        other.stdout.readline()
        assert [name.endswith(f"(pid {other.pid})") for name in used_by(str(path))] == [True]
        other.stdin.close()
    assert used_by(str(path)) == []
