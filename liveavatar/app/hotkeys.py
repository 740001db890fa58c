"""Keys that work in every program, through pynput (LGPL-3; an extra of its own, never part of this package)."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from liveavatar.errors import LiveAvatarError
from liveavatar.language import tr


def listen(keys: Iterable[str], press: Callable[[str], None]) -> Any:
    """Call press(key) whenever Ctrl+Alt and a key are pressed. Returns the listener; stop() ends it.

    Raises LiveAvatarError where pynput is missing or the desktop does not let it listen."""
    try:
        from pynput import keyboard

        listener = keyboard.GlobalHotKeys({f"<ctrl>+<alt>+{key}": partial(press, key) for key in keys})
        listener.start()
        listener.wait()
    except ImportError as error:  # also raised by pynput where there is no display
        raise LiveAvatarError(
            tr(
                f'global hotkeys need pynput and a desktop ({error}). Run: pip install "liveavatar[hotkeys]"',
                f'全局快捷键需要 pynput 和桌面环境（{error}）。请运行：pip install "liveavatar[hotkeys]"',
            )
        ) from error
    except Exception as error:  # each system's own types: no X server, no permission
        raise LiveAvatarError(
            tr(
                f"this desktop gives no global hotkeys: {error}. Keys in the window and `liveavatar recenter` work without.",
                f"此桌面环境不提供全局快捷键：{error}。窗口内按键和 `liveavatar recenter` 不受影响。",
            )
        ) from error
    return listener
