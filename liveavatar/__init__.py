"""liveavatar: real-time neural avatars. The line of data types that everything follows:

    Camera -> Frame -> Tracker -> Face -> Retargeter -> Expression -> Renderer -> AvatarFrame -> Output

    with liveavatar.open_avatar("hoshi") as avatar:
        frame = avatar.render(jawOpen=0.6, headYaw=0.2)

The names below load on use, so that `import liveavatar` costs nothing; docs/python.md tells what they do.
"""

import logging
import os
from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# ONNX Runtime 1.29 and later reports to its vendor unless this stands before its first import; a call afterwards is too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# Silent, unless a program wants to hear it: base/log.py.
logging.getLogger(__name__).addHandler(logging.NullHandler())

if TYPE_CHECKING:
    from liveavatar.api import Player, animate, open_avatar
    from liveavatar.avatar.library import find_avatar, list_avatars
    from liveavatar.cameras import open_camera
    from liveavatar.errors import LiveAvatarError
    from liveavatar.outputs import open_output
    from liveavatar.renderers import open_renderer
    from liveavatar.retargeting import open_retargeter
    from liveavatar.stages import Camera, Output, Renderer, Retargeter, Tracker
    from liveavatar.trackers import open_tracker
    from liveavatar.types import AvatarFrame, Expression, Face, Frame

__all__ = [
    "AvatarFrame",
    "Camera",
    "Expression",
    "Face",
    "Frame",
    "LiveAvatarError",
    "Output",
    "Player",
    "Renderer",
    "Retargeter",
    "Tracker",
    "animate",
    "find_avatar",
    "list_avatars",
    "open_avatar",
    "open_camera",
    "open_output",
    "open_renderer",
    "open_retargeter",
    "open_tracker",
]

_HOMES = {
    "api": ("Player", "animate", "open_avatar"),
    "avatar.library": ("find_avatar", "list_avatars"),
    "cameras": ("open_camera",),
    "errors": ("LiveAvatarError",),
    "outputs": ("open_output",),
    "renderers": ("open_renderer",),
    "retargeting": ("open_retargeter",),
    "stages": ("Camera", "Output", "Renderer", "Retargeter", "Tracker"),
    "trackers": ("open_tracker",),
    "types": ("AvatarFrame", "Expression", "Face", "Frame"),
}
"""Module -> what of it is offered here."""


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"liveavatar.{module}"), name)
    raise AttributeError(name, name=name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
