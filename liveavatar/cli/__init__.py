"""The command line: options for all commands, errors as one message. Each file here holds a group of commands."""

import os
import sys
import threading
from collections.abc import Sequence
from typing import Annotated

import typer
import typer.main

from liveavatar import __version__
from liveavatar.base import terminal
from liveavatar.base.log import show_log
from liveavatar.base.messages import say
from liveavatar.cli.help import speak_the_language, wrong_usage
from liveavatar.errors import LiveAvatarError
from liveavatar.language import LANGUAGES, set_language, tr

USUAL = {"--vts": "8001", "--vmc-out": "127.0.0.1:39539"}
"""What an option means that has no value: where plugins of VTube Studio look for it, where programs wait for VMC."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 an error with its message on stderr, 2 wrong usage,
    130 stopped by Ctrl-C (`run` stopped so returns 0: that is how it ends)."""
    if arguments is not None:
        return _main(list(arguments))
    terminal.secure()
    show_log()
    _catch_the_rest()
    status = _main(sys.argv[1:])
    if status == 0 and (reason := terminal.lost_results()):
        return _failed(None, tr(f"the results could not be written: {reason}", f"结果无法写出：{reason}"))
    return status


def _main(arguments: list[str]) -> int:
    arguments, asked = _take_language(arguments)
    arguments = with_port(arguments)
    set_language(asked if asked in LANGUAGES else None)
    try:
        command = speak_the_language(typer.main.get_command(build()))
        _refuse_what_is_never_meant(arguments)
        return command.main(arguments, prog_name="liveavatar", standalone_mode=False) or 0
    except LiveAvatarError as error:
        return _failed(error, str(error))
    except OSError as error:
        # What the system refuses: a name that is too long, a folder without rights, a full disk.
        place = f": {str(error.filename)[:200]!r}" if error.filename else ""
        return _failed(error, f"{error.strerror or error}{place}")
    except (typer.Abort, EOFError):
        return _failed(None, tr("stopped: nothing was answered.", "已停止：没有得到回答。"))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's
            return wrong_usage(error)
        return _failed(error, unexpected(error))


def _catch_the_rest() -> None:
    """What escapes from a thread or a finaliser is one line, too."""
    if os.environ.get("LIVEAVATAR_DEBUG"):
        return

    def tell(failure: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> None:
        if failure.exc_value is not None and not isinstance(
            failure.exc_value, SystemExit | KeyboardInterrupt
        ):
            say(unexpected(failure.exc_value))

    threading.excepthook = sys.unraisablehook = tell


def _refuse_what_is_never_meant(arguments: list[str]) -> None:
    """Raise BadParameter for empty arguments, which would be taken for the current folder, and for NUL characters."""
    for argument in arguments:
        if not argument or (argument.startswith("--") and argument.endswith("=")):
            raise typer.BadParameter(
                tr(
                    "it is empty. Give a value, or leave the option out.",
                    "值为空。请给出一个值，或去掉该选项。",
                ),
                param_hint=repr(argument),
            )
        if "\0" in argument:
            raise typer.BadParameter(
                tr("it contains a NUL character.", "其中含有 NUL 字符。"), param_hint=repr(argument[:40])
            )


def unexpected(error: BaseException) -> str:
    """What is said of an error that nobody foresaw."""
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return tr(
        f"something went wrong that should not: {what}. With LIVEAVATAR_DEBUG=1 it says where; please report that.",
        f"发生了意外错误：{what}。设置 LIVEAVATAR_DEBUG=1 可显示出错位置，请反馈。",
    )


def _failed(error: Exception | None, message: str) -> int:
    if error is not None and os.environ.get("LIVEAVATAR_DEBUG"):
        raise error
    print(f"{tr('Error: ', '错误：')}{message}", file=sys.stderr)
    return 1


def build() -> typer.Typer:
    """The application with every command, in the language chosen before."""
    # Imported here because their help texts are made at import, in the language that is set then.
    from liveavatar.cli import (
        adjust,
        avatars,
        calibrate,
        create,
        gestures,
        measure,
        new,
        panel,
        plugins,
        refine,
        remote,
        rig,
        run,
        speak,
        train,
        train_networks,
        voice,
    )

    app = typer.Typer(
        help=tr(
            "Real-time avatars: your camera moves a character that other programs see as a webcam.",
            "实时虚拟形象：摄像头驱动角色，其他程序把它当作摄像头使用。",
        ),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,  # plain pages: boxes cut Chinese texts short, and `usage` translates lines
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

    run.register(app)
    calibrate.register(app)
    remote.register(app)
    panel.register(app)
    speak.register(app)
    voice.register(app)
    plugins.register(app)
    create.register(app)
    new.register(app)
    adjust.register(app)
    avatars.register(app)
    measure.register(app)
    rig.register(app)
    refine.register(app)
    gestures.register(app)
    train.register(app)
    train_networks.register(app)
    return app


def _take_language(arguments: list[str]) -> tuple[list[str], str | None]:
    """(the arguments with --lang brought to the front, its value): it may stand anywhere."""
    for i, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument.startswith("--lang="):
            return [argument, *arguments[:i], *arguments[i + 1 :]], argument[7:]
        if argument == "--lang" and i + 1 < len(arguments):
            return [*arguments[i : i + 2], *arguments[:i], *arguments[i + 2 :]], arguments[i + 1]
    return arguments, None


def with_port(arguments: list[str]) -> list[str]:
    """The arguments with the usual value after an option of USUAL that has none."""
    whole: list[str] = []
    for i, argument in enumerate(arguments):
        whole.append(argument)
        if argument in USUAL and (i + 1 == len(arguments) or arguments[i + 1].startswith("-")):
            whole.append(USUAL[argument])
    return whole


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"liveavatar {__version__}")
        raise typer.Exit
