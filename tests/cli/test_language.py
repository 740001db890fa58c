"""Every text a user may meet stands in both languages, on the command line and in the source."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main

from liveavatar.cli import build, main
from liveavatar.language import set_language

PACKAGE = Path(__file__).parents[2] / "liveavatar"
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROSE = re.compile(r"[A-Za-z]{2,},? +[a-z]{2,}")
"""Two words: more than a name or a unit."""

SINKS = {"echo", "say", "print", "Finding", "add_column", "add_row", "add_task", "row", "Table"}
"""Calls that show text; in them a single word is a text too."""

NO_TEXT = {
    # Commands to type, names, protocol.
    "pip uninstall -y ", " && pip install ", "sudo apt-get install -y ", "virtual camera", "matte model", "model name", "OpenCV ",
    "next avatar", "close output", " --position ", " --mirror output",
    "sudo apt install libportaudio2 libasound2-plugins", "brew install portaudio", "close microphone",
    "pip install --force-reinstall sounddevice",
    "apt-get install -y libegl1 libgles2 libgl1 libglib2.0-0",
    "import cv2; cv2.namedWindow('probe'); cv2.destroyAllWindows()",
    # Answers to programs that speak HTTP.
    "a WebSocket for plugins\n", "Token invalid or revoked: ask for a new one.", "Token valid.", "VTube Studio",
    "Your text message will be in here.",
    # Names of devices, of those that systems know them by.
    "CABLE Input", "CABLE Output", "liveavatar microphone", "virtual cable",
    "sink_properties=\"device.description='liveavatar cable'\"", "source_properties=\"device.description='",
    "bad request\n", "not for you\n", "wrong host\n", "nothing here\n", "wrong token: use the address the program printed\n",
    # On the card of an avatar, which is data, in a video's metadata, and in the training's curve.
    "synthetic: an avatar, made with liveavatar",
    "Drawn in code (rig ", ") and trained by the liveavatar authors.", ") and fitted with liveavatar new.",
    "An invented character; nobody is shown.",
    "int8 pictures, fp16 weights, fp32 arithmetic", "dB (training frames)",
}  # fmt: skip
NO_WORDS = {
    "libraries",
    "camera",
    "microphone",
    "model",
    "running",
    "onnxruntime",
    "mediapipe",
    "reports",
    "provider",
    "python",
    "avatar",
    "liveavatar ",
}
"""Names of doctor's parts, which scripts read."""
PROGRAMMING_ERRORS = ("TypeError", "ValueError", "AssertionError")
"""Raised at callers, not at users."""
BASICS = (
    "types.py",
    "base/timing.py",
    "language.py",
    "media/video_writer.py",
    "outputs/__init__.py",
    "retargeting/mixer.py",
    "rigs/drawn/rig.py",
)
"""Where they may be raised with an English text; elsewhere they end in a message."""


def called(node: ast.AST) -> str:
    """The bare name of what is called: "echo" for typer.echo(...)."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def translations() -> Iterator[tuple[str, ast.Call]]:
    for name, tree in SOURCES.items():
        yield from ((name, node) for node in ast.walk(tree) if called(node) == "tr")


def written(node: ast.AST) -> str:
    """The literal part of a text, wherever in the expression it stands."""
    return "".join(
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def placeholders(node: ast.AST) -> set[str]:
    """What a text fills in; the joining words in it may differ."""
    filled = [part for part in ast.walk(node) if isinstance(part, ast.FormattedValue)]
    return {re.sub(r"'[^']*'", "''", ast.unparse(part.value)) for part in filled}


def test_every_text_has_a_twin_that_fills_in_the_same() -> None:
    wrong = []
    for name, node in translations():
        if len(node.args) != 2 or node.keywords:
            wrong.append((name, node.lineno, "two texts"))
            continue
        english, chinese = node.args
        if isinstance(english, ast.Attribute) and isinstance(chinese, ast.Attribute):
            continue  # a pair from a table; see paired()
        if not written(english).strip() or CHINESE.search(written(english)):
            wrong.append((name, node.lineno, "the first is English"))
        if not CHINESE.search(written(chinese)):
            wrong.append((name, node.lineno, "the second is Chinese"))
        if placeholders(english) != placeholders(chinese):
            wrong.append((name, node.lineno, f"{placeholders(english)} != {placeholders(chinese)}"))
    assert not wrong
    assert len(list(translations())) > 200


def paired(node: ast.AST) -> set[ast.AST]:
    """Texts of a table's row that are followed by their Chinese: Step("blink", 2.5, "Shut both eyes", "闭上双眼")."""
    texts = node.args if isinstance(node, ast.Call) else []
    return {
        text for text, next_ in pairwise(texts)
        if isinstance(text, ast.Constant) and isinstance(next_, ast.Constant) and CHINESE.search(str(next_.value))
    }  # fmt: skip


def logged(node: ast.AST) -> bool:
    """A line of the log, which is English (docs/cli.md): log.info(...)."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
    )


def untranslated(node: ast.AST, name: str, shown: bool = False) -> Iterator[tuple[int, str]]:
    """Texts outside tr(): prose anywhere, single words where they are shown."""
    if called(node) in ("tr", "Refused", "_refused", "Malformed") or logged(
        node
    ):  # a plugin is refused in the API's language
        return
    if isinstance(node, ast.Raise) and name in BASICS and called(node.exc or node) in PROGRAMMING_ERRORS:
        return
    if isinstance(node, ast.Dict):  # names in a command are none
        for value in node.values:
            yield from untranslated(value, name)
        return
    if isinstance(node, ast.Subscript):  # result["age_ms"] shows no "age_ms"
        yield from untranslated(node.value, name, shown)
        return
    shown = shown or called(node) in SINKS
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        word = shown and re.search(r"[A-Za-z]{5,}", node.value) and node.value not in NO_WORDS
        if (
            (word or PROSE.search(node.value))
            and node.value not in NO_TEXT
            and not node.value.startswith("<!doctype")
        ):
            yield node.lineno, node.value
    body = getattr(node, "body", None)
    pairs = paired(node)
    for child in ast.iter_child_nodes(node):
        if child in pairs:
            continue
        documentation = isinstance(body, list) and child in body and isinstance(child, ast.Expr)
        if not (documentation and isinstance(child.value, ast.Constant)):
            yield from untranslated(child, name, shown)


def test_no_text_stands_in_one_language_only() -> None:
    """cli/help.py is left out: it is made of patterns of English texts."""
    looked_at = {name: tree for name, tree in SOURCES.items() if name != "cli/help.py"}
    assert not [(name, *found) for name, tree in looked_at.items() for found in untranslated(tree, name)]


def test_every_help_text_and_every_error_is_translated() -> None:
    """Literals were found above; here it must be tr() that gives what is shown, not a bare string."""
    wrong = []
    for name, tree in SOURCES.items():
        for node in ast.walk(tree):
            for keyword in node.keywords if isinstance(node, ast.Call) else ():
                if keyword.arg == "help" and called(keyword.value) != "tr":
                    wrong.append((name, node.lineno, "help"))
            raised = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(raised, ast.Call) and called(raised).endswith(("Error", "BadParameter")):
                texts = [arg for arg in raised.args if isinstance(arg, ast.Constant | ast.JoinedStr)]
                if texts and not (name in BASICS and called(raised) in PROGRAMMING_ERRORS):
                    wrong.append((name, node.lineno, called(raised)))
    assert not wrong


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


PATHS = [path for path, _ in commands(typer.main.get_command(build()))]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    set_language(None)


@pytest.fixture(scope="module")
def chinese_pages() -> dict[str, str]:
    """Every help page, by one program: options are made in the language that it starts with."""
    code = (
        "import contextlib, io, json\n"
        "from liveavatar.cli import main\n"
        "pages = {}\n"
        f"for path in {[list(path) for path in PATHS]!r}:\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as page:\n"
        "        assert main([*path, '--help', '--lang', 'zh']) == 0\n"
        "    pages[' '.join(path)] = page.getvalue()\n"
        "print(json.dumps(pages))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    pages: dict[str, str] = json.loads(done.stdout)
    return pages


@pytest.mark.parametrize("path", [" ".join(path) for path in PATHS])
def test_help_pages_are_chinese_throughout(path: str, chinese_pages: dict[str, str]) -> None:
    page = chinese_pages[path]
    assert page.startswith("用法：liveavatar") and "选项：" in page
    for line in page.splitlines():
        assert not re.search(
            r"[a-z]{3,} [a-z]{2,}", re.sub(r"\[默认：.*?\]|--\S+ <.*?>|用法：.*", "", line)
        ), line
    for words in ("Usage", "Options", "Commands", "Arguments", "[default", "[required", "Show this"):
        assert words not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("nope", "没有命令 'nope'"),
        ("rnu", "是否想输入 'run'？"),
        ("", "用法："),
        ("avatars", "用法："),
        ("swap", "缺少参数 'avatar'"),
        ("swap a b", "多余的参数：b"),
        ("run --nonsense", "没有选项 --nonsense"),
        ("run --camra", "是否想输入 --camera"),
        ("run --camera", "选项 '--camera' 需要一个值"),
        ("run --test-card=3", "选项 '--test-card' 不接受值"),
        ("bench --compare a", "选项 '--compare' 需要 2 个值"),
        ("run --fps x", "'--fps' 的值无效：应为数字"),
        ("run --fps nan", "'--fps' 的值无效"),
        ("run --fps 0", "应不小于 1"),
        ("run --fps 1000", "应不大于 240"),
        ("train --steps 1.5", "应为整数"),
        ("run --colour-matrix bt2020", "--colour-matrix 的值无效：应为"),
        ("run --budget viel", "--budget 的值无效：预算应为"),
        ("--lang xx run", "invalid"),
    ],
)
def test_wrong_usage_is_told_in_chinese(
    arguments: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEAVATAR_LANG", "zh_CN.UTF-8")
    status = main(arguments.split())
    shown = capsys.readouterr()
    if arguments.startswith("--lang xx"):
        said = "--lang 的值无效：应为 en 或 zh"
    assert status == 2
    assert said in shown.err + shown.out
    for line in shown.err.splitlines():
        assert not re.search(r"[a-z]{3,} [a-z]{3,}", re.sub(r"`.*?`|用法：.*|'.*?'", "", line)), line


@pytest.mark.parametrize(
    "arguments",
    [
        "--lang zh cameras --help",
        "cameras --lang zh --help",
        "cameras --help --lang=zh",
        "avatars --lang=zh list --help",
    ],
)
def test_the_language_may_be_asked_for_anywhere(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments.split()) == 0
    assert "用法：" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("variable", "value", "chinese"),
    [
        ("LANG", "zh_CN.UTF-8", True),
        ("LC_ALL", "zh_TW", True),
        ("LANG", "de_DE.UTF-8", False),
        ("LANG", "C", False),
    ],
)
def test_the_systems_locale_chooses(
    variable: str,
    value: str,
    chinese: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LIVEAVATAR_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, value)
    assert main(["--help"]) == 0
    assert ("用法：" in capsys.readouterr().out) == chinese
