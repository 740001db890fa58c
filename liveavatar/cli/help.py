"""Typer's own texts in the user's language: headings of help pages, and what it says about wrong usage.

Typer has no catalogue of them: they are translated when they are finished. The tests know no other way to find one that is
missing than to look for English on the pages.
"""

import re
import sys
from typing import Any

from liveavatar.language import language, tr

_HELP = (
    (r"^Usage: ", "用法："),
    (r"^Arguments:$", "参数："),
    (r"^Options:$", "选项："),
    (r"^Commands:$", "命令："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"\bCOMMAND \[ARGS\]\.\.\.", "命令 [参数]..."),
    (r"\bShow this message and exit\.", "显示本帮助。"),
    (r"\[default: ", "[默认："),
    (r"\brequired\]", "必填]"),
)

_ERRORS = (
    (r"^Missing command\.$", "缺少命令。"),
    (r"^Missing argument (.+)\.$", r"缺少参数 \1。"),
    (r"^Missing option (.+)\.$", r"缺少选项 \1。"),
    (r"^No such command '(.*?)'\.?", r"没有命令 '\1'。"),
    (r"^No such option: (\S+)", r"没有选项 \1。"),
    (r" ?Did you mean (.+)\?$", r"是否想输入 \1？"),
    (r" ?\(Possible options: (.+)\)$", r"是否想输入 \1？"),
    (r"^Got unexpected extra argument(?:s|\(s\))? \((.*)\)$", r"多余的参数：\1"),
    (r"^Option '(.+)' requires an argument\.$", r"选项 '\1' 需要一个值。"),
    (r"^Option '(.+)' requires (\d+) arguments\.$", r"选项 '\1' 需要 \2 个值。"),
    (r"^Option '(.+)' does not take a value\.$", r"选项 '\1' 不接受值。"),
    (r"^Invalid value for (.+?): ", r"\1 的值无效："),
    (r"Input should be a valid number(?:, unable to parse string as a number)?$", "应为数字"),
    (r"Input should be a valid integer(?:, unable to parse string as an integer)?$", "应为整数"),
    (r"Input should be a finite number$", "应为有限的数字"),
    (r"Unable to parse input string as an integer, exceeded maximum size$", "整数过长"),
    (r"Input should be greater than or equal to (\S+)$", r"应不小于 \1"),
    (r"Input should be less than or equal to (\S+)$", r"应不大于 \1"),
)


def wrong_usage(error: Any) -> int:
    """Tell what typer found wrong, on stderr; returns the exit status. error: any of typer's exceptions."""
    context, path = getattr(error, "ctx", None), "liveavatar"
    if type(error).__name__ == "NoArgsIsHelpError":  # a group alone: its help is the answer
        print(error.format_message(), file=sys.stderr)
        return 2
    message = error.format_message().removeprefix("Invalid value: ")
    print(f"{tr('Error: ', '错误：')}{_translated(message, _ERRORS)}", file=sys.stderr)
    if context is not None:
        print(_translated(context.get_usage(), _HELP), file=sys.stderr)
        path = context.command_path
    print(tr(f"`{path} --help` tells more.", f"`{path} --help` 有详细说明。"), file=sys.stderr)
    return int(getattr(error, "exit_code", 2))


def speak_the_language(command: Any) -> Any:
    """The same command, whose help page and those of its subcommands are in the user's language."""
    page = command.get_help
    command.get_help = lambda context: _translated(page(context), _HELP)
    for inner in getattr(command, "commands", {}).values():
        speak_the_language(inner)
    return command


def _translated(text: str, table: tuple[tuple[str, Any], ...]) -> str:
    if language() == "zh":
        for pattern, replacement in table:
            text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text
