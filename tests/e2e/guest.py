"""Runs inside the virtual machine, as root, with liveavatar's packages on the path. Prints one JSON line a check.

python3 guest.py card | avatar      (play-card, play-avatar and play-webcam are its own feeders)
"""

import fcntl
import json
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liveavatar.app.testcard import BARS, TestCard, read_number, write_number
from liveavatar.base.timing import Pacer, wall_clock
from liveavatar.live.loop import Live, Report
from liveavatar.media.yuv import MATRICES, matrix, to_i420
from liveavatar.outputs import open_output
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

HERE = Path(__file__).parent
CAMERA, WEBCAM = "/dev/video10", "/dev/video11"
CARD, CARD_FPS = (320, 192), 10.0
AVATAR, AVATAR_FPS = (128, 128), 5.0
CAMERA_FPS = 5.0
FIRST = {"face": 1, "room": 100_000}
"""Number of a feeder's first picture."""


def feeder(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, *arguments], text=True, stdout=subprocess.PIPE, stderr=sys.stderr
    )


def wait_for_pictures(size: tuple[int, int], seconds: float = 300) -> None:
    """Until the device has a producer (with exclusive_caps a reader must not come before it)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = subprocess.run(
            ["v4l2-ctl", "-d", CAMERA, "--get-fmt-video"], capture_output=True, text=True
        ).stdout
        if f"{size[0]}/{size[1]}" in found:
            return
        time.sleep(0.2)
    raise SystemExit(f"no {size} picture on {CAMERA} within {seconds} s")


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """End a feeder as Ctrl-C would; its JSON line."""
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=120)
    return dict(json.loads(text.strip().splitlines()[-1]))


def raw_frames(size: tuple[int, int], count: int) -> np.ndarray:
    """What v4l2-ctl reads: (count, H * W * 3 / 2) uint8."""
    path = Path("/tmp/raw")
    command = ["v4l2-ctl", "-d", CAMERA, "--stream-mmap", f"--stream-count={count}", f"--stream-to={path}"]
    subprocess.run(command, check=True, capture_output=True)
    length = size[0] * size[1] * 3 // 2
    data = np.fromfile(path, np.uint8)
    return data[: len(data) // length * length].reshape(-1, length)


def bar_error(picture: np.ndarray) -> int:
    """Largest difference of any bar's colour from what the card draws: (H, W, 3) RGB."""
    width = picture.shape[1]
    seen = np.array([picture[8, (2 * i + 1) * width // (2 * len(BARS))] for i in range(len(BARS))], int)
    return int(np.abs(seen - np.array(BARS)).max())


def decode(planes: np.ndarray, size: tuple[int, int], name: str) -> np.ndarray:
    """I420 planes to RGB by a matrix of yuv.MATRICES, floating point."""
    width, height = size
    y = planes[: width * height].reshape(height, width)
    u, v = (
        cv2.resize(half, size, interpolation=cv2.INTER_NEAREST)
        for half in planes[width * height :].reshape(2, height // 2, width // 2)
    )
    rows = matrix(name)
    values = np.dstack([y, u, v]).astype(np.float64) - rows[:, 3]
    return np.clip(values @ np.linalg.inv(rows[:, :3]).T, 0, 255)


def play_card(name: str) -> None:
    """Cards on the virtual camera until SIGINT; prints when each was sent."""
    card, pacer, sent = TestCard(CARD), Pacer(CARD_FPS), []
    with closing(open_output("virtualcam", size=CARD, fps=CARD_FPS, colour_matrix=name)) as output:
        try:
            while True:
                pacer.wait()
                output.send(AvatarFrame(card.draw(len(sent), wall_clock(), CARD_FPS), 0.0))
                sent.append(time.monotonic())
        except KeyboardInterrupt:
            pass
    print(json.dumps({"sent": sent}))


def plain_open() -> str:
    """What pyvirtualcam alone says when it opens the device now: the error, or nothing."""
    import pyvirtualcam

    try:
        pyvirtualcam.Camera(*CARD, CARD_FPS, device=CAMERA).close()
    except RuntimeError as error:
        return str(error)
    return ""


def check_card() -> None:
    """Three readers of the test card, for both matrices; each new feeder finds the camera as the last one left it."""
    result: dict[str, Any] = {}
    for name in MATRICES:
        process = feeder("play-card", name)
        wait_for_pictures(CARD)
        raw = raw_frames(CARD, 40)
        numbers = [read_number(frame[: CARD[0] * CARD[1]].reshape(CARD[::-1])) for frame in raw]
        entry: dict[str, Any] = {
            "v4l2-ctl": {
                "numbers": numbers,
                "bars": {m: bar_error(decode(raw[-1], CARD, m)) for m in MATRICES},
            }
        }
        command = f"ffmpeg -loglevel error -f v4l2 -i {CAMERA} -fps_mode passthrough -frames:v 40"
        command += " -pix_fmt rgb24 -f rawvideo -"
        data = subprocess.run(command.split(), capture_output=True, check=True).stdout
        pictures = np.frombuffer(data, np.uint8).reshape(-1, CARD[1], CARD[0], 3)
        entry["ffmpeg"] = {"numbers": [read_number(p) for p in pictures], "bars": bar_error(pictures[-1])}

        reader = cv2.VideoCapture(CAMERA, cv2.CAP_V4L2)
        seen = []
        while not seen or seen[-1][1] - seen[0][1] < 30:
            ok, picture = reader.read()
            if ok:
                seen.append((read_number(picture), time.monotonic()))
        entry["opencv"] = {
            "numbers": [number for number, _ in seen],
            "bars": bar_error(picture[..., ::-1]),
            "seconds": seen[-1][1] - seen[0][1],
        }
        reader.release()
        entry["second_feeder"] = plain_open()
        still = raw_frames(CARD, 10)
        entry["numbers_beside_it"] = [
            read_number(frame[: CARD[0] * CARD[1]].reshape(CARD[::-1])) for frame in still
        ]
        sent = finish(process)["sent"]
        entry["plain_reopen"] = plain_open()
        late = sorted(1000 * (at - sent[number]) for number, at in seen if number < len(sent))
        entry["opencv"]["latency_ms"] = {p: round(late[int(len(late) * p / 100)], 1) for p in (50, 95)}
        entry["longest_gap_ms"] = round(1000 * float(np.diff(sent).max()))
        result[name] = entry
    print("\n" + json.dumps({"card": result}), flush=True)


class Recorder(Output):
    """The virtual camera. Notes what is sent to it, and writes into each picture which camera picture it is made from."""

    def __init__(self) -> None:
        self.output: Any = open_output("virtualcam", size=AVATAR, fps=AVATAR_FPS)
        self.label = self.output.label
        self.sent: list[np.ndarray] = []
        self.numbers: dict[float, int] = {}
        """Number in the camera picture by its capture time."""

    def watch(self, camera: Any) -> Any:
        """The same camera, its pictures' numbers read."""
        frames = camera.__class__.__iter__

        class Watched(camera.__class__):  # type: ignore[misc,name-defined]
            def __iter__(watched: Any) -> Any:
                for frame in frames(watched):
                    self.numbers[frame.time] = read_number(frame.image)
                    yield frame

        camera.__class__ = Watched
        return camera

    def send(self, frame: AvatarFrame, at: float | None = None) -> None:
        picture = frame.image.copy()
        write_number(picture, self.numbers.get(frame.time, 0))
        stamped = AvatarFrame(picture, frame.time)
        self.output.send(stamped, at)
        self.sent.append(to_i420(self.output.background.composite(stamped), matrix("bt709")))

    def close(self) -> None:
        self.output.close()


def be_patient() -> None:
    """A part may take as much longer as an emulated computer is slower."""
    from liveavatar.live import line

    line.GIVE_UP *= 20
    line.CAMERA_GIVE_UP *= 20
    line.OPENING *= 20


def run_program() -> None:
    """`liveavatar run` with the arguments that follow."""
    from liveavatar.__main__ import program

    be_patient()
    program()


def play_avatar() -> None:
    """The tiny avatar, driven from the webcam device, until SIGINT; keeps what the renderer made."""
    import mediapipe  # noqa: F401 - before the output opens, as `liveavatar run` does
    import onnxruntime  # noqa: F401

    from liveavatar.avatar.library import load_avatar
    from liveavatar.cameras import open_camera
    from liveavatar.renderers import open_renderer
    from liveavatar.retargeting.retargeter import FaceRetargeter
    from liveavatar.trackers import open_tracker
    from liveavatar.trackers.model_files import find_model

    be_patient()
    told = threading.Event()

    def tell(report: Report) -> None:
        if report.driven and not told.is_set():
            told.set()
            print("driven", flush=True)

    output = Recorder()
    live = Live(
        open_camera=lambda: output.watch(open_camera("11")),
        open_tracker=lambda: open_tracker("mediapipe", find_model()),
        retargeter=FaceRetargeter(),
        open_renderer=lambda: open_renderer(load_avatar(HERE / "site" / "weights" / "tiny"), "cpu"),
        output=output,
        size=AVATAR,
        fps=AVATAR_FPS,
        on_status=tell,
    )
    report = live.run()
    output.close()
    np.save("/tmp/sent.npy", np.stack(output.sent))
    print(json.dumps({
        "sent": report.sent, "driven": report.driven, "idle": report.idle, "seconds": report.seconds,
        "longest_gap_ms": round(report.intervals.ms(100)), "troubles": report.troubles,
        "age_ms": report.ages.summary() if report.ages.count else None,
    }))  # fmt: skip


def play_webcam(what: str) -> None:
    """The clip ("face") or an empty room on the webcam device, numbered, until SIGINT; prints when each was written."""
    size, written = (320, 240), {}
    with open(WEBCAM, "wb", buffering=0) as device:
        pixels = (*size, int.from_bytes(b"YU12", "little"), 1, size[0], size[0] * size[1] * 3 // 2, 8, 0)
        # VIDIOC_S_FMT with a struct v4l2_format for V4L2_BUF_TYPE_VIDEO_OUTPUT (linux/videodev2.h).
        fcntl.ioctl(device, 0xC0D05605, struct.pack("<II8I", 2, 0, *pixels).ljust(208, b"\0"))
        clip, pacer, number = cv2.VideoCapture(str(HERE / "clip.mp4")), Pacer(CAMERA_FPS), FIRST[what]
        try:
            while True:
                for _ in range(round(30 / CAMERA_FPS)):
                    ok, picture = clip.read()
                    if not ok:
                        clip.set(cv2.CAP_PROP_POS_FRAMES, 0)
                        ok, picture = clip.read()
                picture = (
                    cv2.resize(picture, size) if what == "face" else np.full((*size[::-1], 3), 128, np.uint8)
                )
                write_number(picture, number)
                planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).tobytes()
                pacer.wait()
                written[number] = time.monotonic()
                device.write(planes)
                number += 1
        except KeyboardInterrupt:
            pass
    print(json.dumps({"written": written}))


def read_for(seconds: float) -> tuple[list[int], list[float]]:
    """The numbers that OpenCV reads in the virtual camera's pictures, and when (seconds, monotonic)."""
    reader = cv2.VideoCapture(CAMERA, cv2.CAP_V4L2)
    numbers: list[int] = []
    times: list[float] = []
    while not times or times[-1] - times[0] < seconds:
        ok, picture = reader.read()
        if ok:
            numbers.append(read_number(picture))
            times.append(time.monotonic())
    reader.release()
    return numbers, times


def check_avatar() -> None:
    """A clip on the webcam device drives the avatar; then no face; then the program is started anew."""
    result: dict[str, Any] = {}
    webcam = feeder("play-webcam", "face")
    for run in ("first", "second"):
        process = feeder("play-avatar")
        wait_for_pictures(AVATAR)
        raw = [raw_frames(AVATAR, 30)]  # from the first pictures on
        assert process.stdout is not None
        while process.stdout.readline() != "driven\n":
            pass
        raw.append(raw_frames(AVATAR, 30))
        entry: dict[str, Any] = {}
        if run == "first":
            numbers, times = read_for(40)
            entry["opencv"] = {"pictures": len(times), "seconds": times[-1] - times[0], "numbers": numbers}
            written = {int(number): at for number, at in finish(webcam)["written"].items()}
            firsts = {n: at for n, at in reversed(list(zip(numbers, times, strict=True))) if n in written}
            late = sorted(1000 * (at - written[n]) for n, at in firsts.items())
            entry["device_to_device_ms"] = {
                p: round(late[int(len(late) * p / 100)]) for p in (50, 95) if late
            }
            entry["measured"] = len(late)
            webcam = feeder("play-webcam", "room")  # the person leaves
            time.sleep(5)
            raw.append(raw_frames(AVATAR, 30))
            finish(webcam)
            webcam = feeder("play-webcam", "face")
        told = finish(process)
        sent = {frame.tobytes(): i for i, frame in reversed(list(enumerate(np.load("/tmp/sent.npy"))))}
        places = [[sent.get(frame.tobytes(), -1) for frame in part] for part in raw]
        result[run] = {**told, **entry, "read": places, "different": [len(set(part)) for part in places]}
    finish(webcam)
    print("\n" + json.dumps({"avatar": result}), flush=True)


if __name__ == "__main__":
    tasks = {"card": check_card, "avatar": check_avatar, "play-avatar": play_avatar, "run": run_program}
    players = {"play-card": play_card, "play-webcam": play_webcam}
    if sys.argv[1] in players:
        players[sys.argv[1]](sys.argv[2])
    else:
        tasks[sys.argv[1]]()
