"""Small video files made for a test."""

from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from liveavatar.cameras import SYNTHETIC, open_camera
from liveavatar.media.video_writer import VideoEncoder


def write_clip(path: Path, frames: int = 12, fps: int = 30, size: tuple[int, int] = (64, 48)) -> Path:
    """A clip whose frames get brighter by 15 each, until they are white."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        for i in range(frames):
            picture = np.full((size[1], size[0], 3), min(20 + 15 * i, 255), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_pictures(
    path: Path,
    pictures: Sequence[np.ndarray],
    stamps: Sequence[int] | None = None,
    damaged: Sequence[int] = (),
    aspect: Fraction | None = None,
    matrix: Sequence[int] | None = None,
) -> Path:
    """These (H, W, 3) pictures as motion JPEG, nearly without loss.

    stamps: milliseconds of each, 40 apart where not given. damaged: indices of those whose packet is garbage.
    aspect: width of a pixel by its height. matrix: the display matrix (nine numbers as FFmpeg has them)."""
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("mjpeg", rate=25, options={"qmin": "1", "qmax": "1"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj444p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if aspect is not None:
            stream.sample_aspect_ratio = stream.codec_context.sample_aspect_ratio = aspect
        if matrix is not None:
            if not hasattr(stream, "set_display_matrix"):
                pytest.skip("this PyAV cannot write display matrices")
            stream.set_display_matrix(matrix)
        for i, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 1000)
            for packet in stream.encode(frame):
                if i in damaged:
                    packet = av.Packet(bytes(200))
                    packet.stream, packet.time_base = stream, Fraction(1, 1000)
                packet.pts = packet.dts = 40 * i if stamps is None else stamps[i]
                container.mux(packet)
    return path


def write_person(path: Path, frames: int = 12) -> Path:
    """The beginning of the clip that ships with liveavatar: somebody to track."""
    camera = open_camera(SYNTHETIC, paced=False)
    with closing(camera), closing(VideoEncoder(path, camera.size, camera.fps)) as encoder:
        for frame in islice(camera, frames):
            encoder.write(frame.image)
    return path


def greys(count: int, size: tuple[int, int] = (64, 48)) -> list[np.ndarray]:
    """Pictures that get brighter by 4 each."""
    return [np.full((size[1], size[0], 3), 20 + 4 * i, np.uint8) for i in range(count)]
