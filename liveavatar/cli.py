"""The command line: options for all commands, errors as one message. The commands are in cli_*.py."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from liveavatar import __version__
from liveavatar.errors import LiveAvatarError
from liveavatar.language import LANGUAGES, set_language, tr


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 an error with its message on stderr, 2 wrong usage,
    130 stopped by Ctrl-C (`run` stopped so returns 0: that is how it ends)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # Windows consoles and pipes may not be UTF-8: print what they can instead of failing.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    set_language(_asked_language(arguments))
    try:
        build()(args=arguments, prog_name="liveavatar")
    except LiveAvatarError as error:
        if os.environ.get("LIVEAVATAR_DEBUG"):
            raise
        print(f"{tr('Error', '错误')}: {error}", file=sys.stderr)
        return 1
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    return 0


def build() -> typer.Typer:
    """The application with every command, in the language chosen before."""
    # Imported here because their help texts are made at import, in the language that is set then.
    from liveavatar import cli_calibrating, cli_running, cli_showing, cli_steering, cli_training

    app = typer.Typer(
        help=tr(
            "Real-time avatars: your camera moves a character that other programs see as a webcam.",
            "实时虚拟形象：摄像头驱动角色，其他程序把它当作摄像头使用。",
        ),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def common(
        lang: Annotated[
            str | None,
            typer.Option(
                help=tr("language of messages: en or zh (the system's)", "消息语言：en 或 zh（跟随系统）")
            ),
        ] = None,
        version: Annotated[
            bool,
            typer.Option(
                "--version", is_eager=True, callback=_version, help=tr("print the version", "显示版本")
            ),
        ] = False,
    ) -> None:
        if lang is not None and lang not in LANGUAGES:
            raise typer.BadParameter(
                tr(f"expected en or zh, got {lang!r}", f"应为 en 或 zh，实际为 {lang!r}"), param_hint="--lang"
            )

    cli_running.register(app)
    cli_calibrating.register(app)
    cli_steering.register(app)
    cli_showing.register(app)
    cli_training.register(app)
    return app


def _asked_language(arguments: list[str]) -> str | None:
    """The value of --lang, wherever it stands before the command; None when absent or unknown."""
    for i, argument in enumerate(arguments):
        if not argument.startswith("-"):
            break
        value = argument[7:] if argument.startswith("--lang=") else None
        if argument == "--lang" and i + 1 < len(arguments):
            value = arguments[i + 1]
        if value is not None:
            return value if value in LANGUAGES else None
    return None


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"liveavatar {__version__}")
        raise typer.Exit
