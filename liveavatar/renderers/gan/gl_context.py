"""An OpenGL context without a window, and whether a real GPU is behind it. Needs `moderngl`, which is imported when a context is
opened."""

import sys
from typing import Any

from liveavatar.errors import ProviderError
from liveavatar.language import tr

VERSION = 330
"""The OpenGL that the shaders need, as moderngl writes 3.3; macOS stops at 4.1."""
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software", "swiftshader", "basicrender", "gdigeneric", "warp")
"""Parts of the names, in lower case without blanks, of what draws on the processor: Mesa's, Apple's, Chromium's, Microsoft's."""


def is_software(name: str) -> bool:
    """Whether GL_RENDERER names no GPU."""
    return any(part in name.lower().replace(" ", "") for part in SOFTWARE)


def open_context() -> tuple[Any, str]:
    """A moderngl.Context and what is behind it, GL_RENDERER. It is current in no thread: enter it (`with`) where it is used.

    Raises ProviderError where there is none, with what to do."""
    try:
        import moderngl
    except ImportError as error:
        raise ProviderError(
            tr(
                f"the package moderngl cannot be imported ({error}). Run: pip install moderngl",
                f"无法导入 moderngl 包（{error}）。请运行：pip install moderngl",
            )
        ) from error
    # The default on Linux is GLX, which needs a display.
    backend: dict[str, Any] = {"backend": "egl"} if sys.platform.startswith("linux") else {}
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
