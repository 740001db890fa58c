"""Bodies for programs that talk: each file here speaks one program's own messages, and has the avatar of a show say what comes.

They are programs of their own beside the show (`liveavatar connect`), and reach it as any other does: app/speech/talk.py.
"""

from collections.abc import Callable
from importlib import import_module

BODIES: dict[str, str] = {
    "open-llm-vtuber": "liveavatar.app.bodies.open_llm_vtuber",
    "easyaivtuber": "liveavatar.app.bodies.easy_ai_vtuber",
}
"""Program -> module with run(address, silent, tell)."""


def connect_body(program: str, address: str | None, silent: bool, tell: Callable[[str], None]) -> None:
    """Be its body until Ctrl-C. address: None for the usual one. silent: it plays the sound itself. tell: for the user.

    Raises LiveAvatarError where no show runs."""
    module = import_module(BODIES[program])
    module.run(address or module.ADDRESS, silent, tell)
