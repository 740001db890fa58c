"""The sound of a clip stays in step with its pictures: a flash and a click at the same moment, before and after."""

import shutil
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from liveavatar.cameras import open_camera
from liveavatar.media.sound import Sound, has_sound
from liveavatar.media.video_writer import VideoEncoder

STEP_MS = 5.0
"""A click that is further from its flash is out of step. Sound packets are 21 ms long: whole ones would be noticed."""


def make(
    path: Path,
    codec: str = "aac",
    rate: int = 44100,
    layout: str = "stereo",
    start: int = 0,
    seconds: int = 2,
    video: str = "mpeg4",
    tracks: int = 1,
) -> Path:
    """A clip with a flash and a click one second after its start at `start` seconds; further tracks are silent."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream(video, rate=30)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        sounds: list[Any] = [container.add_stream(codec, rate=rate, layout=layout) for _ in range(tracks)]
        packets = []
        for n in range(30 * seconds):
            frame = av.VideoFrame.from_ndarray(
                np.full((48, 64, 3), 255 if n == 30 else 20, np.uint8), format="rgb24"
            )
            frame.pts, frame.time_base = n + 30 * start, Fraction(1, 30)
            packets += pictures.encode(frame)
        wave = np.zeros((1 if layout == "mono" else 2, seconds * rate), np.float32)
        wave[:, rate : rate + 200] = 0.8 * np.sign(np.sin(np.arange(200) * 0.3))
        for sound in sounds:
            for n in range(0, seconds * rate, 1024):
                piece = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(wave[:, n : n + 1024]), "fltp", layout
                )
                piece.sample_rate, piece.pts, piece.time_base = rate, n + start * rate, Fraction(1, rate)
                packets += sound.encode(piece)
            wave[:] = 0
        for stream in (pictures, *sounds):
            packets += stream.encode(None)
        container.mux(sorted(packets, key=lambda packet: packet.pts * packet.time_base))
    return path


def flashes(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        times = [(float(p.time), p.to_ndarray(format="gray").mean() > 150) for p in container.decode(video=0)]
    return [time for time, bright in times if bright]


def clicks(path: Path) -> list[float]:
    """Beginnings of what is loud after a tenth of a second of silence."""
    found, last = [], -1.0
    with av.open(str(path)) as container:
        track = container.streams.audio[0]
        resampler = av.AudioResampler("fltp", "mono", track.rate)
        for frame in container.decode(track):
            for piece in resampler.resample(frame):
                for n in np.flatnonzero(np.abs(piece.to_ndarray()[0]) > 0.3):
                    at = float(frame.time) + n / track.rate
                    if at > last + 0.1:
                        found.append(at)
                    last = at
    return found


def carry(clip: Path, output: Path) -> Sound:
    camera: Any = open_camera(str(clip), paced=False)
    sound = Sound(clip, lambda: camera.offset)
    with closing(camera), closing(VideoEncoder(output, (64, 48), camera.fps, sound=sound)) as encoder:
        for frame in camera:
            encoder.write(frame.image, frame.time)
    return sound


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("phone.mp4", {}),
        ("plain.mkv", {"codec": "pcm_s16le", "layout": "mono", "rate": 16000}),
        ("opus.mkv", {"codec": "libopus", "rate": 48000}),
        ("late.ts", {"video": "mpeg2video", "start": 10}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_click_comes_with_its_flash(tmp_path: Path, name: str, how: dict[str, Any], suffix: str) -> None:
    output = tmp_path / f"out{suffix}"
    sound = carry(make(tmp_path / name, **how), output)
    assert flashes(output) == [1.0] and sound.notes == []
    assert clicks(output) == pytest.approx([1.0], abs=STEP_MS / 1000)
    with av.open(str(output)) as container:
        assert container.streams.audio[0].codec_context.name == {".mp4": "aac", ".webm": "opus"}[suffix]
        assert container.duration == pytest.approx(2e6, abs=50_000)


def test_what_the_container_takes_is_copied(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4")
    carry(clip, tmp_path / "out.mp4")

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    copied = packets(tmp_path / "out.mp4")
    assert (
        len(copied) > 80 and copied == packets(clip)[1 : len(copied) + 1]
    )  # but for the first, before the start


def test_of_several_tracks_the_first_goes_along(tmp_path: Path) -> None:
    carry(make(tmp_path / "a.mkv", tracks=2), tmp_path / "out.mp4")
    assert clicks(tmp_path / "out.mp4") == pytest.approx([1.0], abs=STEP_MS / 1000)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert len(container.streams.audio) == 1


def test_sound_follows_pictures_whose_time_stamps_start_again(tmp_path: Path) -> None:
    one = make(tmp_path / "one.ts", video="mpeg2video", start=5)
    twice = tmp_path / "twice.ts"
    twice.write_bytes(one.read_bytes() * 2)
    carry(twice, tmp_path / "out.mp4")
    seen = flashes(tmp_path / "out.mp4")
    assert len(seen) == 2 and seen[1] == pytest.approx(3.0, abs=0.04)
    assert clicks(tmp_path / "out.mp4") == pytest.approx(seen, abs=0.04)


@pytest.mark.parametrize("codec", ["aac", "flac"])
def test_damaged_sound_does_not_end_the_job(tmp_path: Path, codec: str) -> None:
    clip = make(tmp_path / "a.mkv", codec)
    data = bytearray(clip.read_bytes())
    with av.open(str(clip)) as container:
        places = [(p.pos, p.size) for p in container.demux(audio=0) if p.size and p.pts > 1200]
    for position, size in places[2:12]:
        data[position + 6 : position + size] = b"\xa5" * (size - 6)
    clip.write_bytes(data)
    carry(clip, tmp_path / "out.mp4")
    assert flashes(tmp_path / "out.mp4") == [1.0]
    assert clicks(tmp_path / "out.mp4")[0] == pytest.approx(1.0, abs=STEP_MS / 1000)


def test_sound_that_ends_early_or_is_missing(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4")
    cut = tmp_path / "cut.mkv"
    with av.open(str(clip)) as source, av.open(str(cut), "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is not None and (
                packet.stream.type == "video" or packet.pts * packet.time_base < 1.2
            ):
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    carry(cut, tmp_path / "out.webm")
    assert flashes(tmp_path / "out.webm") == [1.0]
    assert clicks(tmp_path / "out.webm") == pytest.approx([1.0], abs=STEP_MS / 1000)
    with av.open(str(tmp_path / "out.webm")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 60
    silent = tmp_path / "silent.mp4"
    with closing(VideoEncoder(silent, (64, 48), 30)) as encoder:
        encoder.write(np.zeros((48, 64, 3), np.uint8))
    assert has_sound(clip) and not has_sound(silent)
    shutil.copy(silent, tmp_path / "b.mp4")
    assert carry(tmp_path / "b.mp4", tmp_path / "c.mp4").notes == []
