"""Where finished frames go: one file per kind, imported on use."""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from liveavatar import stages
from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.types import AvatarFrame

OUTPUTS = {
    "virtualcam": "liveavatar.outputs.virtualcam:VirtualCamera",
    "window": "liveavatar.outputs.window:Window",
    "video": "liveavatar.outputs.video:VideoFile",
    "null": "liveavatar.outputs.null:Null",
    "memory": "liveavatar.outputs.memory:Memory",
}
"""Name -> class. Each is made with (target, size, fps, background); "video" also takes file names."""


class Output(stages.Output, Protocol):
    """What open_output() gives: an output that can say what it is."""

    label: str
    """For the user: the file's path, the device, the kind."""


def open_output(spec: str, *, size: tuple[int, int], fps: float, background: str | None = None) -> Output:
    """Open "virtualcam", "window", "null", "memory" or a file ending in .mp4 or .webm.

    size: (width, height) in pixels. background: see compositing.Background; None is a plain light colour.
    Raises OutputError.
    """
    from liveavatar.compositing import DEFAULT, Background

    video = Path(spec).suffix.lower() in (".mp4", ".webm")
    if not video and (spec not in OUTPUTS or spec == "video"):
        known = ", ".join(name for name in OUTPUTS if name != "video")
        raise OutputError(
            tr(
                f"unknown output {spec!r}. Give one of {known}, or a file ending in .mp4 or .webm.",
                f"未知的输出 {spec!r}。请给出 {known} 之一，或以 .mp4、.webm 结尾的文件。",
            )
        )
    module, name = OUTPUTS["video" if video else spec].split(":")
    behind = Background(background or DEFAULT, size)
    output: Output = getattr(import_module(module), name)(spec, size=size, fps=fps, background=behind)
    return output


def require_avatar_frame(frame: Any) -> None:
    """Every output calls this first: camera pictures and bare arrays must not get out."""
    if not isinstance(frame, AvatarFrame):
        raise TypeError(f"outputs accept AvatarFrame only, got {type(frame).__name__}")


def refuse_transparency(output: str) -> OutputError:
    """The error for an output without alpha."""
    return OutputError(
        tr(
            f"{output} cannot be transparent. Use --background green and a chroma key, "
            "or write a .webm file, which carries alpha.",
            f"{output} 不支持透明。请用 --background green 再抠像，或输出带透明通道的 .webm 文件。",
        )
    )
