import builtins
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liveavatar.errors import OutputError
from liveavatar.outputs import open_output, virtualcam
from liveavatar.types import AvatarFrame

FRAME = AvatarFrame(np.full((32, 32, 4), (10, 20, 30, 255), np.uint8), 0.0)


class Device:
    """Stands in for pyvirtualcam.Camera, which needs a driver."""

    device, backend, native_fmt = "/dev/video9", "v4l2loopback", "I420"

    def __init__(self, **options: Any) -> None:
        self.options, self.sent, self.closed = options, [], 0

    def send(self, picture: np.ndarray) -> None:
        if self.closed:
            raise RuntimeError("device gone")
        self.sent.append(picture)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    formats = types.SimpleNamespace(RGB="RGB", BGR="BGR", RGBA="RGBA", I420="I420")
    fake = types.SimpleNamespace(Camera=Device, PixelFormat=formats)
    monkeypatch.setitem(sys.modules, "pyvirtualcam", fake)
    monkeypatch.setattr(virtualcam, "rearm_v4l2loopback", lambda: [])
    return fake


@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
def test_it_sends_yuv_that_a_reader_of_the_same_matrix_sees_right(
    module: types.SimpleNamespace, matrix: str
) -> None:
    import av

    output: Any = open_output("virtualcam", size=(32, 32), fps=30, colour_matrix=matrix)
    skin = AvatarFrame(np.full((32, 32, 4), (200, 30, 30, 255), np.uint8), 0.0)
    output.send(skin)
    device = output._camera
    assert device.options == {"width": 32, "height": 32, "fps": 30, "fmt": "I420"}
    assert device.sent[0].shape == (32 * 48,) and device.sent[0].dtype == np.uint8
    assert output.label == "/dev/video9 (v4l2loopback)"

    def read_as(name: str) -> np.ndarray:
        frame = av.VideoFrame.from_ndarray(device.sent[0].reshape(48, 32), format="yuv420p")
        space = {"bt601": "ITU601", "bt709": "ITU709"}[name]
        return frame.reformat(format="rgb24", src_colorspace=space, dst_colorspace=space).to_ndarray()[16, 16]

    other = {"bt601": "bt709", "bt709": "bt601"}[matrix]
    assert np.abs(read_as(matrix).astype(int) - (200, 30, 30)).max() <= 3
    assert np.abs(read_as(other).astype(int) - (200, 30, 30)).max() >= 10
    output.close()
    output.close()
    assert device.closed == 1


def test_a_device_that_carries_rgb_gets_rgb(
    module: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "native_fmt", "RGBA")
    output: Any = open_output("virtualcam", size=(32, 32), fps=30)
    output.send(FRAME)
    assert output._camera.options["fmt"] == "RGB"
    assert output._camera.sent[0].shape == (32, 32, 3) and tuple(output._camera.sent[0][0, 0]) == (10, 20, 30)


def test_a_device_that_goes_away_is_an_output_error(module: types.SimpleNamespace) -> None:
    output: Any = open_output("virtualcam", size=(32, 32), fps=30)
    output._camera.close()
    with pytest.raises(OutputError, match="device gone"):
        output.send(FRAME)
    output.close()
    with pytest.raises(OutputError, match="closed"):
        output.send(FRAME)


def test_a_device_file_that_vanishes_is_an_output_error(
    module: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """pyvirtualcam only prints that it cannot write."""
    node = tmp_path / "video9"
    node.touch()
    monkeypatch.setattr(Device, "device", str(node))
    output: Any = open_output("virtualcam", size=(32, 32), fps=30)
    output.send(FRAME)
    node.unlink()
    with pytest.raises(OutputError, match="failed"):
        output.send(FRAME)


@pytest.mark.parametrize(
    ("platform", "step"),
    [("linux", "modprobe v4l2loopback"), ("win32", "OBS Studio"), ("darwin", "System Settings")],
)
def test_without_a_backend_every_one_and_the_steps_are_named(
    module: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch, platform: str, step: str
) -> None:
    def refuse(**options: Any) -> None:
        raise RuntimeError("'obs' backend: not installed\n'v4l2loopback' backend: no device")

    monkeypatch.setattr(module, "Camera", refuse)
    monkeypatch.setattr(virtualcam.sys, "platform", platform)
    with pytest.raises(OutputError, match=r"'obs' backend(.|\n)*'v4l2loopback' backend") as caught:
        open_output("virtualcam", size=(32, 32), fps=30)
    assert step in str(caught.value)


def test_without_pyvirtualcam_the_pip_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pyvirtualcam", raising=False)
    real = builtins.__import__

    def missing(name: str, *args: Any, **options: Any) -> Any:
        if name == "pyvirtualcam":
            raise ImportError("No module named 'pyvirtualcam'")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(OutputError, match="pip install"):
        open_output("virtualcam", size=(32, 32), fps=30)


def test_it_cannot_be_transparent(module: types.SimpleNamespace) -> None:
    with pytest.raises(OutputError, match="chroma key"):
        open_output("virtualcam", size=(32, 32), fps=30, background="transparent")


def test_rearming_touches_nothing_where_there_is_no_loopback_device() -> None:
    assert isinstance(virtualcam.rearm_v4l2loopback(), list)
