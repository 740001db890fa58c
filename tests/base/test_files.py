"""A full disk, really full: on a small one that is mounted where that is allowed, and by a limit on the size of files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from liveavatar.base.files import append_whole, write_whole
from liveavatar.errors import OutputError
from liveavatar.media.video_writer import VideoEncoder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 256 kB; only an administrator can have one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount a small disk here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_file_is_written_whole_or_stays_as_it_was(small_disk: Path) -> None:
    path = small_disk / "a.json"
    write_whole(path, b"the older one")
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, bytes(300_000))
    assert [(p.name, p.read_bytes()) for p in small_disk.iterdir()] == [("a.json", b"the older one")]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_what_is_replaced_keeps_its_permissions_and_links_stay(tmp_path: Path) -> None:
    path = tmp_path / ("名" * 84 + "abc")  # 255 bytes
    path.write_bytes(b"older")
    path.chmod(0o604)
    link = tmp_path / "link"
    link.symlink_to(path)
    write_whole(link, b"newer")
    assert link.is_symlink() and path.read_bytes() == b"newer" and path.stat().st_mode & 0o777 == 0o604
    assert sorted(tmp_path.iterdir()) == sorted([path, link])


def test_a_line_is_appended_whole_or_not_at_all(small_disk: Path) -> None:
    path = small_disk / "log.jsonl"
    append_whole(path, b"one\n")
    with pytest.raises(OSError, match="No space left"):
        append_whole(path, b"x" * 300_000)
    assert path.read_bytes() == b"one\n"
    append_whole(path, b"two\n")
    assert path.read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_recording_that_fills_the_disk_leaves_the_older_one(small_disk: Path, suffix: str) -> None:
    path = small_disk / f"a{suffix}"
    path.write_bytes(b"the older one")
    encoder = VideoEncoder(path, (128, 96), 30)
    noise = np.random.default_rng(0)
    with pytest.raises(OutputError, match=rf"No space left on device.*a\.recording\{suffix}"):
        for _ in range(300):
            encoder.write(noise.integers(0, 256, (96, 128, 3), np.uint8))
    encoder.close()
    assert path.read_bytes() == b"the older one"
    part = small_disk / f"a.recording{suffix}"
    assert set(small_disk.iterdir()) == {path, part} and encoder.keep() == part
    with av.open(str(part)) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 5  # the part that fits, without an error


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
def test_run_ends_with_a_message_when_its_file_cannot_grow(tmp_path: Path) -> None:
    """The whole command, recording past the limit on the size of a file."""
    root = Path(__file__).parents[2]
    path = tmp_path / "live.mp4"
    path.write_bytes(b"the older one")
    code = (
        "import resource, sys, liveavatar.trackers.model_files, liveavatar.trackers;"
        "from pathlib import Path; from tests.helpers.fakes import FakeTracker;"
        "liveavatar.trackers.model_files.find_model = lambda *a, **k: Path('x');"
        "liveavatar.trackers.open_tracker = lambda *a, **k: FakeTracker();"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000));"
        "from liveavatar.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["run", "--every-frame", "--camera", "synthetic", "--avatar", str(root / "tests/data/tiny")]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--output", str(path)], capture_output=True, text=True, timeout=300,
        env=os.environ | {"PYTHONPATH": str(root), "LIVEAVATAR_LANG": "en"},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Error: cannot write" in done.stderr and "File too large" in done.stderr
    assert "live.recording.mp4" in done.stderr and "Traceback" not in done.stderr
    assert path.read_bytes() == b"the older one"
    with av.open(str(tmp_path / "live.recording.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 10
