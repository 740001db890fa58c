"""OpenGL without a window: what is behind it, and the context that this process draws with. Needs `moderngl`, which is imported
when it is first used.

`python -m liveavatar.base.opengl` is the child process of probe().
"""

import os
import subprocess
import sys
import threading
from typing import Any

from liveavatar.base.files import PACKAGE
from liveavatar.errors import ProviderError
from liveavatar.language import language, tr

VERSION = 330
"""The OpenGL that the shaders need, as moderngl writes 3.3; macOS stops at 4.1."""
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software", "swiftshader", "basicrender", "gdigeneric", "warp")
"""Parts of the names, in lower case without blanks, of what draws on the processor: Mesa's, Apple's, Chromium's, Microsoft's."""
PROBE = (sys.executable, "-m", "liveavatar.base.opengl")
SECONDS = 20
"""A driver may take for its first context."""
PATIENCE = 2.0
"""Seconds to wait for another thread's drawing."""


def is_software(name: str) -> bool:
    """Whether GL_RENDERER names no GPU."""
    return any(part in name.lower().replace(" ", "") for part in SOFTWARE)


_probed: dict[tuple[str, ...], str | ProviderError] = {}
_probing = threading.Lock()


def probe(command: tuple[str, ...] = PROBE) -> str:
    """What OpenGL would draw on here, GL_RENDERER. A child process asks, once: a driver that crashes or hangs takes nothing with
    it. Raises ProviderError where there is none, with what to do."""
    with _probing:
        if command not in _probed:
            try:
                _probed[command] = _ask(command)
            except ProviderError as error:
                _probed[command] = error
    found = _probed[command]
    if isinstance(found, ProviderError):
        raise found
    return found


def _ask(command: tuple[str, ...]) -> str:
    _moderngl()
    options: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is for this process alone
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW}
    environment = {**os.environ, "LIVEAVATAR_LANG": language(), "PYTHONIOENCODING": "utf-8"}
    environment["MESA_SHADER_CACHE_DISABLE"] = "true"  # it has none to keep
    try:
        done = subprocess.run(
            command, cwd=PACKAGE.parent, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, **options,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _broken(tr(f"nothing after {SECONDS} s", f"{SECONDS} 秒后仍无响应")) from error
    except OSError as error:
        raise _broken(str(error)) from error
    said = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode == 0:
        return said
    if done.returncode == 1 and said:
        raise ProviderError(said)
    raise _broken(tr(f"it ended with {done.returncode}", f"退出码 {done.returncode}"))


class OpenGL:
    """A context. Entered (`with`) it is current in this thread and in no other; objects that nobody refers to any more are
    released then."""

    def __init__(self) -> None:
        """Raises ProviderError where there is none, with what to do."""
        os.environ.setdefault("MESA_SHADER_CACHE_DISABLE", "true")  # a few short shaders: nothing to keep
        self.context, self.name = open_context()
        self.context.gc_mode = "context_gc"
        self.lost = False
        self._entered = threading.Lock()

    def __enter__(self) -> Any:
        """The moderngl.Context. Raises TimeoutError where another thread does not leave it."""
        if not self._entered.acquire(timeout=PATIENCE):
            raise TimeoutError(tr("the graphics driver hangs", "显卡驱动没有响应"))
        try:
            self.context.__enter__()
            self.context.gc()
        except BaseException:
            self._entered.release()
            raise
        return self.context

    def __exit__(self, *exception: object) -> None:
        try:
            self.context.__exit__(*exception)
        finally:
            self._entered.release()


_shared: list[OpenGL] = []
_sharing = threading.Lock()


def shared_opengl() -> OpenGL:
    """The one context of this process, for all avatars one after the other: making one takes a driver long enough to be seen. A
    new one where that is lost. Raises ProviderError where there is none, with what to do."""
    with _sharing:
        if _shared and not _shared[-1].lost:
            return _shared[-1]
        opened: list[OpenGL | BaseException] = []
        ready = threading.Event()

        def keep() -> None:
            try:
                opened.append(OpenGL())
            except BaseException as error:
                opened.append(error)
            ready.set()
            if isinstance(opened[0], OpenGL):
                threading.Event().wait()

        # On Windows a context ends with the thread that made it.
        threading.Thread(target=keep, name="opengl", daemon=True).start()
        ready.wait()
        [opengl] = opened
        if not isinstance(opengl, OpenGL):
            raise opengl
        _shared[:] = [opengl]
        return opengl


def open_context() -> tuple[Any, str]:
    """A moderngl.Context and what is behind it, GL_RENDERER. It is current in no thread: enter it (`with`) where it is used.

    Raises ProviderError where there is none, with what to do."""
    backend: dict[str, Any] = {}
    if sys.platform.startswith("linux"):
        # The default is GLX, which needs a display. Libraries that are not named are looked for by other programs.
        backend = {"backend": "egl", "libegl": "libEGL.so.1", "libgl": "libGL.so.1"}
    moderngl = _moderngl()
    try:
        context = moderngl.create_context(standalone=True, require=VERSION, **backend)
    except Exception as error:  # of private types, and whatever a driver's loader raises
        raise ProviderError(
            tr(
                f"there is no OpenGL 3.3 ({str(error)[:200]}). Update the graphics driver; on Debian or Ubuntu: "
                "sudo apt-get install -y libegl1 libgl1",
                f"没有 OpenGL 3.3（{str(error)[:200]}）。请更新显卡驱动；Debian 或 Ubuntu："
                "sudo apt-get install -y libegl1 libgl1",
            )
        ) from error
    name = str(context.info["GL_RENDERER"])
    context.__exit__(None, None, None)
    return context, name


def _moderngl() -> Any:
    try:
        import moderngl
    except ImportError as error:
        raise ProviderError(
            tr(
                f"the package moderngl cannot be imported ({error}). Run: pip install moderngl",
                f"无法导入 moderngl 包（{error}）。请运行：pip install moderngl",
            )
        ) from error
    return moderngl


def _broken(what: str) -> ProviderError:
    return ProviderError(
        tr(
            f"the graphics driver failed when it was tried ({what}). Update it.",
            f"试用显卡驱动时失败（{what}）。请更新驱动。",
        )
    )


def main() -> None:
    """Say on stdout what is behind OpenGL, or why there is none, with status 1."""
    try:
        print(open_context()[1], flush=True)
    except ProviderError as error:
        print(error, flush=True)
        os._exit(1)
    os._exit(0)  # without the driver's farewells


if __name__ == "__main__":
    main()
