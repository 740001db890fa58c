"""Options that several commands have, what they check before they begin, and what they say when an avatar is made."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveavatar.base.messages import say
from liveavatar.language import tr

if TYPE_CHECKING:
    from liveavatar.avatar.card import Avatar

AvatarOption = Annotated[
    str | None, typer.Option(help=tr("name or folder of the avatar", "形象的名称或文件夹"))
]
ProviderOption = Annotated[
    str,
    typer.Option(
        help=tr("what computes: auto, cpu, cuda, tensorrt, dml", "计算设备：auto、cpu、cuda、tensorrt、dml")
    ),
]
DrawOption = Annotated[
    str,
    typer.Option(
        help=tr("what puts the picture together: auto, gpu, cpu", "由什么合成画面：auto、gpu、cpu"),
    ),
]
SizeOption = Annotated[
    str | None,
    typer.Option(
        help=tr(
            "of the picture: 512p, 720p, 1080p, WxH (the avatar's)",
            "画面尺寸：512p、720p、1080p 或 宽x高（同形象）",
        )
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(help=tr("face_landmarker.task, if kept elsewhere", "face_landmarker.task 的位置")),
]

MicrophoneOption = Annotated[
    str,
    typer.Option(
        metavar="NAME|off",
        help=tr(
            "lips from a microphone: default, number, part of a name",
            "由麦克风驱动口型：default、编号、名称的一部分",
        ),
    ),
]


def require_yes(question: str, otherwise: str) -> None:
    """Ask; without a yes this is said, and the program ends with status 1."""
    if not typer.confirm(question, err=True):
        say(otherwise)
        raise typer.Exit(1)


def draw_of(text: str) -> str:
    """The value of --draw. Raises BadParameter."""
    from liveavatar.renderers import DRAW

    if text not in DRAW:
        raise typer.BadParameter(
            tr(f"expected {', '.join(DRAW)}, got {text!r}", f"应为 {'、'.join(DRAW)}，实际为 {text!r}"),
            param_hint="--draw",
        )
    return text


def position_of(text: str) -> tuple[float, float]:
    """The numbers of --position "X,Y". Raises BadParameter."""
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(
            tr(f"expected X,Y such as 0.1,-0.05, got {text!r}", f"应为 X,Y，例如 0.1,-0.05，实际为 {text!r}"),
            param_hint="--position",
        ) from error
    return x, y


def require_writable(folder: Path, option: str = "--output") -> None:
    """Make the folder. Raises OutputError, which names the option, where nothing can be written in it."""
    from liveavatar.errors import OutputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            tr(
                f"cannot write to {folder}: {error.strerror}. Give another {option}.",
                f"无法写入 {folder}：{error.strerror}。请换一个 {option}。",
            )
        ) from error


def require_file(file: Path, option: str = "--output") -> None:
    """Make its folder. Raises OutputError where no such file can be written: told now, not when the work is done."""
    from liveavatar.errors import OutputError

    require_writable(file.absolute().parent, option)
    try:
        new = not file.exists()
        file.open("ab").close()
        if new:
            file.unlink()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            tr(
                f"cannot write {str(file)[:200]}: {reason}. Give another {option}.",
                f"无法写入 {str(file)[:200]}：{reason}。请换一个 {option}。",
            )
        ) from error


def require_png(file: Path, option: str = "--output") -> None:
    """Raises BadParameter for a name that is no PNG's; else as require_file()."""
    if file.suffix.lower() != ".png":
        raise typer.BadParameter(
            tr(
                f"expected a name that ends in .png, got {str(file)[:200]!r}",
                f"文件名应以 .png 结尾，得到 {str(file)[:200]!r}",
            ),
            param_hint=option,
        )
    require_file(file, option)


def say_made(avatar: "Avatar", output: Path | None, seconds: str) -> None:
    """Tell programs its name and folder, and the user how to play it. output: the folder that was asked for."""
    typer.echo(f"{avatar.name}\t{avatar.folder}")
    place = avatar.name if output is None else str(output)
    say(
        tr(
            f"made in {seconds} s. Play it: liveavatar run --avatar {place}",
            f"用时 {seconds} 秒。播放：liveavatar run --avatar {place}",
        )
    )
