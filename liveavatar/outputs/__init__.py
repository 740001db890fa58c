"""Where finished frames go: one file per kind, imported on use."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liveavatar.errors import OutputError
from liveavatar.language import tr
from liveavatar.stages import Output
from liveavatar.types import AvatarFrame

if TYPE_CHECKING:  # cv2 loads when an output opens
    from liveavatar.media.compositing import Background, Framing
    from liveavatar.media.sound import Sound

OUTPUTS = {
    "virtualcam": "liveavatar.outputs.virtualcam:VirtualCamera",
    "window": "liveavatar.outputs.window:Window",
    "browser": "liveavatar.outputs.browser:Browser",
    "video": "liveavatar.outputs.video:VideoFile",
    "null": "liveavatar.outputs.null:Null",
    "memory": "liveavatar.outputs.memory:Memory",
}
"""Name -> class. Each is made with (target, size, fps, background); "video" also takes file names, "browser" a port."""


def open_output(
    spec: str,
    *,
    size: tuple[int, int],
    fps: float,
    background: "str | Background | None" = None,
    colour_matrix: str = "bt709",
    sound: "Sound | None" = None,
    live: bool = False,
) -> Output:
    """Open "virtualcam", "window", "browser", "browser:PORT", "null", "memory" or a file ending in .mp4 or .webm.

    size: (width, height) in pixels. background: see background_of(); one that is made already is shared, so its framing may be
    changed while the output is open. colour_matrix: of the virtual camera, a name of yuv.MATRICES. sound: goes into a file.
    live: a file takes what it has time for and holds nobody up.
    Raises OutputError.
    """
    kind = kind_of(spec)
    module, name = OUTPUTS[kind].split(":")
    backdrop = (
        background_of(spec, background, size)
        if background is None or isinstance(background, str)
        else background
    )
    more: dict[str, Any] = {}
    if kind == "virtualcam":
        more["colour_matrix"] = colour_matrix
    elif kind == "video":
        more |= {"sound": sound, "live": live}
    output: Output = getattr(import_module(module), name)(
        spec, size=size, fps=fps, background=backdrop, **more
    )
    return output


def background_of(
    spec: str, background: str | None, size: tuple[int, int], framing: "Framing | None" = None
) -> "Background":
    """What stands behind the avatar on this output. background: see compositing.Background; None is a plain light colour,
    for the browser transparent. size: (width, height) in pixels. framing: the avatar's place in the picture.

    Raises OutputError."""
    from liveavatar.media.compositing import DEFAULT, TRANSPARENT, Background

    usual = TRANSPARENT if kind_of(spec) == "browser" else DEFAULT
    return Background(background or usual, size, framing)


def kind_of(spec: str) -> str:
    """Which of OUTPUTS this names. Raises OutputError."""
    kind = spec.partition(":")[0] if spec.startswith("browser") else spec
    if Path(spec).suffix.lower() in (".mp4", ".webm"):
        return "video"
    if kind in OUTPUTS and kind != "video":
        return kind
    known = ", ".join(name for name in OUTPUTS if name != "video")
    raise OutputError(
        tr(
            f"unknown output {spec!r}. Give one of {known}, or a file ending in .mp4 or .webm.",
            f"未知的输出 {spec!r}。请给出 {known} 之一，或以 .mp4、.webm 结尾的文件。",
        )
    )


def require_avatar_frame(frame: Any) -> None:
    """Every output calls this first: camera pictures and bare arrays must not get out."""
    if not isinstance(frame, AvatarFrame):
        raise TypeError(f"outputs accept AvatarFrame only, got {type(frame).__name__}")


def refuse_transparency(output: str) -> OutputError:
    """The error for an output without alpha."""
    return OutputError(
        tr(
            f"{output} cannot be transparent. Use --background green and a chroma key, "
            "or --output browser or a .webm file, which carry alpha.",
            f"{output} 不支持透明。请用 --background green 再抠像，或使用带透明通道的 --output browser 或 .webm 文件。",
        )
    )
