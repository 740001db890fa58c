"""The program on a real virtual camera (v4l2loopback) in a virtual machine, read by others, OBS among them.

python -m pytest -m vm tests/e2e        (10 to 20 minutes the first time; needs root, QEMU and Debian's archive)
"""

import json
import shutil
import subprocess
import sys
from importlib.metadata import requires
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.vm

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VM = HERE / "vcam-vm.sh"
PACKAGES = "obs-studio obs-plugins xvfb libgl1-mesa-dri libegl1 libgles2"  # the last two for MediaPipe


def run(*command: str, timeout: float = 1500, **settings: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=timeout
    )


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """The folder the guest sees: the program, its packages for the guest's Python 3.11, a clip, the tiny avatar."""
    if shutil.which("qemu-system-x86_64") is None:
        pytest.skip("QEMU is missing: apt-get install qemu-system-x86 mmdebstrap cpio e2fsprogs")
    folder = tmp_path_factory.mktemp("guest")
    every = [Requirement(text) for text in requires("liveavatar") or []]
    needed = [
        f"{r.name}{r.specifier}" for r in every if r.marker is None or r.marker.evaluate({"extra": "cpu"})
    ]
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder / "site"), *needed]
    command += ["--python-version", "3.11", "--platform", "manylinux_2_28_x86_64", "--platform",
                "manylinux2014_x86_64", "--only-binary=:all:"]  # fmt: skip
    installed = run(*command)
    assert installed.returncode == 0, installed.stderr
    ignore = shutil.ignore_patterns("__pycache__", "training", "drawn")
    shutil.copytree(ROOT / "liveavatar", folder / "site" / "liveavatar", ignore=ignore)
    # Beside the program, as avatars that ship: the trial of a stranger's takes too long where all is emulated.
    shutil.copytree(ROOT / "weights" / "hoshi", folder / "site" / "weights" / "hoshi")
    shutil.copytree(ROOT / "tests" / "data" / "tiny", folder / "site" / "weights" / "tiny")
    shutil.copy(ROOT / "liveavatar" / "assets" / "driver.mp4", folder / "clip.mp4")
    shutil.copy(model, folder / "face_landmarker.task")
    for name in ("guest.py", "obs-check.sh", "obs_probe.py"):
        shutil.copy(HERE / name, folder)
    return folder


def in_guest(host: Path, command: str, limit: int = 900) -> str:
    """What the command printed in the guest. Skips where there can be no guest."""
    settings = {"VCAM_VM_TIMEOUT": str(limit), "VCAM_VM_PACKAGES": PACKAGES}
    for step in (("build",), ("run", str(host), command)):
        done = run(str(VM), *step, timeout=limit + 900, **settings)
        if done.returncode == 77:
            pytest.skip(done.stderr)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def check(host: Path, name: str) -> dict[str, Any]:
    lines = "PYTHONPATH=site LIVEAVATAR_MODEL=/mnt/host/face_landmarker.task PYTHONDONTWRITEBYTECODE=1"
    printed = in_guest(host, f"{lines} python3 guest.py {name}")
    line = next((line for line in printed.splitlines() if line.startswith(f'{{"{name}"')), None)
    assert line is not None, printed[-4000:]
    print(line)
    return dict(json.loads(line)[name])


def test_every_reader_sees_the_cards_in_order_in_their_colours_and_at_their_rate(host: Path) -> None:
    result = check(host, "card")
    for name, entry in result.items():
        for reader in ("v4l2-ctl", "ffmpeg", "opencv"):
            numbers = entry[reader]["numbers"]
            assert all(a <= b for a, b in pairwise(numbers)), (name, reader)
            assert len(set(numbers)) > 30, (name, reader)
        # The raw bytes are right for the matrix that was asked for; FFmpeg and OpenCV assume BT.601.
        assert entry["v4l2-ctl"]["bars"][name] <= 3
        assert (entry["ffmpeg"]["bars"] <= 4) == (entry["opencv"]["bars"] <= 4) == (name == "bt601")
        numbers = entry["opencv"]["numbers"]
        rate = (numbers[-1] - numbers[0]) / entry["opencv"]["seconds"]
        assert rate == pytest.approx(10, rel=0.05), name
        # Beside a running feeder a second one is refused and the first goes on.
        assert entry["second_feeder"]
        assert all(a < b for a, b in pairwise(entry["numbers_beside_it"]))
    # Before: once closed, the camera is lost to pyvirtualcam alone. After: the second matrix's feeder opened it.
    assert result["bt601"]["plain_reopen"]


def test_the_avatar_reaches_the_reader_unchanged_without_a_face_and_after_a_restart(host: Path) -> None:
    runs = check(host, "avatar")
    # The machine is emulated: how many pictures it makes says something about the host. Order, content and what follows what
    # hold however slow it is, and no clock runs ahead.
    for told in runs.values():
        assert told["driven"] > 0
        assert told["sent"] / told["seconds"] < 5 * 1.05
        assert not told["troubles"]
        for places in told["read"]:
            assert min(places) >= 0, "a picture was read that the renderer never made"
            assert all(a <= b for a, b in pairwise(places))
    first = runs["first"]
    assert first["idle"] > 0  # the face was lost, and pictures went on
    read = first["opencv"]
    assert (read["pictures"] - 1) / read["seconds"] < 5 * 1.05
    driven = [number for number in read["numbers"] if number]
    assert all(a <= b for a, b in pairwise(driven))
    assert first["measured"] > 0, "no camera picture came out as a picture of the avatar"
    late = first["device_to_device_ms"]
    assert 0 < late["50"] <= late["95"], "a picture came out before it went in"
    print("device to device, emulated:", late, "of", first["measured"], "pictures;", read["pictures"], "read")


def obs(host: Path, out: str, size: str, feeder: str) -> Path:
    """Run OBS in the guest on what `feeder` sends; the folder with its pictures."""
    lines = (
        "PYTHONPATH=/mnt/host/site LIVEAVATAR_MODEL=/mnt/host/face_landmarker.task PYTHONDONTWRITEBYTECODE=1"
    )
    command = f"{lines} bash obs-check.sh -w -s {size} -t 800 -o /mnt/host/{out} -- {feeder}"
    print(in_guest(host, command))
    print((host / out / "result.json").read_text(), host / out)
    return host / out


def test_obs_shows_the_cards_colours_right(host: Path) -> None:
    import cv2
    from guest import bar_error

    for name, right in (("bt709", True), ("bt601", False)):
        pictures = obs(host, f"card-{name}", "320x192", f"python3 guest.py play-card {name}")
        picture = cv2.imread(str(pictures / "obs-scene.png"))
        assert picture is not None
        error = bar_error(picture[..., ::-1])
        print(f"OBS, {name}: bars off by {error}")
        assert (error <= 4) == right


def test_obs_shows_the_avatar_live(host: Path) -> None:
    feeder = "python3 guest.py run --avatar hoshi --camera synthetic --fps 5"
    pictures = obs(host, "avatar", "512x512", feeder)
    assert (pictures / "obs-window.png").stat().st_size > 10_000
