"""The command that changes the voice in a sound file: voice."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from liveavatar.base.files import expanded, read_whole
from liveavatar.cli.options import require_file
from liveavatar.language import tr


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        "voice",
        help=tr(
            "Say a sound file in another voice: your own, from another body.",
            "把声音文件换一种嗓音说出来：还是你自己，只是换了身体。",
        ),
    )(change)


def change(
    sound: Annotated[Path, typer.Argument(help=tr("wav, mp3, flac or ogg", "wav、mp3、flac 或 ogg 文件"))],
    output: Annotated[Path, typer.Argument(help=tr("wav file to write", "输出的 wav 文件"))],
    voice: Annotated[
        str | None,
        typer.Option(
            help=tr(
                "lighter, deeper, giant, robot, whisper or creature; sliders move it",
                "lighter、deeper、giant、robot、whisper 或 creature；滑块可再调整",
            )
        ),
    ] = None,
    pitch: Annotated[
        float | None, typer.Option(min=-24, max=24, help=tr("semitones up or down", "升降的半音数"))
    ] = None,
    body: Annotated[
        float | None, typer.Option(min=-1, max=1, help=tr("1 a giant's, -1 a child's", "1 为巨人，-1 为孩童"))
    ] = None,
    brightness: Annotated[
        float | None,
        typer.Option(min=-1, max=1, help=tr("more or less above 1 kHz", "增减 1 kHz 以上的声音")),
    ] = None,
    breath: Annotated[float | None, typer.Option(min=0, max=1, help=tr("1 is a whisper", "1 为耳语"))] = None,
    robot: Annotated[
        float | None, typer.Option(min=0, max=1, help=tr("1 is a level pitch", "1 为固定音高"))
    ] = None,
    growl: Annotated[
        float | None, typer.Option(min=0, max=1, help=tr("1 an octave below", "1 为低八度粗声"))
    ] = None,
) -> None:
    """Read, change, write; nothing leaves this machine."""
    from liveavatar.app.revoice import revoiced, write_wav
    from liveavatar.audio.clips import LARGEST, read_clip
    from liveavatar.audio.sliders import Sliders
    from liveavatar.audio.voices import PRESETS, check_voice
    from liveavatar.base.files import Unreadable
    from liveavatar.errors import SoundError

    if output.suffix.lower() != ".wav":
        raise typer.BadParameter(
            tr(
                f"expected a name that ends in .wav, got {str(output)[:200]!r}",
                f"文件名应以 .wav 结尾，得到 {str(output)[:200]!r}",
            ),
            param_hint="OUTPUT",
        )
    try:
        start = Sliders() if voice is None else PRESETS[check_voice(voice, tuple(PRESETS))]
    except SoundError as error:
        raise typer.BadParameter(str(error), param_hint="--voice") from error
    source, file = expanded(sound), expanded(output)
    try:
        data = read_whole(source, LARGEST)
    except Unreadable as error:
        raise SoundError(tr(f"cannot read {source}: {error}", f"无法读取 {source}：{error}")) from error
    clip = read_clip(data)
    require_file(file, "OUTPUT")
    given = {
        "pitch": pitch,
        "body": body,
        "brightness": brightness,
        "breath": breath,
        "robot": robot,
        "growl": growl,
    }
    said = revoiced(
        clip, replace(start, **{name: value for name, value in given.items() if value is not None})
    )
    write_wav(file, said)
    typer.echo(tr(f"{said.seconds:.1f} s", f"{said.seconds:.1f} 秒"))
